"""Scenarios beside the base: what changed, for whom, and by how much."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from layout.analyses import differentiation, paths
from layout.analyses.words import choice_words, sector_words, zone_words
from layout.core import columns as col
from layout.core import facts
from layout.core.crs import from_wgs84, parse_datum
from layout.core.errors import ParameterError
from layout.core.progress import tell
from layout.core.result import Bilingual, LayerSpec, Provenance, Result
from layout.core.study import Study
from layout.core.texts import text
from layout.scenarios.apply import apply_scenario
from layout.scenarios.model import PATHS, Scenario, scenario_text

BASE: Final = "base"
NEAR_M: Final = 2000.0
"""A research carrier this near counts as within reach: our assumption."""

_YI: Final = 1e8
_CLASSES: Final = ((1000.0, "thousand"), (100.0, "hundred"), (0.0, "other"))
"""Size classes of a sector by its revenue, 亿元: 千亿级, 百亿级, other."""

FIGURES: Final = (
    "firms", "tagged", "revenue_yi", "differentiation", "differentiation_by_firms",
    "competing_pairs", "over_50", "over_10", "thousand", "hundred", "near_carriers",
)  # fmt: skip


def compare_scenarios(
    study: Study, scenarios: Sequence[Scenario], *, draws: int = 60, seed: int = 1
) -> Result:
    """Any number of scenarios against the base and each other.

    Returns
    -------
    Result
        Tables ``figures`` (a row a figure, a column a study), ``districts`` (by scenario and
        district: firms, revenue, path, nearest district, and their change), ``sectors`` (by
        scenario and sector: firms, revenue, size class), ``ledger`` (firms and revenue before,
        added and after: what must balance) and ``moved`` (the districts that gain, lose or take
        another path).

    Raises
    ------
    ParameterError
        A scenario does not fit the study, or two have one name.
    """
    names = [one.name for one in scenarios]
    twice = {name for name in names if names.count(name) > 1 or name == BASE}
    if twice:
        raise ParameterError("error.scenario_twice", names=", ".join(sorted(twice)))
    studies = {BASE: study}
    for scenario in scenarios:
        studies[scenario.name] = apply_scenario(study, scenario)
    told = {}
    for place, (name, one) in enumerate(studies.items(), start=1):
        told[name] = _measured(one, draws, seed)
        tell("scenario_compare", place / len(studies))
    tables = {
        "figures": pd.DataFrame({name: parts[0] for name, parts in told.items()}, dtype="float64"),
        "districts": _joined({name: parts[1] for name, parts in told.items()}),
        "sectors": _joined({name: parts[2] for name, parts in told.items()}),
        "ledger": pd.DataFrame([_ledger(study, name, one) for name, one in studies.items()])
        .set_index("scenario"),
    }  # fmt: skip
    tables["figures"].index.name = "figure"
    tables["districts"] = _with_change(tables["districts"], ("tagged", "revenue_yi"))
    tables["moved"] = _moved(tables["districts"])
    return Result(
        name="scenarios", tables=tables, layers=_layers(study, tables["districts"], scenarios),
        notes=(
            Bilingual.of("paths.note.proposal"),
            Bilingual.of("scenario.note", metres=f"{NEAR_M:,.0f}"),
        ),
        provenance=Provenance(
            inputs=study.manifest.inputs,
            parameters={
                "scenarios": {one.name: scenario_text(one) for one in scenarios}, "draws": draws,
            },
            seed=seed,
            version=study.manifest.version, created=study.manifest.created, synthetic=True,
            method=Bilingual.of("scenario.method"),
        ),
        labels=_labels(study, scenarios),
    )  # fmt: skip


def _labels(study: Study, scenarios: Sequence[Scenario]) -> dict[str, dict[str, Bilingual]]:
    """Words for every id of the tables."""
    titles = {BASE: Bilingual.of("scenario.base")} | {
        one.name: Bilingual(one.title("zh"), one.title("en")) for one in scenarios
    }
    path = choice_words("path", PATHS)
    return {
        "figure": choice_words("scenario.figure", FIGURES) | titles,
        "scenario": titles, "district_id": zone_words(study), "nearest": zone_words(study),
        "sector": sector_words(), "path": path, "path_before": path, "scored": path,
        "size_class": choice_words("scenario.class", tuple(name for _, name in _CLASSES)),
    }  # fmt: skip


def _measured(
    study: Study, draws: int, seed: int
) -> tuple[dict[str, float], pd.DataFrame, pd.DataFrame]:
    """Figures of the city, a table of districts and a table of sectors."""
    alike = differentiation.run(study, differentiation.MODEL(draws=draws, seed=seed)).tables
    scores = paths.run(study, paths.MODEL(draws=draws, seed=seed)).tables["scores"]
    cube = study.cubes["district"]
    cube = cube[cube["year"] == 0]
    tagged = cube[cube["sector"].isin(facts.sector_ids())]
    sectors = _sectors(tagged)
    tiers = tagged.groupby("tier", observed=True)["firms"].sum()
    leading, key = (int(tiers.get(name, 0)) for name in ("leading", "key"))
    classes = sectors["size_class"].value_counts()
    figures: dict[str, float] = {
        "firms": float(cube["firms"].sum()), "tagged": float(tagged["firms"].sum()),
        "revenue_yi": float(tagged["revenue_cny"].sum()) / _YI,
        "differentiation": float(alike["index"]["index"]["alike"]),
        "differentiation_by_firms": float(alike["index"]["index"]["by_firms"]),
        "competing_pairs": float(alike["pairs"]["competing"].sum()),
        "over_50": leading, "over_10": leading + key,
        "thousand": float(classes.get("thousand", 0)), "hundred": float(classes.get("hundred", 0)),
        "near_carriers": near_carriers(study),
    }  # fmt: skip
    by_district = tagged.groupby("zone_id", observed=True)[["firms", "revenue_cny"]].sum()
    by_district = by_district.reindex(scores.index, fill_value=0)
    districts = pd.DataFrame(
        {
            "tagged": by_district["firms"], "revenue_yi": by_district["revenue_cny"] / _YI,
            "path": scores["path"], "scored": scores["scored"], "margin": scores["margin"],
            "nearest": alike["districts"]["nearest"],
            "nearest_cosine": alike["districts"]["nearest_cosine"],
        }
    )  # fmt: skip
    return figures, districts, sectors


def _sectors(tagged: pd.DataFrame) -> pd.DataFrame:
    total = tagged.groupby("sector", observed=True)[["firms", "revenue_cny"]].sum()
    total = total.reindex(list(facts.sector_ids()), fill_value=0)
    revenue = total["revenue_cny"] / _YI
    size = [next(name for least, name in _CLASSES if value >= least) for value in revenue]
    frame = pd.DataFrame({"firms": total["firms"], "revenue_yi": revenue, "size_class": size})
    frame.index.name = "sector"
    return frame


def near_carriers(study: Study) -> float:
    """Share of the located tagged firms with a research carrier within reach; NaN without any."""
    from scipy.spatial import cKDTree  # slow to import

    if "carriers" not in study.layers:
        return float("nan")
    frame = study.layers["carriers"]
    kept = frame.geometry.notna() & ~frame.geometry.is_empty
    crs = parse_datum(facts.city_settings(study.manifest.city)["metric_crs"])
    points = frame.geometry[kept]
    firms = study.firms([col.LON, col.LAT, col.SECTOR_1, col.LOCATION]).to_pandas()
    firms = firms[firms[col.SECTOR_1].notna() & firms[col.LON].notna()]
    firms = firms[firms[col.LOCATION] != "outside"]
    if firms.empty or points.empty:
        return float("nan")
    tree = cKDTree(np.column_stack(from_wgs84(points.x.to_numpy(), points.y.to_numpy(), crs)))
    place = from_wgs84(firms[col.LON].to_numpy(), firms[col.LAT].to_numpy(), crs)
    distance, _ = tree.query(np.column_stack(place))
    return float((distance <= NEAR_M).mean())


def _joined(parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, names=["scenario"])


def _with_change(table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """The table with the change of some columns against the base."""
    base = table.loc[BASE]
    changed = table.copy()
    for name in columns:
        changed[f"{name}_change"] = (
            table[name] - base[name].reindex(table.index.get_level_values("district_id")).to_numpy()
        )
    return changed


def _moved(districts: pd.DataFrame) -> pd.DataFrame:
    """Districts that gain or lose firms or revenue, or whose path is another than in the base."""
    place = districts.index.get_level_values("district_id")
    before = districts.loc[BASE]["path"].reindex(place).to_numpy()
    frame = districts[["tagged", "tagged_change", "revenue_yi_change", "path"]].copy()
    frame["path_before"] = before
    moved = (frame["tagged_change"] != 0) | (frame["revenue_yi_change"] != 0)
    kept: pd.DataFrame = frame[moved | (frame["path"] != frame["path_before"]).to_numpy()]
    return kept


def _ledger(base: Study, name: str, study: Study) -> dict[str, object]:
    """Firms and revenue before and after, whole yuan, of all accepted firms."""
    year = col.REVENUE.of(base.manifest.years[-1])
    sums = []
    for one in (base, study):
        money = one.firms([year])[year]
        sums.append((len(money), int(money.combine_chunks().sum().as_py() or 0)))
    told = study.manifest.parameters.get("scenario", {})
    (n0, r0), (n1, r1) = sums
    return {
        "scenario": name, "firms_before": n0, "firms_added": int(told.get("added", 0)),
        "firms_moved": int(told.get("moved", 0)), "firms_after": n1, "revenue_before_cny": r0,
        "revenue_added_cny": r1 - r0, "revenue_after_cny": r1,
    }  # fmt: skip


def _layers(
    study: Study, districts: pd.DataFrame, scenarios: Sequence[Scenario]
) -> tuple[LayerSpec, ...]:
    """By scenario, how the tagged firms of the districts change."""
    zones = study.zones["district"]
    layers = []
    for layer, scenario in zip(layer_names(scenarios), scenarios, strict=True):
        own = districts.loc[scenario.name]
        layers.append(
            LayerSpec(
                name=layer, kind="choropleth",
                frame=zones.merge(own, left_on="id", right_index=True, how="left"),
                title=Bilingual(
                    text("scenario.layer", "zh", name=scenario.title("zh")),
                    text("scenario.layer", "en", name=scenario.title("en")),
                ),
                column="tagged_change", unit=Bilingual("家", "firms"),
                details=("tagged", "revenue_yi"), id_column="id",
                approximate=bool(zones["approximate"].any()),
            )
        )  # fmt: skip
    return tuple(layers)


def layer_names(scenarios: Sequence[Scenario]) -> list[str]:
    """Names of layers that every file can have; all get their place where two would be alike."""
    plain = [re.sub(r"\W", "_", f"scenario_{one.name}") for one in scenarios]
    if len({name.lower() for name in plain}) == len(plain):
        return plain
    return [f"{name}_{place}" for place, name in enumerate(plain, start=1)]
