"""Business scopes to sectors: the whole tagger against plain searches for the same words.

The peers find which sectors have any of their words in a scope, twelve yes or no a firm. The tagger
does more in its time: it reads clauses and denials, weighs codes and words, and shares a firm out.
So the results are not equal; compared is what must hold: the words that the tagger's evidence
quotes stand in the scope, so a sector that a scope alone gives (no industry code is passed) is one
of the sectors that the plain search finds. Phrases with a gap are searched for by their parts.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pacsv

from benchmarks.case import Case
from benchmarks.sizes import city, firms
from layout.core import facts
from layout.core.columns import SECTORS
from layout.prepare.tagging import Tagger
from layout.prepare.tagging_text import GAP, folded

SCOPE_HEADER = "经营范围"
Masks = npt.NDArray[np.uint16]


@lru_cache(maxsize=1)
def words() -> dict[str, list[str]]:
    """The words of each sector, folded as scopes are."""
    rules = facts.reference("sector_rules")
    found: dict[str, list[str]] = {sector: [] for sector in facts.sector_ids()}
    for sector, value in rules.loc[rules["kind"] == "include", ["sector", "value"]].to_numpy():
        for one in sector.split(";"):
            if one in found:
                found[one] += [
                    folded(word) for part in value.split(GAP) for word in part.split("|") if word
                ]
    return {sector: sorted(set(some)) for sector, some in found.items()}


def scopes() -> pa.Array:
    """The scopes of the city, folded once for all (the tagger folds them again)."""
    options = pacsv.ConvertOptions(include_columns=[SCOPE_HEADER])
    parse = pacsv.ParseOptions(newlines_in_values=True, invalid_row_handler=lambda _: "skip")
    read = pacsv.ReadOptions(block_size=1 << 24, encoding="utf-8")
    path = city(firms()) / "firms.csv"
    options.column_types = {SCOPE_HEADER: pa.binary()}
    table = pacsv.read_csv(path, read_options=read, parse_options=parse, convert_options=options)
    raw = table[SCOPE_HEADER].to_pylist()
    return pa.array([folded((one or b"").decode("utf-8", "replace")) for one in raw])


def tagged(given: pa.Array) -> pa.RecordBatch:
    return Tagger.load().tag(given, pa.nulls(len(given), pa.string()))


def tag_masks(tags: pa.RecordBatch) -> Masks:
    """The sectors of the tags as bits."""
    masks = np.zeros(len(tags), np.uint16)
    place = {sector: i for i, sector in enumerate(facts.sector_ids())}
    for name in SECTORS:
        column = tags.column(name)
        bits = np.array([1 << place[one] for one in column.dictionary.to_pylist()] + [0], "u2")
        masks |= bits[column.indices.fill_null(len(bits) - 1).to_numpy(zero_copy_only=False)]
    return masks


def polars_contains(given: pa.Array) -> Masks:
    import polars

    series = polars.Series("scope", given)
    masks = np.zeros(len(given), np.uint16)
    for i, some in enumerate(words().values()):
        found = series.str.contains_any(some).to_numpy()
        masks |= found.astype(np.uint16) << np.uint16(i)
    return masks


def polars_extract(given: pa.Array) -> Masks:
    import polars

    sectors: dict[str, int] = {}
    for i, some in enumerate(words().values()):
        for word in some:
            sectors[word] = sectors.get(word, 0) | 1 << i
    found = polars.Series("scope", given).str.extract_many(list(sectors), overlapping=True)
    frame = polars.DataFrame({"row": np.arange(len(given)), "word": found}).explode("word")
    frame = frame.drop_nulls().with_columns(
        bits=polars.col("word").replace_strict(sectors, return_dtype=polars.UInt16)
    )
    masks = np.zeros(len(given), np.uint16)
    np.bitwise_or.at(masks, frame["row"].to_numpy(), frame["bits"].to_numpy())
    return masks


def contained(ours: pa.RecordBatch, theirs: Masks) -> bool:
    masks = tag_masks(ours)
    return bool(masks.any()) and not (masks & ~theirs).any()


def case(peer: Any, name: str, **promises: float) -> Case:
    what = f"{firms():,} scopes: sectors, shares and sub-fields"
    return Case(what, scopes, tagged, peer, name, contained, **promises)


CASES = (
    case(
        polars_contains, "polars contains_any, 12 masks", at_most_s=firms() / 1e6, at_least_ratio=10
    ),
    case(polars_extract, "polars extract_many, 12 masks"),
)
