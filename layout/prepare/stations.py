"""A table of base stations made ready for a coverage estimate: filled, judged, nothing guessed.

What a table does not say (height, power) is taken from the class of the station and flagged. What
it says wrongly is named and counted, and the station is left out of the estimate with its reason;
its row stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core import station_columns as c
from layout.core.errors import InputFileError
from layout.measures.radiated_power import eirp_per_re
from layout.prepare.station_heights import above_ground, looks_above_sea
from layout.prepare.station_words import (
    azimuths_of,
    bands_of,
    operators_of,
    statuses_of,
    types_of,
)

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

ID: Final = "id"
FREQUENCY_GHZ: Final = "frequency_ghz"
EIRP_DBM: Final = "eirp_dbm"
NB_IOT: Final = "nb_iot"
HEIGHT_FROM: Final = "height_from"
EIRP_FROM: Final = "eirp_from"
AZIMUTH_KNOWN: Final = "azimuth_known"
PROBLEM: Final = "problem"

GIVEN: Final = "given"
FROM_ALTITUDE: Final = "altitude"
FROM_POWER: Final = "power"
FROM_CLASS: Final = "class"

LOWEST_GHZ: Final = 0.5
HIGHEST_GHZ: Final = 100.0
"""Validity of 3GPP TR 38.901 (clause 7.1)."""

LEAST_M: Final = 3.0
HIGHEST_M: Final = 150.0
"""Antennas above the ground: 38.901 is stated for 10 to 150 m (RMa), higher is taken for a slip."""

LEAST_EIRP_DBM: Final = -10.0
MOST_EIRP_DBM: Final = 55.0
"""Per resource element. A macro cell of 53 dBm over 100 MHz with 25 dBi sends 43 dBm; an NB-IoT
carrier alone up to 50 dBm. What lies outside is a total power, or watts."""

LOW_BAND_MHZ: Final = 1000.0


@dataclass(frozen=True)
class StationDefaults:
    """Values of a class for what a table does not say: engineering assumptions, not measured.

    Attributes
    ----------
    macro_height_m, micro_height_m
        Antenna above the ground.
    macro_eirp_dbm, low_band_eirp_dbm, micro_eirp_dbm, nb_iot_eirp_dbm
        EIRP of a resource element: macro cells above and below 1 GHz, micro cells, NB-IoT.
    """

    macro_height_m: float = 25.0
    micro_height_m: float = 10.0
    macro_eirp_dbm: float = 38.0
    low_band_eirp_dbm: float = 34.0
    micro_eirp_dbm: float = 16.0
    nb_iot_eirp_dbm: float = 40.0


def prepare_stations(
    layer: gpd.GeoDataFrame,
    *,
    terrain_m: Floats | None = None,
    defaults: StationDefaults | None = None,
) -> gpd.GeoDataFrame:
    """Stations with everything an estimate needs, and why some are not used.

    Parameters
    ----------
    layer
        Points in EPSG:4326 with the columns of the layer type ``stations``; columns may be missing.
    terrain_m
        Height of the ground at each station, metres above sea; NaN where unknown. Without it
        heights above sea are not detected, and altitudes cannot be used.
    defaults
        Values of a class.

    Returns
    -------
    GeoDataFrame
        Same rows and order. ``network_operator``, ``band``, ``station_type``, ``service_status``:
        in the words of :mod:`layout.core.station_columns`. ``frequency_ghz``,
        ``antenna_height_m`` (above the ground), ``eirp_dbm`` (per resource element), ``azimuths``
        (tuple; empty: omni or unknown), ``built_year`` (NaN: unknown). Flags: ``height_from``,
        ``eirp_from``, ``azimuth_known``, ``nb_iot``. Last
        ``problem``: why the station is not used, empty where it is.

    Raises
    ------
    InputFileError
        The layer has no row, or heights of the table as a whole are above sea.
    """
    if not len(layer):
        raise InputFileError("error.stations_empty")
    defaults = defaults or StationDefaults()
    stations = _worded(layer)
    terrain = np.full(len(layer), np.nan) if terrain_m is None else np.asarray(terrain_m, float)
    altitude = _numbers(layer, c.ALTITUDE)
    heights = _numbers(layer, c.HEIGHT)
    if looks_above_sea(heights, terrain):
        known = int((np.isfinite(heights) & np.isfinite(terrain)).sum())
        raise InputFileError("error.stations_above_sea", stations=known)
    problems = _Problems(stations.index)
    _judge_places(stations, problems)
    _fill_height(stations, heights, altitude, terrain, defaults, problems)
    _fill_eirp(stations, layer, defaults, problems)
    _judge_antennas(stations, layer, problems)
    problems.put("duplicate", _duplicates(stations))
    stations[PROBLEM] = problems.reasons
    return stations


def in_service(stations: gpd.GeoDataFrame, year: int | None = None) -> Flags:
    """Stations that count: no problem, not planned nor closed, built by the end of ``year``.

    A station without a status counts as on air, one without a year as built.
    """
    on_air = ~stations[c.STATUS].isin([c.PLANNED, c.CLOSED]).to_numpy()
    usable: Flags = on_air & (stations[PROBLEM] == "").to_numpy()
    if year is None:
        return usable
    built = stations[c.YEAR].to_numpy(float)
    counted: Flags = usable & ~(built > year)
    return counted


class _Problems:
    """The first reason why each station is not used."""

    def __init__(self, index: pd.Index) -> None:
        self.reasons = pd.Series("", index=index, dtype="object")

    def put(self, reason: str, where: Flags) -> None:
        """Give ``reason`` to the stations of ``where`` that have none yet."""
        self.reasons[where & (self.reasons == "").to_numpy()] = reason

    @property
    def free(self) -> Flags:
        """Stations without a problem so far."""
        return (self.reasons == "").to_numpy()


def _numbers(layer: gpd.GeoDataFrame, column: str) -> Floats:
    if column not in layer:
        return np.full(len(layer), np.nan)
    values: Floats = pd.to_numeric(layer[column], errors="coerce").to_numpy(float, na_value=np.nan)
    return values


def _texts(layer: gpd.GeoDataFrame, column: str) -> pd.Series:
    if column in layer:
        found: pd.Series = layer[column]
        return found
    return pd.Series("", index=layer.index, dtype="object")


def _worded(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A new frame with words in one form and the frequency of each station."""
    band = bands_of(_texts(layer, c.BAND))
    own = _numbers(layer, c.FREQUENCY)
    usual = band.map({name: one.frequency_mhz for name, one in c.BANDS.items()}).to_numpy(float)
    # Sharing stations stay one row: their operators are joined.
    return gpd.GeoDataFrame(
        {
            ID: _texts(layer, ID).astype("object"),
            c.OPERATOR: operators_of(_texts(layer, c.OPERATOR)),
            c.BAND: band,
            c.TYPE: types_of(_texts(layer, c.TYPE)),
            c.STATUS: statuses_of(_texts(layer, c.STATUS)),
            c.YEAR: _numbers(layer, c.YEAR),
            FREQUENCY_GHZ: np.where(np.isfinite(own), own, usual) / 1000.0,
            NB_IOT: band.map({name: one.nb_iot for name, one in c.BANDS.items()}).eq(True),
        },
        geometry=gpd.GeoSeries(layer.geometry.to_numpy(), index=layer.index, crs=layer.crs),
    )


def _judge_places(stations: gpd.GeoDataFrame, problems: _Problems) -> None:
    points = stations.geometry
    problems.put("no_position", (points.isna() | points.is_empty).to_numpy())
    problems.put("unknown_type", (stations[c.TYPE] == "").to_numpy())
    ghz = stations[FREQUENCY_GHZ].to_numpy(float)
    problems.put("unknown_band", np.isnan(ghz))
    problems.put("bad_frequency", (ghz < LOWEST_GHZ) | (ghz > HIGHEST_GHZ))


def _fill_height(
    stations: gpd.GeoDataFrame,
    heights: Floats,
    altitude: Floats,
    terrain: Floats,
    defaults: StationDefaults,
    problems: _Problems,
) -> None:
    """Heights above the ground: given, from the altitude of the antenna, or of the class."""
    source = np.full(len(stations), FROM_CLASS, dtype=object)
    micro = (stations[c.TYPE] == c.MICRO).to_numpy()
    filled = np.where(micro, defaults.micro_height_m, defaults.macro_height_m)
    from_altitude = np.isnan(heights) & np.isfinite(altitude) & np.isfinite(terrain)
    filled[from_altitude] = (altitude - terrain)[from_altitude]
    source[from_altitude] = FROM_ALTITUDE
    given = np.isfinite(heights)
    filled[given], source[given] = heights[given], GIVEN
    stations[c.HEIGHT], stations[HEIGHT_FROM] = filled, source
    outdoor = (stations[c.TYPE] != c.INDOOR).to_numpy()
    problems.put("height_above_sea", outdoor & ~above_ground(heights, terrain))
    problems.put("bad_height", outdoor & ((filled < LEAST_M) | (filled > HIGHEST_M)))


def _fill_eirp(
    stations: gpd.GeoDataFrame,
    layer: gpd.GeoDataFrame,
    defaults: StationDefaults,
    problems: _Problems,
) -> None:
    """EIRP of a resource element: given, from total power and bandwidth, or of the class."""
    eirp, power = _numbers(layer, c.EIRP), _numbers(layer, c.POWER)
    width, gain = _numbers(layer, c.BANDWIDTH), _numbers(layer, c.GAIN)
    spacing = _numbers(layer, c.SPACING)
    narrow = (stations[FREQUENCY_GHZ].to_numpy(float) * 1000.0 < 3000.0) & (width <= 50)
    # Where a table does not say: 30 kHz, but 15 kHz on the narrow carriers below 1 GHz and NB-IoT.
    usual = np.where(narrow & (stations[FREQUENCY_GHZ] < LOW_BAND_MHZ / 1000.0), 15.0, 30.0)
    spacing = np.where(np.isfinite(spacing), spacing, usual)
    told = np.isfinite(power) & np.isfinite(width) & np.isfinite(gain)
    converted = eirp_per_re(power, width, gain, spacing_khz=spacing, strict=False)
    source = np.full(len(stations), FROM_CLASS, dtype=object)
    filled = _class_eirp(stations, defaults)
    filled[told], source[told] = converted[told], FROM_POWER
    given = np.isfinite(eirp)
    filled[given], source[given] = eirp[given], GIVEN
    stations[EIRP_DBM], stations[EIRP_FROM] = filled, source
    outdoor = (stations[c.TYPE] != c.INDOOR).to_numpy()
    problems.put("bad_carrier", outdoor & told & ~given & np.isnan(converted))
    problems.put("bad_eirp", outdoor & ((filled < LEAST_EIRP_DBM) | (filled > MOST_EIRP_DBM)))


def _class_eirp(stations: gpd.GeoDataFrame, defaults: StationDefaults) -> Floats:
    low = stations[FREQUENCY_GHZ].to_numpy(float) * 1000.0 < LOW_BAND_MHZ
    values = np.where(low, defaults.low_band_eirp_dbm, defaults.macro_eirp_dbm)
    values = np.where((stations[c.TYPE] == c.MICRO).to_numpy(), defaults.micro_eirp_dbm, values)
    filled: Floats = np.where(stations[NB_IOT].to_numpy(), defaults.nb_iot_eirp_dbm, values)
    return filled


def _judge_antennas(
    stations: gpd.GeoDataFrame, layer: gpd.GeoDataFrame, problems: _Problems
) -> None:
    read: dict[Any, tuple[float, ...] | None] = {}
    wrong = set()
    texts = _texts(layer, c.AZIMUTHS)
    for value in texts.unique():
        try:
            read[value] = azimuths_of(value)
        except ValueError:
            wrong.add(value)
            read[value] = None
    angles = [read[value] for value in texts]
    stations[c.AZIMUTHS] = pd.Series([a or () for a in angles], index=stations.index, dtype=object)
    stations[AZIMUTH_KNOWN] = [a is not None for a in angles]
    outdoor = (stations[c.TYPE] != c.INDOOR).to_numpy()
    problems.put("bad_azimuth", outdoor & texts.isin(wrong).to_numpy())


def _duplicates(stations: gpd.GeoDataFrame) -> Flags:
    """Rows that repeat an earlier one: same operators, band, type, antenna, within a metre."""
    points = stations.geometry
    key = pd.DataFrame(
        {
            "lon": points.x.round(5),
            "lat": points.y.round(5),
            "operator": stations[c.OPERATOR],
            "band": stations[c.BAND],
            "ghz": stations[FREQUENCY_GHZ],
            "type": stations[c.TYPE],
            "height": stations[c.HEIGHT],
            "status": stations[c.STATUS],
            "azimuths": stations[c.AZIMUTHS].map(str),
        }
    )
    repeated: Flags = key.duplicated(keep="first").to_numpy()
    # Indoor systems share a building and a point: only their ids can tell them apart.
    indoor = (stations[c.TYPE] == c.INDOOR).to_numpy()
    same_id = stations[ID].where(stations[ID] != "").duplicated().to_numpy()
    named = stations[ID].notna().to_numpy() & (stations[ID] != "").to_numpy()
    duplicates: Flags = repeated & (~indoor | (same_id & named))
    return duplicates
