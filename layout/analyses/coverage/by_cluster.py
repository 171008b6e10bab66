"""Figures of the estimate by cluster: the ground and the firms of each, found as usual."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.analyses.cluster_params import ClusterParams
from layout.analyses.clusters import run as find_clusters
from layout.analyses.coverage.figures import Reached, area_figures, firm_figures
from layout.core.raster import Raster
from layout.core.study import Study
from layout.geometry.grid_join import GridIndex

WORDS: Final = ["cluster_id", "name_zh", "name_en", "sector"]
KEPT: Final = 2
"""Studies whose clusters are kept in memory: settings of the network do not change them."""

_FOUND: OrderedDict[tuple[str, str], gpd.GeoDataFrame] = OrderedDict()
_LOCK: Final = Lock()


def cluster_table(study: Study, crs: str, covered: Raster, reached: Reached) -> pd.DataFrame:
    """Covered area of every cluster, and covered firms of any sector on its ground.

    Clusters are those of the analysis ``clusters`` with its usual settings. They may overlap: a
    firm on the ground of two is in both rows.

    Returns
    -------
    pandas.DataFrame
        ``cluster_id``, names, ``sector``, then as in
        :func:`layout.analyses.coverage.figures.zone_table`; least covered first.
    """
    ground = clusters_of(study)[[*WORDS, "geometry"]].to_crs(crs).reset_index(drop=True)
    x, y = reached.points.xy.T
    if len(ground):
        firm, place = GridIndex.build(ground.geometry.to_numpy()).all(x, y)
    else:
        firm, place = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32)
    masks = (_mask(len(x), firm[place == number]) for number in range(len(ground)))
    columns = list(firm_figures(reached, _mask(len(x), firm[:0])))
    figures = pd.DataFrame([firm_figures(reached, mask) for mask in masks], columns=columns)
    table = pd.DataFrame(ground[WORDS]).join(area_figures(ground, covered)).join(figures)
    order = table.sort_values(["firms_percent", "firms_uncovered"], ascending=[True, False])
    return order.reset_index(drop=True)


def clusters_of(study: Study) -> gpd.GeoDataFrame:
    """The clusters of a study as polygons, from memory where they were found before."""
    key = (str(study.root), study.manifest.created)
    with _LOCK:
        if key in _FOUND:
            _FOUND.move_to_end(key)
            return _FOUND[key]
    result = find_clusters(study, ClusterParams())
    found: gpd.GeoDataFrame = next(one for one in result.layers if one.name == "clusters").frame
    with _LOCK:
        _FOUND[key] = found
        while len(_FOUND) > KEPT:
            _FOUND.popitem(last=False)
    return found


def _mask(size: int, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    mask = np.zeros(size, dtype=np.bool_)
    mask[rows] = True
    return mask
