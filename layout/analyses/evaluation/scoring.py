"""From indicators to scores and ranks, and how firm these are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from layout.analyses.evaluation.params import DIMENSIONS, EvaluationParams
from layout.core.progress import tell
from layout.measures import multicriteria as mc
from layout.measures.multicriteria import AhpWeights
from layout.measures.tables import Floats

Drawn = Callable[[np.random.Generator], pd.DataFrame]
"""Indicators of one resample of the firms."""


def usable(values: pd.DataFrame) -> pd.DataFrame:
    """Indicators that are known somewhere and tell units apart."""
    return values.loc[:, values.nunique() > 1]


def scaled(values: pd.DataFrame, about: pd.DataFrame, params: EvaluationParams) -> pd.DataFrame:
    """Indicators on one scale on which more is better."""
    return mc.normalised(
        values,
        normaliser=params.normaliser,
        directions=about["direction"].loc[values.columns].tolist(),
        bounds=_bounds(values, about),
    )


def weights(
    values: pd.DataFrame,
    about: pd.DataFrame,
    params: EvaluationParams,
    judged: AhpWeights | None,
) -> pd.Series:
    """Weight of every usable indicator, sum 1.

    Those of a dimension are shared out evenly among its usable indicators; a dimension without
    one gives its weight to the others in proportion. Entropy and CRITIC weights are drawn from
    the units whose indicators are all known, scaled from 0 to 1 where the scale has negatives.
    """
    if params.weighting in ("entropy", "critic"):
        table = scaled(values, about, params)
        if params.normaliser == "z":
            table = scaled(values, about, params.model_copy(update={"normaliser": "minmax"}))
        complete = table.dropna()
        method = mc.entropy_weights if params.weighting == "entropy" else mc.critic_weights
        return method(complete)
    by_dimension = mc.equal_weights(list(DIMENSIONS))
    if params.weighting == "set":
        by_dimension = pd.Series(params.weights)
    elif judged is not None:
        by_dimension = judged.weights
    dimension = about["dimension"].loc[values.columns]
    share = dimension.map(by_dimension) / dimension.map(dimension.value_counts())
    return mc.rescaled_weights(share.astype("float64"))


def scores(
    values: pd.DataFrame, weight: pd.Series, about: pd.DataFrame, params: EvaluationParams
) -> pd.Series:
    """Score of every unit, more is better; NaN where it cannot be told."""
    if params.aggregation == "topsis":
        return _topsis(values, weight, about, params)
    table = scaled(values, about, params)
    table = table.loc[:, table.notna().any()]
    share = mc.rescaled_weights(weight.loc[table.columns])
    if params.aggregation == "geometric":
        return mc.geometric(table, share, missing=params.missing, floor=params.floor)
    return mc.additive(table, share, missing=params.missing)


def dimension_scores(
    values: pd.DataFrame, weight: pd.Series, about: pd.DataFrame, params: EvaluationParams
) -> pd.DataFrame:
    """Mean of the scaled indicators of each dimension, by their weights; NaN where unknown."""
    table = scaled(values, about, params)
    result = pd.DataFrame(np.nan, index=values.index, columns=list(DIMENSIONS))
    for name in DIMENSIONS:
        own = [i for i in table.columns if about.at[i, "dimension"] == name]
        known = [i for i in own if table[i].notna().any()]
        if known and weight.loc[known].sum() > 0:
            share = mc.rescaled_weights(weight.loc[known])
            result[name] = mc.additive(table[known], share, missing="rescale")
    return result


def rank_table(
    values: pd.DataFrame,
    weight: pd.Series,
    about: pd.DataFrame,
    params: EvaluationParams,
    drawn: Drawn,
) -> pd.DataFrame:
    """Score and rank of every unit, with rank intervals where weights and firms are shaken.

    Returns
    -------
    DataFrame
        By unit: ``score``, ``rank``, ``known_pct`` (weight of its known indicators, %); and for
        shaken weights (``weights_low``, ``weights_high``), resampled firms (``firms_low``,
        ``firms_high``) and both (``rank_low``, ``rank_high``, ``rank_mean``, ``first_share``).
    """
    score = scores(values, weight, about, params)
    table = pd.DataFrame({"score": score, "rank": score.rank(ascending=False, method="min")})
    table["known_pct"] = (values.notna() * weight).sum(axis=1) * 100
    if not params.draws:
        return table
    shaken = mc.weight_draws(
        weight,
        draws=params.draws,
        concentration=params.concentration,
        seed=params.seed,
        columns=values.columns,
    )
    random = np.random.default_rng(params.seed + 1)
    found: dict[str, list[Floats]] = {"weights": [], "firms": [], "both": []}
    for number, row in enumerate(shaken):
        tell("evaluation", number / params.draws)
        sample = drawn(random)[values.columns]
        other = pd.Series(row, index=values.columns)
        for name, given, share in (
            ("weights", values, other), ("firms", sample, weight), ("both", sample, other),
        ):  # fmt: skip
            found[name].append(_row(given, share, about, params))
    for name, rows in found.items():
        ranks = mc.rank_intervals(np.array(rows), labels=values.index, level=params.level)
        if name == "both":
            table = table.join(ranks)
        else:
            table[f"{name}_low"], table[f"{name}_high"] = ranks["rank_low"], ranks["rank_high"]
    return table


def _row(
    values: pd.DataFrame, weight: pd.Series, about: pd.DataFrame, params: EvaluationParams
) -> Floats:
    return scores(values, weight, about, params).to_numpy(dtype="float64")


def _topsis(
    values: pd.DataFrame, weight: pd.Series, about: pd.DataFrame, params: EvaluationParams
) -> pd.Series:
    """Closeness to the ideal; it needs every value, so units with unknown ones have none."""
    table = values
    if params.missing == "rescale":  # leave out indicators, not units
        table = values.loc[:, values.notna().all()]
    complete = table.dropna()
    result = pd.Series(np.nan, index=values.index, name="score")
    if len(complete) and complete.shape[1]:
        closeness = mc.topsis(
            complete,
            mc.rescaled_weights(weight.loc[complete.columns]),
            normaliser=params.topsis_normaliser,
            directions=about["direction"].loc[complete.columns].tolist(),
            bounds=_bounds(complete, about),
        )
        result.loc[closeness.index] = closeness
    return result


def _bounds(values: pd.DataFrame, about: pd.DataFrame) -> dict[str, tuple[float, float]]:
    pairs = about.loc[values.columns, ["low", "high"]].to_numpy(dtype="float64")
    return {str(name): (low, high) for name, (low, high) in zip(values, pairs, strict=True)}
