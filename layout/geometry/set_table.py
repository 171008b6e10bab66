"""A growing list of distinct sets of small numbers, for compiled code.

A set is an ascending run of int32. Sets are numbered in the order in which they are first seen; set
0 is the empty set.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt


class SetTable(NamedTuple):
    """The sets and the hash table that finds them.

    Attributes
    ----------
    start
        int64: where each set begins in ``members``; of ``counts[0] + 1`` entries in use.
    members
        int32: the sets one after the other.
    slots
        int32: number of a set by hash, -1 where free; length a power of two.
    counts
        int64 ``(2,)``: sets and members in use.
    """

    start: npt.NDArray[np.int64]
    members: npt.NDArray[np.int32]
    slots: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int64]


def new_table(sets: int = 1024) -> SetTable:
    """A table that holds the empty set alone, with room for about ``sets`` more."""
    table = SetTable(
        np.zeros(sets + 2, np.int64),
        np.zeros(4 * sets, np.int32),
        np.full(2 << (sets - 1).bit_length(), -1, np.int32),
        np.zeros(2, np.int64),
    )
    table.slots[_place(table, table.members, 0)] = 0
    table.counts[0] = 1
    return table


def sets_of(table: SetTable) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """The sets in use: where each begins, and the members."""
    count, used = table.counts
    return table.start[: count + 1].copy(), table.members[:used].copy()


@numba.njit(cache=True, nogil=True)
def intern_set(  # type: ignore[no-untyped-def]
    table, items, n
):
    """The table (it may have grown) and the number of the set ``items[:n]``, ascending."""
    if table.counts[0] + 2 > min(table.start.shape[0], table.slots.shape[0] // 2):
        table = _more_sets(table)
    if table.counts[1] + n > table.members.shape[0]:
        table = _more_members(table, n)
    place = _place(table, items, n)
    if table.slots[place] >= 0:
        return table, table.slots[place]
    number, used = table.counts[0], table.counts[1]
    for i in range(n):
        table.members[used + i] = items[i]
    table.start[number + 1] = used + n
    table.slots[place] = number
    table.counts[0] += 1
    table.counts[1] += n
    return table, np.int32(number)


@numba.njit(cache=True, nogil=True)
def toggle(items, n, value):  # type: ignore[no-untyped-def]
    """Put ``value`` into the ascending ``items[:n]``, or take it out; the new length."""
    at = 0
    while at < n and items[at] < value:
        at += 1
    if at < n and items[at] == value:
        for i in range(at, n - 1):
            items[i] = items[i + 1]
        return n - 1
    for i in range(n, at, -1):
        items[i] = items[i - 1]
    items[at] = value
    return n + 1


@numba.njit(cache=True, nogil=True)
def _place(table, items, n):  # type: ignore[no-untyped-def]
    """The slot that holds the set, or the free one where it belongs."""
    mask = table.slots.shape[0] - 1
    code = np.int64(n)
    for i in range(n):
        code = (code ^ items[i]) * np.int64(-7046029254386353131)
        code ^= (code >> 29) & np.int64(0x7FFFFFFFF)
    place = code & mask
    while table.slots[place] >= 0 and not _holds(table, table.slots[place], items, n):
        place = (place + 1) & mask
    return place


@numba.njit(cache=True, nogil=True)
def _holds(table, number, items, n):  # type: ignore[no-untyped-def]
    begin = table.start[number]
    if table.start[number + 1] - begin != n:
        return False
    for i in range(n):  # noqa: SIM110 - compiled code wants the plain loop
        if table.members[begin + i] != items[i]:
            return False
    return True


@numba.njit(cache=True, nogil=True)
def _more_members(table, n):  # type: ignore[no-untyped-def]
    members = np.zeros(2 * (table.members.shape[0] + n), np.int32)
    members[: table.counts[1]] = table.members[: table.counts[1]]
    return SetTable(table.start, members, table.slots, table.counts)


@numba.njit(cache=True, nogil=True)
def _more_sets(table):  # type: ignore[no-untyped-def]
    start = np.zeros(2 * table.start.shape[0], np.int64)
    start[: table.counts[0] + 1] = table.start[: table.counts[0] + 1]
    slots = np.full(2 * table.slots.shape[0], np.int32(-1), np.int32)
    bigger = SetTable(start, table.members, slots, table.counts)
    for number in range(table.counts[0]):
        begin, end = start[number], start[number + 1]
        slots[_place(bigger, table.members[begin:end], end - begin)] = number
    return bigger
