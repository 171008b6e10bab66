"""The parts of an estimate that a tried station does not change, kept for the next call."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.analyses.coverage.estimate import Estimate, by_network, estimate
from layout.analyses.coverage.figures import Reached, network_table, reached_firms
from layout.analyses.coverage.networks import (
    Ground,
    Network,
    city_grid,
    ground_of,
    network_of,
    rural_places,
    sites_of,
)
from layout.analyses.coverage.params import CoverageParams
from layout.analyses.coverage.proposals import Proposal, propose
from layout.analyses.coverage.sensitivity import sensitivity
from layout.analyses.coverage.spots import inside_city
from layout.analyses.coverage.survey import PositionSurvey, position_survey
from layout.analyses.firm_points import FirmPoints, firm_points
from layout.core import station_columns as c
from layout.core.errors import MeasureError
from layout.core.progress import tell
from layout.core.study import Study
from layout.measures.coverage import Sites
from layout.measures.signal_fit import SignalFit, fit_signal

Flags = npt.NDArray[np.bool_]

MEASURED: Final = "signal_points"
KEPT: Final = 2
"""Estimates that are kept in memory."""


@dataclass(frozen=True)
class Base:
    """Everything of an estimate but what a tried station adds."""

    ground: Ground
    network: Network
    sites: Sites
    made: Estimate
    inside: Flags
    points: FirmPoints
    reached: Reached
    fit: SignalFit | None
    fit_problem: MeasureError | None
    networks: pd.DataFrame
    effects: pd.DataFrame
    proposal: Proposal
    survey: PositionSurvey


_MADE: OrderedDict[tuple[Any, ...], Base] = OrderedDict()
_LOCK: Final = Lock()


def base_of(study: Study, params: CoverageParams) -> Base:
    """The estimate of a study, from memory where it was made before with the same settings."""
    plain = params.model_copy(update={"try_lon": None, "try_lat": None})
    key = (str(study.root), study.manifest.created, plain.model_dump_json())
    with _LOCK:
        if key in _MADE:
            _MADE.move_to_end(key)
            return _MADE[key]
    made = _made(study, plain)
    with _LOCK:
        _MADE[key] = made
        while len(_MADE) > KEPT:
            _MADE.popitem(last=False)
    return made


def _made(study: Study, params: CoverageParams) -> Base:
    tell("coverage_stations", 0.0)
    ground = ground_of(study, params)
    network = network_of(study, params, ground)
    rural = rural_places(study, params)
    if not len(network.outdoor):
        raise MeasureError("error.coverage_no_stations", total=len(network.stations))
    sites = sites_of(network.stations, network.outdoor, rural=rural)
    grid = city_grid(study, ground, params.cell_m)
    districts = study.zones["district"].to_crs(ground.crs)
    inside = inside_city(grid, districts)
    made = estimate(sites, grid, ground, params, stage="coverage_signal")
    fit, problem = _fit(study, params, made, ground)
    applied = fit if params.fit_measured else None
    if applied is not None:
        made = estimate(sites, grid, ground, params, fit=applied, stage="coverage_signal")
    points = firm_points(study)
    reached = reached_firms(points, made.covered)
    coarse = city_grid(study, ground, max(params.cell_m, 100))
    found = by_network(network, coarse, ground, params, rural=rural, fit=applied)
    tell("coverage_effects")
    effects = sensitivity(study, network, ground, params, points, rural=rural, fit=applied)
    x, y = sites.x, sites.y
    proposal = propose(
        made,
        reached,
        ground,
        params,
        parks=study.zones["park"].to_crs(ground.crs),
        masts=(x, y),
        fit=applied,
    )
    return Base(
        ground=ground,
        network=network,
        sites=sites,
        made=made,
        inside=inside,
        points=points,
        reached=reached,
        fit=fit,
        fit_problem=problem,
        networks=network_table(found, study, ground.crs, points),
        effects=effects,
        proposal=proposal,
        survey=position_survey(study, network.stations),
    )


def _fit(
    study: Study, params: CoverageParams, made: Estimate, ground: Ground
) -> tuple[SignalFit | None, MeasureError | None]:
    """The fit to measured points, or why there is none; a fit that was asked for must succeed."""
    if MEASURED not in study.layers:
        return None, None
    measured, estimated = measured_pairs(study, params, made, ground)
    try:
        return fit_signal(measured, estimated), None
    except MeasureError as error:
        if params.fit_measured:
            raise
        return None, error


def measured_pairs(
    study: Study, params: CoverageParams, made: Estimate, ground: Ground
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Measured and estimated outdoor levels; NaN where a point is of another operator."""
    layer = study.layers[MEASURED]
    x, y = ground.metres(layer.geometry.x.to_numpy(), layer.geometry.y.to_numpy())
    grid = made.grid
    row, col = grid.rows_cols(x, y)
    estimated = np.where(row >= 0, made.made.rsrp[row, col], np.nan).astype(np.float64)
    measured = layer["rsrp_dbm"].to_numpy(float)
    if params.operator != "any" and c.OPERATOR in layer:
        from layout.prepare.station_words import operators_of

        words = operators_of(layer[c.OPERATOR])
        other = ~words.str.contains(params.operator).to_numpy(bool) & (words != "").to_numpy()
        measured = np.where(other, np.nan, measured)
    return measured, estimated
