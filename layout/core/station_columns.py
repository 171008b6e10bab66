"""Columns and words of a table of base stations, once: operators, bands, types, status."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

OPERATOR: Final = "network_operator"
BAND: Final = "band"
FREQUENCY: Final = "frequency_mhz"
TYPE: Final = "station_type"
HEIGHT: Final = "antenna_height_m"
ALTITUDE: Final = "antenna_asl_m"
EIRP: Final = "eirp_re_dbm"
POWER: Final = "power_dbm"
BANDWIDTH: Final = "bandwidth_mhz"
SPACING: Final = "spacing_khz"
GAIN: Final = "gain_dbi"
AZIMUTHS: Final = "azimuths"
STATUS: Final = "service_status"
YEAR: Final = "built_year"

MACRO: Final = "macro"
MICRO: Final = "micro"
INDOOR: Final = "indoor"
TYPES: Final = (MACRO, MICRO, INDOOR)

ON_AIR: Final = "on_air"
PLANNED: Final = "planned"
CLOSED: Final = "closed"

SEPARATOR: Final = ";"
"""Between the operators that share a station, and between azimuths."""


@dataclass(frozen=True)
class Band:
    """A band of mobile networks as a table of stations names it.

    Attributes
    ----------
    name
        Short name of 3GPP (NB-IoT carriers: ``nb`` and the band).
    frequency_mhz
        Middle of the downlink carriers that Chinese operators use, MHz; taken where a table gives
        no frequency of its own.
    zh, en
        In words.
    nb_iot
        It carries NB-IoT, not 5G.
    """

    name: str
    frequency_mhz: float
    zh: str
    en: str
    nb_iot: bool = False


BANDS: Final = MappingProxyType(
    {
        band.name: band
        for band in (
            Band("n28", 773.0, "700 MHz（n28）", "700 MHz (n28)"),
            Band("n8", 954.0, "900 MHz（n8）", "900 MHz (n8)"),
            Band("n1", 2140.0, "2.1 GHz（n1）", "2.1 GHz (n1)"),
            Band("n41", 2565.0, "2.6 GHz（n41）", "2.6 GHz (n41)"),
            Band("n78", 3500.0, "3.5 GHz（n78）", "3.5 GHz (n78)"),
            Band("n79", 4900.0, "4.9 GHz（n79）", "4.9 GHz (n79)"),
            Band("nb5", 875.0, "NB-IoT 800 MHz", "NB-IoT 800 MHz", nb_iot=True),
            Band("nb8", 948.5, "NB-IoT 900 MHz", "NB-IoT 900 MHz", nb_iot=True),
        )
    }
)
"""Bands by name; frequencies after the licences (``network_facts.csv``, N001 to N014)."""

OPERATORS: Final = MappingProxyType(
    {
        "CMCC": ("中国移动", "China Mobile"),
        "CTCC": ("中国电信", "China Telecom"),
        "CUCC": ("中国联通", "China Unicom"),
        "CBN": ("中国广电", "China Broadnet"),
    }
)
"""Operators by short name: Chinese and English."""
