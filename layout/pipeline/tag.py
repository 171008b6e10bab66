"""A firm table with its sectors: read, tagged and written batch by batch."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from layout.core import columns as c
from layout.core import facts
from layout.core.errors import ColumnError, InputFileError
from layout.core.files import replacing
from layout.prepare.tagging import Tagger

_BATCH: Final = 1 << 17


def tag_file(path: Path, out: Path) -> dict[str, Any]:
    """Write ``path`` with the columns of the tagger; tags that it had are replaced.

    Parameters
    ----------
    path
        Parquet or GeoParquet with BUSINESS_SCOPE or INDUSTRY_CODE.
    out
        Parquet with all columns of ``path``, its metadata and the tags.

    Returns
    -------
    dict
        ``firms``, ``untagged``, ``sectors`` (``primary`` and ``any`` by sector), ``scopes``.

    Raises
    ------
    InputFileError
        ``path`` is no Parquet file.
    ColumnError
        It has neither column.
    OutputError
        ``out`` cannot be written; what stood there is untouched.
    """
    source = _open(Path(path))
    names = source.schema_arrow.names
    if c.BUSINESS_SCOPE not in names and c.INDUSTRY_CODE not in names:
        raise ColumnError("error.nothing_to_tag", path=path, found=", ".join(names))
    tagger, tally = Tagger.load(), _Tally()
    with replacing(Path(out)) as partial:
        writer: pq.ParquetWriter | None = None
        try:
            for batch in source.iter_batches(batch_size=_BATCH):
                made = _tagged(batch, tagger, tally)
                if writer is None:
                    writer = pq.ParquetWriter(partial, made.schema, compression="zstd")
                writer.write_batch(made)
            if writer is None:
                raise InputFileError("error.no_rows", path=path)
            writer.add_key_value_metadata(_metadata(source))
        finally:
            if writer is not None:
                writer.close()
    return tally.summary()


def _open(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, pre_buffer=False)  # read ahead, it would stay in memory
    except FileNotFoundError as error:
        raise InputFileError("error.no_file", path=path) from error
    except (OSError, pa.ArrowInvalid) as error:
        raise InputFileError(
            "error.not_parquet", path=path, reason=str(error).rstrip(".")
        ) from error


def _metadata(source: pq.ParquetFile) -> dict[bytes, bytes]:
    """What the file says of itself (``geo``, the report), without its Arrow schema."""
    said: dict[bytes, bytes] = source.metadata.metadata or {}
    return {key: value for key, value in said.items() if key != b"ARROW:schema"}


def _tagged(batch: pa.RecordBatch, tagger: Tagger, tally: _Tally) -> pa.RecordBatch:
    given = {name: batch.column(name) for name in batch.schema.names}
    empty = pa.nulls(batch.num_rows, pa.string())
    tags = tagger.tag(
        *(given.get(name, empty).cast(pa.string()) for name in (c.BUSINESS_SCOPE, c.INDUSTRY_CODE))
    )
    tally.add(tags)
    kept = {name: column for name, column in given.items() if name not in tags.schema.names}
    return pa.RecordBatch.from_pydict(
        kept | dict(zip(tags.schema.names, tags.columns, strict=True))
    )


class _Tally:
    """Counts of tags by sector and scope."""

    def __init__(self) -> None:
        self.firms = 0
        self.primary: Counter[str] = Counter()
        self.every: Counter[str] = Counter()
        self.scopes: Counter[str] = Counter()

    def add(self, tags: pa.RecordBatch) -> None:
        """Count a batch."""
        self.firms += tags.num_rows
        for name in c.SECTORS:
            found = _counted(tags.column(name))
            self.every.update(found)
            if name == c.SECTOR_1:
                self.primary.update(found)
        self.scopes.update(_counted(tags.column(c.SCOPE)))

    def summary(self) -> dict[str, Any]:
        """The counts as JSON values."""
        return {
            "firms": self.firms,
            "untagged": self.firms - sum(self.primary.values()),
            "sectors": {
                s: {"primary": self.primary[s], "any": self.every[s]} for s in facts.sector_ids()
            },
            "scopes": dict(self.scopes),
        }


def _counted(column: pa.Array) -> dict[str, int]:
    return {
        row["values"]: row["counts"]
        for row in column.value_counts().to_pylist()
        if row["values"] is not None
    }
