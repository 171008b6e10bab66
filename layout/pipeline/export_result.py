"""A result as files for other programs: workbook, CSV, GeoPackage, GeoTIFF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

import pandas as pd

from layout.core.headings import heading
from layout.core.result import Bilingual, LayerSpec, Result
from layout.core.texts import Lang, catalogue, text
from layout.exports.rasters import write_cog
from layout.exports.tables import Sheet, write_csv, write_xlsx
from layout.exports.vectors import VectorLayer, in_crs, layer_of, write_geojson, write_gpkg

ResultFormat = Literal["xlsx", "csv", "gpkg", "geojson", "tif"]
RESULT_FORMATS: Final[tuple[ResultFormat, ...]] = get_args(ResultFormat)


@dataclass(frozen=True)
class WrittenPart:
    """A file, or a part of one.

    Attributes
    ----------
    path
        The file.
    part
        Table or layer.
    rows
        Rows, features, or cells with data.
    """

    path: Path
    part: str
    rows: int


def export_result(
    result: Result,
    folder: Path,
    *,
    lang: Lang = "zh",
    formats: Iterable[ResultFormat] = ("xlsx", "gpkg", "tif"),
    crs: str = "EPSG:4326",
) -> tuple[WrittenPart, ...]:
    """Write the tables and layers of a result; a format without anything to hold is left out.

    Parameters
    ----------
    result
        Its tables become sheets and CSV files, its features layers of one GeoPackage and GeoJSON
        files, its rasters Cloud Optimized GeoTIFFs.
    folder
        Where; files of the same name are replaced.
    lang
        Language of headers and of the first sheet.
    formats
        Which files.
    crs
        CRS of the GeoPackage.

    Raises
    ------
    LayoutError
        A file cannot be written, or a table is too large for its format.
    """
    parts: list[WrittenPart] = []
    for name in formats:
        parts += _WRITERS[name](result, Path(folder), lang, crs)
    return tuple(parts)


def table_title(name: str, lang: Lang, result: str = "") -> str:
    """What a table is called: ``table.<result>.<name>``, else ``table.<name>``, else its name."""
    known = catalogue().get(f"table.{result}.{name}") or catalogue().get(f"table.{name}")
    return known[lang] if known else name


Labels = Mapping[str, Mapping[Any, Bilingual]]


def worded_table(
    table: pd.DataFrame, lang: Lang, labels: Labels | None = None, *, keep_ids: bool = True
) -> pd.DataFrame:
    """A table with its index as columns, headers in words, and words for ids.

    Parameters
    ----------
    table
        A table of a result.
    lang
        Language.
    labels
        Words for the values of columns (:attr:`layout.core.result.Result.labels`).
    keep_ids
        Whether the ids stay, in a column of their own behind the words.
    """
    plain = table.reset_index() if _has_index(table) else table.reset_index(drop=True)
    for column, words in (labels or {}).items():
        if column not in plain.columns:
            continue
        place = list(plain.columns).index(column)
        named = plain[column].map({key: word(lang) for key, word in words.items()})
        if keep_ids:
            plain.insert(place + 1, f"{column}.id", plain[column])
        plain[column] = named.where(named.notna(), plain[column])
    headers: list[str] = []
    # A matrix has ids in its columns too: those of the same kind as its rows.
    across = (labels or {}).get(str(table.index.name), {})
    for column in plain.columns:
        name = str(column)
        word = across[name](lang) if name in across else heading(name.removesuffix(".id"), lang)
        if name.endswith(".id"):
            word = text("export.result.id", lang, column=word)
        headers.append(word if word not in headers else f"{word} ({column})")
    return plain.set_axis(headers, axis="columns")


def _has_index(table: pd.DataFrame) -> bool:
    return table.index.name is not None or table.index.nlevels > 1


def _xlsx(result: Result, folder: Path, lang: Lang, crs: str) -> Iterator[WrittenPart]:
    del crs
    if not result.tables:
        return
    sheets: Mapping[str, Sheet | pd.DataFrame] = {
        table_title(name, lang, result.name): Sheet(worded_table(table, lang, result.labels))
        for name, table in result.tables.items()
    }
    path = folder / f"{result.name}.xlsx"
    rows = write_xlsx(path, sheets, result.provenance, lang=lang, notes=result.notes)
    for name, number in rows.items():
        yield WrittenPart(path, name, number)


def _csv(result: Result, folder: Path, lang: Lang, crs: str) -> Iterator[WrittenPart]:
    del crs
    for name, table in result.tables.items():
        path = folder / f"{result.name}_{name}.csv"
        made = worded_table(table, lang, result.labels)
        rows = write_csv(path, made, result.provenance, notes=result.notes)
        yield WrittenPart(path, name, rows)


def _features(result: Result) -> Iterator[LayerSpec]:
    return (spec for spec in result.layers if spec.kind != "raster" and len(spec.frame))


def _vector(spec: LayerSpec, result: Result, lang: Lang) -> VectorLayer:
    frame = spec.frame
    known = {
        column: heading(str(column), lang)
        for column in frame.columns
        if column != frame.geometry.name
    }
    words: dict[str, str] = {}
    for column, word in known.items():
        words[column] = word if word not in words.values() else f"{word} ({column})"
    return layer_of(frame.rename(columns=words), name=spec.name, notes=result.notes)


def _gpkg(result: Result, folder: Path, lang: Lang, crs: str) -> Iterator[WrittenPart]:
    layers = {spec.name: in_crs(_vector(spec, result, lang), crs) for spec in _features(result)}
    if not layers:
        return
    path = folder / f"{result.name}.gpkg"
    for name, rows in write_gpkg(path, layers, result.provenance, lang=lang).items():
        yield WrittenPart(path, name, rows)


def _geojson(result: Result, folder: Path, lang: Lang, crs: str) -> Iterator[WrittenPart]:
    del crs
    for spec in _features(result):
        path = folder / f"{spec.name}.geojson"
        rows = write_geojson(path, _vector(spec, result, lang), result.provenance, name=spec.name)
        yield WrittenPart(path, spec.name, rows)


def _tif(result: Result, folder: Path, lang: Lang, crs: str) -> Iterator[WrittenPart]:
    del crs
    for spec in result.layers:
        if spec.kind == "raster":
            path = folder / f"{spec.name}.tif"
            cells = write_cog(
                path, spec.frame, result.provenance,
                name=spec.title(lang), notes=result.notes, lang=lang,
            )  # fmt: skip
            yield WrittenPart(path, spec.name, cells)


_WRITERS: Final = {"xlsx": _xlsx, "csv": _csv, "gpkg": _gpkg, "geojson": _geojson, "tif": _tif}
