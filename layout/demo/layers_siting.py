"""Synthetic layers that siting needs: networks, ground that may not be built on, what is hazardous.

What is real are the places they start from: peaks, reservoirs and lowlands of
``terrain_peaks.csv``, subdistrict centres, parks, the airport and the exchange, two nuclear plants
near the city (all with
the doubts of the facts). Every line, outline, capacity and use is invented and stands for no real
thing. The ecological control line is drawn about the peaks and is not the statutory one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist

from layout.core.facts import city_table
from layout.demo.chances import Floats
from layout.demo.plan import CityPlan
from layout.demo.terrain import Scale

Stream = Callable[[int], Floats]

SYNTHETIC_ZH: Final = "演示合成数据"
EXCHANGE: Final = (113.895, 22.532)
"""Where the 前海 exchange is put: the middle of the district, an estimate."""

NUCLEAR: Final = (("大亚湾核电基地（约）", 114.544, 22.597), ("太平岭核电（约）", 114.99, 22.69))
"""Plants outside the city from public descriptions; the second is from memory."""


class Sheet:
    """The city in metres about its middle, and back."""

    def __init__(self, plan: CityPlan, seed: int, part: int) -> None:
        scale = Scale.at(plan.latitude)
        self.factor = np.array([scale.east_m, scale.north_m])
        sequence = np.random.SeedSequence(entropy=seed, spawn_key=(90, part))
        self.random = np.random.Generator(np.random.PCG64(sequence))
        self.city = self.metres(shapely.union_all(plan.districts.polygons))
        self.centres = np.column_stack([plan.subdistricts.lon, plan.subdistricts.lat]) * self.factor

    def metres(self, shape: Any) -> Any:
        """A shape of degrees in metres."""
        return shapely.transform(shape, lambda at: at * self.factor)

    def degrees(self, shape: Any) -> Any:
        """A shape of metres in degrees, to about a decimetre."""
        return shapely.transform(shape, lambda at: np.round(at / self.factor, 6))

    def draw(self, *shape: int) -> Floats:
        """Numbers from 0 to 1."""
        numbers: Floats = self.random.random(shape)
        return numbers

    def bell(self, *shape: int) -> Floats:
        """Roughly normal numbers from uniform ones: the sum of twelve, less six."""
        numbers: Floats = self.random.random((12, *shape)).sum(axis=0) - 6.0
        return numbers

    def frame(self, shapes: Any, prefix: str, **columns: Any) -> gpd.GeoDataFrame:
        """Shapes in metres as a layer in EPSG:4326, with ids and the source named synthetic."""
        shapes = np.asarray(shapes, dtype=object)
        number = len(shapes)
        names = columns.pop("name_zh", [""] * number)
        return gpd.GeoDataFrame(
            {
                "id": [f"{prefix}{place + 1:04d}" for place in range(number)],
                "name_zh": names,
                **columns,
                "source": SYNTHETIC_ZH,
            },
            geometry=self.degrees(shapes),
            crs="EPSG:4326",
        )


def _peaks(plan: CityPlan, *kinds: str) -> pd.DataFrame:
    table = city_table(plan.slug, "terrain_peaks")
    table = table[table["kind"].isin(kinds)]
    return table.assign(
        x=table["lon"].astype(float), y=table["lat"].astype(float),
        height=table["elevation_m"].astype(float),
    )  # fmt: skip


def _at(sheet: Sheet, table: pd.DataFrame) -> Floats:
    points: Floats = table[["x", "y"]].to_numpy() * sheet.factor
    return points


def _inside(sheet: Sheet, points: Floats) -> npt.NDArray[np.bool_]:
    held: npt.NDArray[np.bool_] = shapely.contains_xy(sheet.city, points[:, 0], points[:, 1])
    return held


def make_substations(plan: CityPlan, seed: int) -> gpd.GeoDataFrame:
    """About three for each subdistrict, 110 to 500 kV; one in eight has an unknown capacity."""
    sheet = Sheet(plan, seed, 1)
    points = np.repeat(sheet.centres, 4, axis=0) + sheet.bell(4 * len(sheet.centres), 2) * 1_800
    points = points[_inside(sheet, points)]
    lot = sheet.draw(len(points))
    voltage = np.where(lot < 0.76, 110.0, np.where(lot < 0.96, 220.0, 500.0))
    most = np.where(voltage == 110, 60.0, np.where(voltage == 220, 180.0, 400.0))
    spare = np.round(most * sheet.draw(len(points)) ** 1.7, 0)
    spare[sheet.draw(len(points)) < 0.125] = np.nan
    names = [f"演示变电站{place + 1:03d}" for place in range(len(points))]
    return sheet.frame(
        shapely.points(points), "SUB", name_zh=names, voltage_kv=voltage, spare_mva=spare
    )


def make_exchange_points(plan: CityPlan, seed: int) -> gpd.GeoDataFrame:
    """The 前海 exchange as anchor, and a point of presence in every third subdistrict."""
    sheet = Sheet(plan, seed, 2)
    pops = sheet.centres[::3] + sheet.bell(len(sheet.centres[::3]), 2) * 400
    pops = pops[_inside(sheet, pops)]
    points = np.vstack([np.array(EXCHANGE) * sheet.factor, pops])
    kind = ["anchor", *["pop"] * len(pops)]
    names = ["国家（深圳·前海）新型互联网交换中心（位置为估计）",
             *[f"演示汇聚节点{place + 1:02d}" for place in range(len(pops))]]  # fmt: skip
    return sheet.frame(shapely.points(points), "EXC", name_zh=names, kind=kind)


def _links(points: Floats, extra: int) -> list[tuple[int, int]]:
    """A tree of shortest links, and each point's next nearest neighbours."""
    distance = cdist(points, points)
    tree = minimum_spanning_tree(distance).tocoo()
    links = {(min(a, b), max(a, b)) for a, b in zip(tree.row, tree.col, strict=True)}
    for place in range(len(points)):
        for other in np.argsort(distance[place], kind="stable")[1 : 1 + extra]:
            links.add((min(place, int(other)), max(place, int(other))))
    return sorted((int(a), int(b)) for a, b in links)


def _bent(sheet: Sheet, start: Floats, end: Floats, bend: float) -> shapely.LineString:
    """A line of five parts with a gentle bend."""
    along = np.linspace(0, 1, 6)[:, None]
    across = np.array([end[1] - start[1], start[0] - end[0]])
    arc = np.sin(np.pi * along) * (sheet.draw(1)[0] - 0.5) * bend
    return shapely.LineString(start + along * (end - start) + arc * across)


def make_roads(plan: CityPlan, seed: int) -> gpd.GeoDataFrame:
    """Main roads between neighbouring subdistricts, and motorways between every sixth."""
    sheet = Sheet(plan, seed, 3)
    lines, names = [], []
    for a, b in _links(sheet.centres, 3):
        lines.append(_bent(sheet, sheet.centres[a], sheet.centres[b], 0.25))
        names.append("primary" if (a + b) % 3 else "trunk")
    hubs = sheet.centres[::6]
    for a, b in _links(hubs, 1):
        lines.append(_bent(sheet, hubs[a], hubs[b], 0.15))
        names.append("motorway")
    return sheet.frame(lines, "RD", **{"class": names})


def make_railways(plan: CityPlan, seed: int) -> gpd.GeoDataFrame:
    """Two lines through the city."""
    sheet = Sheet(plan, seed, 4)
    order = np.argsort(sheet.centres[:, 0], kind="stable")
    east = sheet.centres[order][4::11]
    north = sheet.centres[np.argsort(sheet.centres[:, 1], kind="stable")][6::13]
    middle = north[np.abs(north[:, 0] - np.median(sheet.centres[:, 0])) < 15_000]
    lines = [shapely.LineString(east + sheet.bell(len(east), 2) * 300)]
    if len(middle) > 1:
        lines.append(shapely.LineString(middle + sheet.bell(len(middle), 2) * 300))
    return sheet.frame(lines, "RL", name_zh=[f"演示铁路{k + 1}" for k in range(len(lines))])


def make_metro_lines(plan: CityPlan, seed: int) -> gpd.GeoDataFrame:
    """Nine lines that join centres, each from another corner."""
    sheet = Sheet(plan, seed, 5)
    main = sheet.centres[sheet.centres[:, 0] < 114.55 * sheet.factor[0]]
    lines = []
    for number in range(9):
        angle = np.pi * number / 9
        along = main @ np.array([np.cos(angle), np.sin(angle)])
        across = main @ np.array([-np.sin(angle), np.cos(angle)])
        near = np.abs(across - np.quantile(across, 0.2 + 0.07 * number)) < 2_600
        chosen = main[near][np.argsort(along[near], kind="stable")]
        if len(chosen) > 2:
            lines.append(shapely.LineString(chosen + sheet.bell(len(chosen), 2) * 150))
    return sheet.frame(lines, "MT", name_zh=[f"演示地铁{k + 1}号线" for k in range(len(lines))])


def make_airports(plan: CityPlan, seed: int) -> gpd.GeoDataFrame:
    """The airfield as a box about its known place, and the area below its flight paths."""
    sheet = Sheet(plan, seed, 6)
    places = _peaks(plan, "lowland")
    field = places[places["name_zh"].str.contains("机场")]
    shapes, parts, names = [], [], []
    for x, y in _at(sheet, field):
        way = np.array([-0.5, 0.866])
        side = np.array([0.866, 0.5])
        ends = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        shapes.append(
            shapely.Polygon(np.array([x, y]) + ends @ np.array([side * 900, way * 1_900]))
        )
        path = np.array([[-0.3, 0], [0.3, 0], [1, 1], [-1, 1]])
        for sign in (1, -1):
            corners = path @ np.array([side * 2_500, sign * way * 15_000])
            shapes.append(shapely.Polygon(np.array([x, y]) + corners))
        parts += ["airfield", "flight_path", "flight_path"]
        names += ["机场（示意）", "航道范围（示意）", "航道范围（示意）"]
    return sheet.frame(shapes, "AP", name_zh=names, part=parts)


def make_water(plan: CityPlan, seed: int) -> gpd.GeoDataFrame:
    """Reservoirs as blots about their known places, rivers between lowlands, the sketched sea."""
    sheet = Sheet(plan, seed, 7)
    table = _peaks(plan, "reservoir")
    shapes = [_blot(sheet, at, 450 + 500 * sheet.draw(1)[0]) for at in _at(sheet, table)]
    names = list(table["name_zh"] + "（示意）")
    low = _at(sheet, _peaks(plan, "lowland"))
    coast = _at(sheet, _peaks(plan, "coast"))
    nearest = cdist(low, coast).argmin(axis=1)
    for start, place in zip(low, nearest, strict=True):
        if np.hypot(*(coast[place] - start)) < 14_000:
            shapes.append(_bent(sheet, start, coast[place], 0.3).buffer(25, quad_segs=2))
            names.append("演示河道")
    area = shapely.box(*sheet.city.bounds).buffer(3_000)
    for sea in plan.sea:
        part = sheet.metres(sea).intersection(area)
        if not part.is_empty:
            shapes.append(part.simplify(20))
            names.append("海域（示意）")
    return sheet.frame(shapes, "WT", name_zh=names)


def _blot(sheet: Sheet, centre: Floats, radius: float, corners: int = 18) -> shapely.Polygon:
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    far = radius * (0.75 + 0.5 * sheet.draw(corners))
    far = (far + np.roll(far, 1) + np.roll(far, -1)) / 3
    return shapely.Polygon(centre + np.column_stack([np.cos(angle), np.sin(angle)]) * far[:, None])


def make_ecological_line(plan: CityPlan, seed: int) -> gpd.GeoDataFrame:
    """Hills and the banks of reservoirs: about the higher peaks, wider where they are high."""
    sheet = Sheet(plan, seed, 8)
    peaks = _peaks(plan, "peak", "hill")
    blots = [
        _blot(sheet, at, 900 + 4.2 * height, 30)
        for at, height in zip(_at(sheet, peaks), peaks["height"], strict=True)
        if height >= 150
    ]
    banks = [_blot(sheet, at, 1_500, 24) for at in _at(sheet, _peaks(plan, "reservoir"))]
    whole = shapely.union_all(blots + banks).intersection(sheet.city)
    parks = shapely.union_all(sheet.metres(plan.parks.polygons[plan.parks.site]))
    parts = shapely.get_parts(whole.difference(parks.buffer(60)))
    parts = [part for part in parts if part.area > 50_000]
    names = ["生态控制线（示意，非法定线）"] * len(parts)
    return sheet.frame(parts, "ECO", name_zh=names)


def make_flood_zones(plan: CityPlan, seed: int) -> gpd.GeoDataFrame:
    """Low ground near the coast, flooded once in 20, 50 or 100 years."""
    sheet = Sheet(plan, seed, 9)
    shapes, years = [], []
    for at in _at(sheet, _peaks(plan, "coast")):
        for period, radius in ((20, 500.0), (50, 800.0), (100, 1_200.0)):
            part = _blot(sheet, at, radius).intersection(sheet.city)
            if not part.is_empty:
                shapes.append(part)
                years.append(float(period))
    low = _peaks(plan, "lowland")
    for at in _at(sheet, low[low["height"] <= 12]):
        shapes.append(_blot(sheet, at, 350.0))
        years.append(50.0)
    return sheet.frame(shapes, "FL", return_period_years=years)


def make_hazard_zones(plan: CityPlan, seed: int) -> gpd.GeoDataFrame:
    """Three fault belts from south-west to north-east and slopes below the higher peaks."""
    sheet = Sheet(plan, seed, 10)
    west, south, east, _ = sheet.city.bounds
    shapes, names = [], []
    for share in (0.18, 0.34, 0.5):
        start = np.array([west + share * (east - west), south])
        line = shapely.LineString([start, start + np.array([26_000, 30_000])])
        belt = line.buffer(90, cap_style="flat").intersection(sheet.city)
        if not belt.is_empty:
            shapes.append(belt)
            names.append("演示断层带")
    peaks = _peaks(plan, "peak")
    for at in _at(sheet, peaks[peaks["height"] >= 400]):
        shapes.append(_blot(sheet, at + sheet.bell(2) * 500, 400.0))
        names.append("演示滑坡危险区")
    return sheet.frame(shapes, "HZ", name_zh=names)


def make_housing(plan: CityPlan, seed: int) -> gpd.GeoDataFrame:
    """Some ten estates about each subdistrict centre."""
    sheet = Sheet(plan, seed, 11)
    points = np.repeat(sheet.centres, 12, axis=0)
    points = points + sheet.bell(len(points), 2) * 1_300
    points = points[_inside(sheet, points)]
    size = 60 + 160 * sheet.draw(len(points))
    low, high = points - size[:, None], points + size[:, None] * np.array([1.0, 0.8])
    boxes = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    return sheet.frame(boxes, "HS")


def make_hazardous_sites(plan: CityPlan, seed: int) -> gpd.GeoDataFrame:
    """Plants, stores, landfills and explosives stores away from centres; two nuclear plants."""
    sheet = Sheet(plan, seed, 12)
    west, south, east, north = sheet.city.bounds
    points = np.array([west, south]) + sheet.draw(4_000, 2) * [east - west, north - south]
    points = points[_inside(sheet, points)]
    far = cdist(points, sheet.centres).min(axis=1) > 2_500
    points = points[far][:21]
    kinds = ["plant"] * 10 + ["store"] * 6 + ["landfill"] * 3 + ["explosives"] * 2
    words = {"plant": "演示甲乙类厂房", "store": "演示甲乙类仓库", "landfill": "演示填埋场",
             "explosives": "演示爆炸品库"}  # fmt: skip
    real = np.array([[lon, lat] for _, lon, lat in NUCLEAR]) * sheet.factor
    names = [words[kind] for kind in kinds[: len(points)]] + [name for name, *_ in NUCLEAR]
    frame = sheet.frame(
        shapely.points(np.vstack([points, real])), "HA", name_zh=names,
        kind=kinds[: len(points)] + ["nuclear"] * len(NUCLEAR),
    )  # fmt: skip
    frame.loc[frame["kind"] == "nuclear", "source"] = "公开资料记载的约略位置"
    return frame


def make_parcels(plan: CityPlan, seed: int) -> gpd.GeoDataFrame:
    """Ninety plots and thirty existing buildings in and beside parks."""
    sheet = Sheet(plan, seed, 13)
    parks = sheet.metres(plan.parks.polygons[plan.parks.site])
    middle = shapely.get_coordinates(shapely.centroid(parks))
    points = np.repeat(middle, 2, axis=0)
    points = points + sheet.bell(len(points), 2) * 500
    points = points[_inside(sheet, points)][:120]
    building = np.arange(len(points)) % 4 == 3
    wide = sheet.draw(len(points))
    wide = np.where(building, 45 + 60 * wide, 120 + 200 * wide)
    deep = wide * (0.6 + 0.5 * sheet.draw(len(points)))
    shapes = shapely.box(points[:, 0], points[:, 1], points[:, 0] + wide, points[:, 1] + deep)
    floors = np.where(
        building, np.round(wide * deep * (3 + 5 * sheet.draw(len(points))), -1), np.nan
    )
    load = np.where(building, np.where(sheet.draw(len(points)) < 0.6, 10.0, 6.0), np.nan)
    names = [f"演示{'厂房' if b else '地块'}{k + 1:03d}" for k, b in enumerate(building)]
    return sheet.frame(
        shapes, "PC", name_zh=names, kind=np.where(building, "building", "parcel"),
        floor_m2=floors, floor_load_kpa=load,
    )  # fmt: skip
