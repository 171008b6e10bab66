"""Scenarios account for every firm and every yuan, and refuse what does not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layout.core import columns as c
from layout.core.errors import FaultsError, InputFileError, ParameterError
from layout.core.study import Study
from layout.prepare.cube import Cube, ZoneCodes
from layout.prepare.dimensions import MEASURES
from layout.scenarios.apply import apply_scenario, scenario_of
from layout.scenarios.model import Scenario, parse_scenario, read_scenario, scenario_text

WORDS = """
name: luohu-creative
title_zh: 罗湖做强数字创意
title_en: Luohu builds digital creative
seed: 3
changes:
  - {action: open_park, id: X1, name_zh: 罗湖数字创意园, district: LH, lon: 114.132, lat: 22.568,
     radius_m: 300, park_type: 小微园区, lead_sectors: [S12]}
  - {action: add, sector: S12, firms: 40, to: X1}
  - {action: move, sector: S01, firms: 12, from: NS, to: LH}
  - {action: move, sector: S08, firms: 5, from: BA, to: P013}
  - {action: set_path, district: LH, path: emerging}
  - {action: set_leads, district: LH, sectors: [S12, S11]}
"""


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return parse_scenario(WORDS)


@pytest.fixture(scope="module")
def changed(base: Study, scenario: Scenario) -> Study:
    return apply_scenario(base, scenario)


def totals(study: Study, kind: str) -> pd.Series:
    cube = study.cubes[kind]
    return cube.groupby("year")[list(MEASURES)].sum().stack()


def test_moves_change_no_total(base: Study) -> None:
    moved = apply_scenario(
        base,
        parse_scenario(
            "name: m\nchanges:\n"
            "  - {action: move, sector: S01, firms: 20, from: NS, to: LH}\n"
            "  - {action: move, sector: S11, firms: 9, from: LH, to: P013}\n"
        ),
    )
    for kind in base.cubes:
        pd.testing.assert_series_equal(totals(moved, kind), totals(base, kind))
    money = [c.REVENUE.of(year) for year in base.manifest.years]
    before, after = base.firms([c.CODE, *money]), moved.firms([c.CODE, *money])
    assert before.equals(after)


def test_added_firms_and_their_revenue_are_all_that_is_added(base: Study, changed: Study) -> None:
    money = c.REVENUE.of(2023)
    before = base.firms([c.CODE, money]).to_pandas()
    after = changed.firms([c.CODE, money]).to_pandas()
    assert len(after) == len(before) + 40
    added = after[~after[c.CODE].isin(before[c.CODE])]
    assert len(added) == 40
    assert added[c.CODE].is_unique
    gained = int(added[money].fillna(0).sum())
    for kind in base.cubes:
        rise = totals(changed, kind) - totals(base, kind).reindex(totals(changed, kind).index)
        assert rise[0, "firms"] == 40
        assert rise[0, "revenue_cny"] == gained
        assert rise[0, "firms_milli"] == 40_000


def test_cubes_are_those_of_the_firm_table(changed: Study) -> None:
    where = {"district": c.DISTRICT, "subdistrict": c.SUBDISTRICT, "park": c.PARK}
    table = changed.firms().combine_chunks()
    for kind, column in where.items():
        codes = ZoneCodes(tuple(changed.zones[kind]["id"]))
        cube = Cube(codes, changed.manifest.years)
        for batch in table.to_batches():
            zone = batch[column].cast("string").dictionary_encode()
            cube.add(
                batch, codes.encode(zone, batch[c.LOCATION].cast("string").dictionary_encode())
            )
        keys = ["zone_id", "sector", "scope", "tier", "status", "year"]
        known = cube.frame().set_index(keys).sort_index()
        found = changed.cubes[kind].set_index(keys).sort_index()
        pd.testing.assert_frame_equal(found, known, check_dtype=False)


def test_firms_are_where_they_were_sent(base: Study, changed: Study) -> None:
    columns = [c.CODE, c.DISTRICT, c.PARK, c.SECTOR_1, c.LON, c.LAT]
    before = base.firms(columns).to_pandas().set_index(c.CODE)
    after = changed.firms(columns).to_pandas().set_index(c.CODE)
    common = after.loc[before.index]
    went = common[common[c.DISTRICT].astype(str) != before[c.DISTRICT].astype(str)]
    south = went[before.loc[went.index, c.DISTRICT] == "NS"]
    assert (south[c.DISTRICT] == "LH").all()
    assert (south[c.SECTOR_1] == "S01").all()
    assert len(south) == 12
    assert ((went[c.PARK] == "P013") & (went[c.SECTOR_1] == "S08")).sum() == 5
    fresh = after[~after.index.isin(before.index)]
    assert (fresh[c.PARK] == "X1").all()
    assert (fresh[c.DISTRICT] == "LH").all()
    park = changed.zones["park"].set_index("id").geometry["X1"]
    assert all(park.buffer(1e-6).covers(p) for p in _points(fresh))


def _points(frame: pd.DataFrame) -> list:
    from shapely.geometry import Point

    return [Point(x, y) for x, y in zip(frame[c.LON], frame[c.LAT], strict=True)]


def test_a_study_tells_what_was_changed(base: Study, changed: Study) -> None:
    told = scenario_of(changed)
    assert told["paths"] == {"LH": "emerging"}
    assert told["leads"] == {"LH": ["S12", "S11"]}
    assert (told["added"], told["moved"]) == (40, 17)
    assert changed.manifest.synthetic
    assert changed.manifest.inputs[-1]["role"] == "scenario"
    assert scenario_of(base) == {}
    assert "X1" not in set(base.zones["park"]["id"])


def test_same_seed_same_study(base: Study, scenario: Scenario, changed: Study) -> None:
    again = apply_scenario(base, scenario)
    assert again.firms().equals(changed.firms())


def test_a_second_scenario_starts_from_the_first(changed: Study) -> None:
    more = apply_scenario(
        changed,
        parse_scenario(
            "name: two\nchanges: [{action: move, sector: S12, firms: 40, from: X1, to: DP}]"
        ),
    )

    def in_park(study: Study) -> int:
        cube = study.cubes["park"].query("zone_id == 'X1' and sector == 'S12' and year == 0")
        return int(cube["firms"].sum())

    assert in_park(changed) - in_park(more) == 40
    assert totals(more, "district").equals(totals(changed, "district"))


def test_scenario_survives_writing(scenario: Scenario, tmp_path: Path) -> None:
    path = tmp_path / "情景.yaml"
    path.write_text(scenario_text(scenario), "utf-8")
    assert read_scenario(path) == scenario


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["S01", "S07", "S08", "S11"]), st.integers(1, 4),
            st.sampled_from(["NS", "BA", "LG", "FT"]), st.sampled_from(["LH", "GM", "P013", "DP"]),
        ),
        max_size=4,
    )
)  # fmt: skip
def test_any_moves_conserve(base: Study, moves: list[tuple[str, int, str, str]]) -> None:
    changes = [
        {"action": "move", "sector": s, "firms": n, "from": a, "to": b} for s, n, a, b in moves
    ]
    found = apply_scenario(base, Scenario.model_validate({"name": "p", "changes": changes}))
    for kind in ("district", "park"):
        assert totals(found, kind).equals(totals(base, kind))


def test_faults_are_told_together(base: Study) -> None:
    bad = parse_scenario(
        """
name: bad
changes:
  - {action: add, sector: S99, firms: 3, to: ZZ, tier: huge}
  - {action: move, sector: S01, firms: 3, from: NS, to: NS}
  - {action: set_path, district: LH, path: fusion}
  - {action: set_path, district: LH, path: emerging}
  - {action: open_park, id: P013, name_zh: 重名, district: NS, lon: 113.9, lat: 22.5}
"""
    )
    with pytest.raises(FaultsError) as caught:
        apply_scenario(base, bad)
    said = caught.value.message("zh")
    for part in ("S99", "ZZ", "huge", "迁出地与迁入地", "另一条路径", "P013"):
        assert part in said


def test_more_firms_than_there_are_is_refused(base: Study) -> None:
    bad = parse_scenario(
        "name: b\nchanges: [{action: move, sector: S01, firms: 9999, from: DP, to: NS}]"
    )
    with pytest.raises(ParameterError, match=r"only \d+ firms of S01"):
        apply_scenario(base, bad)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("[1, 2", "not understood"),
        ("just a word", "not understood"),
        ("name: x\nchanges: [{action: fly}]", "fly|action"),
        ("name: x\nchanges: [{action: add, sector: S01, firms: 0, to: NS}]", "firms"),
        ("name: x\ncolour: red", "colour"),
        ("name: '../x'", "name"),
    ],
)
def test_bad_files_are_told(words: str, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        parse_scenario(words)


def test_missing_and_foreign_files(tmp_path: Path) -> None:
    with pytest.raises(InputFileError):
        read_scenario(tmp_path / "none.yaml")
    path = tmp_path / "gbk.yaml"
    path.write_bytes("name: 情景".encode("gb18030"))
    with pytest.raises(InputFileError, match="UTF-8"):
        read_scenario(path)


def test_codes_of_firms_stay_unique(changed: Study) -> None:
    codes = np.array(changed.firms([c.CODE])[c.CODE].to_pylist())
    assert len(set(codes)) == len(codes)
