// What the maps of this project draw in the browser. No text from a file ever becomes markup:
// values are put into the page with textContent. (Two opening braces in a row, or a brace with a
// percent sign or a hash, must not stand in this file: the page is a template.)
window.layoutMaps = window.layoutMaps || (function () {
  "use strict";

  // Maps narrower than this have smaller legends, in the lower corner, open one at a time.
  const SMALL = 760;

  function make(tag, className, text) {
    const node = document.createElement(tag);
    if (className) { node.className = className; }
    if (text !== undefined) { node.textContent = text; }
    return node;
  }

  // The hatching of 'no data' is a pattern of an SVG in the page that fills refer to.
  function pattern(id, colour) {
    if (document.getElementById(id)) { return; }
    const space = "http://www.w3.org/2000/svg";
    const shape = (tag, attributes) => {
      const node = document.createElementNS(space, tag);
      for (const [name, value] of Object.entries(attributes)) { node.setAttribute(name, value); }
      return node;
    };
    const holder = shape("svg", { width: 0, height: 0, style: "position:absolute" });
    const tile = shape("pattern", {
      id: id, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)"
    });
    tile.append(
      shape("rect", { width: 7, height: 7, fill: "#ffffff" }),
      shape("rect", { width: 2.2, height: 7, fill: colour })
    );
    holder.append(tile);
    document.body.append(holder);
  }

  function lines(title, pairs) {
    const box = make("div", "lm-tip");
    box.append(make("strong", "", title));
    for (const [name, value] of pairs) {
      const row = make("div", "lm-tip-row");
      row.append(make("span", "lm-key", name), make("span", "lm-value", value));
      box.append(row);
    }
    return box;
  }

  // Base of every map: a light ground below all layers, a metric scale, panes in order.
  function setUp(map, options) {
    map.attributionControl.setPrefix(false);
    pattern("layout-no-data", options.noData);
    ["lm-ground", "lm-zones", "lm-borders", "lm-outlines", "lm-labels"].forEach((name, i) => {
      const pane = map.getPane(name) || map.createPane(name);
      pane.style.zIndex = [350, 380, 385, 390, 620][i];
      if (["lm-labels", "lm-borders"].includes(name)) { pane.style.pointerEvents = "none"; }
    });
    map.getContainer().classList.add("lm-map");
    L.control.scale({ imperial: false, maxWidth: 140, position: "bottomleft" }).addTo(map);
    // Wide maps leave room for the legends, so that they cover no zone.
    const small = map.getSize().x < SMALL;
    map.getContainer().classList.toggle("lm-small", small);
    const right = map.getSize().x > 900 ? 300 : 10;
    map.fitBounds(options.bounds, { paddingTopLeft: [56, 12], paddingBottomRight: [right, 12] });
  }

  function ground(map, options) {
    L.geoJSON(options.shapes, {
      pane: "lm-ground", interactive: false,
      style: { color: options.border, weight: 1, fillColor: options.fill, fillOpacity: 1 }
    }).addTo(map);
  }

  // Borders above what is drawn, which nothing can be pointed at through.
  function borders(group, options) {
    L.geoJSON(options.shapes, {
      pane: "lm-borders", interactive: false,
      style: { color: options.colour, weight: options.weight || 1.1, fill: false, opacity: 0.85 }
    }).addTo(group);
  }

  // A stamp in a corner of the map, such as the one that says that the data is synthetic.
  function stamp(map, options) {
    const control = L.control({ position: "bottomleft" });
    control.onAdd = () => make("div", "lm-stamp", options.text);
    control.addTo(map);
  }

  // Zones filled by class; class -1 is 'no data'.
  function zones(group, options) {
    const style = (feature) => {
      const code = feature.properties.c;
      const unknown = code < 0;
      return {
        pane: "lm-zones",
        // small shapes are edged in their own colour: on a map of the city they are all edge
        color: options.border || (unknown ? "#7d8894" : options.colours[code]),
        weight: options.weight, opacity: options.opacity,
        dashArray: feature.properties.a ? "5 4" : null,
        fillColor: unknown ? "url(#layout-no-data)" : options.colours[code],
        fillOpacity: unknown ? 1 : options.fillOpacity,
        className: unknown ? "lm-zone lm-no-data" : "lm-zone"
      };
    };
    const layer = L.geoJSON(options.shapes, {
      pane: "lm-zones",
      smoothFactor: options.smooth,
      style: style,
      onEachFeature: (feature, shape) => {
        shape.bindTooltip(lines(feature.properties.n, feature.properties.t), { sticky: true });
        shape.on({
          mouseover: () => shape.setStyle({ weight: options.weight + 1.6 }),
          mouseout: () => shape.setStyle({ weight: options.weight })
        });
      }
    });
    layer.addTo(group);
  }

  // Shapes drawn as lines only, dashed where they are approximate.
  function outlines(group, options) {
    L.geoJSON(options.shapes, {
      pane: "lm-outlines",
      style: (feature) => ({
        pane: "lm-outlines",
        color: options.colour, weight: options.weight, opacity: 0.9,
        dashArray: feature.properties.a ? "4 4" : null,
        fillColor: options.colour, fillOpacity: options.fillOpacity,
        className: "lm-outline"
      }),
      onEachFeature: (feature, shape) => {
        shape.bindTooltip(lines(feature.properties.n, feature.properties.t), { sticky: true });
      }
    }).addTo(group);
  }

  // How much of a box lies under the others, in square pixels.
  function covered(box, others) {
    return others.reduce((sum, other) => {
      const width = Math.min(box.right, other.right) - Math.max(box.left, other.left);
      const height = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
      return sum + Math.max(0, width) * Math.max(0, height);
    }, 0);
  }

  // Labels step aside where a cluster or another label stands.
  function arrange(map, spans) {
    const icons = map.getPane("markerPane").querySelectorAll(".lm-cluster");
    const taken = Array.from(icons, (icon) => icon.getBoundingClientRect());
    const steps = [[0, 0], [0, -1], [0, 1], [0, -1.6], [0, 1.6], [-0.6, 0], [0.6, 0]];
    for (const span of spans) {
      span.style.margin = "0";
      const box = span.getBoundingClientRect();
      let best = null;
      for (const [x, y] of steps) {
        const dx = x * box.width, dy = y * box.height;
        const moved = {
          left: box.left + dx, right: box.right + dx, top: box.top + dy, bottom: box.bottom + dy
        };
        const hidden = covered(moved, taken);
        if (best === null || hidden < best.hidden) { best = { hidden, dx, dy, moved }; }
        if (hidden === 0) { break; }
      }
      span.style.marginLeft = best.dx + "px";
      span.style.marginTop = best.dy + "px";
      taken.push(best.moved);
    }
  }

  function labels(group, options) {
    const spans = options.labels.map(([lat, lon, name]) => {
      const span = make("span", "", name);
      const icon = L.divIcon({ className: "lm-label", html: span, iconSize: null });
      L.marker([lat, lon], { icon: icon, interactive: false, keyboard: false, pane: "lm-labels" })
        .addTo(group);
      return span;
    });
    let timer = null;
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(() => { if (group._map) { arrange(group._map, spans); } }, 350);
    };
    const events = "moveend zoomend layeradd layerremove";
    group.on("add", () => { group._map.on(events, later); later(); });
    group.on("remove", () => { group._map.off(events, later); });
  }

  function firmPopup(data, i) {
    const box = make("div", "lm-popup");
    box.append(make("h4", "", data.name[i]));
    const table = make("dl");
    const add = (name, value) => {
      table.append(make("dt", "", name));
      const cell = make("dd");
      cell.append(value);
      table.append(cell);
    };
    if (data.sectors[i].length) {
      const list = make("ul");
      for (const [sector, share, evidence] of data.sectors[i]) {
        const item = make("li");
        const dot = make("i", "lm-dot");
        dot.style.background = data.groups[sector].colour;
        const percent = Math.round(share / 10) + "%";
        item.append(dot, make("b", "", data.groups[sector].name + " " + percent));
        if (evidence.length) {
          const words = evidence.map((k) => data.evidence[k]).join(" ");
          item.append(make("small", "", data.words.because + words));
        }
        list.append(item);
      }
      add(data.words.sectors, list);
    }
    for (const row of data.rows) {
      const value = row.index ? row.values[row.index[i]] : row.values[i];
      if (value) { add(row.label, value); }
    }
    box.append(table);
    return box;
  }

  function clusterIcon(cluster) {
    const number = cluster.getChildCount();
    const size = Math.round(23 + 5.5 * Math.log10(number));
    return L.divIcon({
      html: make("span", "", number.toLocaleString("en")),
      className: "lm-cluster", iconSize: [size, size]
    });
  }

  // Firms as points that gather into clusters; a popup is built when it is opened.
  function firms(group, data) {
    const cluster = L.markerClusterGroup({
      chunkedLoading: true, chunkInterval: 100, maxClusterRadius: 60,
      showCoverageOnHover: false, disableClusteringAtZoom: 17, iconCreateFunction: clusterIcon
    });
    const markers = data.lat.map((lat, i) => {
      const marker = L.circleMarker([lat, data.lon[i]], {
        radius: 6, weight: 1.5, color: "#ffffff", fillOpacity: 0.95,
        fillColor: data.groups[data.group[i]].colour, className: "lm-firm"
      });
      marker.bindPopup(() => firmPopup(data, i), { maxWidth: 370, minWidth: 270, maxHeight: 410 });
      marker.bindTooltip(() => make("span", "", data.name[i]), { direction: "top" });
      return marker;
    });
    cluster.addLayers(markers);
    cluster.addTo(group);
  }

  // Features of a result as points, coloured by class.
  function points(group, options) {
    for (const point of options.points) {
      const unknown = point.c < 0;
      L.circleMarker([point.lat, point.lon], {
        radius: point.r || options.radius || 5.5, weight: 1.2, color: unknown ? "#5f6b76" : "#ffffff",
        fillColor: unknown ? "#ffffff" : options.colours[point.c], fillOpacity: 0.95,
        className: "lm-point"
      }).bindTooltip(lines(point.n, point.t), { direction: "top" }).addTo(group);
    }
  }

  // Features of a result as lines, coloured by class.
  function strokes(group, options) {
    L.geoJSON(options.shapes, {
      pane: "lm-outlines",
      style: (feature) => ({
        pane: "lm-outlines",
        color: feature.properties.c < 0 ? "#9aa3ab" : options.colours[feature.properties.c],
        weight: options.weight || 2.2, opacity: 0.9,
        dashArray: feature.properties.a ? "4 4" : null, className: "lm-line"
      }),
      onEachFeature: (feature, shape) => {
        shape.bindTooltip(lines(feature.properties.n, feature.properties.t), { sticky: true });
      }
    }).addTo(group);
  }

  // A raster as a picture whose pixels stay sharp.
  function image(group, options) {
    L.imageOverlay(options.png, options.bounds, {
      pane: "lm-zones", opacity: options.opacity, className: "lm-raster", interactive: false
    }).addTo(group);
  }

  // Named places that enter no statistic.
  function places(group, options) {
    for (const place of options.places) {
      L.circleMarker([place.lat, place.lon], {
        radius: 5, weight: 2, color: options.colour, fillColor: "#ffffff", fillOpacity: 1,
        className: "lm-place"
      }).bindTooltip(lines(place.name, place.lines), { direction: "top" })
        .bindPopup(() => lines(place.name, place.lines), { maxWidth: 320 })
        .addTo(group);
    }
  }

  // A legend that comes and goes with its layer. Its markup is made by the program, texts escaped.
  function legend(group, options) {
    let control = null;
    const show = () => {
      const small = group._map.getContainer().classList.contains("lm-small");
      control = L.control({ position: small ? "bottomright" : "topright" });
      control.onAdd = () => {
        const box = make("div", "lm-legend");
        box.innerHTML = options.html;
        const folds = box.querySelector("details");
        if (folds) { folds.open = !options.folded && (options.first || !small); }
        L.DomEvent.disableClickPropagation(box);
        L.DomEvent.disableScrollPropagation(box);
        return box;
      };
      control.addTo(group._map);
    };
    group.on("add", show);
    group.on("remove", () => control.remove());
    if (group._map) { show(); }
  }

  // The list of layers is open where there is room for it.
  function fold(control) {
    const map = control._map;
    if (!map.getContainer().classList.contains("lm-small")) { return; }
    control.remove();
    control.options.collapsed = true;
    control.addTo(map);
  }

  // For layers that are off at first where the page around adds every layer by itself.
  function startHidden(group) {
    group.once("add", () => {
      setTimeout(() => { if (group._map) { group._map.removeLayer(group); } }, 0);
    });
  }

  return { setUp, ground, borders, stamp, zones, outlines, labels, firms, places, points,
    lines: strokes, image, legend, fold, startHidden };
})();
