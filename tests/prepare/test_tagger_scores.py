"""Scores of the tagger against values worked out by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from layout.prepare.tagger_scores import as_plain, score_tags

SECTORS = ("S01", "S02", "S03")
LABELLED = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0], [0, 1, 0]], bool)
TAGGED = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0]], bool)
HARD = np.array([False, False, True, False])


def test_known_answers() -> None:
    scores = score_tags(LABELLED, TAGGED, HARD, SECTORS, draws=50)
    # 3 hits, 1 wrong, 1 missed; S01 is right, S02 has 1 hit, 1 wrong, 1 missed; S03 is not used
    assert scores.micro_f1 == pytest.approx(6 / 8)
    assert scores.macro_f1 == pytest.approx((1 + 0.5) / 2)
    assert scores.exact_match == 0.5
    assert scores.hard_negative_fpr == 1.0
    assert scores.per_sector.loc["S02", ["support", "precision", "recall"]].tolist() == [
        2,
        0.5,
        0.5,
    ]
    assert np.isnan(scores.per_sector.loc["S03", "precision"])


def test_perfect_tags() -> None:
    scores = score_tags(LABELLED, LABELLED, HARD, SECTORS, draws=20)
    assert (scores.micro_f1, scores.macro_f1, scores.exact_match) == (1, 1, 1)
    assert scores.hard_negative_fpr == 0
    assert scores.intervals["micro_f1"] == (1, 1)


def test_intervals_hold_the_score_and_repeat_with_the_seed() -> None:
    rng = np.random.default_rng(5)
    labelled = rng.random((200, 3)) < 0.3
    tagged = labelled ^ (rng.random((200, 3)) < 0.1)
    hard = ~labelled.any(axis=1)
    one = score_tags(labelled, tagged, hard, SECTORS, draws=200, seed=1)
    two = score_tags(labelled, tagged, hard, SECTORS, draws=200, seed=1)
    other = score_tags(labelled, tagged, hard, SECTORS, draws=200, seed=2)
    assert one.intervals == two.intervals
    assert one.intervals != other.intervals
    for name in ("micro_f1", "macro_f1", "exact_match", "hard_negative_fpr"):
        low, high = one.intervals[name]
        assert low < getattr(one, name) < high


def test_without_hard_negatives_their_rate_is_unknown() -> None:
    scores = score_tags(LABELLED, TAGGED, np.zeros(4, bool), SECTORS, draws=10)
    assert np.isnan(scores.hard_negative_fpr)
    plain = json.loads(json.dumps(as_plain(scores), allow_nan=False))
    assert plain["hard_negative_fpr"] is None
    assert plain["intervals"]["hard_negative_fpr"] is None
    assert plain["per_sector"]["S03"]["precision"] is None
