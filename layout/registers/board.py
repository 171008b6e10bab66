"""Who answers for what, how far things are, and where the money goes."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pandas as pd

from layout.core import facts
from layout.core.study import UNTAGGED
from layout.measures.specialization import location_quotient
from layout.registers.entries import STATUSES, TARGETS

ITEM_KINDS: Final = ("sector", "task", "safeguard")
NOBODY: Final = "none"


def responsibility_matrix(department: str | None = None) -> pd.DataFrame:
    """Items of the plan × responsible units: place in the printed order, 1 leads.

    Parameters
    ----------
    department
        Id of 'my department': only the items it answers for, and only the units beside it.

    Returns
    -------
    DataFrame
        Items (12 sectors, 9 tasks, 4 safeguards) × department ids in the order of the plan;
        missing where a unit does not answer for the item.
    """
    links = facts.reference("responsibilities")
    items = facts.reference("plan_items")
    rows = list(items.loc[items["kind"].isin(ITEM_KINDS), "id"])
    columns = list(facts.reference("departments")["id"])
    matrix = (
        links.assign(order=links["order"].astype(int))
        .pivot(index="item_id", columns="department_id", values="order")
        .reindex(index=rows, columns=columns)
        .astype("Int64")
    )
    if department is not None:
        matrix = matrix[matrix[department].notna()]
        matrix = matrix.loc[:, matrix.notna().any()]
    matrix.columns.name = None
    return matrix


def overdue(entries: pd.DataFrame, today: dt.date) -> pd.Series:
    """Whether an entry is past its due date and neither done nor stopped."""
    late = entries["due"].notna() & (entries["due"].fillna("9999") < today.isoformat())
    return late & ~entries["status"].isin(("done", "stopped"))


def board(entries: pd.DataFrame, by: str, *, today: dt.date) -> pd.DataFrame:
    """Entries by status, a row a district or a unit.

    Parameters
    ----------
    entries
        Entries of the register.
    by
        ``district_id`` or ``department_id``.
    today
        Day that ``overdue`` is told for.

    Returns
    -------
    DataFrame
        One column a status, ``overdue``, ``total`` and ``done_share`` (of those that are not
        stopped; NaN where there is none). Entries of nobody stand in the row ``none``.
    """
    rows = entries.assign(
        **{by: entries[by].fillna(NOBODY), "overdue": overdue(entries, today).astype(int)}
    )
    table = rows.groupby([by, "status"]).size().unstack(fill_value=0)
    table = table.reindex(columns=list(STATUSES), fill_value=0).astype("int64")
    table.columns.name = None
    total = table.sum(axis=1)
    counted = (total - table["stopped"]).astype("float64")
    table["overdue"] = rows.groupby(by)["overdue"].sum()
    table["total"] = total
    table["done_share"] = table["done"] / counted.where(counted > 0)
    return table


def counts_by_target(entries: pd.DataFrame) -> pd.DataFrame:
    """Entries that count towards a target: all, done, with a source, with a place."""
    rows = entries[entries["target_id"].notna()]
    flags = pd.DataFrame(
        {
            "target_id": rows["target_id"],
            "entries": 1,
            "done": (rows["status"] == "done").astype(int),
            "with_source": rows["source"].notna().astype(int),
            "located": (rows["lon"].notna() & rows["lat"].notna()).astype(int),
        }
    )
    return flags.groupby("target_id").sum().reindex(list(TARGETS), fill_value=0).astype("int64")


def funding(entries: pd.DataFrame, cube: pd.DataFrame, districts: list[str]) -> pd.DataFrame:
    """Funding by sector and district, its location quotient beside that of firms.

    Parameters
    ----------
    entries
        Entries of the register; those of kind ``funding`` with a sector, a district and an
        amount count.
    cube
        District cube of the study, the rows of one year.
    districts
        District ids in order.

    Returns
    -------
    DataFrame
        Indexed by (district_id, sector): ``amount_yi`` (亿元), ``funding_lq``, ``firms``,
        ``firms_lq`` and ``lq_gap`` (funding minus firms). Quotients are NaN where a district or a
        sector has nothing.
    """
    sectors = list(facts.sector_ids())
    rows = entries[(entries["kind"] == "funding") & entries["amount_yi"].notna()]
    amount = rows.pivot_table(
        index="district_id", columns="sector", values="amount_yi", aggfunc="sum", observed=True
    ).reindex(index=districts, columns=sectors)
    tagged = cube[cube["sector"] != UNTAGGED]
    firms = tagged.pivot_table(
        index="zone_id", columns="sector", values="firms", aggfunc="sum", observed=True
    ).reindex(index=districts, columns=sectors)
    amount, firms = amount.fillna(0.0).astype("float64"), firms.fillna(0.0).astype("float64")
    parts = {
        "amount_yi": amount,
        "funding_lq": location_quotient(amount),
        "firms": firms,
        "firms_lq": location_quotient(firms),
    }
    table = pd.DataFrame({name: part.stack(future_stack=True) for name, part in parts.items()})
    table["lq_gap"] = table["funding_lq"] - table["firms_lq"]
    table.index.names = ["district_id", "sector"]
    return table


def funding_by_fund(entries: pd.DataFrame) -> pd.DataFrame:
    """Amounts by fund and year in 亿元; entries without an amount are counted apart."""
    rows = entries[entries["kind"] == "funding"]
    table = (
        rows.assign(fund=rows["fund"].fillna("other"), year=rows["year"].fillna(0).astype(int))
        .groupby(["fund", "year"])
        .agg(
            amount_yi=("amount_yi", lambda values: values.sum(min_count=1)),
            entries=("amount_yi", "size"),
            unknown=("amount_yi", lambda values: int(values.isna().sum())),
        )
    )
    return table.astype({"entries": "int64", "unknown": "int64"})
