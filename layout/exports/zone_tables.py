"""Matrices of a study as sheets and as columns of zone layers, in the words of a language.

Takes plain frames: zones, and matrices of zones × sectors with the rows ``outside``,
``no_coordinates``, ``none`` and ``total`` and the columns ``untagged`` and ``total``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import pandas as pd

from layout.core import facts
from layout.core import zone_columns as z
from layout.core.result import Bilingual
from layout.core.study import NO_COORDINATES, NO_ZONE, OUTSIDE, UNTAGGED
from layout.core.texts import Lang, catalogue, text
from layout.exports.tables import DECIMAL_FORMAT, Sheet
from layout.exports.vectors import VectorLayer, layer_of

TOTAL: Final = "total"
YUAN_PER_YI: Final = 1e8
QUOTIENT_FORMAT: Final = "0.00"
FORMATS: Final = MappingProxyType(
    {"firms": "#,##0.0", "revenue": DECIMAL_FORMAT, "employees": "#,##0.0"}
)
"""Number formats of real numbers by measure: fractional counts have decimals."""
_LONG: Final = ("zone", "sector", "counting")
_EDGE_ROWS: Final = (OUTSIDE, NO_COORDINATES, NO_ZONE, TOTAL)


def sector_headers(lang: Lang) -> dict[str, str]:
    """``S05 云计算产业`` by code, and headers of the columns ``untagged`` and ``total``."""
    sectors = facts.reference("sectors")
    names = sectors["name_zh"] if lang == "zh" else sectors["short_en"]
    headers = {code: f"{code} {name}" for code, name in zip(sectors["code"], names, strict=True)}
    return headers | {key: text(f"export.column.{key}", lang) for key in (UNTAGGED, TOTAL)}


def zone_names(zones: pd.DataFrame, lang: Lang) -> dict[str, str]:
    """Names of zones by id, the Chinese one where there is no other."""
    names = (
        zones[z.NAME_ZH]
        if lang == "zh"
        else zones[z.NAME_EN].where(zones[z.NAME_EN].fillna("") != "", zones[z.NAME_ZH])
    )
    return dict(zip(zones[z.ID], names, strict=True))


def matrix_sheet(
    matrix: pd.DataFrame, zones: pd.DataFrame, *, measure: str, counting: str, lang: Lang
) -> Sheet:
    """A matrix of ``measure`` (firms, revenue in yuan, employees) as a sheet, totals last.

    Revenue is written in 亿元.
    """
    amounts = matrix / YUAN_PER_YI if measure == "revenue" else matrix
    return Sheet(
        _with_names(amounts if measure == "revenue" else _whole(amounts), zones, lang),
        about=text(
            "export.about.matrix",
            lang,
            figure=text(f"export.figure.{measure}", lang),
            counting=text(f"counting.{counting}", lang),
        ),
        decimal_format=FORMATS[measure],
        total_rows=int(TOTAL in matrix.index),
    )


def quotient_sheet(
    quotient: pd.DataFrame, zones: pd.DataFrame, *, counting: str, lang: Lang
) -> Sheet:
    """Location quotients as a sheet; what is undefined or rests on few firms is empty."""
    return Sheet(
        _with_names(quotient, zones, lang),
        about=text("export.about.lq", lang, counting=text(f"counting.{counting}", lang)),
        decimal_format=QUOTIENT_FORMAT,
    )


def zone_layer(
    zones: gpd.GeoDataFrame,
    matrices: Mapping[str, pd.DataFrame],
    quotient: pd.DataFrame,
    *,
    lang: Lang,
) -> VectorLayer:
    """Zones with their figures: totals by measure, firms and location quotient by sector.

    Parameters
    ----------
    zones
        Zones of one kind, EPSG:4326, columns ``ZONE_COLUMNS``.
    matrices
        Matrix by measure (firms, revenue, employees), all of one counting.
    """
    frame = zone_frame(zones, matrices, quotient, lang=lang)
    notes = [Bilingual.of("export.approximate")] if zones[z.APPROXIMATE].any() else []
    if zones[z.SYNTHETIC].any():
        notes.append(Bilingual.of("export.synthetic_shapes"))
    return layer_of(frame, notes=tuple(notes))


def zone_frame(
    zones: gpd.GeoDataFrame,
    matrices: Mapping[str, pd.DataFrame],
    quotient: pd.DataFrame,
    *,
    lang: Lang,
) -> gpd.GeoDataFrame:
    """The frame of :func:`zone_layer`; column names are unique within it."""
    figures: dict[str, pd.Series] = {}
    for measure, matrix in matrices.items():
        total = matrix[TOTAL].reindex(zones[z.ID])
        figures[text(f"export.figure.{measure}", lang)] = (
            total / YUAN_PER_YI if measure == "revenue" else _whole(total.to_frame())[TOTAL]
        )
    firms = _whole(matrices["firms"].reindex(zones[z.ID]))
    for code, header in sector_headers(lang).items():
        if code != TOTAL:
            figures[_column("firms", code, header, lang)] = firms[code]
    headers = sector_headers(lang)
    for code in quotient.columns:
        figures[_column("lq", code, headers[code], lang)] = quotient[code].reindex(zones[z.ID])
    table = pd.DataFrame({name: values.array for name, values in figures.items()})
    plain = pd.DataFrame(zones.drop(columns=zones.geometry.name)).reset_index(drop=True)
    for column in (z.KIND, z.AREA_SOURCE):
        plain[column] = worded(plain[column], f"export.{column}", lang)
    joined = pd.concat([plain.rename(columns=headers_of(plain, lang)), table], axis=1)
    return gpd.GeoDataFrame(joined, geometry=zones.geometry.to_numpy(), crs=zones.crs)


def worded(values: pd.Series, prefix: str, lang: Lang) -> pd.Series:
    """Codes in words; a code without a text stays as it is."""
    known = catalogue()
    words = {
        code: known[f"{prefix}.{code}"][lang]
        for code in values.dropna().unique()
        if f"{prefix}.{code}" in known
    }
    return values.map(lambda code: words.get(code, code))


def table_sheet(table: pd.DataFrame, key: str, lang: Lang) -> Sheet:
    """A small table of an analysis (``counts``, ``check``) as a sheet, in words.

    Sums of revenue are written in 亿元.
    """
    told = table.copy()
    if "measure" in told:
        money = told["measure"] == "revenue"
        figures = told.columns.drop("measure")
        told[figures] = told[figures].astype("float64")
        told.loc[money, figures] /= YUAN_PER_YI
        told["measure"] = worded(told["measure"], "export.figure", lang)
    return Sheet(
        told.rename(columns=headers_of(told, lang)), about=text(f"export.about.{key}", lang)
    )


def headers_of(frame: pd.DataFrame, lang: Lang) -> dict[str, str]:
    """Headers in words for the columns that have a text; the others keep their names."""
    known = catalogue()
    return {
        str(name): known[key][lang]
        for name in frame.columns
        if (key := f"export.column.{name}") in known
    }


def _column(figure: str, code: str, header: str, lang: Lang) -> str:
    """``企业数_云计算产业`` or ``firms_S05``."""
    if lang == "en":
        return f"{figure}_{code}"
    return text(f"export.sheet.{figure}", lang, figure="").strip("·") + "_" + header.split()[-1]


def long_table(
    matrices: Mapping[tuple[str, str], pd.DataFrame],
    quotients: Mapping[tuple[str, str], pd.DataFrame],
    zones: pd.DataFrame,
    lang: Lang,
) -> pd.DataFrame:
    """All matrices in one table for programs: a row for zone, sector and counting.

    Parameters
    ----------
    matrices, quotients
        By measure and counting.
    """
    names = zone_names(zones, lang) | {r: text(f"export.row.{r}", lang) for r in _EDGE_ROWS}
    headers = sector_headers(lang)
    zone, sector, counting = (text(f"export.long.{key}", lang) for key in _LONG)
    parts = []
    for mode in dict.fromkeys(mode for _, mode in matrices):
        figures: dict[str, pd.Series] = {}
        for (measure, other), matrix in matrices.items():
            if other == mode:
                amounts = matrix / YUAN_PER_YI if measure == "revenue" else matrix
                figures[text(f"export.figure.{measure}", lang)] = _stacked(amounts)
        for (measure, other), quotient in quotients.items():
            if other == mode:
                header = f"{text('export.figure.lq', lang)}_{text(f'export.sheet.{measure}', lang)}"
                figures[header] = _stacked(quotient)
        part = pd.DataFrame(figures).rename_axis([zone, sector]).reset_index()
        part.insert(2, counting, text(f"counting.{mode}", lang))
        parts.append(part)
    table = pd.concat(parts, ignore_index=True)
    table.insert(1, text("export.column.name", lang), table[zone].map(lambda i: names.get(i, i)))
    table[sector] = table[sector].map(lambda code: headers.get(code, code))
    return table


def _whole(table: pd.DataFrame) -> pd.DataFrame:
    """Real columns that hold whole numbers only, as whole numbers; empty stays empty."""
    real = table.select_dtypes("float").columns
    whole = [name for name in real if (table[name].dropna() % 1 == 0).all()]
    return table.astype(dict.fromkeys(whole, "Int64"))


def _stacked(table: pd.DataFrame) -> pd.Series:
    stacked = table.stack()
    return stacked if isinstance(stacked, pd.Series) else stacked.iloc[:, 0]


def _with_names(table: pd.DataFrame, zones: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """The table with id and name in front and its headers in words."""
    names = zone_names(zones, lang)
    names |= {row: text(f"export.row.{row}", lang) for row in _EDGE_ROWS}
    ids = [str(row) for row in table.index]
    front = pd.DataFrame(
        {
            text("export.column.id", lang): [row if row not in _EDGE_ROWS else "" for row in ids],
            text("export.column.name", lang): [names.get(row, row) for row in ids],
        }
    )
    body = table.rename(columns=sector_headers(lang)).reset_index(drop=True)
    return pd.concat([front, body], axis=1)
