"""What of a siting run is worth seeing: rasters, sites, ways, allocation."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.analyses.siting.allocation import allocation_lines
from layout.analyses.siting.choose import Choice, Task, places_of
from layout.analyses.siting.exclusion import Exclusion
from layout.analyses.siting.ground import Ground, Values
from layout.analyses.siting.rules import Rule
from layout.core.raster import Raster
from layout.core.result import Bilingual, LayerSpec

SEVERAL: Final = 200
NO_DATA: Final = 255

_ALLOWED: Final = "#d9f0d3"
_COLOURS: Final = (
    "#7fbc41", "#4393c3", "#d6604d", "#b2abd2", "#fdb863", "#80cdc1", "#bf812d", "#f1b6da",
    "#8073ac", "#e6f598", "#de77ae", "#35978f",
)  # fmt: skip
_SUITABILITY: Final = (
    (0.0, "#f7f4f9"), (0.2, "#d4e6b5"), (0.4, "#9fd18b"), (0.5, "#5fb27a"), (0.6, "#2a8f6a"),
    (0.7, "#0b6b58"), (0.8, "#06453c"),
)  # fmt: skip
_SURE: Final = (
    (0.0, "#f2f2f2"), (0.05, "#fee8c8"), (0.25, "#fdbb84"), (0.5, "#ef6548"), (0.75, "#b30000"),
    (0.95, "#5c0000"),
)  # fmt: skip


def rasters(
    ground: Ground,
    exclusion: Exclusion,
    rules: tuple[Rule, ...],
    suitability: Values,
    sure: Values | None,
) -> tuple[LayerSpec, ...]:
    """Suitability, certainty, why ground is excluded, and the reason mask."""
    shown = np.where(exclusion.allowed, suitability, np.float32(np.nan))
    specs = [
        LayerSpec(
            "suitability", "raster", _raster(ground, shown, np.nan), _t("suitability"),
            column="suitability", edges=_SUITABILITY, opacity=0.8,
            note=_t("suitability_note"),
        )
    ]  # fmt: skip
    if sure is not None:
        specs.append(
            LayerSpec(
                "certainty", "raster", _raster(ground, sure, np.nan), _t("certainty"),
                column="certainty", edges=_SURE, opacity=0.8, note=_t("certainty_note"),
            )
        )  # fmt: skip
    specs.append(_why(ground, exclusion, rules))
    specs.append(
        LayerSpec(
            "reasons", "raster", reason_mask(ground, exclusion), _t("reasons"),
            column="reasons", note=_t("reasons_note"),
        )
    )  # fmt: skip
    return tuple(specs)


def reason_mask(ground: Ground, exclusion: Exclusion) -> Raster:
    """The bit mask of broken rules on the whole grid; outside the city all bits are set."""
    return _raster(ground, exclusion.reasons, 2**32 - 1)


def _raster(ground: Ground, values: npt.NDArray[np.generic], outside: float) -> Raster:
    nodata = None if outside != outside else float(outside)
    return Raster(np.asarray(ground.full(values, outside)), ground.grid, nodata)


def _why(ground: Ground, exclusion: Exclusion, rules: tuple[Rule, ...]) -> LayerSpec:
    """Which hard rule excludes each cell: its place in the list, or 'several'."""
    hard = [rule for rule in rules if rule.hard and rule.id in exclusion.bits]
    codes = np.zeros(ground.cells.size, np.uint8)
    count = np.zeros(ground.cells.size, np.uint8)
    for number, rule in enumerate(hard, start=1):
        broken = (exclusion.reasons >> np.uint32(exclusion.bits[rule.id])) & np.uint32(1)
        codes[broken > 0] = number
        count += broken.astype(np.uint8)
    codes[count > 1] = SEVERAL
    categories = {0: (_t("allowed"), _ALLOWED)}
    for number, rule in enumerate(hard, start=1):
        if (codes == number).any():
            words = Bilingual(f"{rule.object.zh}（{rule.id}）", f"{rule.object.en} ({rule.id})")
            categories[number] = (words, _COLOURS[(number - 1) % len(_COLOURS)])
    if (codes == SEVERAL).any():
        categories[SEVERAL] = (_t("several"), "#636363")
    return LayerSpec(
        "exclusion", "raster", _raster(ground, codes, NO_DATA), _t("exclusion"),
        column="exclusion", categories=categories, opacity=0.7,
    )  # fmt: skip


def _t(key: str) -> Bilingual:
    return Bilingual.of(f"siting.layer.{key}")


_DETAILS: Final = (
    "site", "rank", "suitability", "p_shortlist", "p_chosen", "area_ha", "it_mw", "racks", "pue",
    "grid_km", "latency_ms",
)  # fmt: skip


def vectors(task: Task, table: pd.DataFrame, choice: Choice) -> tuple[LayerSpec, ...]:
    """Shortlisted sites, the chosen set, who is served by whom, ways to the grid, what exists."""
    frame = _sites(task, table)
    shortlisted = frame[frame["shortlisted"]]
    specs = [allocation_lines(task, choice), _supply_lines(task, choice)]
    if not task.existing.empty:
        existing = task.existing.to_crs("EPSG:4326").assign(line="existing")
        specs.append(
            LayerSpec(
                "existing", "points", existing, _t("existing"), column="line",
                categories={"existing": (_t("existing"), "#252525")},
            )
        )  # fmt: skip
    state = {
        "chosen": (_t("state_chosen"), "#b10026"),
        "open": (_t("state_open"), "#fd8d3c"),
        "barred": (_t("state_barred"), "#969696"),
    }
    specs.append(
        LayerSpec(
            "sites", "polygons", shortlisted, _t("sites"), column="state", categories=state,
            details=tuple(name for name in _DETAILS if name in shortlisted), id_column="site",
            opacity=0.9,
        )
    )  # fmt: skip
    marks = shortlisted.assign(geometry=shortlisted.representative_point())
    # What is drawn last lies on top.
    marks = marks.iloc[np.argsort(marks["state"] == "chosen", kind="stable")]
    specs.append(
        LayerSpec(
            "places", "points", marks, _t("places"), column="state", categories=state,
            details=tuple(name for name in _DETAILS if name in shortlisted), id_column="site",
        )
    )  # fmt: skip
    return tuple(spec for spec in specs if spec is not None)


def _sites(task: Task, table: pd.DataFrame) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        table.reset_index(),
        # the table is in the order of rank, the shapes are not
        geometry=task.shapes.iloc[places_of(task, list(table.index))].to_numpy(),
        crs=task.ground.grid.crs,
    ).to_crs("EPSG:4326")
    for lang in ("zh", "en"):
        given = frame[f"name_{lang}"].fillna("")
        frame[f"name_{lang}"] = given.where(given != "", frame["site"])
    return frame


def _supply_lines(task: Task, choice: Choice) -> LayerSpec | None:
    """Cable ways of the chosen sites to their substations."""
    if task.grid is None or choice.supply.empty:
        return None
    stations = task.ground.frame("substations")
    rows, lines = [], []
    for site, supply in choice.supply.iterrows():
        at, source = int(places_of(task, [str(site)])[0]), int(supply["source"])
        line = task.grid.lines.get((at, source))
        if source >= 0 and line is not None and stations is not None:
            rows.append(
                {
                    "line": "supply",
                    "site": site,
                    "substation": stations["name_zh"].iloc[source],
                    "grid_km": task.grid.length[at, source],
                    "left_mva": supply["left"],
                }
            )
            lines.append(line)
    if not lines:
        return None
    frame = gpd.GeoDataFrame(rows, geometry=lines, crs=task.ground.grid.crs).to_crs("EPSG:4326")
    return LayerSpec(
        "supply", "lines", frame, _t("supply"), column="line",
        categories={"supply": (_t("supply"), "#e6550d")},
        details=("site", "substation", "grid_km", "left_mva"),
    )  # fmt: skip
