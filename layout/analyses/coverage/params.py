"""Settings of the coverage estimate."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, field_validator

from layout.core.config import Params
from layout.prepare.stations import StationDefaults

Operator = Literal["any", "CMCC", "CTCC", "CUCC", "CBN"]
BandChoice = Literal["any", "n28", "n8", "n1", "n41", "n78", "n79", "nb_iot"]

ANY: Final = "any"
NB_IOT: Final = "nb_iot"


class CoverageParams(Params):
    """Settings of the coverage estimate."""

    operator: Operator = Field(
        "any", title="运营商 | Operator", description="any: covered by at least one operator"
    )
    band: BandChoice = Field(
        "any",
        title="频段 | Band",
        description="any: all 5G bands; nb_iot: the carriers of NB-IoT, which are not 5G",
    )
    year: int = Field(
        0,
        ge=0,
        le=2100,
        title="年份 | Year",
        description="stations built by the end of that year; 0: all that are on air",
    )
    threshold_dbm: float = Field(
        -105.0,
        ge=-140.0,
        le=-60.0,
        title="覆盖门限（dBm） | Threshold, dBm",
        description="SS-RSRP of a resource element from which a place is covered; a usual value, "
        "no official text",
    )
    place: Literal["outdoor", "indoor"] = Field(
        "outdoor",
        title="室外或室内 | Outdoors or indoors",
        description="indoors: outdoor signal less the loss of walls (TR 38.901, 7.4.3); indoor "
        "systems are not modelled",
    )
    certainty: Literal["mean", "p90"] = Field(
        "mean",
        title="判定口径 | Counted as covered",
        description="mean: the expected signal meets the threshold; p90: it does with a "
        "probability of 90 % (shadow fading)",
    )
    building: Literal["low", "high"] = Field(
        "low",
        title="墙体损耗 | Walls",
        description="low or high loss of walls by TR 38.901, table 7.4.3-2",
    )
    cell_m: int = Field(
        50,
        ge=10,
        le=200,
        title="格宽（米） | Cell, m",
        description="width of the cells of all rasters, metres",
    )
    max_radius_m: int = Field(
        2000,
        ge=200,
        le=5000,
        title="最大半径（米） | Largest radius, m",
        description="no station is followed further; within it the radius comes from the link "
        "budget. The model is valid to 5 km",
    )
    use_terrain: bool = Field(
        True,
        title="考虑地形 | Terrain",
        description="obstruction by terrain where the study has the raster ‘terrain’",
    )
    rural_districts: tuple[str, ...] = Field(
        (),
        title="按乡村模型的区 | Rural districts",
        description="ids of districts whose macro stations take the rural model (RMa)",
    )
    macro_height_m: float = Field(
        25.0,
        ge=10.0,
        le=60.0,
        title="宏站缺省挂高（米） | Macro height, m",
        description="height above the ground where a table gives none; an assumption",
    )
    micro_height_m: float = Field(
        10.0,
        ge=3.0,
        le=25.0,
        title="微站缺省挂高（米） | Micro height, m",
        description="height above the ground where a table gives none; an assumption",
    )
    macro_eirp_dbm: float = Field(
        38.0,
        ge=10.0,
        le=50.0,
        title="宏站缺省 EIRP（dBm） | Macro EIRP, dBm",
        description="of a resource element, where a table gives no power; 53 dBm over 100 MHz and "
        "20 dBi; an assumption",
    )
    low_band_eirp_dbm: float = Field(
        34.0,
        ge=10.0,
        le=50.0,
        title="低频宏站缺省 EIRP（dBm） | Macro EIRP below 1 GHz, dBm",
        description="of a resource element, where a table gives no power; an assumption",
    )
    micro_eirp_dbm: float = Field(
        16.0,
        ge=-10.0,
        le=40.0,
        title="微站缺省 EIRP（dBm） | Micro EIRP, dBm",
        description="of a resource element: 40 dBm over 100 MHz and 11 dBi; an assumption",
    )
    nb_iot_eirp_dbm: float = Field(
        40.0,
        ge=10.0,
        le=50.0,
        title="NB-IoT 缺省 EIRP（dBm） | NB-IoT EIRP, dBm",
        description="of a subcarrier, where a table gives no power; an assumption",
    )
    by_cluster: bool = Field(
        True,
        title="按集群统计 | By cluster",
        description="covered area and firms of each cluster of the analysis ‘clusters’ with its "
        "usual settings",
    )
    sensitivity: bool = Field(
        True,
        title="缺省值敏感性 | Effect of the class values",
        description="compute again with unknown heights ±5 m and unknown power ±3 dB, on coarser "
        "cells",
    )
    min_gap_km2: float = Field(
        0.02,
        ge=0.0,
        le=10.0,
        title="盲区最小面积（平方公里） | Smallest white spot, km²",
        description="smaller ones are not drawn unless firms are in them",
    )
    new_sites: int = Field(
        5,
        ge=0,
        le=50,
        title="新增站址数 | New sites",
        description="sites proposed for the firms that are not covered",
    )
    candidates: tuple[Literal["grid", "parks", "masts"], ...] = Field(
        ("grid", "parks", "masts"),
        title="候选站址 | Candidates",
        description="grid: places among firms that are not covered; parks: their centres; masts: "
        "places of existing stations",
    )
    new_height_m: float = Field(
        25.0,
        ge=10.0,
        le=60.0,
        title="新站挂高（米） | Height of a new site, m",
        description="metres above the ground",
    )
    new_eirp_dbm: float = Field(
        38.0,
        ge=0.0,
        le=50.0,
        title="新站 EIRP（dBm） | EIRP of a new site, dBm",
        description="of a resource element",
    )
    new_band: Literal["n28", "n8", "n1", "n41", "n78", "n79", "nb8"] = Field(
        "n41", title="新站频段 | Band of a new site", description="band of proposed and tried sites"
    )
    fit_measured: bool = Field(
        False,
        title="用实测校正 | Fit to measurements",
        description="apply offset and slope fitted to the layer ‘signal_points’",
    )
    try_lon: float | None = Field(
        None,
        ge=73.0,
        le=136.0,
        title="试验站经度 | Longitude of a station to try",
        description="degrees, WGS 84; empty: none is tried",
    )
    try_lat: float | None = Field(
        None,
        ge=3.0,
        le=54.0,
        title="试验站纬度 | Latitude of a station to try",
        description="degrees, WGS 84",
    )

    @field_validator("candidates")
    @classmethod
    def _some_candidates(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("give at least one of grid, parks, masts")
        return value

    @property
    def defaults(self) -> StationDefaults:
        """Values of a class, for what a table does not say."""
        return StationDefaults(
            macro_height_m=self.macro_height_m,
            micro_height_m=self.micro_height_m,
            macro_eirp_dbm=self.macro_eirp_dbm,
            low_band_eirp_dbm=self.low_band_eirp_dbm,
            micro_eirp_dbm=self.micro_eirp_dbm,
            nb_iot_eirp_dbm=self.nb_iot_eirp_dbm,
        )

    @property
    def tries(self) -> bool:
        """A station is tried."""
        return self.try_lon is not None and self.try_lat is not None
