"""The stations of a study as the compute kernel takes them, and the ground they stand on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from layout.analyses.coverage.params import ANY, NB_IOT, CoverageParams
from layout.core import facts
from layout.core import station_columns as c
from layout.core.crs import from_wgs84, parse_datum
from layout.core.errors import InputFileError
from layout.core.raster import Grid, Raster
from layout.core.study import Study
from layout.geometry.grid_join import GridIndex
from layout.measures.coverage import Sites, Terrain
from layout.prepare.stations import (
    EIRP_DBM,
    FREQUENCY_GHZ,
    in_service,
    prepare_stations,
)
from layout.prepare.stations import (
    NB_IOT as IS_NB_IOT,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

STATIONS: Final = "stations"
TERRAIN: Final = "terrain"
FAR_KM: Final = 30.0
"""A table with no station nearer to the city than this is in another datum than was said."""
SURFACE: Final = "surface"

UMA, UMI, RMA = 0, 1, 2
LEAST_MACRO_M: Final = 10.0
SECTORS: Final = 3
"""Positions of the scenarios, the least mast of the macro models, sectors a site may have."""


@dataclass(frozen=True)
class Ground:
    """What the estimate is made over.

    Attributes
    ----------
    crs
        The city's metric CRS.
    terrain
        Bare earth, and the surface where the study has it on the same grid; None: flat.
    """

    crs: str
    terrain: Terrain | None

    def metres(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Places in the metric CRS."""
        return from_wgs84(lon, lat, parse_datum(self.crs))

    def coarse(self, cell_m: float) -> Terrain | None:
        """The terrain averaged to about ``cell_m``: finer than the raster it would only take time.

        Parameters
        ----------
        cell_m
            Width of the cells that are estimated, metres.
        """
        if self.terrain is None:
            return None
        times = round(cell_m / self.terrain.grid.cell_m)
        if times <= 1:
            return self.terrain
        surface = self.terrain.surface
        built = None if surface is None else averaged(surface, times)
        return Terrain(averaged(self.terrain.ground, times), built)

    def at(self, x: Floats, y: Floats) -> Floats:
        """Height of the ground, metres; NaN where unknown."""
        if self.terrain is None:
            return np.full(np.shape(x), np.nan)
        return self.terrain.ground.at(x, y)


@dataclass(frozen=True)
class Network:
    """Stations of the study, judged, in metres.

    Attributes
    ----------
    stations
        As :func:`layout.prepare.stations.prepare_stations` gives them, with ``x``, ``y`` (metres)
        and ``place`` (position of the district, -1: outside the city).
    chosen
        Stations of the operator, band and year asked for, indoor systems included.
    """

    stations: gpd.GeoDataFrame
    chosen: Flags

    @property
    def outdoor(self) -> Ints:
        """Rows that the outdoor raster is made of: never an indoor system."""
        outdoor = (self.stations[c.TYPE] != c.INDOOR).to_numpy()
        return np.flatnonzero(self.chosen & outdoor)


def averaged(raster: Raster, times: int) -> Raster:
    """A raster on cells ``times`` as wide, each the mean of its cells; unknown where one is."""
    rows, cols = (-(-size // times) for size in raster.grid.shape)
    values = np.where(raster.known(), raster.values, np.nan).astype(np.float32)
    pad = ((0, rows * times - raster.grid.rows), (0, cols * times - raster.grid.cols))
    whole = np.pad(values, pad, mode="edge").reshape(rows, times, cols, times)
    grid = raster.grid
    wide = Grid(grid.crs, grid.west, grid.north, grid.cell_m * times, rows, cols)
    return Raster(whole.mean(axis=(1, 3), dtype=np.float32), wide, None, raster.unit)


def ground_of(study: Study, params: CoverageParams) -> Ground:
    """Metric CRS and terrain of a study."""
    crs = str(facts.city_settings(study.manifest.city)["metric_crs"])
    if not params.use_terrain or TERRAIN not in study.rasters:
        return Ground(crs, None)
    bare = study.rasters[TERRAIN].read()
    surface = study.rasters.get(SURFACE)
    built = surface.read() if surface is not None and surface.grid == bare.grid else None
    return Ground(crs, Terrain(bare, built))


def city_grid(study: Study, ground: Ground, cell_m: float) -> Grid:
    """Cells over all districts."""
    bounds = study.zones["district"].to_crs(ground.crs).total_bounds
    west, south, east, north = (float(v) for v in bounds)
    return Grid.around((west, south, east, north), float(cell_m), ground.crs)


def network_of(study: Study, params: CoverageParams, ground: Ground) -> Network:
    """The stations of a study, filled by class, judged and chosen.

    Raises
    ------
    InputFileError
        The table is empty, no station is near the city, or its heights are above sea.
    """
    layer = study.layers[STATIONS]
    lon, lat = layer.geometry.x.to_numpy(), layer.geometry.y.to_numpy()
    _require_near(lon, lat, study)
    x, y = ground.metres(lon, lat)
    stations = prepare_stations(layer, terrain_m=ground.at(x, y), defaults=params.defaults)
    districts = GridIndex.build(study.zones["district"].geometry.to_numpy())
    known = np.isfinite(lon) & np.isfinite(lat)
    place = np.full(len(stations), -1, dtype=np.int64)
    place[known] = districts.first(lon[known], lat[known])
    stations["x"], stations["y"], stations["place"] = x, y, place
    chosen = in_service(stations, params.year or None) & _asked(stations, params)
    return Network(stations, chosen)


def _require_near(lon: Floats, lat: Floats, study: Study) -> None:
    """Raise where stations have places, and none is in the city or within ``FAR_KM`` of it."""
    known = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    if not known.size:
        return
    west, south, east, north = study.zones["district"].total_bounds
    by_lat = FAR_KM / 111.0
    by_lon = by_lat / np.cos(np.radians((south + north) / 2))
    near_lon = (lon[known] >= west - by_lon) & (lon[known] <= east + by_lon)
    if (near_lon & (lat[known] >= south - by_lat) & (lat[known] <= north + by_lat)).any():
        return
    first = known[0]
    expected = {"west": west, "east": east, "south": south, "north": north}
    raise InputFileError(
        "error.stations_far",
        stations=len(known),
        reach=f"{FAR_KM:.0f}",
        lon=f"{lon[first]:.4f}",
        lat=f"{lat[first]:.4f}",
        **{name: f"{value:.2f}" for name, value in expected.items()},
    )


def _asked(stations: gpd.GeoDataFrame, params: CoverageParams) -> Flags:
    """Stations of the operator and band asked for; 5G where no band is named."""
    narrow = stations[IS_NB_IOT].to_numpy(bool)
    asked = narrow if params.band == NB_IOT else ~narrow
    if params.band not in (ANY, NB_IOT):
        asked = asked & (stations[c.BAND] == params.band).to_numpy()
    if params.operator != ANY:
        asked = asked & of_operator(stations, params.operator)
    wanted: Flags = np.asarray(asked, dtype=bool)
    return wanted


def of_operator(stations: gpd.GeoDataFrame, operator: str) -> Flags:
    """Stations of an operator, those it shares included."""
    words = stations[c.OPERATOR]
    has = {text: operator in text.split(c.SEPARATOR) for text in words.unique()}
    flags: Flags = words.map(has).to_numpy(bool)
    return flags


def sites_of(stations: gpd.GeoDataFrame, rows: Ints, *, rural: tuple[int, ...] = ()) -> Sites:
    """Stations as the kernel takes them.

    Parameters
    ----------
    stations
        Judged stations.
    rows
        Which of them.
    rural
        Positions of the districts whose macro stations take the rural model.
    """
    own = stations.iloc[rows]
    height = own[c.HEIGHT].to_numpy(float)
    low = (own[c.TYPE] == c.MICRO).to_numpy() | (height < LEAST_MACRO_M)
    rural_macro = ~low & np.isin(own["place"].to_numpy(), rural)
    return Sites(
        x=own["x"].to_numpy(float),
        y=own["y"].to_numpy(float),
        height_m=height,
        eirp_dbm=own[EIRP_DBM].to_numpy(float),
        frequency_ghz=own[FREQUENCY_GHZ].to_numpy(float),
        scenario=np.where(low & (height <= 25.0), UMI, np.where(rural_macro, RMA, UMA)),
        azimuths=_azimuths(own[c.AZIMUTHS]),
    )


def rural_places(study: Study, params: CoverageParams) -> tuple[int, ...]:
    """Positions of the districts that take the rural model."""
    ids = list(study.zones["district"]["id"])
    return tuple(ids.index(name) for name in params.rural_districts if name in ids)


def terrain_raster(ground: Ground) -> Raster | None:
    """Bare earth, where the study has it."""
    return None if ground.terrain is None else ground.terrain.ground


def _azimuths(values: Any) -> Floats:
    """Up to three azimuths a station, NaN for those that are not there."""
    table = np.full((len(values), SECTORS), np.nan)
    for row, angles in enumerate(values):
        for sector, angle in enumerate(angles[:SECTORS]):
            table[row, sector] = angle
    return table
