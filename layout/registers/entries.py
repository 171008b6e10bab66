"""What an entry of the register holds, and what makes its values right."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from layout.core import facts
from layout.core.errors import LayoutError
from layout.core.texts import Lang, text

FieldKind = Literal["text", "choice", "date", "number", "year"]
Value = str | float | int | None

KINDS: Final = (
    "action", "issue", "project", "achievement", "rank", "event", "standard", "legal",
    "instrument", "dataset", "funding", "taxonomy", "document",
)  # fmt: skip
STATUSES: Final = ("not_started", "under_way", "done", "delayed", "stopped", "unknown")
FUNDS: Final = (
    "strategic", "science", "industrial_internet", "ecommerce", "finance", "culture", "other",
)  # fmt: skip
"""Special funds that the plan names in safeguard 3."""
TARGETS: Final = (
    "T-04", "T-05", "T-06", "T-07", "T-08", "T-09", "T-10", "T-15", "T-16",
)  # fmt: skip
"""Targets that entries may count towards."""
TEXT_LIMIT: Final = 4000
_YEAR_RANGE: Final = (2000, 2100)


class RegisterError(LayoutError, ValueError):
    """A value does not fit the register; fields and allowed values are told in words."""

    def message(self, lang: Lang = "en") -> str:
        """The error in words."""
        words = dict(self.values)
        field = BY_NAME.get(str(words.get("column")))
        if field is not None:
            words["column"] = text(f"register.field.{field.name}", lang)
            if field.choices in ("kind", "status", "fund") and self.key == "error.register_choice":
                known = str(words["known"]).split(", ")
                told = [text(f"register.{field.choices}.{code}", lang) for code in known]
                words["known"] = ("、" if lang == "zh" else ", ").join(told)
        return text(self.key, lang, **words)


class ConflictError(LayoutError, RuntimeError):
    """Someone else changed the same field of an entry meanwhile; nothing was written."""


@dataclass(frozen=True)
class Field:
    """A field of an entry.

    Attributes
    ----------
    name
        Name in the file and in exports; its words are ``column.<name>`` of the catalogue.
    kind
        What it holds.
    choices
        Name of its list of allowed values.
    required
        It may not be empty.
    """

    name: str
    kind: FieldKind = "text"
    choices: str = ""
    required: bool = False


FIELDS: Final = (
    Field("kind", "choice", "kind", required=True),
    Field("item_id", "choice", "item"),
    Field("district_id", "choice", "district"),
    Field("department_id", "choice", "department"),
    Field("title", required=True),
    Field("title_en"),
    Field("measure"),
    Field("measure_en"),
    Field("due", "date"),
    Field("status", "choice", "status", required=True),
    Field("evidence"),
    Field("sector", "choice", "sector"),
    Field("target_id", "choice", "target"),
    Field("requirement"),
    Field("fund", "choice", "fund"),
    Field("year", "year"),
    Field("amount_yi", "number"),
    Field("lon", "number"),
    Field("lat", "number"),
    Field("source"),
)
NAMES: Final = tuple(field.name for field in FIELDS)
BY_NAME: Final = {field.name: field for field in FIELDS}


def choices(city: str) -> dict[str, tuple[str, ...]]:
    """Allowed values of every list, for a city."""
    items = facts.reference("plan_items")
    return {
        "kind": KINDS,
        "status": STATUSES,
        "fund": FUNDS,
        "target": TARGETS,
        "sector": facts.sector_ids(),
        "item": tuple(items["id"]),
        "department": tuple(facts.reference("departments")["id"]),
        "district": tuple(facts.city_table(city, "districts")["id"]),
    }


def cleaned(values: Mapping[str, Any], lists: Mapping[str, tuple[str, ...]]) -> dict[str, Value]:
    """Values as they are stored: text trimmed, empty ones None, numbers as numbers.

    Raises
    ------
    RegisterError, FaultsError
        Every value that does not fit, told together.
    """
    from layout.core.errors import raise_all

    result: dict[str, Value] = {}
    faults: list[LayoutError] = []
    for name, raw in values.items():
        try:
            result[name] = value_of(name, raw, lists)
        except RegisterError as fault:
            faults.append(fault)
    raise_all(faults)
    return result


def missing(values: Mapping[str, Value]) -> Iterator[RegisterError]:
    """A fault for every required field that is empty."""
    for field in FIELDS:
        if field.required and values.get(field.name) in (None, ""):
            yield RegisterError("error.register_empty", column=field.name)


def value_of(name: str, raw: Any, lists: Mapping[str, tuple[str, ...]]) -> Value:
    """One value as it is stored.

    Raises
    ------
    RegisterError
        The register has no such field, or the value does not fit it.
    """
    field = BY_NAME.get(name)
    if field is None:
        raise RegisterError("error.register_field", column=name, known=", ".join(NAMES))
    given = _text(raw)
    if given == "":
        return None
    if field.kind == "choice":
        if given not in lists[field.choices]:
            known = ", ".join(lists[field.choices])
            raise RegisterError("error.register_choice", column=name, found=given, known=known)
        return given
    if field.kind == "date":
        return _date(name, given)
    if field.kind in ("number", "year"):
        return _number(field, given)
    if len(given) > TEXT_LIMIT:
        raise RegisterError("error.register_long", column=name, found=len(given), limit=TEXT_LIMIT)
    return given


def _text(raw: Any) -> str:
    if raw is None or (isinstance(raw, float) and math.isnan(raw)):
        return ""
    if isinstance(raw, dt.datetime):
        return raw.date().isoformat()
    if isinstance(raw, dt.date):
        return raw.isoformat()
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    # control characters would break a workbook
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", str(raw)).strip()


def _date(name: str, given: str) -> str:
    plain = re.sub(r"[年月/.]", "-", given).removesuffix("日").strip()
    parts = plain.split("-")
    try:
        if len(parts) == 3 and len(parts[0]) == 4:
            return dt.date(*(int(part) for part in parts)).isoformat()
        return dt.date.fromisoformat(plain[:10]).isoformat()
    except ValueError:
        raise RegisterError("error.register_date", column=name, found=given) from None


def _number(field: Field, given: str) -> Value:
    try:
        value = float(given.replace(",", ""))
    except ValueError:
        value = math.nan
    low, high = {
        "year": _YEAR_RANGE, "amount_yi": (0, 1e6), "lon": (-180, 180), "lat": (-90, 90),
    }[field.name]  # fmt: skip
    whole = field.kind == "year"
    if not low <= value <= high or (whole and not value.is_integer()):
        raise RegisterError(
            "error.register_number", column=field.name, found=given, low=low, high=high
        )
    return int(value) if whole else value
