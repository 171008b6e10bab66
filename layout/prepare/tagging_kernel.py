"""Reading and scoring scopes over flat arrays, compiled: the fast twin of the plain modules.

``tagging_reading`` says what happens and why; a test holds both equal. Here one pass over the bytes
of a row turns characters into classes and hashes its clauses, and one pass over the classes cuts
them into phrases and characters and keeps the state of the clause in registers. What a clause says
depends on nothing outside it (but for brackets that it leaves open), and registers repeat their
clauses: those that were read before are looked up by a 64-bit hash (65,536 of them, in five
megabytes; four times fewer cost a tenth more time). Nothing is allocated for a row.

The compiled functions of this file call none of another: numba's cache of a function does not
notice that a function it calls has changed in another file.
"""

from __future__ import annotations

from typing import Any, Final

import numba
import numpy as np

from layout.prepare import tagging_automaton as at
from layout.prepare import tagging_reading as plain
from layout.prepare import tagging_rules as book
from layout.prepare.tagging_memory import (
    CLAUSE_BITS,
    HITS_A_BYTE,
    HITS_KEPT,
    PLACE,
    RULE_FROM,
    RULE_TO,
    SIGN,
)

_SEED: Final = np.uint64(0x9E3779B97F4A7C15)
_FACTOR: Final = np.uint64(0xD6E8FEB86659FD93)


def compiled(function: Any) -> Any:
    """Compiled on first use and kept on disk."""
    return numba.njit(cache=True, nogil=True, error_model="numpy")(function)


def spliced(function: Any) -> Any:
    """Compiled into its only caller, so that no array is handed over for a row."""
    return numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")(function)


@compiled
def _end_of_disclaimer(data: Any, start: int, stop: int, disclaimers: Any) -> int:
    """Byte of the bracket that closes a disclaimer, ``start`` itself where there is none."""
    begins = False
    for k in range(disclaimers.shape[0]):
        same = start + 9 <= stop
        j = 0
        while same and j < 9 and disclaimers[k, j]:
            same = data[start + j] == disclaimers[k, j]
            j += 1
        begins |= same
    i = start
    while begins and i + 2 < stop:
        lead = data[np.uint64(i)]
        if lead < 0xE4 or lead > 0xE9:
            middle, last = data[np.uint64(i + 1)], data[np.uint64(i + 2)]
            if lead == 0xEF and middle == 0xBC and last == 0x89:
                return i
            wide = lead == 0xEF and middle == 0xBC and (last == 0x8C or last == 0x9B)
            if not (wide or (lead == 0xE3 and middle == 0x80 and (last == 0x81 or last == 0x82))):
                break
        i += 3
    return start


@spliced
def _fold_row(
    data: Any,
    start: int,
    stop: int,
    classes: Any,
    disclaimers: Any,
    text: Any,
    cuts: Any,
    keys: Any,
) -> tuple[Any, Any]:
    """Classes of the characters of UTF-8 ``data[start:stop]`` into ``text``.

    Where a clause ends goes into ``cuts``, a hash of the clause into ``keys``. Returns the number
    of characters and of clauses.
    """
    count, clauses, i, space, last_word = 0, 0, start, False, False
    key = _SEED
    while i < stop:
        byte = np.uint32(data[np.uint64(i)])
        if byte >= 0xE0 and byte < 0xF0:
            second = np.uint32(data[np.uint64(i + 1)]) & np.uint32(0x3F)
            third = np.uint32(data[np.uint64(i + 2)]) & np.uint32(0x3F)
            point = (byte & np.uint32(0x0F)) << np.uint32(12) | second << np.uint32(6) | third
            i += 3
            if byte >= 0xE4 and byte <= 0xE9:  # a Chinese character
                found = classes[point]
                text[np.uint64(count)] = found
                key = (key ^ np.uint64(found)) * _FACTOR
                count += 1
                space = last_word = False
                continue
        elif byte < 0x80:
            point = byte
            i += 1
        elif byte < 0xE0:
            second = np.uint32(data[np.uint64(i + 1)]) & np.uint32(0x3F)
            point = (byte & np.uint32(0x1F)) << np.uint32(6) | second
            i += 2
        else:
            point = np.uint32(at.ASTRAL)
            i += 4
        found = classes[point]
        if found <= at.SPACE:
            space |= found == at.SPACE
            continue
        word = at.DIGIT_0 <= found < at.OUTSIDE
        if space:
            if word and last_word:
                text[np.uint64(count)] = at.SPACE
                key = (key ^ np.uint64(at.SPACE)) * _FACTOR
                count += 1
            space = False
        text[np.uint64(count)] = found
        last_word = word
        key = (key ^ np.uint64(found)) * _FACTOR
        if found == at.HARD or found == at.COMMA:
            cuts[clauses], keys[clauses] = count, key
            clauses += 1
            key = _SEED
        elif point == at.WIDE_OPEN:
            i = _end_of_disclaimer(data, i, stop, disclaimers)
        count += 1
    text[np.uint64(count)] = at.DROP
    cuts[clauses], keys[clauses] = count, key
    return count, clauses + 1


@spliced
def _longest(
    text: Any, place: Any, node: Any, links: Any, endings: Any, kinds: Any
) -> tuple[Any, Any]:
    """What the longest phrase at ``place`` is (0 for none), and its end.

    ``node`` is that of the first character. Every node knows the longest phrase on the way to it,
    so that the walk only compares; a phrase that would cut a Latin word is looked for again.
    """
    start = node
    i = place + 1
    link = links[np.uint32(node)]
    while True:
        symbol = np.uint64(text[np.uint64(i)])
        child = np.uint32((link >> np.uint64(at.SYMBOL_BITS)) + symbol)
        link = links[child]
        if link & np.uint64(at.NO_SYMBOL) != symbol:
            break
        node = child
        i += 1
    best = np.int64(endings[np.uint32(node), at.SAYS])
    end: Any = place + np.int64(endings[np.uint32(node), at.LENGTH])
    if kinds[text[np.uint64(end - 1)]] & kinds[text[np.uint64(end)]]:
        best, end, node = np.int64(0), place + 1, start
        for j in range(place + 1, i + 1):
            ends_here = np.int64(endings[np.uint32(node), at.LENGTH]) == j - place
            if ends_here and not kinds[text[j - 1]] & kinds[text[j]]:
                best, end = np.int64(endings[np.uint32(node), at.SAYS]), j
            if j < i:
                base = links[np.uint32(node)] >> np.uint64(at.SYMBOL_BITS)
                node = np.uint32(base + np.uint64(text[j]))
    return best, end


@spliced
def _gate(acts: int, code_act: int) -> int:
    if not acts & (book.MAKE | plain.TRADES):
        acts |= code_act
    if acts & book.MAKE:
        return plain.KEPT
    if acts & (book.INSTALL | book.TRAIN | book.INVEST | book.USE):
        return plain.DROPPED
    if acts & book.LET:
        return plain.DROPPED if acts & book.SELL or code_act else plain.RENTED
    if acts & book.SELL:
        return plain.DROPPED if code_act & ~book.SELL else plain.SOLD
    return plain.KEPT


@spliced
def _settle(gates: Any, start: int, stop: int, gate: int) -> None:
    for i in range(start, stop):
        if gates[np.uint64(i)] == plain.OPEN_GATE:
            gates[np.uint64(i)] = gate


@spliced
def _end_of_denial(text: Any, place: Any, count: Any, depth: Any, exception: Any) -> Any:
    inner: Any = 0
    if depth:
        for i in range(place, min(count, place + plain.NEGATION_REACH)):
            found = np.int64(text[np.uint64(i)])
            if found | 1 == at.CLOSE:
                inner += 1 if found == at.OPEN else -1
                if inner < 0:
                    return i
    inner = 0
    for i in range(place, count):
        found = text[i]
        inner += np.int64(found == at.OPEN) - np.int64(found == at.CLOSE)
        if inner < 0 or found == at.HARD or (inner == 0 and found == at.COMMA):
            return i
        if exception and inner == 0 and found == at.OUTSIDE:
            return i + 1
    return count


@compiled
def read_rows(row: int, texts: Any, code_acts: Any, rules: Any, work: Any) -> int:
    """Read rows from ``row`` on until the memory for hits may be full; the row after the last.

    One long function, as its state must stay in registers and its arrays must not be handed over
    row by row: both would cost more than what is done.
    """
    data, offsets, valid = texts
    text, hits, gates, brackets, lefts = work.text, work.hits, work.gates, work.brackets, work.lefts
    ends, first_row = work.ends, row
    classes, first_nodes = rules.classes, rules.first
    links, endings = rules.links, rules.endings
    roles, kinds = rules.character_roles, rules.character_kinds
    phrases, gaps, gap_of = rules.phrases, rules.gaps, rules.gap_of
    cuts, keys, known = work.cuts, work.keys, work.known
    known_count, known_hits = work.known_count, work.known_hits
    n = 0
    while row < code_acts.size and row - first_row < ends.size:
        count = clauses = clause = place = depth = 0
        if valid[row]:
            if n + HITS_A_BYTE * (offsets[row + 1] - offsets[row] + 1) > gates.size:
                break
            count, clauses = _fold_row(
                data, offsets[row], offsets[row + 1], classes, rules.disclaimers, text, cuts, keys
            )
        code_act = np.int64(code_acts[row])
        while clause < clauses:
            key = keys[clause] ^ np.uint64(code_act)
            at_known = np.int64(key >> np.uint64(64 - CLAUSE_BITS))
            if depth == 0 and known[at_known] == key:
                for i in range(known_count[at_known]):
                    hits[n, RULE_FROM] = known_hits[at_known, i, RULE_FROM]
                    hits[n, RULE_TO] = known_hits[at_known, i, RULE_TO]
                    hits[n, PLACE] = known_hits[at_known, i, PLACE] + place
                    hits[n, SIGN] = known_hits[at_known, i, SIGN] & 1
                    gates[n] = known_hits[at_known, i, SIGN] >> 1
                    n += 1
                place = cuts[clause] + 1
                clause += 1
                continue
            begin, depth_before = place, depth
            origin = first = waiting = n
            speaking = item = opened_here = opened_all = 0
            so_far = before = prefix = 0
            spoken = -1
            grouped = leading = worded = using = after_act = after_open = False
            while True:
                symbol = text[np.uint64(place)]
                if not grouped and symbol >= at.LETTER_A and first_nodes[symbol] == 0:
                    worded, after_act, after_open = True, False, False
                    place += 1
                    continue
                says, end = np.int64(0), place + 1
                role = np.int64(book.SECTION)  # the end of the text ends the clause
                if place < count:
                    node = first_nodes[symbol]
                    if node and not (place and kinds[symbol] & kinds[text[np.uint64(place - 1)]]):
                        says, end = _longest(text, place, node, links, endings, kinds)
                    role = says & at.ROLE if says else np.int64(roles[symbol])
                start, place = place, end
                opened, after_open = after_open, False
                if role == book.IGNORED:
                    continue
                if role == book.EXCEPT and worded and not opened:
                    role = np.int64(book.PLAIN)
                if role < book.FIRST_THAT_STAYS:  # it ends a group of activities
                    if role == book.HEAD and grouped and after_act and not leading:
                        so_far = before
                        grouped = so_far != 0
                    acts: Any = so_far if grouped else prefix
                    if grouped or role <= book.SECTION:
                        if waiting < n:
                            using_act = book.USE if using else 0
                            _settle(gates, waiting, n, _gate(acts | prefix | using_act, code_act))
                            waiting = n
                        if grouped and not leading:
                            prefix = 0
                            opened_here, item = opened_all, speaking
                        elif grouped:
                            prefix = so_far
                        grouped = leading = False
                    after_act = False
                    if role <= book.SECTION:
                        if role != book.SECTION or start >= count:
                            break
                        first, prefix, worded, using = n, 0, False, False
                        opened_here, item = opened_all, speaking
                        depth = 0
                        continue
                    if role == book.COLON:
                        prefix = acts
                        continue
                    if role == book.USER:
                        using = True
                        continue
                    worded = True
                    if says <= at.ROLE:
                        continue
                    if role == book.TOPIC:
                        _settle(gates, waiting, n, plain.DROPPED)
                        waiting = n
                        opened_here, item = opened_all, speaking
                elif role != book.ACTIVITY:
                    after_act = False
                    if role == book.ITEM:
                        opened_here, item = opened_all, speaking
                    elif role == book.OPEN:
                        depth = min(depth + 1, plain.DEEPEST)
                        brackets[depth] = n
                        after_open = True
                    elif role == book.CLOSE:
                        depth = max(0, depth - 1)
                    elif role == book.NEGATION or role == book.EXCEPT:
                        place = _end_of_denial(text, end, count, depth, role == book.EXCEPT)
                    elif role == book.EXCEPTED:
                        for i in range(brackets[depth] if depth else first, n):
                            gates[i] = plain.DROPPED
                        grouped = False
                    continue
                acts = (says >> at.ACTS_SHIFT) & at.ACTS
                number = np.uint32(says >> at.NUMBER_SHIFT)
                met = False
                if says & at.CLOSES:
                    right = phrases[number, at.RIGHT]
                    for i in range(max(opened_here, opened_all - book.LEFTS_AT_ONCE), opened_all):
                        left = lefts[i % book.LEFTS_AT_ONCE, 0]
                        if start - lefts[i % book.LEFTS_AT_ONCE, 1] > book.GAP_CHARACTERS:
                            continue
                        for through in range(2):
                            gap = gap_of[left, right, through]
                            if gap and (through or item == speaking):
                                hits[n, RULE_FROM], hits[n, RULE_TO] = gaps[gap, 0], gaps[gap, 1]
                                hits[n, PLACE], hits[n, SIGN] = start, 0
                                gates[n] = plain.OPEN_GATE
                                n += 1
                                met = True
                if says & at.SPEAKS and not (says & at.FORM and start == spoken):
                    hits[n, RULE_FROM] = phrases[number, at.RULE_FROM]
                    hits[n, RULE_TO] = phrases[number, at.RULE_TO]
                    hits[n, PLACE], hits[n, SIGN] = start, phrases[number, at.XINCHUANG]
                    gates[n] = plain.KEPT if acts & plain.TRADES else plain.OPEN_GATE
                    n += 1
                    speaking += 1
                    spoken = end
                if acts:
                    if not grouped:
                        grouped, leading, so_far = True, role == book.ACTIVITY and not worded, 0
                    before = so_far
                    if after_act and acts & (book.TRAIN | book.INVEST):
                        so_far = 0
                    so_far |= acts
                    after_act = True
                if says & at.OPENS and not met:
                    i = opened_all % book.LEFTS_AT_ONCE
                    lefts[i, 0], lefts[i, 1] = phrases[number, at.LEFT], end
                    opened_all += 1
            if depth_before + depth == 0 and start == cuts[clause] and n - origin <= HITS_KEPT:
                known[at_known], known_count[at_known] = key, n - origin
                for i in range(n - origin):
                    known_hits[at_known, i, RULE_FROM] = hits[origin + i, RULE_FROM]
                    known_hits[at_known, i, RULE_TO] = hits[origin + i, RULE_TO]
                    known_hits[at_known, i, PLACE] = hits[origin + i, PLACE] - begin
                    known_hits[at_known, i, SIGN] = hits[origin + i, SIGN] | gates[origin + i] << 1
            if role != book.COMMA:
                depth = 0
            while clause < clauses and cuts[clause] < place:
                clause += 1
        ends[row - first_row] = n
        row += 1
    return row
