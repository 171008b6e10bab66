"""How sure the specialisation of each zone is: intervals, tests, shrinkage, ways of counting."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from layout.core import facts
from layout.core import measure_columns as names
from layout.core.study import UNTAGGED
from layout.measures.quotient_inference import location_quotient_inference
from layout.measures.specialization import location_quotient

COUNTINGS: Final = ("primary", "fractional", "full")


def intervals(
    counts: dict[str, pd.DataFrame], *, min_firms: int, alpha: float = 0.05
) -> pd.DataFrame:
    """Quotients of firm numbers by zone and sector, with what is known of their chance.

    Parameters
    ----------
    counts
        Zones × sectors and ``untagged``, by way of counting: ``primary``, ``fractional``, ``full``.
    min_firms
        Quotients of fewer firms (primary) are masked: NaN, verdict ``few``.
    alpha
        False discovery rate (Benjamini–Yekutieli, any dependence) of the verdicts.

    Returns
    -------
    DataFrame
        Indexed by (zone_id, sector): firms and quotients by each way of counting, of the primary
        one also ``low`` and ``high`` (95 %), exact ``p_over`` and ``p_under``, ``q_over_by`` and
        ``q_under_by``, ``shrunk`` (empirical Bayes, shown for small numbers too) and ``verdict``:
        ``over``, ``under``, ``none``, ``few`` or ``empty`` (a zone without firms).
    """
    sectors = list(facts.sector_ids())
    primary = counts["primary"][[*sectors, UNTAGGED]]
    found = location_quotient_inference(primary.astype("int64"))
    found = found[found.index.get_level_values(1) != UNTAGGED]
    frame = pd.DataFrame(index=found.index.set_names(["zone_id", "sector"]))
    few = pd.Series(found[names.COUNT].to_numpy() < min_firms, index=frame.index)
    for way in COUNTINGS:
        table = counts[way][[*sectors, UNTAGGED]].astype("float64")
        frame[f"firms_{way}"] = table[sectors].to_numpy().ravel()
        frame[f"lq_{way}"] = location_quotient(table)[sectors].to_numpy().ravel()
        frame[f"lq_{way}"] = frame[f"lq_{way}"].mask(few)
    kept = [names.LOW, names.HIGH, names.P_OVER, names.P_UNDER, "q_over_by", "q_under_by",
            names.SHRUNK]  # fmt: skip
    frame[kept] = found[kept].to_numpy()
    verdict = np.full(len(frame), "none", dtype=object)
    verdict[few] = "few"
    # scarcity is no small number: where many were to be expected, none is a finding
    verdict[frame["q_under_by"] <= alpha] = "under"
    verdict[(frame["q_over_by"] <= alpha) & ~few] = "over"
    verdict[found[names.REGION_TOTAL].to_numpy() == 0] = "empty"
    frame["verdict"] = verdict
    return frame
