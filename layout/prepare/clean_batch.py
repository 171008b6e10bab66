"""What cleaning gives of a batch: rows that stay, with flags, and rows that go, with reasons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from layout.core.faults import FAULTS, mask_of
from layout.core.sources import UnreadableRow
from layout.prepare.text_arrays import as_text

Flags = npt.NDArray[np.bool_]
Masks = npt.NDArray[np.uint32]

_CONTRADICTED: Final = np.uint32(mask_of("datum_contradicts_address"))
_OF_PLACE: Final = np.uint32(
    mask_of("outside_city", "in_sea", "near_border_assigned", "district_mismatch")
)
_KNOWN_BY_READING: Final = np.uint32(mask_of("missing_coordinates"))


@dataclass(frozen=True)
class RejectedRows:
    """Rows that go to the rejects.

    Attributes
    ----------
    lines
        Line of each in the source, int64.
    reasons
        Masks of :mod:`layout.core.faults`: all faults of the row.
    values
        The columns of the file as text, as they stood.
    unreadable
        Records that are no rows of the table.
    """

    lines: pa.Array
    reasons: Masks
    values: pa.RecordBatch
    unreadable: tuple[UnreadableRow, ...] = ()

    def __len__(self) -> int:
        return len(self.reasons) + len(self.unreadable)

    def counts(self) -> dict[str, int]:
        """Rows by fault; a row with several faults counts under each."""
        found = count_faults(self.reasons)
        for row in self.unreadable:
            found[row.reason] = found.get(row.reason, 0) + 1
        return found


@dataclass(frozen=True)
class CleanBatch:
    """A batch after cleaning.

    Attributes
    ----------
    columns
        Rows that stay: columns of :mod:`layout.core.columns` with their types, positions in WGS 84
        (null where there is none), the source line, the original values, then the file's other
        columns.
    flags
        Masks of :mod:`layout.core.faults`, ``(n,)``.
    rejected
        Rows that go.
    given
        All rows of the batch as the file has them.
    places
        Position in ``given`` of each row that stays, int64 ``(n,)``.
    rejecting
        Mask of the faults whose rows go.
    coarse
        Rows with an industry code coarser than a class.
    blank
        Records without any character, which are no rows.
    done
        Share of the file read, None where unknown.
    """

    columns: pa.RecordBatch
    flags: Masks
    rejected: RejectedRows
    given: pa.RecordBatch
    places: npt.NDArray[np.int64]
    rejecting: int
    coarse: int = 0
    blank: int = 0
    done: float | None = None

    @property
    def read(self) -> int:
        """Rows read: those that stay and those that go."""
        return len(self.flags) + len(self.rejected)

    def counts(self) -> dict[str, int]:
        """Rows that stay by the faults they are flagged with."""
        return count_faults(self.flags)

    def with_columns(self, more: pa.RecordBatch) -> CleanBatch:
        """The batch with further columns of the rows that stay, in their order."""
        arrays = [*self.columns.columns, *more.columns]
        fields = [*self.columns.schema, *more.schema]
        joined = pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))
        return replace(self, columns=joined)

    def with_flags(self, more: Masks) -> CleanBatch:
        """The batch with the flags that joining found; rows whose new fault rejects them go.

        A row whose datum contradicts its address has a wrong place, which is said once: it gets no
        flag of its place. Missing coordinates are what reading found.
        """
        more = more & ~_KNOWN_BY_READING
        more = np.where(self.flags & _CONTRADICTED, more & ~_OF_PLACE, more)
        flags = self.flags | more.astype(np.uint32)
        gone = (flags & np.uint32(self.rejecting)) != 0
        if not gone.any():
            return replace(self, flags=flags)
        return split(replace(self, flags=flags), gone)


def split(batch: CleanBatch, gone: Flags) -> CleanBatch:
    """The batch with some of the rows that stay made rows that go."""
    from layout.core.columns import LINE

    leave, stay = pa.array(gone), pa.array(~gone)
    before = batch.rejected
    values = text_columns(batch.given.take(pa.array(batch.places[gone])))
    rejected = RejectedRows(
        lines=pa.concat_arrays([before.lines, batch.columns.column(LINE).filter(leave)]),
        reasons=np.concatenate([before.reasons, batch.flags[gone]]),
        values=pa.concat_batches([before.values, values]) if len(before.reasons) else values,
        unreadable=before.unreadable,
    )
    return replace(
        batch,
        columns=batch.columns.filter(stay),
        places=batch.places[~gone],
        flags=batch.flags[~gone],
        rejected=rejected,
    )


def text_columns(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Every column as text."""
    arrays = [as_text(column) for column in batch.columns]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def count_faults(masks: Masks) -> dict[str, int]:
    """Rows by fault code, of those that occur."""
    kinds, rows = np.unique(masks, return_counts=True)
    found = {
        code: int(rows[(kinds >> np.uint32(fault.bit)) & np.uint32(1) == 1].sum())
        for code, fault in FAULTS.items()
    }
    return {code: count for code, count in found.items() if count}
