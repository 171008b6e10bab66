"""Siting on a small city in code: rules are kept, nothing is imputed, everything has a reason."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layout.analyses.registry import find
from layout.analyses.siting import SitingParams, explain_point, run
from layout.analyses.siting.exclusion import apply_rules, heaviest, reason_ids
from layout.analyses.siting.ground import make_ground, slope_percent
from layout.analyses.siting.judgments import judged
from layout.analyses.siting.rules import Rule, Target, site_rules, targets
from layout.analyses.siting.table import hindrances
from layout.analyses.siting.verify import is_broken, measured
from layout.core.config import parse_params
from layout.core.errors import CrsError, LayoutError, MeasureError, ParameterError
from layout.core.headings import worded
from layout.core.progress import CancelledError, listening
from layout.core.raster import Raster
from layout.core.result import Bilingual, Result
from layout.core.study import Study

_PATH = Path(__file__).with_name("siting_city.py")
_SPEC = importlib.util.spec_from_file_location("siting_city", _PATH)
assert _SPEC is not None
assert _SPEC.loader is not None
city = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(city)
CRS, WEST, SOUTH, SIDE = city.CRS, city.WEST, city.SOUTH, city.SIDE
InMemory, hill, layer, point, square = (
    city.InMemory, city.hill, city.layer, city.point, city.square,
)  # fmt: skip
QUICK: dict[str, Any] = {"cell_m": 50, "draws": 8, "shortlist": 6, "count": 2, "spacing_m": 500}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    made: Study = city.build_city(tmp_path_factory.mktemp("siting"))
    return made


def result_of(study: Study, **changes: Any) -> Result:
    return run(study, parse_params(SitingParams, {**QUICK, **changes}))


@pytest.fixture(scope="module")
def result(study: Study) -> Result:
    return result_of(study)


def rule(operator: str, layer_name: str, low: float, effect: str = "exclude", **k: Any) -> Rule:
    target = Target(layer_name, k.pop("column", ""), k.pop("values", ()))
    return Rule(
        id=k.pop("id", f"{operator}-{layer_name}"), clause="TEST", object=Bilingual("物", "thing"),
        operator=operator, low=low, high=k.pop("high", np.nan), unit="m", targets=(target,),
        effect=effect, wording="不应", source="", note="", checked="否",
    )  # type: ignore[arg-type]  # fmt: skip


# ---------------------------------------------------------------------- rules


def test_excluding_a_quarter_leaves_three_quarters(study: Study) -> None:
    ground = make_ground(study, 50, ())
    found = apply_rules(ground, [rule("outside", "ecological_line", np.nan)])
    assert ground.cells.size * 2_500 == pytest.approx(SIDE**2, rel=1e-3)
    # a row of cells may be touched by rounding of the outline
    assert found.allowed.mean() == pytest.approx(0.75, abs=0.01)
    assert found.table["excluded_share"].iloc[0] == pytest.approx(0.25, abs=0.01)


def test_distance_rules_are_exact_within_a_cell(study: Study) -> None:
    ground = make_ground(study, 20, ())
    hazard = rule("at_least", "hazardous_sites", 2_000, column="kind", values=("plant",))
    found = apply_rules(ground, [hazard])
    rows, cols = ground.rows_cols
    x, y = ground.grid.centres()
    away = np.hypot(x[cols] - (WEST + 200), y[rows] - (SOUTH + 5_800))
    assert (away[found.allowed] >= 2_000).all()
    assert not found.allowed[away < 2_000].any()
    assert found.allowed[away > 2_000 + 2 * 20].all()


def test_return_periods_and_filters(study: Study) -> None:
    ground = make_ground(study, 50, ())
    common = apply_rules(ground, [rule("return_period", "flood_zones", 100.0)])
    every = apply_rules(ground, [rule("outside", "flood_zones", np.nan)])
    assert 0 < (~common.allowed).sum() < (~every.allowed).sum()
    nuclear = rule("at_least", "hazardous_sites", 40_000, "flag", column="kind",
                   values=("nuclear",))  # fmt: skip
    flagged = apply_rules(ground, [nuclear])
    assert flagged.allowed.all()
    assert (flagged.reasons == 1).all()
    assert flagged.penalties.max() == 0


def test_slope_comes_from_the_terrain(study: Study) -> None:
    ground = make_ground(study, 50, ())
    found = apply_rules(ground, [rule("at_most", "slope", 25.0)])
    _, cols = ground.rows_cols
    x, _ = ground.grid.centres()
    assert found.allowed[x[cols] < WEST + 4_900].all()
    assert not found.allowed[x[cols] > WEST + 5_100].any()
    plane = np.add.outer(np.zeros(5), np.arange(5.0)) * 3
    assert slope_percent(plane, 10.0)[2, 2] == pytest.approx(30)


def test_a_missing_layer_is_not_considered(study: Study) -> None:
    ground = make_ground(study, 50, ())
    lost = rule("outside", "hazard_zones", np.nan)
    kept = rule("outside", "ecological_line", np.nan)
    found = apply_rules(ground, [lost, kept])
    assert found.table.loc[lost.id, "status"] == "no_layer"
    assert found.table.loc[lost.id, "missing"] == "hazard_zones"
    assert np.isnan(found.table.loc[lost.id, "excluded_share"])
    assert lost.id not in found.bits
    off = apply_rules(ground, [replace(kept, effect="off")])
    assert off.allowed.all()
    assert off.table["status"].tolist() == ["off"]


def test_reasons_of_a_cell_can_be_read_back(study: Study) -> None:
    ground = make_ground(study, 50, ())
    rules = [
        rule("outside", "ecological_line", np.nan),
        rule("at_least", "housing", 100, "penalty"),
    ]
    found = apply_rules(ground, rules)
    mask = int(np.bitwise_or.reduce(found.reasons))
    assert reason_ids(mask, found.bits) == tuple(r.id for r in rules)
    assert heaviest(found.table) == rules[0].id
    with pytest.raises(ParameterError, match="limit is 32"):
        apply_rules(ground, [replace(rules[0], id=f"r{k}") for k in range(33)])


NAMES = ("ecological_line", "housing", "flood_zones", "roads", "hazardous_sites", "substations")
RULES = st.lists(
    st.tuples(
        st.sampled_from(NAMES), st.sampled_from(["at_least", "outside"]),
        st.floats(20, 1_200), st.sampled_from(["exclude", "exclude", "penalty", "flag", "off"]),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(RULES, st.integers(0, 10**6))
def test_chosen_sites_respect_every_hard_rule(study: Study, drawn: list, seed: int) -> None:
    rules = tuple(
        rule(operator, name, low, effect, id=f"R{k}")
        for k, (name, operator, low, effect) in enumerate(drawn)
    )
    params = parse_params(
        SitingParams, {**QUICK, "seed": seed, "site_ha": 2, "min_area_ha": 2, "cell_m": 100}
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("layout.analyses.siting.rules_of", lambda _: rules)
        found = run(study, params)
    ground = make_ground(study, params.cell_m, ())
    spec = {layer.name: layer for layer in found.layers}.get("sites")
    if spec is None or spec.frame.empty:
        assert found.notes[0].en
        return
    shapes = spec.frame.to_crs(CRS).geometry.reset_index(drop=True)
    for hard in (r for r in rules if r.hard):
        value = measured(ground, hard, shapes)
        assert value is not None
        # coordinates go to degrees and back: a millimetre
        assert not is_broken(replace(hard, low=hard.low - 1e-3), value + 1e-3).any()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(RULES)
def test_a_rule_never_adds_ground(study: Study, drawn: list) -> None:
    ground = make_ground(study, 100, ())
    rules = [rule(o, n, low, e, id=f"R{k}") for k, (n, o, low, e) in enumerate(drawn)]
    before = apply_rules(ground, rules[:-1]).allowed
    after = apply_rules(ground, rules).allowed
    assert not (after & ~before).any()


# ------------------------------------------------------------- shipped rules


def test_prohibitions_exclude_and_recommendations_cost_points() -> None:
    rules = {r.id: r for r in site_rules(("GB50174", "PLANNING"), "A")}
    assert rules["GB05A"].hard
    assert rules["GB05A"].low == 2_000
    assert rules["GB08A"].effect == "penalty"
    assert rules["GB07A"].effect == "flag"
    assert rules["GB04A"].targets == (Target("airports", "part", ("flight_path",)),)
    assert rules["GB20"].operator is None
    assert "GB05B" not in rules
    assert rules["PL01"].hard
    assert rules["GB25"].operator == "return_period"
    assert rules["GB25"].low == 100
    graded = {r.id for r in site_rules(("GB50174",), "B")}
    assert {"GB03B", "GB26"} <= graded
    assert not {"GB25", "PL01"} & graded


def test_a_planner_switches_rules() -> None:
    rules = {
        r.id: r
        for r in site_rules(
            ("GB50174",), "A", nuclear="exclude", exclude=("GB02A",), penalty=("GB05A",),
            off=("GB08A",),
        )
    }  # fmt: skip
    assert rules["GB07A"].hard
    assert rules["GB02A"].hard
    assert rules["GB05A"].effect == "penalty"
    assert rules["GB08A"].effect == "off"
    with pytest.raises(ParameterError, match="GB99Z"):
        site_rules(("GB50174",), "A", off=("GB99Z",))
    with pytest.raises(ParameterError, match="not understood"):
        targets("roads[class]")


# ---------------------------------------------------------------- the whole way


def test_registered_and_complete(study: Study, result: Result) -> None:
    assert find("siting").params is SitingParams
    assert {"sites", "chosen", "model", "rules", "reasons", "criteria", "correlation", "layers",
            "ground", "refused", "uncovered"} == set(result.tables)  # fmt: skip
    names = {layer.name for layer in result.layers}
    assert {"suitability", "certainty", "exclusion", "sites", "places", "allocation"} <= names
    chosen = result.tables["chosen"]
    assert 1 <= len(chosen) <= 2
    assert (chosen["state"] == "chosen").all()
    assert result.tables["model"]["proven"].iloc[0]


def test_every_column_has_words(result: Result) -> None:
    for name, table in result.tables.items():
        if name != "correlation":
            odd = [column for column in table.columns if not worded(str(column))]
            assert not odd, (name, odd)


def test_the_reason_mask_says_which_rules_each_cell_breaks(result: Result) -> None:
    masks = {spec.name: spec.frame for spec in result.layers if spec.kind == "raster"}
    rules = result.tables["rules"].dropna(subset=["bit"])
    hard = sum(1 << int(bit) for bit in rules.loc[rules["effect"] == "exclude", "bit"])
    mask = masks["reasons"].values.astype(np.int64)
    inside = masks["reasons"].known()
    assert ((mask[inside] & hard == 0) == (masks["exclusion"].values[inside] == 0)).all()
    line = int(rules.loc["PL01", "bit"])
    share = (mask[inside] >> line & 1).mean()
    assert share == pytest.approx(rules.loc["PL01", "broken_share"])


def test_each_site_stands_where_its_figures_were_measured(study: Study) -> None:
    """The map is in the order of rank; the second parcel is the better one."""
    parcels = layer([square(4_600, 5_200, 260), square(2_600, 3_000, 260)], kind=["parcel"] * 2)
    held = replace(study, layers={**study.layers, "parcels": parcels})
    found = result_of(held, candidates="parcels", draws=1)
    assert found.tables["sites"].index.tolist() == ["f1", "f0"]
    shown = {spec.name: spec.frame for spec in found.layers}
    for name in ("sites", "places"):
        middle = shown[name].set_index("site").to_crs(CRS).centroid
        assert middle["f1"].distance(point(2_730, 3_130)) < 1
        assert middle["f0"].distance(point(4_730, 5_330)) < 1


def test_sites_lie_on_allowed_ground_and_say_why(result: Result) -> None:
    reasons = result.tables["reasons"]
    hard = reasons[(reasons["effect"] == "exclude") & (reasons["state"] != "not_considered")]
    assert len(hard)
    assert (hard["state"] == "met").all()
    assert reasons["data"].str.contains("2026").any()
    assert set(reasons["site"]) == set(result.tables["sites"].query("shortlisted").index)


def test_layers_that_are_missing_are_listed_and_their_weight_goes_nowhere(result: Result) -> None:
    table = result.tables["criteria"]
    lost = table[~table["considered"]]
    assert set(lost.index) == {"centres", "water"}
    assert np.isnan(lost["weight"]).all()
    assert table["weight"].sum() == pytest.approx(1)
    rules = result.tables["rules"]
    assert rules.loc["GB03A", "status"] == "no_layer"
    assert any("GB03A" in note.zh for note in result.notes)


def test_power_racks_gates_and_energy_of_a_site(result: Result) -> None:
    site = result.tables["sites"].iloc[0]
    assert site["it_mw"] == pytest.approx(site["area_ha"] * 6)
    assert site["racks"] == pytest.approx(site["it_mw"] * 400)
    assert site["energy_gwh"] == pytest.approx(site["it_mw"] * 0.65 * site["pue"] * 8.76)
    assert site["gate"] == "supported"
    assert site["pue_low"] < site["pue"] < site["pue_high"]
    assert np.isnan(site["green_power"])


def test_gates_bar_sites_at_their_bounds(study: Study) -> None:
    for pue, barred in ((1.25, False), (1.30, False), (1.31, True), (1.51, True)):
        table = result_of(study, pue=pue, draws=1).tables["sites"]
        assert (table["hindrance"] == "gate").any() == barred
        if barred:
            assert not (table["state"] == "chosen").any()


def test_substation_capacity_is_counted_once(study: Study) -> None:
    found = result_of(study, count=4, site_ha=1.5, min_area_ha=1.5, it_mw_per_ha=12)
    chosen = found.tables["chosen"]
    used = chosen.groupby("substation")["mva"].sum()
    need = chosen["mva"].iloc[0]
    assert chosen["mva"].sum() <= 100 + 1e-6
    assert len(chosen) <= int(60 // need) + int(40 // need)
    assert (chosen["left_mva"] >= -1e-9).all()
    assert used.sum() > 0
    big = result_of(study, it_mw_per_ha=60).tables["sites"]
    assert (big.loc[big["hindrance"] != "", "hindrance"] == "power").any()
    assert not (big["state"] == "chosen").any()


def test_parcels_are_taken_or_refused_with_a_reason(study: Study) -> None:
    found = result_of(study, candidates="parcels")
    assert found.tables["sites"].index.tolist() == ["f0"]
    refused = found.tables["refused"].set_index("id")
    assert refused.loc["f1", "why"] == "rule"
    assert refused.loc["f1", "rules"] == "GB05A"
    assert refused.loc["f2", "why"] == "small"


def test_parks_are_taken_by_type(study: Study) -> None:
    """P001 is a 产业园 and P071 a 小镇 in the shipped table; a planner's own parks have no type."""
    shipped = study.zones["park"].assign(id=["P001", "P071"])
    named = replace(study, zones={**study.zones, "park": shipped})
    for park_type, park in (("产业园", "P001"), ("小镇", "P071")):
        found = result_of(named, preset="identifier-node", park_type=park_type, draws=1)
        assert set(found.tables["sites"].index) <= {park}
        assert len(found.tables["sites"]) + len(found.tables["refused"]) == 1
    with pytest.raises(ParameterError, match=r"小村.*Known: 产业园, 小镇"):
        result_of(named, preset="identifier-node", park_type="小村")
    with pytest.raises(ParameterError, match="where candidates are parks, not ground"):
        result_of(named, preset="digital-park", park_type="小镇")


def test_platforms_that_serve_already_are_told_by_type_and_sector(study: Study) -> None:
    carriers = layer(
        [point(1_000, 2_000), point(2_000, 2_000), point(3_000, 2_000), point(4_000, 2_000)],
        type=["科技服务平台", "科技服务平台", "关键技术平台", "大学"],
        sectors=["S01", "S05", None, None],
    )
    held = replace(study, layers={**study.layers, "carriers": carriers})
    params = {"preset": "service-platform", "draws": 1}
    for kind, ids in (("all", ["f0", "f2"]), ("services", ["f0"]), ("key_technology", ["f2"])):
        found = result_of(held, **params, platform_type=kind)
        drawn = next(spec.frame for spec in found.layers if spec.name == "existing")
        assert drawn["id"].tolist() == ids
    other = result_of(held, **params, platform_type="services", sectors=("S05",))
    assert next(s.frame for s in other.layers if s.name == "existing")["id"].tolist() == ["f1"]


def test_parks_hold_the_sites_of_small_uses(study: Study) -> None:
    found = result_of(study, preset="service-platform")
    assert set(found.tables["sites"].index) <= {"P1", "P2"}
    assert "it_mw" not in found.tables["sites"]


@pytest.mark.parametrize("preset", ["edge-exchange", "identifier-node", "digital-park",
                                    "research-carrier"])  # fmt: skip
def test_every_use_runs(study: Study, preset: str) -> None:
    sectors = ["S05", "S01"]
    found = result_of(study, preset=preset, sectors=sectors, site_ha=1, min_area_ha=1)
    assert len(found.tables["sites"])
    assert len(found.tables["chosen"])


@pytest.mark.parametrize(
    "model",
    ["p_center", "set_covering", "maximal_covering", "capacitated_p_median", "p_dispersion"],
)
def test_every_model_chooses(study: Study, model: str) -> None:
    found = result_of(study, model=model, radius_km=9, spacing_m=1_500, draws=2)
    assert len(found.tables["chosen"])
    told = found.tables["model"].iloc[0]
    assert told["model"] == model
    assert told["lower_bound"] <= told["objective"] <= told["upper_bound"]
    assert told["proven"] == (told["gap"] <= 1e-6)


def test_capacities_bound_what_each_site_serves(study: Study) -> None:
    asked = {"count": 2, "model": "capacitated_p_median", "site_ha": 1, "min_area_ha": 1,
             "draws": 1}  # fmt: skip
    found = result_of(study, **asked)
    chosen = found.tables["chosen"]
    # 200 linked firms; two sites of 2,400 racks, used to 65 %, hold just so many
    most = 200 * chosen["racks"] / (0.65 * chosen["racks"].sum())
    assert (chosen["firms_served"] <= most + 1e-9).all()
    assert chosen["firms_served"].sum() == 200
    near = result_of(study, **{**asked, "model": "p_median"}).tables["model"]["mean_km"].iloc[0]
    assert found.tables["model"]["mean_km"].iloc[0] >= near - 1e-9
    small = result_of(study, **asked, need_per_firm=1_000)
    assert small.tables["chosen"].empty
    assert "largest sites can serve" in small.notes[0].en


def test_dispersion_takes_the_pair_that_is_farthest_apart(study: Study) -> None:
    found = result_of(study, model="p_dispersion", count=2, draws=1)
    sites = next(layer.frame for layer in found.layers if layer.name == "sites").to_crs(CRS)
    middle = sites.set_index("site").centroid
    barred = found.tables["sites"].query("state == 'barred'").index
    free = middle.drop(index=barred, errors="ignore")
    apart = [a.distance(b) for k, a in enumerate(free) for b in free[k + 1 :]]
    # along the route, 1.4 times the straight line; degrees and back cost a millimetre
    assert found.tables["model"]["objective"].iloc[0] == pytest.approx(
        max(apart) * 1.4 / 1000, abs=1e-5
    )


def test_demand_that_no_site_reaches_is_listed(study: Study) -> None:
    found = result_of(study, model="set_covering", radius_km=1, draws=1)
    assert found.tables["chosen"].empty
    lost = found.tables["uncovered"]
    assert (lost["nearest_route_km"] > 1).all()
    assert lost["firms"].is_monotonic_decreasing
    assert (lost["district"] == "A").all()
    note = found.notes[0].en
    assert note.startswith(f"No set was chosen: {len(lost)} squares")
    need = float(note.split("A reach of ")[1].split(" km")[0])
    wide = result_of(study, model="set_covering", radius_km=need, draws=1)
    assert len(wide.tables["chosen"])
    assert wide.tables["uncovered"].empty


def test_fewer_sites_than_asked_for_are_explained(study: Study) -> None:
    found = result_of(study, count=6, spacing_m=3_000, draws=1)
    chosen = found.tables["chosen"]
    assert 0 < len(chosen) < 6
    assert found.notes[0].en.startswith(f"6 sites were asked for and {len(chosen)} were chosen")


def test_judgments_compare_groups_and_criteria_of_a_group() -> None:
    weights = {"power": 0.3, "expansion": 0.1, "slope": 0.2, "coolness": 0.4}
    plain, table = judged(weights, ())
    assert plain == pytest.approx(list(weights.values()))
    assert table.index.tolist() == ["groups", "scale"]
    assert table["consistency_ratio"].max() == pytest.approx(0, abs=1e-9)
    # in its group power now has 9 of 10 parts, and the group keeps its 0.4
    firm, _ = judged(weights, ("power/expansion=9",))
    assert firm == pytest.approx([0.36, 0.04, 0.2, 0.4])
    with pytest.raises(ParameterError, match="different groups"):
        judged(weights, ("power/slope=3",))
    for odd in ("power=3", "power/expansion=0", "power/power=1", "power/metro=2", "scale/green=x"):
        with pytest.raises(ParameterError, match="not understood"):
            judged(weights, (odd,))


def test_consistency_of_judgments_is_told(study: Study) -> None:
    found = result_of(study, weights_from="ahp", judgments=("scale/green=3",), draws=1)
    table = found.tables["consistency"]
    assert table.loc["groups", "criteria_count"] == 4
    assert (table["consistency_ratio"] < 0.1).all()
    assert "/" in table.loc["groups", "worst"]
    assert not [name for name in table if not worded(str(name))]


@pytest.mark.parametrize("source", ["ahp", "entropy", "critic"])
def test_weights_come_from_where_the_planner_says(study: Study, source: str) -> None:
    extra = {"judgments": ("scale/green=2",)} if source == "ahp" else {}
    table = result_of(study, weights_from=source, **extra).tables["criteria"]
    assert table["weight"].sum() == pytest.approx(1)
    assert not np.allclose(table["weight"].dropna(), table["weight_given"][table["considered"]])


def test_the_same_seed_gives_the_same_and_owa_another_map(study: Study, result: Result) -> None:
    again = result_of(study)
    pd.testing.assert_frame_equal(again.tables["sites"], result.tables["sites"])
    cautious = result_of(study, combine="owa", orness=0.2)
    first, second = (
        next(spec.frame.values for spec in r.layers if spec.name == "suitability")
        for r in (result, cautious)
    )
    assert np.nanmean(second) < np.nanmean(first)


# ---------------------------------------------------------------------- bad input


def test_rules_that_exclude_everything_say_which(study: Study) -> None:
    found = result_of(study, nuclear="exclude")
    assert found.tables["sites"].empty
    assert "GB07A" in found.notes[0].en
    assert "excludes" in found.notes[0].en
    assert found.tables["ground"]["allowed_km2"].iloc[0] == 0


def test_no_piece_large_enough_says_so(study: Study) -> None:
    found = result_of(study, min_area_ha=5_000, candidates="ground")
    note = found.notes[0].en
    assert found.tables["sites"].empty or found.tables["sites"]["kind"].ne("ground").all()
    assert "5000" in note or len(found.tables["sites"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": ("power=0", *(f"{n}=0" for n in (
            "expansion", "parks", "slope", "roads", "centres", "fibre", "latency", "demand",
            "coolness", "water", "quiet")))}, "All weights are zero"),
        ({"weights": ("gold=1",)}, "gold=1"),
        ({"weights": ("power=much",)}, "power=much"),
        ({"districts": ("ZZ",)}, "ZZ"),
        ({"rules_off": ("XX01",)}, "XX01"),
        ({"weights_from": "ahp", "judgments": ("power/gold=3",)}, "power/gold"),
        ({"weights": ("power=nan",)}, "“power=nan” must be a finite number"),
        ({"weights": ("power=inf",)}, "“power=inf” must be a finite number"),
        ({"weights": ("power=-1",)}, "“power=-1” must be a finite number"),
        ({"count": 7}, "7 sites were asked for but the shortlist holds 6"),
    ],
)  # fmt: skip
def test_wrong_settings_are_told(study: Study, changes: dict, message: str) -> None:
    with pytest.raises(LayoutError, match=message):
        result_of(study, **changes)


def test_contradicting_judgments_are_refused(study: Study) -> None:
    pairs = ("scale/intensive=9", "intensive/green=9", "green/scale=9")
    with pytest.raises(MeasureError, match=r"consistency ratio .* worst is .* over "):
        result_of(study, weights_from="ahp", judgments=pairs)


def test_a_terrain_in_another_crs_is_refused(study: Study) -> None:
    other = hill()
    other.grid = replace(other.grid, crs="EPSG:32650")
    with pytest.raises(CrsError, match="must be in EPSG:4547 but is in EPSG:32650"):
        result_of(replace(study, rasters={"terrain": other}))


def test_a_layer_without_crs_is_refused(study: Study) -> None:
    bare = study.layers["housing"].set_crs(None, allow_override=True)
    with pytest.raises(CrsError, match="“housing” has no CRS"):
        result_of(replace(study, layers={**study.layers, "housing": bare}))


def test_a_terrain_off_the_grid_and_with_gaps_gives_the_same_slope_rule(study: Study) -> None:
    """The terrain has cells of its own: shifted by a third of a cell, with a hole of no data."""
    raster = hill().raster
    shifted = replace(raster.grid, west=raster.grid.west + 10)
    height = raster.values.copy()
    x, y = shifted.centres()
    hole = np.ix_(
        (y > SOUTH + 3_000) & (y < SOUTH + 3_600), (x > WEST + 5_200) & (x < WEST + 5_700)
    )
    height[hole] = -9999
    given = InMemory(Raster(height, shifted, -9999.0))
    ground = make_ground(replace(study, rasters={"terrain": given}), 50, ())
    slope = rule("at_most", "slope", 25.0)
    allowed = apply_rules(ground, [slope]).allowed
    rows, cols = ground.rows_cols
    px, py = ground.grid.centres()
    px, py = px[cols], py[rows]
    deep = (px > WEST + 5_300) & (px < WEST + 5_600) & (py > SOUTH + 3_100) & (py < SOUTH + 3_500)
    # what is not known breaks no rule; the rest of the hill does
    assert allowed[deep].all()
    assert np.isnan(ground.slope[deep]).all()
    assert not allowed[(px > WEST + 5_100) & (py < SOUTH + 2_900)].any()


def test_a_grid_that_is_too_large_is_refused(study: Study) -> None:
    wide = study.zones["district"].to_crs(CRS)
    wide = wide.set_geometry([shapely.box(WEST, SOUTH, WEST + 200_000, SOUTH + 90_000)], crs=CRS)
    zones = {**study.zones, "district": wide.to_crs("EPSG:4326")}
    with pytest.raises(ParameterError, match="60,000,000"):
        make_ground(replace(study, zones=zones), 10, ())


def test_work_can_be_stopped(study: Study) -> None:
    def stop(stage: str, share: float | None) -> None:
        if stage == "siting_criteria":
            raise CancelledError

    with listening(stop), pytest.raises(CancelledError):
        result_of(study)


# -------------------------------------------------------------- why here, why not


def at(x: float, y: float) -> tuple[float, float]:
    spot = gpd.GeoSeries([point(x, y)], crs=CRS).to_crs("EPSG:4326").iloc[0]
    return spot.x, spot.y


def test_a_point_tells_every_rule_and_criterion(study: Study, result: Result) -> None:
    params = parse_params(SitingParams, QUICK)
    raster = next(spec.frame for spec in result.layers if spec.name == "suitability")
    rules, criteria = explain_point(study, params, *at(3_000, 700), raster)
    first = rules.iloc[0]
    assert (first["rule"], first["state"], first["measured"]) == ("PL01", "broken", 0)
    table = criteria.set_index("criterion")
    assert table.loc["power", "value"] == pytest.approx(np.hypot(1_500, 2_300), abs=60)
    assert table.loc["expansion", "value"] == 0
    inside, good = explain_point(study, params, *at(2_000, 4_000), raster)
    assert not ((inside["state"] == "broken") & (inside["effect"] == "exclude")).any()
    assert good.set_index("criterion").loc["expansion", "value"] > 100
    assert np.isnan(good.set_index("criterion").loc["water", "value"])
    outside = explain_point(study, params, *at(-1_000, 100), raster)
    assert outside[0].empty
    assert outside[1].empty


def test_hindrances_are_named() -> None:
    table = pd.DataFrame({"gate": ["priority", "no_new", None], "substation": ["", "S", "S"]})
    assert hindrances(table).tolist() == ["power", "gate", ""]
