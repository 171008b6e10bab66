"""The firm table is GeoParquet that others read, whole or not there."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from layout.core.columns import FLAGS, LAT, LON, NAME
from layout.core.faults import mask_of
from layout.exports.firms import FirmWriter, flag_texts, points_wkb


def batch(lon: list[float], lat: list[float]) -> pa.RecordBatch:
    names = pa.array([f"企业{i}" for i in range(len(lon))])
    return pa.RecordBatch.from_arrays([names, pa.array(lon), pa.array(lat)], [NAME, LON, LAT])


def test_written_table_is_read_by_geopandas(tmp_path: Path) -> None:
    path = tmp_path / "firms.parquet"
    with FirmWriter(path, {"report": {"read": 3}}) as out:
        out.write(batch([114.1, np.nan], [22.5, 22.6]), np.array([0, mask_of("in_sea")], "uint32"))
        out.write(batch([113.9], [22.7]), np.array([0], "uint32"))
    assert out.rows == 3
    frame = gpd.read_parquet(path)
    assert frame.crs == "EPSG:4326"
    assert frame[NAME].tolist() == ["企业0", "企业1", "企业0"]
    assert frame[FLAGS].tolist() == ["", "in_sea", ""]
    assert frame.geometry.isna().tolist() == [False, True, False]
    assert frame.geometry[2].coords[0] == (113.9, 22.7)
    metadata = pq.read_metadata(path).metadata
    assert b'"covering"' in metadata[b"geo"]
    assert metadata[b"report"] == b'{"read": 3}'


def test_a_box_query_reads_only_what_lies_in_it(tmp_path: Path) -> None:
    path = tmp_path / "firms.parquet"
    with FirmWriter(path) as out:
        out.write(batch([114.1, 113.9], [22.5, 22.7]))
    assert len(gpd.read_parquet(path, bbox=(114.0, 22.4, 114.2, 22.6))) == 1


def test_a_failed_block_leaves_what_stood_there(tmp_path: Path) -> None:
    path = tmp_path / "firms.parquet"
    path.write_bytes(b"before")

    def fail_after_a_batch() -> None:
        with FirmWriter(path) as out:
            out.write(batch([114.1], [22.5]))
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail_after_a_batch()
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_points_and_flags_of_nothing() -> None:
    assert len(points_wkb(np.array([]), np.array([]))) == 0
    assert flag_texts(np.array([3], "uint32")).to_pylist() == ["wrong_field_count;undecodable_text"]
