"""The cleaned table for spreadsheets, with where it comes from."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow.dataset as ds

from layout import __version__
from layout.core.columns import NATURE
from layout.core.result import Bilingual, Provenance
from layout.core.texts import Lang, text
from layout.exports.firm_layer import firm_table
from layout.exports.tables import Sheet, write_csv, write_xlsx

XLSX_ROWS: Final = 50_000
CSV_ROWS: Final = 500_000
"""Above these numbers of rows a file is slow to make and to open; GeoParquet takes any number."""


def as_csv(table: Path, report: Mapping[str, Any], lang: Lang) -> bytes:
    """The cleaned table as CSV with headers in ``lang``."""
    firms = firm_table(ds.dataset(table), {}, lang=lang, synthetic=False)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "firms.csv"
        write_csv(out, firms.batches, _provenance(table, report))
        return out.read_bytes()


def as_xlsx(table: Path, report: Mapping[str, Any], lang: Lang) -> bytes:
    """The cleaned table as a workbook; its first sheet says where it comes from."""
    firms = firm_table(ds.dataset(table), {}, lang=lang, synthetic=False)
    sheet = Sheet(firms.batches, rows=firms.rows, decimal_format="General")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "firms.xlsx"
        write_xlsx(out, {text("data.sheet", lang): sheet}, _provenance(table, report), lang=lang)
        return out.read_bytes()


def _provenance(table: Path, report: Mapping[str, Any]) -> Provenance:
    counts = report["counts"]
    return Provenance(
        inputs=({"role": "firms", "file": report["input"]["file"], "rows": counts["read"]},),
        parameters=report["settings"],
        seed=None,
        version=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        synthetic=_synthetic(table),
        method=Bilingual.of("data.method", **counts),
    )


def _synthetic(table: Path) -> bool:
    """Whether a row says of itself that it is synthetic."""
    stored = ds.dataset(table)
    if NATURE not in stored.schema.names:
        return False
    kept = stored.scanner(columns=[NATURE]).to_table()
    natures = kept[NATURE].cast("string").unique().to_pylist()
    return any(str(nature or "").startswith(("合成", "synthetic")) for nature in natures)
