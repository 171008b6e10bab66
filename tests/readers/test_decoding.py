"""Bytes that are no text: as Python's decoder finds them, wherever windows begin."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout.readers import decoding
from layout.readers.decoding import is_sound, unsound_places

# The edges of each length, then what is too short, too long, a surrogate, too high or cut off.
SOUND = ["a", "\x7f", "\x80", "\u07ff", "\u0800", "深", "\ud7ff", "\ue000", "\uffff", "\U00010000"]
SOUND = [text.encode() for text in (*SOUND, "\U0010ffff", "plain text, ")]
UNSOUND = [b"\0", b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xed\xa0\x80"]
UNSOUND += [
    b"\xf0\x8f\xbf\xbf",
    b"\xf4\x90\x80\x80",
    b"\xf5",
    b"\xff",
    b"\xe4\xb8",
    b"\xf0\x90\x80",
]


def as_python(raw):
    """Places of NUL and of bytes that Python's decoder escapes."""
    text, pos, places = raw.decode("utf-8", "surrogateescape"), 0, []
    for letter in text:
        escaped = "\udc80" <= letter <= "\udcff"
        if escaped or letter == "\0":
            places.append(pos)
        pos += 1 if escaped else len(letter.encode())
    return places


@st.composite
def texts(draw):
    """Text of any length to some windows, with a few pieces anywhere that are none."""
    pieces = draw(st.lists(st.sampled_from(SOUND), min_size=1, max_size=12))
    raw = bytearray(b"".join(pieces) * draw(st.integers(1, 400)))
    for piece in draw(st.lists(st.sampled_from(UNSOUND), max_size=3)):
        place = draw(st.integers(0, len(raw)))
        raw[place : place + draw(st.integers(0, 1))] = piece
    return bytes(raw[draw(st.integers(0, 3)) : len(raw) - draw(st.integers(0, 3))])


@settings(deadline=None, max_examples=400)
@given(st.one_of(texts(), st.binary(max_size=300)))
def test_unsound_bytes_are_those_python_finds(raw):
    block = np.frombuffer(raw, np.uint8)
    assert unsound_places(block).tolist() == as_python(raw)
    assert is_sound(block) == (not as_python(raw))


@pytest.mark.parametrize("piece", UNSOUND)
@pytest.mark.parametrize("letter", ["a", "é", "深", "\U00020000"])
def test_unsound_bytes_are_found_at_each_place_of_a_window(piece, letter):
    filling = letter.encode()
    for before in range(0, 140, len(filling)):
        raw = filling * (before // len(filling)) + piece + filling * (9000 // len(filling))
        assert unsound_places(np.frombuffer(raw, np.uint8)).tolist() == as_python(raw)


def test_more_unsound_bytes_than_are_looked_for_at_once(monkeypatch):
    monkeypatch.setattr(decoding, "_PLACES", 7)
    raw = ("深".encode() * 5 + b"\xff\0") * 999
    assert unsound_places(np.frombuffer(raw, np.uint8)).tolist() == as_python(raw)
