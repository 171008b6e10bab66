"""From the spanning tree to clusters: single linkage, condensed tree, excess of mass.

Edges of equal length are removed at once, as the paper asks: mutual reachability has many (a site
reaches all within its core distance at that distance), and taken one after another they make
clusters that live for no range of densities at all, as other implementations do.

Sites stand for one or more firms. A site by itself is a cluster of its firms until, at its core
distance, they fall apart.
"""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
import numpy.typing as npt

_SKIP: Final = -(1 << 62)
"""A merge at the same distance as the one it is part of."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def select_clusters(
    size: Ints, core: Floats, edges: Ints, lengths: Floats, least: int, longest: float = np.inf
) -> tuple[Ints, Floats]:
    """Cluster of every site (-1: noise), and how well each cluster persists.

    Parameters
    ----------
    size, core
        Firms and core distance of every site.
    edges, lengths
        Spanning tree in ascending order of lengths (metres, above 0).
    least
        Fewest firms of a cluster.
    longest
        Metres: nothing is joined over a longer edge. What holds together there is a cluster at the
        outset (all sites too, if they do); otherwise the whole is none.

    Returns
    -------
    tuple
        Labels, numbered in no particular order; and for each cluster the share of its firms'
        densities that lies above the density at which it splits off.
    """
    n = size.size
    children, weight = _single_linkage(size, edges)
    # of condensed clusters: parent, density at birth, stability, firms; at most 2 n and the whole
    parent = np.full(2 * n + 1, -1)
    birth, stability, firms = (np.zeros(2 * n + 1) for _ in range(3))
    last = np.full(n, 0)  # cluster that each site leaves as the last
    near, reached = (np.where(far > longest, np.inf, far) for far in (lengths, core))
    count = _condense(
        children, weight, near, reached, least, 1.0 / longest, parent, birth, stability, firms, last
    )
    chosen = _excess_of_mass(parent[:count], stability[:count])
    number = np.full(count, -1)
    number[chosen] = np.arange(int(chosen.sum()))
    labels = _labels(last, parent[:count], number)
    mass = stability[:count][chosen]
    whole = mass + firms[:count][chosen] * birth[:count][chosen]
    return labels, np.divide(mass, whole, out=np.zeros_like(mass), where=whole > 0)


def _excess_of_mass(parent: Ints, stability: Floats) -> npt.NDArray[np.bool_]:
    """Clusters that are more stable than the best choice among their parts; never the whole."""
    chosen = np.zeros(parent.size, dtype=bool)
    below = np.zeros(parent.size)
    for cluster in range(parent.size - 1, 0, -1):  # parts come after the whole
        chosen[cluster] = stability[cluster] >= below[cluster]
        below[parent[cluster]] += max(stability[cluster], below[cluster])
    covered = np.zeros(parent.size, dtype=bool)
    for cluster in range(1, parent.size):
        covered[cluster] = covered[parent[cluster]] or chosen[parent[cluster]]
    return chosen & ~covered


@numba.njit(cache=True, nogil=True)
def _single_linkage(size, edges):  # type: ignore[no-untyped-def]
    """Merges from the shortest edge up: both parts (sites, or n + merge), and firms of all."""
    n = size.size
    top, parent = np.arange(n), np.arange(n)
    children = np.empty((n - 1, 2), dtype=np.int64)
    weight = np.empty(2 * n - 1, dtype=np.int64)
    weight[:n] = size
    for merge in range(n - 1):
        a, b = edges[merge, 0], edges[merge, 1]
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        children[merge, 0], children[merge, 1] = top[a], top[b]
        weight[n + merge] = weight[top[a]] + weight[top[b]]
        parent[b] = a
        top[a] = n + merge
    return children, weight


@numba.njit(cache=True, nogil=True)
def _condense(  # type: ignore[no-untyped-def]
    children, weight, lengths, core, least, lowest, parent, birth, stability, firms, last
):
    """Walk down from the whole; a split is real if two parts or more are large enough.

    Edges of infinite length join nothing: their parts begin at the density ``lowest``.
    """
    n = core.size
    cluster_of = np.full(2 * n - 1, _SKIP)  # of every part, -1 - cluster once it has fallen out
    cluster_of[2 * n - 2] = 0
    firms[0], birth[0] = weight[2 * n - 2], lowest
    parts, count = np.empty(n, dtype=np.int64), 1
    if lowest > 0 and lengths[n - 2] < np.inf and weight[2 * n - 2] >= least:
        parent[1], birth[1], firms[1] = 0, lowest, weight[2 * n - 2]
        cluster_of[2 * n - 2] = 1
        count = 2
    for node in range(2 * n - 2, n - 1, -1):  # a merge comes after its parts
        cluster = cluster_of[node]
        if cluster == _SKIP:
            continue
        length = lengths[node - n]
        number = _parts(children, lengths, node, parts)
        large = 0
        for k in range(number):
            large += _holds(parts[k], weight, core, least, length)
        density = max(1.0 / length, lowest)
        split = large > 1 or length == np.inf
        for part in parts[:number]:
            cluster_of[part] = cluster
            if cluster < 0:
                continue
            holds = _holds(part, weight, core, least, length)
            if not holds or split:
                stability[cluster] += weight[part] * (density - birth[cluster])
            if not holds:
                cluster_of[part] = -1 - cluster
            elif split:
                parent[count], birth[count], firms[count] = cluster, density, weight[part]
                cluster_of[part] = count
                count += 1
    for site in range(n):
        cluster = cluster_of[site]
        if cluster >= 0:  # a site that is large enough by itself
            stability[cluster] += weight[site] * (1.0 / core[site] - birth[cluster])
        last[site] = cluster if cluster >= 0 else -1 - cluster
    return count


@numba.njit(cache=True, nogil=True)
def _holds(part, weight, core, least, length):  # type: ignore[no-untyped-def]
    """Whether a part is large enough, and if it is a site, does not fall apart at this length."""
    return weight[part] >= least and (part >= core.size or core[part] < length)


@numba.njit(cache=True, nogil=True)
def _parts(children, lengths, node, parts):  # type: ignore[no-untyped-def]
    """What a merge is made of, merges at the same distance taken as one; returns how many."""
    n = children.shape[0] + 1
    length = lengths[node - n]
    parts[0], parts[1] = children[node - n]
    done, number = 0, 2
    while done < number:
        part = parts[done]
        if part >= n and lengths[part - n] == length:
            parts[done], parts[number] = children[part - n]
            number += 1
        else:
            done += 1
    return number


@numba.njit(cache=True, nogil=True)
def _labels(last, parent, number):  # type: ignore[no-untyped-def]
    """Number of the chosen cluster that a site lies in."""
    labels = np.full(last.size, -1)
    for site in range(last.size):
        cluster = last[site]
        while cluster >= 0 and number[cluster] < 0:
            cluster = parent[cluster]
        if cluster >= 0:
            labels[site] = number[cluster]
    return labels
