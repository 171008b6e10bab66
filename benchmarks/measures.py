"""Cluster statistics: hot spots, distance functions, density clusters, complexity.

Firms are those of the demonstration city, with its shared addresses, in EPSG:4547. Kd by cells is
compared with Kd of binned single distances on 100,000 firms; both are then within 1 % of the
maximum. The times of G* and local Moran include the refinement of small p-values to 99,999
permutations, which esda does not do.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.case import Case
from layout.measures import density_clusters, hotspots, point_patterns, sector_clusters
from layout.measures.complexity import EconomicComplexity, economic_complexity
from layout.measures.neighbourhoods import neighbourhoods
from layout.measures.neighbours import distance_band

SEED = 20260301
CITY = "shenzhen"
METRIC = "EPSG:4547"
KD_RADII = np.linspace(0, 10_000, 51)
M_RADII = np.linspace(500, 5_000, 10)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Given:
    """Firms in metres and their primary sector, -1 for none."""

    points: Floats
    sector: npt.NDArray[np.int64]


def demonstration(firms: int) -> Given:
    """Firms of the demonstration city."""
    from pyproj import Transformer

    from layout.demo.city import build_city
    from layout.demo.firms import draw_firms

    city = build_city(CITY, firms=firms, seed=1)
    blocks = [draw_firms(city, block) for block in range(city.blocks)]
    to_metres = Transformer.from_crs("EPSG:4326", METRIC, always_xy=True)
    lon, lat = (np.concatenate([getattr(b, c) for b in blocks]) / 1e6 for c in ("east", "north"))
    points = np.column_stack(to_metres.transform(lon, lat))
    return Given(points, np.concatenate([b.sectors[:, 0] for b in blocks]).astype(np.int64))


def lattice() -> tuple[Floats, Any]:
    """Values of 100 × 100 cells with a hot corner, and queen neighbours."""
    rng = np.random.default_rng(SEED)
    values = rng.gamma(1.0, 5.0, (100, 100))
    values[20:30, 20:30] *= 4
    x, y = np.meshgrid(np.arange(100), np.arange(100))
    return values.ravel(), distance_band(np.column_stack([x.ravel(), y.ravel()]) * 100.0, 145.0)


def esda_g_star(given: tuple[Floats, Any]) -> tuple[Floats, Floats]:
    import esda

    values, graph = given
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = esda.G_Local(
            values, graph, transform="B", star=True, permutations=999, n_jobs=1, seed=1
        )
    return result.Zs, result.p_sim


def esda_moran(given: tuple[Floats, Any]) -> tuple[Floats, Floats]:
    import esda

    values, graph = given
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = esda.Moran_Local(values, graph, permutations=999, n_jobs=1, seed=1)
    return result.Is, result.p_sim


def same_local(column: str) -> Any:
    """The same statistic, and p-values that differ by chance only (esda's is one tail)."""

    def same(ours: pd.DataFrame, peer: tuple[Floats, Floats]) -> bool:
        statistic, tail = peer
        gap = np.abs(ours["p_sim"].to_numpy() - np.minimum(1.0, 2 * np.minimum(tail, 1 - tail)))
        return bool(np.allclose(ours[column], statistic, atol=1e-9) and np.quantile(gap, 0.9) < 0.1)

    return same


def sector_of_5000() -> tuple[Floats, npt.NDArray[np.bool_]]:
    given = demonstration(100_000)
    mask = np.zeros(100_000, dtype=bool)
    mask[np.random.default_rng(SEED).choice(100_000, 5_000, replace=False)] = True
    return given.points, mask


def kd_thousand(given: tuple[Floats, npt.NDArray[np.bool_]]) -> point_patterns.Envelope:
    simulation = point_patterns.Simulation(simulations=1_000, threads=2)
    return point_patterns.kd_envelope(*given, KD_RADII, simulation=simulation)


def within_a_percent(ours: pd.Series, peer: pd.Series) -> bool:
    return bool(np.abs(ours - peer).max() < 0.01 * peer.max())


def nested_table() -> pd.DataFrame:
    """1,000 regions × 1,000 sectors in which some can do much and some sectors are rare."""
    rng = np.random.default_rng(SEED)
    skill, need = np.sort(rng.random(1_000)), np.sort(rng.random(1_000))
    chance = 1 / (1 + np.exp(8 * (need[None, :] - skill[:, None])))
    values = rng.gamma(2.0, 50.0, chance.shape) * (rng.random(chance.shape) < chance)
    return pd.DataFrame(values)


def py_ecomplexity(table: pd.DataFrame) -> pd.DataFrame:
    import contextlib
    import io

    from ecomplexity import ecomplexity

    long = table.rename_axis("loc").melt(ignore_index=False, var_name="prod", value_name="val")
    columns = {"time": "time", "loc": "loc", "prod": "prod", "val": "val"}
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        return ecomplexity(long.reset_index().assign(time=0), columns)


def same_complexity(ours: EconomicComplexity, peer: pd.DataFrame) -> bool:
    eci, pci = (peer.groupby(key)[name].first() for key, name in (("loc", "eci"), ("prod", "pci")))
    return bool(
        np.allclose(ours.eci.dropna(), eci.reindex(ours.eci.dropna().index), atol=1e-6)
        and np.allclose(ours.pci.dropna(), pci.reindex(ours.pci.dropna().index), atol=1e-6)
    )


def scikit_dbscan(points: Floats) -> Any:
    from sklearn.cluster import DBSCAN

    return DBSCAN(eps=300.0, min_samples=50).fit(points)


def same_dbscan(ours: density_clusters.Clusters, peer: Any) -> bool:
    """The same core points, their partition, and the noise."""
    core = np.zeros(ours.labels.size, dtype=bool)
    core[peer.core_sample_indices_] = True
    pairs = np.unique(np.column_stack([ours.labels[core], peer.labels_[core]]), axis=0)
    one_to_one = len(pairs) == len(np.unique(pairs[:, 0])) == len(np.unique(pairs[:, 1]))
    return bool(
        (core == ours.core).all() and one_to_one and ((ours.labels < 0) == (peer.labels_ < 0)).all()
    )


def clusters_of_sectors(given: Given) -> list[sector_clusters.SectorClusters]:
    """Clusters of every sector with their p, on the same neighbourhoods."""
    places = neighbourhoods(given.points, 300.0)
    simulation = point_patterns.Simulation(simulations=99)
    return [
        sector_clusters.sector_clusters(places, given.sector == s, simulation=simulation)
        for s in range(12)
    ]


CASES = (
    Case(
        "G* of 10,000 cells, 999 permutations and refinement",
        lattice,
        lambda given: hotspots.getis_ord(*given),
        esda_g_star,
        "esda.G_Local, 999 permutations",
        same_local("z"),
        at_least_ratio=5,
    ),
    Case(
        "Local Moran of 10,000 cells, 999 permutations and refinement",
        lattice,
        lambda given: hotspots.local_moran(*given),
        esda_moran,
        "esda.Moran_Local, 999 permutations",
        same_local("statistic"),
        at_least_ratio=5,
    ),
    Case(
        "Kd, 1,000 simulations, 5,000 firms of 100,000 (two threads)",
        sector_of_5000,
        kd_thousand,
        at_most_s=60,
    ),
    Case(
        "Kd of 100,000 firms, by cells",
        lambda: demonstration(100_000).points,
        lambda points: point_patterns.kd(points, None, KD_RADII, method="grid"),
        lambda points: point_patterns.kd(points, None, KD_RADII, method="binned"),
        "all 5·10⁹ distances in bins",
        within_a_percent,
    ),
    Case(
        "Kd of 1,000,000 firms, by cells",
        lambda: demonstration(1_000_000).points,
        lambda points: point_patterns.kd(points, None, KD_RADII),
    ),
    Case(
        "M at 10 radii to 5 km, all pairs of 12 sectors, 100,000 firms",
        lambda: demonstration(100_000),
        lambda given: point_patterns.m_matrix(given.points, given.sector, M_RADII),
        at_most_s=30,
    ),
    Case(
        "DBSCAN of 100,000 firms (300 m, 50)",
        lambda: demonstration(100_000).points,
        density_clusters.dbscan,
        scikit_dbscan,
        "sklearn.cluster.DBSCAN",
        same_dbscan,
    ),
    Case(
        "DBSCAN of 1,000,000 firms (300 m, 50)",
        lambda: demonstration(1_000_000).points,
        density_clusters.dbscan,
        at_most_s=10,
    ),
    Case(
        "HDBSCAN of 100,000 firms (50)",
        lambda: demonstration(100_000).points,
        density_clusters.hdbscan,
        at_most_s=30,
    ),
    Case(
        "Clusters of 12 sectors by relative density, 99 simulations each, 100,000 firms",
        lambda: demonstration(100_000),
        clusters_of_sectors,
        repeats=1,
    ),
    Case(
        "ECI of 1,000 × 1,000",
        nested_table,
        economic_complexity,
        py_ecomplexity,
        "py-ecomplexity",
        same_complexity,
        at_most_s=1,
    ),
)
