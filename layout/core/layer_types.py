"""Every optional layer of a study beside firms and zones, once: name, kind, columns, words.

A layer is a planner's file (``layout run --add NAME=FILE``, ``layout layer``), a table of the
city's shipped facts, or synthetic (``layout demo``). What is not loaded is never imputed.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from layout.core.result import Bilingual

Shape = Literal["points", "lines", "polygons", "raster", "table"]
"""A table has rows without positions."""
ColumnKind = Literal["text", "number", "integer", "flag", "date"]

ID: Final = "id"
NAME_ZH: Final = "name_zh"
NAME_EN: Final = "name_en"
SYNTHETIC: Final = "synthetic"
SOURCE: Final = "source"


@dataclass(frozen=True)
class LayerColumn:
    """A column of a layer.

    Attributes
    ----------
    name
        Name in the study; carries its unit.
    kind
        What its values are.
    zh, en
        Labels for people.
    meaning
        What a value says, with unit and range.
    aliases
        Headers it has in files, without case, spaces and brackets.
    required
        A file without it is refused.
    low, high
        Bounds of numbers, both allowed; None where there is none.
    """

    name: str
    kind: ColumnKind
    zh: str
    en: str
    meaning: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class LayerType:
    """A layer that a study may hold.

    Attributes
    ----------
    name
        Name in ``inputs.yaml``, in the study and in exports.
    shape
        What its features are.
    title
        For people.
    columns
        What its features carry beside ``id``, ``name_zh``, ``name_en``, ``synthetic`` and
        ``source``.
    unit
        Unit of a raster's values.
    """

    name: str
    shape: Shape
    title: Bilingual
    columns: tuple[LayerColumn, ...] = ()
    unit: str = ""

    @property
    def file(self) -> str:
        """Its file in a study folder."""
        return f"layers/{self.name}.{'tif' if self.shape == 'raster' else 'parquet'}"


COMMON: Final = (
    LayerColumn(ID, "text", "编号", "Id", "unique in the layer", ("id", "编号", "代码", "code")),
    LayerColumn(
        NAME_ZH, "text", "名称", "Name (Chinese)", "name in Chinese",
        ("name", "namezh", "名称", "中文名称", "站名", "站点名称"),
    ),
    LayerColumn(NAME_EN, "text", "英文名称", "Name (English)", "name in English", ("nameen",)),
)  # fmt: skip
"""Columns that every layer of features has; an id is made where a file has none."""

_FACT = (
    LayerColumn("type", "text", "类型", "Type", "kind of facility", ("类型",)),
    LayerColumn("district_id", "text", "区", "District", "id of the district"),
    LayerColumn(
        "position_uncertainty_m", "number", "位置误差（米）", "Position uncertainty, m",
        "half-width that would not surprise, metres", low=0,
    ),
    LayerColumn("confidence", "number", "置信度", "Confidence", "0 to 1", low=0, high=1),
)  # fmt: skip

_PLACE = (
    LayerColumn(
        "type", "text", "类型", "Type", "what kind of place, in the planner's words",
        ("类型", "类别"),
    ),
    LayerColumn(
        "status", "text", "状态", "Status", "in use, being built, planned or closed",
        ("状态", "建设状态", "进展"),
    ),
    LayerColumn(
        "district_id", "text", "区", "District",
        "id of the district; by its point where empty", ("区代码",),
    ),
)  # fmt: skip

_TYPES: tuple[LayerType, ...] = (
    LayerType(
        "carriers", "points", Bilingual("科研载体与平台", "Research carriers and platforms"),
        (
            *_FACT,
            LayerColumn("level", "text", "级别", "Level", "national, provincial, municipal"),
            LayerColumn("sectors", "text", "服务领域", "Sectors", "sector ids joined by ;"),
            LayerColumn("established", "text", "成立年份", "Established", "year"),
            LayerColumn("in_plan", "text", "方案点名", "Named in the plan", "是 or 否"),
        ),
    ),
    LayerType(
        "data_centres", "points", Bilingual("数据中心与算力设施", "Data centres"),
        (
            *_FACT[1:],
            LayerColumn("operator", "text", "运营单位", "Operator", "who runs it"),
            LayerColumn("racks", "number", "标准机架数", "Racks", "standard racks", low=0),
            LayerColumn("kw_per_rack", "number", "单机架功率（千瓦）", "kW a rack", "kW", low=0),
            LayerColumn("mw_it", "number", "IT 功率（兆瓦）", "IT load, MW", "MW, design", low=0),
            LayerColumn("pue", "number", "PUE", "PUE", "power usage effectiveness", low=1, high=4),
            LayerColumn("status", "text", "状态", "Status", "in use, planned, …"),
            LayerColumn("kind", "text", "口径", "Kind", "physical, computing_power or portfolio"),
            LayerColumn("countable", "integer", "可计入合计", "Countable", "1: may be summed"),
        ),
    ),
    LayerType(
        "infrastructure", "points", Bilingual("网络与节点设施", "Network and node facilities"),
        (
            LayerColumn("facility_type", "text", "设施类型", "Facility type", "5G, exchange, …"),
            LayerColumn("metric", "text", "指标", "Metric", "what the value says"),
            LayerColumn("period", "text", "时期", "Period", "date of the value"),
            LayerColumn("value", "number", "数值", "Value", "in the unit beside it"),
            LayerColumn("unit", "text", "单位", "Unit", "unit of the value"),
            LayerColumn("value_kind", "text", "数值性质", "Kind of value", "actual, target, …"),
            LayerColumn("district_id", "text", "区", "District", "id of the district"),
            LayerColumn("confidence", "number", "置信度", "Confidence", "0 to 1", low=0, high=1),
        ),
    ),
    LayerType(
        "ai_scenes", "points", Bilingual("人工智能示范场景", "AI demonstration scenes"), _PLACE
    ),
    LayerType(
        "cross_border_parks", "points",
        Bilingual("跨境电商示范园区与保税区", "Cross-border parks and bonded zones"), _PLACE,
    ),
    LayerType(
        "creative_venues", "points", Bilingual("数字创意与文化场馆", "Creative venues"), _PLACE
    ),
    LayerType(
        "substations", "points", Bilingual("变电站", "Power substations"),
        (
            LayerColumn("voltage_kv", "number", "电压等级（千伏）", "Voltage, kV", "kV",
                        ("电压等级", "电压", "voltage"), low=0, high=1100),
            LayerColumn("spare_mva", "number", "可开放容量（兆伏安）", "Spare capacity, MVA",
                        "MVA that can still be taken; empty is unknown",
                        ("可开放容量", "剩余容量", "spare"), low=0),
        ),
    ),
    LayerType(
        "exchange_points", "points", Bilingual("网络交换与接入点", "Exchange and fibre points"),
        (
            LayerColumn("kind", "text", "类别", "Kind",
                        "anchor: the national exchange that latency is counted to; exchange; pop",
                        ("类别", "类型", "type")),
        ),
    ),
    LayerType(
        "roads", "lines", Bilingual("道路", "Roads"),
        (
            LayerColumn("class", "text", "道路等级", "Class",
                        "motorway, trunk, primary, secondary, …",
                        ("道路等级", "等级", "highway", "fclass"), required=True),
        ),
    ),
    LayerType("railways", "lines", Bilingual("铁路", "Railways")),
    LayerType("metro_lines", "lines", Bilingual("地铁线路", "Metro lines")),
    LayerType(
        "airports", "polygons", Bilingual("机场与航道范围", "Airports and flight paths"),
        (
            LayerColumn("part", "text", "部位", "Part",
                        "airfield, or flight_path for the area below approach and departure",
                        ("部位",), required=True),
        ),
    ),
    LayerType("water", "polygons", Bilingual("水域", "Water")),
    LayerType(
        "ecological_line", "polygons", Bilingual("基本生态控制线", "Ecological control line")
    ),
    LayerType(
        "flood_zones", "polygons", Bilingual("洪涝风险区", "Flood zones"),
        (
            LayerColumn("return_period_years", "number", "重现期（年）", "Return period, years",
                        "flooded once in so many years; empty is unknown", ("重现期",), low=1),
        ),
    ),
    LayerType(
        "hazard_zones", "polygons", Bilingual("断层与滑坡危险区", "Fault and landslide zones")
    ),
    LayerType("housing", "polygons", Bilingual("居住用地", "Housing")),
    LayerType("car_parks", "polygons", Bilingual("公共停车场", "Public car parks")),
    LayerType(
        "hazardous_sites", "points", Bilingual("危险源", "Hazardous sites"),
        (
            LayerColumn("kind", "text", "类别", "Kind",
                        "plant or store (class 甲, 乙), landfill, explosives, nuclear",
                        ("类别", "类型"), required=True),
        ),
    ),
    LayerType(
        "parcels", "polygons", Bilingual("候选地块与既有厂房", "Candidate parcels and buildings"),
        (
            LayerColumn("kind", "text", "类别", "Kind", "parcel or building", ("类别", "类型")),
            LayerColumn("floor_m2", "number", "建筑面积（平方米）", "Floor area, m²", "m²",
                        ("建筑面积",), low=0),
            LayerColumn("floor_load_kpa", "number", "楼面荷载（千牛/平方米）", "Floor load, kN/m²",
                        "live load of the floors, kN/m²", ("楼面荷载", "荷载"), low=0),
        ),
    ),
    LayerType(
        "stations", "points", Bilingual("移动通信基站", "Base stations"),
        (
            LayerColumn(
                "network_operator", "text", "运营商", "Network operator",
                "one of the four operators, or several that share the station",
                ("operator", "运营商", "建设单位", "所属运营商", "运营企业"), required=True,
            ),
            LayerColumn(
                "band", "text", "频段", "Band", "n28, n41, n78, n79, 2.6GHz, 700MHz, NB-IoT …",
                ("频段", "工作频段", "制式频段", "网络制式"), required=True,
            ),
            LayerColumn(
                "frequency_mhz", "number", "下行中心频率（MHz）", "Downlink frequency, MHz",
                "middle of the carrier, MHz; the band's usual one where empty",
                ("中心频率", "频率", "下行频率", "frequency"),
            ),
            LayerColumn(
                "station_type", "text", "站型", "Station type", "macro, micro or indoor",
                ("站型", "基站类型", "站点类型", "类型", "type", "stationtype"), required=True,
            ),
            LayerColumn(
                "antenna_height_m", "number", "天线离地高度（米）", "Antenna above ground, m",
                "metres above the ground",
                ("挂高", "天线挂高", "高度", "站高", "height", "heightm"),
            ),
            LayerColumn(
                "antenna_asl_m", "number", "天线海拔（米）", "Antenna above sea, m",
                "metres above sea; needs terrain", ("天线海拔", "海拔", "altitude", "asl"),
            ),
            LayerColumn(
                "eirp_re_dbm", "number", "每资源单元 EIRP（dBm）", "EIRP per resource element, dBm",
                "dBm a resource element", ("eirp", "每re功率", "参考信号功率"),
            ),
            LayerColumn(
                "power_dbm", "number", "总发射功率（dBm）", "Total power, dBm",
                "of the carrier at the antenna, dBm", ("功率", "发射功率", "总功率", "power"),
            ),
            LayerColumn(
                "bandwidth_mhz", "number", "载波带宽（MHz）", "Bandwidth, MHz", "MHz",
                ("带宽", "载波带宽", "bandwidth"),
            ),
            LayerColumn(
                "spacing_khz", "number", "子载波间隔（kHz）", "Subcarrier spacing, kHz",
                "15 or 30 kHz", ("子载波间隔", "scs"),
            ),
            LayerColumn(
                "gain_dbi", "number", "天线增益（dBi）", "Antenna gain, dBi",
                "less feeder loss, dBi", ("增益", "天线增益", "gain"),
            ),
            LayerColumn(
                "azimuths", "text", "方位角", "Azimuths",
                "degrees from north joined by ;, or omni", ("方位角", "方向角", "azimuth"),
            ),
            LayerColumn(
                "service_status", "text", "站点状态", "Service status", "on air, planned or closed",
                ("状态", "站点状态", "在网状态", "status"),
            ),
            LayerColumn(
                "built_year", "integer", "开通年份", "Built", "year it went on air",
                ("年份", "开通年份", "建设年份", "入网年份", "year"),
            ),
        ),
    ),
    LayerType(
        "signal_points", "points", Bilingual("实测信号点", "Measured signal"),
        (
            LayerColumn(
                "rsrp_dbm", "number", "实测 SS-RSRP（dBm）", "Measured SS-RSRP, dBm", "dBm",
                ("rsrp", "ssrsrp", "信号强度"), required=True, low=-160, high=-20,
            ),
            LayerColumn(
                "network_operator", "text", "运营商", "Network operator",
                "operator that was measured", ("operator", "运营商"),
            ),
            LayerColumn("band", "text", "频段", "Band", "band that was measured", ("频段",)),
            LayerColumn("measured_on", "date", "测量日期", "Measured on", "date", ("日期", "date")),
        ),
    ),
    LayerType(
        "network_rates", "table", Bilingual("各区网络指标", "Network figures by district"),
        (
            LayerColumn(
                "district_id", "text", "区", "District", "id of the district",
                ("区", "区代码", "行政区", "district"), required=True,
            ),
            LayerColumn(
                "stations_5g", "number", "5G基站数（个）", "5G stations",
                "stations as reported, indoor ones included", ("5g基站数", "基站数"), low=0,
            ),
            LayerColumn(
                "stations_nb_iot", "number", "NB-IoT站点数（个）", "NB-IoT sites",
                "sites as reported", ("nbiot站点数", "nbiot基站数"), low=0,
            ),
            LayerColumn(
                "ipv6_user_percent", "number", "IPv6用户普及率（%）", "IPv6 users, %",
                "users with an IPv6 address in use, % of all users",
                ("ipv6用户普及率", "ipv6活跃用户占比"), low=0, high=100,
            ),
            LayerColumn(
                "ipv6_access_percent", "number", "IPv6网络接入覆盖率（%）", "IPv6 access, %",
                "ports or cells that can carry IPv6, % of all",
                ("网络接入覆盖率", "ipv6接入覆盖率"), low=0, high=100,
            ),
            LayerColumn("figure_date", "text", "统计时点", "Date of the figures", "year or date",
                        ("日期", "统计时点", "date")),
        ),
    ),
    LayerType("terrain", "raster", Bilingual("地面高程", "Terrain"), unit="m"),
    LayerType(
        "surface", "raster", Bilingual("地表高程（含建筑）", "Surface with buildings"), unit="m"
    ),
    LayerType("population", "raster", Bilingual("常住人口（人/格）", "Population, persons a cell")),
)  # fmt: skip

LAYER_TYPES: Final = MappingProxyType({layer.name: layer for layer in _TYPES})
"""All types by name."""

PLACES: Final = ("ai_scenes", "cross_border_parks", "creative_venues")
"""Layers of places that a district's profile counts by type and status."""

SHIPPED: Final = ("carriers", "data_centres", "infrastructure")
"""Layers that are made of the city's tables of facts where a planner gives none."""
