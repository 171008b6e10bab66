r"""Core distances and the minimum spanning tree of mutual reachability, for HDBSCAN*.

.. math:: d_{mreach}(a, b) = \max\{core(a), core(b), |a - b|\}

The tree is grown by Borůvka's rounds on a k-d tree: every component looks for its shortest edge
outwards, passing over boxes that are all its own, too far, or not dense enough. Edges of equal
length are told apart by their sites, so that the tree is the same for every order of the points.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from layout.measures.sites import Sites

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_LEAF: Final = 24
_BLOCK: Final = 50_000  # sites whose neighbours are held at a time


class _Tree(NamedTuple):
    """k-d tree: node i has the sites ``order[first[i]:last[i]]``; children come after parents.

    ``left`` is -1 in leaves; ``box`` is west, east, south, north; ``least`` the least core
    distance.
    """

    order: Ints
    first: Ints
    last: Ints
    left: Ints
    right: Ints
    box: Floats
    least: Floats


def core_distances(sites: Sites, samples: int) -> Floats:
    """Distance within which a site has at least ``samples`` firms, its own included, in metres."""
    from scipy import spatial

    places = np.column_stack([sites.x, sites.y])
    tree = spatial.cKDTree(places)
    k = min(samples, len(places))
    core = np.empty(len(places))
    for begin in range(0, len(places), _BLOCK):
        found, others = tree.query(places[begin : begin + _BLOCK], k=np.arange(1, k + 1))
        firms = np.cumsum(sites.size[others], axis=1)
        enough = np.argmax(firms >= samples, axis=1)
        core[begin : begin + _BLOCK] = found[np.arange(len(found)), enough]
    return core


def reachability_tree(sites: Sites, core: Floats) -> tuple[Ints, Floats]:
    """Edges ``(sites - 1, 2)`` of the tree in ascending order, and their lengths in metres."""
    tree = _build(sites, core)
    edges = np.empty((core.size - 1, 2), dtype=np.int64)
    lengths = np.empty(core.size - 1)
    _grow(tree, sites.x, sites.y, core, edges, lengths)
    edges.sort(axis=1)
    order = np.lexsort((edges[:, 1], edges[:, 0], lengths))
    return edges[order], lengths[order]


def _build(sites: Sites, core: Floats) -> _Tree:
    order = np.arange(sites.x.size)
    first, last, left, right = [0], [sites.x.size], [-1], [-1]
    node = 0
    while node < len(first):
        a, b = first[node], last[node]
        if b - a > _LEAF:
            own = order[a:b]
            x, y = sites.x[own], sites.y[own]
            along = x if np.ptp(x) >= np.ptp(y) else y
            middle = (b - a) // 2
            order[a:b] = own[np.argpartition(along, middle)]
            left[node], right[node] = len(first), len(first) + 1
            first += [a, a + middle]
            last += [a + middle, b]
            left += [-1, -1]
            right += [-1, -1]
        node += 1
    starts = np.array(first, dtype=np.int64)
    ends = np.array(last, dtype=np.int64)
    box, least = np.empty((len(first), 4)), np.empty(len(first))
    for i, (a, b) in enumerate(zip(first, last, strict=True)):
        own = order[a:b]
        x, y = sites.x[own], sites.y[own]
        box[i] = x.min(), x.max(), y.min(), y.max()
        least[i] = core[own].min()
    return _Tree(order, starts, ends, np.array(left), np.array(right), box, least)


@numba.njit(cache=True, nogil=True)
def _grow(tree, x, y, core, edges, lengths):  # type: ignore[no-untyped-def]
    n = x.size
    parent, component = np.arange(n), np.arange(n)
    best, one, other = np.empty(n), np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    of_node = np.empty(tree.first.size, dtype=np.int64)
    stack = np.empty(256, dtype=np.int64)
    count = 0
    while count < n - 1:
        for i in range(n):
            component[i] = _root(parent, i)
            best[i] = np.inf
        _components_of_nodes(tree, component, of_node)
        for place in range(n):  # in order of the tree: neighbours find good bounds for each other
            i = tree.order[place]
            _search(tree, x, y, core, component, of_node, i, best, one, other, stack)
        for c in range(n):
            if best[c] == np.inf:
                continue
            a, b = _root(parent, one[c]), _root(parent, other[c])
            if a != b:
                parent[max(a, b)] = min(a, b)
                edges[count, 0], edges[count, 1], lengths[count] = one[c], other[c], best[c]
                count += 1


@numba.njit(cache=True, nogil=True)
def _root(parent, i):  # type: ignore[no-untyped-def]
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@numba.njit(cache=True, nogil=True)
def _components_of_nodes(tree, component, of_node):  # type: ignore[no-untyped-def]
    """The component that has all sites of a node, or -1."""
    for node in range(tree.first.size - 1, -1, -1):
        if tree.left[node] >= 0:
            a, b = of_node[tree.left[node]], of_node[tree.right[node]]
            of_node[node] = a if a == b else -1
            continue
        of_node[node] = component[tree.order[tree.first[node]]]
        for k in range(tree.first[node] + 1, tree.last[node]):
            if component[tree.order[k]] != of_node[node]:
                of_node[node] = -1
                break


@numba.njit(cache=True, nogil=True)
def _search(  # type: ignore[no-untyped-def]
    tree, x, y, core, component, of_node, i, best, one, other, stack
):
    """Look for an edge from site i out of its component, shorter than the component's best."""
    own = component[i]
    if core[i] > best[own]:
        return
    stack[0], depth = 0, 1
    while depth > 0:
        depth -= 1
        node = stack[depth]
        if of_node[node] == own or _bound(tree, node, x[i], y[i], core[i]) > best[own]:
            continue
        if tree.left[node] >= 0:
            a, b = tree.left[node], tree.right[node]
            near = _bound(tree, a, x[i], y[i], 0.0) <= _bound(tree, b, x[i], y[i], 0.0)
            stack[depth] = b if near else a  # the nearer one is looked at first
            stack[depth + 1] = a if near else b
            depth += 2
            continue
        for k in range(tree.first[node], tree.last[node]):
            j = tree.order[k]
            if component[j] == own:
                continue
            gap = np.sqrt((x[j] - x[i]) ** 2 + (y[j] - y[i]) ** 2)
            length = max(core[i], core[j], gap)
            if length < best[own] or (
                length == best[own] and _comes_first(i, j, one[own], other[own])
            ):
                best[own], one[own], other[own] = length, i, j


@numba.njit(cache=True, nogil=True)
def _bound(tree, node, x, y, core):  # type: ignore[no-untyped-def]
    """Shortest mutual reachability from a place to the sites of a node that is possible."""
    dx = max(tree.box[node, 0] - x, 0.0, x - tree.box[node, 1])
    dy = max(tree.box[node, 2] - y, 0.0, y - tree.box[node, 3])
    return max(core, tree.least[node], np.sqrt(dx * dx + dy * dy))


@numba.njit(cache=True, nogil=True)
def _comes_first(a, b, c, d):  # type: ignore[no-untyped-def]
    """Whether the edge of sites a and b stands before that of c and d."""
    low, high = min(a, b), max(a, b)
    return low < min(c, d) or (low == min(c, d) and high < max(c, d))
