"""Layers and tables of a study as files for other programs: what is written, and in which form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, get_args

import geopandas as gpd
import pandas as pd
import pyarrow as pa
from pydantic import Field
from pyproj import CRS
from pyproj.exceptions import CRSError

from layout.analyses import mix
from layout.core import zone_columns as z
from layout.core.columns import GEOMETRY
from layout.core.config import Params
from layout.core.errors import LayoutError, ParameterError, raise_all
from layout.core.result import Bilingual, Provenance, Result
from layout.core.study import NO_COORDINATES, OUTSIDE, Study
from layout.core.texts import LANGS, Lang, catalogue, text
from layout.exports import zone_tables
from layout.exports.firm_layer import FirmTable, firm_table
from layout.exports.tables import XLSX_ROWS, Sheet, write_csv, write_xlsx
from layout.exports.vectors import (
    WGS84,
    VectorLayer,
    in_crs,
    layer_of,
    write_geojson,
    write_geoparquet,
    write_gpkg,
)
from layout.readers.study import read_landmarks

Format = Literal["gpkg", "geojson", "geoparquet", "csv", "xlsx"]
Layer = Literal["firms", "districts", "subdistricts", "parks", "overlays", "landmarks"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
LAYERS: Final[tuple[Layer, ...]] = get_args(Layer)
MEASURES: Final[tuple[mix.Measure, ...]] = get_args(mix.Measure)
COUNTINGS: Final[tuple[mix.Counting, ...]] = get_args(mix.Counting)
QUOTIENTS: Final = (
    ("firms", "primary"),
    ("firms", "fractional"),
    ("firms", "full"),
    ("revenue", "primary"),
    ("employees", "primary"),
)
"""Measures and countings of which the location quotient is written."""
_ZONE_KINDS: Final = {
    "districts": "district",
    "subdistricts": "subdistrict",
    "parks": "park",
    "overlays": "overlay",
}


class ExportParams(Params):
    """What to write.

    ``layers`` empty means all; firms go into a workbook only when they are named.
    """

    formats: tuple[Format, ...] = Field(
        ("gpkg", "xlsx"), title="格式 | Formats", description=", ".join(FORMATS)
    )
    layers: tuple[Layer, ...] = Field(
        (), title="图层 | Layers", description=", ".join(LAYERS) + "; empty: all"
    )
    lang: Lang = Field("zh", title="语言 | Language", description="of headers, names and notes")
    crs: str = Field(
        WGS84, title="坐标系 | CRS", description="EPSG code of vector files other than GeoJSON"
    )
    figures: mix.MixParams = Field(
        mix.MixParams.model_validate({}),
        title="口径 | Figures",
        description="scope, year, tiers, statuses and counting of the figures",
    )


@dataclass(frozen=True)
class Written:
    """A file or a layer of a file that was written."""

    path: Path
    layer: str
    rows: int


def export_study(study: Study, folder: Path, params: ExportParams) -> tuple[Written, ...]:
    """Write the layers and tables of ``params`` into ``folder``.

    GeoPackage takes all layers in one file; GeoJSON, GeoParquet, CSV and XLSX take one file a
    layer. Workbooks of zones hold the matrices of firms, revenue and employees by primary,
    fractional and full counting, and location quotients; CSV holds the same as one long table.

    Raises
    ------
    ParameterError
        The CRS is unknown or does not go with GeoJSON, or a workbook cannot take the firms; all
        such faults are told, and nothing is written.
    OutputError
        A file cannot be written; what stood there is untouched.
    """
    job = _Job(study, Path(folder), params)
    raise_all(job.faults())
    return tuple(job.write())


class _Job:
    """One export: makes each layer and matrix once, however many formats ask for it."""

    def __init__(self, study: Study, folder: Path, params: ExportParams) -> None:
        self.study, self.folder, self.params = study, folder, params
        self.layers = params.layers or LAYERS
        self._runs: dict[tuple[str, str, str], Result] = {}

    def faults(self) -> Iterator[LayoutError]:
        crs, formats = self.params.crs, self.params.formats
        try:
            known = CRS.from_user_input(crs)
        except CRSError:
            yield ParameterError("error.export_crs", found=crs)
        else:
            if "geojson" in formats and known != CRS.from_user_input(WGS84):
                yield ParameterError("error.export_geojson_crs", found=crs)
        if "xlsx" in formats and "firms" in self.params.layers and self.firms.rows > XLSX_ROWS:
            yield ParameterError(
                "error.export_xlsx_rows",
                name="firms",
                rows=f"{self.firms.rows:,}",
                limit=f"{XLSX_ROWS:,}",
            )

    def write(self) -> Iterator[Written]:
        writers = {
            "gpkg": self._gpkg,
            "geojson": self._geojson,
            "geoparquet": self._geoparquet,
            "csv": self._csv,
            "xlsx": self._xlsx,
        }
        for name in dict.fromkeys(self.params.formats):
            yield from writers[name]()

    # ------------------------------------------------------------------ formats

    def _gpkg(self) -> Iterator[Written]:
        path = self.folder / f"{self.study.manifest.city}.gpkg"
        layers: dict[str, VectorLayer | gpd.GeoDataFrame] = {
            str(name): in_crs(self.vector(name), self.params.crs) for name in self.layers
        }
        rows = write_gpkg(path, layers, self.provenance, lang=self.params.lang)
        yield from (Written(path, name, number) for name, number in rows.items())

    def _geojson(self) -> Iterator[Written]:
        for name in self.layers:
            path = self.folder / f"{name}.geojson"
            rows = write_geojson(path, self.vector(name), self.provenance, name=name)
            yield Written(path, name, rows)

    def _geoparquet(self) -> Iterator[Written]:
        for name in self.layers:
            path = self.folder / f"{name}.parquet"
            layer = in_crs(self.vector(name), self.params.crs)
            yield Written(path, name, write_geoparquet(path, layer, self.provenance, name=name))

    def _csv(self) -> Iterator[Written]:
        for name in self.layers:
            layer = self.vector(name)
            path = self.folder / f"{name}.csv"
            table = self.firms.batches if name == "firms" else _attributes(layer)
            yield Written(path, name, write_csv(path, table, self.provenance, notes=layer.notes))
            if name in _ZONE_KINDS:
                path = self.folder / f"{name}_matrix.csv"
                notes = self.notes(COUNTINGS)
                rows = write_csv(path, self.long(name), self.provenance, notes=notes)
                yield Written(path, f"{name}_matrix", rows)

    def _xlsx(self) -> Iterator[Written]:
        for name in self.layers:
            if name == "firms" and name not in self.params.layers:
                continue
            path = self.folder / f"{name}.xlsx"
            notes = self.vector(name).notes
            if name in _ZONE_KINDS:
                notes = tuple(dict.fromkeys((*self.notes(COUNTINGS), *notes)))
            sheets, lang = self.sheets(name), self.params.lang
            rows = write_xlsx(path, sheets, self.provenance, lang=lang, notes=notes)
            yield Written(path, name, list(rows.values())[-1])

    # ------------------------------------------------------------------ contents

    @cached_property
    def firms(self) -> FirmTable:
        names = {
            kind: zone_tables.zone_names(zones, self.params.lang)
            for kind, zones in self.study.zones.items()
        }
        return firm_table(
            self.study.firm_dataset(),
            names,
            lang=self.params.lang,
            synthetic=self.study.manifest.synthetic,
        )

    def vector(self, name: str) -> VectorLayer:
        """A layer in EPSG:4326 with headers in the language."""
        if name == "firms":
            return self.firms.points(notes=self.notes(()))
        if name == "landmarks":
            frame = read_landmarks(self.study)
            frame = frame.rename(columns=zone_tables.headers_of(frame, self.params.lang))
            return layer_of(frame, name=name, notes=(Bilingual.of("export.landmarks"),))
        kind = _ZONE_KINDS[name]
        counting = self.params.figures.counting
        made = zone_tables.zone_layer(
            self.zones(kind),
            {measure: self.matrix(kind, measure, counting) for measure in MEASURES},
            self.quotient(kind, "firms", counting),
            lang=self.params.lang,
        )
        return replace(made, notes=(*self.notes((counting,)), *made.notes))

    def zones(self, kind: str) -> gpd.GeoDataFrame:
        zones = self.study.zones[kind]
        shown = mix.shown_zones(zones, self._settings(kind, "firms", "primary"))
        return zones[zones[z.ID].isin(shown)]

    def sheets(self, name: str) -> dict[str, Sheet | pd.DataFrame]:
        lang = self.params.lang
        if name == "firms":
            about = text("export.about.firm_list", lang)
            firms = Sheet(self.firms.batches, about=about, rows=self.firms.rows)
            return {text("export.sheet.firm_list", lang): firms}
        if name == "landmarks":
            about = text("export.about.landmarks", lang)
            frame = _attributes(self.vector(name))
            return {text("export.sheet.landmarks", lang): Sheet(frame, about=about)}
        kind = _ZONE_KINDS[name]
        zones = self.study.zones[kind]
        sheets: dict[str, Sheet | pd.DataFrame] = {}
        for measure in MEASURES:
            for counting in COUNTINGS:
                sheets[_title(measure, counting, lang)] = zone_tables.matrix_sheet(
                    self.matrix(kind, measure, counting),
                    zones,
                    measure=measure,
                    counting=counting,
                    lang=lang,
                )
        for measure, counting in QUOTIENTS:
            title = text("export.sheet.lq", lang, figure=_title(measure, counting, lang))
            sheets[title] = zone_tables.quotient_sheet(
                self.quotient(kind, measure, counting), zones, counting=counting, lang=lang
            )
        result = self.run(kind, "firms", "primary")
        for key in ("counts", "check"):
            sheet = zone_tables.table_sheet(result.tables[key], key, lang)
            sheets[text(f"export.sheet.{key}", lang)] = sheet
        sheets[text("export.sheet.zones", lang)] = Sheet(
            _attributes(self.vector(name)), about=text("export.about.zones", lang)
        )
        return sheets

    def long(self, name: str) -> pd.DataFrame:
        kind = _ZONE_KINDS[name]
        return zone_tables.long_table(
            {(m, mode): self.matrix(kind, m, mode) for m in MEASURES for mode in COUNTINGS},
            {(m, mode): self.quotient(kind, m, mode) for m, mode in QUOTIENTS},
            self.study.zones[kind],
            self.params.lang,
        )

    def matrix(self, kind: str, measure: str, counting: str) -> pd.DataFrame:
        return self.run(kind, measure, counting).tables["matrix"]

    def quotient(self, kind: str, measure: str, counting: str) -> pd.DataFrame:
        return self.run(kind, measure, counting).tables["location_quotient"]

    def run(self, kind: str, measure: str, counting: str) -> Result:
        key = (kind, measure, counting)
        if key not in self._runs:
            self._runs[key] = mix.counted(self.study, self._settings(*key))
        return self._runs[key]

    def _settings(self, kind: str, measure: str, counting: str) -> mix.MixParams:
        chosen = {"zones": kind, "measure": measure, "counting": counting}
        return self.params.figures.model_copy(update=chosen)

    # ------------------------------------------------------------------ origin

    @cached_property
    def provenance(self) -> Provenance:
        manifest = self.study.manifest
        mixed = self.run("district", "firms", self.params.figures.counting).provenance
        figures = self.params.figures.model_dump(mode="json", exclude={"zones", "measure", "draw"})
        seed = manifest.parameters.get("seed")
        return replace(
            mixed,
            parameters={
                "run": manifest.parameters,
                "figures": figures,
                "crs": self.params.crs,
            },
            seed=seed if isinstance(seed, int) else mixed.seed,
        )

    def _counts(self) -> dict[str, int]:
        totals = self.matrix("district", "firms", "primary")[zone_tables.TOTAL]
        unplaced = {key: int(totals[key]) for key in (OUTSIDE, NO_COORDINATES)}
        return {**self.study.manifest.counts, **unplaced}

    def notes(self, countings: tuple[mix.Counting, ...]) -> tuple[Bilingual, ...]:
        """Conventions of the figures by ``countings``, and the quality of the data."""
        quality = Bilingual(**{lang: _quality(self._counts(), lang) for lang in LANGS})
        said = {mode: self.run("district", "firms", mode).notes for mode in COUNTINGS}
        shared = [note for note in said["primary"] if all(note in notes for notes in said.values())]
        own = [
            _labelled(mode, note) for mode in countings for note in said[mode] if note not in shared
        ]
        return (*own, *(shared if countings else ()), quality)


def _quality(counts: Mapping[str, int], lang: Lang) -> str:
    known = catalogue()
    words = {key: known.get(f"export.count.{key}", {}).get(lang, key) for key in counts}
    told = [f"{words[key]} {value:,}" for key, value in counts.items()]
    return text("export.quality", lang, counts=("，" if lang == "zh" else ", ").join(told) or "–")


def _attributes(layer: VectorLayer) -> pd.DataFrame:
    """The columns of a layer without its geometry."""
    table = pa.Table.from_batches(layer.batches(), schema=layer.schema)
    frame: pd.DataFrame = table.drop_columns([GEOMETRY]).to_pandas()
    return frame


def _labelled(counting: str, note: Bilingual) -> Bilingual:
    said = {
        lang: text(
            "export.counting_note",
            lang,
            counting=text(f"counting.{counting}", lang),
            note=note(lang),
        )
        for lang in LANGS
    }
    return Bilingual(**said)


def _title(measure: str, counting: str, lang: Lang) -> str:
    return f"{text(f'export.sheet.{measure}', lang)}-{text(f'counting.{counting}', lang)}"
