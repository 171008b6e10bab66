"""Errors and notes of the library as a page says them: no commands, no paths, no markup."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from layout.core.columns import label
from layout.core.errors import FaultsError, LayoutError
from layout.core.texts import text
from layout.prepare.headers import is_column
from maps.pages.state import lang, t

_MARKUP: Final = re.compile(r"([\\`*_\[\]<>$~#|!:{}])")
_DATUM: Final = re.compile(r"\b(?:wgs84|cgcs2000|gcj02|bd09)\b", re.ASCII)
_SENTENCE: Final = re.compile(r"[^。；;]*?(?:[。；;]|\.(?=\s|$)|$)\s*")
_OWN_WORDS: Final = frozenset({"error.datum_contradicted", "error.no_datum", "error.no_unit"})
"""Errors whose remedy on a page is a widget; the page's text is ``data.<name>``."""


def plain(words: object) -> str:
    """A text from a file for a place where Markdown is read: every sign stands for itself."""
    return _MARKUP.sub(r"\\\1", str(words))


def without_commands(words: str) -> str:
    """A message without the sentences that name options of the command line."""
    return "".join(s for s in _SENTENCE.findall(words) if "--" not in s).strip()


def told(error: LayoutError, path: Path, *, remedy: str = "data.remedy") -> str:
    """An error in Markdown, with what to do on the page where the page words it.

    Parameters
    ----------
    error
        One fault or several.
    path
        The file as stored; only its name is shown.
    remedy
        Text that stands for what the command line would advise.
    """
    if isinstance(error, FaultsError):
        return "\n".join(f"- {told(fault, path, remedy=remedy)}" for fault in error.faults)
    if error.key in _OWN_WORDS:
        named = {k: datum_name(v) for k, v in error.values.items() if k in ("fits", "declared")}
        known = {k: plain(_with_datums(str(v))) for k, v in error.values.items()}
        return _tight(t(f"data.{error.key.removeprefix('error.')}", **{**known, **named}))
    values = {k: _column_name(v) for k, v in error.values.items()}
    message = text(error.key, lang(), **values).replace(str(path), path.name)
    shown = without_commands(message)
    if shown == message.strip():
        return plain(message)
    return f"{plain(shown)}{' ' if lang() == 'en' else ''}{t(remedy)}"


def _column_name(value: object) -> object:
    """The label of a column of the project; any other value as it is."""
    return label(value, lang()) if isinstance(value, str) and is_column(value) else value


def note_words(note: str) -> str:
    """A note of a report in Markdown, with datums in words."""
    return plain(_tight(_with_datums(without_commands(note))))


def _with_datums(words: str) -> str:
    return _DATUM.sub(lambda found: datum_name(found[0]), words)


def _tight(words: str) -> str:
    """Chinese without the space that a code needed before it became a name."""
    return words.replace("） ", "）").replace("）** ", "）**")


def datum_name(name: object) -> str:
    """A datum in words, or as it is where the page has none for it."""
    known = {"wgs84", "cgcs2000", "gcj02", "bd09"}
    return t(f"datum.{name}") if name in known else str(name)
