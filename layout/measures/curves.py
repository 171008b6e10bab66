"""Curves over radii: one series of values, with reasons where there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core import measure_columns as names
from layout.measures.undefined import mark, where

Floats = npt.NDArray[np.float64]


def curve(
    values: Floats, radii: Floats, name: str, reason: str | None = None, **attrs: Any
) -> pd.Series:
    """Values by radius, with a reason where they are NaN."""
    result = pd.Series(values, index=pd.Index(radii, name=names.RADIUS), name=name)
    result.attrs.update(attrs)
    if reason is None:
        return result
    return mark(result, where(result.index, np.isnan(values), reason))
