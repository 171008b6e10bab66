"""Copies in compiled code are those of slices."""

import numba
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from layout.core.copying import WIDE, copy_bytes, copy_wide, fetch


@numba.njit
def copies(source, first, size, place):
    run, wide = np.zeros_like(source), np.zeros_like(source)
    fetch(source, first)
    copy_bytes(run, place, source, first, size)
    copy_wide(wide, place, source, first)
    return run, wide


@given(
    st.binary(min_size=3 * WIDE, max_size=4 * WIDE),
    st.integers(0, 2 * WIDE),
    st.integers(0, WIDE),
    st.integers(0, 2 * WIDE),
)
def test_copies_are_those_of_slices(raw, first, size, place):
    run, wide = copies(np.frombuffer(raw, np.uint8), first, size, place)
    for made, count in ((run, size), (wide, WIDE)):
        assert made.tobytes() == bytes(place) + raw[first : first + count] + bytes(
            len(raw) - place - count
        )
