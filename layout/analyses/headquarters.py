"""What registered addresses do to the figures: head offices, and rooms full of shells.

Two questions. Where the registered and the operating address name different districts, what changes
when firms are counted at the one or at the other? And how much of a sector's weight in a district
hangs on a few crowded coordinates: what is left when every address counts once, or at most so many
firms?
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pydantic import Field

from layout.analyses.provenance import provenance_of
from layout.core import facts
from layout.core.columns import (
    DISTRICT,
    LAT,
    LON,
    OPERATING_ADDRESS,
    REGISTERED_ADDRESS,
    REVENUE,
    SECTOR_1,
)
from layout.core.config import Params
from layout.core.progress import tell
from layout.core.result import Bilingual, LayerSpec, Provenance, Result
from layout.core.study import UNTAGGED, Study
from layout.measures.specialization import location_quotient
from layout.prepare.addresses import named_districts
from layout.prepare.zones import district_ids

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_DIGITS: Final = 5
"""Coordinates that agree to 1e-5 degree (about a metre) are one address."""
_CROWDS: Final = (1, 10, 100, 1_000)
NOWHERE: Final = -1


class HeadquartersParams(Params):
    """Settings of the check of addresses."""

    cap: int = Field(
        5,
        ge=1,
        le=1000,
        title="每个地址最多计入的企业数 | Firms counted at one address",
        description="at one address, at most so many firms of a sector count when capped",
    )
    min_firms: int = Field(
        5,
        ge=1,
        le=1000,
        title="最少企业数 | Minimum firms",
        description="a location quotient of fewer firms is left out",
    )


MODEL = HeadquartersParams


def run(study: Study, params: HeadquartersParams) -> Result:
    """How far the figures hang on addresses.

    Returns
    -------
    Result
        Tables ``addresses`` (how many firms name which addresses), ``moves`` (registered against
        operating district), ``net`` (firms and revenue of each
        district counted at either address), ``crowding`` (share of firms on the most crowded
        coordinates) and ``sensitivity`` (location quotient of each district and sector as counted,
        with addresses collapsed, and capped). Layer: net change by district.
    """
    ids = district_ids(study.manifest.city)
    table = _table(study)
    tell("headquarters.addresses", 0.2)
    registered, operating = _named(table, study.manifest.city)
    revenue = _revenue(table, study)
    net = net_change(registered, operating, revenue, ids)
    tell("headquarters.crowding", 0.6)
    spots = _spots(table)
    districts, sectors = _codes(table, ids)
    placed = (spots >= 0) & (districts >= 0)
    sensitivity = quotients_by_address(
        spots[placed], districts[placed], sectors[placed], ids,
        cap=params.cap, min_firms=params.min_firms,
    )  # fmt: skip
    tell("headquarters.crowding", 1.0)
    return Result(
        name="headquarters",
        tables={
            "addresses": summary(registered, operating, table),
            "moves": moves(registered, operating, ids),
            "net": net,
            "crowding": crowding(spots[spots >= 0]),
            "sensitivity": sensitivity,
        },
        layers=_layers(study, net),
        notes=(
            Bilingual.of("headquarters.note.named"),
            Bilingual.of("headquarters.note.spot"),
            Bilingual.of("headquarters.note.cap", cap=params.cap),
        ),
        provenance=_provenance(study, params),
        labels=_labels(study),
    )


def _table(study: Study) -> pa.Table:
    there = study.firm_dataset().schema.names
    years = [REVENUE.of(year) for year in study.manifest.years[-1:]]
    wanted = [REGISTERED_ADDRESS, OPERATING_ADDRESS, LON, LAT, DISTRICT, SECTOR_1, *years]
    return study.firms([name for name in wanted if name in there])


def _named(table: pa.Table, city: str) -> tuple[Ints, Ints]:
    """District that the registered and the operating address name, -1 for none."""
    found = []
    for column in (REGISTERED_ADDRESS, OPERATING_ADDRESS):
        if column in table.column_names:
            found.append(named_districts(table[column], city=city).astype(np.int64))
        else:
            found.append(np.full(table.num_rows, NOWHERE, dtype=np.int64))
    return found[0], found[1]


def _revenue(table: pa.Table, study: Study) -> Floats:
    for year in study.manifest.years[-1:]:
        name = REVENUE.of(year)
        if name in table.column_names:
            return np.asarray(table[name].cast(pa.float64()).to_numpy())
    return np.full(table.num_rows, np.nan)


def _spots(table: pa.Table) -> Ints:
    """Number of each firm's address by its coordinates, -1 without coordinates."""
    lon, lat = table[LON].to_numpy(), table[LAT].to_numpy()
    known = np.isfinite(lon) & np.isfinite(lat)
    scale = 10**_DIGITS
    keys = np.round(lon[known] * scale).astype(np.int64) * (400 * scale)
    keys += np.round(lat[known] * scale).astype(np.int64)
    spots = np.full(table.num_rows, NOWHERE, dtype=np.int64)
    _, spots[known] = np.unique(keys, return_inverse=True)
    return spots


def _codes(table: pa.Table, ids: tuple[str, ...]) -> tuple[Ints, Ints]:
    """Position of each firm's district (-1 for none) and sector (the last: untagged)."""
    district = pd.Categorical(table[DISTRICT].cast(pa.string()).to_pandas(), categories=ids).codes
    every = facts.sector_ids()
    sector = pd.Categorical(table[SECTOR_1].cast(pa.string()).to_pandas(), categories=every).codes
    return district.astype(np.int64), np.where(sector < 0, len(every), sector).astype(np.int64)


def summary(registered: Ints, operating: Ints, table: pa.Table) -> pd.DataFrame:
    """How many firms have which addresses, and whether both name the same district."""
    given = [
        int(table[column].is_valid().to_numpy().sum()) if column in table.column_names else 0
        for column in (REGISTERED_ADDRESS, OPERATING_ADDRESS)
    ]
    both = (registered >= 0) & (operating >= 0)
    counts = {
        "firms": len(registered),
        "registered_given": given[0],
        "operating_given": given[1],
        "both_named": int(both.sum()),
        "same_district": int((both & (registered == operating)).sum()),
        "other_district": int((both & (registered != operating)).sum()),
    }
    total = max(len(registered), 1)
    return pd.DataFrame(
        {
            "address_item": list(counts),
            "firms": list(counts.values()),
            "share": [value / total for value in counts.values()],
        }
    )


def moves(registered: Ints, operating: Ints, ids: tuple[str, ...]) -> pd.DataFrame:
    """Firms by registered (rows) and operating district (columns), only where both are named."""
    both = (registered >= 0) & (operating >= 0)
    cells = np.bincount(
        registered[both] * len(ids) + operating[both], minlength=len(ids) ** 2
    ).reshape(len(ids), len(ids))
    return pd.DataFrame(cells, index=pd.Index(ids, name="registered_district"), columns=list(ids))


def net_change(
    registered: Ints, operating: Ints, revenue: Floats, ids: tuple[str, ...]
) -> pd.DataFrame:
    """Each district counted at registered and at operating addresses.

    Firms whose operating address names no district stay at the registered one, so both countings
    hold the same firms.

    Returns
    -------
    DataFrame
        By district: ``registered_firms``, ``operating_firms``, ``net_firms``, ``net_share`` (of
        the registered, percent) and the same of revenue in yuan (known revenue only).
    """
    at = np.where(operating >= 0, operating, registered)
    known = (registered >= 0) & (at >= 0)
    money = np.where(np.isnan(revenue), 0.0, revenue)
    made = {}
    for name, place in (("registered", registered), ("operating", at)):
        codes = place[known]
        made[f"{name}_firms"] = np.bincount(codes, minlength=len(ids))
        made[f"{name}_revenue_cny"] = np.bincount(codes, money[known], minlength=len(ids))
    frame = pd.DataFrame(made, index=pd.Index(ids, name="zone_id"))
    frame["net_firms"] = frame["operating_firms"] - frame["registered_firms"]
    base = frame["registered_firms"].where(frame["registered_firms"] > 0)
    frame["net_share"] = 100 * frame["net_firms"] / base
    frame["net_revenue_cny"] = frame["operating_revenue_cny"] - frame["registered_revenue_cny"]
    return frame


def crowding(spots: Ints) -> pd.DataFrame:
    """Share of the located firms on the most crowded coordinates.

    Returns
    -------
    DataFrame
        ``crowd`` (number of addresses, the most crowded first), ``firms`` on them, their ``share``
        and ``largest`` (firms at the one with most, or at the last of them).
    """
    sizes = np.sort(np.bincount(spots))[::-1] if len(spots) else np.array([], dtype=np.int64)
    rows = [
        {
            "crowd": number,
            "firms": int(sizes[:number].sum()),
            "share": float(sizes[:number].sum() / len(spots)),
            "last_size": int(sizes[min(number, len(sizes)) - 1]),
        }
        for number in _CROWDS
        if len(sizes)
    ]
    return pd.DataFrame(rows, columns=["crowd", "firms", "share", "last_size"])


def quotients_by_address(
    spots: Ints,
    districts: Ints,
    sectors: Ints,
    ids: tuple[str, ...],
    *,
    cap: int,
    min_firms: int,
) -> pd.DataFrame:
    """Location quotients as counted, with every address once a sector, and with at most ``cap``.

    Returns
    -------
    DataFrame
        A row a district and sector: ``firms``, ``lq``, ``firms_collapsed``, ``lq_collapsed``,
        ``firms_capped``, ``lq_capped`` and ``verdict``: ``kept`` where all agree on which side of
        1 the quotient lies, ``turned`` where they do not, ``small`` where there are too few firms.
    """
    names = [*facts.sector_ids(), UNTAGGED]
    cells = pd.DataFrame({"spot": spots, "district": districts, "sector": sectors})
    groups = cells.groupby(["spot", "district", "sector"], sort=False).size().reset_index(name="n")
    tables = {}
    for kind, most in (("", None), ("_collapsed", 1), ("_capped", cap)):
        number = groups["n"] if most is None else groups["n"].clip(upper=most)
        flat = np.bincount(
            groups["district"] * len(names) + groups["sector"], number,
            minlength=len(ids) * len(names),
        )  # fmt: skip
        tables[kind] = pd.DataFrame(flat.reshape(len(ids), len(names)), list(ids), names)
    rows: dict[str, Any] = {}
    for kind, table in tables.items():
        quotient = location_quotient(table)[names[:-1]]
        rows[f"firms{kind}"] = table[names[:-1]].astype("int64").to_numpy().ravel()
        rows[f"lq{kind}"] = quotient.to_numpy().ravel()
    frame = pd.DataFrame(
        rows,
        index=pd.MultiIndex.from_product([ids, names[:-1]], names=["zone_id", "sector"]),
    ).reset_index()
    small = (frame["firms"] < min_firms) | frame["lq"].isna()
    sides = [frame[f"lq{kind}"] >= 1 for kind in tables]
    turned = (sides[0] != sides[1]) | (sides[0] != sides[2])
    frame["verdict"] = np.where(small, "small", np.where(turned, "turned", "kept"))
    return frame


def _layers(study: Study, net: pd.DataFrame) -> tuple[LayerSpec, ...]:
    frame = study.zones["district"].merge(net, left_on="id", right_index=True, how="left")
    edges = ((-1e9, "#b2182b"), (-10.0, "#ef8a62"), (-2.0, "#f7f7f7"), (2.0, "#67a9cf"),
             (10.0, "#2166ac"))  # fmt: skip
    return (
        LayerSpec(
            "net_change",
            "choropleth",
            frame,
            Bilingual.of("headquarters.layer"),
            "net_share",
            Bilingual("%", "%"),
            edges=edges,
            details=("registered_firms", "operating_firms", "net_firms"),
            id_column="id",
            approximate=bool(frame["approximate"].any()),
        ),
    )


def _labels(study: Study) -> dict[str, dict[Any, Bilingual]]:
    frame = study.zones["district"]
    rows = zip(frame["id"], frame["name_zh"], frame["name_en"], strict=True)
    zones: dict[Any, Bilingual] = {i: Bilingual(str(zh), str(en or zh)) for i, zh, en in rows}
    sectors = facts.reference("sectors")
    names = zip(sectors["code"], sectors["name_zh"], sectors["name_en"], strict=True)
    items = ("firms", "registered_given", "operating_given", "both_named", "same_district",
             "other_district")  # fmt: skip
    return {
        "zone_id": zones,
        "registered_district": zones,
        "sector": {code: Bilingual(zh, en) for code, zh, en in names},
        "address_item": {item: Bilingual.of(f"headquarters.item.{item}") for item in items},
        "verdict": {
            word: Bilingual.of(f"headquarters.verdict.{word}")
            for word in ("kept", "turned", "small")
        },
    }


def _provenance(study: Study, params: HeadquartersParams) -> Provenance:
    return provenance_of(study, params, Bilingual.of("headquarters.method"))
