"""Which firms stand at which node of an industrial chain.

The nodes are those of ``data/reference/chains.csv``: stage, sectors, industry codes and keywords,
all of them the analysts' assumption. A firm stands at a node where one of these holds:

* a keyword of the node is in its business scope, and its industry code is one of the node's or it
  carries one of the node's sectors;
* its industry code is one of the node's and belongs to no other node of the chain.

A firm may stand at several nodes, and in several chains.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from layout.core import facts
from layout.core.columns import (
    BUSINESS_SCOPE,
    DISTRICT,
    INDUSTRY_CODE,
    LAT,
    LON,
    NAME,
    PARK,
    REVENUE,
    SECTORS,
    SUBDISTRICT,
)
from layout.core.study import Study
from layout.prepare.dimensions import tiers

Flags = npt.NDArray[np.bool_]

ZONE_COLUMNS: Final = {"district": DISTRICT, "subdistrict": SUBDISTRICT, "park": PARK}
STAGES: Final = ("上游", "中游", "下游")
NODE: Final = "node_id"
CHAIN: Final = "chain_id"
TIER: Final = "tier"
_BATCH: Final = 200_000


@dataclass(frozen=True)
class Node:
    """One node of a chain.

    Attributes
    ----------
    id, chain
        Ids.
    name, stage
        In both languages: (zh, en).
    order
        Place in the chain, first 1.
    sectors, codes
        Sector ids, and industry codes (a code stands for all that begin with it).
    own_codes
        Those of the codes that no other node of the chain has.
    pattern
        Keywords as one regular expression, empty where there are none.
    """

    id: str
    chain: str
    zh: str
    en: str
    stage: str
    order: int
    sectors: tuple[str, ...]
    codes: tuple[str, ...]
    own_codes: tuple[str, ...]
    pattern: str


@lru_cache(maxsize=1)
def nodes() -> tuple[Node, ...]:
    """All nodes in the order of their chains."""
    table = facts.reference("chains")
    shared = {
        chain: Counter(code for cell in rows["gbt4754_codes"] for code in _listed(cell, ";"))
        for chain, rows in table.groupby(CHAIN)
    }
    made = []
    for row in table.to_dict("records"):
        codes = _listed(row["gbt4754_codes"], ";")
        counted = shared[row[CHAIN]]
        made.append(
            Node(
                id=str(row[NODE]),
                chain=str(row[CHAIN]),
                zh=str(row["node_zh"]),
                en=str(row["node_en"]),
                stage=str(row["stage"]),
                order=int(row["order_in_chain"]),
                sectors=_listed(row["sectors"], ";"),
                codes=codes,
                own_codes=tuple(code for code in codes if counted[code] == 1),
                pattern="|".join(map(re.escape, _listed(row["keywords_zh"], "；"))),
            )
        )
    return tuple(made)


def chain_names() -> dict[str, tuple[str, str]]:
    """Name of each chain by id: (zh, en)."""
    table = facts.reference("chains").drop_duplicates(CHAIN)
    pairs = zip(table["chain_zh"], table["chain_en"], strict=True)
    return dict(zip(table[CHAIN], pairs, strict=True))


def linked_firms(study: Study, chains: tuple[str, ...]) -> pd.DataFrame:
    """The firms of some chains, one row a firm and node.

    Returns
    -------
    DataFrame
        ``firm`` (number of the row in the firm table), ``node_id``, ``chain_id``, ``lon``, ``lat``
        (degrees), ``district``, ``subdistrict``, ``park`` (ids or None), ``tier`` (id),
        ``revenue_cny`` (latest year, NaN where unknown) and ``name``. Only firms inside the city.
    """
    year = study.manifest.years[-1] if study.manifest.years else None
    revenue = None if year is None else REVENUE.of(year)
    there = set(study.firm_dataset().schema.names)
    wanted = [BUSINESS_SCOPE, INDUSTRY_CODE, *SECTORS, *ZONE_COLUMNS.values(), LON, LAT, NAME]
    columns = [name for name in [*wanted, revenue] if name is not None and name in there]
    chosen = [node for node in nodes() if node.chain in chains]
    parts, first = [], 0
    for batch in study.firm_dataset().to_batches(columns=columns, batch_size=_BATCH):
        table = pa.Table.from_batches([batch])
        parts += list(_linked(table, chosen, first, revenue))
        first += table.num_rows
    if not parts:
        return _empty()
    return pd.concat(parts, ignore_index=True)


def _linked(
    table: pa.Table, chosen: list[Node], first: int, revenue: str | None
) -> Iterator[pd.DataFrame]:
    inside = pc.is_valid(table[DISTRICT]).to_numpy()
    codes = table[INDUSTRY_CODE].cast(pa.string()).fill_null("")
    sectors = {name: _carries(table, name) for name in {s for n in chosen for s in n.sectors}}
    found: list[Any] = []
    for node in chosen:
        of_sector = [sectors[name] for name in node.sectors]
        fits = np.logical_or.reduce([_begins(codes, node.codes), *of_sector]) & inside
        met = _begins(codes, node.own_codes) & inside
        candidates = np.flatnonzero(fits & ~met)
        if len(candidates) and node.pattern:
            scopes = table[BUSINESS_SCOPE].take(pa.array(candidates))
            said = pc.fill_null(pc.match_substring_regex(scopes, node.pattern), False)
            met[candidates[said.to_numpy()]] = True
        found.append(np.flatnonzero(met))
    rows = np.concatenate(found) if found else np.array([], dtype=np.int64)
    if len(rows):
        counts = [len(part) for part in found]
        frame = _rows(table.take(pa.array(rows)), first + rows, revenue)
        frame.insert(1, NODE, np.repeat([node.id for node in chosen], counts))
        frame.insert(2, CHAIN, np.repeat([node.chain for node in chosen], counts))
        yield frame


def _rows(table: pa.Table, numbers: Any, revenue: str | None) -> pd.DataFrame:
    columns: dict[str, Any] = {"firm": numbers}
    for kind, column in ZONE_COLUMNS.items():
        known = column in table.column_names
        columns[kind] = table[column].cast(pa.string()).to_pylist() if known else None
    columns["lon"], columns["lat"] = table[LON].to_numpy(), table[LAT].to_numpy()
    money = np.full(table.num_rows, np.nan)
    if revenue is not None and revenue in table.column_names:
        money = table[revenue].cast(pa.float64()).to_numpy()
    columns["revenue_cny"] = money
    columns[TIER] = tier_of(money)
    columns["name"] = table[NAME].to_pylist() if NAME in table.column_names else None
    return pd.DataFrame(columns)


def tier_of(revenue: npt.NDArray[np.float64]) -> Any:
    """Id of the size tier of each revenue (yuan); ``unknown`` where it is not known."""
    table = tiers()
    above = table["above_cny"].to_numpy()[:-1]
    ids = table["id"].to_numpy()
    known = ~np.isnan(revenue)
    found = np.full(len(revenue), len(above), dtype=np.int64)
    found[known] = (revenue[known, None] <= above[None, :-1]).sum(axis=1)
    return ids[found]


def _begins(codes: pa.ChunkedArray, wanted: tuple[str, ...]) -> Flags:
    """Which codes are one of ``wanted`` or begin with it."""
    found = np.zeros(len(codes), dtype=bool)
    for length in {len(code) for code in wanted}:
        heads = pc.utf8_slice_codeunits(codes, 0, length)
        same = pc.is_in(heads, value_set=pa.array([c for c in wanted if len(c) == length]))
        found |= same.to_numpy()
    return found


def _carries(table: pa.Table, sector: str) -> Flags:
    found = np.zeros(table.num_rows, dtype=bool)
    for column in SECTORS:
        if column in table.column_names:
            same = pc.equal(table[column].cast(pa.string()), sector)
            found |= pc.fill_null(same, False).to_numpy()
    return found


def _listed(cell: object, sign: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in str(cell).split(sign) if part.strip())


def _empty() -> pd.DataFrame:
    names = ("firm", NODE, CHAIN, *ZONE_COLUMNS, "lon", "lat", "revenue_cny", TIER, "name")
    return pd.DataFrame({name: pd.Series(dtype=object) for name in names})
