"""Supply of industrial internet (S08) against its hosts, the manufacturing firms (GB/T C13–C43)."""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from layout.core.columns import DISTRICT, INDUSTRY_CODE, SECTORS
from layout.core.result import Bilingual
from layout.core.study import Study

SUPPLY_SECTOR: Final = "S08"
MANUFACTURING: Final = tuple(str(code) for code in range(13, 44))
"""Divisions 13 to 43 of GB/T 4754-2017, section C."""
CLASSES: Final = 3

_WORDS: Final = (("低", "low"), ("中", "medium"), ("高", "high"))
_COLOURS: Final = (
    ("#e8e8e8", "#b5c0da", "#6c83b5"),
    ("#b8d6be", "#90b2b3", "#567994"),
    ("#73ae80", "#5a9178", "#2a5a5b"),
)
"""Hosts down, supply across; after Joshua Stevens's bivariate scheme, told apart in grey."""


def host_table(study: Study, zone: str, ids: tuple[str, ...]) -> pd.DataFrame:
    """Suppliers and hosts by zone.

    Parameters
    ----------
    study
        The study.
    zone
        Column of the firm table with the zone's id.
    ids
        The zones, in order.

    Returns
    -------
    DataFrame
        By zone: ``suppliers`` (firms that carry S08), ``hosts`` (firms of divisions 13–43),
        ``per_100_hosts`` (suppliers a hundred hosts, NaN without hosts) and ``pairing``, the class
        of hosts and of suppliers (``"0-2"``: few hosts, many suppliers; thirds of the zones by
        rank; None where there is neither).
    """
    suppliers: Counter[str] = Counter()
    hosts: Counter[str] = Counter()
    there = set(study.firm_dataset().schema.names)
    columns = [c for c in (zone, DISTRICT, INDUSTRY_CODE, *SECTORS) if c in there]
    for batch in study.firm_dataset().to_batches(columns=list(dict.fromkeys(columns))):
        division = pc.utf8_slice_codeunits(batch[INDUSTRY_CODE].cast(pa.string()), 0, 2)
        makes = pc.is_in(division, value_set=pa.array(MANUFACTURING))
        supplies = pc.is_in(batch[SECTORS[0]].cast(pa.string()), pa.array([SUPPLY_SECTOR]))
        for column in SECTORS[1:]:
            same = pc.is_in(batch[column].cast(pa.string()), pa.array([SUPPLY_SECTOR]))
            supplies = pc.or_(supplies, same)
        for counter, mask in ((hosts, makes), (suppliers, supplies)):
            zones = batch[zone].cast(pa.string()).filter(mask)
            found = zones.value_counts().to_pylist()
            counter.update({row["values"]: row["counts"] for row in found if row["values"]})
    frame = pd.DataFrame(
        {
            "suppliers": [suppliers.get(i, 0) for i in ids],
            "hosts": [hosts.get(i, 0) for i in ids],
        },
        index=pd.Index(ids, name="zone_id"),
    )
    known = frame["hosts"].where(frame["hosts"] > 0)
    frame["per_100_hosts"] = 100 * frame["suppliers"] / known
    frame["pairing"] = pairing(frame["hosts"], frame["suppliers"])
    return frame


def pairing(hosts: pd.Series, suppliers: pd.Series) -> pd.Series:
    """Class of both by rank among the zones that have either: ``"<hosts>-<suppliers>"``, 0 to 2."""
    some = (hosts + suppliers) > 0
    made = pd.Series([None] * len(hosts), index=hosts.index, dtype=object)
    if not some.any():
        return made
    classes = [
        np.minimum((values[some].rank(pct=True, method="average") * CLASSES).astype(int), 2)
        for values in (hosts, suppliers)
    ]
    made[some] = [f"{a}-{b}" for a, b in zip(*classes, strict=True)]
    return made


def categories() -> dict[str, tuple[Bilingual, str]]:
    """Words and colour of each pairing."""
    return {
        f"{a}-{b}": (
            Bilingual(
                f"制造业{_WORDS[a][0]}、供给{_WORDS[b][0]}",
                f"hosts {_WORDS[a][1]}, supply {_WORDS[b][1]}",
            ),
            _COLOURS[a][b],
        )
        for a in range(CLASSES)
        for b in range(CLASSES)
    }
