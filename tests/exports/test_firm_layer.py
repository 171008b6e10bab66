"""Firms in words: names beside ids, shares as fractions, no row lost."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.dataset as ds
import shapely

from layout.core import columns as c
from layout.core.study import Study
from layout.core.texts import Lang
from layout.exports.firm_layer import FirmTable, firm_table
from layout.exports.zone_tables import zone_names


def table_of(study: Study, lang: Lang) -> FirmTable:
    names = {kind: zone_names(zones, lang) for kind, zones in study.zones.items()}
    return firm_table(study.firm_dataset(), names, lang=lang, synthetic=True)


def rows_of(study: Study, lang: Lang) -> list[dict[str, object]]:
    return pa.Table.from_batches(list(table_of(study, lang).batches())).to_pylist()


def test_ids_stand_beside_their_names_in_chinese(study: Study) -> None:
    first = rows_of(study, "zh")[0]
    assert (first["主要领域代码"], first["主要领域"]) == ("S05", "云计算产业")
    assert (first["主要领域权重"], first["第二领域权重"], first["第三领域权重"]) == (0.6, 0.4, None)
    assert (first["所在区代码"], first["所在区"]) == ("NS", "南山区")
    assert first["全部园区"] == "深圳湾科技生态园；深圳市软件产业基地"
    assert (first["行业代码"], first["行业名称"]) == ("6311", "固定电信服务")
    assert (first["登记状态"], first["产业范围"], first["定位结果"]) == ("存续", "核心", "区内")
    assert first["营业收入 2023（元）"] == 6_100_000_000
    assert first["是否合成"] is True


def test_english_headers_are_the_names_of_the_columns(study: Study) -> None:
    rows = rows_of(study, "en")
    assert rows[0]["sector_1_name"] == "Cloud computing"
    assert rows[0]["district_name"] == "Nanshan District"
    assert rows[0]["park_names"].count("；") == 1
    assert rows[3]["overlay_names"].startswith("Qianhai")
    assert rows[2]["status"] == "Cancelled"
    assert set(rows[0]) >= {c.CODE, c.NAME, c.LON, c.LAT, c.REVENUE.of(2023), "synthetic"}


def test_unknown_stays_empty_and_own_columns_stay(study: Study) -> None:
    rows = rows_of(study, "en")
    assert rows[1]["sector_1"] is rows[1]["sector_1_name"] is rows[1]["share_1"] is None
    assert rows[1][c.REVENUE.of(2023)] is None
    assert rows[4]["district_id"] is rows[4]["district_name"] is None
    assert rows[6]["industry_code"] == "9999"
    assert rows[0]["经营类别"] == "自有列"
    assert rows_of(study, "zh")[6]["行业名称"] == "9999"


def test_every_firm_is_a_point_or_has_none(study: Study) -> None:
    table = table_of(study, "zh")
    layer = table.points()
    (batch,) = layer.batches()
    assert batch.schema == layer.schema
    assert batch.num_rows == table.rows == 7
    shapes = shapely.from_wkb(batch.column(c.GEOMETRY).to_pylist())
    assert [shape is None for shape in shapes] == [False] * 4 + [True] + [False] * 2
    assert shapes[0] == shapely.Point(113.9485, 22.5318)


def test_headers_are_unique_in_both_languages(study: Study) -> None:
    for lang in ("zh", "en"):
        names = table_of(study, lang).schema.names
        assert len(names) == len(set(names))


def test_a_firm_says_itself_whether_it_is_synthetic() -> None:
    table = pa.table({c.NAME: ["甲", "乙", "丙"], c.NATURE: ["合成", "实际", None]})
    made = firm_table(ds.dataset(table), {}, lang="en", synthetic=False)
    (batch,) = made.batches()
    assert batch.column("synthetic").to_pylist() == [True, False, False]
    bare = firm_table(ds.dataset(table.select([c.NAME])), {}, lang="en", synthetic=False)
    (batch,) = bare.batches()
    assert batch.column("synthetic").to_pylist() == [False] * 3
