"""From hits to tags over flat arrays, compiled: the fast twin of ``tagging_scoring``.

Everything here works on the rows that the kernel has just read; nothing is allocated for a row.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from layout.prepare import tagging_automaton as at
from layout.prepare import tagging_reading as plain
from layout.prepare import tagging_rules as book
from layout.prepare import tagging_scoring as scoring
from layout.prepare.tagging_kernel import compiled, spliced
from layout.prepare.tagging_memory import PLACE, ROWS_AT_ONCE, RULE_FROM, RULE_TO, SIGN

OUTSIDE: Final = 0
FUSION: Final = 1
CORE: Final = 2
FULL: Final = 0
SPECIFIC: Final = 1
"""Kinds of totals: of all evidence, of specific evidence only."""
_ENOUGH: Final = int(book.THRESHOLD * scoring.UNITS + 0.5)


class Totals(NamedTuple):
    """What speaks for the sectors in the rows just read.

    Attributes
    ----------
    miss
        float64[n, 2, sectors]: Π(1 − w) of each kind.
    solid
        int64[n, 2]: sectors (bits) with a rule that is not ambiguous, of each kind.
    place
        int64[n, sectors]: first mention.
    subs
        uint64[n, 2, 2]: sub-fields (bits of two words) of each kind.
    counted
        Row in which each rule was last counted.
    """

    miss: npt.NDArray[np.float64]
    solid: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]
    subs: npt.NDArray[np.uint64]
    counted: npt.NDArray[np.int64]


class Tags(NamedTuple):
    """The result, one entry a row.

    Attributes
    ----------
    codes, acts
        Number of the 4-digit code (−1 for none), and the activity it implies.
    scope, platform
        Scope by number; whether the code is of group 643.
    sectors, shares
        Up to three sector numbers (−1 for none), and their thousandths.
    subs
        uint64[n, 2]: sub-fields of the tags (bits of two words).
    xinchuang
        Whether there is a sign of IT application innovation.
    """

    codes: npt.NDArray[np.int16]
    acts: npt.NDArray[np.uint8]
    scope: npt.NDArray[np.int8]
    platform: npt.NDArray[np.bool_]
    sectors: npt.NDArray[np.int8]
    shares: npt.NDArray[np.int16]
    subs: npt.NDArray[np.uint64]
    xinchuang: npt.NDArray[np.bool_]


def totals_memory(sectors: int, rules: int) -> Totals:
    """Memory for the totals of :data:`ROWS_AT_ONCE` rows."""
    return Totals(
        miss=np.ones((ROWS_AT_ONCE, 2, sectors)),
        solid=np.zeros((ROWS_AT_ONCE, 2), np.int64),
        place=np.zeros((ROWS_AT_ONCE, sectors), np.int64),
        subs=np.zeros((ROWS_AT_ONCE, 2, 2), np.uint64),
        counted=np.full(rules, -1, np.int64),
    )


def no_tags(rows: int) -> Tags:
    """A result of ``rows`` rows without tags."""
    return Tags(
        codes=np.full(rows, -1, np.int16),
        acts=np.zeros(rows, np.uint8),
        scope=np.zeros(rows, np.int8),
        platform=np.zeros(rows, np.bool_),
        sectors=np.full((rows, book.MOST_TAGS), -1, np.int8),
        shares=np.zeros((rows, book.MOST_TAGS), np.int16),
        subs=np.zeros((rows, 2), np.uint64),
        xinchuang=np.zeros(rows, np.bool_),
    )


@compiled
def score_rows(row: int, stop: int, rules: Any, reading: Any, totals: Any, out: Any) -> None:
    """Add up the evidence of the rows just read: of their hits and of their codes (−1 for none)."""
    hits, gates, ends, counted = reading.hits, reading.gates, reading.ends, totals.counted
    miss, place, solid, subs = totals.miss, totals.place, totals.solid, totals.subs
    numbers, says, code_rules = rules.rule_number, rules.rule_says, rules.code_rules
    rule_miss, rule_subs, spared = rules.rule_miss, rules.rule_subs, rules.spared
    codes, out_xinchuang = out.codes, out.xinchuang
    i = 0
    for at_row in range(stop - row):
        solid_full: Any = 0
        solid_specific: Any = 0
        low = high = specific_low = specific_high = np.uint64(0)
        xinchuang: Any = False
        for k in range(miss.shape[2]):
            miss[at_row, FULL, k] = miss[at_row, SPECIFIC, k] = 1.0
            place[at_row, k] = scoring.NOWHERE
        end: Any = ends[at_row]
        code = codes[row + at_row]
        while i <= end:
            gate: Any = np.int64(plain.KEPT)
            spot: Any = np.int64(scoring.NOWHERE)
            first: Any = np.int64(0)
            last: Any = np.int64(0)
            if i < end:
                gate, spot = np.int64(gates[i]), np.int64(hits[i, PLACE])
                if gate != plain.DROPPED:
                    first, last = np.int64(hits[i, RULE_FROM]), np.int64(hits[i, RULE_TO])
                xinchuang |= gate == plain.KEPT and hits[i, SIGN] != 0
            elif code >= 0:
                first, last = np.int64(code_rules[code, 0]), np.int64(code_rules[code, 1])
            i += 1
            for at_rule in range(first, last):
                number = np.uint32(numbers[at_rule])
                info = np.int64(says[number])
                sector: Any = info & at.SECTOR
                if counted[number] == row + at_row:
                    continue
                if gate != plain.KEPT and not (spared[gate] >> sector) & 1:
                    continue
                counted[number] = row + at_row
                miss[at_row, FULL, sector] *= rule_miss[number, FULL]
                miss[at_row, SPECIFIC, sector] *= rule_miss[number, SPECIFIC]
                place[at_row, sector] = min(place[at_row, sector], spot)
                solid_full |= ((info >> at.SOLID_FULL) & 1) << sector
                solid_specific |= ((info >> at.SOLID_SPECIFIC) & 1) << sector
                specific = np.uint64(0) - np.uint64((info >> at.SPECIFIC) & 1)
                low |= rule_subs[number, 0]
                high |= rule_subs[number, 1]
                specific_low |= rule_subs[number, 0] & specific
                specific_high |= rule_subs[number, 1] & specific
        i = end
        solid[at_row, FULL], solid[at_row, SPECIFIC] = solid_full, solid_specific
        subs[at_row, FULL, 0], subs[at_row, FULL, 1] = low, high
        subs[at_row, SPECIFIC, 0], subs[at_row, SPECIFIC, 1] = specific_low, specific_high
        out_xinchuang[row + at_row] = xinchuang


@spliced
def _score(miss: Any) -> Any:
    """Score in millionths."""
    return scoring.UNITS - np.int64(miss * scoring.UNITS + 0.5)


@spliced
def _share_out(scores: Any, count: int, shares: Any, row: int) -> None:
    """Whole thousandths proportional to ``scores``, sum 1000, by largest remainder."""
    total, left = 0, 1000
    for i in range(count):
        total += scores[i]
    for i in range(count):
        shares[row, i] = 1000 * scores[i] // total
        left -= 1000 * scores[i] // total
        scores[i] = 1000 * scores[i] % total
    for _ in range(left):
        most = 0
        for i in range(1, count):
            if scores[i] > scores[most]:
                most = i
        shares[row, most] += 1
        scores[most] = -1


@compiled
def choose_tags(row: int, stop: int, rules: Any, totals: Any, out: Any) -> None:
    """The best three sectors of the rows just scored, their shares and sub-fields."""
    miss, place, solid, subs = totals.miss, totals.place, totals.solid, totals.subs
    lowest, yields, sub_mask = rules.lowest, rules.yields, rules.sub_mask
    sectors, shares, scope, out_subs = out.sectors, out.shares, out.scope, out.subs
    scores = np.zeros(book.MOST_TAGS + 1, np.int64)
    best = np.zeros(book.MOST_TAGS + 1, np.int64)
    for at_row in range(stop - row):
        tagged: Any = 0
        yielded: Any = 0
        count = 0
        left = solid[at_row, FULL]
        while left:
            sector = np.int64(lowest[left])
            left &= left - 1
            tagged |= np.int64(_score(miss[at_row, FULL, sector]) >= _ENOUGH) << sector
        for i in range(yields.shape[0] if tagged & (tagged - 1) else 0):
            sector = np.int64(yields[i, 0])
            if (tagged >> sector) & 1 and yields[i, 1] & tagged:
                yielded |= 1 << sector
                enough = _score(miss[at_row, SPECIFIC, sector]) >= _ENOUGH
                if not (enough and (solid[at_row, SPECIFIC] >> sector) & 1):
                    tagged &= ~(1 << sector)
        left = tagged
        while left:
            sector = np.int64(lowest[left])
            left &= left - 1
            score = _score(miss[at_row, (yielded >> sector) & 1, sector])
            spot = count
            while spot > 0:
                above = best[spot - 1]
                tie = score == scores[spot - 1] and place[at_row, sector] < place[at_row, above]
                if score <= scores[spot - 1] and not tie:
                    break
                scores[spot], best[spot] = scores[spot - 1], above
                spot -= 1
            scores[spot], best[spot] = score, sector
            count = min(count + 1, book.MOST_TAGS)
        for i in range(count):
            sector = best[i]
            kind = (yielded >> sector) & 1
            sectors[row + at_row, i] = sector
            out_subs[row + at_row, 0] |= subs[at_row, kind, 0] & sub_mask[sector, 0]
            out_subs[row + at_row, 1] |= subs[at_row, kind, 1] & sub_mask[sector, 1]
        if count:
            scope[row + at_row] = max(scope[row + at_row], FUSION)
            _share_out(scores, count, shares, row + at_row)


@spliced
def _parse_code(data: Any, start: Any, stop: Any) -> tuple[Any, Any]:
    """Value and digits of a code (an optional letter, then 2 to 4 digits), else (0, 0)."""
    while start < stop and data[start] <= 32:
        start += 1
    while start < stop and data[stop - 1] <= 32:
        stop -= 1
    if start < stop and 65 <= (data[start] & 0xDF) <= 90:
        start += 1
    digits = stop - start
    if digits < 2 or digits > 4:
        return 0, 0
    value: Any = 0
    for i in range(start, stop):
        digit = np.int64(data[i]) - 48
        if digit < 0 or digit > 9:
            return 0, 0
        value = value * 10 + digit
    return value, digits


@compiled
def read_codes(codes: Any, rules: Any, out: Any) -> None:
    """What the codes say: number for rules (−1), activity, scope core, platform firm."""
    data, offsets, valid = codes
    code_acts = rules.code_acts
    numbers, acts, scope, platform = out.codes, out.acts, out.scope, out.platform
    for row in range(numbers.size):
        value = digits = 0
        if valid[row]:
            value, digits = _parse_code(data, offsets[row], offsets[row + 1])
        numbers[row] = value if digits == 4 else -1
        acts[row] = code_acts[digits - 2, value] if digits else 0
        group = value // 10 if digits == 4 else (value if digits == 3 else 0)
        division = value if digits == 2 else group // 10
        scope[row] = CORE if 63 <= division <= 65 else OUTSIDE
        platform[row] = group == 643


@compiled
def number_sets(sets: Any, numbers: Any, table: Any, distinct: Any) -> int:
    """Number the distinct pairs of ``sets`` (uint64[n, 2]) in the order they come.

    Parameters
    ----------
    sets
        The pairs.
    numbers
        Gets the number of each row's pair.
    table
        Hash table of −1, a power of two long, longer than ``distinct``.
    distinct
        Gets the first row of each number; as long as pairs may be held.

    Returns
    -------
    int
        How many pairs there are, or −1 where ``distinct`` is too short.
    """
    count = 0
    mask = np.uint64(table.size - 1)
    for row in range(sets.shape[0]):
        low, high = sets[row, 0], sets[row, 1]
        mixed = (low ^ (high * np.uint64(0x9E3779B97F4A7C15))) * np.uint64(0xBF58476D1CE4E5B9)
        slot = (mixed ^ (mixed >> np.uint64(31))) & mask
        while True:
            number = table[slot]
            if number < 0:
                if count == distinct.size:
                    return -1
                table[slot] = number = count
                distinct[count] = row
                count += 1
                break
            first = distinct[number]
            if sets[first, 0] == low and sets[first, 1] == high:
                break
            slot = (slot + np.uint64(1)) & mask
        numbers[row] = number
    return count
