"""Sectors to deepen, to build, to watch and to leave, on the plane of ease against gain."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.analyses.paths.cells import Floats
from layout.analyses.paths.evidence import Evidence, Plane
from layout.analyses.paths.settings import PathsParams
from layout.core import facts
from layout.measures.tables import ratio

ACTIONS: Final = ("deepen", "build", "watch", "leave")
UNKNOWN: Final = "unknown"


def actions(plane: Plane, special_from: float) -> npt.NDArray[np.int64]:
    """Place in ``ACTIONS`` of every sector of every district and draw, -1 where unknown.

    - deepen: the district is specialised in it;
    - build: it is not, but the sector is near to what the district has (ease at least its mean over
      the sectors) and more complex than the mean (gain at least 0);
    - watch: one of the two; leave: neither.
    """
    special = np.nan_to_num(plane.quotient, nan=-1.0) >= special_from
    mean = np.nanmean(np.where(np.isfinite(plane.ease), plane.ease, 0.0), axis=-1, keepdims=True)
    near = np.nan_to_num(plane.ease, nan=-1.0) >= mean
    complex_ = np.nan_to_num(plane.gain, nan=-np.inf)[..., None, :] >= 0
    found = np.where(special, 0, np.where(near & complex_, 1, np.where(near | complex_, 2, 3)))
    unknown = ~np.isfinite(plane.quotient)
    lost = np.broadcast_to(~np.isfinite(plane.gain)[..., None, :], found.shape) & ~special
    return np.where(unknown | lost, -1, found).astype("int64")


def plane_table(evidence: Evidence, params: PathsParams) -> pd.DataFrame:
    """By district and sector: ease, gain and quotient with their spread, and the action.

    ``relative_ease`` is ease less the district's mean over the sectors: density grows with a
    district's diversity, so that only the differences within a district speak of a sector.
    ``action_share`` is the share of resampled firms in which the action is the same.
    """
    plane = evidence.plane
    found = actions(plane, params.special_from)
    shape = found.shape[1:]
    mean = np.nanmean(np.where(np.isfinite(plane.ease), plane.ease, 0.0), axis=-1, keepdims=True)
    columns: dict[str, Floats] = {
        "firms": evidence.sample.sectors[0],
        **_spread("quotient", plane.quotient, params.level),
        **_spread("ease", plane.ease, params.level),
        "relative_ease": plane.ease[0] - mean[0],
        **{
            name: np.broadcast_to(values, shape)
            for name, values in _spread("gain", plane.gain, params.level).items()
        },
    }
    index = pd.MultiIndex.from_product(
        [evidence.districts, facts.sector_ids()], names=["district_id", "sector"]
    )
    frame = pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index=index)
    frame["action"] = [ACTIONS[i] if i >= 0 else UNKNOWN for i in found[0].ravel()]
    frame["action_share"] = (found[1:] == found[0]).mean(axis=0).ravel()
    frame["small"] = frame["firms"] < params.min_firms
    return frame


def mix_table(evidence: Evidence, params: PathsParams) -> pd.DataFrame:
    """By district and sector: share in its tagged firms with interval, and the city's share."""
    sectors = evidence.sample.sectors
    share = ratio(sectors, sectors.sum(axis=-1, keepdims=True))
    city = ratio(sectors[0].sum(axis=0), sectors[0].sum())
    columns: dict[str, Floats] = {
        "firms": sectors[0],
        **_spread("share", share, params.level),
        "city_share": np.broadcast_to(city, share.shape[1:]),
    }
    index = pd.MultiIndex.from_product(
        [evidence.districts, facts.sector_ids()], names=["district_id", "sector"]
    )
    return pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index=index)


def _spread(name: str, drawn: Floats, level: float) -> dict[str, Floats]:
    """The value as it is, and the quantiles of its draws."""
    tail = (1 - level) / 2
    none = np.isnan(drawn[1:]).all(axis=0)
    low, high = np.nanquantile(np.where(none, 0.0, drawn[1:]), [tail, 1 - tail], axis=0)
    return {
        name: drawn[0],
        f"{name}_low": np.where(none, np.nan, low),
        f"{name}_high": np.where(none, np.nan, high),
    }
