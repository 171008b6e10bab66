"""``layout ingest``: what it prints, what it writes, how it ends."""

import json
from pathlib import Path

import geopandas as gpd
import pytest

from layout.cli import main

SHARED = Path(__file__).resolve().parents[3] / "shared"
TABLE = """企业名称,统一社会信用代码,经度,纬度,营业收入2023,登记状况
甲公司,91990000MA003Q6R32,113.93,22.54,1.5,存续
<script>alert(1)</script>,91990000MADGKC8X80,22.54,114.05,-2,存续
[bold]丙[/bold],91990000MADGKC8X80,114.05,22.54,3,注销
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "firms.csv"
    path.write_bytes(TABLE.encode("gb18030"))
    return path


def call(capsys, *args):
    """Exit code and what was printed."""
    code = 0
    try:
        main([str(a) for a in ("ingest", *args)])
    except SystemExit as end:
        code = end.code or 0
    return code, *capsys.readouterr()


def outputs(tmp_path):
    return ("--out", tmp_path / "o" / "f.parquet", "--rejects", tmp_path / "o" / "r.csv")


def test_the_report_for_people(capsys, table, tmp_path):
    code, out, _ = call(
        capsys, table, "--datum", "wgs84", "--revenue-unit", "亿元", *outputs(tmp_path)
    )
    words = " ".join(out.split())
    assert code == 0
    for expected in (
        "gb18030",
        "营业收入2023",
        "100,000,000 yuan",
        "登记状况",
        "status",
        "duplicate_code",
        "swapped_coordinates",
        "read 3 = accepted 2 + rejected 1",
    ):
        assert expected in words, expected
    assert len(gpd.read_parquet(tmp_path / "o" / "f.parquet")) == 2


def test_the_report_in_chinese(capsys, table, tmp_path):
    _, out, _ = call(
        capsys, table, "--datum", "wgs84", "--revenue-unit", "万元", "--lang", "zh",
        *outputs(tmp_path),
    )  # fmt: skip
    assert "读入 3 = 接受 2 + 拒绝 1" in out
    assert "经纬度颠倒" in out


def test_the_report_for_machines(capsys, table, tmp_path):
    code, out, _ = call(
        capsys, table, "--datum", "WGS-84", "--revenue-unit", "万元", "--map", "status=登记状况",
        "--repair", "swapped", "--policy", "negative_revenue=reject", "--json", *outputs(tmp_path),
    )  # fmt: skip
    report = json.loads(out)
    assert code == 0
    assert report["columns"]["status"] == "登记状况"
    assert report["counts"] == {"read": 3, "accepted": 2, "rejected": 1, "blank": 0}
    assert report["faults"]["repaired_swapped"] == {"rejected": 1, "flagged": 0}
    assert report["settings"]["policy"] == {"negative_revenue": "reject"}
    assert report == json.loads((tmp_path / "o" / "f.parquet.report.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "--revenue-unit"),
        (("--revenue-unit", "万元"), "name it with --datum"),
        (("--revenue-unit", "万元", "--datum", "mars"), "Unknown datum"),
        (("--revenue-unit", "两", "--datum", "wgs84"), "no unit of money"),
        (("--map", "lon"), "--map"),
        (("--policy", "nothing=reject"), "no fault"),
        (("--policy", "wrong_field_count=flag"), "cannot be kept"),
        (("--repair", "everything"), "swapped"),
        (("--map", "lon=nowhere", "--map", "latt=纬度"), "3 problems"),
        (("--encoding", "utf-8"), "looks like gb18030"),
    ],
)
def test_a_mistake_is_told_in_one_message(capsys, table, tmp_path, options, words):
    if "--encoding" not in options and options[:1] != ("--map",):
        options = (*options, "--encoding", "gbk")
    code, out, error = call(capsys, table, *options, *outputs(tmp_path))
    assert code == 2
    assert words in error
    assert "Traceback" not in error
    assert not out
    assert not (tmp_path / "o").exists()


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the public files are not beside the checkout")
def test_real_stations_and_real_boundaries(capsys, tmp_path):
    data = SHARED / "data"
    stations = data / "points" / "stevcdp_ev_stations1706_gcj02.csv"
    districts = (
        "--districts", data / "boundaries" / "sz_districts10_wgs84.geojson",
        "--districts-name-column", "qh", "--districts-datum", "wgs84",
    )  # fmt: skip
    code, out, _ = call(
        capsys, stations, "--datum", "gcj02", *districts, "--json", *outputs(tmp_path)
    )
    report = json.loads(out)
    assert code == 0
    assert report["kind"] == "points"
    assert report["faults"] == {}
    assert report["join"]["share"]["inside"] >= 0.999
    code, _, error = call(capsys, stations, "--datum", "wgs84", *districts, *outputs(tmp_path))
    assert code == 2
    assert "gcj02 fits better" in error
    zones = (
        "--subdistricts",
        data / "zones" / "SZ_TAZ491.shp",
        "--subdistricts-id-column",
        "TAZID",
    )
    code, out, _ = call(
        capsys, stations, "--datum", "gcj02", *districts, *zones, *outputs(tmp_path)
    )
    assert code == 0
    assert "overlap" in out
    assert "99.88%" in out
