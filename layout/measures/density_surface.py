"""Kernel density of firms on a grid of square cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from layout.core.errors import MeasureError
from layout.measures.points import as_mask, as_points, as_weights, as_window, require_inside
from layout.measures.tables import option

Floats = npt.NDArray[np.float64]
Kernel = Literal["gaussian", "quartic"]

Edge = Literal["uniform", "diggle", "none"]

KERNELS: Final = ("gaussian", "quartic")
EDGES: Final = ("uniform", "diggle", "none")
MOST_CELLS: Final = 50_000_000
_TRUNCATE: Final = 4.0
"""A Gaussian is cut at four bandwidths, which hold 99.97 % of it, and divided by what they hold."""


@dataclass(frozen=True)
class DensitySurface:
    """Density on square cells.

    Attributes
    ----------
    values
        ``(rows, columns)``, first row southernmost: weight per km².
    x0, y0
        South-west corner of the south-west cell, metres.
    cell_m, bandwidth_m
        Width of cells and of the kernel, metres.
    missing
        Points left out as their weight is unknown.
    """

    values: Floats
    x0: float
    y0: float
    cell_m: float
    bandwidth_m: float
    missing: int = 0


def kernel_density(
    points: Any,
    mask: Any = None,
    *,
    bandwidth_m: float,
    cell_m: float = 100.0,
    window: Any = None,
    weights: Any = None,
    kernel: Kernel = "gaussian",
    edge: Edge = "uniform",
) -> DensitySurface:
    r"""Density surface of the points of a sector.

    .. math:: \hat f(u) = \frac{1}{e(u)} \sum_i w_i\, k_h(u - x_i)

    A point is spread linearly over the four nearest cell centres, and the cells are smoothed.
    Without a study area e is 1, and the sum over all cells times their area is the sum of the
    weights. With one, cells whose centre is outside are NaN, and e is the share of the kernel about
    a cell that lies inside: even points then have an even density up to the edge.

    Parameters
    ----------
    points
        Metres, as :func:`layout.measures.points.as_points`.
    mask
        Which are of the sector; None: all.
    bandwidth_m
        Standard deviation of the Gaussian, or radius of the quartic kernel.
    cell_m
        Width of the cells; at most the bandwidth.
    window
        Study area; its bounds are those of the grid. Without one: the bounds of the points, and
        beyond them the reach of the kernel.
    weights
        One a point, zero or more; points without are left out and counted.
    kernel
        ``"gaussian"`` or ``"quartic"``, :math:`\frac{3}{\pi h^2} (1 - d^2/h^2)^2`.
    edge
        ``"uniform"`` as above; ``"diggle"`` divides each point by the share of its own kernel,
        which keeps the sum of the weights but is low along the edge; ``"none"``.

    Returns
    -------
    DensitySurface
        Without points and study area, no cells at all.

    Raises
    ------
    MeasureError
        Degrees, negative weights, a bandwidth or cell that is not positive, points outside the
        study area, or more cells than 50 million.

    References
    ----------
    Silverman, B. W. (1986). *Density Estimation*. Chapman & Hall. Diggle, P. (1985). A kernel
    method for smoothing point process data. *Applied Statistics* 34(2), 138–147.
    """
    option("kernel", kernel, KERNELS)
    option("edge", edge, EDGES)
    _require_positive(bandwidth_m, cell_m)
    xy = as_points(points)
    chosen = as_mask(mask, len(xy))
    w, known = as_weights(weights, len(xy))
    missing = int((chosen & ~known).sum())
    xy, w = xy[chosen & known], w[chosen & known]
    area = None if window is None else as_window(window, "kernel density")
    if area is not None:
        require_inside(xy, area)
    elif not len(xy):
        return DensitySurface(np.empty((0, 0)), 0.0, 0.0, cell_m, bandwidth_m, missing)
    reach = bandwidth_m * (_TRUNCATE if kernel == "gaussian" else 1.0)
    x0, y0, columns, rows = _frame(xy, area, reach, cell_m)
    stamp = _stamp(kernel, bandwidth_m, cell_m)
    u, v = (xy[:, 0] - x0) / cell_m - 0.5, (xy[:, 1] - y0) / cell_m - 0.5
    values = np.zeros((rows, columns))
    _spread(u, v, w, values)
    if area is None:
        values = _smoothed(values, stamp)
    else:
        inside = _inside(area, x0, y0, cell_m, values.shape)
        values = _within(values, inside, stamp, edge)
    return DensitySurface(
        values * (1e6 / cell_m**2), x0, y0, float(cell_m), float(bandwidth_m), missing
    )


def _require_positive(bandwidth_m: float, cell_m: float) -> None:
    if not (np.isfinite(bandwidth_m) and bandwidth_m > 0):
        option("bandwidth_m", bandwidth_m, ("> 0",))
    if not 0 < cell_m <= bandwidth_m:
        option("cell_m", cell_m, ("0 < cell_m ≤ bandwidth_m",))


def _frame(xy: Floats, area: Any, reach: float, cell: float) -> tuple[float, float, int, int]:
    """Corner on a multiple of the cell, and numbers of columns and rows."""
    if area is None:
        low, high = xy.min(axis=0) - reach - cell, xy.max(axis=0) + reach + cell
    else:
        low, high = np.array(area.bounds[:2]) - cell, np.array(area.bounds[2:]) + cell
    first, last = np.floor(low / cell), np.ceil(high / cell)
    columns, rows = (int(n) for n in last - first)
    if columns * rows > MOST_CELLS:
        raise MeasureError("error.too_many_cells", cells=columns * rows, limit=MOST_CELLS)
    return float(first[0] * cell), float(first[1] * cell), columns, rows


def _spread(u: Floats, v: Floats, w: Floats, values: Floats) -> None:
    """Add weights to the four cells about each place, linearly; u and v in cells."""
    column, row = np.floor(u).astype(np.int64), np.floor(v).astype(np.int64)
    a, b = u - column, v - row
    for down, part in ((0, 1 - b), (1, b)):
        for across, share in ((0, 1 - a), (1, a)):
            np.add.at(values, (row + down, column + across), w * part * share)


def _stamp(kernel: Kernel, bandwidth: float, cell: float) -> Floats:
    """One dimension of a Gaussian, or the whole of a quartic kernel; sums to 1."""
    if kernel == "gaussian":
        steps = int(np.ceil(_TRUNCATE * bandwidth / cell))
        line = np.exp(-0.5 * (np.arange(-steps, steps + 1) * cell / bandwidth) ** 2)
        return np.asarray(line / line.sum())
    steps = int(np.ceil(bandwidth / cell))
    square = (np.arange(-steps, steps + 1) * cell / bandwidth) ** 2
    disc = np.maximum(1 - square[:, None] - square[None, :], 0.0) ** 2
    return np.asarray(disc / disc.sum())


def _smoothed(values: Floats, stamp: Floats) -> Floats:
    from scipy import ndimage, signal

    if stamp.ndim == 1:
        for axis in (0, 1):
            values = ndimage.correlate1d(values, stamp, axis=axis, mode="constant")
        return values
    return np.asarray(np.maximum(signal.oaconvolve(values, stamp, mode="same"), 0.0))


def _within(values: Floats, inside: npt.NDArray[np.bool_], stamp: Floats, edge: Edge) -> Floats:
    """Smoothed values of the cells inside, corrected for what the kernel has outside."""
    held = np.ones_like(values)
    if edge != "none":
        held = np.maximum(_smoothed(inside.astype("float64"), stamp), 1e-12)
    if edge == "diggle":
        return np.where(inside, _smoothed(values / held, stamp), np.nan)
    return np.where(inside, _smoothed(values, stamp) / held, np.nan)


def _inside(
    area: Any, x0: float, y0: float, cell: float, shape: tuple[int, ...]
) -> npt.NDArray[np.bool_]:
    """Cells whose centre is in the study area."""
    import shapely

    x = x0 + (np.arange(shape[1]) + 0.5) * cell
    y = y0 + (np.arange(shape[0]) + 0.5) * cell
    shapely.prepare(area)
    return np.asarray(shapely.intersects_xy(area, *np.meshgrid(x, y)), dtype=bool)
