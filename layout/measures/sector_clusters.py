r"""Where a sector's firms lie close together, and how often chance would make it so.

Three ways to find clusters of a sector's firms:

- ``relative``: places around which the sector has many firms *and* a share well above that in the
  city. It finds a sector's quarter in a busy centre and leaves the centre itself alone.
- ``dbscan``, ``hdbscan``: places where the sector's own firms are dense, whatever else is there.
  Of HDBSCAN only densities of at least ``min_firms`` within the reach count: what DBSCAN joins it
  takes apart where the parts hold together over more densities than the whole. (Without that bound
  its clusters reach over whole districts, and a fifth of planted ones was not found.)

The ground of a cluster is all that lies within half the reach of its members; those with fewer than
``min_firms`` firms of the sector there are dropped. Its strength is the log-likelihood ratio of the
spatial scan statistic for k of K firms of the sector among n of N firms on its ground, zero where
the share inside is not the higher one:

.. math:: \Lambda = h(k, n) + h(K - k, N - n) - h(K, N), \quad
    h(a, b) = a \ln \frac{a}{b} + (b - a) \ln \frac{b - a}{b}

The null is random labelling: the sector's label is dealt anew among all firms, clusters are found
in the same way, and the strongest is noted. p of a cluster is the share of simulations whose
strongest cluster is at least as strong (the observed city counts as one). A city without
clustering of the sector therefore shows any cluster with p at most alpha with the chance alpha,
however many places were looked at.

References
----------
Kulldorff, M. (1997). A spatial scan statistic. *Communications in Statistics – Theory and Methods*
26(6), 1481–1496. Ester, M., et al. (1996) and Campello, R. J. G. B., et al. (2015), as in
:mod:`layout.measures.density_clusters`. Ahlfeldt, G., Albers, T., & Behrens, K. (2020). *Prime
locations*. CEPR DP 15470 (densities within a radius against a null of places).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core import measure_columns as names
from layout.measures import cluster_kernels as kernels
from layout.measures.dbscan_kernels import dbscan_sites
from layout.measures.density_clusters import require_whole
from layout.measures.hdbscan_tree import select_clusters
from layout.measures.neighbourhoods import Neighbourhoods, neighbourhoods
from layout.measures.nulls import Simulation, random_labels
from layout.measures.points import as_mask
from layout.measures.reachability import core_distances, reachability_tree
from layout.measures.significance import upper_p
from layout.measures.sites import Sites
from layout.measures.tables import option, ratio

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Method = Literal["relative", "dbscan", "hdbscan"]

METHODS: Final = ("relative", "dbscan", "hdbscan")
DEFAULT: Final = Simulation(simulations=199)
TRIM: Final = 0.3
"""Core places keep at least this part of their group's largest excess: else a cluster would grow by
its reach beyond its edge, where its firms are still within reach."""

HDBSCAN_RESOLUTION_M: Final = 1.0


@dataclass(frozen=True)
class SectorClusters:
    """Clusters of a sector, from the largest.

    Attributes
    ----------
    table
        By cluster from 0: ``firms`` of the sector and ``all_firms`` on its ground, ``places``
        (distinct ones with firms of the sector), ``location_quotient``, ``strength``, ``p_sim``.
    ground
        Cluster on whose ground every firm of the city lies, -1 for none.
    members
        Places (positions in ``places``) that make each cluster.
    places
        The neighbourhoods used.
    strongest
        Strength of the strongest cluster of every simulation; 0 where there is none.
    undefined
        Reason (key of the text catalogue) where clusters cannot be told.
    """

    table: pd.DataFrame
    ground: Ints
    members: tuple[Ints, ...]
    places: Neighbourhoods
    strongest: Floats
    undefined: str | None = None


@dataclass(frozen=True)
class Rule:
    """What makes a cluster.

    Attributes
    ----------
    method
        ``"relative"``, ``"dbscan"`` or ``"hdbscan"``.
    min_firms
        Firms of the sector within reach that make a place core; for HDBSCAN the fewest firms of a
        cluster.
    min_quotient
        Share within reach over that in the city, ``"relative"`` only.
    """

    method: Method = "relative"
    min_firms: int = 10
    min_quotient: float = 2.0

    def __post_init__(self) -> None:
        option("method", self.method, METHODS)
        require_whole("min_firms", self.min_firms, 2 if self.method == "hdbscan" else 1)
        if not (np.isfinite(self.min_quotient) and self.min_quotient >= 0):
            option("min_quotient", self.min_quotient, ("≥ 0",))


def sector_clusters(
    points: Any,
    mask: Any,
    *,
    reach_m: float = 300.0,
    rule: Rule | None = None,
    simulation: Simulation = DEFAULT,
) -> SectorClusters:
    """Clusters of a sector's firms, each with the chance of one so strong.

    Parameters
    ----------
    points
        All firms of the city: metres, as :func:`layout.measures.points.as_points`, or their
        :class:`~layout.measures.neighbourhoods.Neighbourhoods` (then ``reach_m`` is theirs).
    mask
        Which firms are of the sector.
    reach_m
        Scale: metres within which firms are near each other (eps of DBSCAN).
    rule
        What makes a cluster; None: the defaults of :class:`Rule`.
    simulation
        Number and seed of simulated labellings; the null is ``"labels"``.

    Returns
    -------
    SectorClusters
        Labels do not depend on the order of rows: clusters are numbered by their firms, then by
        the westernmost, southernmost place.

    Raises
    ------
    MeasureError
        Points in degrees or not finite, a parameter out of bounds, or another null.
    """
    option("null", simulation.null, ("labels",))
    how = Rule() if rule is None else rule
    places = points if isinstance(points, Neighbourhoods) else neighbourhoods(points, reach_m)
    own = np.flatnonzero(as_mask(mask, places.firms))
    reason = _reason(places, own.size)
    if reason is not None:
        nobody = np.full(places.firms, -1, dtype=np.int64)
        return SectorClusters(_table(places, nobody[:0], nobody[:0], nobody[:0], own.size),
                              nobody, (), places, np.empty(0), reason)  # fmt: skip
    find = _finder(places, how, own.size)
    k = places.counts(own)
    labels, on = find(k)
    strongest = _simulate(places, find, own.size, simulation) if (labels >= 0).any() else None
    return _assemble(places, k, labels, on, strongest)


def strength(k: Any, n: Any, sector: int, firms: int) -> Floats:
    """Log-likelihood ratio of k firms of the sector among n, given ``sector`` among ``firms``."""
    inside, all_inside = np.asarray(k, dtype="float64"), np.asarray(n, dtype="float64")
    outside, all_outside = sector - inside, firms - all_inside
    value = (
        _term(inside, all_inside)
        + _term(all_inside - inside, all_inside)
        + _term(outside, all_outside)
        + _term(all_outside - outside, all_outside)
        - float(_term(np.asarray(float(sector)), np.asarray(float(firms))))
        - float(_term(np.asarray(float(firms - sector)), np.asarray(float(firms))))
    )
    higher = inside * all_outside > outside * all_inside
    return np.where(higher, np.maximum(value, 0.0), 0.0)


def _term(part: Floats, whole: Floats) -> Floats:
    """Part times the logarithm of its share; nothing of nothing is 0."""
    share = np.divide(part, whole, out=np.ones_like(part), where=(whole > 0) & (part > 0))
    return np.asarray(part * np.log(share))


def _reason(places: Neighbourhoods, sector: int) -> str | None:
    if sector < 2:
        return "undefined.one_point" if sector else "undefined.no_points"
    if sector == places.firms:
        return "undefined.only_sector"
    return "undefined.one_place" if places.size.size == 1 else None


Find = Callable[[Ints], tuple[Ints, Ints]]


def _finder(places: Neighbourhoods, rule: Rule, sector: int) -> Find:
    """From the sector's firms at every place to clusters of member places, and their grounds."""
    share, reach = sector / places.firms, places.reach_m

    def members(k: Ints) -> Ints:
        if rule.method == "relative":
            return np.asarray(
                kernels.relative_core(
                    places.start, places.other, places.around, k, share, rule.min_firms,
                    float(rule.min_quotient), TRIM,
                )
            )  # fmt: skip
        own = np.flatnonzero(k)
        sites = Sites(places.x[own], places.y[own], k[own], np.arange(own.size))
        labels = np.full(k.size, -1, dtype=np.int64)
        if rule.method == "dbscan":
            labels[own] = dbscan_sites(sites, reach, rule.min_firms)[0]
        elif k.sum() >= rule.min_firms and own.size > 1:
            core = np.maximum(core_distances(sites, rule.min_firms), HDBSCAN_RESOLUTION_M)
            tree = reachability_tree(sites, core)
            labels[own] = select_clusters(sites.size, core, *tree, rule.min_firms, reach)[0]
        return labels

    def find(k: Ints) -> tuple[Ints, Ints]:
        labels = members(k)
        count = int(labels.max(initial=-1)) + 1
        on = kernels.ground(places.start, places.other, places.x, places.y, labels, reach / 2)
        kernels.drop_small(labels, on, k, rule.min_firms, count)
        return labels, on

    return find


def _simulate(places: Neighbourhoods, find: Find, sector: int, simulation: Simulation) -> Floats:
    """Strength of the strongest cluster of every simulated labelling."""
    firms = np.arange(places.firms)

    def strongest(number: int) -> float:
        drawn = random_labels(firms, sector, simulation.generator(number))
        k = places.counts(drawn)
        labels, on = find(k)
        count = int(labels.max(initial=-1)) + 1
        if not count:
            return 0.0
        inside, every = (kernels.totals(on, values, count) for values in (k, places.size))
        return float(strength(inside, every, sector, places.firms).max())

    threads = simulation.threads or min(8, os.cpu_count() or 1)
    with ThreadPoolExecutor(threads) as pool:
        return np.array(list(pool.map(strongest, range(simulation.simulations))))


def _assemble(
    places: Neighbourhoods, k: Ints, labels: Ints, on: Ints, strongest: Floats | None
) -> SectorClusters:
    count = int(labels.max(initial=-1)) + 1
    firms, every = (kernels.totals(on, values, count) for values in (k, places.size))
    sites = kernels.totals(on, (k > 0).astype(np.int64), count)
    first = np.full(count, labels.size)
    inside = np.flatnonzero(labels >= 0)
    np.minimum.at(first, labels[inside], inside)
    order = np.lexsort((first, -firms))
    rank = np.append(np.argsort(order), -1)
    table = _table(places, firms[order], every[order], sites[order], int(k.sum()))
    null = np.empty(0) if strongest is None else strongest
    above = (null[None, :] >= table[names.STRENGTH].to_numpy()[:, None]).sum(axis=1)
    table[names.P_SIM] = upper_p(above, max(null.size, 1))
    members = tuple(np.flatnonzero(rank[labels] == number) for number in range(count))
    return SectorClusters(table, rank[on][places.of], members, places, null)


def _table(
    places: Neighbourhoods, firms: Ints, every: Ints, sites: Ints, sector: int
) -> pd.DataFrame:
    share = sector / places.firms if places.firms else 0.0
    return pd.DataFrame(
        {
            names.FIRMS: firms,
            names.ALL_FIRMS: every,
            names.PLACES: sites,
            names.LQ: ratio(ratio(firms, every), share),
            names.STRENGTH: strength(firms, every, sector, places.firms),
            names.P_SIM: np.ones(len(firms)),
        }
    )
