"""Which sectors a zone has, how much of each, and in which it is specialised."""

from __future__ import annotations

from typing import Final, Literal

import pandas as pd
from pydantic import Field

from layout.core import facts
from layout.core.config import Params
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
    min_firms: int = Field(
        5,
        ge=0,
        le=1000,
        title="最少企业数 | Minimum firms",
        description="a location quotient of fewer firms is left out (small numbers)",
    )


MODEL = MixParams


def run(study: Study, params: MixParams) -> Result:
    """The sector mix of a study.

    Returns
    -------
    Result
        Tables ``matrix`` (zones × sectors, ``untagged`` and ``total``; in the units of the
        measure: number, yuan, persons), ``location_quotient`` (zones × sectors, NaN where fewer
        than ``min_firms`` firms), ``share`` (share of each sector in the tagged amount of the
        zone), ``counts`` (the plan's counts of firms by revenue) and ``check`` (totals).
    """
    cube = select(study.cubes[params.zones], params)
    ids = tuple(study.zones[params.zones]["id"])
    table = matrix(cube, ids, _CUBE_COLUMN[params.measure, params.counting])
    number = matrix(cube, ids, "firms_full")
    quotient = quotients(table, number, ids, params.min_firms)
    return Result(
        name="mix",
        tables={
            "matrix": table,
            "location_quotient": quotient,
            "share": shares(table),
            "counts": plan_counts(study, params),
            "check": totals_check(cube, ids),
        },
        layers=_layers(study, params, table),
        notes=_notes(params),
        provenance=_provenance(study, params),
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


def matrix(cube: pd.DataFrame, ids: tuple[str, ...], column: str) -> pd.DataFrame:
    """Zones × sectors of one column of a cube, with ``untagged``, ``total`` and the rows outside.

    Rows: the zones in their order, then ``none`` (in the city but in no zone of this kind, only
    where it occurs), ``outside``, ``no_coordinates`` and ``total``. Fractional columns are brought
    back to units.
    """
    sectors = [*facts.sector_ids(), UNTAGGED]
    table = cube.pivot_table(index="zone_id", columns="sector", values=column, aggfunc="sum")
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
    """Location quotients of the zones, without those that rest on fewer than ``min_firms``."""
    sectors = list(facts.sector_ids())
    base = table.loc[list(ids), [*sectors, UNTAGGED]]
    quotient = location_quotient(base.astype("float64"))[sectors]
    return quotient.where(number.loc[list(ids), sectors] >= min_firms)


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


def totals_check(cube: pd.DataFrame, ids: tuple[str, ...]) -> pd.DataFrame:
    """Totals by counting mode, and the excess of full counting over the firms."""
    rows = []
    for measure in ("firms", "revenue", "employees"):
        total = {
            mode: float(matrix(cube, ids, _CUBE_COLUMN[measure, mode])[TOTAL].to_numpy()[-1])
            for mode in ("primary", "fractional", "full")
        }
        rows.append({"measure": measure, **total, "excess": total["full"] - total["primary"]})
    return pd.DataFrame(rows)


def _layers(study: Study, params: MixParams, table: pd.DataFrame) -> tuple[LayerSpec, ...]:
    frame = study.zones[params.zones].merge(
        table.reset_index().rename(columns={"zone_id": "id"}), on="id", how="left"
    )
    titles = {
        "firms": Bilingual("企业数", "Firms"),
        "revenue": Bilingual("营业收入", "Revenue"),
        "employees": Bilingual("从业人数", "Employees"),
    }
    units = {
        "firms": Bilingual("家", "firms"),
        "revenue": Bilingual("元", "yuan"),
        "employees": Bilingual("人", "persons"),
    }
    return (
        LayerSpec(
            name=f"mix_{params.zones}",
            kind="choropleth",
            frame=frame,
            title=titles[params.measure],
            column=TOTAL,
            unit=units[params.measure],
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
    manifest = study.manifest
    return Provenance(
        inputs=manifest.inputs,
        parameters=params.model_dump(mode="json"),
        seed=None,
        version=manifest.version,
        created=manifest.created,
        synthetic=manifest.synthetic,
        method=Bilingual(
            "按企业坐标归入区域、按行业代码和经营范围标注领域后汇总。",
            "Firms are placed in zones by coordinates, tagged by industry code and business scope, "
            "and summed.",
        ),
    )
