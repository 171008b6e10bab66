"""Indicators of districts and sectors from sums over firms and the layers around them."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from layout.analyses.evaluation.aggregates import (
    FUSION,
    HIGH_TECH,
    HIGH_TECH_KNOWN,
    IN_PARK,
    Firms,
    Floats,
    Sums,
)
from layout.core import facts
from layout.core.study import Study

CARRIERS = ("研究院", "实验室", "创新中心", "攻关基地")
PLATFORMS = ("关键技术平台", "资源条件平台", "科技服务平台", "智库", "融资服务平台")
APPLIED = ("S08", "S09", "S10")
MIN_LQ = 1.2
MIN_FIRMS = 5


@dataclass(frozen=True)
class Surroundings:
    """What lies around the firms and is not resampled.

    Attributes
    ----------
    carriers, platforms
        Number by district and by sector served.
    stations, racks
        Number by district, NaN where not known.
    area_km2
        By district.
    links
        Chain links × industry codes of the firms: whether the code belongs to the link.
    link_sectors
        Chain links × sectors: whether the link is tied to the sector.
    """

    carriers: tuple[Floats, Floats]
    platforms: tuple[Floats, Floats]
    stations: Floats
    racks: Floats
    area_km2: Floats
    links: np.ndarray
    link_sectors: np.ndarray


def surroundings(study: Study, firms: Firms) -> Surroundings:
    """Carriers, platforms, facilities and chains of a study."""
    carriers = facts.city_table(study.manifest.city, "carriers")
    if "carriers" in study.layers:
        carriers = pd.DataFrame(study.layers["carriers"].drop(columns="geometry"))
    chains = facts.reference("chains")
    codes = [[code for code in cell.split(";") if code] for cell in chains["gbt4754_codes"]]
    zones = study.zones["district"].set_index("id").loc[list(firms.districts)]
    return Surroundings(
        carriers=_counted(carriers[carriers["type"].isin(CARRIERS)], firms),
        platforms=_counted(carriers[carriers["type"].isin(PLATFORMS)], firms),
        stations=_stations(study, firms),
        racks=_racks(study, firms),
        area_km2=zones["area_km2"].to_numpy(dtype="float64"),
        links=np.array(
            [[any(f.startswith(c) for c in link) for f in firms.codes] for link in codes],
            dtype=bool,
        ).reshape(len(chains), len(firms.codes)),
        link_sectors=np.array(
            [[s in cell.split(";") for s in firms.sectors] for cell in chains["sectors"]],
            dtype=bool,
        ),
    )


def district_values(total: Sums, around: Surroundings, firms: Firms) -> dict[str, Floats]:
    """Indicators by district, NaN where they are not known."""
    number = total.number.sum(axis=1)
    applied = [firms.sectors.index(s) for s in APPLIED]
    covered = (total.code_number > 0).astype("int64") @ around.links.T.astype("int64") > 0
    return {
        "D-SC1": _percent(number, number.sum()),
        "D-SC2": _percent(total.last.sum(axis=1), total.last.sum()),
        "D-SC3": _growth(total.first.sum(axis=1), total.last.sum(axis=1), firms.years),
        "D-IN1": _over(around.carriers[0] * 1000, number),
        "D-IN2": _percent(
            total.flags[HIGH_TECH].sum(axis=1), total.flags[HIGH_TECH_KNOWN].sum(axis=1)
        ),
        "D-AP1": _percent(total.flags[FUSION].sum(axis=1), number),
        "D-AP2": _percent(total.number[:, applied].sum(axis=1), number),
        "D-IF1": _over(around.stations, around.area_km2),
        "D-IF2": _over(around.racks, around.area_km2),
        "D-CL1": _percent(total.flags[IN_PARK].sum(axis=1), number),
        "D-CL2": _specialised(total.number),
        "D-CH1": _where(covered.mean(axis=1) * 100, number > 0),
        "D-PL1": _over(around.platforms[0] * 1000, number),
    }


def sector_values(total: Sums, around: Surroundings, firms: Firms) -> dict[str, Floats]:
    """Indicators by sector, NaN where they are not known."""
    number = total.number.sum(axis=0)
    shares = _over(total.number, number[None, :])
    base = total.number.sum(axis=1) / max(total.number.sum(), 1.0)
    held = (total.code_number.sum(axis=0) > 0)[None, :] & around.links
    tied = around.link_sectors.sum(axis=0).astype("float64")
    links = (held.any(axis=1)[:, None] & around.link_sectors).sum(axis=0)
    return {
        "S-SC1": _percent(number, number.sum()),
        "S-SC2": _percent(total.last.sum(axis=0), total.last.sum()),
        "S-SC3": _growth(total.first.sum(axis=0), total.last.sum(axis=0), firms.years),
        "S-IN1": _over(around.carriers[1] * 1000, number),
        "S-IN2": _percent(
            total.flags[HIGH_TECH].sum(axis=0), total.flags[HIGH_TECH_KNOWN].sum(axis=0)
        ),
        "S-AP1": _percent(total.flags[FUSION].sum(axis=0), number),
        "S-CL1": _percent(total.flags[IN_PARK].sum(axis=0), number),
        "S-CL2": np.abs(shares - base[:, None]).sum(axis=0) / 2,
        "S-CH1": _percent(links.astype("float64"), tied),
        "S-PL1": _over(around.platforms[1] * 1000, number),
    }


def _counted(rows: pd.DataFrame, firms: Firms) -> tuple[Floats, Floats]:
    """Rows by district and by each sector that they serve."""
    district = rows["district_id"].value_counts().reindex(list(firms.districts), fill_value=0)
    served = rows["sectors"].fillna("").astype(str).str.split(";").explode().value_counts()
    sector = served.reindex(list(firms.sectors), fill_value=0)
    return np.array(district, dtype="float64"), np.array(sector, dtype="float64")


def _stations(study: Study, firms: Firms) -> Floats:
    """5G stations by district; unknown where no layer of stations is loaded."""
    if "stations" not in study.layers:
        return np.full(len(firms.districts), np.nan)
    points = study.layers["stations"][["geometry"]]
    zones = study.zones["district"][["id", "geometry"]]
    inside = gpd.sjoin(points, zones, predicate="within", how="inner")
    first = inside[~inside.index.duplicated()]["id"]
    counted = first.value_counts().reindex(list(firms.districts), fill_value=0)
    return np.array(counted, dtype="float64")


def _racks(study: Study, firms: Firms) -> Floats:
    """Standard racks by district over facilities that may be summed; NaN where none is known."""
    rows = facts.city_table(study.manifest.city, "data_centres")
    if "data_centres" in study.layers:
        rows = pd.DataFrame(study.layers["data_centres"].drop(columns="geometry"))
    if not {"racks", "countable", "district_id"} <= set(rows.columns):
        return np.full(len(firms.districts), np.nan)
    racks = pd.to_numeric(rows["racks"].replace("", None)).astype("float64")
    chosen = pd.to_numeric(rows["countable"].replace("", None)).eq(1) & racks.notna()
    summed = racks[chosen].groupby(rows.loc[chosen, "district_id"]).sum()
    return np.array(summed.reindex(list(firms.districts)), dtype="float64")


def _specialised(number: Floats) -> Floats:
    """Sectors of each district with a quotient of at least 1.2 and 5 firms."""
    own = _over(number, number.sum(axis=1, keepdims=True))
    city = _over(number.sum(axis=0), np.full(number.shape[1], number.sum()))
    quotient = np.nan_to_num(_over(own, np.broadcast_to(city, own.shape)))
    found = ((quotient >= MIN_LQ) & (number >= MIN_FIRMS)).sum(axis=1).astype("float64")
    return _where(found, number.sum(axis=1) > 0)


def _over(numerator: Floats, denominator: Floats) -> Floats:
    below = np.broadcast_to(denominator, numerator.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(below > 0, numerator / np.where(below > 0, below, 1.0), np.nan)


def _percent(part: Floats, whole: Floats | float) -> Floats:
    return _over(part, np.broadcast_to(np.asarray(whole, dtype="float64"), part.shape)) * 100


def _growth(first: Floats, last: Floats, years: tuple[int, int]) -> Floats:
    """Mean yearly growth, %; NaN where there is one year or nothing to grow from."""
    span = years[1] - years[0]
    if span < 1:
        return np.full(len(first), np.nan)
    return _where((_over(last, first) ** (1 / span) - 1) * 100, (first > 0) & (last > 0))


def _where(values: Floats, known: np.ndarray) -> Floats:
    return np.where(known, values, np.nan)
