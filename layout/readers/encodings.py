"""Which encoding a text file is in.

A file is judged by its lines that hold more than ASCII, taken from all over the file: text in
GB 18030 is practically never valid UTF-8, so a file most of whose lines are valid UTF-8 is UTF-8
and its other lines are faulty rows, not a reason to doubt the file.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from layout.core.errors import InputFileError

UTF_8: Final = "utf-8"
GB_18030: Final = "gb18030"

_NAMES: Final = {"gbk": GB_18030, "gb2312": GB_18030, "utf-8-sig": UTF_8, "ascii": UTF_8}
_MARKS: Final = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE_BYTES: Final = 1 << 16
_SAMPLES: Final = 64
_LINES_A_SAMPLE: Final = 50
_MOST: Final = 0.5
_SURELY: Final = 0.9
_ENOUGH_BYTES: Final = 30
_ZEROS_OF_UTF_16: Final = 0.1


@dataclass(frozen=True)
class Encoding:
    """The encoding of a file: Python's name, and the length of its byte-order mark."""

    name: str
    mark: int = 0


@dataclass(frozen=True)
class _Evidence:
    """Lines, those with more than ASCII, their other bytes, how many each encoding can read."""

    all_lines: int
    lines: int
    weight: int
    utf_8: int
    gb_18030: int
    declared: int


def find_encoding(path: Path, declared: str | None = None) -> Encoding:
    """The encoding of a text file.

    Parameters
    ----------
    path
        The file.
    declared
        What the user says it is; the file is only checked against it.

    Raises
    ------
    InputFileError
        The declared encoding is unknown or clearly another one; or none fits.
    """
    wanted = None if declared is None else _standard_name(declared)
    with path.open("rb") as handle:
        head = handle.read(4096)
    for mark, name in _MARKS:
        if head.startswith(mark) and (wanted is None or name.startswith(wanted)):
            return Encoding(name, len(mark))
    wide = _utf_16_without_mark(head)
    if wide is not None and wanted is None:
        return Encoding(wide)
    if wanted is not None and wanted.startswith(("utf-16", "utf-32")):
        return _wide_encoding(path, wanted, wide)
    evidence = _gather(path, wanted)
    if wanted is not None:
        _check_declared(path, wanted, evidence)
        return Encoding(wanted)
    if evidence.utf_8 >= _MOST * evidence.lines:
        return Encoding(UTF_8)
    if evidence.gb_18030 >= _MOST * evidence.lines:
        return Encoding(GB_18030)
    if evidence.lines < _MOST * evidence.all_lines:
        return Encoding(UTF_8)  # mostly ASCII; the other rows will be rejected
    raise InputFileError("error.no_encoding", path=path)


def likely_encoding(texts: Iterable[bytes]) -> str:
    """UTF-8 or GB 18030, whichever more of the texts can be; UTF-8 where they are all ASCII."""
    telling = [text for text in texts if not text.isascii()]
    utf_8 = sum(_begins_as(text, UTF_8) for text in telling)
    return UTF_8 if utf_8 >= _MOST * len(telling) else GB_18030


def _standard_name(declared: str) -> str:
    try:
        name = codecs.lookup(declared).name
        "".encode(name)  # refuses codecs that are no text encodings
    except LookupError as error:
        raise InputFileError("error.unknown_encoding", found=declared) from error
    return _NAMES.get(name, name)


def _utf_16_without_mark(head: bytes) -> str | None:
    """UTF-16 shows by a zero in every other byte, those of its ASCII characters."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < _ZEROS_OF_UTF_16 * len(head) / 2 or even == odd:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _wide_encoding(path: Path, wanted: str, found: str | None) -> Encoding:
    """A declared UTF-16 without a mark: its zeros must show."""
    if found is None or not (wanted == found or wanted == "utf-16"):
        likely = found or f"{UTF_8} / {GB_18030}"
        raise InputFileError("error.wrong_encoding", path=path, found=wanted, likely=likely)
    return Encoding(found)


def _check_declared(path: Path, wanted: str, evidence: _Evidence) -> None:
    """Refuse a declared encoding that most lines contradict.

    Much UTF-8 can be read as GB 18030 by accident, GB 18030 hardly ever as UTF-8.
    """
    fits = evidence.declared >= _MOST * evidence.lines
    is_utf_8 = evidence.utf_8 >= _SURELY * evidence.lines and evidence.weight >= _ENOUGH_BYTES
    if fits and not (wanted == GB_18030 and is_utf_8):
        return
    likely = UTF_8 if evidence.utf_8 >= evidence.gb_18030 else GB_18030
    raise InputFileError("error.wrong_encoding", path=path, found=wanted, likely=likely)


def _gather(path: Path, declared: str | None) -> _Evidence:
    all_lines = lines = weight = utf_8 = gb = fit = 0
    for line in _sampled_lines(path):
        all_lines += 1
        if line.isascii():
            continue
        lines += 1
        weight += len(line) - len(line.decode("ascii", "ignore"))
        utf_8 += _begins_as(line, UTF_8)
        gb += _begins_as(line, GB_18030)
        fit += declared is not None and _begins_as(line, declared)
    return _Evidence(all_lines, lines, weight, utf_8, gb, fit)


def can_read(raw: bytes, encoding: str) -> bool:
    """Whether some bytes are sound text in ``encoding``."""
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _begins_as(line: bytes, encoding: str) -> bool:
    """Whether a line is sound text but for a last character that may be cut off."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(line)
    except UnicodeDecodeError:
        return False
    return True


def _sampled_lines(path: Path) -> Iterator[bytes]:
    """Lines from samples spread over the file; and from where more than ASCII begins."""
    size = path.stat().st_size
    step = max(size // _SAMPLES, _SAMPLE_BYTES)
    with path.open("rb") as handle:
        ascii_only = True
        for start in range(0, size, step):
            lines = _lines_at(handle, start)
            ascii_only &= all(line.isascii() for line in lines)
            yield from lines
        if ascii_only and step > _SAMPLE_BYTES:
            yield from _first_lines(handle)


def _lines_at(handle: BinaryIO, start: int) -> list[bytes]:
    """Whole lines near a place, of those with more than ASCII not too many."""
    handle.seek(start)
    lines = handle.read(_SAMPLE_BYTES).split(b"\n")
    if start:
        del lines[0]
    if len(lines) > 1 and handle.read(1):
        del lines[-1]
    telling = [line for line in lines if not line.isascii()][:_LINES_A_SAMPLE]
    return telling + [line for line in lines if line.isascii()]


def _first_lines(handle: BinaryIO) -> list[bytes]:
    """Lines from the first place with more than ASCII."""
    handle.seek(0)
    rest = b""
    while chunk := handle.read(1 << 22):
        if not chunk.isascii():
            lines = (rest + chunk + handle.readline()).split(b"\n")
            return [line for line in lines if not line.isascii()][:_LINES_A_SAMPLE]
        rest = chunk[chunk.rfind(b"\n") + 1 :]
    return []
