"""Colocation quotient: whose nearest neighbours firms of a sector are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core import measure_columns as names
from layout.measures.points import as_points, as_types
from layout.measures.significance import adjust_fdr, two_sided_p
from layout.measures.sites import sites_of
from layout.measures.tables import ratio
from layout.measures.undefined import mark, where

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ColocationQuotient:
    """Colocation quotients of all pairs of sectors.

    Attributes
    ----------
    quotient
        Sectors × sectors, row: whose neighbours; column: what they are. 1: by chance.
    p, q
        Two-sided p-values from random labelling, and adjusted over all pairs.
    cases
        Firms by sector.
    """

    quotient: pd.DataFrame
    p: pd.DataFrame
    q: pd.DataFrame
    cases: pd.Series


def colocation_quotient(
    points: Any, types: Any, *, permutations: int = 999, seed: int = 0
) -> ColocationQuotient:
    r"""Global colocation quotient of every sector with every sector, by nearest neighbours.

    .. math:: CLQ_{A \to B} = \frac{C_{A \to B} / N_A}{N'_B / (N - 1)}

    :math:`C_{A \to B}` is the number of A firms whose nearest neighbour is a B firm;
    :math:`N'_B = N_B - 1` for B = A. Neighbours that are equally near, as in one building, share
    the firm among them.

    Parameters
    ----------
    points
        All firms, metres, as :func:`layout.measures.points.as_points`.
    types
        Sector of every firm.
    permutations, seed
        Random labellings: sectors are dealt anew among the sites.

    Returns
    -------
    ColocationQuotient
        A sector of one firm has no quotient with itself: NaN, with the reason by row.

    Raises
    ------
    MeasureError
        Points in degrees, or a firm without sector.

    References
    ----------
    Leslie, T. F., & Kronenfeld, B. J. (2011). The colocation quotient: a new measure of spatial
    association between categorical subsets of points. *Geographical Analysis* 43(3), 306–326.
    """
    xy = as_points(points)
    codes, labels = as_types(types, len(xy))
    k = len(labels)
    number = np.bincount(codes, minlength=k)
    if len(xy) < 2:
        empty = pd.DataFrame(np.nan, index=labels, columns=labels)
        empty = mark(empty, where(labels, np.ones(k, dtype=bool), "undefined.one_point"))
        cases = pd.Series(number, index=labels, name=names.CASES)
        return ColocationQuotient(empty, empty.copy(), empty.copy(), cases)
    links = _nearest(xy)
    chance = number[:, None] * (number[None, :] - np.eye(k)) / (len(xy) - 1)
    observed = _counts(codes, links, k)
    below, above = np.zeros((k, k)), np.zeros((k, k))
    rng = np.random.default_rng(seed)
    for _ in range(permutations):
        simulated = _counts(rng.permutation(codes), links, k)
        below += simulated <= observed + 1e-9
        above += simulated >= observed - 1e-9
    p = two_sided_p(below, above, permutations) if permutations else np.full((k, k), np.nan)
    p = np.where(chance > 0, p, np.nan)
    reasons = where(labels, number == 1, "undefined.one_point")
    quotient, p_frame, q_frame = (
        mark(pd.DataFrame(values, index=labels, columns=labels), reasons)
        for values in (ratio(observed, chance), p, adjust_fdr(p))
    )
    cases = pd.Series(number, index=labels, name=names.CASES)
    return ColocationQuotient(quotient, p_frame, q_frame, cases)


@dataclass(frozen=True)
class _Links:
    """Nearest neighbours by site (place with one or more firms).

    Firms of a site with several have the others there as neighbours; a single firm has the firms
    of the nearest sites.
    """

    site: Ints  # of every firm
    size: Ints  # firms of every site
    alone: Ints  # sites of one firm, one entry a nearest site
    nearest: Ints  # those nearest sites
    tied: Floats  # firms of all nearest sites of the single firm


def _nearest(xy: Floats) -> _Links:
    from scipy import spatial

    sites = sites_of(xy)
    places, site, size = np.column_stack([sites.x, sites.y]), sites.of, sites.size
    single = np.flatnonzero(size == 1)
    if len(places) < 2 or not single.size:
        none = np.empty(0, dtype=np.int64)
        return _Links(site, size, none, none, np.empty(0))
    tree = spatial.cKDTree(places)
    distance, _ = tree.query(places[single], k=2)
    reach = distance[:, 1] * (1 + 1e-12)
    near = tree.query_ball_point(places[single], reach, return_sorted=True)
    lengths = np.array([len(found) for found in near])
    alone = np.repeat(single, lengths)
    nearest = np.concatenate([np.asarray(found, dtype=np.int64) for found in near])
    other = alone != nearest
    alone, nearest = alone[other], nearest[other]
    firms = np.bincount(alone, size[nearest], minlength=len(places))
    return _Links(site, size, alone, nearest, firms[alone])


def _counts(codes: Ints, links: _Links, k: int) -> Floats:
    """Firms of each sector whose nearest neighbour is of each sector."""
    sites = links.size.size
    by_site = np.bincount(links.site * k + codes, minlength=sites * k).reshape(sites, k)
    shared = links.size > 1
    together = by_site[shared].astype("float64")
    others = 1 / (links.size[shared] - 1.0)
    counts = (together * others[:, None]).T @ together
    counts -= np.diag((together * others[:, None]).sum(axis=0))
    kind = np.empty(sites, dtype=np.int64)
    kind[links.site] = codes
    weight = by_site[links.nearest] / links.tied[:, None]
    alone = np.zeros((k, k))
    for sector in range(k):
        alone[:, sector] = np.bincount(kind[links.alone], weight[:, sector], minlength=k)
    return np.asarray(counts + alone)
