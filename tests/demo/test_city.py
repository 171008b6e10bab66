"""What is written: the same bytes, whole or not at all, and as the office's files look."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
from click.testing import CliRunner

from layout.cli.demo import command
from layout.core import columns
from layout.core.errors import ParameterError
from layout.core.sources import SourceInfo
from layout.demo.city import City, write_city
from layout.demo.firms import draw_firms
from layout.demo.layers import MAKERS, layer_file
from layout.demo.table import HEADERS, write_columns
from layout.pipeline.inputs import read_inputs
from layout.prepare.headers import map_headers

FILES = {
    "README.txt",
    "districts.geojson",
    "firms.csv",
    "inputs.yaml",
    "overlays.geojson",
    "parks.geojson",
    "subdistricts.geojson",
    "truth/clusters.csv",
    "truth/faults.csv",
    "truth/firms.csv",
    *(layer_file(name) for name in MAKERS),
}
FIXED = {name for name in FILES if name.endswith(".geojson") and "/" not in name}


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_bytes_whatever_the_threads(written: SimpleNamespace, tmp_path: Path) -> None:
    told: list[int] = []
    write_city(tmp_path, firms=written.size, seed=written.seed, workers=1, progress=told.append)
    assert digests(tmp_path) == digests(written.folder)
    assert set(digests(tmp_path)) == FILES
    assert sum(told) == written.size


def test_a_block_needs_no_other_block(written: SimpleNamespace, city: City) -> None:
    firms = draw_firms(city, 1)
    scopes = write_columns(city, firms, 1)[columns.BUSINESS_SCOPE].to_pylist()
    there = written.firms[HEADERS[columns.BUSINESS_SCOPE]].tolist()[firms.row[0] :]
    same = np.array([text.decode() == other for text, other in zip(scopes, there, strict=True)])
    assert same[written.sound.to_numpy()[firms.row[0] :]].all()


def test_another_seed_is_another_city(written: SimpleNamespace, tmp_path: Path) -> None:
    write_city(tmp_path, firms=500, seed=1)
    first = digests(tmp_path)
    write_city(tmp_path, firms=500, seed=2)
    second = digests(tmp_path)
    changed = {name for name in FILES if first[name] != second[name]}
    # zones are facts; of the layers some start from facts alone
    assert changed >= {name for name in FILES - FIXED if "/" not in name or "truth" in name}
    assert not changed & FIXED


def test_a_crash_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "firms.csv").write_text("mine")

    def fail(size: int) -> None:
        raise RuntimeError(size)

    with pytest.raises(RuntimeError):
        write_city(tmp_path, firms=500, seed=1, progress=fail)
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"firms.csv"}
    assert (tmp_path / "firms.csv").read_text() == "mine"


@pytest.mark.parametrize(("firms", "seed"), [(499, 1), (10**9, 1), (1000, -1)])
def test_bounds_are_told(tmp_path: Path, firms: int, seed: int) -> None:
    with pytest.raises(ParameterError, match="--firms" if seed > 0 else "--seed"):
        write_city(tmp_path, firms=firms, seed=seed)
    assert not list(tmp_path.iterdir())


def test_headers_are_chinese_and_all_recognised(written: SimpleNamespace) -> None:
    headers = written.lines[0].decode().split(",")
    assert headers == list(HEADERS.values())
    assert headers[9:14] == [f"营业收入{year}(万元)" for year in columns.YEARS]
    info = SourceInfo(path=written.folder / "firms.csv", format="csv", headers=tuple(headers))
    found = map_headers(info)
    assert not found.unrecognised
    assert dict(found.columns) == HEADERS
    assert set(found.yuan.values()) == {10_000}


def test_inputs_tell_a_run_everything(written: SimpleNamespace) -> None:
    inputs = read_inputs(written.folder)
    assert inputs.synthetic
    assert inputs.seed == written.seed
    assert inputs.firms.path.is_file()
    for zone in inputs.zone_inputs().values():
        frame = gpd.read_file(zone.path)
        assert frame.crs.to_epsg() == 4326
        assert frame.geometry.is_valid.all()
        assert {zone.id_column, zone.name_column} <= set(frame.columns)
    assert len(inputs.zone_inputs()) == 4


def test_everything_says_that_it_is_synthetic(written: SimpleNamespace) -> None:
    assert set(written.firms[HEADERS[columns.NATURE]]) == {"合成"}
    readme = (written.folder / "README.txt").read_text("utf-8")
    assert "虚构" in readme
    assert "invented" in readme
    assert "合成" in (written.folder / "inputs.yaml").read_text("utf-8")


def test_command_writes_and_reports(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--out", str(tmp_path), "--firms", "500", "--json"])
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report["firms"] == 500
    assert report["faults"]["duplicate_code"] == 5
    assert set(digests(tmp_path)) == FILES
