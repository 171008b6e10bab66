"""Which districts should lead which sectors: the best division of work and its alternatives."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pydantic import Field

from layout.analyses.provenance import provenance_of
from layout.core import facts
from layout.core.config import Params
from layout.core.errors import LayoutError, ParameterError, raise_all
from layout.core.progress import tell
from layout.core.result import Bilingual, LayerSpec, Result
from layout.core.study import Study
from layout.core.texts import Lang, text
from layout.measures import opportunity
from layout.measures.division import (
    ContradictionError,
    Division,
    Limit,
    Limits,
    alternatives,
    costs,
    divide,
)
from layout.measures.tables import Floats


class DivisionParams(Params):
    """Settings of the division of work."""

    most: int = Field(
        3, ge=1, le=12, title="每区最多牵头领域 | Most a district",
        description="lead sectors a district has at the most",
    )  # fmt: skip
    least: int = Field(
        1, ge=0, le=12, title="每区最少牵头领域 | Least a district",
        description="lead sectors a district has at the least",
    )  # fmt: skip
    sector_most: int = Field(
        2, ge=1, le=11, title="每领域最多牵头区 | Most a sector",
        description="districts that lead a sector at the most",
    )  # fmt: skip
    sector_least: int = Field(
        1, ge=0, le=11, title="每领域最少牵头区 | Least a sector",
        description="districts that lead a sector at the least",
    )  # fmt: skip
    fixed: tuple[str, ...] = Field(
        (), title="指定牵头 | Fixed", description="pairs that must be, as DISTRICT=SECTOR"
    )
    forbidden: tuple[str, ...] = Field(
        (), title="不得牵头 | Forbidden", description="pairs that must not be, as DISTRICT=SECTOR"
    )
    advantage: float = Field(
        1.0, ge=0, le=10, title="比较优势权重 | Weight of advantage",
        description="of comparative advantage, (LQ − 1)/(LQ + 1) of the shrunk quotient, −1 to 1",
    )  # fmt: skip
    relatedness: float = Field(
        0.5, ge=0, le=10, title="关联度权重 | Weight of relatedness",
        description="of relatedness density less the district's mean, about −0.3 to 0.3",
    )  # fmt: skip
    overlap: float = Field(
        0.25, ge=0, le=10, title="重复扣分 | Cost of overlap",
        description="taken off for every pair of districts that lead the same sector",
    )  # fmt: skip
    within: float = Field(
        0.05, ge=0, le=0.5, title="备选方案允许损失 | Alternatives within",
        description="share of the best value that an alternative may lose",
    )  # fmt: skip
    alternatives: int = Field(
        5, ge=0, le=20, title="备选方案数 | Alternatives", description="at the most"
    )
    year: int = Field(
        0, ge=0, le=2100, title="年份 | Year", description="0: all accepted firms, latest figures"
    )
    seconds: float = Field(
        10.0, gt=0, le=600, title="求解时限 | Time", description="seconds a programme may take"
    )


MODEL = DivisionParams

_MANY = 3
"""Limits of one kind that are still named one by one."""


class NamedContradictionError(ParameterError):
    """Contradictory limits, worded with the names of districts and sectors."""

    def __init__(self, limits: tuple[Limit, ...], names: _Names) -> None:
        super().__init__("error.division_contradiction", limits="")
        self.limits = limits
        self._names = names

    def message(self, lang: Lang = "en") -> str:
        """The limits in words."""
        joint = "；" if lang == "zh" else "; "
        words = joint.join(_grouped_words(self.limits, self._names, lang))
        return text(self.key, lang, limits=words)


def _grouped_words(limits: tuple[Limit, ...], names: _Names, lang: Lang) -> list[str]:
    """Each limit in words; many of a kind and value in one phrase."""
    groups: dict[tuple[str, int], list[Limit]] = {}
    for limit in limits:
        groups.setdefault((limit.kind, limit.value), []).append(limit)
    words = []
    for (kind, value), own in groups.items():
        if len(own) > _MANY:
            words.append(text(f"division.limits.{kind}", lang, count=len(own), value=value))
        else:
            words += [limit_words(limit, names, lang) for limit in own]
    return words


class _Names:
    """Districts and sectors by place, with their words."""

    def __init__(self, study: Study) -> None:
        zones = study.zones["district"]
        self.districts = tuple(zones["id"])
        self.sectors = facts.sector_ids()
        english = zones["name_en"].where(zones["name_en"].notna(), zones["name_zh"])
        self._zones = dict(
            zip(self.districts, zip(zones["name_zh"], english, strict=True), strict=True)
        )
        table = facts.reference("sectors").set_index("code")
        self._table = {
            code: (str(table["name_zh"][code]).removesuffix("产业"), str(table["short_en"][code]))
            for code in self.sectors
        }

    def district(self, place: int, lang: Lang) -> str:
        zh, en = self._zones[self.districts[place]]
        return str(zh) if lang == "zh" else str(en).removesuffix(" District")

    def sector(self, place: int, lang: Lang) -> str:
        zh, en = self._table[self.sectors[place]]
        return zh if lang == "zh" else en


def limit_words(limit: Limit, names: _Names, lang: Lang) -> str:
    """A limit in words, such as 'Nanshan must lead AI'."""
    return text(
        f"division.limit.{limit.kind}", lang, value=limit.value,
        district=names.district(limit.region, lang) if limit.region >= 0 else "",
        sector=names.sector(limit.sector, lang) if limit.sector >= 0 else "",
    )  # fmt: skip


def run(study: Study, params: DivisionParams) -> Result:
    """The best division of work.

    Returns
    -------
    Result
        Tables ``summary`` (value, bound, gap), ``leads`` (a row a district: its sectors),
        ``matrix`` (1 where a district leads), ``alternatives``, ``limit_costs`` and ``values``
        (advantage, relatedness and value of every pair).

    Raises
    ------
    NamedContradictionError
        No division meets the limits; a smallest set that contradicts itself is named.
    ParameterError
        A district or sector is unknown.
    """
    names = _Names(study)
    limits = _limits(names, params)
    values, table = pair_values(study, params)
    tell("division_solve", 0.2)
    try:
        best = divide(values, limits, overlap=params.overlap, seconds=params.seconds)
    except ContradictionError as error:
        raise NamedContradictionError(error.limits, names) from error
    others = alternatives(
        values, limits, best, overlap=params.overlap, within=params.within,
        most=params.alternatives, seconds=params.seconds,
    )  # fmt: skip
    tell("division_costs", 0.6)
    priced = costs(values, limits, best, overlap=params.overlap, seconds=params.seconds)
    tables = {
        "summary": _summary(best, others),
        "leads": _lead_table(best, values, names),
        "matrix": pd.DataFrame(
            best.leads.astype("int64"), index=_index(names), columns=list(names.sectors)
        ),
        "alternatives": _alternative_table(best, others, names),
        "limit_costs": _cost_table(priced, names),
        "values": table,
    }
    return Result(
        name="division",
        tables=tables,
        layers=_layers(study, tables["leads"]),
        notes=(Bilingual.of("paths.note.proposal"), _note(params)),
        provenance=provenance_of(study, params, Bilingual.of("division.method")),
    )  # fmt: skip


def pair_values(study: Study, params: DivisionParams) -> tuple[Floats, pd.DataFrame]:
    """What each pair of district and sector is worth, and the parts of it.

    A sector that nobody has, or a district without firms, is worth 0 in advantage and relatedness.
    """
    counts, totals = _counts(study, "district", params.year)
    units, _ = _counts(study, "subdistrict", params.year)
    shrunk = opportunity.shrunken_quotients(counts, totals)
    advantage = np.nan_to_num((shrunk - 1) / (shrunk + 1))
    present = np.nan_to_num(opportunity.quotients(units), nan=-1.0) >= 1
    own = np.nan_to_num(opportunity.quotients(counts), nan=-1.0) >= 1
    density = opportunity.densities(own, opportunity.proximities(present))
    related = np.nan_to_num(density)
    related = related - related.mean(axis=-1, keepdims=True)
    values = params.advantage * advantage + params.relatedness * related
    index = pd.MultiIndex.from_product(
        [list(study.zones["district"]["id"]), facts.sector_ids()], names=["district_id", "sector"]
    )
    table = pd.DataFrame(
        {
            "firms": counts.ravel(), "advantage": advantage.ravel(),
            "relatedness": related.ravel(), "value": values.ravel(),
        }, index=index,
    )  # fmt: skip
    return values, table


def _counts(study: Study, kind: str, year: int) -> tuple[Floats, Floats]:
    """Firms by zone and sector (primary), and all firms of each zone."""
    cube = study.cubes[kind]
    cube = cube[cube["year"] == year]
    table = cube.groupby(["zone_id", "sector"], observed=True)["firms"].sum().unstack(fill_value=0)
    table = table.reindex(index=list(study.zones[kind]["id"]), fill_value=0)
    totals = table.sum(axis=1).to_numpy(dtype="float64")
    sectors = table.reindex(columns=list(facts.sector_ids()), fill_value=0)
    return sectors.to_numpy(dtype="float64"), totals


def _limits(names: _Names, params: DivisionParams) -> Limits:
    faults: list[LayoutError] = []
    pairs = {
        kind: frozenset(_pairs(given, kind, names, faults))
        for kind, given in (("fixed", params.fixed), ("forbidden", params.forbidden))
    }
    raise_all(faults)
    regions, sectors = len(names.districts), len(names.sectors)
    return Limits(
        most=(params.most,) * regions, least=(params.least,) * regions,
        sector_most=(params.sector_most,) * sectors,
        sector_least=(params.sector_least,) * sectors, **pairs,
    )  # fmt: skip


def _pairs(
    given: tuple[str, ...], kind: str, names: _Names, faults: list[LayoutError]
) -> list[tuple[int, int]]:
    found = []
    for item in given:
        district, sign, sector = (part.strip() for part in item.partition("="))
        if not sign:
            faults.append(ParameterError("error.division_pair", what=kind, found=item))
            continue
        odd = [
            ParameterError("error.unknown_ids", what=what, found=name, known=", ".join(known))
            for what, name, known in (
                ("districts", district, names.districts), ("sectors", sector, names.sectors),
            )
            if name not in known
        ]  # fmt: skip
        faults += odd
        if not odd:
            found.append((names.districts.index(district), names.sectors.index(sector)))
    return found


def _index(names: _Names) -> pd.Index:
    index: pd.Index = pd.Index(names.districts, name="district_id")
    return index


def _summary(best: Division, others: tuple[Division, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "objective": [best.value], "bound": [best.bound], "gap": [best.gap],
            "proven": [best.gap == 0.0], "leads": [int(best.leads.sum())],
            "overlaps": [_overlaps(best)], "alternatives": [len(others)],
        }
    )  # fmt: skip


def _overlaps(division: Division) -> int:
    n = division.leads.sum(axis=0)
    return int((n * (n - 1) // 2).sum())


def _lead_table(best: Division, values: Floats, names: _Names) -> pd.DataFrame:
    rows = []
    for place in range(len(names.districts)):
        own = sorted(np.flatnonzero(best.leads[place]), key=lambda s: -values[place, s])
        rows.append(
            {
                "sectors": ";".join(names.sectors[s] for s in own), "leads": len(own),
                "value": float(values[place, own].sum()) if own else 0.0,
            }
        )  # fmt: skip
    return pd.DataFrame(rows, index=_index(names))


def _alternative_table(best: Division, others: tuple[Division, ...], names: _Names) -> pd.DataFrame:
    rows = []
    for rank, one in enumerate(others, start=1):
        changes = [
            f"{'+' if one.leads[r, s] else '-'}{names.districts[r]}={names.sectors[s]}"
            for r, s in np.argwhere(one.leads != best.leads)
        ]
        loss = (best.value - one.value) / abs(best.value) if best.value else 0.0
        rows.append(
            {
                "rank": rank, "objective": one.value, "loss": loss, "changes": ";".join(changes),
                "overlaps": _overlaps(one),
            }
        )  # fmt: skip
    columns = ["rank", "objective", "loss", "changes", "overlaps"]
    return pd.DataFrame(rows, columns=columns).set_index("rank")


def _cost_table(priced: tuple[tuple[Limit, float], ...], names: _Names) -> pd.DataFrame:
    """Limits that cost something; the others bind nothing."""
    rows = [
        {
            "kind": limit.kind,
            "district_id": names.districts[limit.region] if limit.region >= 0 else None,
            "sector": names.sectors[limit.sector] if limit.sector >= 0 else None,
            "value": limit.value, "cost": cost,
            "zh": limit_words(limit, names, "zh"), "en": limit_words(limit, names, "en"),
        }
        for limit, cost in priced
        if cost > 0
    ]  # fmt: skip
    return pd.DataFrame(
        rows, columns=["kind", "district_id", "sector", "value", "cost", "zh", "en"]
    )


def _layers(study: Study, leads: pd.DataFrame) -> tuple[LayerSpec, ...]:
    zones = study.zones["district"]
    return (
        LayerSpec(
            name="division_leads", kind="choropleth",
            frame=zones.merge(leads, left_on="id", right_index=True, how="left"),
            title=Bilingual.of("division.layer"), column="leads", details=("sectors",),
            id_column="id", approximate=bool(zones["approximate"].any()),
        ),
    )  # fmt: skip


def _note(params: DivisionParams) -> Bilingual:
    return Bilingual.of(
        "division.note", advantage=f"{params.advantage:g}", related=f"{params.relatedness:g}",
        overlap=f"{params.overlap:g}",
    )  # fmt: skip
