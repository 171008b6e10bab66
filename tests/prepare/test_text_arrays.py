"""Text columns: their buffers, and the white space about them."""

from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout.prepare.text_arrays import text_buffers, trimmed

SPACES = [
    chr(n) for n in range(0x3001) if pc.utf8_trim_whitespace(pa.array([chr(n)]))[0].as_py() == ""
]
LETTERS = ["a", "深", "é", "１", "😀", "\u00c2", "\u2603", "\u3001"]


def plainly_trimmed(array: pa.Array) -> pa.Array:
    """Every text looked at."""
    stripped = pc.utf8_trim_whitespace(array)
    return pc.if_else(pc.equal(stripped, ""), None, stripped)


@pytest.mark.parametrize("space", SPACES)
def test_every_white_space_is_seen_at_both_ends(space: str) -> None:
    for text in (space, space + "a", "a" + space, "深" + space, space + "深", "１" + space):
        array = pa.array([text, "x"])
        assert trimmed(array).equals(plainly_trimmed(array))


@given(st.lists(st.none() | st.text(st.sampled_from([*SPACES[:12:4], *LETTERS]), max_size=4)))
def test_texts_are_trimmed_as_when_every_one_is_looked_at(texts: list[str | None]) -> None:
    array = pa.array(texts, pa.string())
    assert trimmed(array).equals(plainly_trimmed(array))
    assert trimmed(array[1:]).equals(plainly_trimmed(array[1:]))


def test_a_null_has_no_bytes() -> None:
    # Arrow allows bytes under a null; compiled code would read them
    plain = pa.array(["a", "bc", "d", "e"])
    bits = pa.py_buffer(bytes([0b1101]))
    array = pa.Array.from_buffers(pa.string(), 4, [bits, *plain.buffers()[1:]])
    for part in (array, array[1:], array[2:]):
        offsets, letters = text_buffers(part)
        texts = [bytes(letters[a:b]).decode() for a, b in itertools.pairwise(offsets)]
        assert texts == [text or "" for text in part.to_pylist()]
    assert np.diff(text_buffers(array)[0]).tolist() == [1, 0, 1, 1]
