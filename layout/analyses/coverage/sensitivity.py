"""How much the answer hangs on heights and powers that no table gave."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from layout.analyses.coverage.estimate import estimate
from layout.analyses.coverage.figures import reached_firms
from layout.analyses.coverage.networks import Ground, Network, city_grid, sites_of
from layout.analyses.coverage.params import CoverageParams
from layout.analyses.coverage.spots import inside_city
from layout.analyses.firm_points import FirmPoints
from layout.core import station_columns as c
from layout.core.study import Study
from layout.measures.signal_fit import SignalFit

COARSE_M: Final = 200
HEIGHT_M: Final = 5.0
POWER_DB: Final = 3.0

VARIANTS: Final = (
    ("as_assumed", 0.0, 0.0),
    ("height_minus", -HEIGHT_M, 0.0),
    ("height_plus", HEIGHT_M, 0.0),
    ("power_minus", 0.0, -POWER_DB),
    ("power_plus", 0.0, POWER_DB),
)


def sensitivity(
    study: Study,
    network: Network,
    ground: Ground,
    params: CoverageParams,
    points: FirmPoints,
    *,
    rural: tuple[int, ...],
    fit: SignalFit | None,
) -> pd.DataFrame:
    """Covered area and firms with unknown heights 5 m and unknown powers 3 dB off, on 200 m cells.

    Returns
    -------
    pandas.DataFrame
        ``variant``, ``stations_changed``, ``area_percent`` (of the city) and ``firms_percent``.
    """
    columns = ["variant", "stations_changed", "area_percent", "firms_percent"]
    if not params.sensitivity:
        return pd.DataFrame(columns=columns)
    grid = city_grid(study, ground, max(params.cell_m, COARSE_M))
    inside = inside_city(grid, study.zones["district"].to_crs(ground.crs))
    land = ground.coarse(grid.cell_m)
    rows: list[dict[str, Any]] = []
    for name, metres, decibel in VARIANTS:
        stations = network.stations.copy()
        of_class = (stations["height_from"] == "class").to_numpy()
        low = stations[c.HEIGHT].to_numpy(float)
        stations[c.HEIGHT] = np.where(of_class, np.maximum(low + metres, 3.0), low)
        powered = (stations["eirp_from"] == "class").to_numpy()
        stations["eirp_dbm"] = stations["eirp_dbm"].to_numpy(float) + decibel * powered
        sites = sites_of(stations, network.outdoor, rural=rural)
        found = estimate(sites, grid, ground, params, fit=fit, terrain=land, brief=True)
        changed = (of_class if metres else powered if decibel else np.zeros(len(stations), bool))[
            network.outdoor
        ]
        reached = reached_firms(points, found.covered)
        known = max(int(reached.known.sum()), 1)
        rows.append(
            {
                "variant": name,
                "stations_changed": int(changed.sum()),
                "area_percent": 100.0 * float(np.nanmean(found.covered.values[inside])),
                "firms_percent": 100.0 * float((reached.covered & reached.known).sum()) / known,
            }
        )
    return pd.DataFrame(rows, columns=columns)
