"""Why here, why not there: every rule and every criterion at one point."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from layout.analyses.siting.criteria import CRITERIA, Site, lacking
from layout.analyses.siting.demand import read_demand
from layout.analyses.siting.ground import Ground, Values, make_ground
from layout.analyses.siting.params import SitingParams
from layout.analyses.siting.rules import Rule, site_rules
from layout.analyses.siting.verify import nearest, reasons_at
from layout.core import facts
from layout.core.raster import Raster
from layout.core.study import Study
from layout.measures.suitability import score


def rules_of(params: SitingParams) -> tuple[Rule, ...]:
    """The rules that the settings ask for."""
    sets = params.asked("sets")
    assert isinstance(sets, tuple)
    return site_rules(
        sets,
        params.grade,
        nuclear=params.nuclear,
        exclude=params.rules_exclude,
        penalty=params.rules_penalty,
        off=params.rules_off,
    )


class _Point(Ground):
    """Ground of one cell, measured by exact distances to the shapes."""

    def measured(self, shapes: gpd.GeoSeries) -> Values:
        """Metres from the middle of the cell to the nearest shape."""
        return nearest(self.middle, shapes).astype(np.float32)

    @property
    def middle(self) -> gpd.GeoSeries:
        """The cell's centre."""
        x, y = self.grid.centres()
        rows, cols = self.rows_cols
        return gpd.GeoSeries(shapely.points(x[cols], y[rows]), crs=self.grid.crs)

    @property
    def square(self) -> gpd.GeoSeries:
        """The cell."""
        return self.middle.buffer(self.grid.cell_m / 2, cap_style="square")


def explain_point(
    study: Study,
    params: SitingParams,
    lon: float,
    lat: float,
    suitability: Raster | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rules and criteria at the cell that holds a point.

    Parameters
    ----------
    study, params
        As for the analysis.
    lon, lat
        Degrees, WGS 84.
    suitability
        The analysis' raster; with it the contiguous allowed ground about the point is told too.

    Returns
    -------
    tuple of DataFrame
        Rules as :func:`layout.analyses.siting.verify.reasons_at`, the broken ones first; criteria
        with ``criterion``, ``title_zh/en``, ``value``, ``unit_zh/en``, ``score``, ``weight``. Both
        are empty where the point lies outside the ground that is judged.
    """
    crs = str(facts.city_settings(study.manifest.city)["metric_crs"])
    whole = make_ground(study, params.cell_m, params.districts)
    x, y = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lon, lat)
    row, col = whole.grid.rows_cols([x], [y])
    cell = int(row[0]) * whole.grid.cols + int(col[0])
    at = np.searchsorted(whole.cells, cell)
    if row[0] < 0 or at >= whole.cells.size or whole.cells[at] != cell:
        return pd.DataFrame(), pd.DataFrame()
    point = _Point(study, whole.grid, np.array([cell]), whole.districts)
    rules = reasons_at(point, rules_of(params), point.square)
    order = {"broken": 0, "unknown": 1, "met": 2, "not_considered": 3, "off": 4}
    effect = {"exclude": 0, "penalty": 1, "flag": 2, "off": 3}
    rules = rules.assign(
        _first=rules["state"].map(order), _then=rules["effect"].map(effect)
    ).sort_values(["_first", "_then", "rule"])
    return (
        rules.drop(columns=["_first", "_then", "site"]).reset_index(drop=True),
        _criteria(point, params, suitability),
    )


def _criteria(point: _Point, params: SitingParams, suitability: Raster | None) -> pd.DataFrame:
    sectors = params.asked("sectors")
    assert isinstance(sectors, tuple)
    demand = read_demand(point.study, sectors, point.districts, point.grid.crs)
    site = Site(demand, np.array([True]), params.route_factor, _contiguous(point, suitability))
    rows = []
    for name, weight in params.criterion_weights().items():
        criterion = CRITERIA[name]
        lack = lacking(point, criterion)
        found = None if lack or weight <= 0 else criterion.measure(point, site)
        value = float(found[0]) if found is not None else float("nan")
        rows.append(
            {
                "criterion": name,
                "title_zh": criterion.title.zh,
                "title_en": criterion.title.en,
                "value": value,
                "unit_zh": criterion.unit.zh,
                "unit_en": criterion.unit.en,
                "score": float(score(np.array([value]), criterion.transform)[0]),
                "weight": weight,
            }
        )
    return pd.DataFrame(rows)


def _contiguous(point: _Point, suitability: Raster | None) -> Values:
    """Hectares of allowed ground that hangs together with the cell; NaN where it is not told."""
    if suitability is None:
        return np.full(1, np.nan, np.float32)
    from scipy import ndimage

    known = suitability.known()
    labels, _ = ndimage.label(known)
    label = labels.ravel()[point.cells[0]]
    cells = float((labels == label).sum()) if label else 0.0
    return np.array([cells * suitability.grid.cell_m**2 / 1e4], np.float32)
