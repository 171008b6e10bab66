"""Scores, assignment and stability from gathered evidence: what a slider of the page moves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from layout.analyses.paths.cells import Floats
from layout.analyses.paths.evidence import Evidence
from layout.analyses.paths.indicators import Sample, indicator_values
from layout.analyses.paths.settings import MIXED, PATHS, PathsParams, Setting, indicator_table
from layout.measures.path_scores import (
    Leading,
    composite,
    dirichlet_around,
    leading,
    normalise,
    shares_of,
)


@dataclass(frozen=True)
class Scores:
    """Scores of all districts.

    Attributes
    ----------
    values, scaled
        Indicators as they are and on one scale, (districts, indicators).
    points
        Scores, (districts, paths).
    lead
        Which path leads.
    drawn
        Scores under drawn weights and resampled firms, (draws, districts, paths).
    drawn_values
        Indicators of resampled firms, (draws, districts, indicators).
    shares
        Share of draws in which each path has the largest score, by what was drawn: ``weights``,
        ``firms``, ``both``; (districts, paths) each.
    """

    values: Floats
    scaled: Floats
    points: Floats
    lead: Leading
    drawn: Floats
    drawn_values: Floats
    shares: dict[str, Floats]


def score(evidence: Evidence, setting: Setting, params: PathsParams) -> Scores:
    """Scores with their stability.

    Weights are drawn from a Dirichlet around the set ones, path by path, priors sector by sector;
    firms come from the bootstrap of the evidence. Draw b of ``both`` takes weights b and firms b.
    """
    draws = evidence.sample.quotients.shape[0] - 1
    rng = np.random.default_rng(params.seed)
    weights = _drawn_weights(setting, params.concentration, draws, rng)
    priors = dirichlet_around(
        setting.priors, concentration=params.concentration, draws=draws, rng=rng
    )
    base, rest = _taken(evidence.sample, slice(0, 1)), _taken(evidence.sample, slice(1, None))

    def scored(sample: Sample, w: Floats, p: Floats) -> tuple[Floats, Floats, Floats]:
        values = indicator_values(sample, evidence.given, p, setting.indicators)
        scaled = normalise(values, method=params.normalisation)
        return values, scaled, composite(scaled, w, setting.groups)

    values, scaled, points = scored(base, setting.weights, setting.priors)
    by_weights = scored(_repeated(base, draws), weights, priors)[2]
    drawn_values, _, by_firms = scored(rest, setting.weights, setting.priors)
    both = scored(rest, weights, priors)[2]
    return Scores(
        values=values[0], scaled=scaled[0], points=points[0],
        lead=leading(points[0], margin=params.margin),
        drawn=both, drawn_values=drawn_values,
        shares={
            name: shares_of(leading(one).first, len(PATHS))
            for name, one in (("weights", by_weights), ("firms", by_firms), ("both", both))
        },
    )  # fmt: skip


def _drawn_weights(
    setting: Setting, concentration: float, draws: int, rng: np.random.Generator
) -> Floats:
    weights = np.zeros((draws, len(setting.weights)))
    for path in range(len(PATHS)):
        own = np.array(setting.groups) == path
        weights[:, own] = dirichlet_around(
            setting.weights[own], concentration=concentration, draws=draws, rng=rng
        )
    return weights


def _taken(sample: Sample, rows: slice) -> Sample:
    return Sample(
        sample.quotients[rows], sample.sectors[rows], sample.tagged[rows], sample.firms[rows],
        {name: values[rows] for name, values in sample.plain.items()},
    )  # fmt: skip


def _repeated(sample: Sample, draws: int) -> Sample:
    def over(values: Floats) -> Floats:
        return np.broadcast_to(values, (draws, *values.shape[1:]))

    return replace(
        sample,
        quotients=over(sample.quotients), sectors=over(sample.sectors),
        tagged=over(sample.tagged), firms=over(sample.firms),
        plain={name: over(values) for name, values in sample.plain.items()},
    )  # fmt: skip


def score_table(
    evidence: Evidence, scores: Scores, setting: Setting, params: PathsParams
) -> pd.DataFrame:
    """One row a district: scores with intervals, leading path, margin, stability, what holds."""
    names = [*PATHS, MIXED]
    frame = pd.DataFrame(index=pd.Index(evidence.districts, name="district_id"))
    low, high = _interval(scores.drawn, params.level)
    for place, path in enumerate(PATHS):
        frame[path] = scores.points[:, place]
        frame[f"{path}_low"], frame[f"{path}_high"] = low[:, place], high[:, place]
    lead = scores.lead
    frame["first_path"] = [names[i] if i >= 0 else None for i in lead.first]
    frame["second_path"] = [names[i] if i >= 0 else None for i in lead.second]
    frame["margin"] = lead.margin
    frame["scored"] = [names[i] for i in lead.assigned]
    for name, shares in scores.shares.items():
        held = np.where(
            lead.first >= 0,
            np.take_along_axis(shares, np.maximum(lead.first, 0)[:, None], 1)[:, 0],
            np.nan,
        )  # fmt: skip
        frame["stability" if name == "both" else f"stability_{name}"] = held
    frame["reason"] = [
        "unknown" if margin != margin else "clear" if i >= 0 else "margin"
        for i, margin in zip(lead.assigned, lead.margin, strict=True)
    ]
    frame["override"] = [setting.overrides.get(name) for name in evidence.districts]
    frame["path"] = frame["override"].fillna(frame["scored"])
    frame["tagged"] = evidence.sample.tagged[0].astype("int64")
    return frame


def share_table(evidence: Evidence, scores: Scores) -> pd.DataFrame:
    """By district and path: share of draws in which the path has the largest score."""
    index = pd.MultiIndex.from_product([evidence.districts, PATHS], names=["district_id", "path"])
    return pd.DataFrame(
        {f"share_{name}": values.ravel() for name, values in scores.shares.items()}, index=index
    )


def indicator_frame(
    evidence: Evidence, scores: Scores, setting: Setting, params: PathsParams
) -> pd.DataFrame:
    """By district and indicator: value with interval, scaled value, weight, rank, why unknown."""
    table = indicator_table()
    low, high = _interval(scores.drawn_values, params.level)
    index = pd.MultiIndex.from_product(
        [evidence.districts, setting.indicators], names=["district_id", "indicator_id"]
    )
    frame = pd.DataFrame(
        {
            "value": scores.values.ravel(), "low": low.ravel(), "high": high.ravel(),
            "scaled": scores.scaled.ravel(),
            "weight": np.tile(setting.weights, len(evidence.districts)),
        }, index=index,
    )  # fmt: skip
    frame.insert(0, "path", np.tile(table.loc[list(setting.indicators), "path"], len(low)))
    ranks = frame["value"].groupby(level="indicator_id").rank(ascending=False, method="min")
    frame["rank"] = ranks
    frame["known"] = frame["scaled"].notna()
    return frame


def cloud_table(evidence: Evidence, scores: Scores, *, most: int = 120) -> pd.DataFrame:
    """Scores of single draws, for drawing their spread; at most ``most`` a district."""
    drawn = scores.drawn[:most]
    index = pd.MultiIndex.from_product(
        [range(len(drawn)), evidence.districts], names=["draw", "district_id"]
    )
    return pd.DataFrame(drawn.reshape(-1, len(PATHS)), index=index, columns=list(PATHS))


def _interval(drawn: Floats, level: float) -> tuple[Floats, Floats]:
    """Quantiles over the draws, NaN where every draw is."""
    if not len(drawn):
        return np.full(drawn.shape[1:], np.nan), np.full(drawn.shape[1:], np.nan)
    none = np.isnan(drawn).all(axis=0)
    filled = np.where(none, 0.0, drawn)
    tail = (1 - level) / 2
    low, high = np.nanquantile(filled, [tail, 1 - tail], axis=0)
    return np.where(none, np.nan, low), np.where(none, np.nan, high)
