"""Tables of a siting run."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.analyses.siting.allocation import far_firms
from layout.analyses.siting.choose import Choice, Task
from layout.analyses.siting.criteria import CRITERIA, Judged
from layout.analyses.siting.exclusion import Exclusion
from layout.analyses.siting.ground import Ground, layer_dates
from layout.analyses.siting.models import uncovered_of
from layout.analyses.siting.params import SitingParams
from layout.analyses.siting.places import Places
from layout.analyses.siting.rules import Rule, rule_table
from layout.analyses.siting.verify import reasons_at
from layout.analyses.siting.weighting import consistency
from layout.measures.suitability import criteria_correlation

Floats = npt.NDArray[np.float64]


def tables_of(
    ground: Ground,
    rules: tuple[Rule, ...],
    exclusion: Exclusion,
    judged: Judged,
    weights: Floats,
    places: Places,
    task: Task,
    table: pd.DataFrame,
    choice: Choice,
) -> dict[str, pd.DataFrame]:
    """Every table of the result, by name."""
    short = table.index[table["shortlisted"]]
    shapes = task.shapes.set_axis(task.table.index).loc[short]
    correlation = criteria_correlation(judged.scores[:, exclusion.allowed])
    names = [criterion.id for criterion in judged.criteria]
    used = tuple(dict.fromkeys(t.layer for rule in rules for t in rule.targets
                               if t.layer not in ("slope", "parks")))  # fmt: skip
    needed = tuple(dict.fromkeys(n for c in CRITERIA.values() for n in c.needs))
    found = {
        "sites": table,
        "chosen": _chosen_table(task, table, choice),
        "model": _model_table(task, choice),
        "rules": rule_table(rules).join(exclusion.table),
        "reasons": reasons_at(ground, rules, shapes),
        "criteria": _criteria_table(judged, weights, task.params),
        "correlation": pd.DataFrame(
            correlation, index=pd.Index(names, name="criterion"), columns=names
        ),
        "layers": layer_dates(ground.study, tuple(dict.fromkeys((*used, *needed, "parcels")))),
        "ground": _ground_table(ground, exclusion, places),
        "refused": places.refused,
        "uncovered": _uncovered(task, choice),
    }
    if task.params.weights_from == "ahp":
        found["consistency"] = consistency(judged, task.params)
    return found


def _chosen_table(task: Task, table: pd.DataFrame, choice: Choice) -> pd.DataFrame:
    """The chosen sites with whom they serve and what dropping or replacing each costs."""
    found = table.loc[list(choice.sites)].copy()
    if choice.found is None:
        return found
    served = pd.Series(choice.allocation[choice.allocation >= 0])
    firms = task.demand.firms[choice.allocation >= 0]
    by_site = pd.Series(firms).groupby(served.map(dict(enumerate(choice.facilities)))).sum()
    found["firms_served"] = by_site.reindex(found.index).fillna(0)
    other = choice.found.alternatives
    other = other.assign(site=[choice.facilities[int(at)] for at in other["site"]])
    other = other.set_index("site").reindex(found.index)
    for name in ("drop_cost", "replace_cost"):
        if name in other:
            found[name] = other[name]
    if "replace_by" in other:
        found["replace_by"] = [
            choice.facilities[int(at)] if at == at and at >= 0 else "" for at in other["replace_by"]
        ]
    if not choice.supply.empty:
        found["left_mva"] = choice.supply["left"].reindex(found.index)
    return found


def _model_table(task: Task, choice: Choice) -> pd.DataFrame:
    """What the model says of the whole set."""
    found = choice.found
    served = choice.allocation >= 0
    km = choice.cost[served, choice.allocation[served]] if served.any() else np.array([np.nan])
    weight = task.demand.firms[served] if served.any() else np.array([1.0])
    far, zones = far_firms(task, choice)
    return pd.DataFrame(
        {
            "model": [str(task.params.asked("model"))],
            "sites": [len(choice.sites)],
            "firms": [task.demand.total],
            "served_share": [float(task.demand.firms[served].sum() / max(task.demand.total, 1))],
            "mean_km": [float(np.average(km, weights=weight))],
            "most_km": [float(np.max(km))],
            "objective": [found.objective if found else np.nan],
            "lower_bound": [found.lower_bound if found else np.nan],
            "upper_bound": [found.upper_bound if found else np.nan],
            "gap": [found.gap if found else np.nan],
            "proven": [bool(found.proven) if found else None],
            "far_firms": [far],
            "far_zones_zh": [zones.zh],
            "far_zones_en": [zones.en],
        }
    )


def _criteria_table(judged: Judged, weights: Floats, params: SitingParams) -> pd.DataFrame:
    given = params.criterion_weights()
    used = {
        criterion.id: weight for criterion, weight in zip(judged.criteria, weights, strict=True)
    }
    rows = [
        {
            "criterion": name,
            "title_zh": CRITERIA[name].title.zh,
            "title_en": CRITERIA[name].title.en,
            "group": CRITERIA[name].group,
            "weight_given": weight,
            "weight": used.get(name, np.nan),
            "low": CRITERIA[name].transform.low,
            "high": CRITERIA[name].transform.high,
            "unit_zh": CRITERIA[name].unit.zh,
            "unit_en": CRITERIA[name].unit.en,
            "missing": ";".join(judged.missing.get(name, ())),
            "considered": name in used,
        }
        for name, weight in given.items()
    ]
    return pd.DataFrame(rows).set_index("criterion")


def _ground_table(ground: Ground, exclusion: Exclusion, places: Places) -> pd.DataFrame:
    km2 = ground.grid.cell_km2
    regions = places.regions.table
    return pd.DataFrame(
        {
            "cells": [ground.cells.size],
            "judged_km2": [ground.cells.size * km2],
            "allowed_km2": [float(exclusion.allowed.sum()) * km2],
            "excluded_km2": [float((~exclusion.allowed).sum()) * km2],
            "regions": [len(regions)],
            "regions_km2": [float(regions["area_ha"].sum()) / 100],
            "regions_small": [places.regions.dropped["area"]],
            "threshold": [places.threshold],
        }
    )


def _uncovered(task: Task, choice: Choice) -> pd.DataFrame:
    """Squares of demand that no candidate reaches, most firms first: where a covering fails.

    ``lon`` and ``lat`` of their firms' mean place, ``district``, ``firms`` and
    ``nearest_route_km``, the
    route to the nearest candidate that may be chosen.
    """
    rows = np.array(uncovered_of(choice.fault), np.int64)
    open_to = [at for at, name in enumerate(choice.facilities) if name not in choice.barred]
    crs = task.ground.grid.crs
    spots = gpd.GeoSeries.from_xy(task.demand.x[rows], task.demand.y[rows], crs=crs)
    districts = task.ground.study.zones["district"]
    zones = gpd.GeoDataFrame(
        {"district": districts["id"].to_numpy()}, geometry=districts.geometry.to_crs(crs).to_numpy()
    ).set_crs(crs)
    held = gpd.sjoin(gpd.GeoDataFrame(geometry=spots), zones, how="left")
    held = held[~held.index.duplicated()]
    degrees = spots.to_crs("EPSG:4326")
    table = pd.DataFrame(
        {
            "lon": degrees.x,
            "lat": degrees.y,
            "district": held["district"],
            "firms": task.demand.firms[rows],
            "nearest_route_km": choice.cost[rows][:, open_to].min(axis=1, initial=np.inf),
        }
    )
    return table.sort_values("firms", ascending=False, ignore_index=True)
