"""How districts and sectors stand on the plan's evaluation, and how firm the ranks are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layout.analyses.evaluation import scoring
from layout.analyses.evaluation.aggregates import Firms, Sums, read_firms, resampled, sums
from layout.analyses.evaluation.params import (
    DIMENSIONS,
    EvaluationParams,
    indicator_table,
    require_weights,
)
from layout.analyses.evaluation.values import (
    Surroundings,
    district_values,
    sector_values,
    surroundings,
)
from layout.analyses.provenance import provenance_of
from layout.analyses.words import choice_words, sector_words, zone_words
from layout.core.errors import MeasureError
from layout.core.result import Bilingual, LayerSpec, Provenance, Result
from layout.core.study import Study
from layout.measures.multicriteria import AhpWeights

__all__ = ["DIMENSIONS", "MODEL", "EvaluationParams", "run"]

MODEL = EvaluationParams


def run(study: Study, params: EvaluationParams) -> Result:
    """The composite index of districts or sectors.

    Returns
    -------
    Result
        Tables ``scores`` (score, rank and rank intervals by unit), ``dimensions`` (score by
        unit and dimension), ``indicators`` (values in their units), ``scaled``, ``weights`` (one
        row an indicator: dimension, weight, 口径, source, date, bounds, and why it stays out
        where it does) and, for judgments, ``consistency``. For districts a layer of the scores.

    Raises
    ------
    ParameterError, MeasureError, FaultsError
        Weights that do not sum, judgments that contradict each other, or no usable indicator.
    """
    judged = require_weights(params)
    about = indicator_table(params.subject)
    firms = read_firms(study)
    around = surroundings(study, firms)
    every = _values(sums(firms), around, firms, params)
    values = scoring.usable(every)
    if values.empty:
        raise MeasureError("error.evaluation_nothing")
    weight = scoring.weights(values, about, params, judged)
    if weight.isna().any():
        raise MeasureError("error.evaluation_weights", count=int(values.notna().all(axis=1).sum()))

    def drawn(random: np.random.Generator) -> pd.DataFrame:
        return _values(resampled(firms, random), around, firms, params)

    ranks = scoring.rank_table(values, weight, about, params, drawn)
    tables = {
        "scores": ranks,
        "dimensions": scoring.dimension_scores(values, weight, about, params),
        "indicators": every,
        "scaled": scoring.scaled(values, about, params),
        "weights": _about(every, weight, about, study),
    }
    if judged is not None:
        tables["consistency"] = _consistency(judged)
    return Result(
        name="evaluation",
        tables=tables,
        layers=_layers(study, ranks) if params.subject == "district" else (),
        notes=_notes(params, tables["weights"], len(firms)),
        provenance=_provenance(study, params),
        labels={
            "zone_id": {**zone_words(study)},
            "sector": {**sector_words()},
            "dimension": {**choice_words("dimension", DIMENSIONS)},
            "left_out": {**choice_words("evaluation.out", ("unknown", "constant", "one_year"))},
        },
    )


def _values(
    total: Sums, around: Surroundings, firms: Firms, params: EvaluationParams
) -> pd.DataFrame:
    if params.subject == "district":
        found = district_values(total, around, firms)
        return pd.DataFrame(found, index=pd.Index(firms.districts, name="zone_id"))
    found = sector_values(total, around, firms)
    return pd.DataFrame(found, index=pd.Index(firms.sectors, name="sector"))


def _about(
    every: pd.DataFrame, weight: pd.Series, about: pd.DataFrame, study: Study
) -> pd.DataFrame:
    """Every indicator with its weight, 口径, source and date, and why it stays out."""
    table = about.drop(columns="subject").copy()
    table.insert(1, "weight", weight.reindex(table.index))
    table["known_units"] = every.notna().sum().reindex(table.index)
    one_year = len(study.manifest.years) < 2
    reason = pd.Series("", index=table.index, dtype="str")
    reason[table["weight"].isna()] = "constant"
    reason[table["known_units"] == 0] = "unknown"
    if one_year:
        reason[[i for i in table.index if i.endswith("SC3")]] = "one_year"
    table["left_out"] = reason
    table["date"] = study.manifest.years[-1]
    return table


def _consistency(judged: AhpWeights) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "ratio": [judged.ratio],
            "index": [judged.index],
            "lambda_max": [judged.lambda_max],
            "random_index": [judged.random_index],
            "worst": ["/".join(judged.worst)],
        }
    )


def _layers(study: Study, ranks: pd.DataFrame) -> tuple[LayerSpec, ...]:
    frame = study.zones["district"].merge(ranks, left_on="id", right_index=True, how="left")
    details = [name for name in ("rank", "rank_low", "rank_high") if name in frame]
    return (
        LayerSpec(
            name="evaluation_district",
            kind="choropleth",
            frame=frame,
            title=Bilingual.of("evaluation.layer"),
            column="score",
            details=tuple(details),
            id_column="id",
            approximate=bool(frame["approximate"].any()),
        ),
    )


def _notes(params: EvaluationParams, about: pd.DataFrame, firms: int) -> tuple[Bilingual, ...]:
    notes = [
        Bilingual.of("evaluation.note.proposal"),
        Bilingual.of(f"evaluation.note.{params.missing}"),
        Bilingual.of(f"evaluation.note.scale.{params.normaliser}"),
    ]
    for reason in ("unknown", "constant", "one_year"):
        out = about[about["left_out"] == reason]
        if len(out):
            notes.append(
                Bilingual(
                    Bilingual.of(f"evaluation.note.{reason}", names="、".join(out["name_zh"])).zh,
                    Bilingual.of(f"evaluation.note.{reason}", names="; ".join(out["name_en"])).en,
                )
            )
    lacking = [d for d in DIMENSIONS if about[about["dimension"] == d]["weight"].isna().all()]
    if lacking:
        words = [Bilingual.of(f"dimension.{name}") for name in lacking]
        zh, en = "、".join(w.zh for w in words), ", ".join(w.en for w in words)
        key = "evaluation.note.dimension"
        notes.append(Bilingual(Bilingual.of(key, names=zh).zh, Bilingual.of(key, names=en).en))
    if params.draws:
        notes.append(
            Bilingual.of(
                "evaluation.note.draws",
                draws=params.draws,
                level=f"{params.level:.0%}",
                concentration=f"{params.concentration:g}",
                firms=f"{firms:,}",
            )
        )
    return tuple(notes)


def _provenance(study: Study, params: EvaluationParams) -> Provenance:
    return provenance_of(
        study, params, Bilingual.of("evaluation.method"), seed=params.seed if params.draws else None
    )
