"""Tiles of a coverage estimate: which stations reach each, and the threads that fill them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed

import numba
import numpy as np
import numpy.typing as npt

from layout.measures.coverage_kernels import Frame, Masts
from layout.measures.coverage_prepare import Window
from layout.measures.coverage_settings import TILE_BLOCKS

Places = npt.NDArray[np.int32]


def threads_of(asked: int | None) -> int:
    """Threads to use: those asked for, or one a core this process may run on."""
    return asked or len(os.sched_getaffinity(0))


def tiles_of(blocks: Window) -> list[Window]:
    """Tiles of a window of blocks, cut at its edges."""
    i0, i1, j0, j1 = blocks
    size = TILE_BLOCKS
    return [
        (max(i, i0), min(i + size, i1), max(j, j0), min(j + size, j1))
        for i in range(i0 // size * size, i1, size)
        for j in range(j0 // size * size, j1, size)
    ]


def stations_of(masts: Masts, frame: Frame, r0: int, r1: int, c0: int, c1: int) -> Places:
    """Stations that reach a window of cells, nearest to its middle first."""
    found, far = _within(masts.x, masts.y, masts.radius, frame, r0, r1, c0, c1)
    order: Places = found[np.argsort(far, kind="stable")]
    return order


@numba.njit(cache=True, nogil=True)
def _within(x, y, radius, frame, r0, r1, c0, c1):  # type: ignore[no-untyped-def]
    """Stations that reach a window of cells, and their squared distance from its middle."""
    west, east = frame.x0 + c0 * frame.cell, frame.x0 + (c1 - 1) * frame.cell
    north, south = frame.y0 - r0 * frame.cell, frame.y0 - (r1 - 1) * frame.cell
    found, far = np.empty(len(x), np.int32), np.empty(len(x), np.float64)
    n = 0
    for s in range(len(x)):
        dx, dy = max(west - x[s], x[s] - east, 0.0), max(south - y[s], y[s] - north, 0.0)
        if dx * dx + dy * dy <= radius[s] * radius[s]:
            found[n] = s
            far[n] = (x[s] - (west + east) / 2) ** 2 + (y[s] - (north + south) / 2) ** 2
            n += 1
    return found[:n], far[:n]


def run(
    work: Callable[[Window], None],
    windows: Iterable[Window],
    threads: int,
    progress: Callable[[float], None] | None = None,
) -> None:
    """Do the work of every window on threads; what ``progress`` raises stops it."""
    todo = list(windows)
    if threads == 1 or len(todo) == 1:
        for done, window in enumerate(todo, 1):
            work(window)
            if progress:
                progress(done / len(todo))
        return
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(work, window) for window in todo]
        try:
            for done, future in enumerate(as_completed(futures), 1):
                future.result()
                if progress:
                    progress(done / len(todo))
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
