"""Vector files: right CRS, Chinese intact, every row kept, provenance inside."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from layout.core.errors import ColumnError, CrsError, OutputError, ParameterError
from layout.core.result import Bilingual, Provenance
from layout.exports.vectors import (
    in_crs,
    layer_of,
    write_geojson,
    write_geoparquet,
    write_gpkg,
)

NOTE = Bilingual("示意图形", "A sketch")


def zones() -> gpd.GeoDataFrame:
    ring = [(113.9, 22.5), (113.9, 22.6), (114.0, 22.6), (114.0, 22.5)]  # clockwise
    return gpd.GeoDataFrame(
        {
            "id": ["NS", "FT"],
            "名称": ["南山区", "福田区"],
            "区位商": [1.25, np.nan],
            "企业数": pd.array([3, None], dtype="Int64"),
            "类别": pd.Categorical(["site", "area"]),
        },
        geometry=[
            shapely.Polygon(ring),
            shapely.MultiPolygon([shapely.box(114, 22.5, 114.1, 22.6)]),
        ],
        crs="EPSG:4326",
    )


def firms() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"企业名称": ["深圳市甲公司", '乙"公司\n', None], "高新": [True, None, False]},
        geometry=[shapely.Point(113.93, 22.53), None, shapely.Point(114.123456789012, 22.6)],
        crs="EPSG:4326",
    )


def ogrinfo(*arguments: str | Path) -> str:
    if shutil.which("ogrinfo") is None:
        pytest.skip("ogrinfo is not installed")
    done = subprocess.run(
        ["ogrinfo", *map(str, arguments)], check=True, capture_output=True, text=True, timeout=60
    )
    assert "error" not in done.stderr.lower()
    return done.stdout


def test_a_geopackage_keeps_rows_text_and_unknowns(tmp_path: Path, provenance: Provenance) -> None:
    path = tmp_path / "a.gpkg"
    layers = {"districts": layer_of(zones(), notes=(NOTE,)), "企业": firms()}
    assert write_gpkg(path, layers, provenance) == {"districts": 2, "企业": 3}
    back = pyogrio.read_dataframe(path, layer="districts")
    assert back.crs == "EPSG:4326"
    assert back["名称"].tolist() == ["南山区", "福田区"]
    assert np.isnan(back["区位商"].iloc[1])
    assert pd.isna(back["企业数"].iloc[1])
    assert set(back.geom_type) == {"MultiPolygon"}
    points = pyogrio.read_dataframe(path, layer="企业")
    assert points["企业名称"].tolist()[:2] == ["深圳市甲公司", '乙"公司\n']
    assert points.geometry.isna().tolist() == [False, True, False]


def test_a_geopackage_says_where_it_comes_from(tmp_path: Path, provenance: Provenance) -> None:
    path = tmp_path / "a.gpkg"
    write_gpkg(path, {"districts": layer_of(zones(), notes=(NOTE,))}, provenance)
    info = pyogrio.read_info(path, layer="districts")
    told = json.loads(info["layer_metadata"]["provenance"])
    assert told["synthetic"] is True
    assert told["inputs"][0]["sha256"] == "ab" * 32
    assert told["parameters"]["tiers"] == ["leading", "key"]
    assert told["seed"] == 7
    assert "示意图形" in told["notes"]["zh"]
    assert json.loads(info["dataset_metadata"]["provenance"])["version"] == "0.1.0"
    assert "合成数据" in info["layer_metadata"]["DESCRIPTION"]
    table = pyogrio.read_dataframe(path, layer="sources_and_method")
    assert list(table.columns) == ["项目", "内容"]
    assert table["内容"].str.contains("示意图形").any()


def test_ogrinfo_opens_the_files(tmp_path: Path, provenance: Provenance) -> None:
    path = tmp_path / "a.gpkg"
    write_gpkg(path, {"districts": in_crs(layer_of(zones()), "EPSG:4547")}, provenance)
    told = ogrinfo("-al", path)
    assert "CGCS2000 / 3-degree Gauss-Kruger CM 114E" in told
    assert 'ID["EPSG",4547]' in told
    assert "名称 (String) = 南山区" in told
    assert "区位商 (Real) = (null)" in told
    write_geojson(tmp_path / "f.geojson", firms(), provenance)
    told = ogrinfo("-al", tmp_path / "f.geojson")
    assert 'ID["EPSG",4326]' in told
    assert "企业名称 (String) = 深圳市甲公司" in told
    assert "Feature Count: 3" in told


def test_geojson_follows_the_standard(tmp_path: Path, provenance: Provenance) -> None:
    path = tmp_path / "z.geojson"
    assert write_geojson(path, zones(), provenance, name="districts") == 2
    read = json.loads(path.read_text("utf-8"))
    assert list(read) == ["type", "name", "provenance", "features"]
    assert "crs" not in read
    assert read["provenance"]["inputs"][0]["file"] == "企业.csv"
    assert read["features"][1]["properties"] == {
        "id": "FT",
        "名称": "福田区",
        "区位商": None,
        "企业数": None,
        "类别": "area",
    }
    for feature in read["features"]:
        for polygon in feature["geometry"]["coordinates"]:
            assert shapely.LinearRing(polygon[0]).is_ccw
    write_geojson(path, firms(), provenance)
    features = json.loads(path.read_text("utf-8"))["features"]
    assert features[1]["geometry"] is None
    assert features[1]["properties"] == {"企业名称": '乙"公司\n', "高新": None}
    assert features[2]["geometry"]["coordinates"] == [114.1234568, 22.6]


def test_geojson_refuses_another_crs(tmp_path: Path, provenance: Provenance) -> None:
    with pytest.raises(ParameterError, match="RFC 7946"):
        write_geojson(tmp_path / "z.geojson", zones().to_crs(4547), provenance)
    assert list(tmp_path.iterdir()) == []


def test_geoparquet_round_trips(tmp_path: Path, provenance: Provenance) -> None:
    path = tmp_path / "z.parquet"
    assert write_geoparquet(path, zones(), provenance) == 2
    back = gpd.read_parquet(path)
    assert back.crs == "EPSG:4326"
    expected = zones()
    expected["类别"] = expected["类别"].astype(str)
    expected["企业数"] = [3.0, np.nan]
    expected["geometry"] = [
        shapely.MultiPolygon([shape]) if shape.geom_type == "Polygon" else shape
        for shape in expected.geometry
    ]
    assert_geodataframe_equal(back, expected, check_dtype=False)
    metadata = pq.read_schema(path).metadata
    assert json.loads(metadata[b"provenance"])["seed"] == 7
    geo = json.loads(metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert geo["columns"]["geometry"]["geometry_types"] == ["MultiPolygon"]
    write_geoparquet(path, in_crs(layer_of(firms()), "EPSG:4490"), provenance)
    assert gpd.read_parquet(path).crs == "EPSG:4490"


def test_moving_to_metres_and_back_is_exact_to_a_millimetre(
    tmp_path: Path, provenance: Provenance
) -> None:
    moved = in_crs(layer_of(firms()), "EPSG:4547")
    write_gpkg(tmp_path / "m.gpkg", {"firms": moved}, provenance)
    back = pyogrio.read_dataframe(tmp_path / "m.gpkg", layer="firms")
    assert back.crs == "EPSG:4547"
    expected = firms().to_crs(4547)
    assert back.geometry.iloc[0].distance(expected.geometry.iloc[0]) < 1e-3
    assert 480_000 < back.geometry.iloc[0].x < 520_000


@pytest.mark.parametrize("name", ["gpkg_firms", "GPKG_x", "1firms", "a b", "", "a;b", 'a"b'])
def test_names_that_are_no_layer_names_are_refused(
    tmp_path: Path, provenance: Provenance, name: str
) -> None:
    with pytest.raises(ParameterError, match="cannot name a layer"):
        write_gpkg(tmp_path / "a.gpkg", {name: zones()}, provenance)
    assert list(tmp_path.iterdir()) == []


def test_frames_that_cannot_be_layers_are_refused() -> None:
    with pytest.raises(CrsError, match="no CRS"):
        layer_of(zones().set_crs(None, allow_override=True), name="zones")
    twice = zones().rename(columns={"名称": "id"})
    with pytest.raises(ColumnError, match="stand twice"):
        layer_of(twice, name="zones")
    with pytest.raises(ParameterError, match="Unknown CRS"):
        in_crs(layer_of(zones()), "EPSG:0")


def test_an_old_file_stays_where_a_new_one_fails(tmp_path: Path, provenance: Provenance) -> None:
    path = tmp_path / "a.gpkg"
    write_gpkg(path, {"districts": zones()}, provenance)
    before = path.read_bytes()
    with pytest.raises(ParameterError):
        write_gpkg(path, {"districts": zones(), "gpkg_x": zones()}, provenance)
    assert path.read_bytes() == before
    with pytest.raises(OutputError):
        write_geojson(path / "z.geojson", zones(), provenance)


def test_layers_without_rows_or_shapes_are_written(tmp_path: Path, provenance: Provenance) -> None:
    empty = zones().head(0)
    assert write_gpkg(tmp_path / "e.gpkg", {"none": empty}, provenance) == {"none": 0}
    assert write_geojson(tmp_path / "e.geojson", empty, provenance) == 0
    assert json.loads((tmp_path / "e.geojson").read_text("utf-8"))["features"] == []
    assert write_geoparquet(tmp_path / "e.parquet", empty, provenance) == 0
    assert len(gpd.read_parquet(tmp_path / "e.parquet")) == 0


def test_inputs_stay_as_they_were(tmp_path: Path, provenance: Provenance) -> None:
    frame = zones()
    write_gpkg(tmp_path / "a.gpkg", {"z": in_crs(layer_of(frame), "EPSG:4547")}, provenance)
    write_geojson(tmp_path / "a.geojson", frame, provenance)
    assert_geodataframe_equal(frame, zones())
