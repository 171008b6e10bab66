"""The district that an address names.

Evidence, the strongest first:

1. A district in full, with 区 or 新区 as it was or is called, wherever it stands; the first one
   counts. A subdistrict or unit right behind it decides where the two contradict: 宝安区龙华街道 is
   an address from before 龙华 became a district.
2. A subdistrict or town in full whose name is no other place in the city.
3. A bare district name right behind the name of the city (深圳市南山科技园), unless it begins the
   name of a road or building (深圳市宝安大道, 深圳市宝安广场): these lie anywhere.

An address that begins with another city or region names none; a cooperation zone of the city (深汕)
counts even there, as its land lies in another one. Overlays (前海) are no units.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from layout.core import zone_columns as z
from layout.core.facts import city_settings, city_table
from layout.prepare import address_kernel as k
from layout.prepare.text_arrays import as_text, text_buffers
from layout.prepare.zones import district_ids

Int16 = npt.NDArray[np.int16]

_ENDINGS: Final = ("特别合作区", "合作区", "新区", "区")
_ZONES: Final = ("特别合作区", "合作区")
_WORDS: Final = {
    k.THING: (
        "路", "大道", "道", "街", "巷", "公路", "高速", "快速", "立交", "桥", "隧道", "站", "广场",
        "大厦", "商业城", "商城", "商场", "书城", "花园", "酒店", "宾馆", "饭店", "医院", "村",
    ),
    k.MODIFIER: tuple("东南西北中上下新老大小第一二三四五六七八九十"),
    k.REGION: ("香港", "澳门", "台湾", "中国香港", "中国澳门", "中国台湾"),
    k.PROVINCE: ("省", "自治区"),
    k.TOWN: ("市",),
    k.MARKET: tuple(word + "市" for word in "超都城夜菜股门集花"),
    k.OTHER: ("街道", "村镇", "市场"),
}  # fmt: skip
"""Chinese words that change what a name says; they know no city."""


def stated_districts(
    registered: pa.Array | pa.ChunkedArray | None,
    operating: pa.Array | pa.ChunkedArray | None,
    *,
    city: str,
) -> Int16:
    """The district each row's addresses name; the operating address counts where it names one.

    Parameters
    ----------
    registered, operating
        Addresses as text of equal length, null where unknown; None where the table has no such
        column. At least one is given.
    city
        Slug of the city.

    Returns
    -------
    ndarray
        int16 ``(n,)``: position among the ids of ``districts.csv`` without overlays, -1 unknown.
    """
    given = [one for one in (operating, registered) if one is not None]
    found = named_districts(given[0], city=city)
    return named_districts(given[1], city=city, known=found) if len(given) > 1 else found


def named_districts(
    addresses: pa.Array | pa.ChunkedArray, *, city: str, known: Int16 | None = None
) -> Int16:
    """The district each address names, int16 ``(n,)``: as in :func:`stated_districts`.

    Rows whose district is ``known`` keep it; their addresses are not read.
    """
    out = np.full(len(addresses), -1, np.int16) if known is None else known.copy()
    begin = 0
    for part in addresses.chunks if isinstance(addresses, pa.ChunkedArray) else [addresses]:
        offsets, letters = text_buffers(as_text(part))
        k.find_units(offsets, letters, _lexicon(city), out[begin : begin + len(part)])
        begin += len(part)
    return out


@lru_cache(maxsize=8)
def _lexicon(city: str) -> k.Lexicon:
    return k.lexicon(_patterns(city))


def _patterns(city: str) -> Iterator[tuple[str, int, int]]:
    """Every name with its kind and the position of its unit."""
    units = {name: i for i, name in enumerate(district_ids(city))}
    table = city_table(city, "districts").set_index(z.ID)
    for name, unit in units.items():
        stem = _stem(str(table.loc[name, z.NAME_ZH]))
        yield stem, k.STEM, unit
        for ending in _ENDINGS:
            yield stem + ending, k.ZONE if ending in _ZONES else k.UNIT, unit
    yield from _parts(city, units)
    whole = str(city_settings(city)[z.NAME_ZH])
    yield whole, k.CITY, -1
    yield whole.removesuffix("市"), k.CITY, -1
    for kind, words in _WORDS.items():
        for word in words:
            yield word, kind, -1


def _parts(city: str, units: dict[str, int]) -> Iterator[tuple[str, int, int]]:
    """Subdistricts and towns whose names mean one place in the city."""
    table = city_table(city, "subdistricts")
    shared = {word for cell in table["ambiguous_zh"] for word in cell.split("；") if word}
    once = ~table[z.NAME_ZH].duplicated(keep=False)
    for name, home in zip(table.loc[once, z.NAME_ZH], table.loc[once, "district_id"], strict=True):
        if name not in shared and home in units:
            yield name, k.PART, units[home]


def _stem(name: str) -> str:
    """A unit's name without 区, 新区 or 特别合作区."""
    ending = next((e for e in _ENDINGS if name.endswith(e)), "")
    return name.removesuffix(ending)
