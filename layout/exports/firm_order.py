"""The firm table along a Hilbert curve, so that a look at a place reads few row groups."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from layout.core.columns import LAT, LON
from layout.exports.dictionary_codes import DictionaryCodes
from layout.exports.firms import FirmWriter
from layout.exports.key_partitions import HELD_ROWS, KeyPartitions
from layout.geometry.hilbert import BITS, Bounds, hilbert_places

ROW_GROUP: Final = 1 << 16
ORDER_ENTRY: Final = "row_order"
"""Entry of the file's metadata that says how its rows are ordered."""
_PLACE: Final = "#place"
_MASK: Final = "#flags"


class OrderedFirmWriter:
    """Writes what :class:`layout.exports.firms.FirmWriter` writes, along a Hilbert curve.

    Rows without coordinates come last; rows of one place keep the order of the source. What is
    written depends on the rows and their order only, not on how they came in batches.

    Parameters
    ----------
    path
        The file.
    bounds
        West, south, east, north of the box that the curve fills, degrees.
    scratch
        A folder that does not exist, for rows that wait; removed at the end.
    held_rows, row_group
        Rows held in memory, and rows of a group in the file.

    Raises
    ------
    OutputError
        The file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        bounds: Bounds,
        scratch: Path,
        *,
        held_rows: int = HELD_ROWS,
        row_group: int = ROW_GROUP,
    ) -> None:
        self._writer = FirmWriter(path)
        self._bounds, self._scratch, self._row_group = bounds, scratch, row_group
        self._codes = DictionaryCodes()
        self._parts = KeyPartitions(scratch, _PLACE, held_rows=held_rows)
        self._taken = 0
        self._empty: pa.RecordBatch | None = None
        self._writer.metadata[ORDER_ENTRY] = {
            "curve": "hilbert",
            "bits": BITS,
            "bounds": [float(side) for side in bounds],
            "without_coordinates": "last",
        }

    @property
    def spilled_bytes(self) -> int:
        """Bytes that waited on disk; known at the end."""
        return self._parts.spilled_bytes

    def __enter__(self) -> Self:
        self._writer.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._finish()
        except BaseException as failed:
            self._writer.__exit__(type(failed), failed, failed.__traceback__)
            raise
        else:
            self._writer.__exit__(kind, error, trace)
        finally:
            self._parts.close()
            shutil.rmtree(self._scratch, ignore_errors=True)

    def write(
        self, batch: pa.RecordBatch, flags: npt.NDArray[np.uint32], done: float | None = None
    ) -> None:
        """Take firms; ``done`` is the share of the source that is read when the batch ends."""
        if self._empty is None:
            self._empty = batch.slice(0, 0)
        if not batch.num_rows:
            return
        lon, lat = (batch.column(name).to_numpy(zero_copy_only=False) for name in (LON, LAT))
        plain = self._codes.encoded(batch)
        arrays = [*plain.columns, pa.array(flags), pa.array(hilbert_places(lon, lat, self._bounds))]
        names = [*plain.schema.names, _MASK, _PLACE]
        self._taken += batch.num_rows
        expected = self._taken / done if done else None
        self._parts.add(pa.RecordBatch.from_arrays(arrays, names=names), expected)

    def _finish(self) -> None:
        for group in self._parts.sorted_batches(self._row_group):
            firms = self._codes.decoded(group.drop_columns([_MASK, _PLACE]))
            self._writer.write(firms, group.column(_MASK).to_numpy())
        if not self._taken and self._empty is not None:  # a table without rows is a table
            self._writer.write(self._empty, np.zeros(0, np.uint32))
