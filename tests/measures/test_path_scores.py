"""Scores of paths: known answers, unknown values, ties, and draws around set weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout.core.errors import MeasureError
from layout.measures import opportunity as opp
from layout.measures.complexity import economic_complexity
from layout.measures.path_scores import (
    MIXED,
    composite,
    dirichlet_around,
    leading,
    normalise,
    prior_weighted,
    shares_of,
)
from layout.measures.relatedness import cooccurrence, relatedness, relatedness_density
from layout.measures.specialization import location_quotient, location_quotient_inference


def test_normalised_by_hand() -> None:
    x = np.array([[1.0, 5.0, 7.0], [3.0, np.nan, 7.0], [2.0, 9.0, 7.0]])
    done = normalise(x)
    assert done[:, 0].tolist() == [0, 1, 0.5]
    assert done[[0, 2], 1].tolist() == [0, 1]
    assert np.isnan(done[1, 1])
    assert np.isnan(done[:, 2]).all()
    assert normalise(x, method="rank")[:, 0].tolist() == [0, 1, 0.5]
    ties = normalise(np.array([[1.0], [1.0], [4.0]]), method="rank")[:, 0]
    assert ties.tolist() == [0.25, 0.25, 1.0]
    z = normalise(x, method="zscore")[:, 0]
    assert z[2] == pytest.approx(0.5)
    assert z[0] == pytest.approx(1 / (1 + np.exp(np.sqrt(1.5))))


def test_unknown_indicator_stays_out_and_weights_fill_up() -> None:
    x = np.array([[1.0, 0.5, 0.2], [np.nan, 0.5, 0.2]])
    scores = composite(x, np.array([0.6, 0.4, 1.0]), [0, 0, 1])
    assert scores[0].tolist() == pytest.approx([0.8, 0.2])
    assert scores[1].tolist() == pytest.approx([0.5, 0.2])
    assert np.isnan(composite(x[1:], np.array([1.0, 0.0, 1.0]), [0, 0, 1])[0, 0])


def test_margin_decides_between_a_path_and_mixed() -> None:
    lead = leading(
        np.array([[0.58, 0.48, 0.1], [0.5, 0.45, 0.1], [np.nan, 0.4, np.nan]]), margin=0.1
    )
    assert lead.assigned.tolist() == [0, MIXED, MIXED]
    assert lead.first.tolist() == [0, 0, 1]
    assert lead.second.tolist() == [1, 1, MIXED]
    assert np.isnan(lead.margin[2])


def test_bad_weights_are_refused() -> None:
    with pytest.raises(MeasureError, match="negative"):
        composite(np.ones((2, 2)), np.array([1.0, -1.0]), [0, 0])
    with pytest.raises(MeasureError):
        composite(np.ones((2, 2)), np.array([1.0]), [0, 0])


@given(
    st.lists(st.floats(0.0, 1.0), min_size=2, max_size=5).filter(lambda w: sum(w) > 0.01),
    st.integers(0, 1000),
)
def test_drawn_weights_are_weights(weights: list[float], seed: int) -> None:
    w = np.array(weights)
    drawn = dirichlet_around(w, concentration=50, draws=8, rng=np.random.default_rng(seed))
    assert drawn.shape == (8, len(w))
    assert drawn.sum(axis=-1) == pytest.approx(np.ones(8))
    assert (drawn[:, w == 0] == 0).all()


def test_drawn_weights_have_the_stated_mean_and_spread() -> None:
    w = np.array([0.5, 0.3, 0.2])
    drawn = dirichlet_around(w, concentration=50, draws=20_000, rng=np.random.default_rng(1))
    assert drawn.mean(axis=0) == pytest.approx(w, abs=0.002)
    assert drawn.std(axis=0) == pytest.approx(np.sqrt(w * (1 - w) / 51), rel=0.03)


def test_prior_weighted_quotient_by_hand() -> None:
    lq = np.array([[2.0, 1.0, np.nan]])
    priors = np.array([[0.8, 0.2], [0.2, 0.8], [1.0, 0.0]])
    assert prior_weighted(lq, priors)[0].tolist() == pytest.approx([1.8, 1.2])


def test_shares_of_draws() -> None:
    drawn = np.array([[0, 1], [0, MIXED], [2, 1]])
    assert shares_of(drawn, 3)[0].tolist() == pytest.approx([2 / 3, 0, 1 / 3])


def _tables(draws: int = 6) -> np.ndarray:
    return np.random.default_rng(3).poisson(4.0, size=(draws, 30, 7)).astype("float64")


def test_batched_plane_equals_the_measures_one_by_one() -> None:
    tables = _tables()
    present = opp.quotients(tables) >= 1
    phi = opp.proximities(present)
    density = opp.densities(present, phi)
    pci = opp.complexities(present)
    for b, values in enumerate(tables):
        frame = pd.DataFrame(values, columns=list("abcdefg"))
        assert opp.quotients(tables)[b] == pytest.approx(location_quotient(frame).to_numpy())
        known = relatedness(cooccurrence(frame, diagonal="keep"), method="proximity")
        assert phi[b] == pytest.approx(known.to_numpy())
        assert density[b] == pytest.approx(relatedness_density(frame, known).to_numpy())
        assert pci[b] == pytest.approx(economic_complexity(frame).pci.to_numpy())


def test_sign_of_complexity_follows_the_given_one() -> None:
    present = opp.quotients(_tables()) >= 1
    like = -opp.complexities(present)[0]
    aligned = opp.complexities(present, like=like)
    assert (np.nansum(aligned * like, axis=-1) >= 0).all()
    assert aligned[0] == pytest.approx(like)


def test_batched_shrinkage_equals_the_inference() -> None:
    tables = _tables()
    totals = tables.sum(axis=-1) + 20
    for b, values in enumerate(tables):
        frame = pd.DataFrame(values)
        known = location_quotient_inference(frame, pd.Series(totals[b]))["shrunk"]
        ours = opp.shrunken_quotients(tables, totals)[b]
        assert ours.ravel() == pytest.approx(known.to_numpy())


def test_unconnected_sectors_have_no_complexity() -> None:
    blocks = np.kron(np.eye(2), np.ones((3, 3))) > 0
    assert np.isnan(opp.complexities(blocks)).all()
