"""Rasters of the estimate: best signal, who gives it, overlap, and covered or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.analyses.coverage.networks import Ground, Network, of_operator, sites_of
from layout.analyses.coverage.params import CoverageParams
from layout.core import station_columns as c
from layout.core.progress import tell
from layout.core.raster import Grid, Raster
from layout.measures.coverage import Coverage, CoverageSettings, Reason, Sites, Terrain, coverage
from layout.measures.signal_fit import SignalFit

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Singles = npt.NDArray[np.float32]

SURE_SCORE: Final = 1.2816
"""Standard deviations below the mean that 90 % of a normal variable exceed."""

SHADOW_DB: Final = 6.0
WALL_DB: Final = {"low": 4.4, "high": 6.5}
"""Deviation of shadow fading without line of sight (UMa) and of the loss of walls: TR 38.901,
tables 7.4.1-1 and 7.4.3-2."""


@dataclass(frozen=True)
class Estimate:
    """The rasters of one choice of stations.

    Attributes
    ----------
    made
        As the kernel gives them; levels before any fit.
    level
        Expected level of the best server at the place asked for (outdoors or indoors), dBm, after
        the fit; NaN where no station reaches.
    covered
        1 covered, 0 not, NaN where the terrain is unknown.
    """

    made: Coverage
    level: Singles
    covered: Raster

    @property
    def grid(self) -> Grid:
        """Where the cells lie."""
        return self.made.grid


def settings_of(
    params: CoverageParams, fit: SignalFit | None = None, *, brief: bool = False
) -> CoverageSettings:
    """What the kernel is told; a fit moves the threshold instead of every level.

    ``brief``: only covered or not is wanted, so that weaker signals are not followed.
    """
    threshold = params.threshold_dbm
    if fit is not None:
        threshold = (threshold - fit.offset) / fit.slope
    return CoverageSettings(
        threshold_dbm=float(np.clip(threshold, -150.0, 0.0)),
        max_radius_m=float(params.max_radius_m),
        building=params.building,
        margin_db=0.0 if brief else 10.0,
    )


def estimate(
    sites: Sites,
    grid: Grid,
    ground: Ground,
    params: CoverageParams,
    *,
    fit: SignalFit | None = None,
    terrain: Terrain | None = None,
    brief: bool = False,
    stage: str | None = None,
) -> Estimate:
    """The estimate of a set of stations.

    Parameters
    ----------
    sites, grid, ground, params, fit
        Stations, cells, ground, settings, and the fit that is applied.
    terrain
        Terrain averaged to the cells, where the caller has it already.
    brief
        Only covered or not is wanted.
    stage
        Stage whose share is told.
    """
    land = ground.coarse(grid.cell_m) if terrain is None else terrain

    def told(share: float) -> None:
        if stage is not None:
            tell(stage, share)

    made = coverage(
        sites, grid, terrain=land, settings=settings_of(params, fit, brief=brief), progress=told
    )
    return judged(made, params, fit)


def judged(made: Coverage, params: CoverageParams, fit: SignalFit | None = None) -> Estimate:
    """Level and covered or not, as the settings ask."""
    indoor = params.place == "indoor"
    raw = made.layer("indoor_rsrp") if indoor else made.rsrp
    level = raw if fit is None else np.float32(fit.offset) + np.float32(fit.slope) * raw
    with np.errstate(invalid="ignore"):
        if params.certainty == "mean":
            meets = level >= params.threshold_dbm
        elif indoor:
            spread = float(np.hypot(SHADOW_DB, WALL_DB[params.building]))
            meets = level - SURE_SCORE * spread >= params.threshold_dbm
        else:
            meets = made.layer("probability") >= made.settings.sure
    values = meets.astype(np.float32)
    values[made.layer("reason") == Reason.NO_DATA] = np.nan
    return Estimate(made, level.astype(np.float32), Raster(values, made.grid))


def by_network(
    network: Network,
    grid: Grid,
    ground: Ground,
    params: CoverageParams,
    *,
    rural: tuple[int, ...],
    fit: SignalFit | None,
) -> dict[tuple[str, str], tuple[Raster, int]]:
    """Covered or not for each operator and band by themselves, and how many stations they have.

    Keys are operator and band, ``any`` for all bands of an operator. Stations that operators share
    are computed once.
    """
    stations = network.stations.iloc[network.outdoor]
    parts = stations.groupby([c.OPERATOR, c.BAND], sort=True).indices
    land = ground.coarse(grid.cell_m)
    single: dict[tuple[str, str], tuple[Raster, int]] = {}
    for number, (key, rows) in enumerate(parts.items()):
        tell("coverage_networks", number / max(len(parts), 1))
        sites = sites_of(network.stations, network.outdoor[rows], rural=rural)
        found = estimate(sites, grid, ground, params, fit=fit, terrain=land, brief=True)
        single[str(key[0]), str(key[1])] = found.covered, len(rows)
    combined: dict[tuple[str, str], tuple[Raster, int]] = {}
    for operator in c.OPERATORS:
        for (names, band), (raster, count) in single.items():
            if operator not in names.split(c.SEPARATOR):
                continue
            for key in ((operator, band), (operator, "any")):
                before = combined.get(key)
                values = raster.values
                if before is not None:
                    values = np.fmax(before[0].values, values)
                total = count + (before[1] if before else 0)
                combined[key] = Raster(values, grid), total
    return combined


def conversion_table(stations: gpd.GeoDataFrame, rows: npt.NDArray[np.int64]) -> pd.DataFrame:
    """How many stations' height and power were given, converted or taken from their class."""
    own = stations.iloc[rows]
    keys = [c.TYPE, c.BAND, "height_from", "eirp_from"]
    table = own.groupby(keys, sort=True).agg(
        stations=("x", "size"),
        height_mean_m=(c.HEIGHT, "mean"),
        eirp_mean_dbm=("eirp_dbm", "mean"),
    )
    rows_of: pd.DataFrame = table.reset_index()
    return rows_of


def operators_seen(stations: gpd.GeoDataFrame) -> list[str]:
    """Operators that have stations, in the usual order."""
    return [name for name in c.OPERATORS if of_operator(stations, name).any()]
