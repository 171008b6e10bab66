"""How well the tagger's sectors agree with labelled firms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Marks = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

HARD_NEGATIVE: Final = "hard_negative"
_LEVEL: Final = 0.95


@dataclass(frozen=True)
class TaggerScores:
    """Agreement of tags with labels.

    Attributes
    ----------
    rows
        Labelled firms.
    micro_f1, macro_f1, exact_match
        F1 over all firm–sector pairs; mean F1 of the sectors that have labels or tags; share of
        firms whose set of sectors is the labelled one.
    hard_negative_fpr
        Share of the firms of difficulty ``hard_negative`` that get any tag; NaN where there are
        none.
    hard_negatives
        Their number.
    intervals
        95 % bootstrap interval of each of the four, over firms.
    per_sector
        By sector: support, precision, recall, f1 (NaN where undefined).
    """

    rows: int
    micro_f1: float
    macro_f1: float
    exact_match: float
    hard_negative_fpr: float
    hard_negatives: int
    intervals: dict[str, tuple[float, float]]
    per_sector: pd.DataFrame


def score_tags(
    labelled: Marks,
    tagged: Marks,
    hard: Marks,
    sectors: tuple[str, ...],
    *,
    draws: int = 1000,
    seed: int = 0,
) -> TaggerScores:
    """Scores of tags against labels, with bootstrap intervals.

    Parameters
    ----------
    labelled, tagged
        Firms × sectors, bool ``(n, s)``.
    hard
        Firms of difficulty ``hard_negative``, bool ``(n,)``.
    sectors
        Names of the columns.
    draws, seed
        Bootstrap samples of firms, and the seed they are drawn with.

    References
    ----------
    Sokolova, M. and Lapalme, G. (2009). A systematic analysis of performance measures for
    classification tasks. *Information Processing & Management* 45(4), 427–437.
    Efron, B. and Tibshirani, R. J. (1993). *An introduction to the bootstrap*. Chapman & Hall
    (percentile interval).
    """
    point = _figures(labelled, tagged, hard)
    rng = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {name: [] for name in point}
    for _ in range(draws):
        rows = rng.integers(0, len(hard), len(hard))
        for name, value in _figures(labelled[rows], tagged[rows], hard[rows]).items():
            drawn[name].append(value)
    tail = (1 - _LEVEL) / 2
    intervals = {
        name: _interval(np.array(values), point[name], tail) for name, values in drawn.items()
    }
    return TaggerScores(
        rows=len(hard),
        hard_negatives=int(hard.sum()),
        intervals=intervals,
        per_sector=_per_sector(labelled, tagged, sectors),
        **point,
    )


def as_plain(scores: TaggerScores) -> dict[str, Any]:
    """Scores as JSON values; undefined ones are null."""
    table = scores.per_sector.astype(object).where(scores.per_sector.notna(), None)
    plain = {
        name: getattr(scores, name)
        for name in ("micro_f1", "macro_f1", "exact_match", "hard_negative_fpr")
    }
    return {
        "n": scores.rows,
        "hard_negatives": scores.hard_negatives,
        **{name: None if np.isnan(value) else value for name, value in plain.items()},
        "intervals": {
            name: None if np.isnan(low) else [low, high]
            for name, (low, high) in scores.intervals.items()
        },
        "per_sector": {str(s): dict(row) for s, row in table.to_dict(orient="index").items()},
    }


def _figures(labelled: Marks, tagged: Marks, hard: Marks) -> dict[str, float]:
    hits, wrong, missed = _counts(labelled, tagged)
    by_sector = _f1(hits, wrong, missed)
    used = (hits + wrong + missed) > 0
    return {
        "micro_f1": float(_f1(hits.sum(), wrong.sum(), missed.sum())),
        "macro_f1": float(by_sector[used].mean()) if used.any() else float("nan"),
        "exact_match": float((labelled == tagged).all(axis=1).mean()),
        "hard_negative_fpr": float(tagged[hard].any(axis=1).mean()) if hard.any() else float("nan"),
    }


def _counts(labelled: Marks, tagged: Marks) -> tuple[Floats, Floats, Floats]:
    hits = (labelled & tagged).sum(axis=0).astype("float64")
    return hits, tagged.sum(axis=0) - hits, labelled.sum(axis=0) - hits


def _f1(hits: Any, wrong: Any, missed: Any) -> Any:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.divide(2 * hits, 2 * hits + wrong + missed)


def _interval(values: Floats, point: float, tail: float) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    if np.isnan(point) or not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)


def _per_sector(labelled: Marks, tagged: Marks, sectors: tuple[str, ...]) -> pd.DataFrame:
    hits, wrong, missed = _counts(labelled, tagged)
    with np.errstate(invalid="ignore", divide="ignore"):
        return pd.DataFrame(
            {
                "support": labelled.sum(axis=0),
                "precision": hits / (hits + wrong),
                "recall": hits / (hits + missed),
                "f1": _f1(hits, wrong, missed),
            },
            index=pd.Index(sectors, name="sector"),
        )
