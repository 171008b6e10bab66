"""At which distances each sector's firms keep together or apart, and which sectors attract."""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field

from layout.analyses.firm_points import FirmPoints, firm_points
from layout.analyses.provenance import provenance_of
from layout.core import facts
from layout.core import measure_columns as names
from layout.core.config import Params
from layout.core.errors import ParameterError, raise_all
from layout.core.progress import tell
from layout.core.result import Bilingual, Provenance, Result
from layout.core.study import Study
from layout.measures.attraction import m_pairs
from layout.measures.concentration import coagglomeration_pairs
from layout.measures.envelopes import Envelope
from layout.measures.plants import ellison_glaeser
from layout.measures.point_patterns import Simulation, kd_envelope, m_envelope, weights_around
from layout.measures.significance import adjust_fdr
from layout.prepare.dimensions import STATUSES

MOST_FIRMS: Final = 30_000
"""Firms that curves are computed on; of more, so many by chance (a thinned city has the same Kd
and M)."""

CURVE_COLUMNS: Final = (
    names.OBSERVED, names.MEAN, names.LOW_LOCAL, names.HIGH_LOCAL, names.LOW_GLOBAL,
    names.HIGH_GLOBAL, names.CLUSTERED, names.DISPERSED,
)  # fmt: skip


class LocalizationParams(Params):
    """Sectors, distances and simulations."""

    sectors: tuple[str, ...] = Field(
        (), title="细分领域 | Sectors", description="ids, S01 to S12; empty: all"
    )
    weight: Literal["none", "employees", "revenue"] = Field(
        "none",
        title="权重 | Weight",
        description="firms by number, or by employees or revenue of the latest year (firms without "
        "are left out and counted)",
    )
    statuses: tuple[str, ...] = Field(
        (),
        title="登记状态 | Status",
        description="active, moved, cancelled, revoked, unknown; empty: all",
    )
    distance_m: float = Field(
        5000.0, ge=200, le=30000, title="最大距离（米） | Largest distance (m)",
        description="curves go up to here",
    )  # fmt: skip
    steps: int = Field(
        25, ge=5, le=100, title="距离分段 | Steps", description="distances of a curve"
    )
    simulations: int = Field(
        239, ge=39, le=9999, title="模拟次数 | Simulations",
        description="cities with the sector's label dealt anew; a lone sector among twelve takes "
        "239 to be told from chance at 5 %",
    )  # fmt: skip
    alpha: float = Field(
        0.05, gt=0, le=0.5, title="显著性水平 | Level",
        description="level of the bands and false discovery rate over the sectors",
    )  # fmt: skip
    seed: int = Field(0, ge=0, title="随机种子 | Seed", description="of the simulations")
    pair_distance_m: float = Field(
        500.0, ge=50, le=5000, title="领域间距离（米） | Distance between sectors (m)",
        description="neighbours up to here say whether two sectors attract",
    )  # fmt: skip
    units: Literal["district", "subdistrict", "park"] = Field(
        "subdistrict", title="共聚单元 | Units of coagglomeration",
        description="zones whose shares the coagglomeration of pairs compares",
    )  # fmt: skip


MODEL = LocalizationParams


def run(study: Study, params: LocalizationParams) -> Result:
    """Kd and M of every sector with bands, and the attraction of every pair of sectors.

    Returns
    -------
    Result
        Tables ``sectors`` (verdicts with p, q and distances; Ellison–Glaeser's index), ``kd`` and
        ``m`` (curves with local and global bands, by sector and distance), ``pairs`` (M of every
        ordered pair at one distance, with p and q), ``attraction`` (the same as a matrix) and
        ``coagglomeration`` (Ellison, Glaeser and Kerr; sectors × sectors).

    Raises
    ------
    ParameterError
        A sector or status is unknown.
    """
    require_known_sectors(params.sectors, params.statuses)
    every = firm_points(study, statuses=params.statuses)
    firms, kept = thinned(every, params.seed)
    sectors = params.sectors or facts.sector_ids()
    curves = {name: _curves(firms, params, sectors, name) for name in (names.KD, names.M)}
    tell("localization_pairs", 0.85)
    pairs = _pairs(firms, params)
    table, together = _regional(every, params)
    return Result(
        name="localization",
        tables={
            "sectors": _verdicts(every, curves, sectors, table, params),
            names.KD: _long(curves[names.KD]),
            names.M: _long(curves[names.M]),
            "pairs": pairs,
            "attraction": _matrix(pairs),
            "coagglomeration": together,
        },
        layers=(),
        notes=_notes(params, every, kept),
        provenance=_provenance(study, params),
    )


def require_known_sectors(sectors: tuple[str, ...], statuses: tuple[str, ...]) -> None:
    """Refuse unknown sectors and statuses.

    Raises
    ------
    ParameterError
        Naming those that are unknown and all there are.
    """
    raise_all(
        ParameterError("error.unknown_ids", what=what, found=", ".join(odd), known=", ".join(known))
        for what, asked, known in (
            ("sectors", sectors, facts.sector_ids()),
            ("statuses", statuses, STATUSES),
        )
        if (odd := [name for name in asked if name not in known])
    )


Thinned = tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], dict[str, Any]]


def thinned(firms: FirmPoints, seed: int) -> tuple[Thinned, int]:
    """Places, primary sectors and sizes of all firms, or of so many by chance; and how many."""
    at = np.arange(len(firms))
    if at.size > MOST_FIRMS:
        rng = np.random.default_rng([seed, 77])
        at = np.sort(rng.choice(at, MOST_FIRMS, replace=False))
    sizes = {"none": None, "employees": firms.employees[at], "revenue": firms.revenue[at]}
    return (firms.xy[at], firms.sectors[at, 0], sizes), at.size


def _curves(
    firms: Thinned, params: LocalizationParams, sectors: tuple[str, ...], name: str
) -> dict[str, Envelope]:
    xy, sector, sizes = firms
    radii = np.linspace(0, params.distance_m, params.steps + 1)
    weights = sizes[params.weight]
    simulation = Simulation(
        simulations=params.simulations, alpha=max(params.alpha, 1 / (params.simulations + 1)),
        seed=params.seed,
    )  # fmt: skip
    around = None
    if name == names.M:
        radii = radii[1:]
        around = weights_around(xy, radii, weights=weights)
    every = facts.sector_ids()
    found = {}
    for at, code in enumerate(sectors):
        tell(f"localization_{name}", (at / len(sectors) + (name == names.M)) * 0.42)
        mask = sector == every.index(code)
        more = {"around": around} if name == names.M else {}
        test = m_envelope if name == names.M else kd_envelope
        found[code] = test(xy, mask, radii, weights=weights, simulation=simulation, **more)
    return found


def _long(curves: dict[str, Envelope]) -> pd.DataFrame:
    """Curves one below the other, by sector and distance."""
    frames = {name: one.frame[list(CURVE_COLUMNS)] for name, one in curves.items()}
    return pd.concat(frames, names=["sector"])


def _pairs(firms: Thinned, params: LocalizationParams) -> pd.DataFrame:
    xy, sector, _ = firms
    simulation = Simulation(simulations=499, seed=params.seed)
    found = m_pairs(
        xy, sector, labels=facts.sector_ids(), reach_m=params.pair_distance_m, simulation=simulation
    )
    verdict = np.where(found[names.M] > 1, "attract", "repel").astype(object)
    verdict[~(found[names.Q] <= params.alpha)] = "none"
    verdict[found[names.P_SIM].isna()] = None
    return found.assign(verdict=verdict)


def _matrix(pairs: pd.DataFrame) -> pd.DataFrame:
    order = list(facts.sector_ids())
    matrix = pairs[names.M].unstack().reindex(index=order, columns=order)
    matrix.index.name, matrix.columns.name = "sector", None
    return matrix


def _regional(firms: FirmPoints, params: LocalizationParams) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ellison–Glaeser by sector, and coagglomeration of pairs, over zones and by firms."""
    zone, sector = firms.zones[params.units], firms.sectors[:, 0]
    inside = zone >= 0
    number, every = len(firms.ids[params.units]), facts.sector_ids()
    flat = zone[inside] * (len(every) + 1) + sector[inside] + 1
    counts = np.bincount(flat, minlength=number * (len(every) + 1)).reshape(number, -1)
    table = pd.DataFrame(counts[:, 1:], index=list(firms.ids[params.units]), columns=list(every))
    total = pd.Series(counts.sum(axis=1), index=table.index)
    tagged = inside & (sector >= 0)
    gamma = pd.DataFrame(columns=[names.GAMMA, names.Z])
    if tagged.any():
        found = ellison_glaeser(
            np.ones(int(tagged.sum())), sector[tagged],
            np.asarray(firms.ids[params.units], dtype=object)[zone[tagged]],
            reference=total[total > 0],
        )  # fmt: skip
        gamma = found[[names.GAMMA, names.Z]]
        gamma.index = pd.Index([every[int(code)] for code in found.index])
    together = coagglomeration_pairs(table.loc[total > 0])
    together.index.name, together.columns.name = "sector", None
    return gamma, together


def _verdicts(
    firms: FirmPoints,
    curves: dict[str, dict[str, Envelope]],
    sectors: tuple[str, ...],
    gamma: pd.DataFrame,
    params: LocalizationParams,
) -> pd.DataFrame:
    """A row a sector: what its curves say, at which distances, how sure."""
    counts = np.bincount(firms.sectors[:, 0] + 1, minlength=len(facts.sector_ids()) + 1)[1:]
    order = [facts.sector_ids().index(name) for name in sectors]
    table = pd.DataFrame({names.FIRMS: counts[order]}, index=pd.Index(sectors, name="sector"))
    for curve, found in curves.items():
        p = {
            side: pd.Series([getattr(found[s], f"p_{side}") for s in sectors], index=table.index)
            for side in ("clustered", "dispersed")
        }
        q = {side: adjust_fdr(values) for side, values in p.items()}
        table[f"{curve}_verdict"] = [
            verdict(q["clustered"][s], q["dispersed"][s], params.alpha, found[s].undefined)
            for s in sectors
        ]
        table[f"{curve}_p"], table[f"{curve}_q"] = p["clustered"], q["clustered"]
        spans = [_span(found[s].frame) for s in sectors]
        table[[f"{curve}_from_m", f"{curve}_to_m", f"{curve}_peak_m", f"{curve}_peak"]] = spans
        table[f"{curve}_missing"] = [found[s].missing for s in sectors]
    table["undefined"] = [curves[names.KD][s].undefined for s in sectors]
    return table.join(gamma.reindex(table.index))


def verdict(clustered: float, dispersed: float, alpha: float, undefined: str | None) -> str:
    """Clustered, dispersed, both (at different distances), as by chance, or unknown."""
    if undefined is not None or np.isnan(clustered):
        return "unknown"
    if clustered <= alpha:
        return "both" if dispersed <= alpha else "clustered"
    return "dispersed" if dispersed <= alpha else "chance"


def _span(frame: pd.DataFrame) -> tuple[float, float, float, float]:
    """First and last distance above the band, where the curve is farthest above what is expected,
    and how many times what is expected it is there.
    """
    above = frame.index[frame[names.CLUSTERED].to_numpy(dtype=bool)]
    if not len(above):
        return (np.nan,) * 4
    times = (frame[names.OBSERVED] / frame[names.MEAN].where(frame[names.MEAN] > 0)).loc[above]
    peak = float(above[int(np.nanargmax(times))]) if times.notna().any() else np.nan
    return float(above[0]), float(above[-1]), peak, float(times.max())


def _notes(params: LocalizationParams, firms: FirmPoints, kept: int) -> tuple[Bilingual, ...]:
    notes = [
        Bilingual.of("localization.note.null", simulations=params.simulations),
        Bilingual.of("localization.note.band", level=f"{100 * (1 - params.alpha):g}"),
        Bilingual.of("localization.note.m"),
        Bilingual.of("localization.note.pairs", distance=f"{params.pair_distance_m:g}"),
        Bilingual.of("localization.note.coagglomeration"),
    ]
    if kept < len(firms):
        notes.append(Bilingual.of("localization.note.thinned", kept=f"{kept:,}",
                                  all=f"{len(firms):,}"))  # fmt: skip
    if params.weight != "none":
        notes.append(Bilingual.of("localization.note.weight"))
    if firms.unplaced:
        notes.append(Bilingual.of("clusters.note.unplaced", count=f"{firms.unplaced:,}"))
    return tuple(notes)


def _provenance(study: Study, params: LocalizationParams) -> Provenance:
    return provenance_of(study, params, Bilingual.of("localization.method"), seed=params.seed)
