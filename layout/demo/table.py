"""The firm table of the demonstration city: a block as columns of bytes, and as lines of CSV."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from layout.core import columns
from layout.core.columns import COLUMNS, EMPLOYEES, REVENUE, YEARS
from layout.demo.addresses import write_addresses, write_names
from layout.demo.chances import Chances, Purpose
from layout.demo.figures import OLDEST_DAYS, STATUSES, Figures, draw_figures
from layout.demo.firms import City, Firms, credit_codes
from layout.demo.scopes import write_scopes
from layout.demo.strings import Pool, Text, fixed, hundredths, millionths, whole_numbers
from layout.demo.words import profiles

MONEY_UNIT: Final = "万元"
LAST_DAY: Final = np.datetime64("2023-12-31")
SYNTHETIC: Final = "合成"
BATCHES: Final = ("第1批", "第2批", "第3批", "第4批", "第6批", "第7批")
FOREIGN_BATCH: Final = "第5批"
"""The delivery whose coordinates are BD-09."""

CODE: Final = columns.CODE
HEADERS: Final[dict[str, str]] = {
    **{
        name: COLUMNS[name].zh
        for name in (
            columns.CODE,
            columns.NAME,
            columns.REGISTERED_ADDRESS,
            columns.OPERATING_ADDRESS,
            columns.INDUSTRY_CODE,
            columns.BUSINESS_SCOPE,
            columns.ESTABLISHED,
            columns.STATUS,
        )
    },
    columns.CAPITAL: f"{COLUMNS[columns.CAPITAL].zh}({MONEY_UNIT})",
    **{REVENUE.of(year): f"{REVENUE.zh}{year}({MONEY_UNIT})" for year in YEARS},
    **{EMPLOYEES.of(year): f"{EMPLOYEES.zh}{year}" for year in YEARS},
    **{
        name: COLUMNS[name].zh
        for name in (
            columns.HIGH_TECH,
            columns.LON,
            columns.LAT,
            columns.BATCH,
            columns.NATURE,
        )
    },
}
"""Header in the file of every column, in the order of the file."""

Columns = dict[str, Text]
"""Columns of a block by name, each an Arrow array of bytes."""

_DAYS = Pool([str(LAST_DAY - days) for days in range(OLDEST_DAYS + 1)])
_STATUSES = Pool(STATUSES)
_YES_NO = Pool(("否", "是"))
_BATCHES = Pool(BATCHES)


def write_columns(city: City, firms: Firms, block: int) -> Columns:
    """A block of the firm table, without any fault."""
    figures = draw_figures(city, firms, block)
    chances = Chances(city.seed, Purpose.ADDRESSES, block, len(firms))
    addresses = write_addresses(city, firms, chances)
    found = {
        columns.CODE: fixed(credit_codes(firms.row, city.seed)),
        columns.NAME: write_names(city, firms, chances),
        columns.REGISTERED_ADDRESS: addresses.registered,
        columns.OPERATING_ADDRESS: addresses.operating,
        columns.INDUSTRY_CODE: Pool(profiles().codes).take(firms.code),
        columns.BUSINESS_SCOPE: write_scopes(city, firms, block),
        columns.LON: millionths(firms.east),
        columns.LAT: millionths(firms.north),
        columns.BATCH: _BATCHES.take(chances.below(len(BATCHES))),
        columns.NATURE: pa.array([SYNTHETIC]).take(pa.array(np.zeros(len(firms), np.int8))),
        **_figure_columns(figures),
    }
    return {name: found[name].cast(pa.binary()) for name in HEADERS}


def _figure_columns(figures: Figures) -> Columns:
    revenue, employees = figures.revenue, figures.employees
    return {
        columns.ESTABLISHED: _DAYS.take(figures.age_days),
        columns.STATUS: _STATUSES.take(figures.status),
        columns.CAPITAL: whole_numbers(figures.capital),
        columns.HIGH_TECH: _YES_NO.take(figures.high_tech.astype(np.int8)),
        **{
            REVENUE.of(year): hundredths(revenue[:, place], revenue[:, place] >= 0)
            for place, year in enumerate(YEARS)
        },
        **{
            EMPLOYEES.of(year): whole_numbers(employees[:, place], employees[:, place] >= 0)
            for place, year in enumerate(YEARS)
        },
    }


def header_line(headers: list[str]) -> bytes:
    """The first line of a CSV file."""
    return (",".join(headers) + "\n").encode()


def csv_lines(found: list[Text]) -> memoryview:
    """Columns as lines of CSV; no value may hold a comma, a quote or a line break."""
    *rest, last = (column.cast(pa.binary()) for column in found)
    ended = pc.binary_join_element_wise(last, b"\n", b"")
    return data_of(pc.binary_join_element_wise(*rest, ended, b","))


def data_of(lines: Any) -> memoryview:
    """The bytes of an Arrow array of bytes, one value after the other."""
    if not len(lines):
        return memoryview(b"")
    offsets = np.frombuffer(lines.buffers()[1], dtype=np.int32)
    ends = offsets[lines.offset : lines.offset + len(lines) + 1]
    return memoryview(lines.buffers()[2])[int(ends[0]) : int(ends[-1])]
