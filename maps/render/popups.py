"""What a click on a firm tells: a compact table that the browser turns into text, never markup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

from layout.core import facts
from layout.core.columns import (
    BUSINESS_SCOPE,
    CODE,
    DISTRICT,
    EMPLOYEES,
    ESTABLISHED,
    FLAGS,
    INDUSTRY_CODE,
    LAT,
    LON,
    NAME,
    NATURE,
    OPERATING_ADDRESS,
    OVERLAYS,
    PARK,
    PLATFORM,
    REGISTERED_ADDRESS,
    REVENUE,
    SCOPE,
    SECTORS,
    SHARES,
    STATUS,
    SUB_FIELDS,
    SUBDISTRICT,
    XINCHUANG,
    label,
)
from layout.core.study import SHARE_UNIT, UNTAGGED, Study
from layout.core.texts import Lang, catalogue, text
from maps.views.firms import Explain
from maps.views.palettes import sector_colours
from maps.views.wording import fault, money, sector_names, zone_names

DIGITS: Final = 5
"""Decimals of coordinates: about a metre."""


_NATURES: Final = {"合成": "map.nature.synthetic", "实际": "map.nature.actual"}
"""What the column NATURE may say, and its words."""


def popup_columns(study: Study, year: int) -> tuple[str, ...]:
    """The columns of the firm table that a popup needs."""
    return (
        NAME, CODE, OPERATING_ADDRESS, REGISTERED_ADDRESS, INDUSTRY_CODE, BUSINESS_SCOPE, STATUS,
        ESTABLISHED, SCOPE, SUB_FIELDS, XINCHUANG, PLATFORM, DISTRICT, SUBDISTRICT, PARK, OVERLAYS,
        FLAGS, NATURE, *SECTORS, *SHARES, *(f.of(_year(study, year)) for f in (REVENUE, EMPLOYEES)),
    )  # fmt: skip


def firm_payload(
    study: Study, table: pa.Table, *, year: int, lang: Lang, explain: Explain
) -> dict[str, Any]:
    """The firms of a map as plain values for ``firms`` of ``map.js``.

    Parameters
    ----------
    study
        Whose zones name the places.
    table
        Firms with coordinates and :func:`popup_columns`, as far as the study has them.
    year
        Year of revenue and employees, 0 for the latest.
    lang
        Language of labels.
    explain
        Tells the evidence for a business scope and an industry code.

    Returns
    -------
    dict
        ``lat``, ``lon``, ``name``, ``group`` (position in ``groups``), ``rows`` (label and value
        of each line, values shared where they repeat) and ``sectors`` (of each firm: sector,
        share in thousandths, evidence).
    """
    names = {**sector_names(lang), UNTAGGED: text("map.untagged", lang)}
    colours = sector_colours()
    order = list(colours)
    first = [order.index(s) if s else order.index(UNTAGGED) for s in _list(table, SECTORS[0])]
    sectors, evidence = _sector_lines(table, order, explain, lang)
    return {
        "lat": [round(v, DIGITS) for v in _list(table, LAT)],
        "lon": [round(v, DIGITS) for v in _list(table, LON)],
        "name": [value or text("map.unnamed", lang) for value in _list(table, NAME)],
        "group": first,
        "groups": [{"name": names[s], "colour": colours[s]} for s in order],
        "rows": [row for row in _rows(study, table, _year(study, year), lang) if row is not None],
        "sectors": sectors,
        "evidence": evidence,
        "words": {
            "sectors": text("map.popup.sectors", lang),
            "because": text("map.popup.because", lang),
        },
    }


def _year(study: Study, year: int) -> int:
    return year or study.manifest.years[-1]


def _list(table: pa.Table, name: str) -> list[Any]:
    if name not in table.schema.names:
        return [None] * table.num_rows
    values: list[Any] = table[name].to_pylist()
    return values


def _rows(study: Study, table: pa.Table, year: int, lang: Lang) -> list[dict[str, Any] | None]:
    """The lines of a popup below the name, in order; None for what no firm states."""
    addresses = zip(_list(table, OPERATING_ADDRESS), _list(table, REGISTERED_ADDRESS), strict=True)
    place = {kind: zone_names(study, kind, lang) for kind in study.zones}
    words = {
        SCOPE: _named(_list(table, SCOPE), "scope", lang),
        STATUS: _named(_list(table, STATUS), "status", lang),
        DISTRICT: _looked_up(_list(table, DISTRICT), place.get("district", {})),
        SUBDISTRICT: _looked_up(_list(table, SUBDISTRICT), place.get("subdistrict", {})),
        PARK: _looked_up(_list(table, PARK), place.get("park", {})),
        OVERLAYS: _ids(_list(table, OVERLAYS), place.get("overlay", {}), lang),
    }
    revenue = REVENUE.of(year)
    return [
        _line(label(NATURE, lang), _natures(_list(table, NATURE), lang)),
        _line(label(CODE, lang), _list(table, CODE)),
        _line(text("map.popup.industry", lang), _industries(_list(table, INDUSTRY_CODE), lang)),
        _line(label(SCOPE, lang), words[SCOPE]),
        _line(label(SUB_FIELDS, lang), _sub_fields(_list(table, SUB_FIELDS), lang)),
        _line(text("map.popup.marks", lang), _marks(table, lang)),
        _line(text("map.popup.address", lang), [a or b for a, b in addresses]),
        _line(label(DISTRICT, lang), words[DISTRICT]),
        _line(label(SUBDISTRICT, lang), words[SUBDISTRICT]),
        _line(label(PARK, lang), words[PARK]),
        _line(label(OVERLAYS, lang), words[OVERLAYS]),
        _line(label(FLAGS, lang), _flags(_list(table, FLAGS), lang)),
        _line(label(revenue, lang), [money(v, lang) for v in _list(table, revenue)]),
        _line(label(EMPLOYEES.of(year), lang), _persons(table, year, lang)),
        _line(label(ESTABLISHED, lang), [_day(v) for v in _list(table, ESTABLISHED)]),
        _line(label(STATUS, lang), words[STATUS]),
    ]


def _line(heading: str, values: Sequence[str | None]) -> dict[str, Any] | None:
    """One line for all firms; values that repeat are written once and referred to."""
    distinct = {value: i for i, value in enumerate(dict.fromkeys(v for v in values if v))}
    if not distinct:
        return None
    if len(distinct) * 2 > len(values):
        return {"label": heading, "values": [value or "" for value in values]}
    index = [distinct[value] if value else -1 for value in values]
    return {"label": heading, "values": list(distinct), "index": index}


def _sector_lines(
    table: pa.Table, order: list[str], explain: Explain, lang: Lang
) -> tuple[list[list[list[Any]]], list[str]]:
    """Of each firm its sectors as ``[sector, share, [evidence …]]``, and the words of evidence."""
    columns = [_list(table, name) for name in (*SECTORS, *SHARES)]
    scopes, codes = _list(table, BUSINESS_SCOPE), _list(table, INDUSTRY_CODE)
    words: dict[str, int] = {}
    lines = []
    for row, scope, code in zip(zip(*columns, strict=True), scopes, codes, strict=True):
        told = _evidence(explain(scope or "", code or ""), words, lang)
        lines.append(
            [
                [order.index(sector), share or SHARE_UNIT, told.get(sector, [])]
                for sector, share in zip(row[:3], row[3:], strict=True)
                if sector
            ]
        )
    return lines, list(words)


def _evidence(found: Sequence[Any], words: dict[str, int], lang: Lang) -> dict[str, list[int]]:
    by_sector: dict[str, list[int]] = {}
    for piece in found:
        known = f"map.evidence.{piece.kind}"
        word = text(
            known if known in catalogue() else "map.evidence.phrase", lang, value=piece.value
        )
        place = words.setdefault(word, len(words))
        told = by_sector.setdefault(piece.sector, [])
        if place not in told:
            told.append(place)
    return by_sector


def _natures(values: Sequence[str | None], lang: Lang) -> list[str | None]:
    words = {zh: text(key, lang) for zh, key in _NATURES.items()}
    return [words.get(value, value) if value else None for value in values]


def _industries(codes: Sequence[str | None], lang: Lang) -> list[str | None]:
    table = facts.reference("gbt4754_2017")
    names = dict(zip(table["code"], table["name_zh"], strict=True))
    unknown = text("map.popup.unknown_industry", lang)
    return [f"{code} {names.get(code, unknown)}" if code else None for code in codes]


def _sub_fields(values: Sequence[str | None], lang: Lang) -> list[str | None]:
    table = facts.reference("sub_fields")
    names = dict(zip(table["sub_field_id"], table[f"name_{lang}"], strict=True))
    return _ids(values, names, lang)


def _ids(values: Sequence[str | None], names: dict[str, str], lang: Lang) -> list[str | None]:
    """Ids joined by ``;`` as names."""
    sep = "、" if lang == "zh" else ", "
    return [sep.join(names.get(i, i) for i in v.split(";")) if v else None for v in values]


def _looked_up(values: Sequence[str | None], names: dict[str, str]) -> list[str | None]:
    return [names.get(value, value) if value else None for value in values]


def _named(values: Sequence[str | None], area: str, lang: Lang) -> list[str | None]:
    """Words of the catalogue for codes; a code without words stays as it is."""
    keys = {value: f"{area}.{value}" for value in set(values) if value}
    words = {v: text(key, lang) if key in catalogue() else v for v, key in keys.items()}
    return [words[value] if value else None for value in values]


def _marks(table: pa.Table, lang: Lang) -> list[str | None]:
    sep = "、" if lang == "zh" else ", "
    both = zip(_list(table, XINCHUANG), _list(table, PLATFORM), strict=True)
    names = (label(XINCHUANG, lang), label(PLATFORM, lang))
    return [sep.join(n for n, held in zip(names, pair, strict=True) if held) for pair in both]


def _flags(values: Sequence[str | None], lang: Lang) -> list[str | None]:
    sep = "；" if lang == "zh" else "; "
    return [sep.join(fault(code, lang) for code in v.split(";")) if v else None for v in values]


def _persons(table: pa.Table, year: int, lang: Lang) -> list[str | None]:
    values = _list(table, EMPLOYEES.of(year))
    return [None if v is None else text("map.persons", lang, value=f"{v:,}") for v in values]


def _day(value: Any) -> str | None:
    return None if value is None else f"{value:%Y-%m-%d}"
