"""How a district grew: shift-share, and specialisations that came and went."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layout.analyses.profile.settings import ProfileParams
from layout.analyses.profile.tables import zone_table
from layout.core import facts
from layout.core import measure_columns as names
from layout.core.errors import ParameterError
from layout.core.study import Study
from layout.measures.shift_share import dunn
from layout.measures.specialization import location_quotient

PARTS = (names.GROWTH, names.NATIONAL, names.MIX, names.REGIONAL, names.NET_SHIFT)
MOVES = ("kept", "entered", "left")


def span(study: Study, params: ProfileParams) -> tuple[int, int] | None:
    """First and last year of growth; None where the panel has one year only.

    Raises
    ------
    ParameterError
        A year is not in the panel, or the last is not after the first.
    """
    years = study.manifest.years
    for year in (params.start, params.end):
        if year and year not in years:
            raise ParameterError(
                "error.unknown_ids", what="year", found=year, known=", ".join(map(str, years))
            )
    if len(years) < 2:
        return None
    first, last = params.start or years[0], params.end or years[-1]
    if first >= last:
        raise ParameterError("error.profile_span", first=first, last=last)
    return first, last


def shift_share_table(study: Study, params: ProfileParams) -> pd.DataFrame:
    """By district: growth of the tagged firms, split into city's, mix's and its own part.

    In firms, yuan or persons, with ``growth_rate`` in parts of the start. The reference is the
    city's districts together. A panel with one year has no growth: NaN throughout.
    """
    index = pd.Index(list(study.zones["district"]["id"]), name="district_id")
    years = span(study, params)
    columns = ["start", "end", *PARTS, "growth_rate"]
    if years is None:
        return pd.DataFrame(np.nan, index=index, columns=columns)
    start, end = (zone_table(study, "district", y, measure=params.measure) for y in years)
    parts = dunn(start, end, start.sum(axis=0), end.sum(axis=0)).total
    frame = parts[list(PARTS)].copy()
    frame.insert(0, "start", start.sum(axis=1))
    frame.insert(1, "end", end.sum(axis=1))
    frame["growth_rate"] = frame[names.GROWTH] / frame["start"].where(frame["start"] > 0)
    return frame.rename_axis("district_id")


def sector_growth_table(study: Study, params: ProfileParams) -> pd.DataFrame:
    """The same by district and sector."""
    years = span(study, params)
    if years is None:
        index = pd.MultiIndex.from_product(
            [list(study.zones["district"]["id"]), facts.sector_ids()]
        )
        frame = pd.DataFrame(np.nan, index=index, columns=list(PARTS))
    else:
        start, end = (zone_table(study, "district", y, measure=params.measure) for y in years)
        frame = dunn(start, end, start.sum(axis=0), end.sum(axis=0)).by_sector[list(PARTS)]
    frame.index.names = ["district_id", "sector"]
    return frame


def entry_table(study: Study, params: ProfileParams) -> pd.DataFrame:
    """Specialisations by firms at the two ends of the panel: kept, entered, left; small ones out.

    Firms count in a year if they were founded by its end and are in the table now: an exit is a
    share that fell, not a death that was seen.
    """
    years = span(study, params)
    columns = ["location_quotient_start", "location_quotient_end", "firms", "move"]
    if years is None:
        index = pd.MultiIndex.from_tuples([], names=["district_id", "sector"])
        return pd.DataFrame(columns=columns, index=index)
    sectors = list(facts.sector_ids())
    quotients, counts = [], []
    for year in years:
        table = zone_table(study, "district", year, untagged=True)
        quotients.append(location_quotient(table)[sectors].stack(future_stack=True))
        counts.append(table[sectors].stack(future_stack=True))
    special = [
        (q >= params.special_from) & (n >= params.min_firms)
        for q, n in zip(quotients, counts, strict=True)
    ]
    frame = pd.DataFrame(
        {
            "location_quotient_start": quotients[0], "location_quotient_end": quotients[1],
            "firms": counts[1].astype("int64"),
            "move": np.select(
                [special[0] & special[1], ~special[0] & special[1], special[0] & ~special[1]],
                list(MOVES), default="",
            ),
        }
    )  # fmt: skip
    frame.index.names = ["district_id", "sector"]
    return frame[frame["move"] != ""]
