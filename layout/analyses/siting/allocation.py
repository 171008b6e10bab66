"""Who is served by whom, as lines: from each chosen facility to the subdistricts of its firms."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layout.analyses.siting.choose import Choice, Task, places_of
from layout.core.result import Bilingual, LayerSpec

Floats = npt.NDArray[np.float64]

FAR_KM: Final = 60.0
"""Route beyond which no line is drawn: it would cross the city and say little."""

_COLOURS: Final = (
    "#332288", "#cc6677", "#117733", "#88ccee", "#ddcc77", "#aa4499", "#44aa99", "#882255",
)  # fmt: skip
_ONE: Final = "#6a51a3"
_PLAIN: Final = "existing"


def allocation_lines(task: Task, choice: Choice) -> LayerSpec | None:
    """A line from each facility to the mean place of the firms it serves in each subdistrict.

    Each site has a colour of its own, up to eight of them. Lines of more than 60 km along the
    route are left out; :func:`far_firms` counts whom they would lead to.
    """
    served = np.flatnonzero(choice.allocation >= 0)
    if not choice.sites or not served.size:
        return None
    table = _gathered(task, choice, served)
    near = table[table["route_km"] <= FAR_KM]
    x, y = _facilities(task, choice)
    to = near["facility"].to_numpy(np.int64)
    starts = np.column_stack([x[to], y[to]])
    ends = near[["x", "y"]].to_numpy(np.float64)
    names = np.array(choice.facilities, dtype=object)
    frame = gpd.GeoDataFrame(
        {
            "line": [name if name in choice.sites else _PLAIN for name in names[to]],
            "site": names[to],
            "name_zh": near["zone_zh"].to_numpy(),
            "name_en": near["zone_en"].to_numpy(),
            "firms": near["firms"].to_numpy(),
            "route_km": near["route_km"].to_numpy(),
        },
        geometry=list(shapely.linestrings(np.stack([starts, ends], axis=1))),
        crs=task.ground.grid.crs,
    ).to_crs("EPSG:4326")
    return LayerSpec(
        "allocation", "lines", frame, Bilingual.of("siting.layer.allocation"), column="line",
        categories=_categories(task, choice, set(frame["line"])),
        details=("firms", "route_km"),
    )  # fmt: skip


def _gathered(task: Task, choice: Choice, served: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Firms, mean place and mean route by facility and subdistrict."""
    facility = choice.allocation[served]
    firms = task.demand.firms[served]
    table = pd.DataFrame(
        {
            "facility": facility,
            **_zones(task, served),
            "firms": firms,
            "x": task.demand.x[served] * firms,
            "y": task.demand.y[served] * firms,
            "route_km": choice.cost[served, facility] * firms,
        }
    )
    table = table.groupby(["facility", "zone_zh", "zone_en"], as_index=False, sort=True).sum()
    for name in ("x", "y", "route_km"):
        table[name] /= table["firms"]
    return table


def _zones(task: Task, served: npt.NDArray[np.int64]) -> dict[str, list[str]]:
    """Names of the subdistrict (district where there is none) of each square of demand."""
    zones = task.ground.study.zones
    crs = task.ground.grid.crs
    spots = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(task.demand.x[served], task.demand.y[served]), crs=crs
    )
    found = pd.DataFrame({"name_zh": "", "name_en": ""}, index=spots.index)
    for kind in ("district", "subdistrict"):
        if zones.get(kind) is None:
            continue
        frame = zones[kind][["name_zh", "name_en", "geometry"]].to_crs(crs)
        held = gpd.sjoin(spots, frame, how="inner")[["name_zh", "name_en"]]
        held = held[~held.index.duplicated()]
        held["name_en"] = held["name_en"].fillna(held["name_zh"])
        found.loc[held.index] = held
    return {"zone_zh": found["name_zh"].tolist(), "zone_en": found["name_en"].tolist()}


def _categories(task: Task, choice: Choice, there: set[str]) -> dict[str, tuple[Bilingual, str]]:
    many = len(choice.sites) > len(_COLOURS)
    found: dict[str, tuple[Bilingual, str]] = {}
    for number, site in enumerate(choice.sites):
        row = task.table.loc[site]
        words = Bilingual(str(row["name_zh"]) or site, str(row["name_en"]) or site)
        if site in there:
            found[site] = (words, _ONE if many else _COLOURS[number])
    if _PLAIN in there:
        found[_PLAIN] = (Bilingual.of("siting.layer.existing"), "#777777")
    return found


def far_firms(task: Task, choice: Choice) -> tuple[float, Bilingual]:
    """Firms that no line leads to, and the subdistricts where they are, most firms first."""
    served = np.flatnonzero(choice.allocation >= 0)
    if not choice.sites or not served.size:
        return 0.0, Bilingual("", "")
    table = _gathered(task, choice, served)
    far = table[table["route_km"] > FAR_KM].sort_values("firms", ascending=False)
    where = Bilingual("、".join(dict.fromkeys(far["zone_zh"])),
                      ", ".join(dict.fromkeys(far["zone_en"])))  # fmt: skip
    return float(far["firms"].sum()), where


def _facilities(task: Task, choice: Choice) -> tuple[Floats, Floats]:
    """Metres of every facility the model knew."""
    middle = task.shapes.centroid
    existing = {f"existing:{name}": shape for name, shape in
                zip(task.existing.get("id", []), task.existing.geometry, strict=True)}  # fmt: skip
    x, y = np.empty(len(choice.facilities)), np.empty(len(choice.facilities))
    for at, name in enumerate(choice.facilities):
        shape = existing.get(name)
        if shape is None:
            shape = middle.iloc[int(places_of(task, [name])[0])]
        x[at], y[at] = shape.x, shape.y
    return x, y
