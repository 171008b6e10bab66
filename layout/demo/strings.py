"""Columns of text put together from lists of words, whole columns at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from layout.demo.chances import Bools, Ints

Text: TypeAlias = pa.Array
"""An Arrow array of strings."""


class Pool:
    """A list of words to take from; position -1 gives an empty text."""

    def __init__(self, words: Sequence[str]) -> None:
        self.size = len(words)
        self._words = pa.array([*words, ""], type=pa.string())

    def take(self, places: npt.NDArray[Any]) -> Text:
        """The word at each place."""
        known = np.where(places < 0, self.size, places).astype(np.int32)
        return self._words.take(pa.array(known))


def join(*parts: Text | str, separator: str = "") -> Text:
    """Texts side by side, row by row; a plain string stands in every row."""
    return pc.binary_join_element_wise(*parts, separator)


def whole_numbers(numbers: npt.NDArray[np.int64], known: Bools | None = None) -> Text:
    """Whole numbers in digits; empty where not known."""
    mask = None if known is None else ~known
    return pc.fill_null(pa.array(numbers, mask=mask).cast(pa.string()), "")


def choose(which: Bools, yes: Text | bytes, no: Text) -> Text:
    """``yes`` where ``which``, else ``no``."""
    return pc.if_else(pa.array(which), yes, no)


_HUNDREDTHS = Pool([f".{number:02}" for number in range(100)])
_THOUSAND = Pool([f"{number:03}" for number in range(1000)])


def hundredths(numbers: Ints, known: Bools) -> Text:
    """Numbers of hundredths with two decimals; empty where not known."""
    whole, part = np.divmod(numbers, 100)
    return join(whole_numbers(whole, known), _HUNDREDTHS.take(np.where(known, part, -1)))


def millionths(numbers: Ints) -> Text:
    """Numbers of millionths, not negative, with six decimals."""
    whole, part = np.divmod(numbers, 1_000_000)
    high, low = np.divmod(part, 1000)
    return join(whole_numbers(whole), ".", _THOUSAND.take(high), _THOUSAND.take(low))


def fixed(letters: npt.NDArray[np.uint8]) -> Text:
    """Rows of ASCII letters as texts of one length."""
    count, length = letters.shape
    offsets = np.arange(0, (count + 1) * length, length, dtype=np.int32)
    data = np.ascontiguousarray(letters)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(data))
