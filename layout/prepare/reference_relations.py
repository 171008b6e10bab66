"""What the tables of facts must say together: counts of the plan, sums, orders, arithmetic.

Each function takes the tables and yields findings; :mod:`layout.prepare.reference_schema` has
checked every column by itself before, so a value that is no number is skipped here. The columns
named here are described in ``data/schema.csv``, the one home of the tables of facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Final

import pandas as pd

from layout.prepare.reference_schema import FactTables, Finding

SECTORS: Final = tuple(f"S{number:02d}" for number in range(1, 13))
"""The closed list of the plan (section 2), in its order."""
PLAN_COUNTS: Final = MappingProxyType({"sector": 12, "task": 9, "safeguard": 4})
"""Items of the plan by kind; each names at least one responsible unit."""
PLAN_DEPARTMENTS: Final = 28
"""Units the plan names, collective ones included."""
BASE_STEPS: Final = MappingProxyType({"implied_base_3_steps": 3, "implied_base_4_steps": 4})
"""Years of growth from 2020 and from 2019 to the target year 2023."""
ROUNDING: Final = 0.0501
"""Derived figures are printed to one decimal place."""

_SECTORS = "reference/sectors.csv"
_PRIORS = "reference/path_priors.csv"
_INDICATORS = "reference/path_indicators.csv"
_RESPONSIBILITIES = "reference/responsibilities.csv"
_DEPARTMENTS = "reference/departments.csv"
_ITEMS = "reference/plan_items.csv"
_TARGETS = "reference/plan_targets.csv"
_INDUSTRIES = "reference/gbt4754_2017.csv"
_TIERS = "reference/size_tiers.csv"
_RULES = "reference/sector_rules.csv"
_CONTEXT = "reference/scope_context.csv"
_SUB_FIELDS = "reference/sub_fields.csv"


def check_sector_order(facts: FactTables) -> Iterator[Finding]:
    """S01 to S12, complete and in order, in the table of sectors and in that of priors."""
    for file, column in ((_SECTORS, "code"), (_PRIORS, "sector")):
        found = tuple(facts.tables[file][column])
        if found != SECTORS:
            yield Finding(
                "incomplete",
                file,
                column=column,
                found=", ".join(found),
                expected="S01 … S12",
            )


def check_plan_counts(facts: FactTables) -> Iterator[Finding]:
    """12 fields, 9 tasks, 4 safeguards and 28 units, each of them linked."""
    items, links = facts.tables[_ITEMS], facts.table(_RESPONSIBILITIES)
    for kind, expected in PLAN_COUNTS.items():
        found = int((items["kind"] == kind).sum())
        if found != expected:
            yield _incomplete(_ITEMS, f"kind={kind}", found, expected)
    found = len(facts.tables[_DEPARTMENTS])
    if found != PLAN_DEPARTMENTS:
        yield _incomplete(_DEPARTMENTS, "id", found, PLAN_DEPARTMENTS)
    needed = items.loc[items["kind"].isin(PLAN_COUNTS), "id"]
    for column, ids in (
        ("item_id", needed),
        ("department_id", facts.tables[_DEPARTMENTS]["id"]),
    ):
        if missing := sorted(set(ids) - set(links.frame[column])):
            yield _incomplete(_RESPONSIBILITIES, column, "–", ", ".join(missing))


def check_responsibilities(facts: FactTables) -> Iterator[Finding]:
    """Orders 1, 2, … for each item; the first place leads."""
    links = facts.table(_RESPONSIBILITIES)
    frame = links.frame
    for index, line in enumerate(frame.to_dict("records")):
        expected = {
            "role": "牵头" if line["order"] == "1" else "参与",
            "id": f"R-{line['item_id']}-{line['order']}",
        }
        for column, value in expected.items():
            if line[column] != value:
                yield links.finding("disagrees", index, column, expected=value)
    for item, group in frame.groupby("item_id", sort=False):
        if list(group["order"]) != [str(n) for n in range(1, len(group) + 1)]:
            yield _incomplete(
                _RESPONSIBILITIES, f"order ({item})", ", ".join(group["order"]), "1, 2, 3 …"
            )


def check_sector_departments(facts: FactTables) -> Iterator[Finding]:
    """The lists of ``sectors.csv`` say the same as ``responsibilities.csv``."""
    frame = facts.tables[_RESPONSIBILITIES]
    units = frame.groupby("item_id", sort=False)["department_zh"].agg(list)
    sectors = facts.table(_SECTORS)
    for index, line in enumerate(sectors.frame.to_dict("records")):
        listed = units.get(line["code"], [])
        said = {
            "depts": "；".join(listed),
            "lead_dept": "".join(listed[:1]),
            "n_depts": str(len(listed)),
        }
        for column, value in said.items():
            if line[column] != value:
                yield sectors.finding("disagrees", index, column, expected=value)


def check_shares(facts: FactTables) -> Iterator[Finding]:
    """Priors of a sector sum to 1; default weights of a path sum to 1."""
    priors = facts.table(_PRIORS)
    parts = priors.frame[["frontier", "fusion", "emerging"]].apply(_number)
    for index in priors.rows_where((parts.sum(axis=1) - 1).abs() > 1e-9):
        total = f"{parts.iloc[index].sum():g}"
        yield Finding("sum", _PRIORS, index + 2, str(priors.frame.iat[index, 0]), "–", total, "1")
    frame = facts.tables[_INDICATORS]
    weights = _number(frame["default_weight"]).groupby(frame["path"]).sum()
    for path, total in weights.items():
        if abs(total - 1) > 1e-9:
            yield Finding("sum", _INDICATORS, 0, str(path), "default_weight", f"{total:g}", "1")


def check_target_bases(facts: FactTables) -> Iterator[Finding]:
    """Derived bases: target ÷ (1 + growth)^steps, to the printed decimal."""
    table = facts.table(_TARGETS)
    value, growth = (_number(table.frame[name]) for name in ("value", "growth_pct"))
    for column, steps in BASE_STEPS.items():
        expected = value / (1 + growth / 100) ** steps
        printed = _number(table.frame[column])
        wrong = (expected - printed).abs().gt(ROUNDING) | (expected.isna() != printed.isna())
        for index in table.rows_where(wrong):
            yield table.finding("disagrees", index, column, expected=f"{expected[index]:.1f}")


def check_industry_tree(facts: FactTables) -> Iterator[Finding]:
    """The level follows from the code, and the parent and the section contain it."""
    table = facts.table(_INDUSTRIES)
    sections = dict(zip(table.frame["code"], table.frame["section"], strict=True))
    for index, line in enumerate(table.frame.to_dict("records")):
        code = line["code"]
        level = str(len(code))
        parent = {"1": "", "2": line["section"]}.get(level, code[:-1])
        section = code if level == "1" else sections.get(line["parent"], line["section"])
        for column, expected in (("level", level), ("parent", parent), ("section", section)):
            if line[column] != expected:
                yield table.finding("disagrees", index, column, expected=expected)


def check_sub_fields(facts: FactTables) -> Iterator[Finding]:
    """A sub-field's id is sector and order; a rule points to a sub-field of its own sector."""
    table = facts.table(_SUB_FIELDS)
    for index, line in enumerate(table.frame.to_dict("records")):
        expected = f"{line['sector']}-{line['order']}"
        if line["sub_field_id"] != expected:
            yield table.finding("disagrees", index, "sub_field_id", expected=expected)
    rules = facts.table(_RULES)
    for index, line in enumerate(rules.frame.to_dict("records")):
        if line["sub_field"] and line["sub_field"].partition("-")[0] != line["sector"]:
            yield rules.finding(
                "disagrees",
                index,
                "sub_field",
                expected=f"{line['sector']}-…",
            )


def check_scope_context(facts: FactTables) -> Iterator[Finding]:
    """Codes that change the reading of a scope exist, and so do the sectors it names."""
    table = facts.table(_CONTEXT)
    codes = frozenset(facts.tables[_INDUSTRIES]["code"])
    for index, line in enumerate(table.frame.to_dict("records")):
        kind, value = line["kind"], line["value"]
        if kind.startswith("code_") and value not in codes:
            yield table.finding("unknown_reference", index, "value", expected=_INDUSTRIES)
        if kind in ("sells", "yield") and not set(value.split(":")) <= set(SECTORS):
            yield table.finding("unknown_reference", index, "value", expected=_SECTORS)


def check_tiers(facts: FactTables) -> Iterator[Finding]:
    """Orders 1, 2, … and falling thresholds."""
    table = facts.table(_TIERS)
    above = _number(table.frame["above_yi"])
    for index in table.rows_where(above.diff() >= 0):
        yield table.finding(
            "disagrees",
            index,
            "above_yi",
            expected=f"< {above[index - 1]:g}",
        )
    orders = list(table.frame["order"])
    if orders != [str(n) for n in range(1, len(orders) + 1)]:
        yield _incomplete(_TIERS, "order", ", ".join(orders), "1, 2, 3 …")


def check_unknown_values(facts: FactTables) -> Iterator[Finding]:
    """A value whose kind is ``unknown`` is empty."""
    for city in facts.cities():
        for name, kind in (("infrastructure.csv", "value_kind"), ("network_facts.csv", "kind")):
            table = facts.table(city + name)
            unknown = (table.frame[kind] == "unknown") & (table.frame["value"] != "")
            for index in table.rows_where(unknown):
                yield table.finding("unknown_has_value", index, "value")


def check_ranges(facts: FactTables) -> Iterator[Finding]:
    """Lower ends are not above upper ends."""
    pairs = [("reference/siting_rules.csv", "distance_m", "distance_max_m")]
    pairs += [(f"{city}network_facts.csv", "value_min", "value_max") for city in facts.cities()]
    for file, low, high in pairs:
        table = facts.table(file)
        for index in table.rows_where(_number(table.frame[low]) > _number(table.frame[high])):
            yield table.finding(
                "disagrees",
                index,
                high,
                expected=f"≥ {table.cell(index, low)}",
            )


def check_design_power(facts: FactTables) -> Iterator[Finding]:
    """IT power of a data centre is racks × kW ÷ 1,000, to two decimals."""
    for city in facts.cities():
        table = facts.table(city + "data_centres.csv")
        power = _number(table.frame["mw_it"])
        expected = _number(table.frame["racks"]) * _number(table.frame["kw_per_rack"]) / 1000
        for index in table.rows_where((power - expected).abs() > 0.00501):
            yield table.finding(
                "disagrees",
                index,
                "mw_it",
                expected=f"{expected[index]:.2f}",
            )


RELATIONS: Final[tuple[Callable[[FactTables], Iterator[Finding]], ...]] = (
    check_sector_order,
    check_plan_counts,
    check_responsibilities,
    check_sector_departments,
    check_shares,
    check_target_bases,
    check_industry_tree,
    check_sub_fields,
    check_scope_context,
    check_tiers,
    check_unknown_values,
    check_ranges,
    check_design_power,
)


def _number(values: pd.Series) -> pd.Series:
    return pd.to_numeric(values, errors="coerce")


def _incomplete(file: str, column: str, found: object, expected: object) -> Finding:
    return Finding("incomplete", file, column=column, found=str(found), expected=str(expected))
