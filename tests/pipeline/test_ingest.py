"""From files to clean rows: the report adds up, bad files leave nothing behind."""

import csv
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shapely.geometry import Point, box

from layout.core import columns as c
from layout.core import zone_columns as z
from layout.core.crs import from_wgs84, parse_datum
from layout.core.errors import (
    ColumnError,
    DatumError,
    InputFileError,
    LayoutError,
    OutputError,
    ParameterError,
)
from layout.core.study import ZoneLayer
from layout.pipeline.ingest import ingest, open_ingest, report_path
from layout.pipeline.ingest_settings import IngestSettings
from layout.prepare.zones import shipped_zones
from layout.readers import csv_tables

SHARED = Path(__file__).resolve().parents[3] / "shared"
HEADERS = [
    "统一社会信用代码",
    "企业名称",
    "注册地址",
    "行业代码",
    "营业收入2023(万元)",
    "经度",
    "纬度",
]
CODES = ["91990000MA003Q6R32", "91990000MADGKC8X80"]
ROWS = [
    [CODES[0], "甲公司", "深圳市南山区", "6513", "12.5", "113.93", "22.54"],
    [CODES[1], "乙公司", "深圳市福田区", "9999", "-1", "114.05", "22.54"],
    [CODES[0], "丙公司", "深圳市福田区", "6513", "1", "114.06", "22.55"],
    ["", "=丁公司", "", "", "", "", ""],
    ["", "<script>alert(1)</script>", "", "6513", "1", "NaN", "22.5"],
]


def write_csv(path, rows=ROWS, headers=HEADERS, encoding="utf-8"):
    with path.open("w", encoding=encoding, newline="") as handle:
        csv.writer(handle).writerows([headers, *rows])
    return path


def run(tmp_path, path, zones=None, **options):
    settings = IngestSettings(**{"datum": "wgs84", **options})
    out, rejects = tmp_path / "out" / "firms.parquet", tmp_path / "out" / "rejects.csv"
    return ingest(path, settings, out=out, rejects=rejects, zones=zones), out, rejects


def rejected_rows(path):
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def test_a_csv_from_end_to_end(tmp_path):
    report, out, rejects = run(tmp_path, write_csv(tmp_path / "a.csv", encoding="gb18030"))
    assert report["counts"] == {"read": 5, "accepted": 3, "rejected": 2, "blank": 0}
    assert report["input"]["encoding"] == "gb18030"
    assert report["kind"] == "firms"
    assert report["faults"] == {
        "non_finite_coordinates": {"rejected": 1, "flagged": 0},
        "duplicate_code": {"rejected": 1, "flagged": 0},
        "missing_code": {"rejected": 1, "flagged": 1},
        "negative_revenue": {"rejected": 0, "flagged": 1},
        "missing_coordinates": {"rejected": 0, "flagged": 1},
        "unknown_industry_code": {"rejected": 0, "flagged": 1},
    }
    frame = gpd.read_parquet(out)
    assert frame.crs == "EPSG:4326"
    assert frame[c.NAME].tolist() == ["甲公司", "乙公司", "=丁公司"]
    assert frame[c.LINE].tolist() == [2, 3, 5]
    assert frame.geometry.iloc[0] == Point(113.93, 22.54)
    assert frame.geometry.iloc[2] is None
    assert frame[c.FLAGS].tolist() == [
        "",
        "negative_revenue;unknown_industry_code",
        "missing_code;missing_coordinates",
    ]
    assert json.loads(frame[c.ORIGINALS].iloc[1]) == {
        "行业代码": "9999",
        "营业收入2023(万元)": "-1",
    }
    assert [row["source_line"] for row in rejected_rows(rejects)] == ["4", "6"]
    assert rejected_rows(rejects)[1]["企业名称"] == "<script>alert(1)</script>"
    assert json.loads(report_path(out).read_text("utf-8")) == report
    metadata = pq.read_metadata(out).metadata
    assert json.loads(metadata[b"layout"]) == report


def test_every_format_gives_the_same_rows(tmp_path):
    sound = ROWS[:2]
    csv_file = write_csv(tmp_path / "a.csv", sound)
    frame = pd.DataFrame(sound, columns=HEADERS)
    points = gpd.GeoDataFrame(
        frame.drop(columns=["经度", "纬度"]),
        geometry=gpd.points_from_xy(frame["经度"].astype(float), frame["纬度"].astype(float)),
        crs=4326,
    )
    points.to_parquet(tmp_path / "a.parquet")
    points.to_file(tmp_path / "a.gpkg")
    points.to_file(tmp_path / "a.geojson")
    points.to_crs(4547).to_file(tmp_path / "p.gpkg")
    book = openpyxl.Workbook()
    for row in [HEADERS, *sound]:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    wanted = pq.read_table(run(tmp_path, csv_file)[1]).drop([c.LINE, c.ORIGINALS])
    for name in ("a.parquet", "a.gpkg", "a.geojson", "p.gpkg", "a.xlsx"):
        datum = None if name == "p.gpkg" else "wgs84"
        got = pq.read_table(run(tmp_path, tmp_path / name, datum=datum)[1])
        assert set(wanted.column_names) <= set(got.column_names), name
        for column in (c.CODE, c.NAME, c.INDUSTRY_CODE, "revenue_cny_2023", c.FLAGS):
            assert got[column].to_pylist() == wanted[column].to_pylist(), (name, column)
        assert np.allclose(got[c.LON], wanted[c.LON], atol=1e-8), name


def test_batches_and_threads_of_a_file_do_not_matter(tmp_path, monkeypatch):
    rng = np.random.default_rng(1)
    rows = [
        [CODES[0] if i % 50 == 0 else f"x{i}", f"企业{i}", "深圳市福田区", "6513", str(i), lon, lat]
        for i, (lon, lat) in enumerate(rng.uniform((113.9, 22.5), (114.1, 22.6), (400, 2)))
    ]
    path = write_csv(tmp_path / "a.csv", rows)
    whole, out, rejects = run(tmp_path, path)
    table, bad = pq.read_table(out), rejects.read_bytes()
    monkeypatch.setattr(csv_tables, "_BATCH_ROWS", 37)
    monkeypatch.setattr(csv_tables, "_CHUNK_BYTES", 5000)
    parts, out, rejects = run(tmp_path, path)
    assert parts == whole
    assert rejects.read_bytes() == bad
    assert pq.read_table(out).to_pylist() == table.to_pylist()


def test_points_without_any_firm_column(tmp_path):
    path = write_csv(
        tmp_path / "p.csv",
        [[1, 22.54, 114.05], [2, 22.54, 114.05], [3, "", ""]],
        ["code", "latitude", "longitude"],
    )
    report, out, _ = run(tmp_path, path)
    assert report["kind"] == "points"
    assert report["faults"] == {"missing_coordinates": {"rejected": 0, "flagged": 1}}
    assert pq.read_table(out)["code"].to_pylist() == ["1", "2", "3"]


def test_a_table_without_coordinates_needs_no_datum(tmp_path):
    path = write_csv(tmp_path / "a.csv", [row[:5] for row in ROWS], HEADERS[:5])
    report, out, _ = run(tmp_path, path, datum=None)
    assert report["datum"] is None
    assert gpd.read_parquet(out).geometry.isna().all()


def test_all_rows_rejected_still_leaves_two_files(tmp_path):
    report, out, rejects = run(tmp_path, write_csv(tmp_path / "a.csv", [ROWS[4]]))
    assert report["counts"]["accepted"] == 0
    assert pq.read_metadata(out).num_rows == 0
    assert len(rejected_rows(rejects)) == 1


def test_joining_to_zones(tmp_path):
    zones = {kind: layer for kind, layer in shipped_zones("shenzhen").items() if kind != "overlay"}
    report, out, _ = run(
        tmp_path, write_csv(tmp_path / "a.csv"), zones, policy={"missing_coordinates": "reject"}
    )
    assert report["counts"]["accepted"] == 2
    assert report["join"]["matched"]["inside"] == 2
    assert report["join"]["share"]["inside"] == 1.0
    frame = gpd.read_parquet(out)
    assert frame[c.DISTRICT].tolist() == ["NS", "FT"]
    given = ZoneLayer("district", shipped_zones("shenzhen")["district"].frame.head(3))
    fewer = run(tmp_path, write_csv(tmp_path / "a.csv"), {"district": given})[0]
    assert fewer["join"]["rows"] == 3


def city_points(count=3000, datum="wgs84", seed=1):
    """Points on both sides of the borders of the city, inside it."""
    shape = shipped_zones("shenzhen")["district"].frame.union_all()
    rng = np.random.default_rng(seed)
    west, south, east, north = shape.bounds
    lon, lat = rng.uniform(west, east, count * 4), rng.uniform(south, north, count * 4)
    inside = gpd.GeoSeries.from_xy(lon, lat).within(shape).to_numpy()
    lon, lat = lon[inside][:count], lat[inside][:count]
    return from_wgs84(lon, lat, parse_datum(datum))


def point_file(path, datum):
    x, y = city_points(datum=datum)
    pd.DataFrame({"longitude": x, "latitude": y}).to_csv(path, index=False)
    return path


def test_a_wrong_datum_stops(tmp_path):
    path = point_file(tmp_path / "p.csv", "gcj02")
    with pytest.raises(DatumError, match=r"gcj02 fits better than the declared wgs84"):
        run(tmp_path, path)
    assert not (tmp_path / "out").exists()
    report, out, _ = run(tmp_path, path, force_datum=True)
    assert report["datum"]["fits"] == "gcj02"
    assert report["datum"]["forced"]
    assert "gcj02 fits better" in report["notes"][0]["en"]
    right = run(tmp_path, path, datum="gcj02")[0]
    assert right["datum"]["inside_share"]["gcj02"] > 0.999
    assert right["datum"]["decided"]
    assert out.exists()


def test_a_delivery_in_another_datum(tmp_path):
    lon, lat = city_points(2000)
    districts = shipped_zones("shenzhen")["district"].frame
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=4326)
    names = points.sjoin(districts, predicate="within", how="left")[z.NAME_ZH]
    names = names[~names.index.duplicated()]
    bad = np.arange(len(lon)) % 10 == 0
    lon[bad], lat[bad] = from_wgs84(lon[bad], lat[bad], parse_datum("bd09"))
    frame = pd.DataFrame(
        {
            "企业名称": [f"企业{i}" for i in range(len(lon))],
            "经营地址": "深圳市" + names.to_numpy(),
            "经度": lon,
            "纬度": lat,
            "批次": np.where(bad, "五", "一"),
        }
    )
    frame.to_csv(tmp_path / "a.csv", index=False)
    report, out, _ = run(tmp_path, tmp_path / "a.csv")
    assert report["faults"] == {
        "datum_contradicts_address": {"rejected": 0, "flagged": int(bad.sum())}
    }
    flagged = pq.read_table(out)[c.FLAGS].to_numpy() == "datum_contradicts_address"
    assert (flagged == bad).all()
    assert "五" in report["notes"][-1]["zh"]
    mended, out, _ = run(tmp_path, tmp_path / "a.csv", batch_datum={"五": "bd09"})
    assert mended["faults"] == {}
    original = city_points(2000)[0]
    assert np.abs(pq.read_table(out)[c.LON].to_numpy() - original).max() < 1e-8


def bad_file(tmp_path, name):
    path = tmp_path / name
    if name == "folder":
        path.mkdir()
    elif name == "empty.csv":
        path.write_bytes(b"")
    elif name == "header.csv":
        write_csv(path, [])
    elif name == "cut.csv":
        path.write_bytes(write_csv(tmp_path / "w.csv").read_bytes()[:-30])
    elif name == "cut.parquet":
        pq.write_table(pa.table({"lon": [1.0] * 1000, "lat": [1.0] * 1000}), path)
        path.write_bytes(path.read_bytes()[:-100])
    elif name == "gb.csv":
        write_csv(path, encoding="gb18030")
    elif name == "unknown.doc":
        path.write_bytes(b"text")
    elif name == "useless.csv":
        path.write_text("a,b\n1,2\n")
    elif name == "twice.csv":
        path.write_text("经度,纬度,经度\n1,2,3\n")
    elif name == "locked.xlsx":
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))
    elif name == "blank.csv":
        path.write_text("经度,纬度\n\n,\n\n")
    elif name != "none.csv":
        write_csv(path)
    return path


@pytest.mark.parametrize(
    ("name", "options", "kind", "words"),
    [
        ("none.csv", {}, InputFileError, "There is no file"),
        ("folder", {}, InputFileError, "is a folder"),
        ("empty.csv", {}, InputFileError, "is empty"),
        ("header.csv", {}, InputFileError, "no rows"),
        (
            "header.csv",
            {"datum": None, "mapping": {"lon": "", "lat": ""}},
            InputFileError,
            "no rows",
        ),
        ("blank.csv", {}, InputFileError, "no rows"),
        ("cut.csv", {}, InputFileError, "cut off"),
        ("cut.parquet", {}, InputFileError, "cut off"),
        ("gb.csv", {"encoding": "utf-8"}, InputFileError, "looks like gb18030"),
        ("unknown.doc", {}, InputFileError, "Cannot tell the format"),
        ("useless.csv", {}, ColumnError, "No usable column"),
        ("twice.csv", {}, ColumnError, "“经度”, “经度_2”"),
        ("locked.xlsx", {}, InputFileError, "password"),
        ("a.csv", {"datum": None}, DatumError, "wgs84, cgcs2000, gcj02, bd09"),
        ("a.csv", {"datum": "mars"}, DatumError, "Unknown datum"),
        ("a.csv", {"revenue_unit": "元"}, ColumnError, "--revenue-unit 元"),
        ("a.csv", {"mapping": {"lon": "nowhere"}}, ColumnError, "nowhere"),
        ("a.csv", {"batch_datum": {"五": "bd09"}}, ParameterError, "no column of deliveries"),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(tmp_path, name, options, kind, words):
    path = bad_file(tmp_path, name)
    with pytest.raises(kind, match=words):
        run(tmp_path, path, **options)
    assert not list(tmp_path.glob("out/*"))


def test_what_stood_there_stays(tmp_path):
    _, out, rejects = run(tmp_path, write_csv(tmp_path / "a.csv"))
    before = [p.read_bytes() for p in (out, rejects, report_path(out))]
    with pytest.raises(LayoutError):
        run(tmp_path, bad_file(tmp_path, "cut.csv"))
    assert [p.read_bytes() for p in (out, rejects, report_path(out))] == before
    assert sorted(p.name for p in out.parent.iterdir()) == sorted(
        p.name for p in (out, rejects, report_path(out))
    )


def test_an_output_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError):
        ingest(
            write_csv(tmp_path / "a.csv"),
            IngestSettings(datum="wgs84"),
            out=tmp_path / "file" / "a.parquet",
            rejects=tmp_path / "r.csv",
        )
    assert not (tmp_path / "r.csv").exists()


def test_sessions_can_be_read_twice(tmp_path):
    session = open_ingest(write_csv(tmp_path / "a.csv"), IngestSettings(datum="wgs84"))
    first, second = ([b.columns for b in session.clean_batches()] for _ in range(2))
    assert first == second


def test_what_was_written_can_be_read_again(tmp_path):
    _, out, _ = run(tmp_path, write_csv(tmp_path / "a.csv"))
    again = tmp_path / "again.parquet"
    ingest(out, IngestSettings(datum="wgs84"), out=again, rejects=tmp_path / "r.csv")
    first, second = gpd.read_parquet(out), gpd.read_parquet(again)
    assert second.geometry.equals(first.geometry)
    for name in (c.CODE, c.NAME, c.INDUSTRY_CODE, "revenue_cny_2023"):
        assert second[name].equals(first[name]), name
    assert second["source_flags"].tolist() == first[c.FLAGS].tolist()


def test_other_cities_and_their_notes(tmp_path):
    path = write_csv(tmp_path / "a.csv", [[1, 39.9, 116.4]] * 30, ["id", "lat", "lon"])
    report, _, _ = run(tmp_path, path)
    assert any("check the city" in note["en"] for note in report["notes"])
    square = gpd.GeoDataFrame({z.ID: ["a"]}, geometry=[box(116, 39, 117, 40)], crs=4326)
    session = open_ingest(
        path, IngestSettings(datum="wgs84"), districts=ZoneLayer("district", square)
    )
    assert session.survey.inside["wgs84"] == 30


STATIONS = {
    "stevcdp_ev_stations1706_gcj02.csv": 1706,
    "urbanev_ev_stations1362_gcj02.csv": 1362,
}


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the public files are not beside the checkout")
@pytest.mark.parametrize("name", STATIONS)
def test_real_stations(tmp_path, name):
    path = SHARED / "data" / "points" / name
    frame = gpd.read_file(SHARED / "data" / "boundaries" / "sz_districts10_wgs84.geojson")
    zones = ZoneLayer("district", frame.set_geometry("geometry").assign(**{z.ID: frame["qh"]}))
    settings = IngestSettings(datum="gcj02")
    session = open_ingest(path, settings, districts=zones)
    assert session.mapping.kind == "points"
    assert session.survey.points == STATIONS[name]
    assert session.survey.inside["gcj02"] >= 0.999 * STATIONS[name]
    assert session.survey.fits is None
    flags = np.concatenate([batch.flags for batch in session.clean_batches()])
    assert not flags.any()
    with pytest.raises(DatumError, match="gcj02 fits better"):
        open_ingest(path, IngestSettings(datum="wgs84"), districts=zones)
    with pytest.raises(DatumError, match="gcj02 fits better"):
        open_ingest(path, IngestSettings(datum="wgs84"))
