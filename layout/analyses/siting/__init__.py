"""Where to put data centres, nodes, parks and platforms: rules, suitability, exact choice.

The way is: rules exclude ground and lower scores, criteria judge what is left, drawn weights say
how sure that is, good contiguous ground gives candidates, candidates get a connection, power and
gates, and an exact model chooses the set. Every step keeps its reasons.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.analyses.provenance import provenance_of
from layout.analyses.siting.choose import Choice, Task, choose, pareto, stability
from layout.analyses.siting.criteria import Judged, Site
from layout.analyses.siting.demand import read_demand
from layout.analyses.siting.exclusion import Exclusion, apply_rules
from layout.analyses.siting.existing import existing_of
from layout.analyses.siting.explain import explain_point, rules_of
from layout.analyses.siting.ground import Values, make_ground
from layout.analyses.siting.notes import notes_of
from layout.analyses.siting.params import SitingParams
from layout.analyses.siting.places import find_places, require_park_type
from layout.analyses.siting.show import rasters, vectors
from layout.analyses.siting.table import hindrances, site_table
from layout.analyses.siting.tables import tables_of
from layout.analyses.siting.weighting import combine, judge, weigh
from layout.analyses.siting.words import siting_labels
from layout.core.progress import tell
from layout.core.result import Bilingual, Provenance, Result
from layout.core.study import Study
from layout.measures.multicriteria import weight_draws
from layout.measures.suitability_draws import best_share_probability

__all__ = ["MODEL", "SitingParams", "explain_point", "run"]

MODEL = SitingParams

_FIRST = ("rank", "state", "name_zh", "name_en", "district", "suitability", "p_chosen", "kind")
"""Columns of sites that are read first."""

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
        there is), ``ground`` (areas), ``refused`` (parcels and parks left out), ``uncovered``
        (demand that no candidate reaches, where a covering fails), ``consistency`` (of pairwise
        judgments, where weights come from them). Layers: ``suitability``, ``certainty`` and
        ``exclusion`` rasters, ``sites``, ``places``, ``allocation``, ``supply``, ``existing``.

    Raises
    ------
    ParameterError
        A rule, criterion, district or type of park is unknown, more sites are wanted than may
        be on the shortlist, or the grid would be too large.
    MeasureError
        Weights cannot be used.
    """
    params.require_room()
    require_park_type(study, params)
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
                existing_of(ground, params), ways.get("grid"), params)  # fmt: skip
    choice, table = _chosen(task, judged, drawn)
    maps = rasters(ground, exclusion, rules, suitability, sure)
    tables = tables_of(ground, rules, exclusion, judged, weights, places, task, table, choice)
    return Result(
        name="siting",
        tables=tables,
        layers=(*maps, *vectors(task, table, choice)),
        notes=notes_of(exclusion, rules, judged, task, table, choice, tables["uncovered"]),
        provenance=_provenance(study, params),
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
    first = [name for name in _FIRST if name in table]
    rest = [name for name in table.columns if name not in first]
    return choice, table[[*first, *rest]].sort_values("rank")


def _provenance(study: Study, params: SitingParams) -> Provenance:
    return provenance_of(study, params, Bilingual.of("siting.method"), seed=params.seed)
