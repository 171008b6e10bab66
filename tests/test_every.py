"""Every analysis runs on a small city and fills every form of export; every page opens on it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from layout.analyses.registry import ANALYSES
from layout.cli.analyse import as_plain
from layout.core.headings import worded
from layout.core.resources import static_dir
from layout.core.result import Result
from layout.core.study import Study
from layout.core.texts import LANGS, catalogue
from layout.pipeline.export_result import export_result
from maps.assets.manifest import MANIFEST
from maps.pages.shell import GROUPS, PAGES

FIRMS = 1_500

QUICK: dict[str, dict[str, object]] = {
    "clusters": {"simulations": 99},
    "coverage": {"cell_m": 200, "new_sites": 1, "sensitivity": False},
    "localization": {"simulations": 39, "steps": 5},
    "siting": {"cell_m": 200, "draws": 20},
}
"""Settings that make an analysis quick enough for a test; the others run as they are."""

SLOW_PAGES = frozenset({"clusters", "coverage", "siting"})
"""Pages that begin with long work; tests of their own open them."""


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of a small synthetic city with all its layers."""
    from layout.demo.city import write_city
    from layout.pipeline.inputs import read_inputs
    from layout.pipeline.run import run

    folder = tmp_path_factory.mktemp("every")
    write_city(folder / "in", firms=FIRMS, seed=2)
    run(read_inputs(folder / "in"), folder / "study")
    return folder / "study"


@pytest.fixture(scope="session")
def study(city: Path) -> Study:
    from layout.readers.study import read_study

    return read_study(city)


@pytest.fixture(scope="session")
def results(study: Study) -> Callable[[str], Result]:
    """The result of an analysis by name, computed once."""

    @cache
    def result(name: str) -> Result:
        analysis = ANALYSES[name]
        return analysis.run(study, analysis.params.model_validate(QUICK.get(name, {})))

    return result


@pytest.mark.parametrize("name", ANALYSES)
def test_every_analysis_runs_and_is_written(
    name: str, results: Callable[[str], Result], tmp_path: Path
) -> None:
    result = results(name)
    assert result.name == name
    assert result.tables
    assert result.provenance.synthetic
    assert all(isinstance(table, pd.DataFrame) for table in result.tables.values())
    json.dumps(as_plain(result))
    for lang in LANGS:
        assert result.provenance.method(lang)
        written = export_result(result, tmp_path / lang, lang=lang)
        assert {part.path.suffix for part in written} >= {".xlsx"}
    names = [spec.name for spec in result.layers]
    assert len(set(names)) == len(names)
    opened_elsewhere(result, tmp_path / "zh")


def opened_elsewhere(result: Result, folder: Path) -> None:
    """GDAL's own programs read every layer that was written, with its features and its CRS."""
    if not shutil.which("ogrinfo") or not shutil.which("gdalinfo"):
        pytest.skip("GDAL's programs are not on this machine (apt-get install gdal-bin)")
    shapes = [spec for spec in result.layers if spec.kind != "raster" and len(spec.frame)]
    packages = list(folder.rglob("*.gpkg"))
    assert len(packages) == (1 if shapes else 0)
    for path in packages:
        told = _told("ogrinfo", "-ro", "-so", "-al", path)
        names = re.findall(r"^Layer name: (.+)$", told, re.MULTILINE)
        counts = [int(n) for n in re.findall(r"^Feature Count: (\d+)$", told, re.MULTILINE)]
        found = dict(zip(names, counts, strict=True))
        assert found.pop("sources_and_method") > 0
        assert found == {spec.name: len(spec.frame) for spec in shapes}
        assert told.count('ID["EPSG",4326]]') == len(found)
    rasters = sorted(folder.rglob("*.tif"))
    grids = [spec.frame.grid for spec in result.layers if spec.kind == "raster"]
    assert len(rasters) == len(grids)
    sizes = {(grid.cols, grid.rows) for grid in grids}
    for path in rasters:
        told = json.loads(_told("gdalinfo", "-json", "-stats", path))
        assert tuple(told["size"]) in sizes
        assert told["metadata"]["IMAGE_STRUCTURE"]["LAYOUT"] == "COG"
        assert "EPSG" in told["coordinateSystem"]["wkt"]


def _told(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stderr.strip(), done.stderr
    return done.stdout


def test_every_column_of_a_result_has_words(study: Study, results: Callable[[str], Result]) -> None:
    plain = {"index", "level_0"}
    missing: dict[str, list[str]] = {}
    zones = {i for frame in study.zones.values() for i in frame["id"]}
    for name in ANALYSES:
        if name == "mix":  # its tables are worded by the exports of a study
            continue
        result = results(name)
        for key, table in result.tables.items():
            columns = [str(c) for c in table.reset_index().columns if str(c) not in plain]
            ids = {str(value) for words in result.labels.values() for value in words} | zones
            odd = [c for c in columns if not worded(c) and c not in ids]
            if odd:
                missing[f"{name}.{key}"] = odd
    assert missing == {}, missing


def test_every_table_of_a_result_has_a_title(results: Callable[[str], Result]) -> None:
    known = catalogue()
    bare = [
        f"{name}.{table}"
        for name in ANALYSES
        for table in results(name).tables
        if f"table.{name}.{table}" not in known and f"table.{table}" not in known
    ]
    assert not bare, " ".join(bare)


def test_every_page_stands_in_the_navigation_once_and_has_a_title() -> None:
    names = [entry.name for entry in PAGES]
    assert len(set(names)) == len(names)
    listed = [name for group in GROUPS.values() for name in group]
    assert len(set(listed)) == len(listed)
    assert set(listed) <= set(names)
    for entry in PAGES:
        assert entry.title in catalogue()
    for group in GROUPS:
        assert f"page.group.{group}" in catalogue()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", [e.name for e in PAGES if e.name not in SLOW_PAGES])
def test_every_page_opens(
    name: str, lang: str, city: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not (static_dir() / MANIFEST).is_file():
        pytest.skip("the browser assets are not built; run python -m maps.assets")
    monkeypatch.setenv("LAYOUT_STUDY", str(city))

    def page(module: str) -> None:
        import importlib

        from maps.pages import address

        address.restore()
        importlib.import_module(f"maps.pages.{module}").render()
        address.keep()

    app = AppTest.from_function(page, args=(name,), default_timeout=300)
    app.query_params["lang"] = lang
    app.run()
    assert [error.value for error in app.exception] == []
    assert [error.value for error in app.error] == []
