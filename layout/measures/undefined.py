"""What a measure says where it is not defined: NaN in the value, and the reason beside it.

A value that does not exist is never zero. Series and frames carry their reasons in
``attrs["undefined"]`` (plain lists, so that they survive Parquet); :func:`undefined` reads them.
Reasons are keys of the text catalogue (``undefined.…``).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core.texts import Lang, text

T = TypeVar("T", pd.Series, pd.DataFrame)
Reasons = dict[Hashable, str]

_ATTR: Final = "undefined"


def mark(
    result: T,
    rows: Mapping[Hashable, str] | None = None,
    columns: Mapping[Hashable, str] | None = None,
) -> T:
    """``result`` with the reasons why rows or columns of it are undefined.

    Parameters
    ----------
    result
        Series or frame, changed in place: call it on what the measure has just made.
    rows, columns
        Reason (a key of the text catalogue) by label.
    """
    if rows or columns:
        result.attrs[_ATTR] = {
            "rows": [[_plain(label), reason] for label, reason in (rows or {}).items()],
            "columns": [[_plain(label), reason] for label, reason in (columns or {}).items()],
        }
    return result


def where(
    labels: pd.Index, mask: npt.NDArray[np.bool_], reason: str, into: Reasons | None = None
) -> Reasons:
    """The labels that ``mask`` picks, each with ``reason``; what stands in ``into`` goes first."""
    found: Reasons = dict(into or {})
    for label in labels[mask]:
        found.setdefault(label, reason)
    return found


def undefined(result: pd.Series | pd.DataFrame) -> tuple[Reasons, Reasons]:
    """Reasons by row label and by column label; empty where everything is defined."""
    marks: dict[str, Any] = result.attrs.get(_ATTR, {})
    rows, columns = (
        {_hashable(label): reason for label, reason in marks.get(axis, [])}
        for axis in ("rows", "columns")
    )
    return rows, columns


def explain(
    result: pd.Series | pd.DataFrame, row: Hashable, column: Hashable = None, lang: Lang = "en"
) -> str | None:
    """Why the value at ``row`` and ``column`` is undefined, in words; None where it is defined."""
    rows, columns = undefined(result)
    reason = rows.get(row) or columns.get(column)
    return None if reason is None else text(reason, lang)


def _plain(label: Any) -> Any:
    """A label as JSON can hold it."""
    if isinstance(label, tuple):
        return [_plain(part) for part in label]
    return label.item() if isinstance(label, np.generic) else label


def _hashable(label: Any) -> Hashable:
    return tuple(label) if isinstance(label, list) else label
