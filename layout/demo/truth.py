"""What is true of the demonstration city, written beside its firm table."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np

from layout.core import columns
from layout.core.faults import FAULTS
from layout.demo.chances import Ints
from layout.demo.faults import KINDS
from layout.demo.firms import City, Firms
from layout.demo.planting import Planted
from layout.demo.strings import Pool, Text, millionths, whole_numbers
from layout.demo.table import Columns
from layout.demo.words import groups, profiles

FIRM_HEADERS: Final = (
    columns.LINE,
    columns.CODE,
    "true_sectors",
    "scope_class",
    columns.LON,
    columns.LAT,
    columns.DISTRICT,
    columns.PARK,
    "cluster_id",
)
FAULT_HEADERS: Final = (
    columns.LINE,
    columns.CODE,
    "fault",
    columns.BATCH,
    "note",
    "expected",
)
CLUSTER_HEADERS: Final = (
    "cluster_id",
    "sector",
    columns.LON,
    columns.LAT,
    "radius_m",
    "firms",
    columns.PARK,
)

CORE_DIVISIONS: Final = ("63", "64", "65")
SCOPES: Final = ("core", "fusion", "outside")


def firm_truth(city: City, firms: Firms, found: Columns) -> list[Text]:
    """Columns of ``truth/firms.csv`` for a block; the code is the one that stands in the table."""
    cells, plan = city.cells, city.plan
    return [
        whole_numbers(firms.row + 2),
        found[columns.CODE],
        _sector_lists().take(_list_number(firms.sectors)),
        Pool(SCOPES).take(scope_numbers(firms)),
        millionths(firms.east),
        millionths(firms.north),
        Pool(plan.districts.ids).take(cells.district[firms.cell]),
        Pool(plan.parks.ids).take(cells.park[firms.cell]),
        Pool(plan.clusters.ids).take(cells.cluster[firms.cell]),
    ]


def fault_truth(planted: Planted) -> list[Text]:
    """Columns of ``truth/faults.csv`` for a block."""
    return [
        planted.line,
        planted.code,
        planted.fault,
        planted.batch,
        planted.note,
        _EXPECTED.take(planted.kind),
    ]


def cluster_truth(city: City, members: Ints) -> list[list[Any]]:
    """Rows of ``truth/clusters.csv``; ``members`` are the firms of each cluster."""
    clusters, parks = city.plan.clusters, city.plan.parks
    return [
        [
            clusters.ids[place],
            groups().ids[clusters.sector[place]],
            f"{clusters.lon[place]:.5f}",
            f"{clusters.lat[place]:.5f}",
            int(clusters.radius_m[place]),
            int(members[place]),
            parks.ids[clusters.park[place]] if clusters.park[place] >= 0 else "",
        ]
        for place in range(len(clusters.ids))
    ]


def scope_numbers(firms: Firms) -> Ints:
    """Position in ``SCOPES``: core by the industry code, fusion by a sector, else outside."""
    tagged = np.where(firms.sectors[:, 0] >= 0, 1, 2)
    core = np.array([code.startswith(CORE_DIVISIONS) for code in profiles().codes])
    return np.where(core[firms.code], 0, tagged)


_EXPECTED = Pool([FAULTS[name].policy.value for name in KINDS])


@lru_cache(maxsize=1)
def _sector_lists() -> Pool:
    """Every list of up to three sectors, in the order of ``_list_number``."""
    names = ("", *groups().ids[: groups().sectors])
    return Pool(
        [
            ";".join(name for name in (first, second, third) if name)
            for first in names
            for second in names
            for third in names
        ]
    )


def _list_number(sectors: Ints) -> Ints:
    base = groups().sectors + 1
    shifted = sectors + 1
    number: Ints = (shifted[:, 0] * base + shifted[:, 1]) * base + shifted[:, 2]
    return number
