"""Operators, bands, types and status of stations, from the words that tables use for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from layout.core.station_columns import (
    BANDS,
    CLOSED,
    INDOOR,
    MACRO,
    MICRO,
    ON_AIR,
    OPERATORS,
    PLANNED,
    SEPARATOR,
)

_OPERATOR_WORDS: Final = MappingProxyType(
    {
        "CMCC": ("移动", "mobile", "cmcc"),
        "CTCC": ("电信", "telecom", "ctcc"),
        "CUCC": ("联通", "unicom", "cucc"),
        "CBN": ("广电", "broadnet", "cbn"),
    }
)
_TYPE_WORDS: Final = MappingProxyType(
    {
        INDOOR: ("室分", "室内", "indoor", "das", "prru", "皮站", "皮基站", "飞站", "lampsite"),
        MICRO: ("微站", "微基站", "微小", "小站", "杆站", "micro", "small", "灯杆"),
        MACRO: ("宏", "macro"),
    }
)
_STATUS_WORDS: Final = MappingProxyType(
    {
        CLOSED: ("退网", "退服", "关闭", "拆除", "停用", "off air", "off_air", "closed", "removed"),
        PLANNED: ("规划", "拟建", "在建", "待建", "建设中", "planned", "build", "待开通", "未开通"),
        ON_AIR: ("在网", "开通", "运行", "在用", "正常", "on air", "on_air", "active", "service"),
    }
)
_BAND_WORDS: Final = MappingProxyType(
    {
        "n28": ("n28", "700m", "703", "758"),
        "n8": ("n8", "900m", "b8"),
        "n1": ("n1", "2.1g", "2100"),
        "n41": ("n41", "2.6g", "2600", "2515"),
        "n78": ("n78", "n77", "3.5g", "3.4g", "3.3g", "3500", "3400", "3300"),
        "n79": ("n79", "4.9g", "4.8g", "4900", "4800"),
        "nb5": ("nb5", "b5", "800m", "850m"),
        "nb8": ("nb8", "nb", "nbiot"),
    }
)


def operators_of(values: pd.Series) -> pd.Series:
    """Short names of the operators of each row, sharing ones joined by ``;``; empty: unknown."""
    return _worded(values, _operators)


def bands_of(values: pd.Series) -> pd.Series:
    """Name of the band (:data:`layout.core.station_columns.BANDS`) of each row; empty: unknown."""
    return _worded(values, _band)


def types_of(values: pd.Series) -> pd.Series:
    """``macro``, ``micro`` or ``indoor`` for each row; empty: unknown."""
    return _worded(values, lambda text: _first(text, _TYPE_WORDS))


def statuses_of(values: pd.Series) -> pd.Series:
    """``on_air``, ``planned`` or ``closed``; empty where the table does not say or is not clear."""
    return _worded(values, lambda text: _first(text, _STATUS_WORDS))


def azimuths_of(value: object) -> tuple[float, ...] | None:
    """Azimuths in degrees of one station: empty for an omni antenna, None where unknown.

    Raises
    ------
    ValueError
        A text is no list of numbers from 0 to 360.
    """
    text = "" if value is None or (isinstance(value, float) and np.isnan(value)) else str(value)
    text = text.strip().lower()
    if not text:
        return None
    if text in ("全向", "omni", "omnidirectional"):
        return ()
    parts = [part for part in re.split(r"[;,/、，；\s°度]+", text) if part]
    angles = tuple(float(part) for part in parts)
    if not angles or any(not 0.0 <= angle <= 360.0 for angle in angles):
        raise ValueError(text)
    return tuple(angle % 360.0 for angle in angles)


def _worded(values: pd.Series, reading: Callable[[str], str]) -> pd.Series:
    """Each distinct text is read once."""
    texts = values.astype("object").where(values.notna(), "")
    known: dict[Any, str] = {text: reading(_plain(str(text))) for text in texts.unique()}
    return texts.map(known).astype("object")


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.strip().lower().replace("-", "").replace("_", " "))


def _first(text: str, words: Mapping[str, tuple[str, ...]]) -> str:
    if text in words:
        return text
    for name, forms in words.items():
        if any(form in text or form == text for form in forms):
            return name
    return ""


def _operators(text: str) -> str:
    found = [name for name, forms in _OPERATOR_WORDS.items() if any(form in text for form in forms)]
    if not found and text.upper() in OPERATORS:
        return text.upper()
    return SEPARATOR.join(found)


def _band(text: str) -> str:
    plain = text.replace(" ", "").replace("hz", "")
    if plain in BANDS:
        return plain
    if "nb" in plain:
        return "nb5" if any(form in plain for form in ("b5", "800", "850")) else "nb8"
    # Longer forms first: "n78" must not be read as "n7…", nor "n28" as "n2…".
    forms = sorted(
        ((form, name) for name, all_forms in _BAND_WORDS.items() for form in all_forms),
        key=lambda pair: -len(pair[0]),
    )
    return next((name for form, name in forms if form in plain and name[:2] != "nb"), "")
