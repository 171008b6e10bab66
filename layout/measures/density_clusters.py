"""Clusters of firms by density, and density surfaces.

Points are metres on a plane; degrees are refused. Firms at one address are one site that counts as
many as they are, so that a tower costs no time. Labels do not depend on the order of the rows:
clusters are numbered from 0 by the number of their firms (largest first, then by the westernmost,
southernmost site), noise is -1. A tower of shells makes a cluster by itself: look at the number of
sites, cap or collapse addresses, and test clusters against random labelling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from layout.measures.dbscan_kernels import dbscan_sites
from layout.measures.density_surface import DensitySurface, kernel_density
from layout.measures.hdbscan_tree import select_clusters
from layout.measures.points import as_points
from layout.measures.reachability import core_distances, reachability_tree
from layout.measures.sites import Sites, sites_of
from layout.measures.tables import option

__all__ = ["Clusters", "DensitySurface", "dbscan", "dbscan_cells", "hdbscan", "kernel_density"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Clusters:
    """Clusters of points.

    Attributes
    ----------
    labels
        Cluster of every point, from 0; -1 where it is noise.
    core
        Whether the point has a dense neighbourhood (DBSCAN); for HDBSCAN, whether it is in a
        cluster.
    firms, sites
        Number of points and of different places of every cluster.
    persistence
        For HDBSCAN: share of the range of densities over which the cluster holds together, 0 to
        1. For DBSCAN: NaN.
    """

    labels: Ints
    core: npt.NDArray[np.bool_]
    firms: Ints
    sites: Ints
    persistence: Floats


def dbscan(points: Any, *, eps_m: float = 300.0, min_firms: int = 50) -> Clusters:
    """DBSCAN: places with at least ``min_firms`` firms within ``eps_m``, joined where near.

    A point is core if at least ``min_firms`` points, itself included, lie at most ``eps_m`` away.
    Core points at most ``eps_m`` apart are of one cluster. Another point joins the cluster of its
    nearest core point within ``eps_m`` (ties: the westernmost, southernmost one), where the
    original takes whichever comes first; the partition of core points and the noise are the same.

    Parameters
    ----------
    points
        Metres, as :func:`layout.measures.points.as_points`.
    eps_m
        Reach in metres.
    min_firms
        Number that makes a place dense.

    Returns
    -------
    Clusters

    Raises
    ------
    MeasureError
        Points in degrees or not finite, a reach or number that is not positive.

    References
    ----------
    Ester, M., Kriegel, H.-P., Sander, J., & Xu, X. (1996). A density-based algorithm for
    discovering clusters. *KDD-96*, 226–231. Gunawan, A. (2013). *A faster algorithm for DBSCAN*.
    TU Eindhoven (cells of width eps/√2).
    """
    if not (np.isfinite(eps_m) and eps_m > 0):
        option("eps_m", eps_m, ("> 0",))
    require_whole("min_firms", min_firms, 1)
    xy = as_points(points)
    if not len(xy):
        return _clusters(sites_of(xy), np.empty(0, dtype=np.int64), np.empty(0, dtype=bool))
    sites = sites_of(xy)
    labels, core = dbscan_sites(sites, float(eps_m), int(min_firms))
    return _clusters(sites, labels, core)


def dbscan_cells(
    cells: Any, firms: Any, *, cell_m: float, eps_m: float = 300.0, min_firms: int = 50
) -> Clusters:
    """DBSCAN of firms that are known by their square cell only: each stands in its middle.

    Where firms are too many to be held, their counts by cell are not. A firm is at most half a
    diagonal from its place here, so two firms are at most ``d = sqrt(2) * cell_m`` nearer or
    farther than they are. The clusters therefore lie between two exact results: each cluster of
    firms with the reach ``eps_m - d`` is within one cluster found here, and each of these within
    one with the reach ``eps_m + d``.

    Parameters
    ----------
    cells
        Column and row of each cell, whole numbers ``(n, 2)``; no cell twice.
    firms
        Firms in each cell, whole numbers from 1.
    cell_m
        Width of a cell in metres.
    eps_m, min_firms
        As in :func:`dbscan`.

    Returns
    -------
    Clusters
        ``labels`` and ``core`` of every cell; ``firms`` are counted as firms, ``sites`` as cells.

    Raises
    ------
    MeasureError
        As :func:`dbscan`; a count below 1, a cell that comes twice, or a width not positive.
    """
    if not (np.isfinite(cell_m) and cell_m > 0):
        option("cell_m", cell_m, ("> 0",))
    if not (np.isfinite(eps_m) and eps_m > 0):
        option("eps_m", eps_m, ("> 0",))
    require_whole("min_firms", min_firms, 1)
    places = np.asarray(cells, dtype=np.int64).reshape(-1, 2)
    size = np.asarray(firms, dtype=np.int64)
    if len(size) != len(places) or (size < 1).any():
        option("firms", size.min(initial=0), ("≥ 1",))
    xy = as_points((places + 0.5) * cell_m)
    sites = sites_of(xy)
    if len(sites.x) < len(xy):
        option("cells", len(xy), (str(len(sites.x)),))
    counted = np.empty(len(size), dtype=np.int64)
    counted[sites.of] = size
    sites = sites._replace(size=counted)
    if not len(xy):
        return _clusters(sites, np.empty(0, dtype=np.int64), np.empty(0, dtype=bool))
    labels, core = dbscan_sites(sites, float(eps_m), int(min_firms))
    return _clusters(sites, labels, core)


def hdbscan(
    points: Any,
    *,
    min_cluster_size: int = 50,
    min_samples: int | None = None,
    resolution_m: float = 1.0,
) -> Clusters:
    """HDBSCAN*: clusters at whatever density each holds together longest (excess of mass).

    Conventions as scikit-learn: ``min_samples`` counts the point itself, the whole is no cluster.
    Distances below ``resolution_m`` are taken as that, so that firms in one building do not make
    an infinite density.

    Parameters
    ----------
    points
        Metres, as :func:`layout.measures.points.as_points`.
    min_cluster_size
        Fewest points of a cluster, at least 2.
    min_samples
        Points that must lie within the core distance; otherwise ``min_cluster_size``.
    resolution_m
        Metres below which places are not told apart, above 0.

    Returns
    -------
    Clusters

    Raises
    ------
    MeasureError
        Points in degrees or not finite, or a parameter out of bounds.

    References
    ----------
    Campello, R. J. G. B., Moulavi, D., Zimek, A., & Sander, J. (2015). Hierarchical density
    estimates for data clustering, visualization, and outlier detection. *ACM TKDD* 10(1), 5.
    McInnes, L., & Healy, J. (2017). Accelerated hierarchical density based clustering. *ICDMW*.
    """
    require_whole("min_cluster_size", min_cluster_size, 2)
    samples = min_cluster_size if min_samples is None else min_samples
    require_whole("min_samples", samples, 1)
    if not (np.isfinite(resolution_m) and resolution_m > 0):
        option("resolution_m", resolution_m, ("> 0",))
    xy = as_points(points)
    sites = sites_of(xy)
    if len(xy) < max(min_cluster_size, samples, 2):
        nobody = np.full(sites.size.size, -1)
        return _clusters(sites, nobody, nobody >= 0)
    core = np.maximum(core_distances(sites, samples), resolution_m)
    edges, lengths = reachability_tree(sites, core)
    labels, persistence = select_clusters(sites.size, core, edges, lengths, min_cluster_size)
    return _clusters(sites, labels, labels >= 0, persistence)


def _clusters(
    sites: Sites, labels: Ints, core: npt.NDArray[np.bool_], persistence: Floats | None = None
) -> Clusters:
    """Number the clusters by size and tell every point its own."""
    number = int(labels.max(initial=-1)) + 1
    inside = labels >= 0
    firms = np.bincount(labels[inside], sites.size[inside], minlength=number).astype(np.int64)
    places = np.bincount(labels[inside], minlength=number)
    first = np.full(number, labels.size)
    np.minimum.at(first, labels[inside], np.flatnonzero(inside))
    order = np.lexsort((first, -firms))
    rank = np.empty(number + 1, dtype=np.int64)
    rank[order] = np.arange(number)
    rank[number] = -1  # noise, at the place of label -1
    holds = np.full(number, np.nan) if persistence is None else persistence
    return Clusters(
        labels=rank[labels][sites.of],
        core=core[sites.of],
        firms=firms[order],
        sites=places[order],
        persistence=holds[order],
    )


def require_whole(name: str, value: Any, least: int) -> None:
    if isinstance(value, bool) or int(value) != value or value < least:
        option(name, value, (f"≥ {least}",))
