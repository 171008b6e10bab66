"""Every optional layer of a study beside firms and zones, once: name, kind, columns, words.

A layer is a planner's file (``layout run --add NAME=FILE``, ``layout layer``), a table of the
city's shipped facts, or synthetic (``layout demo``). What is not loaded is never imputed.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from layout.core.result import Bilingual

Shape = Literal["points", "lines", "polygons", "raster"]
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
)  # fmt: skip

LAYER_TYPES: Final = MappingProxyType({layer.name: layer for layer in _TYPES})
"""All types by name."""

SHIPPED: Final = ("carriers", "data_centres", "infrastructure")
"""Layers that are made of the city's tables of facts where a planner gives none."""
