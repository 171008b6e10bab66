"""The family of errors a user can meet; anything else is a defect of the program.

Every error is worded in the text catalogue (keys ``error.…``) and says what was expected, what was
found and what to do. The command line prints it and ends with exit code 2; pages show it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from layout.core.texts import Lang, text


class LayoutError(Exception):
    """A fault of the input or the call that the user can mend.

    Parameters
    ----------
    key
        Key of the text in the catalogue.
    **values
        What the text names: file, row, column, expected, found.
    """

    exit_code = 2

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(key)

    def __reduce__(self) -> tuple[Any, ...]:
        """Whole in another process, where an error is raised there and read here."""
        return _revived, (type(self), self.args, self.__dict__)

    def message(self, lang: Lang = "en") -> str:
        """The error in words."""
        return text(self.key, lang, **self.values)

    def __str__(self) -> str:
        return self.message("en")


def _revived(kind: type[LayoutError], args: tuple[Any, ...], held: dict[str, Any]) -> LayoutError:
    made = kind.__new__(kind, *args)
    made.__dict__.update(held)
    return made


class InputFileError(LayoutError, ValueError):
    """A file cannot be read as what it is said to be."""


class ColumnError(LayoutError, ValueError):
    """A table lacks a column, or a column cannot be understood."""


class DatumError(LayoutError, ValueError):
    """The declared datum is missing or does not fit the points."""


class CrsError(LayoutError, ValueError):
    """A layer has no CRS, or not the one a function needs."""


class ZoneError(LayoutError, ValueError):
    """A boundary layer cannot be used."""


class ParameterError(LayoutError, ValueError):
    """A parameter is unknown or out of bounds."""


class ReferenceDataError(LayoutError, ValueError):
    """The shipped facts contradict each other."""


class StudyError(LayoutError, ValueError):
    """A study folder is missing, incomplete or of another version."""


class OutputError(LayoutError, OSError):
    """An output cannot be written; what stood there before is untouched."""


class MeasureError(LayoutError, ValueError):
    """A measure was given data it is not defined on."""


class EngineError(LayoutError, RuntimeError):
    """The machines that share the work cannot be reached, or are not set up."""


class AssetError(LayoutError, RuntimeError):
    """A browser asset or the font is not there and cannot be fetched."""


class FaultsError(LayoutError):
    """Several faults of one kind of input, told together."""

    def __init__(self, faults: Iterable[LayoutError]) -> None:
        self.faults = tuple(faults)
        super().__init__("error.several", count=len(self.faults))

    def message(self, lang: Lang = "en") -> str:
        """All faults, one a line."""
        head = text(self.key, lang, **self.values)
        return "\n".join([head, *(f"  - {fault.message(lang)}" for fault in self.faults)])


def raise_all(faults: Iterable[LayoutError]) -> None:
    """Raise nothing, the one fault, or all faults together."""
    found = tuple(faults)
    if len(found) == 1:
        raise found[0]
    if found:
        raise FaultsError(found)
