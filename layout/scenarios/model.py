"""A scenario as a person writes it: a small YAML file with a list of changes.

Example::

    name: luohu-creative
    title_zh: 罗湖做强数字创意
    title_en: Luohu builds digital creative
    seed: 1
    changes:
      - {action: open_park, id: X1, name_zh: 罗湖数字创意园, district: LH, lon: 114.13, lat: 22.57,
         lead_sectors: [S12]}
      - {action: add, sector: S12, firms: 40, to: X1, tier: small}
      - {action: move, sector: S11, firms: 30, from: FT, to: LH}
      - {action: set_path, district: LH, path: emerging}
      - {action: set_leads, district: LH, sectors: [S12, S11]}
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import ConfigDict, Field, ValidationError, field_validator

from layout.core.config import Params
from layout.core.errors import InputFileError, ParameterError

PATHS: Final = ("frontier", "fusion", "emerging", "mixed")
PARK_TYPES: Final = ("产业园", "小镇", "小微园区")


class AddFirms(Params):
    """New firms in a district or park, like those the city has in the sector (and size)."""

    action: Literal["add"] = "add"
    sector: str
    firms: int = Field(ge=1, le=100_000)
    to: str
    tier: str | None = None


class MoveFirms(Params):
    """Firms of a sector (and size) that go from one district or park to another."""

    action: Literal["move"] = "move"
    sector: str
    firms: int = Field(ge=1, le=100_000)
    origin: str = Field(alias="from")
    to: str
    tier: str | None = None

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class OpenPark(Params):
    """A park that is not there yet: a disc about a point (WGS 84, degrees)."""

    action: Literal["open_park"] = "open_park"
    id: str = Field(min_length=1, max_length=40)
    name_zh: str = Field(min_length=1, max_length=80)
    name_en: str | None = None
    district: str
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    radius_m: float = Field(300.0, gt=10, le=5000)
    park_type: Literal["产业园", "小镇", "小微园区"] = "产业园"
    lead_sectors: tuple[str, ...] = ()


class SetPath(Params):
    """The planner's choice of a district's path."""

    action: Literal["set_path"] = "set_path"
    district: str
    path: Literal["frontier", "fusion", "emerging", "mixed"]


class SetLeads(Params):
    """The planner's choice of a district's lead sectors."""

    action: Literal["set_leads"] = "set_leads"
    district: str
    sectors: tuple[str, ...] = Field(min_length=1)


Change = Annotated[
    AddFirms | MoveFirms | OpenPark | SetPath | SetLeads, Field(discriminator="action")
]


class Scenario(Params):
    """A named list of changes, applied in their order."""

    name: str = Field(min_length=1, max_length=60, pattern=r"^[\w.\-]+$")
    title_zh: str = ""
    title_en: str = ""
    note: str = ""
    seed: int = Field(1, ge=0)
    changes: tuple[Change, ...] = ()

    @field_validator("changes", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    def title(self, lang: str) -> str:
        """The title in a language, else the name."""
        return (self.title_zh if lang == "zh" else self.title_en) or self.name


def parse_scenario(words: str, *, source: str = "YAML") -> Scenario:
    """A scenario from the text of a YAML file.

    Raises
    ------
    ParameterError
        The text is no YAML, or fields are missing, unknown or out of bounds; all told at once.
    """
    try:
        values = yaml.safe_load(words)
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise ParameterError("error.scenario_yaml", source=source, reason=reason) from error
    if not isinstance(values, dict):
        raise ParameterError("error.scenario_yaml", source=source, reason=type(values).__name__)
    try:
        return Scenario.model_validate(values)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or '?'}: {one['msg']}" for one in error.errors()
        )
        raise ParameterError("error.scenario_fields", source=source, faults=faults) from error


def read_scenario(path: Path | str) -> Scenario:
    """A scenario from a YAML file (UTF-8).

    Raises
    ------
    InputFileError
        There is no such file, or it is not UTF-8.
    ParameterError
        As :func:`parse_scenario`.
    """
    path = Path(path)
    if not path.is_file():
        raise InputFileError("error.no_file", path=path)
    try:
        words = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InputFileError("error.scenario_encoding", path=path) from error
    return parse_scenario(words, source=path.name)


def scenario_text(scenario: Scenario) -> str:
    """The scenario as a person would write it, to be read back the same."""
    values = scenario.model_dump(mode="json", by_alias=True, exclude_none=True)
    values["changes"] = [
        {"action": change.pop("action"), **{k: v for k, v in change.items() if v not in ("", [])}}
        for change in values["changes"]
    ]
    kept = {key: value for key, value in values.items() if value not in ("", None)}
    words: str = yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=100)
    return words
