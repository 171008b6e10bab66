"""Optional layers go into a study whole, or leave it as it was."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from layout.cli import main
from layout.core.errors import LayoutError, ParameterError
from layout.pipeline.inputs import LayerInput
from layout.pipeline.layers import add_layer, listed_layers, read_layers
from layout.readers.study import read_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of 500 synthetic firms."""
    from layout.demo.city import write_city
    from layout.pipeline.inputs import read_inputs
    from layout.pipeline.run import run

    folder = tmp_path_factory.mktemp("layers")
    write_city(folder / "in", firms=500, seed=3)
    run(read_inputs(folder / "in"), folder / "study")
    return folder / "study"


def carriers(path: Path, **changes: list[object]) -> Path:
    rows = {"编号": ["x1", "x2"], "名称": ["甲", "乙"], "经度": [114.0, 114.05],
            "纬度": [22.55, 22.6], "类型": ["实验室", "实验室"]}  # fmt: skip
    pd.DataFrame({**rows, **changes}).to_csv(path, index=False)
    return path


def test_a_study_has_the_shipped_layers(study: Path) -> None:
    read = read_study(study)
    assert {"carriers", "data_centres", "infrastructure"} <= set(read.layers)
    assert len(read.layers["carriers"]) == 63
    assert "nothing" not in read.layers
    loaded = {row.kind.name for row in listed_layers(read) if row.loaded}
    assert loaded == set(read.layers) | set(read.rasters)


def test_a_layer_takes_the_place_of_the_shipped_one(study: Path, tmp_path: Path) -> None:
    before = yaml.safe_load((study / "study.yaml").read_text("utf-8"))
    added = add_layer(
        study, "carriers", LayerInput(path=carriers(tmp_path / "c.csv"), datum="wgs84")
    )
    assert (added.rows, added.unplaced) == (2, 0)
    after = read_study(study)
    assert after.layers["carriers"]["name_zh"].tolist() == ["甲", "乙"]
    roles = [entry["role"] for entry in after.manifest.inputs]
    assert roles.count("layer:carriers") == 1
    assert after.manifest.files["firms.parquet"] == before["files"]["firms.parquet"]
    assert after.manifest.files != before["files"]


def test_a_faulty_file_leaves_the_study_as_it_was(study: Path, tmp_path: Path) -> None:
    before = (study / "study.yaml").read_bytes()
    bad = carriers(tmp_path / "bad.csv", 编号=["x1", "x1"])
    with pytest.raises(LayoutError, match="x1"):
        add_layer(study, "carriers", LayerInput(path=bad, datum="wgs84"))
    assert (study / "study.yaml").read_bytes() == before
    assert sorted(p.name for p in study.parent.iterdir() if p.name.startswith(".partial")) == []


def test_faults_of_all_files_are_told_together(tmp_path: Path) -> None:
    good = LayerInput(path=carriers(tmp_path / "c.csv"), datum=None)
    with pytest.raises(LayoutError) as caught:
        read_layers({"carriers": good, "no_such": good}, city="shenzhen")
    words = caught.value.message("en")
    assert "no_such" in words
    assert "datum" in words.lower()


def test_an_unknown_layer_is_refused(study: Path, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="carriers"):
        add_layer(study, "castles", LayerInput(path=carriers(tmp_path / "c.csv"), datum="wgs84"))


def test_the_command_lists_and_refuses(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["layer", "--study", str(study), "--lang", "zh"])
    assert end.value.code == 0
    assert "科研载体与平台" in capsys.readouterr().out
    with pytest.raises(SystemExit) as end:
        main(["layer", "carriers", str(tmp_path / "gone.csv"), "--study", str(study)])
    assert end.value.code == 2
    assert "gone.csv" in capsys.readouterr().err
