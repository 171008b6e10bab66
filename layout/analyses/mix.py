"""Which sectors a zone has, how much of each, and in which it is specialised."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

import pandas as pd
from pydantic import Field

from layout.analyses.mix_inference import intervals
from layout.analyses.provenance import provenance_of
from layout.core import facts
from layout.core.config import Params
from layout.core.errors import ParameterError, raise_all
from layout.core.result import Bilingual, LayerSpec, Provenance, Result
from layout.core.study import NO_COORDINATES, NO_ZONE, OUTSIDE, SHARE_UNIT, UNTAGGED, Study
from layout.measures.specialization import location_quotient

Counting = Literal["primary", "fractional", "full"]
Measure = Literal["firms", "revenue", "employees"]

TOTAL: Final = "total"
_CUBE_COLUMN: Final[dict[tuple[str, str], str]] = {
    ("firms", "primary"): "firms",
    ("firms", "fractional"): "firms_milli",
    ("firms", "full"): "firms_full",
    ("revenue", "primary"): "revenue_cny",
    ("revenue", "fractional"): "revenue_milli",
    ("revenue", "full"): "revenue_full_cny",
    ("employees", "primary"): "employees",
    ("employees", "fractional"): "employees_milli",
    ("employees", "full"): "employees_full",
}


class MixParams(Params):
    """Settings of the sector mix."""

    zones: Literal["district", "subdistrict", "park", "overlay"] = Field(
        "district", title="区域层级 | Zones", description="zones that make the rows"
    )
    measure: Measure = Field(
        "firms", title="指标 | Measure", description="firms (number), revenue (yuan) or employees"
    )
    counting: Counting = Field(
        "primary",
        title="计数方式 | Counting",
        description="primary: once, under the first sector; fractional: by shares that sum to 1; "
        "full: once in each of its sectors",
    )
    scope: Literal["all", "core", "fusion", "outside"] = Field(
        "all",
        title="产业范围 | Scope",
        description="core (GB/T 4754 63–65), fusion, outside or all",
    )
    year: int = Field(
        0,
        ge=0,
        le=2100,
        title="年份 | Year",
        description="0: all accepted firms with the figures of the latest year; otherwise firms "
        "founded by the end of that year, with its figures",
    )
    tiers: tuple[str, ...] = Field(
        (), title="规模档 | Size tiers", description="ids of size_tiers.csv; empty: all"
    )
    statuses: tuple[str, ...] = Field(
        (), title="登记状态 | Status", description="active, moved, cancelled, revoked, unknown"
    )
    sectors: tuple[str, ...] = Field(
        (), title="细分领域 | Sectors", description="sectors that are summed and drawn; empty: all"
    )
    districts: tuple[str, ...] = Field(
        (), title="区 | Districts", description="ids of the districts whose zones are shown"
    )
    draw: Literal["amount", "share", "lq"] = Field(
        "amount",
        title="地图内容 | Drawn",
        description="the amount of the chosen sectors, its share in the zone, or its location "
        "quotient",
    )
    min_firms: int = Field(
        5,
        ge=0,
        le=1000,
        title="最少企业数 | Minimum firms",
        description="a location quotient of fewer firms is left out (small numbers)",
    )


MODEL = MixParams


def run(study: Study, params: MixParams) -> Result:
    """The sector mix of a study, with intervals.

    Returns
    -------
    Result
        Tables as in :func:`counted`, and ``intervals`` (quotients of firm numbers with intervals,
        tests and shrinkage, by every way of counting; see
        :func:`layout.analyses.mix_inference.intervals`).

    Raises
    ------
    ParameterError
        A sector or a district is unknown.
    """
    result = counted(study, params)
    zones = study.zones[params.zones]
    cube = select(study.cubes[params.zones], params)
    told = _intervals(cube, tuple(zones["id"]), shown_zones(zones, params), params)
    return replace(result, tables={**result.tables, "intervals": told})


def counted(study: Study, params: MixParams) -> Result:
    """The sector mix of a study without intervals: maps and matrices need no test of chance.

    Returns
    -------
    Result
        Tables ``matrix`` (zones × sectors, ``untagged`` and ``total``; in the units of the
        measure: number, yuan, persons; NaN where every figure is unknown), ``location_quotient``
        (zones × sectors, NaN where fewer than ``min_firms`` firms), ``share`` (share of each
        sector in the tagged amount of the zone), ``drawn`` (what the map shows, by zone),
        ``headline``, ``counts`` (the plan's counts of firms by revenue) and ``check`` (totals).

    Raises
    ------
    ParameterError
        A sector or a district is unknown.
    """
    _require_known(study, params)
    zones = study.zones[params.zones]
    cube = select(study.cubes[params.zones], params)
    every = tuple(zones["id"])
    number = matrix(cube, every, "firms_full")
    table = amounts(cube, every, number, params)
    ids = shown_zones(zones, params)
    quotient = quotients(table, number, every, params.min_firms)
    drawn = drawn_values(table, number, ids, params)
    rows = [i for i in table.index if i in ids or i not in every]
    return Result(
        name="mix",
        tables={
            "matrix": table.loc[rows],
            "location_quotient": quotient.loc[list(ids)],
            "share": shares(table).loc[list(ids)],
            "drawn": drawn,
            "headline": headline(study, params),
            "counts": plan_counts(study, params),
            "check": totals_check(cube),
        },
        layers=_layers(study, params, drawn),
        notes=_notes(params),
        provenance=_provenance(study, params),
    )


def _intervals(
    cube: pd.DataFrame, every: tuple[str, ...], ids: tuple[str, ...], params: MixParams
) -> pd.DataFrame:
    """Quotients of firm numbers with their chance, for the zones shown."""
    counts = {
        way: matrix(cube, every, _CUBE_COLUMN["firms", way]).loc[list(every)]
        for way in ("primary", "fractional", "full")
    }
    return intervals(counts, min_firms=params.min_firms).loc[list(ids)]


def _require_known(study: Study, params: MixParams) -> None:
    faults = [
        ParameterError("error.unknown_ids", what=what, found=", ".join(odd), known=", ".join(known))
        for what, asked, known in (
            ("sectors", params.sectors, facts.sector_ids()),
            ("districts", params.districts, tuple(study.zones["district"]["id"])),
        )
        if (odd := [name for name in asked if name not in known])
    ]
    raise_all(faults)


def shown_zones(zones: pd.DataFrame, params: MixParams) -> tuple[str, ...]:
    """Ids of the zones in the chosen districts, in the order of their layer."""
    if not params.districts:
        return tuple(zones["id"])
    within = zones["id"] if params.zones == "district" else zones["parent_id"]
    return tuple(zones.loc[within.isin(params.districts), "id"])


def drawn_values(
    table: pd.DataFrame, number: pd.DataFrame, ids: tuple[str, ...], params: MixParams
) -> pd.DataFrame:
    """By zone: ``amount`` of the chosen sectors, ``share`` in the zone, ``lq`` and ``firms``."""
    chosen = list(params.sectors or facts.sector_ids())
    amount = table[chosen].sum(axis=1, min_count=1)
    # Nothing in some sectors and unknown in the others is unknown, not nothing.
    amount = amount.mask((amount == 0) & table[chosen].isna().any(axis=1))
    units = [i for i in table.index if i not in (TOTAL, OUTSIDE, NO_COORDINATES)]
    # A sum of fractions can exceed its total by rounding; nothing is less than none.
    rest = (table[TOTAL] - amount).clip(lower=0)
    grouped = pd.DataFrame({"chosen": amount, "rest": rest}).loc[units]
    quotient = location_quotient(grouped.fillna(0.0).astype("float64"))["chosen"]
    firms = number.loc[list(ids), chosen].sum(axis=1)
    total = table[TOTAL].where(table[TOTAL] > 0)
    return pd.DataFrame(
        {
            "amount": amount.loc[list(ids)],
            "share": (amount / total).loc[list(ids)],
            "lq": quotient.loc[list(ids)].where(firms >= params.min_firms),
            "firms": firms,
        }
    )


def headline(study: Study, params: MixParams) -> pd.DataFrame:
    """The figures at the top of a page, each firm counted once, for the chosen districts."""
    cube = select(study.cubes["district"], params)
    if params.districts:
        cube = cube[cube["zone_id"].isin(params.districts)]
    chosen = params.sectors or facts.sector_ids()
    tagged = cube[cube["sector"].isin(chosen)]
    known = int(tagged["revenue_known"].sum())
    return pd.DataFrame(
        {
            "firms": [int(cube["firms"].sum())],
            "tagged": [int(tagged["firms"].sum())],
            "core": [int(tagged.loc[tagged["scope"] == "core", "firms"].sum())],
            "fusion": [int(tagged.loc[tagged["scope"] == "fusion", "firms"].sum())],
            "revenue_cny": [float(tagged["revenue_cny"].sum()) if known else float("nan")],
            "employees": [int(tagged["employees"].sum())],
        }
    )


def select(cube: pd.DataFrame, params: MixParams) -> pd.DataFrame:
    """The rows of a cube that the settings ask for."""
    keep = cube["year"] == params.year
    if params.scope != "all":
        keep &= cube["scope"] == params.scope
    if params.tiers:
        keep &= cube["tier"].isin(params.tiers)
    if params.statuses:
        keep &= cube["status"].isin(params.statuses)
    return cube[keep]


def amounts(
    cube: pd.DataFrame, ids: tuple[str, ...], number: pd.DataFrame, params: MixParams
) -> pd.DataFrame:
    """The table ``matrix`` of a run for all zones: NaN where every figure is unknown.

    Parameters
    ----------
    cube
        Rows chosen by :func:`select`.
    ids
        Zones in the order of their layer.
    number
        Firms under each of their sectors (:func:`matrix` of ``firms_full``).
    """
    table = matrix(cube, ids, _CUBE_COLUMN[params.measure, params.counting])
    if params.measure == "firms":
        return table
    known = matrix(cube, ids, f"{params.measure}_known")
    return table.where((known > 0) | (number == 0))


def matrix(cube: pd.DataFrame, ids: tuple[str, ...], column: str) -> pd.DataFrame:
    """Zones × sectors of one column of a cube, with ``untagged``, ``total`` and the rows outside.

    Rows: the zones in their order, then ``none`` (in the city but in no zone of this kind, only
    where it occurs), ``outside``, ``no_coordinates`` and ``total``. Fractional columns are brought
    back to units.
    """
    sectors = [*facts.sector_ids(), UNTAGGED]
    table = cube.groupby(["zone_id", "sector"], observed=True)[column].sum().unstack()
    rows = [*ids, *([NO_ZONE] if NO_ZONE in table.index else []), OUTSIDE, NO_COORDINATES]
    table = table.reindex(index=rows, columns=sectors).fillna(0).astype("int64")
    table[TOTAL] = table.sum(axis=1)
    table.loc[TOTAL] = table.sum(axis=0)
    table.index.name, table.columns.name = "zone_id", None
    if column.endswith("_milli"):
        return table / SHARE_UNIT
    return table


def quotients(
    table: pd.DataFrame, number: pd.DataFrame, ids: tuple[str, ...], min_firms: int
) -> pd.DataFrame:
    """Location quotients of the zones, without those that rest on fewer than ``min_firms``.

    Unknown amounts stay out of the base and have no quotient.
    """
    sectors = list(facts.sector_ids())
    base = table.loc[list(ids), [*sectors, UNTAGGED]]
    quotient = location_quotient(base.astype("float64").fillna(0.0))[sectors]
    enough = number.loc[list(ids), sectors] >= min_firms
    return quotient.where(enough & base[sectors].notna())


def shares(table: pd.DataFrame) -> pd.DataFrame:
    """Share of each sector in the tagged amount of a row; NaN where nothing is tagged."""
    tagged = table[list(facts.sector_ids())].astype("float64")
    total = tagged.sum(axis=1)
    return tagged.div(total.where(total > 0), axis=0)


def plan_counts(study: Study, params: MixParams) -> pd.DataFrame:
    """The plan's counts of tagged firms with revenue over 50 and over 10 亿元 (T-11, T-12).

    Each firm counts once, whatever the counting mode; those over 50 are also over 10.
    """
    cube = select(study.cubes["district"], params.model_copy(update={"tiers": ()}))
    tagged = cube[cube["sector"] != UNTAGGED].groupby("tier")["firms"].sum()
    over_50 = int(tagged.get("leading", 0))
    over_10 = over_50 + int(tagged.get("key", 0))
    return pd.DataFrame(
        {
            "target_id": ["T-11", "T-12"],
            "above_yi": [50, 10],
            "firms": [over_50, over_10],
            "target": [15, 70],
        }
    )


def totals_check(cube: pd.DataFrame) -> pd.DataFrame:
    """Totals by counting mode, and the excess of full counting over the firms."""
    rows = []
    for measure in ("firms", "revenue", "employees"):
        total = {
            mode: _total(cube, _CUBE_COLUMN[measure, mode])
            for mode in ("primary", "fractional", "full")
        }
        rows.append({"measure": measure, **total, "excess": total["full"] - total["primary"]})
    return pd.DataFrame(rows)


def _total(cube: pd.DataFrame, column: str) -> float:
    total = int(cube[column].sum())
    return total / SHARE_UNIT if column.endswith("_milli") else float(total)


def _layers(study: Study, params: MixParams, drawn: pd.DataFrame) -> tuple[LayerSpec, ...]:
    zones = study.zones[params.zones]
    frame = zones.merge(drawn, left_on="id", right_index=True, how="inner")
    titles = {
        "firms": Bilingual("企业数", "Firms"),
        "revenue": Bilingual("营业收入", "Revenue"),
        "employees": Bilingual("从业人数", "Employees"),
    }
    units = {
        "firms": Bilingual("家", "firms"),
        "revenue": Bilingual("亿元", "100 million yuan"),
        "employees": Bilingual("人", "persons"),
    }
    title, unit = titles[params.measure], units[params.measure]
    if params.draw == "amount" and params.measure == "revenue":
        frame = frame.assign(amount=frame["amount"] / 1e8)
    if params.draw == "share":
        frame = frame.assign(share=frame["share"] * 100)
        title = Bilingual(f"{title.zh}占本区比重", f"{title.en}: share in the zone")
        unit = Bilingual("%", "%")
    if params.draw == "lq":
        title = Bilingual(f"{title.zh}区位商", f"{title.en}: location quotient")
        unit = Bilingual("", "")
    return (
        LayerSpec(
            name=f"mix_{params.zones}",
            kind="choropleth",
            frame=frame,
            title=title,
            column=params.draw,
            unit=unit,
            approximate=bool(frame["approximate"].any()),
        ),
    )


def _notes(params: MixParams) -> tuple[Bilingual, ...]:
    modes = {
        "primary": Bilingual(
            "每家企业只计一次，计入其主要领域。", "Each firm counts once, under its primary sector."
        ),
        "fractional": Bilingual(
            "每家企业按各领域权重分摊，权重之和为1。",
            "Each firm is divided among its sectors by shares that sum to 1.",
        ),
        "full": Bilingual(
            "每家企业在其每个领域各计一次，合计大于企业数，差额见“合计核对”。",
            "Each firm counts once in each of its sectors; totals exceed the number of firms by "
            "the excess in the table of totals.",
        ),
    }
    small = Bilingual(
        f"企业数少于{params.min_firms}家的区位商不显示；区位商以本区全部企业（含未标注）为基数。",
        f"Location quotients of fewer than {params.min_firms} firms are left out; their base is "
        "all firms of the zone, untagged ones included.",
    )
    return (modes[params.counting], small)


def _provenance(study: Study, params: MixParams) -> Provenance:
    return provenance_of(
        study,
        params,
        Bilingual(
            "按企业坐标归入区域、按行业代码和经营范围标注领域后汇总。",
            "Firms are placed in zones by coordinates, tagged by industry code and business scope, "
            "and summed.",
        ),
    )
