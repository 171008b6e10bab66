"""Every format gives the same table; files that are none are told."""

import datetime
import zipfile

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shapely.geometry import MultiPoint, Point, Polygon

from layout.core.errors import InputFileError
from layout.core.sources import TableSource
from layout.readers.points import POINT_X, POINT_Y, point_columns
from layout.readers.tables import TableOptions, open_table

FRAME = gpd.GeoDataFrame(
    {"名称": ["甲公司", "乙公司", None], "代码": ["6513", "0111", ""]},
    geometry=[Point(114.05, 22.54), None, Point(114.1, 22.6)],
    crs=4326,
)
MORNING = datetime.datetime.fromisoformat("2019-03-05 08:30")
XY = [(114.05, 22.54), (None, None), (114.1, 22.6)]


def rows(source: TableSource, columns=None):
    batches = list(source.batches(columns))
    assert [line for b in batches for line in b.lines.to_pylist()] == list(
        range(1, 1 + sum(len(b.lines) for b in batches))
    )
    return [tuple(r.values()) for b in batches for r in b.columns.to_pylist()]


def write_zip(tmp_path, encoding="gb18030", cpg=False, folder="深圳/", frame=FRAME):
    frame.to_file(tmp_path / "firms.shp", encoding=encoding)
    with zipfile.ZipFile(tmp_path / "firms.zip", "w") as packed:
        for suffix in (".shp", ".shx", ".dbf", ".prj", *([".cpg"] if cpg else [])):
            packed.write(tmp_path / f"firms{suffix}", f"{folder}firms{suffix}")
    return tmp_path / "firms.zip"


def write_spatial(tmp_path, kind):
    path = tmp_path / f"firms.{kind}"
    if kind == "zip":
        return write_zip(tmp_path)
    if kind == "parquet":
        FRAME.to_parquet(path, write_covering_bbox=True)
    else:
        FRAME.to_file(path)
    return path


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "zip", "parquet"])
def test_spatial_formats_agree(tmp_path, kind):
    source = open_table(write_spatial(tmp_path, kind))
    assert source.info.headers == ("名称", "代码", POINT_X, POINT_Y)
    assert source.info.point == (POINT_X, POINT_Y)
    assert source.info.crs == "EPSG:4326"
    assert source.info.rows == 3
    got = rows(source)
    assert [row[0] for row in got] == ["甲公司", "乙公司", None]
    assert [row[1] or "" for row in got] == ["6513", "0111", ""]
    assert [row[2:] for row in got] == XY
    assert rows(source, (POINT_Y, "名称")) == [(row[3], row[0]) for row in got]
    assert [row[0] for row in rows(source, ("名称",))] == ["甲公司", "乙公司", None]


@pytest.mark.parametrize(("encoding", "cpg"), [("gb18030", False), ("utf-8", False), ("gbk", True)])
def test_shapefile_texts_are_decoded(tmp_path, encoding, cpg):
    source = open_table(write_zip(tmp_path, encoding, cpg, folder=""))
    assert rows(source, ("名称",))[0] == ("甲公司",)


def test_projected_crs_is_stated(tmp_path):
    FRAME.to_crs(4547).to_file(tmp_path / "a.gpkg")
    FRAME.to_crs(4547).to_parquet(tmp_path / "a.parquet")
    for name in ("a.gpkg", "a.parquet"):
        assert open_table(tmp_path / name).info.crs == "EPSG:4547"


def test_layers_are_chosen_by_name(tmp_path):
    path = tmp_path / "a.gpkg"
    FRAME.to_file(path, layer="one")
    FRAME.iloc[:1].to_file(path, layer="two", mode="a")
    with pytest.raises(InputFileError, match=r"one, two.*--layer"):
        open_table(path)
    with pytest.raises(InputFileError, match="no layer “three”"):
        open_table(path, TableOptions(layer="three"))
    assert len(rows(open_table(path, TableOptions(layer="two")))) == 1


def test_several_shapefiles_in_one_archive(tmp_path):
    path = write_zip(tmp_path)
    with zipfile.ZipFile(path, "a") as packed:
        for suffix in (".shp", ".shx", ".dbf"):
            packed.write(tmp_path / f"firms{suffix}", f"other{suffix}")
    with pytest.raises(InputFileError, match="firms, other"):
        open_table(path)
    assert len(rows(open_table(path, TableOptions(layer="other", encoding="gbk")))) == 3


def test_polygons_are_refused(tmp_path):
    square = gpd.GeoDataFrame(geometry=[Polygon([(0, 0), (1, 0), (1, 1)])], crs=4326)
    square.to_file(tmp_path / "a.gpkg")
    square.to_parquet(tmp_path / "a.parquet")
    mixed = gpd.GeoDataFrame(geometry=[Point(0, 0), square.geometry[0]], crs=4326)
    mixed.to_file(tmp_path / "a.geojson")
    for name in ("a.gpkg", "a.parquet", "a.geojson"):
        with pytest.raises(InputFileError, match=r"holds a Polygon"):
            rows(open_table(tmp_path / name))


def test_geometries_that_are_points_in_other_forms(tmp_path):
    shapes = [Point(1, 2, 3), MultiPoint([(4, 5)]), Point(), None, Point(6, 7)]
    wkb = pa.array([None if s is None else s.wkb for s in shapes], pa.binary())
    x, y = point_columns(wkb, tmp_path)
    assert x.to_pylist() == [1, 4, None, None, 6]
    assert y.to_pylist() == [2, 5, None, None, 7]
    big_endian = pa.array([Point(8, 9).wkb_hex and bytes.fromhex(_big_endian(8, 9))])
    assert point_columns(big_endian, tmp_path)[0].to_pylist() == [8]
    sliced = wkb.slice(4)
    assert point_columns(sliced, tmp_path)[1].to_pylist() == [7]


def _big_endian(x, y):
    import struct

    return struct.pack(">BIdd", 0, 1, x, y).hex()


def test_native_geoparquet_points(tmp_path):
    FRAME.iloc[[0, 2]].to_parquet(tmp_path / "a.parquet", geometry_encoding="geoarrow")
    assert rows(open_table(tmp_path / "a.parquet"), (POINT_X, POINT_Y)) == [XY[0], XY[2]]


def test_plain_parquet_in_batches(tmp_path):
    table = pa.table({"经度": np.arange(130_000) / 1000, "n": np.arange(130_000)})
    pq.write_table(table, tmp_path / "a.parquet")
    source = open_table(tmp_path / "a.parquet")
    assert source.info.format == "parquet"
    assert source.info.point is None
    batches = list(source.batches(("n",)))
    assert len(batches) > 1
    assert batches[-1].done == 1.0
    assert rows(source, ("n",))[-1] == (129_999,)
    assert sum(len(batch.lines) for batch in source.batches(())) == 130_000


def write_book(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "企业"
    sheet.append([])
    sheet.append(["企业名称", "营业收入2023(万元)", "成立日期", "行业代码", "高新", "企业名称"])
    sheet.append(["甲", 12.5, datetime.date(2019, 3, 5), 6513, True, None])
    sheet.append([None] * 6)
    sheet.append(["乙", 1e8, 43529, "0111", "否", "x"])
    sheet.append(["丙", 0.1, MORNING, None, None, None])
    book.create_sheet("空")
    book.create_sheet("说明").append(["来源"])
    book.save(path)
    return path


def test_sheet_becomes_text(tmp_path):
    source = open_table(write_book(tmp_path / "a.xlsx"))
    assert source.info.headers[-1] == "企业名称_2"
    assert source.info.repeated == {"企业名称_2": "企业名称"}
    assert "说明" in source.info.notes[0].zh
    (batch,) = source.batches()
    assert batch.lines.to_pylist() == [3, 5, 6]
    assert batch.blank == 1
    assert [list(row.values()) for row in batch.columns.to_pylist()] == [
        ["甲", "12.5", "2019-03-05", "6513", "true", None],
        ["乙", "100000000", "43529", "0111", "否", "x"],
        ["丙", "0.1", "2019-03-05 08:30:00", None, None, None],
    ]
    (batch,) = source.batches(("行业代码",))
    assert batch.columns.to_pydict() == {"行业代码": ["6513", "0111", None]}


def test_sheets_are_chosen_by_name(tmp_path):
    path = write_book(tmp_path / "a.xlsx")
    assert open_table(path, TableOptions(sheet="说明")).info.headers == ("来源",)
    with pytest.raises(InputFileError, match="企业, 空, 说明"):
        open_table(path, TableOptions(sheet="firms"))
    with pytest.raises(InputFileError, match="is empty"):
        open_table(path, TableOptions(sheet="空"))


def test_content_decides_before_the_name(tmp_path):
    write_book(tmp_path / "a.csv")
    assert open_table(tmp_path / "a.csv").info.format == "xlsx"
    FRAME.to_parquet(tmp_path / "b.dat")
    assert open_table(tmp_path / "b.dat").info.format == "geoparquet"


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "zip", "parquet", "xlsx"])
def test_cut_files_are_told(tmp_path, kind):
    path = write_book(tmp_path / "a.xlsx") if kind == "xlsx" else write_spatial(tmp_path, kind)
    whole = path.read_bytes()
    for share in (0.3, 0.6, 0.9):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(InputFileError, match=r"damaged|cut off"):
            rows(open_table(path))


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.csv", b"", "is empty"),
        ("a.parquet", b"", "is empty"),
        ("a.docx", b"text", "Cannot tell the format"),
        ("a.csv.gz", b"\x1f\x8b\x08", "Cannot tell the format"),
        ("a", b"a,b\n1,2\n", "Cannot tell the format"),
        ("a.xlsx", b"a,b\n1,2\n", "not what its name says"),
        ("a.parquet", b"a,b\n1,2\n", "not what its name says"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "password"),
        ("a.geojson", b"{}", "damaged"),
    ],
)
def test_other_files_are_told(tmp_path, name, data, message):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputFileError, match=message):
        open_table(path)


def test_folders_and_missing_files_are_told(tmp_path):
    with pytest.raises(InputFileError, match="is a folder"):
        open_table(tmp_path)
    with pytest.raises(InputFileError, match="no file"):
        open_table(tmp_path / "none.csv")


def test_an_archive_without_a_shapefile(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("a.csv", "a,b\n")
    with pytest.raises(InputFileError, match="Cannot tell the format"):
        open_table(tmp_path / "a.zip")


def test_a_frame_of_pandas_types(tmp_path):
    frame = pd.DataFrame(
        {"成立日期": pd.to_datetime(["2019-03-05"]), "行业": pd.Categorical(["a"])}
    )
    frame.to_parquet(tmp_path / "a.parquet")
    assert len(rows(open_table(tmp_path / "a.parquet"))) == 1
