"""Bits of a word for 64 bytes: as a loop over the bytes says."""

import numba
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from layout.core.byte_masks import BLOCK, bytes_from, equal_bytes, lowest_bit


@numba.njit
def words(data, place, byte):
    same = equal_bytes(data, place, byte)
    return same, bytes_from(data, place, byte), lowest_bit(same)


@given(
    st.binary(min_size=BLOCK, max_size=3 * BLOCK), st.integers(0, 2 * BLOCK), st.integers(0, 255)
)
def test_words_are_those_of_a_loop(raw, place, byte):
    place = min(place, len(raw) - BLOCK)
    same, above, lowest = words(np.frombuffer(raw, np.uint8), place, np.uint8(byte))
    block = raw[place : place + BLOCK]
    assert same == sum(1 << i for i, one in enumerate(block) if one == byte)
    assert above == sum(1 << i for i, one in enumerate(block) if one >= byte)
    assert lowest == (block.index(byte) if byte in block else BLOCK)
