"""The words of the register: its fields and allowed values, and the codes behind words."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from layout.core import facts
from layout.core.texts import LANGS, Lang, text
from layout.registers.entries import BY_NAME, FUNDS, KINDS, NAMES, STATUSES, TARGETS

EXTRA: Final = ("id", "version", "changed_at", "changed_by")
"""Columns that an export has beside the fields."""


def field_name(name: str, lang: Lang) -> str:
    """What a field is called."""
    return text(f"register.field.{name}", lang)


@lru_cache(maxsize=32)
def labels(choices: str, lang: Lang, city: str) -> dict[str, str]:
    """Words of every allowed value of a list, by code.

    Parameters
    ----------
    choices
        ``kind``, ``status``, ``fund``, ``target``, ``sector``, ``item``, ``department`` or
        ``district``.
    """
    if choices in ("kind", "status", "fund"):
        codes = {"kind": KINDS, "status": STATUSES, "fund": FUNDS}[choices]
        return {code: text(f"register.{choices}.{code}", lang) for code in codes}
    table, code, words = {
        "target": ("plan_targets", "id", "metric"),
        "sector": ("sectors", "code", "name"),
        "item": ("plan_items", "id", "title"),
        "department": ("departments", "id", "name"),
        "district": ("districts", "id", "name"),
    }[choices]
    rows = facts.city_table(city, table) if choices == "district" else facts.reference(table)
    if choices == "target":
        rows = rows[rows["id"].isin(TARGETS)]
    named = dict(zip(rows[code], rows[f"{words}_{lang}"], strict=True))
    if choices in ("item", "target", "sector"):
        return {key: f"{key} {value}" for key, value in named.items()}
    return named


def worded(name: str, code: str, lang: Lang, city: str) -> str:
    """A stored value of a field in words."""
    choices = BY_NAME[name].choices if name in BY_NAME else ""
    return labels(choices, lang, city).get(code, code) if choices else code


def code_of(name: str, value: str, city: str) -> str:
    """The code behind a word of either language; the word itself where there is none."""
    choices = BY_NAME[name].choices
    if not choices:
        return value
    plain = value.strip()
    for lang in LANGS:
        for code, label in labels(choices, lang, city).items():
            if plain in (code, label, label.removeprefix(f"{code} ")):
                return code
    return plain


@lru_cache(maxsize=1)
def fields_by_heading() -> dict[str, str]:
    """Field, id or version by any heading that a file may have for it."""
    names = [*EXTRA, *NAMES]
    return {name: name for name in names} | {
        field_name(name, lang): name for lang in LANGS for name in names
    }
