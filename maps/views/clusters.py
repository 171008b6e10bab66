"""Tables and places of clusters as people read them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import shapely

from layout.core import measure_columns as names
from layout.core.texts import Lang, text


def cluster_at(frame: Any, place: tuple[float, float] | None) -> str | None:
    """Id of the cluster at a place (latitude, longitude); the smallest where several lie."""
    if place is None or not len(frame):
        return None
    held = frame[shapely.contains_xy(frame.geometry.to_numpy(), place[1], place[0])]
    if not len(held):
        return None
    return str(held.loc[held["area_km2"].idxmin(), "cluster_id"])


def readable_clusters(table: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """The list of clusters: name, firms, quotient with interval, q, revenue, class, stars."""
    shown = pd.DataFrame(
        {
            f"name_{lang}": table[f"name_{lang}"],
            names.FIRMS: table[names.FIRMS],
            names.LQ: table[names.LQ],
            "interval": [
                f"{low:.1f}–{high:.1f}"
                for low, high in zip(table[names.LOW], table[names.HIGH], strict=True)
            ],
            names.Q: table[names.Q],
            "revenue_yi": table["revenue_cny"] / 1e8,
            "size_class": [text(f"clusters.class.{name}", lang) for name in table["size_class"]],
            names.STARS: ["★" * int(stars) or "–" for stars in table[names.STARS]],
        }
    )
    return shown.sort_values(names.FIRMS, ascending=False).reset_index(drop=True)


def readable_counts(counts: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """The plan's counts with words for classes, bases and measures."""
    return pd.DataFrame(
        {
            "target_id": counts["target_id"],
            "size_class": [text(f"clusters.class.{name}", lang) for name in counts["size_class"]],
            "basis": [text(f"clusters.basis.{name}", lang) for name in counts["basis"]],
            "found": counts["found"],
            "target": counts["target"],
            "met": counts["met"],
            "measure": [text(f"choice.size_measure.{name}", lang) for name in counts["measure"]],
        }
    )
