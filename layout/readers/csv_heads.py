"""The head of a delimited text: its header, delimiter and line end."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from layout.core.errors import InputFileError

DELIMITERS: Final = (",", ";", "\t", "|")
HEAD_BYTES: Final = 1 << 20
_RECORDS: Final = 100
_NAMED: Final = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


@dataclass(frozen=True)
class Head:
    """What the start of a delimited text says of all of it.

    Attributes
    ----------
    headers
        The fields of the header record.
    delimiter
        One ASCII character.
    newline
        The byte that ends a record: a line feed, or a return in files that have no line feed.
    size, line
        Bytes before the first row, and the line it starts on.
    """

    headers: tuple[str, ...]
    delimiter: str
    newline: int
    size: int
    line: int


def find_head(path: Path, raw: bytes, encoding: str, delimiter: str | None) -> Head:
    """The head of a text from its first bytes.

    Parameters
    ----------
    path
        Named in errors.
    raw
        The first ``HEAD_BYTES`` or fewer, without a byte-order mark.
    encoding
        Their encoding.
    delimiter
        What the user says it is; found where None.

    Raises
    ------
    InputFileError
        There is no header, or the delimiter cannot be one.
    """
    newline = b"\n" if b"\n" in raw else b"\r"
    text = raw.decode(encoding, "replace")
    chosen = _sniff(text) if delimiter is None else _declared(delimiter)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=chosen)
    try:
        headers = next((record for record in reader if any(record)), None)
    except csv.Error as error:
        raise InputFileError("error.no_header", path=path) from error
    if headers is None:
        raise InputFileError("error.no_header", path=path)
    lines = reader.line_num
    size = 0
    for _ in range(lines):
        end = raw.find(newline, size)
        size = len(raw) if end < 0 else end + 1
    return Head(tuple(headers), chosen, newline[0], size, lines + 1)


def _declared(delimiter: str) -> str:
    chosen = _NAMED.get(delimiter.lower(), delimiter)
    if len(chosen) != 1 or not chosen.isascii() or chosen.isalnum() or chosen in '"\r\n':
        raise InputFileError("error.bad_delimiter", found=delimiter)
    return chosen


def _sniff(text: str) -> str:
    """The delimiter that cuts the most records into as many fields as the header, and into many."""
    best, chosen = (0.0, 0), DELIMITERS[0]
    for delimiter in DELIMITERS:
        widths = _widths(text, delimiter)
        if not widths or widths[0] < 2:
            continue
        score = (round(sum(width == widths[0] for width in widths) / len(widths), 1), widths[0])
        if score > best:
            best, chosen = score, delimiter
    return chosen


def _widths(text: str, delimiter: str) -> list[int]:
    widths: list[int] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if any(record):
                widths.append(len(record))
            if len(widths) > _RECORDS:
                break
    except csv.Error:
        pass
    # The last record read may be cut off.
    return widths[:-1] if len(widths) > 2 else widths
