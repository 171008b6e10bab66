"""Where a sector's firms cluster, how sure that is, and how large the clusters are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.analyses.cluster_figures import (
    cluster_mix,
    cluster_table,
    cluster_tiers,
    plan_counts,
    sector_table,
)
from layout.analyses.cluster_layers import cluster_layers, shapes
from layout.analyses.cluster_params import ClusterParams
from layout.analyses.firm_cells import MOST_EXACT, firms_or_cells, neighbours_of
from layout.analyses.firm_points import FirmPoints
from layout.analyses.provenance import provenance_of
from layout.core import facts
from layout.core import measure_columns as names
from layout.core.errors import ParameterError, raise_all
from layout.core.progress import tell
from layout.core.result import Bilingual, Provenance, Result
from layout.core.study import Study
from layout.measures.neighbourhoods import Neighbourhoods
from layout.measures.nulls import Simulation
from layout.measures.sector_clusters import Rule, SectorClusters, sector_clusters
from layout.measures.significance import adjust_grouped

MODEL = ClusterParams
GROUP = "GROUP"
"""Name of sectors that are looked at together."""


@dataclass(frozen=True)
class Found:
    """What was found for one sector or group.

    Attributes
    ----------
    name
        Sector id, or ``GROUP``.
    mask
        Its firms.
    clusters
        Its clusters, significant or not.
    q
        Of every cluster, over all sectors that were looked at.
    """

    name: str
    mask: npt.NDArray[np.bool_]
    clusters: SectorClusters
    q: npt.NDArray[np.float64]


def run(study: Study, params: ClusterParams) -> Result:
    """Clusters of each sector, or of a group of sectors, tested against random labelling.

    Returns
    -------
    Result
        Tables ``clusters`` (those with q up to the level: names, firms, revenue in yuan, quotient
        with interval, p, q, size class, stars, nearest park), ``mix`` (firms by primary sector on
        the ground of each), ``tiers`` (the cluster's firms by size tier), ``candidates`` (groups
        that chance may well have made), ``sectors`` (by sector: firms, in clusters, clusters) and
        ``counts`` (the plan's counts by size class and how they were measured). Layers: the
        clusters as polygons, and places with firms of theirs.

    Raises
    ------
    ParameterError
        A sector or status is unknown, the bounds of the size classes are in the wrong order, or
        the study's cells are asked for what they do not hold.
    """
    require_known(study, params)
    firms = firms_or_cells(
        study, source=params.source, statuses=params.statuses, full=params.counting == "full"
    )
    if firms.cell_m:  # employees are not known there
        params = params.model_copy(update={"source": "cells", "stars_measure": "firms"})
    places = neighbours_of(firms, params.scale_m)
    found = find_clusters(firms, places, params)
    kept = shapes(firms, found, params)
    table = cluster_table(study, firms, found, kept, params)
    return Result(
        name="clusters",
        tables={
            "clusters": table,
            "mix": cluster_mix(firms, found, table, params),
            "tiers": cluster_tiers(firms, found, table, params),
            "counts": plan_counts(firms, table, params),
            "sectors": sector_table(found, table, params),
            "candidates": candidates(found, params),
        },
        layers=cluster_layers(firms, found, kept, table, params),
        notes=_notes(params, firms, places),
        provenance=_provenance(study, params),
    )


def require_known(study: Study, params: ClusterParams) -> None:
    """Refuse unknown sectors and statuses and bounds in the wrong order."""
    from layout.prepare.dimensions import STATUSES

    faults = [
        ParameterError("error.unknown_ids", what=what, found=", ".join(odd), known=", ".join(known))
        for what, asked, known in (
            ("sectors", params.sectors, facts.sector_ids()),
            ("statuses", params.statuses, STATUSES),
        )
        if (odd := [name for name in asked if name not in known])
    ]
    if params.hundred_yi >= params.thousand_yi:
        faults.append(
            ParameterError(
                "error.size_classes", low=f"{params.hundred_yi:g}", high=f"{params.thousand_yi:g}"
            )
        )
    raise_all(faults)


def find_clusters(
    firms: FirmPoints, places: Neighbourhoods, params: ClusterParams
) -> tuple[Found, ...]:
    """Clusters of every sector asked for, with q over all of them."""
    sectors = params.sectors or facts.sector_ids()
    groups = {GROUP: sectors} if params.together else {name: (name,) for name in sectors}
    rule = Rule(params.method, params.min_firms, params.min_quotient)
    simulation = Simulation(simulations=params.simulations, alpha=0.05, seed=params.seed)
    found = []
    for at, (name, members) in enumerate(groups.items()):
        tell("clusters", at / len(groups))
        mask = firms.of(members, full=params.counting == "full")
        found.append((name, mask, sector_clusters(places, mask, rule=rule, simulation=simulation)))
    p = np.concatenate([one.table[names.P_SIM].to_numpy() for _, _, one in found])
    owner = np.repeat(np.arange(len(found)), [len(one.table) for _, _, one in found])
    tested = sum(one.undefined is None for _, _, one in found)
    q = adjust_grouped(p, owner, tests=max(tested, 1))
    return tuple(
        Found(name, mask, one, q[owner == at]) for at, (name, mask, one) in enumerate(found)
    )


def candidates(found: tuple[Found, ...], params: ClusterParams) -> pd.DataFrame:
    """Groups of firms that are not distinguishable from chance at the level asked for."""
    frames = []
    for one in found:
        table = one.clusters.table.assign(sector=one.name, q=one.q)
        frames.append(table[one.q > params.alpha])
    columns = ["sector", names.FIRMS, names.ALL_FIRMS, names.LQ, names.P_SIM, names.Q]
    return pd.concat(frames, ignore_index=True)[columns]


def _notes(
    params: ClusterParams, firms: FirmPoints, places: Neighbourhoods
) -> tuple[Bilingual, ...]:
    notes = [
        Bilingual.of("clusters.note.null", simulations=params.simulations, alpha=params.alpha),
        Bilingual.of("clusters.note.interval"),
        Bilingual.of(f"clusters.note.size.{params.size_measure}", low=f"{params.hundred_yi:g}",
                     high=f"{params.thousand_yi:g}"),
        Bilingual.of(f"clusters.note.stars.{params.stars_measure}"),
    ]  # fmt: skip
    if firms.cell_m:
        notes.append(
            Bilingual.of(
                "clusters.note.from_cells",
                cell=f"{firms.cell_m:g}",
                off=f"{firms.cell_m * np.sqrt(2):.0f}",
                most=f"{MOST_EXACT:,}",
            )
        )
    if places.cell_m:
        notes.append(Bilingual.of("clusters.note.cells", cell=f"{places.cell_m:.0f}"))
    if firms.unplaced:
        notes.append(Bilingual.of("clusters.note.unplaced", count=f"{firms.unplaced:,}"))
    return tuple(notes)


def _provenance(study: Study, params: ClusterParams) -> Provenance:
    method = Bilingual.of(
        f"clusters.method.{params.method}", scale=f"{params.scale_m:g}", firms=params.min_firms,
        quotient=f"{params.min_quotient:g}",
    )  # fmt: skip
    return provenance_of(study, params, method, seed=params.seed)
