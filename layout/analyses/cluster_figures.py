"""The tables of the analysis of clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.analyses.cluster_params import ClusterParams
from layout.analyses.firm_points import FirmPoints, zone_words
from layout.core import facts
from layout.core import measure_columns as names
from layout.core.colours import sector_words
from layout.core.study import UNTAGGED, Study
from layout.core.texts import LANGS, text
from layout.measures.quotient_inference import location_quotient_inference
from layout.measures.stars import cluster_stars
from layout.prepare.dimensions import tiers

if TYPE_CHECKING:
    from layout.analyses.clusters import Found

Bools = npt.NDArray[np.bool_]
YI: Final = 1e8
NEAR_PARK_M: Final = 1000.0
"""A park this near gives the cluster its name; otherwise the district does."""

ID: Final = "cluster_id"
CLASSES: Final = ("thousand", "hundred", "other")
TARGETS: Final = {"thousand": ("T-13", 3), "hundred": ("T-14", 6)}
"""The plan's targets: at least so many clusters of each class by 2023."""


def cluster_table(
    study: Study,
    firms: FirmPoints,
    found: tuple[Found, ...],
    kept: gpd.GeoDataFrame,
    params: ClusterParams,
) -> pd.DataFrame:
    """A row a cluster: what it is called, what is in it and how sure that is."""
    rows = [
        _row(firms, one, number, params) for one in found for number in significant(one, params)
    ]
    table = pd.DataFrame(rows, index=pd.Index(kept.index, name=ID), columns=list(_EMPTY))
    table = table.astype({name: kind for name, kind in _EMPTY.items() if kind})
    table["area_km2"] = kept.area.to_numpy() / 1e6
    _add_places(study, table, kept)
    _add_names(study, table)
    _add_stars(firms, found, table, params)
    table[names.STARS] = table[names.STARS].astype("Int64")
    return table[[name for name in ORDER if name in table]]


def significant(one: Found, params: ClusterParams) -> list[int]:
    """Numbers of the clusters that are hardly chance."""
    return [int(number) for number in np.flatnonzero(one.q <= params.alpha)]


_EMPTY: Final = {
    "sector": "object",
    names.FIRMS: "int64",
    names.ALL_FIRMS: "int64",
    names.PLACES: "int64",
    "largest_place_share": "float64",
    "revenue_cny": "float64",
    "revenue_known": "int64",
    "employees": "float64",
    names.LQ: "float64",
    names.LOW: "float64",
    names.HIGH: "float64",
    names.P_SIM: "float64",
    names.Q: "float64",
    names.STRENGTH: "float64",
    "size_cny": "float64",
    "size_class": "object",
}

ORDER: Final = (
    "name_zh", "name_en", "sector", "size_class", names.STARS, names.FIRMS, names.ALL_FIRMS,
    "revenue_cny", "revenue_known", "employees", names.LQ, names.LOW, names.HIGH, names.P_SIM,
    names.Q, names.STRENGTH, names.PLACES, "largest_place_share", "area_km2", "district_id",
    "park_id", "park_distance_m", "near_border", "size_cny", names.SIZE_STAR, names.QUOTIENT_STAR,
    names.FOCUS_STAR,
)  # fmt: skip


def _row(firms: FirmPoints, one: Found, number: int, params: ClusterParams) -> dict[str, Any]:
    figures = one.clusters.table.iloc[number]
    on = one.clusters.ground == number
    own = on & one.mask
    low, high = _interval(one, number)
    revenue, known = known_sum(firms.revenue[own])
    size = _size(firms, on, own, params)
    return {
        "sector": _lead(firms, on, one),
        **{name: figures[name] for name in (names.FIRMS, names.ALL_FIRMS, names.PLACES, names.LQ,
                                            names.P_SIM, names.STRENGTH)},
        "largest_place_share": float("nan") if firms.cell_m else _largest_share(firms.xy[own]),
        "revenue_cny": revenue,
        "revenue_known": known,
        "employees": known_sum(firms.employees[own])[0],
        names.LOW: low,
        names.HIGH: high,
        names.Q: one.q[number],
        "size_cny": size,
        "size_class": size_class(size, params),
    }  # fmt: skip


def known_sum(values: npt.NDArray[np.float64]) -> tuple[float, int]:
    """Sum of the known values and how many there are; NaN where none is known."""
    known = ~np.isnan(values)
    return (float(values[known].sum()) if known.any() else float("nan")), int(known.sum())


def _lead(firms: FirmPoints, on: Bools, one: Found) -> str:
    """The sector itself, or of a group the sector with most firms."""
    every = facts.sector_ids()
    if one.name in every:
        return one.name
    counts = np.bincount(firms.sectors[on & one.mask, 0] + 1, minlength=len(every) + 1)[1:]
    return every[int(counts.argmax())]


def _interval(one: Found, number: int) -> tuple[float, float]:
    """Interval of a cluster's quotient; the region is part of the city."""
    figures = one.clusters.table.iloc[number]
    inside, n = int(figures[names.FIRMS]), int(figures[names.ALL_FIRMS])
    sector, city = int(one.mask.sum()), int(one.mask.size)
    table = pd.DataFrame({"s": [inside, sector - inside]}, index=["in", "rest"])
    totals = pd.Series([n, city - n], index=table.index)
    found = location_quotient_inference(table, totals)  # first row: inside
    return float(found[names.LOW].iloc[0]), float(found[names.HIGH].iloc[0])


def _largest_share(xy: npt.NDArray[np.float64]) -> float:
    """Share of the firms at the most crowded coordinates."""
    _, number = np.unique(xy[:, 0] + 1j * xy[:, 1], return_counts=True)
    return float(number.max() / len(xy))


def _size(firms: FirmPoints, on: Bools, own: Bools, params: ClusterParams) -> float:
    tagged = on & (firms.sectors[:, 0] >= 0)
    which = {"revenue": own, "revenue_tagged": tagged, "revenue_all": on}[params.size_measure]
    return known_sum(firms.revenue[which])[0]


def size_class(size_cny: float, params: ClusterParams) -> str:
    """``thousand``, ``hundred``, ``other``, or ``unknown`` where no revenue is known."""
    if np.isnan(size_cny):
        return "unknown"
    if size_cny >= params.thousand_yi * YI:
        return "thousand"
    return "hundred" if size_cny >= params.hundred_yi * YI else "other"


def _add_places(study: Study, table: pd.DataFrame, kept: gpd.GeoDataFrame) -> None:
    """District, nearest park and its distance, and whether the city's edge is near."""
    centre = kept.geometry.representative_point()
    districts = study.zones["district"].to_crs(kept.crs)
    place = districts.sindex.nearest(centre, return_all=False)[1]
    table["district_id"] = districts["id"].to_numpy()[place] if len(kept) else []
    edge = districts.geometry.union_all().boundary
    table["near_border"] = kept.geometry.distance(edge).to_numpy() == 0
    parks = study.zones.get("park")
    table["park_id"], table["park_distance_m"] = None, np.nan
    if parks is None or not len(parks) or not len(kept):
        return
    parks = parks[parks["kind"] == "site"] if "kind" in parks else parks
    metric = parks.to_crs(kept.crs)
    (_, nearest), gap = metric.sindex.nearest(centre, return_all=False, return_distance=True)
    table["park_id"] = metric["id"].to_numpy()[nearest]
    table["park_distance_m"] = gap


def _add_names(study: Study, table: pd.DataFrame) -> None:
    """Names of lead sector and nearest park (else district), told apart by numbers."""
    sectors = sector_words()
    near = (table["park_distance_m"] <= NEAR_PARK_M).to_numpy()
    for lang in LANGS:
        column = f"name_{lang}"
        districts = zone_words(study, "district")[column].to_dict()
        parks = zone_words(study, "park")[column].to_dict() if near.any() else {}
        places = [
            parks[park] if at_park else districts[district]
            for park, district, at_park in zip(
                table["park_id"], table["district_id"], near, strict=True
            )
        ]
        found = [
            text("clusters.name", lang, place=place, sector=sectors[sector](lang))
            for place, sector in zip(places, table["sector"], strict=True)
        ]
        series = pd.Series(found, index=table.index, dtype=object)
        again = series.groupby(series).cumcount()
        many = series.map(series.value_counts()) > 1
        table[column] = series.where(~many, series + " " + (again + 1).astype(str))


def _add_stars(
    firms: FirmPoints, found: tuple[Found, ...], table: pd.DataFrame, params: ClusterParams
) -> None:
    """Stars among all clusters, each a region; quotients compare with the city."""
    columns = [names.SIZE_STAR, names.QUOTIENT_STAR, names.FOCUS_STAR, names.STARS]
    if not len(table):
        table[columns] = pd.DataFrame(columns=columns, index=table.index)
        return
    amount = firms.employees if params.stars_measure == "employees" else np.ones(len(firms))
    amount = np.nan_to_num(amount)
    every = list(facts.sector_ids())
    sector = firms.sectors[:, 0]
    regions = [
        np.bincount(sector[on] + 1, amount[on], minlength=len(every) + 1)
        for on in grounds(found, params)
    ]
    inside = pd.DataFrame(np.vstack(regions)[:, 1:], index=table.index, columns=every)
    totals = pd.Series(np.vstack(regions).sum(axis=1), index=table.index)
    city = np.bincount(sector + 1, amount, minlength=len(every) + 1)
    share = pd.Series(city[1:] / max(city.sum(), 1e-300), index=every)
    stars = cluster_stars(inside, totals, reference=share)
    own = pd.MultiIndex.from_arrays([table.index, table["sector"]])
    table[columns] = stars.reindex(own)[columns].to_numpy()


def grounds(found: tuple[Found, ...], params: ClusterParams) -> list[Bools]:
    """Which firms lie on the ground of every significant cluster, in the order of the table."""
    return [one.clusters.ground == number for one in found for number in significant(one, params)]


def cluster_mix(
    firms: FirmPoints, found: tuple[Found, ...], table: pd.DataFrame, params: ClusterParams
) -> pd.DataFrame:
    """Clusters × sectors: firms by primary sector on the ground of each, and untagged ones."""
    columns = [*facts.sector_ids(), UNTAGGED]
    rows = [
        np.bincount(np.where(firms.sectors[on, 0] < 0, len(columns) - 1, firms.sectors[on, 0]),
                    minlength=len(columns))
        for on in grounds(found, params)
    ]  # fmt: skip
    return _by_cluster(rows, table, columns)


def cluster_tiers(
    firms: FirmPoints, found: tuple[Found, ...], table: pd.DataFrame, params: ClusterParams
) -> pd.DataFrame:
    """Clusters × size tiers: the sector's own firms, the pyramid from leading to small."""
    columns = list(tiers()["id"])
    tier = firms.tier
    rows = [
        np.bincount(tier[one.mask & (one.clusters.ground == number)], minlength=len(columns))
        for one in found
        for number in significant(one, params)
    ]
    return _by_cluster(rows, table, columns)


def _by_cluster(rows: list[Any], table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    values = np.vstack(rows) if rows else np.empty((0, len(columns)), dtype=np.int64)
    return pd.DataFrame(values, index=table.index, columns=columns)


def plan_counts(firms: FirmPoints, table: pd.DataFrame, params: ClusterParams) -> pd.DataFrame:
    """The plan's counts T-13 and T-14: found clusters, and sectors taken as a whole.

    The plan does not say by what a cluster is measured; both readings stand side by side.
    """
    sector = firms.sectors[:, 0]
    whole = [
        size_class(known_sum(firms.revenue[sector == place])[0], params)
        for place in range(len(facts.sector_ids()))
    ]
    rows = []
    for basis, classes in (("clusters", list(table["size_class"])), ("sectors", whole)):
        for name, (target, wanted) in TARGETS.items():
            number = classes.count(name)
            if name == "hundred" and params.nested:
                number += classes.count("thousand")
            measure = params.size_measure if basis == "clusters" else "revenue"
            rows.append(
                {"target_id": target, "size_class": name, "basis": basis, "found": number,
                 "target": wanted, "met": number >= wanted, "measure": measure}
            )  # fmt: skip
    return pd.DataFrame(rows)


def sector_table(
    found: tuple[Found, ...], table: pd.DataFrame, params: ClusterParams
) -> pd.DataFrame:
    """By sector or group: firms, clusters, how many firms are in them, and the null's strength."""
    rows = []
    for one in found:
        kept = significant(one, params)
        inside = int(np.isin(one.clusters.ground[one.mask], kept).sum())
        null = one.clusters.strongest
        level = float(np.quantile(null, 1 - params.alpha)) if null.size else float("nan")
        rows.append(
            {
                "sector": one.name,
                names.FIRMS: int(one.mask.sum()),
                "clusters": len(kept),
                "not_significant": len(one.q) - len(kept),
                "firms_in_clusters": inside,
                "share_in_clusters": inside / one.mask.sum() if one.mask.any() else float("nan"),
                "strength_by_chance": level,
                "undefined": one.clusters.undefined,
            }
        )
    return pd.DataFrame(rows)
