"""Sectors of firms from their business scope and industry code, with evidence on demand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from layout.core import columns as col
from layout.prepare import tagging_kernel as kernel
from layout.prepare import tagging_totals as totals
from layout.prepare.tagging_automaton import compile_book, sub_field_ids
from layout.prepare.tagging_memory import reading_memory
from layout.prepare.tagging_reading import Hit, read_scope
from layout.prepare.tagging_rules import Rule, RuleBook, shipped_rules
from layout.prepare.tagging_scoring import best_sectors, score_sectors
from layout.prepare.tagging_text import folded_with_places

SCOPES: Final = ("outside", "fusion", "core")
"""Values of the scope column, by number."""
Buffers = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], npt.NDArray[np.bool_]]
"""UTF-8 bytes, offsets and validity of a text array."""
_CODE: Final = re.compile(r"[\x00-\x20]*[A-Za-z]?([0-9]{2,4})[\x00-\x20]*", re.ASCII)


@dataclass(frozen=True)
class Evidence:
    """One thing that speaks for a sector of a firm.

    Attributes
    ----------
    sector
        S01 to S12, one of the firm's tags.
    kind
        ``code`` or ``phrase``.
    value
        The code, or the words as they stand in the scope.
    rule_id
        Row of ``sector_rules.csv``.
    weight
        Weight of the rule, 0 to 1.
    clause
        The clause of the scope in which the words stand; empty for a code.
    """

    sector: str
    kind: Literal["code", "phrase"]
    value: str
    rule_id: str
    weight: float
    clause: str


class Tagger:
    """Tags firms by a book of rules.

    Parameters
    ----------
    book
        The rules; :meth:`load` takes the shipped ones.
    sub_fields
        Ids of the plan's sub-fields, in order.
    """

    def __init__(self, book: RuleBook, sub_fields: tuple[str, ...]) -> None:
        self.book = book
        self.sub_fields = sub_fields
        self._automaton = compile_book(book, sub_fields)
        self._sets: dict[bytes, str] = {}

    @staticmethod
    def load() -> Tagger:
        """The tagger of the shipped rules (compiled once a process)."""
        return _shipped_tagger()

    def tag(
        self, scopes: pa.Array | pa.ChunkedArray, codes: pa.Array | pa.ChunkedArray
    ) -> pa.RecordBatch:
        """Tags of firms, one row a firm, in order.

        Parameters
        ----------
        scopes
            Business scopes, text; null is read as empty.
        codes
            Industry codes after GB/T 4754-2017 (``6513`` or ``I6513``), text, as many.

        Returns
        -------
        pyarrow.RecordBatch
            The columns ``sector_1..3``, ``share_1..3``, ``scope``, ``sub_fields``, ``xinchuang``
            and ``platform_firm``, of the types of :mod:`layout.core.columns`.

        Raises
        ------
        ValueError
            The two arrays differ in length.
        """
        if len(scopes) != len(codes):
            raise ValueError(f"{len(scopes)} scopes but {len(codes)} codes")
        out = totals.no_tags(len(scopes))
        if len(scopes):
            self._fill(out, _buffers(_plain(scopes)), _buffers(_plain(codes)))
        return self._batch(out)

    def explain(self, scope: str | None, code: str | None) -> tuple[Evidence, ...]:
        """What speaks for each tag of a firm, strongest sector first, phrases in text order."""
        text, places = folded_with_places(scope or "")
        digits = industry_digits(code or "")
        reading = read_scope(text, self.book, code_act=self.book.act_of_code(digits))
        scores = score_sectors(reading, digits, self.book)
        found = []
        for sector in best_sectors(scores):
            for rule, hit in scores[sector].evidence:
                found.append(_evidence(rule, hit, reading.clauses, scope or "", places))
        return tuple(found)

    def _fill(self, out: totals.Tags, texts: Buffers, codes: Buffers) -> None:
        rules = self._automaton
        reading = reading_memory(int(np.diff(texts[1]).max()))
        sums = totals.totals_memory(len(rules.sub_mask), len(rules.rule_says))
        totals.read_codes(codes, rules, out)
        row = 0
        while row < len(out.codes):
            stop = kernel.read_rows(row, texts, out.acts, rules, reading)
            totals.score_rows(row, stop, rules, reading, sums, out)
            totals.choose_tags(row, stop, rules, sums, out)
            row = stop

    def _batch(self, out: totals.Tags) -> pa.RecordBatch:
        arrays = {}
        sectors = pa.array(self.book.sectors)
        for i, (sector, share) in enumerate(zip(col.SECTORS, col.SHARES, strict=True)):
            number = np.ascontiguousarray(out.sectors[:, i])
            none = number < 0
            arrays[sector] = pa.DictionaryArray.from_arrays(pa.array(number, mask=none), sectors)
            arrays[share] = pa.array(np.ascontiguousarray(out.shares[:, i]), mask=none)
        arrays[col.SCOPE] = pa.DictionaryArray.from_arrays(pa.array(out.scope), pa.array(SCOPES))
        arrays[col.SUB_FIELDS] = self._sub_fields(out.subs)
        arrays[col.XINCHUANG] = pa.array(out.xinchuang)
        arrays[col.PLATFORM] = pa.array(out.platform)
        names = (*col.SECTORS, *col.SHARES, col.SCOPE, col.SUB_FIELDS, col.XINCHUANG, col.PLATFORM)
        schema = pa.schema([(name, col.COLUMNS[name].type) for name in names])
        return pa.RecordBatch.from_arrays([arrays[name] for name in names], schema=schema)

    def _sub_fields(self, sets: npt.NDArray[np.uint64]) -> pa.DictionaryArray:
        numbers = np.zeros(len(sets), np.int32)
        room = 1 << 12
        while True:
            distinct = np.zeros(room, np.int64)
            table = np.full(4 * room, -1, np.int32)
            count = totals.number_sets(sets, numbers, table, distinct)
            if count >= 0:
                break
            room *= 8
        # the same sets come in every batch, so their texts are kept
        keys = np.ascontiguousarray(sets[distinct[:count]]).view("V16").ravel().tolist()
        for key in set(keys).difference(self._sets):
            self._sets[key] = self._joined(key)
        values = pa.array([self._sets[key] for key in keys], pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(numbers), values)

    def _joined(self, key: bytes) -> str:
        """The sub-fields of a set as text."""
        low, high = np.frombuffer(key, np.uint64).tolist()
        bits, found = high << 64 | low, []
        while bits:  # sets are small: only their own bits are visited
            lowest = bits & -bits
            found.append(self.sub_fields[lowest.bit_length() - 1])
            bits ^= lowest
        return ";".join(found)


def industry_digits(code: str) -> str:
    """The digits of an industry code (2 to 4, after an optional letter), empty for any other."""
    match = _CODE.fullmatch(code)
    return match.group(1) if match else ""


@lru_cache(maxsize=1)
def _shipped_tagger() -> Tagger:
    return Tagger(shipped_rules(), sub_field_ids())


def _plain(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One array of large strings."""
    if isinstance(values, pa.ChunkedArray):
        chunks = [_plain(chunk) for chunk in values.chunks]
        return pa.concat_arrays(chunks) if chunks else pa.array([], pa.large_string())
    if pa.types.is_large_string(values.type):
        return values
    return pc.cast(values, pa.large_string())


def _buffers(values: pa.LargeStringArray) -> Buffers:
    """Bytes, offsets and validity of an array, the bytes not copied.

    All are marked read-only: other marks would be other types, and compiled for again.
    """
    _, offsets, data = values.buffers()
    ends = np.frombuffer(offsets, np.int64, len(values) + 1, values.offset * 8)
    payload = np.frombuffer(data if data is not None and data.size else b"\0", np.uint8)
    valid = np.ones(len(values), np.bool_)
    if values.null_count:
        valid = values.is_valid().to_numpy(zero_copy_only=False)
    for array in (ends, payload, valid):
        array.flags.writeable = False
    return payload, ends, valid


def _evidence(
    rule: Rule, hit: Hit | None, clauses: tuple[tuple[int, int], ...], scope: str, places: list[int]
) -> Evidence:
    if hit is None:
        return Evidence(rule.sector, "code", rule.value, rule.rule_id, rule.weight, "")
    start, end = clauses[hit.clause]
    return Evidence(
        rule.sector,
        "phrase",
        scope[places[hit.begin] : places[hit.end - 1] + 1],
        rule.rule_id,
        rule.weight,
        scope[places[start] : places[end - 1] + 1].strip(),
    )
