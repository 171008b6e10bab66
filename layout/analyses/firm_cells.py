"""Firms as their counts by cell, for patterns of more firms than are looked at one by one.

A run that several machines share writes ``results/cells.parquet``: firms by cell of 100 m and
primary sector. Here every firm stands in the middle of its cell. Figures of firms (revenue,
employees, status, second and third sectors) are not in the cells.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import numpy as np
import pandas as pd
import shapely

from layout.analyses.firm_points import FirmPoints, firm_points
from layout.core import facts
from layout.core.errors import ParameterError, raise_all
from layout.core.study import CELL_M, UNTAGGED, Study
from layout.measures.neighbourhoods import CELLS_PER_REACH, Neighbourhoods, neighbourhoods

Source = Literal["auto", "firms", "cells"]

MOST_EXACT: Final = 2_000_000
"""Accepted firms that are looked at one by one where the study has cells, too."""


def firms_or_cells(
    study: Study, *, source: Source, statuses: tuple[str, ...] = (), full: bool = False
) -> FirmPoints:
    """The located firms of a study, or of a very large one its cells (``cell_m`` says which).

    Parameters
    ----------
    source
        ``"firms"``, ``"cells"``, or ``"auto"``: cells where the study has them, more than
        ``MOST_EXACT`` firms, and nothing is asked that cells do not hold.
    statuses, full
        What only firms can answer: registration statuses, second and third sectors.

    Raises
    ------
    ParameterError
        Cells are asked for where there are none, or do not hold what is asked.
    """
    if source == "cells":
        _require_cells(study, statuses, full)
    beyond = bool(statuses) or full
    large = study.manifest.counts.get("accepted", 0) > MOST_EXACT
    if source == "cells" or (source == "auto" and large and not beyond and _file(study).is_file()):
        return cell_points(study)
    return firm_points(study, statuses=statuses)


def cell_points(study: Study) -> FirmPoints:
    """Every firm in the middle of its cell; cells that touch no district are left out."""
    crs = str(facts.city_settings(study.manifest.city)["metric_crs"])
    every = pd.read_parquet(_file(study))
    west, south = (every[name].to_numpy() * CELL_M for name in ("col", "row"))
    city = study.zones["district"].to_crs(crs).geometry.union_all()
    shapely.prepare(city)
    inside = shapely.intersects(city, shapely.box(west, south, west + CELL_M, south + CELL_M))
    cells = every[inside]
    firms = cells["firms"].to_numpy()
    number = int(firms.sum())
    words = pd.Index(facts.sector_ids())
    sector = words.get_indexer(cells["sector"].where(cells["sector"] != UNTAGGED, None))
    xy = np.column_stack([west[inside], south[inside]]) + CELL_M / 2
    unknown = np.broadcast_to(np.nan, number)
    return FirmPoints(
        xy=np.repeat(xy, firms, axis=0),
        sectors=np.repeat(sector.astype(np.int64), firms)[:, None],
        revenue=unknown,
        employees=unknown,
        zones={},
        ids={},
        crs=crs,
        unplaced=max(study.manifest.counts.get("accepted", number) - number, 0),
        cell_m=CELL_M,
    )


def neighbours_of(firms: FirmPoints, reach_m: float) -> Neighbourhoods:
    """Neighbourhoods of firms; those of cells are taken to no finer ones."""
    if firms.cell_m >= reach_m / CELLS_PER_REACH:
        return neighbourhoods(firms.xy, reach_m, most_pairs=np.iinfo(np.int64).max)
    return neighbourhoods(firms.xy, reach_m)


def _file(study: Study) -> Path:
    return study.root / "results" / "cells.parquet"


def _require_cells(study: Study, statuses: tuple[str, ...], full: bool) -> None:
    faults = []
    if not _file(study).is_file():
        faults.append(ParameterError("error.no_cells", folder=study.root))
    if statuses or full:
        faults.append(ParameterError("error.cells_hold_less"))
    raise_all(faults)
