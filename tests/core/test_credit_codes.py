"""The check character of GB 32100-2015 on known codes, and its power to find slips."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout.core.credit_codes import (
    ALPHABET,
    BODY_LENGTH,
    WEIGHTS,
    check_character,
    has_valid_check,
    organisation_check,
)

# One place differs from zero, so the check value is (-weight * value) mod 31 by hand:
# -4 -> 27 = U (weight 1), -28 -> 3 (weight 28), -6 -> 25 = R (weight 3).
HAND = {"0" * 17: "0", "4" + "0" * 16: "U", "0" * 16 + "1": "3", "02" + "0" * 15: "R"}


def as_bytes(bodies: list[str]) -> np.ndarray:
    return np.frombuffer("".join(bodies).encode("ascii"), np.uint8).reshape(len(bodies), -1)


def checked(body: str) -> str:
    return body + chr(int(check_character(as_bytes([body]))[0]))


def test_alphabet_leaves_out_the_five_letters() -> None:
    assert len(ALPHABET) == 31
    assert not set("IOSVZ") & set(ALPHABET)


def test_weights_are_those_printed_in_the_standard() -> None:
    assert WEIGHTS == (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


@pytest.mark.parametrize(("body", "letter"), HAND.items())
def test_hand_calculation(body: str, letter: str) -> None:
    assert checked(body)[-1] == letter


def test_widely_published_codes_are_valid() -> None:
    # Codes printed in the public reports of listed companies.
    known = ["9144030071526726XG", "914403001922038216", "91440300708461136T"]
    assert has_valid_check(pa.array(known)).all()


def test_organisation_check_agrees_with_published_codes() -> None:
    known = ["9144030071526726XG", "914403001922038216", "91440300708461136T"]
    bodies = as_bytes([code[8:16] for code in known])
    assert organisation_check(bodies).tobytes().decode() == "".join(c[16] for c in known)


def test_null_short_lower_case_and_foreign_letters_are_invalid() -> None:
    good = checked("91990000MA0000001")
    bad = [
        None,
        "",
        good[:-1],
        good + "0",
        good.lower(),
        " " + good[1:],
        "I" + good[1:],
        "深圳市好人",
    ]
    assert has_valid_check(pa.array([good, *bad])).tolist() == [True] + [False] * len(bad)


def test_slices_chunks_and_empty_columns() -> None:
    good = checked("91990000MA0000001")
    column = pa.array(["x", good, "y", good], type=pa.string())
    assert has_valid_check(column.slice(1, 2)).tolist() == [True, False]
    assert has_valid_check(pa.chunked_array([column, column])).sum() == 4
    assert has_valid_check(pa.array([], type=pa.string())).size == 0
    assert has_valid_check(pa.array([None], type=pa.string())).tolist() == [False]
    assert has_valid_check(column.cast(pa.large_string())).sum() == 2


@given(
    body=st.text(ALPHABET, min_size=BODY_LENGTH, max_size=BODY_LENGTH),
    place=st.integers(0, 17),
    letter=st.sampled_from(ALPHABET),
)
def test_any_single_slip_is_found(body: str, place: int, letter: str) -> None:
    code = checked(body)
    slipped = code[:place] + letter + code[place + 1 :]
    assert has_valid_check(pa.array([code, slipped])).tolist() == [True, slipped == code]
