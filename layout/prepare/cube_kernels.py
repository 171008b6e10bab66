"""Compiled counting of firms: into joint cells batch by batch, and from there into cubes.

A joint cell holds seven whole numbers: tags, their shares, revenue, revenue by share, employees,
employees by share, and tags with known employees; whether revenue is known its tier says. A place
is a combination of zones, and a part of it is a sector, a scope, a status, and whether the tag is
the firm's first: all that does not change from year to year.
"""

from __future__ import annotations

import numba
import numpy as np

from layout.prepare.dimensions import SCOPES, STATUSES
from layout.prepare.encoded_firms import is_known

N_SECTORS = 13
UNTAGGED_SECTOR = N_SECTORS - 1
N_SCOPES = len(SCOPES)
N_STATUSES = len(STATUSES)
N_PARTS = N_SECTORS * N_SCOPES * N_STATUSES * 2
N_COUNTS = 7
YEAR_SLOTS = 16

_WHOLE = np.int16(1000)
_HASH = np.int64(-7046029254386353131)


@numba.njit(cache=True, nogil=True)
def zone_codes(zone, table, location, reasons, codes):  # type: ignore[no-untyped-def]
    """Fill ``codes`` with the zone of each row, else the reason; a null location has the last."""
    ids, valid_ids, first_id = zone
    words, valid_words, first_word = location
    for row in range(codes.shape[0]):
        i = np.uint64(row)
        code = table[ids[i]] if is_known(valid_ids, first_id + i) else np.int32(-1)
        if code < 0:
            known = is_known(valid_words, first_word + i)
            code = reasons[words[i]] if known else reasons[-1]
        codes[i] = code


@numba.njit(cache=True, nogil=True)
def number_places(known, slots, used, zones, places):  # type: ignore[no-untyped-def]
    """Fill ``places`` with the number of each firm's combination of zones.

    ``zones`` is ``(kinds, n)``. Returns the combinations, ``(room, kinds)``, their hash table,
    length a power of two and -1 where free, and how many are in use; both may have grown.
    """
    for i in range(places.shape[0]):
        slot = _place_slot(known, slots, zones, i)
        if slots[slot] < 0:
            if used == known.shape[0]:
                known, slots = _more_places(known, slots)
                slot = _place_slot(known, slots, zones, i)
            known[used] = zones[:, i]
            slots[slot] = used
            used += 1
        places[i] = slots[slot]
    return known, slots, used


@numba.njit(cache=True, nogil=True)
def list_tags(places, sectors, shares, scope, status, rows, used, tags):  # type: ignore[no-untyped-def]
    """Fill ``tags`` (firm, row of its cells, share) with the tags of all firms.

    Returns the number of tags and of rows in use; ``rows`` is ``(places, parts)``, -1 for none.
    """
    count = 0
    for i in range(places.shape[0]):
        for k in range(3):
            sector, share = np.int64(sectors[k, i]), shares[k, i]
            if sector < 0:
                if k > 0:
                    break
                sector, share = np.int64(UNTAGGED_SECTOR), _WHOLE
            part = ((sector * N_SCOPES + scope[i]) * N_STATUSES + status[i]) * 2 + (k > 0)
            row = rows[places[i], part]
            if row < 0:
                row = used
                rows[places[i], part] = row
                used += 1
            tags[count, 0], tags[count, 1], tags[count, 2] = i, row, share
            count += 1
    return count, used


@numba.njit(cache=True, nogil=True)
def count_year(cells, tags, days, after, until, revenue, employees, above):  # type: ignore[no-untyped-def]
    """Add the tags of the firms founded later than ``after`` and up to ``until`` to the cells.

    ``cells`` is ``(rows, tiers, counts)``; ``above`` are the bounds of all tiers but the smallest,
    largest first. After that the last tier is that of unknown revenue.
    """
    smallest = above.shape[0]
    # Taken apart here, for compiled code counts references to a tuple wherever it looks into it.
    money_of, valid_money, first_money = revenue
    people_of, valid_people, first_people = employees
    for e in range(tags.shape[0]):
        i, row, share = np.uint64(tags[e, 0]), np.uint64(tags[e, 1]), np.int64(tags[e, 2])
        if days[i] <= after or days[i] > until:
            continue
        tier, money, people = smallest + 1, np.int64(0), np.int64(0)
        if is_known(valid_money, first_money + i):
            tier, money = smallest, money_of[i]
            while tier > 0 and money > above[tier - 1]:
                tier -= 1
        knows_people = is_known(valid_people, first_people + i)
        if knows_people:
            people = people_of[i]
        cell = cells[row, np.uint64(tier)]
        cell[0] += 1
        cell[1] += share
        cell[2] += money
        cell[3] += money * share
        cell[4] += people
        cell[5] += people * share
        cell[6] += knows_people


@numba.njit(cache=True, nogil=True)
def list_rows(rows, places, parts):  # type: ignore[no-untyped-def]
    """Fill in the place and the part of each row in use: the reverse of ``rows``."""
    for place in range(rows.shape[0]):
        for part in range(rows.shape[1]):
            row = rows[place, part]
            if row >= 0:
                places[row], parts[row] = place, part


@numba.njit(cache=True, nogil=True)
def add_joint(keys, values, used, zones, parts, tiers, slots, counts, n_years, n_tiers):  # type: ignore[no-untyped-def]
    """Add joint cells to a cube; returns its tables (they may have grown) and the cells in use.

    Zone, part, tier and year slot are those of each cell, ``counts`` is ``(cells, counts)``.
    """
    for i in range(counts.shape[0]):
        part, tier, slot = parts[i], np.int64(tiers[i]), np.int64(slots[i])
        first, priced = part % 2 == 0, tier < n_tiers - 1
        key = np.int64(zones[i]) * (N_SECTORS * N_SCOPES) + part // (2 * N_STATUSES)
        key = (key * n_tiers + tier) * N_STATUSES + part // 2 % N_STATUSES
        key *= YEAR_SLOTS
        if slot < n_years:
            used += _add_cell(keys, values, key + slot + 1, counts[i], first, priced)
        # Year slot 0 of a cube is all firms with the figures of the last year; of the joint cells
        # the slot after the years has the firms that were founded later.
        if slot >= n_years - 1:
            used += _add_cell(keys, values, key, counts[i], first, priced)
        if used * 2 > keys.shape[0]:
            keys, values = _grow(keys, values)
    return keys, values, used


@numba.njit(cache=True, nogil=True)
def merge(keys, values, used, more_keys, more_values):  # type: ignore[no-untyped-def]
    """Add the cells of another cube; returns the tables and the cells in use."""
    for i in range(more_keys.shape[0]):
        key = more_keys[i]
        if key == -1:
            continue
        slot = _slot(keys, key)
        if keys[slot] == -1:
            keys[slot] = key
            used += 1
        values[slot] += more_values[i]
        if used * 2 > keys.shape[0]:
            keys, values = _grow(keys, values)
    return keys, values, used


@numba.njit(cache=True, nogil=True)
def _place_slot(known, slots, zones, i):  # type: ignore[no-untyped-def]
    """The slot that holds the combination ``zones[:, i]``, or the free one where it belongs."""
    kinds, mask = zones.shape[0], slots.shape[0] - 1
    mixed = np.int64(0)
    for kind in range(kinds):
        mixed = (mixed + zones[kind, i]) * _HASH
    slot = (mixed ^ (mixed >> 29)) & mask
    while slots[slot] >= 0:
        number, kind = slots[slot], 0
        while kind < kinds and known[number, kind] == zones[kind, i]:
            kind += 1
        if kind == kinds:
            break
        slot = (slot + 1) & mask
    return slot


@numba.njit(cache=True, nogil=True)
def _more_places(known, slots):  # type: ignore[no-untyped-def]
    used = known.shape[0]
    more = np.zeros((2 * used, known.shape[1]), np.int32)
    more[:used] = known
    bigger = np.full(2 * slots.shape[0], np.int32(-1), np.int32)
    for number in range(used):
        bigger[_place_slot(more, bigger, more.T, number)] = number
    return more, bigger


@numba.njit(cache=True, nogil=True)
def _add_cell(keys, values, key, counts, first, priced):  # type: ignore[no-untyped-def]
    """Add a joint cell to the cell ``key`` of a cube; 1 where that one is new."""
    slot = _slot(keys, key)
    new = keys[slot] == -1
    keys[slot] = key
    cell, tags, people = values[slot], counts[0], counts[4]
    if first:
        cell[0] += tags
        cell[3] += counts[2]
        cell[6] += people
    cell[1] += counts[1]
    cell[2] += tags
    cell[4] += counts[3]
    cell[5] += counts[2]
    cell[7] += counts[5]
    cell[8] += people
    cell[9] += tags if priced else 0
    cell[10] += counts[6]
    return 1 if new else 0


@numba.njit(cache=True, nogil=True)
def _slot(keys, key):  # type: ignore[no-untyped-def]
    """Where the key stands, or the free slot where it belongs."""
    size = keys.shape[0]
    # The years of a cell stand beside each other, for they are mostly counted one after the other.
    mixed = (key // YEAR_SLOTS) * _HASH
    slot = ((mixed ^ (mixed >> 29)) + key % YEAR_SLOTS) & (size - 1)
    while keys[slot] != -1 and keys[slot] != key:
        slot = (slot + 1) & (size - 1)
    return slot


@numba.njit(cache=True, nogil=True)
def _grow(keys, values):  # type: ignore[no-untyped-def]
    bigger = np.full(keys.shape[0] * 2, np.int64(-1))
    moved = np.zeros((keys.shape[0] * 2, values.shape[1]), np.int64)
    for i in range(keys.shape[0]):
        if keys[i] != -1:
            slot = _slot(bigger, keys[i])
            bigger[slot] = keys[i]
            moved[slot] = values[i]
    return bigger, moved
