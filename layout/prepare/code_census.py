"""Which codes of a table stand more than once, found with little memory before rows are worked on.

The codes of a large table do not fit in memory, those that repeat mostly do. A first pass keeps a
hash of 8 bytes of every code, parted by its first bits in files on disk when there are many; in
each part, hashes that stand twice are found by sorting. A code whose hash stands once can be no
repeat; the others, a few of them only alike by chance, are compared exactly in the second pass
(:class:`layout.prepare.duplicates.SeenCodes`).
"""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import pyarrow as pa

from layout.core.errors import OutputError
from layout.core.sources import SourceInfo
from layout.prepare.duplicates import Hashes, code_hashes

MANY_ROWS: Final = 6_000_000
MANY_BYTES: Final = 3_500_000_000
"""From here on the codes of a table are counted before; fewer are kept as they come, as that costs
less time."""
HELD_CODES: Final = 1 << 22
_PART_BITS: Final = 6


def is_large(info: SourceInfo) -> bool:
    """Whether a table has so many codes that they are better not kept in memory."""
    if info.rows is not None:
        return info.rows > MANY_ROWS
    return info.path.is_file() and info.path.stat().st_size > MANY_BYTES


class CodeCensus:
    """Takes the codes of a table; to be used as a block, at whose end no file is left.

    Parameters
    ----------
    folder
        Where files are made when codes are many.
    held_codes
        Hashes held in memory.

    Raises
    ------
    OutputError
        The files cannot be written.
    """

    def __init__(self, folder: Path, *, held_codes: int = HELD_CODES) -> None:
        self.spilled_bytes = 0
        self._folder, self._held_codes = folder, held_codes
        self._held: list[Hashes] = []
        self._count = 0
        self._stack = contextlib.ExitStack()
        self._files: list[Any] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(OSError):  # a full disk was told when it was written to
            self._stack.close()

    def add(self, codes: pa.Array) -> None:
        """Take codes; nulls and empty ones are none."""
        found = code_hashes(codes)
        self._held.append(found)
        self._count += len(found)
        if self._count > self._held_codes:
            self._spill()

    def repeated(self) -> Hashes:
        """Hashes that stand more than once, uint64, ascending."""
        if not self._files:
            return _twice(np.concatenate([np.empty(0, np.uint64), *self._held]))
        self._spill()
        found = []
        for file in self._files:
            self.spilled_bytes += file.tell()
            file.seek(0)
            found.append(_twice(np.fromfile(file, dtype=np.uint64)))
        return np.concatenate(found)

    def _spill(self) -> None:
        """Write what is held, each hash to the file of its first bits."""
        hashes = np.concatenate([np.empty(0, np.uint64), *self._held])
        self._held, self._count = [], 0
        parts = (hashes >> np.uint64(64 - _PART_BITS)).astype(np.uint8)
        hashes = hashes[np.argsort(parts, kind="stable")]
        ends = np.cumsum(np.bincount(parts, minlength=1 << _PART_BITS))
        try:
            if not self._files:
                self._open()
            for file, some in zip(self._files, np.split(hashes, ends[:-1]), strict=True):
                file.write(some.data)
                file.flush()
        except OSError as error:
            reason = error.strerror or str(error)
            raise OutputError("error.output_failed", path=self._folder, reason=reason) from error

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for _ in range(1 << _PART_BITS):
            file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed by the stack
            self._files.append(self._stack.enter_context(file))


def _twice(hashes: Hashes) -> Hashes:
    """Values that stand more than once, ascending."""
    ordered = np.sort(hashes)
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    return np.unique(again)
