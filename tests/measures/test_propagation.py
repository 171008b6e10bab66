"""TR 38.901 against two other programs, the ITU formulae against their closed forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from layout.core.errors import MeasureError
from layout.measures.propagation import (
    breakpoint_distance_38901,
    clutter_loss_p2108,
    element_gain_38901,
    free_space_loss,
    height_gain_p2108,
    knife_edge_loss,
    knife_edge_parameter,
    los_probability_38901,
    o2i_loss_38901,
    path_loss_38901,
    site_gain_38901,
)

Known = Callable[[str], Any]


def test_path_loss_and_line_of_sight(known: Known) -> None:
    file = known("tr38901_pathloss")
    for case in file["cases"]:
        for los, name in ((True, "pl_los_db"), (False, "pl_nlos_db")):
            loss = path_loss_38901(
                case["scenario"],
                case["d2d_m"],
                case["f_ghz"],
                h_bs_m=case["h_bs_m"],
                h_ut_m=case["h_ut_m"],
                los=los,
            )
            assert loss == pytest.approx(case[name], abs=file["tolerance_db"]), case
        share = los_probability_38901(case["scenario"], case["d2d_m"], h_ut_m=case["h_ut_m"])
        assert share == pytest.approx(case["p_los"], abs=file["tolerance_p"]), case
    for case in file["high_ut_los_probability"]:
        share = los_probability_38901(case["scenario"], case["d2d_m"], h_ut_m=case["h_ut_m"])
        assert share == pytest.approx(case["p_los"], abs=file["tolerance_p"]), case


def test_arrays_broadcast_and_equal_numbers() -> None:
    d, f = np.array([50.0, 500.0, 3000.0]), np.array([[0.7], [3.5]])
    table = path_loss_38901("UMa", d, f, h_bs_m=25, h_ut_m=1.5, los=False)
    assert table.shape == (2, 3)
    single = path_loss_38901("uma", 500, 3.5, h_bs_m=25, h_ut_m=1.5, los=False)
    assert table[1, 1] == single


def test_known_wrong_variants_are_rejected(known: Known) -> None:
    case = known("coverage_known_wrong")["cases"][0]
    edge = breakpoint_distance_38901("uma", case["f_ghz"], h_bs_m=case["h_bs"], h_ut_m=case["h_ut"])
    assert edge == pytest.approx(case["d_bp_correct_m"], abs=0.5)
    assert abs(edge - case["d_bp_pysim5g_m"]) > 10
    given: dict[str, Any] = {"h_bs_m": 25, "h_ut_m": 1.5}
    far = np.linspace(600, 5000, 50)
    loss = path_loss_38901("uma", far, 3.5, los=True, **given)
    base = 28 + 40 * np.log10(np.hypot(far, 23.5)) + 20 * np.log10(3.5)
    wrong_edge = base - 9 * np.log10(case["d_bp_pysim5g_m"] ** 2 + 23.5**2)
    times_c = base - 9 * np.log10((edge * 9e16) ** 2 + 23.5**2)
    assert (np.abs(loss - wrong_edge) > 0.1).all()
    assert (np.abs(loss - times_c) > 10).all()
    assert np.abs(loss - np.round(loss)).max() > 0.3
    # the maximum of both matters for UMi at 10 m in the open: NLOS alone is below LOS
    near = path_loss_38901("rma", 20.0, 3.5, h_bs_m=35, h_ut_m=1.5, los=False)
    assert near >= path_loss_38901("rma", 20.0, 3.5, h_bs_m=35, h_ut_m=1.5, los=True)


@pytest.mark.parametrize("scenario", ["uma", "umi", "rma"])
def test_loss_grows_with_distance_and_frequency(scenario: str) -> None:
    h = {"uma": 25.0, "umi": 10.0, "rma": 35.0}[scenario]
    d = np.geomspace(10, 5000, 400)
    for los in (True, False):
        at = {f: path_loss_38901(scenario, d, f, h_bs_m=h, h_ut_m=1.5, los=los) for f in (0.7, 3.5)}
        assert (np.diff(at[0.7]) >= -1e-9).all()
        assert (at[3.5] > at[0.7]).all()
    share = los_probability_38901(scenario, d)
    assert (np.diff(share) <= 0).all()
    assert share[0] == 1


def test_into_buildings(known: Known) -> None:
    file = known("tr38901_o2i")
    for case in file["cases"]:
        loss = o2i_loss_38901(case["f_ghz"], case["model"])
        assert loss == pytest.approx(case["pl_tw_db"], abs=file["tolerance_db"])
    assert o2i_loss_38901(3.5, "low", depth_m=10) == pytest.approx(o2i_loss_38901(3.5) + 5)


def test_knife_edge(known: Known) -> None:
    file = known("p526_knife_edge")
    tolerance = file["tolerance_db"]["formula"]
    for case in file["nu_cases"]:
        loss = knife_edge_loss(case["nu"])
        assert loss == pytest.approx(case["J_p526_eq31_db"], abs=tolerance)
        assert loss == pytest.approx(case["exact_fresnel_db"], abs=0.25)
    for case in file["geometry_cases"]:
        nu = knife_edge_parameter(case["h_m"], case["d1_m"], case["d2_m"], case["f_ghz"])
        assert nu == pytest.approx(case["nu"], abs=1e-4)
        assert knife_edge_loss(nu) == pytest.approx(case["J_db"], abs=tolerance)
    assert np.isnan(knife_edge_loss(np.nan))


def test_clutter_and_free_space(known: Known) -> None:
    file = known("p2108_clutter")
    for case in file["cases"]:
        loss = clutter_loss_p2108(case["d_km"] * 1000, case["f_ghz"], percent=case["p_loc"])
        assert loss == pytest.approx(case["expected_db"], abs=file["tolerance_db"]), case
    for clutter, case in zip((10.0, 4.0), file["height_gain"], strict=True):
        gain = height_gain_p2108(1.5, h_ut_m=2, clutter_m=clutter, open_ground=True)
        assert gain == pytest.approx(case["expected_db"], abs=file["tolerance_db"])
    assert height_gain_p2108(1.5, h_ut_m=20, clutter_m=10) == 0
    file = known("free_space")
    for case in file["cases"]:
        loss = free_space_loss(case["d_km"] * 1000, case["f_mhz"] / 1000)
        assert loss == pytest.approx(case["loss_db"], abs=file["tolerance_db"])


def test_antenna_element_and_three_sectors() -> None:
    assert element_gain_38901(0) == 0
    assert element_gain_38901(32.5) == pytest.approx(-3)
    assert element_gain_38901([180, -180, 540]).tolist() == [-30, -30, -30]
    bearing = np.arange(0, 360, 5.0)
    gain = site_gain_38901(bearing, [0, 120, 240])
    assert gain.max() == 0
    assert gain.min() == pytest.approx(-12 * (60 / 65) ** 2)
    np.testing.assert_allclose(gain, site_gain_38901(bearing + 120, [0, 120, 240]), atol=1e-9)
    assert (site_gain_38901(bearing, [np.nan] * 3) == 0).all()


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: path_loss_38901("uma", 9.0, 3.5, h_bs_m=25, h_ut_m=1.5, los=True), "d2d_m"),
        (lambda: path_loss_38901("uma", 5e4, 3.5, h_bs_m=25, h_ut_m=1.5, los=True), "d2d_m"),
        (lambda: path_loss_38901("rma", 900, 60.0, h_bs_m=35, h_ut_m=1.5, los=True), "frequency"),
        (lambda: path_loss_38901("uma", 900, 3500, h_bs_m=25, h_ut_m=1.5, los=True), "frequency"),
        (lambda: path_loss_38901("umi", 900, 3.5, h_bs_m=90, h_ut_m=1.5, los=True), "h_bs_m"),
        (lambda: path_loss_38901("uma", np.nan, 3.5, h_bs_m=25, h_ut_m=1.5, los=True), "d2d_m"),
        (lambda: path_loss_38901("hata", 900, 3.5, h_bs_m=25, h_ut_m=1.5, los=True), "scenario"),
        (lambda: los_probability_38901("uma", 900, h_ut_m=0.5), "h_ut_m"),
        (lambda: o2i_loss_38901(0.1), "frequency"),
        (lambda: o2i_loss_38901(3.5, "glass"), "model"),  # type: ignore[arg-type]
        (lambda: clutter_loss_p2108(100, 3.5), "distance_m"),
        (lambda: clutter_loss_p2108(900, 3.5, percent=100), "percent"),
        (lambda: height_gain_p2108(3.5, h_ut_m=2, clutter_m=9), "frequency"),
        (lambda: free_space_loss(0, 3.5), "distance_m"),
    ],
)
def test_beyond_validity_is_refused(call: Callable[[], Any], word: str) -> None:
    with pytest.raises(MeasureError, match=word):
        call()
