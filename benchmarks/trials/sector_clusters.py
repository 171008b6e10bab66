"""Synthetic cities: are the planted clusters found, and is nothing found where labels are dealt?

Cities of 20,000 firms, each with its own seed; the sector of a firm is its true primary one. A
planted cluster is one of the truth file, a disc. It counts where the disc holds at least 50 firms
of its sector and a location quotient of at least 3; it is found if the ground of a cluster of its
sector overlaps it with an IoU of at least 0.3. A cluster that was found counts where it has at
least 50 firms and a quotient of at least 3 itself; it is right if it overlaps any planted cluster
of its sector so. Shuffled cities keep their firms and deal the sectors anew among them: every
cluster is then false. A sector has a false cluster, or is falsely localised, with p at most 5 %; a
city has a false finding if any of its q over the twelve sectors is at most 5 %. The intervals of
promised rates are binomial, 99 %.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from benchmarks.trials.clustering import rate
from benchmarks.trials.figure import Figure
from layout.core import facts
from layout.core import measure_columns as names
from layout.measures import point_patterns
from layout.measures.neighbourhoods import Neighbourhoods, neighbourhoods
from layout.measures.sector_clusters import Rule, SectorClusters, sector_clusters
from layout.measures.significance import adjust_fdr, adjust_grouped

QUESTION = "Are planted clusters of sectors found, and none where there are none?"
CITY: Final = "shenzhen"
FIRMS: Final = 20_000
REACH_M: Final = 300.0
LEAST_FIRMS, LEAST_QUOTIENT, LEAST_IOU = 50, 3.0, 0.3
PLANTED_SEEDS: Final = tuple(range(101, 111))
CHOSEN_ON: Final = {"HDBSCAN": (101, 102)}
"""Cities that a rule was chosen on; what it finds in the others is told apart."""
SHUFFLED_SEEDS: Final = tuple(range(1001, 1201))
RADII: Final = np.linspace(0, 2_000, 11)
RULES: Final = {
    "relative": Rule("relative"),
    "DBSCAN": Rule("dbscan"),
    "HDBSCAN": Rule("hdbscan"),
    "relative, at least 4 firms": Rule("relative", 4, 1.5),
}
SIMULATIONS: Final = {"relative": 299, "dbscan": 99, "hdbscan": 19}
"""By method, in shuffled cities. Those of HDBSCAN are slow; 19 carry a p of 5 %. For one of twelve
sectors to have a q of 5 %, its p must be 0.0042 at most, which takes 239."""
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class City:
    """Firms of a synthetic city in metres, their primary sector (-1: none), planted discs."""

    points: Floats
    sector: Ints
    discs: tuple[Any, ...]
    disc_sector: Ints
    parks: tuple[Any, ...]
    park_leads: npt.NDArray[np.bool_]


@lru_cache(maxsize=1)
def _transformer() -> Any:
    from pyproj import Transformer

    metric = facts.city_settings(CITY)["metric_crs"]
    return Transformer.from_crs("EPSG:4326", metric, always_xy=True)


def city(seed: int, firms: int = FIRMS) -> City:
    """The firms of a city as they were drawn, with what was planted."""
    from layout.demo.city import build_city
    from layout.demo.firms import DEGREE, draw_firms

    made = build_city(CITY, firms=firms, seed=seed)
    blocks = [draw_firms(made, block) for block in range(made.blocks)]
    lon, lat = (np.concatenate([getattr(b, c) for b in blocks]) / DEGREE for c in ("east", "north"))
    planted, parks = made.plan.clusters, made.plan.parks
    x, y = _transformer().transform(planted.lon, planted.lat)
    discs = shapely.buffer(shapely.points(x, y), planted.radius_m)
    metric = shapely.transform(
        parks.polygons[parks.site],
        lambda at: np.column_stack(_transformer().transform(at[:, 0], at[:, 1])),
    )
    return City(
        points=np.column_stack(_transformer().transform(lon, lat)),
        sector=np.concatenate([b.sectors[:, 0] for b in blocks]).astype(np.int64),
        discs=tuple(discs),
        disc_sector=planted.sector,
        parks=tuple(metric),
        park_leads=parks.leads[parks.site],
    )


def shuffled(made: City, seed: int) -> Ints:
    """The sectors of a city's firms dealt anew among them."""
    return np.random.default_rng([7, seed]).permutation(made.sector)


def search(
    places: Neighbourhoods, sector: Ints, rule: Rule, simulations: int = 299
) -> list[tuple[SectorClusters, Floats]]:
    """Clusters of every sector with their q over all sectors."""
    simulation = point_patterns.Simulation(simulations=simulations)
    count = len(facts.sector_ids())
    found = [
        sector_clusters(places, sector == s, rule=rule, simulation=simulation) for s in range(count)
    ]
    p = np.concatenate([one.table[names.P_SIM].to_numpy() for one in found])
    owner = np.repeat(np.arange(count), [len(one.table) for one in found])
    q = adjust_grouped(p, owner, tests=count)
    return [(one, q[owner == s]) for s, one in enumerate(found)]


def compare(made: City, found: list[tuple[SectorClusters, Floats]]) -> pd.DataFrame:
    """By sector: planted clusters that count, those found, clusters found that count, right ones.

    ``park`` counts those that are not planted discs but overlap a park which names the sector: the
    generator puts a third of a sector's other firms there.
    """
    rows = []
    for s, (one, q) in enumerate(found):
        kept = np.flatnonzero(q <= 0.05)
        grounds = [_ground(one, int(number)) for number in kept]
        discs = [d for d, of in zip(made.discs, made.disc_sector, strict=True) if of == s]
        parks = [p for p, lead in zip(made.parks, made.park_leads[:, s], strict=True) if lead]
        own = made.points[made.sector == s]
        wanted = [d for d in discs if _counts(made, own, d)]
        table = one.table.iloc[kept]
        large = ((table[names.FIRMS] >= LEAST_FIRMS) & (table[names.LQ] >= LEAST_QUOTIENT)).tolist()
        said = [g for g, counts in zip(grounds, large, strict=True) if counts]
        right = [g for g in said if _overlaps(g, discs)]
        at_park = [g for g in said if g not in right and any(g.intersects(p) for p in parks)]
        rows.append(
            {
                "planted": len(wanted),
                "found": sum(_overlaps(d, grounds) for d in wanted),
                "said": len(said),
                "right": len(right),
                "park": len(at_park),
            }
        )
    return pd.DataFrame(rows, index=pd.Index(facts.sector_ids(), name="sector"))


def _ground(one: SectorClusters, number: int) -> Any:
    members = one.members[number]
    points = shapely.points(one.places.x[members], one.places.y[members])
    return shapely.union_all(shapely.buffer(points, one.places.reach_m / 2))


def _counts(made: City, own: Floats, disc: Any) -> bool:
    inside = int(shapely.contains_xy(disc, own[:, 0], own[:, 1]).sum())
    every = int(shapely.contains_xy(disc, made.points[:, 0], made.points[:, 1]).sum())
    quotient = inside / max(every, 1) / (len(own) / len(made.points))
    return inside >= LEAST_FIRMS and quotient >= LEAST_QUOTIENT


def _overlaps(shape: Any, others: list[Any]) -> bool:
    return any(
        shape.intersection(other).area >= LEAST_IOU * shape.union(other).area for other in others
    )


def false_findings(made: City, seed: int, rule: Rule, simulations: int = 299) -> tuple[int, bool]:
    """Sectors with a false cluster in a shuffled city, and whether any is significant by q."""
    places = neighbourhoods(made.points, REACH_M)
    found = search(places, shuffled(made, seed), rule, simulations)
    sectors = sum(bool((one.table[names.P_SIM] <= 0.05).any()) for one, _ in found)
    return sectors, any(bool((q <= 0.05).any()) for _, q in found)


def false_localisation(made: City, seed: int, simulations: int = 99) -> dict[str, tuple[int, bool]]:
    """Sectors falsely localised in a shuffled city by Kd and by M, and whether any is by q."""
    sector = shuffled(made, seed)
    simulation = point_patterns.Simulation(simulations=simulations)
    around = point_patterns.weights_around(made.points, RADII[1:])
    tests: dict[str, Callable[[Any], Any]] = {
        "Kd": lambda own: point_patterns.kd_envelope(
            made.points, own, RADII, simulation=simulation
        ),
        "M": lambda own: point_patterns.m_envelope(
            made.points, own, RADII[1:], simulation=simulation, around=around
        ),
    }
    result = {}
    for name, test in tests.items():
        p = np.array([test(sector == s).p_clustered for s in range(len(facts.sector_ids()))])
        result[name] = int((p <= 0.05).sum()), bool((adjust_fdr(p) <= 0.05).any())
    return result


def false_alarms(seed: int) -> dict[str, tuple[int, bool]]:
    """By test: sectors with a false finding in a shuffled city, and whether any is by q."""
    made, found = city(seed), {}
    for name, rule in RULES.items():
        found[name] = false_findings(made, seed, rule, SIMULATIONS[rule.method])
    return found | false_localisation(made, seed, 39)


def figures() -> Iterator[Figure]:
    """Planted clusters by sector, then false alarms."""
    yield from _planted()
    yield from _false_alarms()


def _planted() -> Iterator[Figure]:
    for name in ("relative", "DBSCAN", "HDBSCAN"):
        parts = {}
        for seed in PLANTED_SEEDS:
            made = city(seed)
            places = neighbourhoods(made.points, REACH_M)
            parts[seed] = compare(made, search(places, made.sector, RULES[name]))
        told = pd.concat(parts, names=["seed"])
        total = told.groupby("sector", sort=False).sum()
        if name == "relative":
            for sector, row in total.iterrows():
                if row["planted"] or row["said"]:
                    yield _figure(f"{sector}, {len(PLANTED_SEEDS)} cities", row)
        yield _figure(f"all sectors, {name}", total.sum())
        if name in CHOSEN_ON:
            others = told.drop(index=list(CHOSEN_ON[name]), level="seed").sum()
            seen = " and ".join(map(str, CHOSEN_ON[name]))
            yield _figure(f"all sectors, {name}, without the cities of its choice ({seen})", others)
    made = city(PLANTED_SEEDS[0], 100_000)
    rule = Rule("relative", 50, 2.0)
    row = compare(made, search(neighbourhoods(made.points, REACH_M), made.sector, rule, 99)).sum()
    row["right"] += row["park"]
    yield _figure("100,000 firms; a park that names the sector is right too", row)


def _figure(what: str, row: pd.Series) -> Figure:
    recall = row["found"] / row["planted"] if row["planted"] else 1.0
    precision = row["right"] / row["said"] if row["said"] else 1.0
    value = (
        f"recall {recall:.2f} ({row['found']} of {row['planted']}), "
        f"precision {precision:.2f} ({row['right']} of {row['said']})"
    )
    kept = bool(recall >= 0.8 and precision >= 0.8)
    return Figure(f"Planted clusters: {what}", value, "both at least 0.8", kept)


def _false_alarms() -> Iterator[Figure]:
    cities = [false_alarms(seed) for seed in SHUFFLED_SEEDS]
    tests = len(facts.sector_ids()) * len(cities)
    for name in cities[0]:
        what = "falsely localised" if name in {"Kd", "M"} else "with a false cluster"
        number = sum(one[name][0] for one in cities)
        yield rate(f"Shuffled cities, {name}: sectors {what}", number, tests, 0.05)
        any_q = sum(one[name][1] for one in cities)
        yield rate(f"Shuffled cities, {name}: with any by q", any_q, len(cities), 0.05)
