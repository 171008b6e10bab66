"""Grids kept on disk by the content of the polygons they were made from."""

from __future__ import annotations

import contextlib
import hashlib
import zipfile
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from layout.core.errors import OutputError
from layout.core.files import replacing
from layout.geometry.grid_query import Cells, Frame

_VERSION: Final = b"grid 1"  # raise it whenever the meaning of a stored array changes
_KEPT: Final = 24  # files; the oldest beyond that are removed

Grid = tuple[Frame, Cells, npt.NDArray[np.int64], npt.NDArray[np.int32]]
"""Frame, cells, and the sets of polygons: where each begins, and the members."""


def grid_key(polygons: npt.NDArray[np.object_], cell: float | None) -> str:
    """A name for the grid of these polygons: a hash of their coordinates and the cell width."""
    digest = hashlib.sha256(_VERSION)
    digest.update(repr(cell).encode())
    for part in shapely.to_wkb(polygons):
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()[:32]


def load_grid(folder: Path, key: str) -> Grid | None:
    """The kept grid, None where there is none or the file is damaged."""
    try:
        with (folder / f"{key}.npz").open("rb") as handle, np.load(handle) as held:
            x0, y0, size, inverse, nx, ny, margin, tolerance = held["frame"].tolist()
            frame = Frame(x0, y0, size, inverse, int(nx), int(ny), margin, tolerance)
            cells = Cells(*(held[name] for name in Cells._fields))
            return frame, cells, held["start"], held["members"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None


def store_grid(folder: Path, key: str, grid: Grid) -> None:
    """Keep a grid; where the folder cannot be written nothing is kept."""
    frame, cells, start, members = grid
    with contextlib.suppress(OutputError, OSError):
        with replacing(folder / f"{key}.npz") as partial:
            np.savez(
                partial,
                frame=np.array(frame, np.float64),
                start=start,
                members=members,
                **cells._asdict(),
            )
        held = sorted(folder.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in held[_KEPT:]:
            old.unlink()
