"""Districts pair by pair: how alike their mixes are and in which sectors they compete."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from layout.analyses.differentiation.settings import DifferentiationParams
from layout.core import facts
from layout.core.study import Study
from layout.measures.opportunity import quotients
from layout.measures.similarity import cosine_similarities, differentiation, krugman_distances
from layout.measures.tables import Floats


@dataclass(frozen=True)
class Compared:
    """Districts compared, for each draw; the first is the firms as they are.

    Attributes
    ----------
    ids
        Districts.
    counts
        Firms by district and sector, (draws, districts, sectors).
    krugman, cosine
        (draws, districts, districts).
    """

    ids: tuple[str, ...]
    counts: Floats
    krugman: Floats
    cosine: Floats


def zone_counts(study: Study, kind: str, params: DifferentiationParams) -> pd.DataFrame:
    """Firms by zone and sector (the plan's sectors alone), all zones in their order."""
    cube = study.cubes[kind]
    cube = cube[cube["year"] == params.year]
    column = "firms" if params.counting == "primary" else "firms_full"
    table = cube.groupby(["zone_id", "sector"], observed=True)[column].sum().unstack(fill_value=0)
    return table.reindex(
        index=list(study.zones[kind]["id"]), columns=list(facts.sector_ids()), fill_value=0
    ).astype("float64")


def compare_districts(table: pd.DataFrame, params: DifferentiationParams) -> Compared:
    """Similarities of a table of counts and of its resampled ones."""
    rng = np.random.default_rng(params.seed)
    values = table.to_numpy()
    drawn = rng.poisson(values, size=(params.draws, *values.shape)).astype("float64")
    counts = np.concatenate([values[None], drawn])
    return Compared(
        tuple(table.index), counts, krugman_distances(counts), cosine_similarities(counts)
    )


def index_table(compared: Compared, params: DifferentiationParams) -> pd.DataFrame:
    """The city-wide index with its interval, districts counting alike and by their firms."""
    rows = {}
    for name, weighted in (("alike", False), ("by_firms", True)):
        index = differentiation(compared.counts, weighted=weighted)
        low, high = interval(index[1:], params.level)
        rows[name] = {"index": index[0], "low": float(low), "high": float(high)}
    frame = pd.DataFrame(rows).T
    frame.index.name = "weighting"
    return frame


def pair_table(compared: Compared, params: DifferentiationParams) -> pd.DataFrame:
    """One row a pair, most alike first: similarity with interval, shared strengths, competing."""
    quotient = np.nan_to_num(quotients(compared.counts[0]))
    low, high = interval(compared.cosine[1:], params.level)
    sectors = facts.sector_ids()
    rows = []
    for a, b in combinations(range(len(compared.ids)), 2):
        shared = np.flatnonzero((quotient[[a, b]] >= params.special_from).all(axis=0))
        strength = np.minimum(quotient[a], quotient[b])
        ordered = sorted(shared, key=lambda s: -strength[s])
        cosine = compared.cosine[0, a, b]
        rows.append(
            {
                "district_a": compared.ids[a], "district_b": compared.ids[b],
                "cosine": cosine, "cosine_low": low[a, b], "cosine_high": high[a, b],
                "krugman_index": compared.krugman[0, a, b],
                "shared_sectors": ";".join(sectors[s] for s in ordered),
                "competing": bool(cosine >= params.competing_from and len(shared)),
                "competing_share": _share(compared.cosine[1:, a, b] >= params.competing_from),
            }
        )  # fmt: skip
    frame = pd.DataFrame(rows).sort_values(by="cosine", ascending=False, kind="stable")
    return frame.set_index(["district_a", "district_b"])


def district_table(compared: Compared, pairs: pd.DataFrame) -> pd.DataFrame:
    """By district: the most similar one, mean distance to the others, number of competitors."""
    size = len(compared.ids)
    cosine = compared.cosine[0].copy()
    np.fill_diagonal(cosine, -1.0)
    known = np.isfinite(cosine) & (cosine >= 0)
    nearest = np.where(known, cosine, -1.0).argmax(axis=1)
    distance = compared.krugman[0].copy()
    np.fill_diagonal(distance, np.nan)
    rows = pairs[pairs["competing"]].index
    competing = pd.Series([d for pair in rows for d in pair], dtype=object).value_counts()
    some = known.any(axis=1)
    return pd.DataFrame(
        {
            "nearest": [
                compared.ids[i] if ok else None for i, ok in zip(nearest, some, strict=True)
            ],
            "nearest_cosine": np.where(some, cosine[np.arange(size), nearest], np.nan),
            "mean_krugman": [_mean(row) for row in distance],
            "competitors": [int(competing.get(name, 0)) for name in compared.ids],
            "tagged": compared.counts[0].sum(axis=1).astype("int64"),
        },
        index=pd.Index(compared.ids, name="district_id"),
    )  # fmt: skip


def square(values: Floats, ids: tuple[str, ...]) -> pd.DataFrame:
    """A matrix of districts with its labels."""
    return pd.DataFrame(values, index=pd.Index(ids, name="district_id"), columns=list(ids))


def interval(drawn: Floats, level: float) -> tuple[Floats, Floats]:
    """Quantiles over the draws; NaN where every draw is."""
    none = np.isnan(drawn).all(axis=0)
    tail = (1 - level) / 2
    low, high = np.nanquantile(np.where(none, 0.0, drawn), [tail, 1 - tail], axis=0)
    return np.where(none, np.nan, low), np.where(none, np.nan, high)


def _share(hits: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    return float(hits.mean())


def _mean(row: Floats) -> float:
    known = row[np.isfinite(row)]
    return float(known.mean()) if len(known) else float("nan")
