"""``layout tag`` adds sectors and keeps everything else."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from layout.core import columns as c
from layout.core.errors import ColumnError, InputFileError
from layout.exports.firms import FirmWriter
from layout.pipeline.tag import tag_file
from layout.prepare.tagging import Tagger

SCOPES = ["一般项目：区块链底层平台研发；智能合约开发。", "餐饮服务；网上订餐。", None]
CODES = ["6513", "6210", "5292"]


@pytest.fixture
def firms(tmp_path: Path) -> Path:
    path = tmp_path / "firms.parquet"
    batch = pa.RecordBatch.from_pydict(
        {
            c.NAME: pa.array(["甲", "乙", "丙"]),
            c.BUSINESS_SCOPE: pa.array(SCOPES),
            c.INDUSTRY_CODE: pa.array(CODES),
            c.LON: pa.array([114.0, 114.1, None]),
            c.LAT: pa.array([22.5, 22.6, None]),
        }
    )
    with FirmWriter(path, {"report": {"read": 3}}) as out:
        out.write(batch)
    return path


def test_tags_are_added_and_the_rest_is_kept(firms: Path, tmp_path: Path) -> None:
    counts = tag_file(firms, tmp_path / "tagged.parquet")
    before, after = gpd.read_parquet(firms), gpd.read_parquet(tmp_path / "tagged.parquet")
    assert after.crs == before.crs
    assert after[c.NAME].tolist() == ["甲", "乙", "丙"]
    assert after.geometry.isna().tolist() == [False, False, True]
    assert after[c.SECTOR_1].astype(object).where(after[c.SECTOR_1].notna(), None).tolist() == [
        "S03", None, "S11",
    ]  # fmt: skip
    assert after[c.SCOPE].tolist() == ["core", "outside", "fusion"]
    assert counts["firms"] == 3
    assert counts["untagged"] == 1
    assert counts["sectors"]["S11"] == {"primary": 1, "any": 1}
    assert pq.read_metadata(tmp_path / "tagged.parquet").metadata[b"report"] == b'{"read": 3}'


def test_tagging_again_changes_nothing(firms: Path, tmp_path: Path) -> None:
    once, twice = tmp_path / "once.parquet", tmp_path / "twice.parquet"
    tag_file(firms, once)
    tag_file(once, twice)
    assert pq.read_table(once).equals(pq.read_table(twice))


def test_the_file_has_the_tags_of_the_tagger(firms: Path, tmp_path: Path) -> None:
    tag_file(firms, tmp_path / "tagged.parquet")
    tags = Tagger.load().tag(pa.array(SCOPES), pa.array(CODES))
    table = pq.read_table(tmp_path / "tagged.parquet")
    for name in tags.schema.names:
        assert table[name].to_pylist() == tags[name].to_pylist()


def test_other_files_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    text = tmp_path / "firms.csv"
    text.write_text("a,b\n1,2\n", "utf-8")
    other = tmp_path / "other.parquet"
    pq.write_table(pa.table({"a": [1]}), other)
    for path, error in ((text, InputFileError), (other, ColumnError),
                        (tmp_path / "none.parquet", InputFileError)):  # fmt: skip
        with pytest.raises(error):
            tag_file(path, tmp_path / "out.parquet")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["firms.csv", "other.parquet"]
