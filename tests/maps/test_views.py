"""Classes hold every value and keep unknown apart from zero; maps draw the firms they count."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import get_args

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layout.analyses.mix import MixParams, run
from layout.core.study import Study
from layout.core.texts import LANGS, catalogue
from maps.views import wording
from maps.views.classes import NO_DATA_CODE, Steps, classify, figure
from maps.views.firms import DENSITY, count_firms, firm_density, read_firms
from maps.views.geometry import AREA, counted_zones, label_points, outlined_parks, short_names
from maps.views.palettes import DIVERGING, PALETTES, ramp, sector_colours

WHOLE = st.integers(0, 10**7)
NUMBERS = st.one_of(st.none(), WHOLE, st.floats(0, 1e7, allow_nan=False, allow_subnormal=False))


@given(st.lists(NUMBERS, max_size=40), st.integers(1, 5), st.sampled_from(get_args(Steps)))
def test_every_value_has_its_class_and_null_has_none(given_values, number, steps) -> None:
    values = pd.Series(given_values, dtype="float64")
    classes = classify(values, palette="ylgnbu", classes=number, steps=steps)
    codes = classes.codes(values)
    assert ((codes == NO_DATA_CODE) == values.isna()).all()
    assert len(classes.edges) == len(classes.labels) == len(classes.colours) <= number + 1
    assert list(classes.edges) == sorted(set(classes.edges))
    for value, code in zip(values, codes, strict=True):
        if code != NO_DATA_CODE:
            assert classes.edges[code] <= value
            assert code == len(classes.edges) - 1 or value < classes.edges[code + 1]
            assert (classes.labels[code] == "0") == (value == 0)


@given(st.lists(WHOLE, min_size=1, max_size=40))
def test_labels_of_whole_numbers_hold_their_values(given_values) -> None:
    values = pd.Series(given_values, dtype="float64")
    classes = classify(values, palette="ylgnbu")
    assert len(set(classes.labels)) == len(classes.labels)
    for value, code in zip(values, classes.codes(values), strict=True):
        low, _, high = classes.labels[code].replace(",", "").partition("–")
        assert int(low) <= value <= int(high or low)


def test_skewed_counts_keep_their_large_classes_apart() -> None:
    counts = pd.Series([1.0] * 90 + [2.0] * 5 + [9.0, 20.0, 40.0, 89.0])
    classes = classify(counts, palette="viridis", steps="geometric")
    assert classes.labels == ("1–2", "3–14", "15–35", "36–89")


def test_unknown_is_hatched_and_zero_is_white() -> None:
    classes = classify(pd.Series([0.0, 5.0, None, 40.0, 41.0]), palette="ylgnbu")
    assert classes.labels[0] == "0"
    assert classes.colours[0] == "#ffffff"
    assert classes.codes(pd.Series([0.0, None])).tolist() == [0, NO_DATA_CODE]


def test_labels_join_without_gap_or_overlap() -> None:
    whole = classify(pd.Series(range(33, 133), dtype="float64"), palette="ylgnbu", classes=4)
    bounds = [tuple(map(int, label.split("–"))) for label in whole.labels]
    assert bounds[0][0] == 33
    assert bounds[-1][1] == 132
    assert all(a[1] + 1 == b[0] for a, b in itertools.pairwise(bounds))


def test_ratios_have_fixed_classes_around_one() -> None:
    classes = classify(pd.Series([0.0, 0.79, 0.8, 1.24, 1.25, 7.0, None]), palette=DIVERGING)
    assert classes.labels == ("< 0.5", "0.5–0.8", "0.8–1.25", "1.25–2", "≥ 2")
    values = pd.Series([0.0, 0.79, 0.8, 1.24, 1.25, 7.0, None])
    assert classes.codes(values).tolist() == [0, 1, 2, 2, 3, 4, NO_DATA_CODE]


@given(st.lists(st.one_of(st.none(), st.integers(-500, 500)), max_size=40))
def test_a_change_is_in_the_class_that_names_it(given_values) -> None:
    values = pd.Series(given_values, dtype="float64")
    classes = classify(values, palette="ylgnbu")
    assert list(classes.edges) == sorted(set(classes.edges))
    assert len(classes.edges) == len(classes.labels) == len(set(classes.colours))
    for value, code in zip(values, classes.codes(values), strict=True):
        if code != NO_DATA_CODE:
            words = classes.labels[code].replace("−", "-").replace(",", "")
            low, _, high = words.partition("…" if "-" in words else "–")
            assert int(low) <= value <= int(high or low)


def test_losses_are_red_and_gains_blue() -> None:
    classes = classify(pd.Series([-20.0, 0.0, 50.0]), palette="viridis")
    assert classes.labels == ("−20", "0", "50")
    assert classes.colours == ("#f4a582", "#ffffff", "#92c5de")


def test_nothing_known_is_no_class() -> None:
    classes = classify(pd.Series([None, None], dtype="float64"), palette="viridis")
    assert classes.labels == ()
    assert classes.codes(pd.Series([None], dtype="float64")).tolist() == [NO_DATA_CODE]


@pytest.mark.parametrize("name", sorted(PALETTES))
def test_palettes_go_one_way_in_grey(name: str) -> None:
    """A grey print keeps the order; a diverging palette is lightest in the middle."""
    light = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in map(_rgb, PALETTES[name])]
    if name == DIVERGING:
        assert light[2] == max(light)
        assert light[0] < light[1] < light[2] > light[3] > light[4]
    else:
        assert light == sorted(light, reverse=True)
    assert ramp(name, 2) == (PALETTES[name][0], PALETTES[name][-1])


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def test_sectors_have_colours_of_their_own() -> None:
    colours = sector_colours()
    assert len(colours) == 13
    assert len(set(colours.values())) == 13


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"sectors": ("S02",)},
        {"sectors": ("S02",), "counting": "full"},
        {"sectors": ("S01", "S03"), "scope": "core"},
        {"year": 2022},
        {"year": 2022, "tiers": ("unknown", "small")},
        {"tiers": ("growing", "scale")},
        {"year": 2022, "tiers": ("growing",)},  # one firm stands exactly at the limit
        {"year": 2022, "tiers": ("scale",)},
        {"tiers": ("leading", "key")},
        {"statuses": ("unknown",)},
        {"districts": ("BA", "NS")},
    ],
)
def test_a_map_draws_the_firms_it_counts(study: Study, settings: dict) -> None:
    params = MixParams(**settings)
    counted = run(study, params).tables["drawn"]["amount"].sum()
    drawn = count_firms(study, params)
    assert drawn == read_firms(study, params, []).num_rows
    assert drawn == firm_density(study, params).frame[DENSITY].sum()
    if params.counting == "full" or len(params.sectors) != 1:
        assert drawn == counted
    else:
        assert drawn == counted > 0


def test_hexagons_do_not_depend_on_the_order_of_firms(study: Study) -> None:
    spec = firm_density(study, MixParams(), width_m=2000.0)
    assert spec.frame.crs.to_epsg() == 4326
    assert (spec.frame[DENSITY] > 0).all()
    metric = spec.frame.to_crs("EPSG:4547").area / 1e6
    # 2 km wide: 3.46 km²; the way through degrees costs less than a thousandth.
    assert np.allclose(metric, 3.4641, rtol=1e-3)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"measure": "revenue", "sectors": ("S02",)},
        {"measure": "employees", "sectors": ("S01", "S02", "S03", "S04", "S05")},
        {"draw": "share", "sectors": ("S02", "S03"), "zones": "subdistrict"},
        {"draw": "lq", "sectors": ("S02",), "zones": "park", "scope": "core", "year": 2022},
        {"tiers": ("key",), "statuses": ("active",), "districts": ("NS",), "counting": "full"},
    ],
)
def test_every_choice_has_words(study: Study, settings: dict, lang) -> None:
    params = MixParams(**settings)
    said = (
        wording.title(study, params, lang),
        wording.heading(params, lang),
        wording.settings(study, params, lang),
        wording.quality(study, params, lang),
        wording.sources(study, params, lang),
        *wording.cautions(study, params, lang),
    )
    assert all(words.strip() and "{" not in words for words in said)
    if lang == "en":
        assert not any("  " in words for words in said)


def test_words_say_what_was_asked(study: Study) -> None:
    params = MixParams(sectors=("S02",))
    assert wording.title(study, params, "zh") == "深圳市各区人工智能企业数"
    assert wording.title(study, params, "en") == "Shenzhen: AI firms by district"
    quality = wording.quality(study, MixParams(), "zh")
    assert "60 家" in quality
    assert "无坐标 3 家" in quality
    assert "3 条记录" in quality
    assert "合成" in (wording.synthetic(study, "zh") or "")


def test_sources_name_firm_files_and_describe_shipped_boundaries(study: Study) -> None:
    frame = study.zones["district"].assign(source="district-outlines")
    told = replace(study, zones={**study.zones, "district": frame})
    words = wording.sources(told, MixParams(), "zh")
    assert "企业<b>.csv" in words
    assert "轮廓" in words  # the words of data/sources.csv, not the id
    assert "district-outlines" not in words
    assert "2026-11-23" in words


def test_parks_that_are_context_are_outlined_not_zero(study: Study) -> None:
    spec = run(study, MixParams(zones="park")).layers[0]
    frame = spec.frame.assign(kind=["site", AREA])
    assert list(counted_zones(replace(spec, frame=frame)).frame["kind"]) == ["site"]
    assert list(outlined_parks(frame, "park")["kind"]) == [AREA]
    assert len(outlined_parks(frame, "district")) == 2


def test_a_hatched_quotient_says_why(study: Study) -> None:
    params = MixParams(draw="lq", sectors=("S02",), min_firms=7)
    assert wording.no_data(params, "en") == "Fewer than 7 firms, left out"
    assert wording.no_data(MixParams(), "zh") == "无数据"


def test_money_in_the_units_of_the_language() -> None:
    said = {y: (wording.money(y, "zh"), wording.money(y, "en")) for y in (None, 0, 12, 9 * 10**9)}
    assert said[None] == ("无数据", "no data")
    assert said[0] == ("0元", "0 yuan")
    assert said[9 * 10**9] == ("90亿元", "9 billion yuan")
    assert wording.money(-123_456, "zh") == "-12.3万元"


@pytest.mark.parametrize(
    ("value", "shown"), [(0, "0"), (3, "3"), (3.14159, "3.14"), (28.94, "28.9"), (1234.5, "1,234")]
)
def test_figures_are_short(value: float, shown: str) -> None:
    assert figure(value) == shown


def test_labels_lie_in_their_zones(study: Study) -> None:
    plane = study.zones["district"].to_crs("EPSG:4547")
    x, y = label_points(plane)
    assert shapely.contains_xy(plane.geometry.array, x, y).all()
    assert "Dapeng" in short_names(plane, "en")


def test_the_catalogue_speaks_of_maps_in_both_languages() -> None:
    keys = [key for key in catalogue() if key.startswith(("map.", "print.", "assets."))]
    assert len(keys) > 60
