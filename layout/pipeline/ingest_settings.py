"""Everything a user may say of a file that is read."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from layout.core.config import Params
from layout.core.faults import Policy
from layout.core.money import SAID_UNITS, UNITS
from layout.prepare.cleaning import CleaningSettings, Repair
from layout.readers.tables import TableOptions


class IngestSettings(Params):
    """How a table of firms or points is read and cleaned."""

    datum: str | None = Field(
        default=None,
        title="坐标系 | Datum",
        description="wgs84, cgcs2000, gcj02, bd09 or an EPSG code; needed unless the file's CRS is "
        "a projected one",
    )
    city: str = Field(default="shenzhen", title="城市 | City", description="slug of a city")
    mapping: dict[str, str] = Field(
        default_factory=dict,
        title="列对应 | Columns",
        description="header in the file by column; an empty header says that there is none",
    )
    encoding: str | None = Field(
        default=None, title="编码 | Encoding", description="of text files; found where not given"
    )
    delimiter: str | None = Field(
        default=None, title="分隔符 | Delimiter", description="of CSV; found where not given"
    )
    sheet: str | None = Field(
        default=None, title="工作表 | Sheet", description="of a workbook; the first where not given"
    )
    layer: str | None = Field(
        default=None, title="图层 | Layer", description="of a vector file with several layers"
    )
    revenue_unit: str | None = Field(
        default=None,
        title="营业收入单位 | Unit of revenue",
        description=f"{', '.join(SAID_UNITS)}; needed where the headers name none",
    )
    capital_unit: str | None = Field(
        default=None,
        title="注册资本单位 | Unit of registered capital",
        description=f"{', '.join(SAID_UNITS)}; needed where the header names none",
    )
    force_datum: bool = Field(
        default=False,
        title="强制坐标系 | Force the datum",
        description="go on although positions say that another datum fits better",
    )
    batch_datum: dict[str, str] = Field(
        default_factory=dict,
        title="批次坐标系 | Datum by delivery",
        description="datum of the deliveries that are in another one, by name in the batch column",
    )
    policy: dict[str, Policy] = Field(
        default_factory=dict,
        title="问题处理方式 | Treatment of faults",
        description="reject or flag, by fault code",
    )
    repairs: tuple[Repair, ...] = Field(
        default=(),
        title="修复 | Repairs",
        description="what is mended, with a flag: swapped coordinates, full_width characters",
    )

    @field_validator("revenue_unit", "capital_unit")
    @classmethod
    def _a_unit(cls, unit: str | None) -> str | None:
        if unit is not None and unit not in UNITS:
            raise ValueError(f"no unit of money; known are {', '.join(SAID_UNITS)}")
        return unit

    @field_validator("policy")
    @classmethod
    def _a_policy(cls, policy: dict[str, Any]) -> dict[str, Any]:
        return CleaningSettings(policy=policy).policy

    @field_validator("repairs")
    @classmethod
    def _each_once(cls, repairs: tuple[Repair, ...]) -> tuple[Repair, ...]:
        return tuple(sorted(set(repairs)))

    @property
    def cleaning(self) -> CleaningSettings:
        """What is done about faults."""
        return CleaningSettings(policy=self.policy, repairs=self.repairs)

    @property
    def table(self) -> TableOptions:
        """What is said of the file."""
        return TableOptions(
            encoding=self.encoding, delimiter=self.delimiter, sheet=self.sheet, layer=self.layer
        )
