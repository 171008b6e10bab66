"""How each kind of fault changes the rows it is planted in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from layout.core import columns
from layout.core.columns import REVENUE, YEARS
from layout.core.credit_codes import ALPHABET, MODULUS
from layout.core.crs import wgs84_to_bd09
from layout.demo.addresses import write_wrong_addresses
from layout.demo.chances import Bools, Chances, Floats, Ints
from layout.demo.faults import JITTER_M, FaultPlan
from layout.demo.firms import DEGREE, City, Firms, credit_codes
from layout.demo.strings import Pool, Text, choose, fixed, join, millionths, whole_numbers
from layout.demo.table import FOREIGN_BATCH, Columns
from layout.demo.terrain import Scale

UNKNOWN_CODES: Final = ("9999", "0000", "6588", "4099")
NOT_FINITE: Final = ("inf", "-inf", "NaN", "Infinity")
_GARBLED: Final = ("锟斤拷锟斤拷", "烫烫烫屯屯屯锟斤拷", "\ufffd\ufffd\ufffd\ufffd")
_LEGIBLE: Final = ("企业名称乱码样本", "本行文字编码有误", "此处应为中文内容")
GARBLED: Final = (
    *(f"深圳市{text}有限公司".encode() for text in _GARBLED),
    *(text.encode("gbk") for text in _LEGIBLE),
)
"""Text that was decoded wrongly before, and text in another encoding than the file's."""

GARBLED_NOTES: Final = (
    "锟斤拷",
    "锟斤拷",
    "U+FFFD",
    "GBK bytes",
    "GBK bytes",
    "GBK bytes",
)
_GARBLED_COLUMNS: Final = (columns.NAME, columns.REGISTERED_ADDRESS, columns.BUSINESS_SCOPE)


@dataclass(frozen=True)
class Site:
    """What a planter sees: the rows of one kind of fault in a block.

    Attributes
    ----------
    city, plan
        The city and all its faults.
    firms
        The block.
    at
        Places of the faulty rows in the block.
    chances
        Draws, one a faulty row.
    columns
        The block before any fault.
    """

    city: City
    plan: FaultPlan
    firms: Firms
    at: Ints
    chances: Chances
    columns: Columns


Patch = tuple[dict[str, Text], Text]
"""New values of the faulty rows by column, and a note a row."""


def _same(site: Site, text: str) -> Text:
    return Pool([text]).take(np.zeros(len(site.at), dtype=np.int8))


def _missing(site: Site) -> Patch:
    """Both coordinates empty, or one of them."""
    kind = site.chances.pick((8, 1, 1))
    lon = _blank_where(site, columns.LON, kind != 2)
    lat = _blank_where(site, columns.LAT, kind != 1)
    return {columns.LON: lon, columns.LAT: lat}, Pool(("both", "lon", "lat")).take(kind)


def _blank_where(site: Site, column: str, blank: Bools) -> Text:
    return choose(blank, b"", site.columns[column].take(pa.array(site.at)))


def _swapped(site: Site) -> Patch:
    places = pa.array(site.at)
    lon, lat = site.columns[columns.LON].take(places), site.columns[columns.LAT].take(places)
    return {columns.LON: lat, columns.LAT: lon}, _same(site, "")


def _foreign_datum(site: Site) -> Patch:
    """BD-09 coordinates in a delivery of their own."""
    lon, lat = site.firms.east[site.at] / DEGREE, site.firms.north[site.at] / DEGREE
    return {**_point(*wgs84_to_bd09(lon, lat)), columns.BATCH: _same(site, FOREIGN_BATCH)}, _same(
        site, "bd09"
    )


def _in_sea(site: Site) -> Patch:
    return _moved(site, site.plan.sea), _same(site, "")


def _outside(site: Site) -> Patch:
    return _moved(site, site.plan.outside), _same(site, "")


def _moved(site: Site, spots: Floats) -> dict[str, Text]:
    scale = Scale.at(site.city.plan.latitude)
    spot = spots[site.chances.below(len(spots))]
    east, north = (site.chances.uniform() * 2 - 1 for _ in range(2))
    return _point(
        spot[:, 0] + east * JITTER_M / scale.east_m, spot[:, 1] + north * JITTER_M / scale.north_m
    )


def _point(lon: Floats, lat: Floats) -> dict[str, Text]:
    found: list[Text] = [millionths(np.rint(at * DEGREE).astype(np.int64)) for at in (lon, lat)]
    return {columns.LON: found[0], columns.LAT: found[1]}


def _double(site: Site) -> Patch:
    """The code of an earlier sound row."""
    row = site.firms.row[site.at]
    original = (site.chances.uniform() * row).astype(np.int64)
    while (bad := _listed(site.plan.rows, original)).any():
        original = original - bad
    codes = fixed(credit_codes(original, site.city.seed))
    return {columns.CODE: codes}, join("line ", whole_numbers(original + 2))


def _listed(rows: Ints, wanted: Ints) -> Bools:
    place = np.minimum(np.searchsorted(rows, wanted), len(rows) - 1)
    found: Bools = rows[place] == wanted
    return found


def _bad_check(site: Site) -> Patch:
    """Another last character than the right one."""
    codes = credit_codes(site.firms.row[site.at], site.city.seed)
    letters = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)
    right = np.searchsorted(letters, codes[:, 17])
    codes[:, 17] = letters[(right + 1 + site.chances.below(MODULUS - 1)) % MODULUS]
    return {columns.CODE: fixed(codes)}, _same(site, "")


def _negative(site: Site) -> Patch:
    amount = 1 + site.chances.below(100_000)
    value = join("-", whole_numbers(amount), ".50")
    column = REVENUE.of(YEARS[-1])
    return {column: value}, _same(site, column)


def _unknown_code(site: Site) -> Patch:
    code = Pool(UNKNOWN_CODES).take(site.chances.below(len(UNKNOWN_CODES)))
    return {columns.INDUSTRY_CODE: code}, code


def _garbled(site: Site) -> Patch:
    """Text nobody can read, in one of three columns."""
    kind = site.chances.below(len(GARBLED))
    where = site.chances.below(len(_GARBLED_COLUMNS))
    garbled = pa.array(GARBLED, type=pa.binary()).take(pa.array(kind))
    values = {
        name: choose(where == place, garbled, site.columns[name].take(pa.array(site.at)))
        for place, name in enumerate(_GARBLED_COLUMNS)
    }
    names = Pool(_GARBLED_COLUMNS).take(where)
    return values, join(names, " ", Pool(GARBLED_NOTES).take(kind))


def _not_finite(site: Site) -> Patch:
    """One coordinate or both say infinity or not-a-number."""
    text = Pool(NOT_FINITE).take(site.chances.below(len(NOT_FINITE))).cast(pa.binary())
    both = site.chances.true(0.5)
    lat = choose(both, text, site.columns[columns.LAT].take(pa.array(site.at)))
    return {columns.LON: text, columns.LAT: lat}, text.cast(pa.string())


def _wrong_district(site: Site) -> Patch:
    """Both addresses name another district than the one the point is in."""
    home = site.city.cells.district[site.firms.cell[site.at]]
    address, named = write_wrong_addresses(site.city, home, site.chances)
    note = join("address names ", Pool(site.city.plan.districts.ids).take(named))
    return {columns.REGISTERED_ADDRESS: address, columns.OPERATING_ADDRESS: address}, note


PLANTERS: Final[dict[str, Callable[[Site], Patch]]] = {
    "missing_coordinates": _missing,
    "swapped_coordinates": _swapped,
    "datum_contradicts_address": _foreign_datum,
    "in_sea": _in_sea,
    "outside_city": _outside,
    "duplicate_code": _double,
    "bad_check_character": _bad_check,
    "negative_revenue": _negative,
    "unknown_industry_code": _unknown_code,
    "undecodable_text": _garbled,
    "non_finite_coordinates": _not_finite,
    "district_mismatch": _wrong_district,
}
