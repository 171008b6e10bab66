"""A block of the firm table with its faults, and the truth about them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from layout.core import columns
from layout.demo.chances import Chances, Ints, Purpose
from layout.demo.faults import KINDS, FaultPlan
from layout.demo.firms import City, Firms
from layout.demo.planters import PLANTERS, Site
from layout.demo.strings import Pool, Text, whole_numbers
from layout.demo.table import Columns


@dataclass(frozen=True)
class Planted:
    """Faults of a block as the truth tells them; texts, one row a fault."""

    line: Text
    code: Text
    fault: Text
    kind: Ints
    batch: Text
    note: Text


def plant(
    city: City, plan: FaultPlan, firms: Firms, found: Columns, block: int
) -> tuple[Columns, Planted]:
    """The block with its faults, and the truth about them; ``found`` is left as it is."""
    rows, kinds = plan.within(city.rows(block))
    at = rows - firms.row[0]
    faulty = dict(found)
    notes: list[Text] = []
    order: list[Ints] = []
    for kind, name in enumerate(KINDS):
        own = np.flatnonzero(kinds == kind)
        chances = Chances(city.seed, Purpose.PLANTING, block * len(KINDS) + kind, len(own))
        site = Site(city, plan, firms, at[own], chances, found)
        values, note = PLANTERS[name](site)
        for column, value in values.items():
            faulty[column] = _replace(faulty[column], at[own], value)
        notes.append(note)
        order.append(own)
    note = pa.concat_arrays(notes).take(pa.array(np.argsort(np.concatenate(order))))
    places = pa.array(at)
    return faulty, Planted(
        line=whole_numbers(rows + 2),
        code=faulty[columns.CODE].take(places),
        fault=Pool(KINDS).take(kinds),
        kind=kinds,
        batch=faulty[columns.BATCH].take(places),
        note=note,
    )


def _replace(column: Text, at: Ints, values: Text) -> Text:
    """``column`` with ``values`` at the places ``at``."""
    source = np.arange(len(column))
    source[at] = len(column) + np.arange(len(at))
    return pa.concat_arrays([column, values.cast(pa.binary())]).take(pa.array(source))
