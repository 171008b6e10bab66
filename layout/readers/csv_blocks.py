"""A text file as blocks of whole bytes in one buffer, what was not used standing first."""

from __future__ import annotations

import codecs
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from layout.readers.encodings import UTF_8, Encoding


class BlockReader:
    """Reads a file into a buffer that is used again and again.

    Parameters
    ----------
    path, encoding
        The file; reading begins behind its byte-order mark.
    recode
        Give UTF-8, whatever the file is in; what cannot be decoded becomes U+FFFD.
    size
        Bytes read at a time.
    """

    def __init__(self, path: Path, encoding: Encoding, *, recode: bool, size: int) -> None:
        self._handle = path.open("rb", buffering=0)
        self._handle.seek(encoding.mark)
        self._size = size
        self._decoder = codecs.getincrementaldecoder(encoding.name)("replace") if recode else None
        self._buffer = np.empty(size, dtype=np.uint8)
        self._held = 0
        self.read = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._handle.close()

    def next(self, used: int) -> tuple[npt.NDArray[np.uint8], bool]:
        """The unused end of the last block and what follows it, and whether the file ends there.

        Parameters
        ----------
        used
            Bytes of the last block that are done with. The block itself is overwritten.
        """
        rest = self._held - used
        kept = self._buffer[used : self._held].copy()
        if self._decoder is None:
            self._make_room(rest + self._size)
            self._buffer[:rest] = kept
            read = self._fill(self._buffer[rest : rest + self._size])
            final = read < self._size
        else:
            raw = np.empty(self._size, dtype=np.uint8)
            got = self._fill(raw)
            final = got < self._size
            text = self._decoder.decode(raw[:got].tobytes(), final).encode(UTF_8)
            read = len(text)
            self._make_room(rest + read)
            self._buffer[:rest] = kept
            self._buffer[rest : rest + read] = np.frombuffer(text, dtype=np.uint8)
        self._held = rest + read
        return self._buffer[: self._held], final

    def _fill(self, target: npt.NDArray[np.uint8]) -> int:
        """Fill a buffer as far as the file goes; the bytes read."""
        done = 0
        while done < target.size and (got := self._handle.readinto(target[done:].data)):
            done += got
        self.read += done
        return done

    def _make_room(self, size: int) -> None:
        if size > self._buffer.size:
            self._buffer = np.empty(size + size // 4, dtype=np.uint8)
