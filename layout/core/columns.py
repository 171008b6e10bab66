"""Every column of the project, once: name, type, unit, labels, meaning and names in files.

Readers map the headers of a file to these names through the aliases; everything after a reader
uses the names only. A column of a year is a family: ``revenue_cny_2023`` is ``REVENUE.of(2023)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import pyarrow as pa

YEARS: Final = (2019, 2020, 2021, 2022, 2023)


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    name
        Name in stored files; carries the unit where there is one.
    type
        Arrow type in stored files.
    zh, en
        Labels for people.
    meaning
        What a value says, with unit and range.
    aliases
        Headers it has in files, without case, spaces and brackets.
    given
        The column may stand in a user's file; otherwise the program computes it.
    """

    name: str
    type: pa.DataType
    zh: str
    en: str
    meaning: str
    aliases: tuple[str, ...] = ()
    given: bool = False


@dataclass(frozen=True)
class ColumnFamily:
    """The same column for several years."""

    stem: str
    type: pa.DataType
    zh: str
    en: str
    meaning: str
    aliases: tuple[str, ...] = ()

    def of(self, year: int) -> str:
        """The column's name for ``year``."""
        return f"{self.stem}_{year}"


CODE: Final = "credit_code"
NAME: Final = "name"
REGISTERED_ADDRESS: Final = "registered_address"
OPERATING_ADDRESS: Final = "operating_address"
INDUSTRY_CODE: Final = "industry_code"
BUSINESS_SCOPE: Final = "business_scope"
ESTABLISHED: Final = "established"
STATUS: Final = "status"
CAPITAL: Final = "registered_capital_cny"
HIGH_TECH: Final = "high_tech"
LON: Final = "lon"
LAT: Final = "lat"
BATCH: Final = "batch"
NATURE: Final = "nature"
LINE: Final = "source_line"
FLAGS: Final = "flags"
ORIGINALS: Final = "original_values"
SECTOR_1: Final = "sector_1"
SECTOR_2: Final = "sector_2"
SECTOR_3: Final = "sector_3"
SECTORS: Final = (SECTOR_1, SECTOR_2, SECTOR_3)
SHARE_1: Final = "share_1"
SHARE_2: Final = "share_2"
SHARE_3: Final = "share_3"
SHARES: Final = (SHARE_1, SHARE_2, SHARE_3)
SCOPE: Final = "scope"
SUB_FIELDS: Final = "sub_fields"
XINCHUANG: Final = "xinchuang"
PLATFORM: Final = "platform_firm"
DISTRICT: Final = "district_id"
LOCATION: Final = "location"
SUBDISTRICT: Final = "subdistrict_id"
PARK: Final = "park_id"
PARKS: Final = "park_ids"
OVERLAYS: Final = "overlay_ids"
STATED_DISTRICT: Final = "stated_district_id"
GEOMETRY: Final = "geometry"
BBOX: Final = "bbox"
REASONS: Final = "reasons"
RAW_RECORD: Final = "unparsed_record"

REVENUE: Final = ColumnFamily(
    "revenue_cny",
    pa.int64(),
    "营业收入",
    "Revenue",
    "annual operating revenue, whole yuan (CNY); null where unknown",
    ("营业收入", "营收", "主营业务收入", "年营业收入", "revenue", "operatingrevenue", "turnover"),
)
EMPLOYEES: Final = ColumnFamily(
    "employees",
    pa.int64(),
    "从业人数",
    "Employees",
    "persons employed at the end of the year; null where unknown",
    ("从业人数", "从业人员", "员工人数", "从业人员期末人数", "employees", "employment", "staff"),
)
FAMILIES: Final = (REVENUE, EMPLOYEES)

_SECTOR = pa.dictionary(pa.int8(), pa.string())
_ID = pa.dictionary(pa.int32(), pa.string())

_COLUMNS: tuple[Column, ...] = (
    Column(
        CODE,
        pa.string(),
        "统一社会信用代码",
        "Unified social credit code",
        "18 characters after GB 32100-2015",
        (
            "统一社会信用代码",
            "社会信用代码",
            "信用代码",
            "统一代码",
            "creditcode",
            "usci",
            "uscc",
            "unifiedsocialcreditcode",
            "code",
        ),
        given=True,
    ),
    Column(
        NAME,
        pa.string(),
        "企业名称",
        "Firm name",
        "registered name",
        (
            "企业名称",
            "公司名称",
            "单位名称",
            "单位详细名称",
            "名称",
            "机构名称",
            "市场主体名称",
            "firmname",
            "companyname",
            "company",
            "firm",
            "name",
            "namezh",
        ),
        given=True,
    ),
    Column(
        REGISTERED_ADDRESS,
        pa.string(),
        "注册地址",
        "Registered address",
        "as registered",
        (
            "注册地址",
            "住所",
            "企业住所",
            "注册地",
            "地址",
            "单位注册地",
            "registeredaddress",
            "address",
        ),
        given=True,
    ),
    Column(
        OPERATING_ADDRESS,
        pa.string(),
        "经营地址",
        "Operating address",
        "where the firm works",
        (
            "经营地址",
            "经营场所",
            "生产经营地址",
            "办公地址",
            "通讯地址",
            "单位所在地",
            "operatingaddress",
            "businessaddress",
            "officeaddress",
        ),
        given=True,
    ),
    Column(
        INDUSTRY_CODE,
        pa.string(),
        "行业代码",
        "Industry code",
        "GB/T 4754-2017, 4 digits",
        (
            "行业代码",
            "行业小类代码",
            "国民经济行业代码",
            "行业类别代码",
            "industrycode",
            "gbt4754",
            "gbt4754code",
            "gb4754",
            "industry",
        ),
        given=True,
    ),
    Column(
        BUSINESS_SCOPE,
        pa.string(),
        "经营范围",
        "Business scope",
        "as registered",
        ("经营范围", "经营业务范围", "主营业务", "businessscope", "scope", "scopetext"),
        given=True,
    ),
    Column(
        ESTABLISHED,
        pa.date32(),
        "成立日期",
        "Date of establishment",
        "day of registration",
        (
            "成立日期",
            "成立时间",
            "注册日期",
            "设立日期",
            "开业时间",
            "established",
            "foundedon",
            "dateestablished",
            "registrationdate",
        ),
        given=True,
    ),
    Column(
        STATUS,
        pa.dictionary(pa.int8(), pa.string()),
        "登记状态",
        "Registration status",
        "active, moved, cancelled, revoked or unknown",
        ("登记状态", "经营状态", "企业状态", "status", "registrationstatus"),
        given=True,
    ),
    Column(
        CAPITAL,
        pa.int64(),
        "注册资本",
        "Registered capital",
        "whole yuan (CNY)",
        ("注册资本", "注册资金", "registeredcapital", "capital"),
        given=True,
    ),
    Column(
        HIGH_TECH,
        pa.bool_(),
        "高新技术企业",
        "High-tech enterprise",
        "holds the designation",
        ("高新技术企业", "是否高新技术企业", "国高", "hightech", "hightechenterprise"),
        given=True,
    ),
    Column(
        LON,
        pa.float64(),
        "经度",
        "Longitude",
        "WGS 84, degrees",
        (
            "经度",
            "lon",
            "lng",
            "long",
            "longitude",
            "x",
            "x坐标",
            "lonwgs84",
            "经度lon",
            "lngwgs84",
            "经度坐标",
        ),
        given=True,
    ),
    Column(
        LAT,
        pa.float64(),
        "纬度",
        "Latitude",
        "WGS 84, degrees",
        ("纬度", "lat", "latitude", "y", "y坐标", "latwgs84", "纬度lat", "纬度坐标"),
        given=True,
    ),
    Column(
        BATCH,
        pa.string(),
        "数据批次",
        "Delivery batch",
        "name of the delivery a row came with",
        ("数据批次", "批次", "批次号", "交付批次", "batch", "batchid", "deliverybatch"),
        given=True,
    ),
    Column(
        NATURE,
        pa.string(),
        "数据性质",
        "Nature of the data",
        "合成 (synthetic) or 实际 (actual)",
        ("数据性质", "数据类型说明", "nature", "datanature", "synthetic"),
        given=True,
    ),
    Column(LINE, pa.int64(), "原行号", "Source line", "line in the source file, first line 1"),
    Column(
        FLAGS,
        pa.dictionary(pa.int32(), pa.string()),
        "质量标记",
        "Quality flags",
        "codes of layout.core.faults joined by ';', empty where there is none",
    ),
    Column(
        ORIGINALS,
        pa.string(),
        "原始值",
        "Original values",
        "JSON object of the values that were not taken as they stood, by header; null where none",
    ),
    Column(
        REASONS, pa.string(), "拒绝原因", "Reasons", "codes of layout.core.faults joined by ';'"
    ),
    Column(
        RAW_RECORD,
        pa.string(),
        "未拆分的记录",
        "Unparsed record",
        "a rejected record that could not be cut into the columns, as it stood",
    ),
    Column(SECTOR_1, _SECTOR, "主要领域", "Primary sector", "S01 to S12; null where untagged"),
    Column(SECTOR_2, _SECTOR, "第二领域", "Second sector", "S01 to S12 or null"),
    Column(SECTOR_3, _SECTOR, "第三领域", "Third sector", "S01 to S12 or null"),
    Column(
        SHARE_1,
        pa.int16(),
        "主要领域权重",
        "Share of primary sector",
        "thousandths; null where untagged",
    ),
    Column(SHARE_2, pa.int16(), "第二领域权重", "Share of second sector", "thousandths or null"),
    Column(SHARE_3, pa.int16(), "第三领域权重", "Share of third sector", "thousandths or null"),
    Column(SCOPE, _SECTOR, "产业范围", "Scope", "core, fusion or outside"),
    Column(
        SUB_FIELDS,
        pa.dictionary(pa.int32(), pa.string()),
        "细分方向",
        "Sub-fields",
        "ids of sub_fields.csv joined by ';'",
    ),
    Column(XINCHUANG, pa.bool_(), "信创企业", "Xinchuang firm", "IT application innovation"),
    Column(PLATFORM, pa.bool_(), "平台企业", "Platform firm", "GB/T 4754 group 643"),
    Column(
        DISTRICT, _ID, "所在区", "District", "id of the unit; null outside or without coordinates"
    ),
    Column(
        LOCATION,
        _SECTOR,
        "定位结果",
        "Location result",
        "inside, snapped (taken to the nearest district), outside or no_coordinates",
    ),
    Column(SUBDISTRICT, _ID, "所在街道", "Subdistrict", "id of the unit or null"),
    Column(PARK, _ID, "主园区", "Primary park", "smallest park of kind 'site' that holds the firm"),
    Column(PARKS, _ID, "全部园区", "All parks", "ids joined by ';', smallest first"),
    Column(
        OVERLAYS, _ID, "叠加功能区", "Overlay zones", "ids joined by ';'; never added to totals"
    ),
    Column(STATED_DISTRICT, _ID, "地址所载区", "District in the address", "id of the unit or null"),
)

COLUMNS = MappingProxyType({column.name: column for column in _COLUMNS})
"""Every plain column by name."""


def normalise_header(header: str) -> str:
    """A header as aliases are written: lower case, without spaces, brackets and units.

    ``"营业收入（万元）"`` gives ``"营业收入"``; ``"Firm name"`` gives ``"firmname"``.
    """
    plain = header.strip().lstrip("\ufeff").replace("（", "(").replace("）", ")").lower()
    while "(" in plain and ")" in plain[plain.index("(") :]:
        start = plain.index("(")
        plain = plain[:start] + plain[plain.index(")", start) + 1 :]
    return "".join(ch for ch in plain if ch.isalnum())


def label(name: str, lang: str) -> str:
    """The label of a column, also of a year's (``revenue_cny_2023`` gives “营业收入 2023”)."""
    if name in COLUMNS:
        column = COLUMNS[name]
        return column.zh if lang == "zh" else column.en
    for family in FAMILIES:
        stem, _, year = name.rpartition("_")
        if stem == family.stem and year.isdigit():
            return f"{family.zh if lang == 'zh' else family.en} {year}"
    return name
