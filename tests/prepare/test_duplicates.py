"""Codes that stood before."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from layout.prepare import duplicates
from layout.prepare.duplicates import SeenCodes

CODES = st.text(st.sampled_from("0A1Z甲a "), max_size=4) | st.sampled_from(
    ["91440300MA5000000W", "91440300MA5000001X", "9" * 19, "0", "00", "A" * 18, "A" * 17]
)


def expected(codes, keep):
    seen, marks = set(), []
    for code, kept in zip(codes, keep, strict=True):
        marks.append(bool(code) and code in seen)
        if code and kept:
            seen.add(code)
    return marks


@settings(deadline=None)
@given(st.lists(st.tuples(CODES | st.none(), st.booleans())), st.integers(1, 5))
def test_finds_what_a_set_finds(rows, batch):
    codes, keep = [r[0] for r in rows], [r[1] for r in rows]
    seen, marks = SeenCodes(), []
    for start in range(0, len(rows), batch):
        part = pa.array(codes[start : start + batch], pa.string())
        marks += seen.repeats(part, np.array(keep[start : start + batch], dtype=bool)).tolist()
    assert marks == expected(codes, keep)


def test_many_codes_in_a_growing_table(monkeypatch):
    monkeypatch.setattr(duplicates, "_FIRST_SLOTS", 16)
    numbers = np.random.default_rng(1).permutation(100_000)
    codes = [f"91440300MA5{n:07d}" for n in numbers]
    seen = SeenCodes()
    for start in range(0, len(codes), 7_000):
        part = pa.array(codes[start : start + 7_000])
        assert not seen.repeats(part, np.ones(len(part), dtype=bool)).any()
    assert len(seen) == 100_000
    again = pa.array(codes[::-1])
    assert seen.repeats(again, np.ones(len(again), dtype=bool)).all()
    assert len(seen) == 100_000


def test_a_rejected_row_gives_its_place_to_the_next():
    codes = pa.array(["A", "A", "A"])
    assert SeenCodes().repeats(codes, np.array([False, True, True])).tolist() == [
        False,
        False,
        True,
    ]
