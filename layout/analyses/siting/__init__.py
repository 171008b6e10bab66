"""Where to put data centres, nodes, parks and platforms: rules, suitability, exact choice.

The way is: rules exclude ground and lower scores, criteria judge what is left, drawn weights say
how sure that is, good contiguous ground gives candidates, candidates get a connection, power and
gates, and an exact model chooses the set. Every step keeps its reasons.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.analyses.siting.choose import Choice, Task, choose, pareto, stability
from layout.analyses.siting.criteria import CRITERIA, Judged, Site
from layout.analyses.siting.demand import read_demand
from layout.analyses.siting.exclusion import Exclusion, apply_rules, heaviest
from layout.analyses.siting.explain import explain_point, rules_of
from layout.analyses.siting.ground import Ground, Values, layer_dates, make_ground
from layout.analyses.siting.params import SitingParams
from layout.analyses.siting.places import Places, find_places
from layout.analyses.siting.rules import Rule, rule_table
from layout.analyses.siting.show import rasters, vectors
from layout.analyses.siting.table import hindrances, site_table
from layout.analyses.siting.verify import reasons_at
from layout.analyses.siting.weighting import combine, judge, weigh
from layout.analyses.siting.words import siting_labels
from layout.core.progress import tell
from layout.core.result import Bilingual, Provenance, Result
from layout.core.study import Study
from layout.measures.multicriteria import weight_draws
from layout.measures.suitability import criteria_correlation
from layout.measures.suitability_draws import best_share_probability

__all__ = ["MODEL", "SitingParams", "explain_point", "run"]

MODEL = SitingParams

Floats = npt.NDArray[np.float64]


def run(study: Study, params: SitingParams) -> Result:
    """Rules, suitability, sites, the chosen set, and how sure each is.

    Returns
    -------
    Result
        Tables: ``sites`` (candidates, best first), ``chosen`` (the set, with what dropping or
        replacing a site costs), ``model`` (objective, bounds, gap), ``rules`` (what each asks and
        excludes), ``reasons`` (each shortlisted site by rule, with the exact distance),
        ``criteria`` (weights and what was not considered), ``correlation``, ``layers`` (what data
        there is), ``ground`` (areas), ``refused`` (parcels and parks left out). Layers:
        ``suitability``, ``certainty`` and ``exclusion`` rasters, ``sites``, ``places``,
        ``allocation``, ``supply``, ``existing``.

    Raises
    ------
    ParameterError
        A rule, criterion or district is unknown, or the grid would be too large.
    MeasureError
        Weights cannot be used.
    """
    tell("siting_ground", 0.0)
    ground = make_ground(study, params.cell_m, params.districts)
    rules = rules_of(params)
    exclusion = apply_rules(ground, rules)
    sectors = params.asked("sectors")
    assert isinstance(sectors, tuple)
    demand = read_demand(study, sectors, ground.districts, ground.grid.crs)
    judged = judge(ground, Site(demand, exclusion.allowed, params.route_factor), params)
    weights = weigh(judged, exclusion.allowed, params)
    suitability = _suitability(judged, weights, exclusion, params)
    drawn = _draws(weights, params)
    tell("siting_draws", 0.62)
    sure = _certainty(judged, exclusion, suitability, drawn, params)
    tell("siting_places", 0.72)
    places = find_places(ground, exclusion, suitability, rules, params)
    tell("siting_connect", 0.76)
    table, ways = site_table(ground, exclusion, judged, weights, places, params)
    task = Task(ground, table, places.frame.geometry.reset_index(drop=True), demand,
                _existing(ground, params), ways.get("grid"), params)  # fmt: skip
    choice, table = _chosen(task, judged, drawn)
    maps = rasters(ground, exclusion, rules, suitability, sure)
    tables = _tables(ground, rules, exclusion, judged, weights, places, task, table, choice)
    return Result(
        name="siting",
        tables=tables,
        layers=(*maps, *vectors(task, table, choice)),
        notes=_notes(ground, exclusion, rules, judged, places, table, choice, params),
        provenance=_provenance(study, params, ground),
        labels=siting_labels(study.zones["district"]),
    )


def _suitability(
    judged: Judged, weights: Floats, exclusion: Exclusion, params: SitingParams
) -> Values:
    """Suitability less penalties, not below 0; NaN without data."""
    before = combine(judged, weights, params)
    less = exclusion.penalties.astype(np.float32) * np.float32(params.penalty)
    result: Values = np.maximum(before - less, 0)
    return result


def _draws(weights: Floats, params: SitingParams) -> Floats:
    return weight_draws(
        list(weights), draws=params.draws, concentration=params.concentration, seed=params.seed,
        columns=pd.RangeIndex(len(weights)),
    )  # fmt: skip


def _certainty(
    judged: Judged, exclusion: Exclusion, suitability: Values, drawn: Floats, params: SitingParams
) -> Values | None:
    """Share of draws in which each allowed cell is among the best; NaN elsewhere."""
    known = exclusion.allowed & ~np.isnan(suitability)
    result: Values = np.full(known.size, np.nan, np.float32)
    if not known.any():
        return None
    less = exclusion.penalties[known].astype(np.float32) * np.float32(-params.penalty)
    scores = np.vstack([judged.scores[:, known], less[None, :]])
    weights = np.column_stack([drawn, np.ones(len(drawn))])
    result[known] = best_share_probability(scores, weights, share=params.best_share)
    return result


def _existing(ground: Ground, params: SitingParams) -> gpd.GeoDataFrame:
    """Facilities of the kind that serve already, within the districts that are judged."""
    empty = gpd.GeoDataFrame({"id": []}, geometry=[], crs=ground.grid.crs)
    frame = ground.frame(params.use.existing) if params.use.existing else None
    if frame is None:
        return empty
    if "district_id" in frame.columns:
        frame = frame[frame["district_id"].isin(ground.districts)]
    if "countable" in frame.columns:
        frame = frame[pd.to_numeric(frame["countable"], errors="coerce").fillna(0) > 0]
    return frame.reset_index(drop=True)


def _chosen(task: Task, judged: Judged, drawn: Floats) -> tuple[Choice, pd.DataFrame]:
    """The set, and the table of candidates with stability, state and Pareto front."""
    table = task.table
    size = task.params.shortlist
    shortlist = list(table.sort_values("rank").index[:size])
    barred = {str(site): str(why) for site, why in hindrances(table).items() if why}
    tell("siting_choice", 0.82)
    choice = choose(task, shortlist, barred)
    columns = [criterion.column for criterion in judged.criteria]
    scores = table[columns].fillna(0.0).to_numpy(np.float64)
    table = table.copy()
    if len(table):
        sure = stability(task, scores, table["penalty_points"].fillna(0).to_numpy(), drawn, barred)
        for name in sure.table:
            table[name] = sure.table[name]
    table["shortlisted"] = table.index.isin(shortlist)
    table["hindrance"] = pd.Series(choice.barred, dtype=object).reindex(table.index).fillna("")
    table["state"] = np.where(
        table.index.isin(choice.sites),
        "chosen",
        np.where(table["hindrance"] != "", "barred", "open"),
    )
    less = [name for name in ("grid_cost_km", "latency_ms", "pue") if name in table]
    more = [name for name in ("region_area_ha", "suitability") if table[name].notna().any()]
    table["pareto"] = pareto(table, tuple(n for n in less if table[n].notna().any()), tuple(more))
    return choice, table.sort_values("rank")


def _tables(
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
    short = table.index[table["shortlisted"]]
    shapes = task.shapes.set_axis(task.table.index).loc[short]
    correlation = criteria_correlation(judged.scores[:, exclusion.allowed])
    names = [criterion.id for criterion in judged.criteria]
    used = tuple(dict.fromkeys(t.layer for rule in rules for t in rule.targets
                               if t.layer not in ("slope", "parks")))  # fmt: skip
    needed = tuple(dict.fromkeys(n for c in CRITERIA.values() for n in c.needs))
    return {
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
    }


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
            "gap": [found.gap if found else np.nan],
            "proven": [bool(found.proven) if found else None],
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


def _notes(
    ground: Ground,
    exclusion: Exclusion,
    rules: tuple[Rule, ...],
    judged: Judged,
    places: Places,
    table: pd.DataFrame,
    choice: Choice,
    params: SitingParams,
) -> tuple[Bilingual, ...]:
    notes = []
    most = heaviest(exclusion.table)
    by_id = {rule.id: rule for rule in rules}
    if not exclusion.allowed.any() and most:
        share = float(exclusion.table["excluded_share"].to_dict()[most]) * 100
        rule = by_id[most]
        notes.append(_both("siting.note.nothing_left", rule=most, share=f"{share:.0f}",
                           object_zh=rule.object.zh, object_en=rule.object.en))  # fmt: skip
    elif table.empty:
        notes.append(Bilingual.of("siting.note.no_sites", area=params.asked("min_area_ha"),
                                  site=params.asked("site_ha")))  # fmt: skip
    elif not choice.sites:
        key = "siting.note.no_choice" if choice.fault is None else "siting.note.model_fault"
        fault = choice.fault
        notes.append(Bilingual(
            _filled(key, "zh", fault), _filled(key, "en", fault)
        ))  # fmt: skip
    lost = exclusion.table[exclusion.table["status"] == "no_layer"]
    if len(lost):
        notes.append(Bilingual.of("siting.note.rules_not_considered", rules="、".join(lost.index)))
    if judged.missing:
        titles = [CRITERIA[name].title for name in judged.missing]
        notes.append(Bilingual(
            _of("siting.note.criteria_not_considered", "zh", "、".join(t.zh for t in titles)),
            _of("siting.note.criteria_not_considered", "en", ", ".join(t.en for t in titles)),
        ))  # fmt: skip
    if params.nuclear == "flag" and any(r.id.startswith("GB07") for r in rules):
        notes.append(Bilingual.of("siting.note.nuclear"))
    notes.append(Bilingual.of("siting.note.rules"))
    notes.append(Bilingual.of("siting.note.cells", cell=f"{params.cell_m:g}"))
    if params.use.powered:
        notes.append(Bilingual.of("siting.note.estimates"))
    return tuple(notes)


def _of(key: str, lang: str, names: str) -> str:
    from layout.core.texts import text

    return text(key, "zh" if lang == "zh" else "en", names=names)


def _filled(key: str, lang: str, fault: object) -> str:
    from layout.core.errors import LayoutError
    from layout.core.texts import text

    if not isinstance(fault, LayoutError):
        return text(key, "zh" if lang == "zh" else "en")
    return text(key, "zh" if lang == "zh" else "en",
                fault=fault.message("zh" if lang == "zh" else "en"))  # fmt: skip


def _both(key: str, *, object_zh: str, object_en: str, **values: object) -> Bilingual:
    from layout.core.texts import text

    return Bilingual(
        text(key, "zh", object=object_zh, **values), text(key, "en", object=object_en, **values)
    )


def _provenance(study: Study, params: SitingParams, ground: Ground) -> Provenance:
    manifest = study.manifest
    return Provenance(
        inputs=manifest.inputs,
        parameters=params.model_dump(mode="json"),
        seed=params.seed,
        version=manifest.version,
        created=manifest.created,
        synthetic=manifest.synthetic,
        method=Bilingual.of("siting.method"),
    )
