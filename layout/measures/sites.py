"""Places with one or more firms: shared addresses are one site with a number."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Sites(NamedTuple):
    """Distinct places, ordered by x, then y.

    Attributes
    ----------
    x, y
        Of every site.
    size
        Firms at every site.
    of
        Site of every firm.
    """

    x: Floats
    y: Floats
    size: Ints
    of: Ints


def sites_of(xy: Floats) -> Sites:
    """The distinct places of points ``(n, 2)``; the same for every order of the points."""
    # zero plus zero is zero: minus zero is the same place
    together = (xy[:, 0] + 0.0) + 1j * (xy[:, 1] + 0.0)
    places, of, size = np.unique(together, return_inverse=True, return_counts=True)
    return Sites(
        np.ascontiguousarray(places.real),
        np.ascontiguousarray(places.imag),
        size.astype(np.int64),
        of.ravel().astype(np.int64),
    )
