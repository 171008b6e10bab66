"""Every kind of fault in the facts is found, in a broken copy, and no other."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner

from layout.cli.validate import command
from layout.core.errors import ReferenceDataError
from layout.core.resources import root
from layout.core.texts import catalogue
from layout.prepare.reference_checks import check_reference, summary
from layout.prepare.reference_relations import SECTORS
from layout.prepare.reference_schema import FactTables, schema_name
from layout.readers.facts import read_facts

CITY = "cities/shenzhen/"
DATA = root() / "data"


@pytest.fixture(scope="module")
def shipped() -> FactTables:
    found, unread = read_facts(DATA)
    assert unread == ()
    return found


@pytest.fixture(scope="module")
def facts(shipped: FactTables) -> FactTables:
    """The shipped facts with the list of sources as it should be, whatever is being edited."""
    known = set(shipped.tables["schema.csv"]["file"])
    tables = {file: t for file, t in shipped.tables.items() if schema_name(file) in known}
    checksums = {file: value for file, value in shipped.checksums.items() if file in tables}
    sources = tables["sources.csv"].copy()
    for index, file in sources["file"].items():
        if file:
            sources.loc[index, ["rows", "sha256"]] = [str(len(tables[file])), checksums[file]]
    return replace(shipped, tables={**tables, "sources.csv": sources}, checksums=checksums)


def keys(faults: list[ReferenceDataError]) -> list[str]:
    return [fault.key.removeprefix("error.reference.") for fault in faults]


def edited(facts: FactTables, file: str, edit: Callable[[pd.DataFrame], object]) -> FactTables:
    frame = facts.tables[file].copy()
    outcome = edit(frame)
    frame = outcome if isinstance(outcome, pd.DataFrame) else frame
    return replace(facts, tables={**facts.tables, file: frame})


def with_cell(facts: FactTables, file: str, row: str, column: str, value: str) -> FactTables:
    def edit(frame: pd.DataFrame) -> None:
        assert (frame.iloc[:, 0] == row).sum() == 1
        frame.loc[frame.iloc[:, 0] == row, column] = value

    return edited(facts, file, edit)


def test_the_shipped_facts_pass(shipped: FactTables) -> None:
    assert [str(fault) for fault in check_reference(shipped)] == []


# file, row, column, value → the faults it must give, all of them
Case = tuple[str, str, str, str, list[str]]
CELLS: list[Case] = [
    ("reference/sectors.csv", "S03", "name_zh", "", ["empty"]),
    ("reference/sectors.csv", "S03", "frontier", "yes", ["type"]),
    ("reference/sectors.csv", "S03", "name_en", " Blockchain", ["stray_space"]),
    ("reference/sectors.csv", "S03", "group", "G9", ["pattern"]),
    ("reference/sectors.csv", "S03", "n_depts", "4", ["disagrees"]),
    ("reference/sectors.csv", "S03", "lead_dept", "市商务局", ["disagrees"]),
    ("reference/sectors.csv", "S03", "lead_dept", "市某局", ["unknown_reference", "disagrees"]),
    ("reference/sectors.csv", "S03", "line", "数字", ["values"]),
    ("reference/sub_fields.csv", "S01-2", "order", "1", ["duplicate", "disagrees"]),
    ("reference/sector_rules.csv", "R0001", "value", "9999", ["unknown_reference"]),
    ("reference/sector_rules.csv", "R0001", "official_name_zh", "软件", ["copy_differs"]),
    ("reference/sector_rules.csv", "R0001", "weight", "1.2", ["range"]),
    ("reference/sector_rules.csv", "R0001", "sub_field", "S02-1", ["disagrees"]),
    ("reference/sector_rules.csv", "R0001", "sub_field", "S01-99", ["unknown_reference"]),
    ("reference/scope_context.csv", "X0001", "kind", "code_sell", ["unknown_reference"]),
    ("reference/scope_context.csv", "X0001", "kind", "yield", ["unknown_reference"]),
    ("reference/gbt4754_2017.csv", "6513", "parent", "652", ["disagrees"]),
    ("reference/gbt4754_2017.csv", "6513", "level", "3", ["disagrees"]),
    ("reference/gbt4754_2017.csv", "6513", "section", "J", ["disagrees"]),
    ("reference/size_tiers.csv", "key", "above_yi", "60", ["disagrees"]),
    ("reference/plan_targets.csv", "T-01", "implied_base_3_steps", "1573.1", ["disagrees"]),
    ("reference/plan_targets.csv", "T-02", "growth_pct", "15.4", ["disagrees", "disagrees"]),
    ("reference/responsibilities.csv", "R-K1-1", "role", "参与", ["disagrees"]),
    ("reference/responsibilities.csv", "R-K1-1", "department_zh", "市商务局", ["copy_differs"]),
    ("reference/path_priors.csv", "S01", "frontier", "0.7", ["sum"]),
    ("reference/path_indicators.csv", "FR1", "default_weight", "0.6", ["sum"]),
    ("reference/siting_rules.csv", "TI02", "distance_max_m", "4000", ["disagrees"]),
    ("reference/departments.csv", "DEP13", "valid_from", "2011-13", ["type"]),
    (CITY + "districts.csv", "FT", "area_km2", "78.68", ["sum"]),
    (CITY + "districts.csv", "FT", "pop_2020_census", "1553226", ["sum"]),
    (CITY + "districts.csv", "FT", "n_subdistricts", "11", ["disagrees"]),
    (CITY + "districts.csv", "FT", "seat_lon_wgs84", "114.1188", ["outside_district"]),
    (CITY + "subdistricts.csv", "440304001", "lat", "22.60", ["outside_district"]),
    (CITY + "parks.csv", "P001", "district_id", "XX", ["unknown_reference"]),
    (CITY + "parks.csv", "P001", "district_id", "YT", ["copy_differs", "outside_district"]),
    (CITY + "parks.csv", "P001", "lead_sectors", "S01;S13", ["unknown_reference"]),
    (CITY + "parks.csv", "P001", "lead_sectors", "S01;", ["type", "unknown_reference"]),
    (CITY + "landmark_firms.csv", "F001", "gbt4754_code", "0000", ["unknown_reference"]),
    (CITY + "landmark_firms.csv", "F001", "lon_wgs84", "113.83", ["outside_district"]),
    (CITY + "carriers.csv", "C001", "lat", "", ["half_point"]),
    (CITY + "carriers.csv", "C001", "lat", "32.6", ["range", "outside_district"]),
    (CITY + "data_centres.csv", "DC16", "mw_it", "7.4", ["disagrees"]),
    (CITY + "infrastructure.csv", "I027", "value", "300000", ["unknown_has_value"]),
    (CITY + "network_facts.csv", "N040", "value", "1", ["unknown_has_value"]),
    (CITY + "network_facts.csv", "N001", "value_max", "2500", ["disagrees"]),
    (CITY + "sea_sketch.geojson", "SEA1", "approximate", "maybe", ["type"]),
]


def in_batches(cases: list[Case]) -> list[list[Case]]:
    """Each file at most once in a batch, so that the faults of a batch are those of its cases."""
    batches: list[list[Case]] = []
    for case in cases:
        free = (batch for batch in batches if case[0] not in {other[0] for other in batch})
        batch = next(free, None)
        if batch is None:
            batches.append(batch := [])
        batch.append(case)
    return batches


@pytest.mark.parametrize("batch", in_batches(CELLS), ids=lambda batch: f"{len(batch)} cells")
def test_wrong_cells_are_found_and_nothing_else(facts: FactTables, batch: list[Case]) -> None:
    broken, expected = facts, Counter[tuple[str, str]]()
    for file, row, column, value, rules in batch:
        broken = with_cell(broken, file, row, column, value)
        expected.update((file, rule) for rule in rules)
    faults = check_reference(broken)
    found = Counter(zip((str(f.values["file"]) for f in faults), keys(faults), strict=True))
    assert found == expected
    for fault in faults:
        assert str(fault.values["file"]) in fault.message("zh")
        assert fault.message("zh") != fault.message("en")


def test_a_fault_names_row_column_and_what_was_expected(facts: FactTables) -> None:
    (fault,) = check_reference(with_cell(facts, CITY + "districts.csv", "FT", "name_en", ""))
    assert str(fault) == "cities/shenzhen/districts.csv line 2 (FT), name_en: must not be empty."
    (fault,) = check_reference(with_cell(facts, CITY + "districts.csv", "FT", "area_km2", "78.68"))
    assert "should sum to 1997.4, found 1997.42" in str(fault)


def test_a_cell_outside_the_totals_changes_none(facts: FactTables) -> None:
    broken = with_cell(facts, CITY + "districts.csv", "SS", "area_km2", "46.83")
    assert check_reference(broken) == []


def test_lists_of_subdistricts_that_differ_are_found(facts: FactTables) -> None:
    broken = with_cell(facts, CITY + "subdistricts.csv", "440304001", "code", "440304003")
    (fault,) = check_reference(broken)
    assert fault.values["file"] == CITY + "districts.csv"
    assert fault.values["column"] == "subdistrict_codes"


def test_all_faults_are_told_at_once(facts: FactTables) -> None:
    broken = with_cell(facts, "reference/sectors.csv", "S03", "frontier", "yes")
    broken = with_cell(broken, CITY + "parks.csv", "P001", "district_id", "XX")
    broken = with_cell(broken, CITY + "districts.csv", "FT", "area_km2", "70")
    assert keys(check_reference(broken)) == ["type", "unknown_reference", "sum"]


def test_a_duplicate_id_is_found_with_both_of_its_columns(facts: FactTables) -> None:
    def twice(frame: pd.DataFrame) -> pd.DataFrame:
        return pd.concat([frame, frame.tail(1)], ignore_index=True)

    faults = check_reference(edited(facts, "reference/glossary.csv", twice))
    assert keys(faults) == ["duplicate", "row_count"]
    faults = check_reference(edited(facts, CITY + "subdistricts.csv", twice))
    assert keys(faults)[:2] == ["duplicate", "duplicate"]
    assert [fault.values["column"] for fault in faults[:2]] == ["code", "name_zh, district_id"]


def test_sectors_out_of_order_are_found(facts: FactTables) -> None:
    def swap(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.iloc[[1, 0, *range(2, 12)]].reset_index(drop=True)

    faults = check_reference(edited(facts, "reference/sectors.csv", swap))
    assert keys(faults) == ["incomplete"]
    assert tuple(facts.tables["reference/sectors.csv"]["code"]) == SECTORS


def test_a_missing_plan_item_or_department_is_found(facts: FactTables) -> None:
    def drop(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["id"] != "K3"].reset_index(drop=True)

    faults = check_reference(edited(facts, "reference/plan_items.csv", drop))
    assert "incomplete" in keys(faults)
    assert "unknown_reference" in keys(faults)

    def unlink(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["item_id"] != "K3"].reset_index(drop=True)

    faults = check_reference(edited(facts, "reference/responsibilities.csv", unlink))
    assert keys(faults) == ["incomplete", "row_count"]
    assert "K3" in str(faults[0])


def test_an_order_with_a_gap_is_found(facts: FactTables) -> None:
    def skip(frame: pd.DataFrame) -> None:
        last = frame["item_id"] == "K1"
        frame.loc[last & (frame["order"] == "3"), ["order", "id"]] = ["4", "R-K1-4"]

    faults = check_reference(edited(facts, "reference/responsibilities.csv", skip))
    assert keys(faults) == ["incomplete"]


def test_missing_extra_and_moved_columns_are_found(facts: FactTables) -> None:
    file = "reference/glossary.csv"
    gone = edited(facts, file, lambda frame: frame.drop(columns="domain"))
    assert keys(check_reference(gone)) == ["column_missing"]
    extra = edited(facts, file, lambda frame: frame.assign(colour="red"))
    assert keys(check_reference(extra)) == ["column_undocumented"]
    moved = edited(facts, file, lambda frame: frame[frame.columns[::-1]])
    assert keys(check_reference(moved)) == ["column_order"]


def test_missing_and_undocumented_files_are_found(facts: FactTables) -> None:
    tables = dict(facts.tables)
    tables["reference/more.csv"] = tables.pop("reference/glossary.csv")
    checksums = {
        ("reference/more.csv" if "glossary" in file else file): value
        for file, value in facts.checksums.items()
    }
    faults = check_reference(replace(facts, tables=tables, checksums=checksums))
    assert sorted(keys(faults)) == [
        "file_missing",
        "file_missing",
        "file_undocumented",
        "file_undocumented",
    ]


def test_a_stale_checksum_says_what_to_run(facts: FactTables) -> None:
    file = "reference/glossary.csv"
    faults = check_reference(replace(facts, checksums={**facts.checksums, file: "0" * 64}))
    assert keys(faults) == ["checksum"]
    assert "tools/refresh_facts.py" in str(faults[0])


def test_a_needless_exception_is_found(facts: FactTables) -> None:
    broken = with_cell(facts, CITY + "parks.csv", "P025", "subdistrict", "南山街道")
    faults = check_reference(broken)
    assert keys(faults) == ["stale_exception"]
    assert "P025" in str(faults[0])


@pytest.mark.parametrize(
    ("column", "value"), [("type", "colour"), ("pattern", "(["), ("minimum", "low")]
)
def test_a_schema_that_cannot_be_understood_is_said_so(
    facts: FactTables, column: str, value: str
) -> None:
    def spoil(frame: pd.DataFrame) -> None:
        frame.loc[3, column] = value

    faults = check_reference(edited(facts, "schema.csv", spoil))
    assert any(fault.values["line"] == 5 and fault.values["column"] == column for fault in faults)


def shaped(facts: FactTables, file: str, unit: str, shape: shapely.Geometry) -> FactTables:
    shapes = facts.shapes[file].copy()
    shapes.loc[shapes["id"] == unit, "geometry"] = gpd.GeoSeries([shape], crs=4326).to_numpy()
    return replace(facts, shapes={**facts.shapes, file: shapes})


def test_bad_shapes_and_overlaps_are_found(facts: FactTables) -> None:
    outlines = CITY + "district_outlines.geojson"
    bow = shapely.Polygon([(114.0, 22.5), (114.1, 22.6), (114.1, 22.5), (114.0, 22.6)])
    faults = check_reference(shaped(facts, outlines, "QH", bow))
    assert keys(faults)[0] == "bad_shape"

    frame = facts.shapes[outlines].set_index("id").geometry
    faults = check_reference(shaped(facts, outlines, "FT", frame["FT"].union(frame["LH"])))
    assert keys(faults) == ["overlap"]
    sea = CITY + "sea_sketch.geojson"
    faults = check_reference(shaped(facts, sea, "SEA2", shapely.box(113.93, 22.5, 114.0, 22.55)))
    assert keys(faults) == ["overlap"]


def test_an_overlay_that_is_not_marked_is_found(facts: FactTables) -> None:
    outlines = CITY + "district_outlines.geojson"
    broken = with_cell(facts, outlines, "QH", "overlay", "0")
    assert keys(check_reference(broken)) == ["bad_shape"]


def test_an_outline_that_is_missing_is_found(facts: FactTables) -> None:
    outlines = CITY + "district_outlines.geojson"
    keep = facts.shapes[outlines]["id"] != "YT"
    broken = replace(
        facts,
        tables={**facts.tables, outlines: facts.tables[outlines][keep].reset_index(drop=True)},
        shapes={**facts.shapes, outlines: facts.shapes[outlines][keep].reset_index(drop=True)},
    )
    assert keys(check_reference(broken)) == ["incomplete", "row_count"]


def test_inputs_stay_as_they_were(facts: FactTables) -> None:
    before = {file: frame.copy() for file, frame in facts.tables.items()}
    check_reference(facts)
    for file, frame in before.items():
        pd.testing.assert_frame_equal(frame, facts.tables[file])


def test_every_kind_of_fault_has_its_text() -> None:
    texts = [key for key in catalogue() if key.startswith("error.reference.")]
    assert len(texts) == 27


# ---------------------------------------------------------------- from files, by the command


@pytest.fixture
def copy(tmp_path: Path, facts: FactTables) -> Path:
    folder = Path(shutil.copytree(DATA, tmp_path / "data"))
    facts.tables["sources.csv"].to_csv(folder / "sources.csv", index=False)
    for path in folder.rglob("*.csv"):
        if path.relative_to(folder).as_posix() not in facts.tables:
            path.unlink()
    return folder


def run(folder: Path, *options: str) -> tuple[int, str, str]:
    outcome = CliRunner().invoke(command, ["--reference", "--data", str(folder), *options])
    return outcome.exit_code, outcome.stdout, outcome.stderr


def test_the_command_lists_files_and_rows(copy: Path) -> None:
    code, out, err = run(copy)
    assert (code, err) == (0, "")
    assert "reference/gbt4754_2017.csv" in out
    assert "1,961" in out
    code, out, _ = run(copy, "--json")
    outcome = json.loads(out)
    assert (code, outcome["ok"], outcome["faults"]) == (0, True, [])
    rows = {line["file"]: line["rows"] for line in outcome["files"]}
    assert rows["reference/sectors.csv"] == 12
    assert rows == summary(read_facts(copy)[0]).set_index("file")["rows"].to_dict()


def test_the_command_tells_every_fault_and_ends_with_2(copy: Path) -> None:
    ragged = copy / "reference" / "glossary.csv"
    ragged.write_text(ragged.read_text("utf-8") + "术语,term\n", "utf-8")
    broken = copy / "reference" / "departments.csv"
    broken.write_bytes(broken.read_text("utf-8").encode("gb18030"))
    (copy / "cities" / "shenzhen" / "city.yaml").write_text("- a\n- b\n", "utf-8")
    code, out, err = run(copy)
    assert (code, out) == (2, "")
    for part in ("glossary.csv line 183: expected 4 fields and found 2", "departments.csv: cannot"):
        assert part in err
    assert "city.yaml: cannot be read" in err
    code, out, _ = run(copy, "--json", "--lang", "zh")
    outcome = json.loads(out)
    assert (code, outcome["ok"]) == (2, False)
    assert any("无法按 UTF-8" in fault["message"] for fault in outcome["faults"])


def test_the_command_asks_what_to_check() -> None:
    outcome = CliRunner().invoke(command, [])
    assert outcome.exit_code == 2
    assert "--reference" in outcome.stderr
