"""Rules at a place, from the shapes themselves: what is near, how far, and whether that is allowed.

Cells answer for a map; a site or a clicked point is answered for exactly, by the distance between
its outline and the features.
"""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layout.analyses.siting.ground import Ground
from layout.analyses.siting.rules import Rule, requirement

Floats = npt.NDArray[np.float64]


def broken_hard_rules(
    ground: Ground, rules: Iterable[Rule], shapes: gpd.GeoSeries
) -> list[tuple[str, ...]]:
    """Ids of the hard rules that each shape breaks, by its exact outline."""
    broken: list[list[str]] = [[] for _ in range(len(shapes))]
    for rule in rules:
        if not rule.hard or rule.operator is None:
            continue
        value = measured(ground, rule, shapes)
        if value is None:
            continue
        for at in np.flatnonzero(is_broken(rule, value)):
            broken[at].append(rule.id)
    return [tuple(ids) for ids in broken]


def measured(ground: Ground, rule: Rule, shapes: gpd.GeoSeries) -> Floats | None:
    """What a rule is judged by at each shape: metres to the nearest feature, or steepest slope.

    None where no layer can tell; infinite where the layer holds nothing of the kind; NaN where a
    raster has no data.
    """
    if rule.operator == "at_most":
        return steepest(ground, shapes)
    found: Floats | None = None
    for target in rule.targets:
        if not ground.has(target):
            continue
        features = ground.features(target)
        assert features is not None  # has() said so
        if rule.operator == "return_period":
            years = pd.to_numeric(features["return_period_years"], errors="coerce")
            features = features[years.isna() | (years <= rule.low)]
        near = nearest(shapes, features.geometry)
        found = near if found is None else np.minimum(found, near)
    return found


def nearest(shapes: gpd.GeoSeries, features: gpd.GeoSeries) -> Floats:
    """Distance from each shape to the nearest feature, metres; infinite where there is none."""
    result = np.full(len(shapes), np.inf)
    if features.empty or shapes.empty:
        return result
    tree = shapely.STRtree(features.to_numpy())
    (at, _), distance = tree.query_nearest(
        shapes.to_numpy(), return_distance=True, all_matches=False
    )
    result[at] = distance
    return result


def steepest(ground: Ground, shapes: gpd.GeoSeries) -> Floats | None:
    """Steepest slope of the cells whose centres a shape holds (of its middle where none)."""
    slope = ground.slope
    if slope is None:
        return None
    x, y = ground.grid.centres()
    full = np.asarray(ground.full(slope, np.nan))
    result = np.full(len(shapes), np.nan)
    for at, shape in enumerate(shapes):
        row0, row1, col0, col1 = _box(ground, shape)
        part = full[row0:row1, col0:col1]
        inside = shapely.contains_xy(shape, *np.meshgrid(x[col0:col1], y[row0:row1]))
        values = part[inside & ~np.isnan(part)]
        if values.size == 0:
            row, col = ground.grid.rows_cols([shape.centroid.x], [shape.centroid.y])
            values = full[row, col] if row[0] >= 0 else np.array([np.nan])
        result[at] = np.nan if np.isnan(values).all() else np.nanmax(values)
    return result


def _box(ground: Ground, shape: shapely.Geometry) -> tuple[int, int, int, int]:
    west, south, east, north = shape.bounds
    grid = ground.grid
    row0 = max(int((grid.north - north) // grid.cell_m), 0)
    row1 = max(min(int((grid.north - south) // grid.cell_m) + 1, grid.rows), row0)
    col0 = max(int((west - grid.west) // grid.cell_m), 0)
    col1 = max(min(int((east - grid.west) // grid.cell_m) + 1, grid.cols), col0)
    return row0, row1, col0, col1


def is_broken(rule: Rule, value: Floats) -> npt.NDArray[np.bool_]:
    """Whether each measured value breaks a rule; an unknown value breaks none."""
    with np.errstate(invalid="ignore"):
        if rule.operator == "at_least":
            return np.asarray(value < rule.low)
        if rule.operator == "between":
            return np.asarray((value < rule.low) | (value > rule.high))
        if rule.operator == "at_most":
            return np.asarray(value > rule.low)
        return np.asarray(value <= 0)


def reasons_at(ground: Ground, rules: Iterable[Rule], shapes: gpd.GeoSeries) -> pd.DataFrame:
    """Every rule at every shape.

    Returns
    -------
    DataFrame
        One row a shape and rule: ``site`` (index of ``shapes``), ``rule``, ``object_zh/en``,
        ``ask_zh/en``, ``measured`` (metres or per cent; NaN unknown, infinite none in the layer),
        ``state`` (``met``, ``broken``, ``unknown``, ``not_considered``, ``off``), ``effect``,
        ``data`` (sources of the layers), ``synthetic``.
    """
    parts = []
    for rule in rules:
        value = None if rule.operator is None else measured(ground, rule, shapes)
        state = _states(rule, value, len(shapes))
        ask = requirement(rule)
        parts.append(
            pd.DataFrame(
                {
                    "site": shapes.index,
                    "rule": rule.id,
                    "object_zh": rule.object.zh,
                    "object_en": rule.object.en,
                    "ask_zh": ask.zh,
                    "ask_en": ask.en,
                    "measured": np.nan if value is None else value,
                    "unit": "%" if rule.operator == "at_most" else "m",
                    "state": state,
                    "effect": rule.effect,
                    "data": _data(ground, rule),
                    "checked": rule.checked,
                }
            )
        )
    if not parts:
        return pd.DataFrame()
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(["site", "rule"], kind="stable").reset_index(drop=True)


def _states(rule: Rule, value: Floats | None, count: int) -> npt.NDArray[np.object_]:
    if rule.effect == "off":
        return np.full(count, "off", dtype=object)
    if value is None:
        return np.full(count, "not_considered", dtype=object)
    state = np.where(is_broken(rule, value), "broken", "met").astype(object)
    state[np.isnan(value)] = "unknown"
    return state


def _data(ground: Ground, rule: Rule) -> str:
    """Sources of the layers a rule is measured on, as the layers state them (with their dates)."""
    found: list[str] = []
    for target in rule.targets:
        frame = ground.frame(target.layer)
        if frame is not None and "source" in frame.columns and not frame.empty:
            found += sorted(set(frame["source"].dropna().astype(str)))[:2]
    return "; ".join(dict.fromkeys(found))
