"""The analysis of clusters on the planted city, and on cities that lack something."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from layout.analyses.cluster_params import ClusterParams
from layout.analyses.clusters import run
from layout.core import columns as c
from layout.core import facts
from layout.core.errors import FaultsError, ParameterError
from layout.core.headings import worded
from layout.core.result import Result
from layout.core.study import UNTAGGED, Study

YI = 1e8


@pytest.fixture(scope="module")
def result(planted_city: Study) -> Result:
    return run(planted_city, ClusterParams(simulations=239))


def test_the_plan_is_answered(result: Result) -> None:
    table = result.tables["clusters"]
    assert table.index.is_unique
    assert set(table["sector"]) <= set(facts.sector_ids())
    assert len(table) > 30
    assert (table["q"] <= 0.05).all()
    assert (table["location_quotient"] >= 2).all()
    assert (table["low"] < table["location_quotient"]).all()
    assert (table["high"] > table["location_quotient"]).all()
    assert (table["firms"] >= 10).all()
    assert table["stars"].between(0, 3).all()
    assert table["name_zh"].is_unique
    assert table["name_en"].is_unique
    assert table["name_zh"].str.endswith("集群").mean() > 0.9
    first = table.loc[table["park_distance_m"] == 0].iloc[0]
    assert first["park_id"] in str(table.loc[first.name, "park_id"])


def test_figures_are_those_of_the_firms(planted_city: Study, result: Result) -> None:
    """Sums over the polygon of a cluster, from the firm table itself."""
    import shapely

    frame = result.layers[0].frame.set_index("cluster_id")
    year = planted_city.manifest.years[-1]
    columns = [c.LON, c.LAT, c.SECTOR_1, c.REVENUE.of(year)]
    firms = planted_city.firms(columns).to_pandas()
    for name in frame.index[:5]:
        row = frame.loc[name]
        inside = firms[shapely.contains_xy(row.geometry, firms[c.LON], firms[c.LAT])]
        own = inside[inside[c.SECTOR_1] == row["sector"]]
        # the outline is simplified by 5 m: a firm on it may fall on the other side
        assert abs(len(own) - row["firms"]) <= 2
        assert own[c.REVENUE.of(year)].sum() == pytest.approx(row["revenue_cny"], rel=0.1)


def test_tables_fit_each_other(result: Result) -> None:
    table, mix, tiers = (result.tables[name] for name in ("clusters", "mix", "tiers"))
    assert mix.index.equals(table.index)
    assert tiers.index.equals(table.index)
    assert (mix.sum(axis=1) == table["all_firms"]).all()
    assert (tiers.sum(axis=1) == table["firms"]).all()
    own = [mix.loc[name, sector] for name, sector in table["sector"].items()]
    assert own == table["firms"].tolist()
    assert list(mix.columns) == [*facts.sector_ids(), UNTAGGED]
    by_sector = result.tables["sectors"].set_index("sector")
    assert by_sector["clusters"].sum() == len(table)
    inside = table.groupby("sector")["firms"].sum()
    assert (by_sector.loc[inside.index, "firms_in_clusters"] == inside).all()


def test_counts_of_the_plan_say_how_they_were_measured(result: Result) -> None:
    counts, table = result.tables["counts"], result.tables["clusters"]
    assert counts["target_id"].tolist() == ["T-13", "T-14", "T-13", "T-14"]
    assert counts["target"].tolist() == [3, 6, 3, 6]
    size = table["size_cny"]
    assert counts["found"][0] == (size >= 1000 * YI).sum()
    assert counts["found"][1] == ((size >= 100 * YI) & (size < 1000 * YI)).sum()
    assert set(counts["measure"]) == {"revenue"}
    assert any("1000" in note.zh for note in result.notes)


def test_classes_are_parameters(planted_city: Study) -> None:
    wide = ClusterParams(
        sectors=("S01", "S07"), simulations=99, alpha=0.1, thousand_yi=50, hundred_yi=5,
        size_measure="revenue_all", nested=True,
    )  # fmt: skip
    found = run(planted_city, wide).tables
    size = found["clusters"]["size_cny"]
    assert found["counts"]["found"][1] == (size >= 5 * YI).sum()
    assert found["counts"]["measure"][0] == "revenue_all"


def test_a_group_is_looked_at_together(planted_city: Study) -> None:
    found = run(planted_city, ClusterParams(sectors=("S02", "S05"), together=True, simulations=99))
    table = found.tables["clusters"]
    assert table.index.str.startswith("GROUP-").all()
    assert set(table["sector"]) == {"S02", "S05"}
    assert found.tables["sectors"]["sector"].tolist() == ["GROUP"]


def test_layers_are_ready_to_draw(result: Result) -> None:
    polygons, centres, places = result.layers
    assert polygons.kind == "polygons"
    assert str(polygons.frame.crs) == str(places.frame.crs) == "EPSG:4326"
    assert polygons.frame.geometry.is_valid.all()
    assert set(polygons.frame["sector"]) == set(polygons.categories)
    assert len(centres.frame) == len(polygons.frame)
    assert polygons.frame.geometry.contains(centres.frame.geometry).all()
    table = result.tables["clusters"]
    held = places.frame.groupby("cluster_id")["firms"].sum()
    assert (held == table["firms"].loc[held.index]).all()


def test_every_column_has_words(result: Result) -> None:
    for name in ("clusters", "mix", "tiers", "counts", "sectors", "candidates"):
        odd = [column for column in result.tables[name].columns if not worded(str(column))]
        assert not odd, name


def test_bad_settings_are_told_together(planted_city: Study) -> None:
    with pytest.raises(FaultsError) as caught:
        run(planted_city, ClusterParams(sectors=("S99",), statuses=("gone",), hundred_yi=2000))
    assert len(caught.value.faults) == 3
    with pytest.raises(ParameterError, match="S99"):
        run(planted_city, ClusterParams(sectors=("S99",)))


def changed(study: Study, root: Path, table: pa.Table) -> Study:
    pq.write_table(table, root / "firms.parquet")
    return replace(study, root=root)


def test_unknown_revenue_is_not_zero(planted_city: Study, tmp_path: Path) -> None:
    table = planted_city.firms()
    year = c.REVENUE.of(planted_city.manifest.years[-1])
    place = table.column_names.index(year)
    table = table.set_column(place, year, pa.nulls(table.num_rows, pa.int64()))
    found = run(
        changed(planted_city, tmp_path, table),
        ClusterParams(sectors=("S01",), simulations=99, alpha=0.1),
    )
    clusters = found.tables["clusters"]
    assert len(clusters)
    assert clusters["revenue_cny"].isna().all()
    assert (clusters["revenue_known"] == 0).all()
    assert set(clusters["size_class"]) == {"unknown"}
    assert (found.tables["tiers"]["unknown"] == clusters["firms"]).all()


def test_a_sector_without_firms_and_one_with_one(planted_city: Study, tmp_path: Path) -> None:
    table = planted_city.firms()
    sector = table[c.SECTOR_1].to_pandas().astype(object)
    sector[sector == "S03"] = None
    lone = sector.index[sector == "S06"]
    sector[lone[1:]] = None
    place = table.column_names.index(c.SECTOR_1)
    table = table.set_column(place, c.SECTOR_1, pa.array(sector, type=pa.string()))
    study = changed(planted_city, tmp_path, table)
    found = run(study, ClusterParams(sectors=("S03", "S06"), simulations=99))
    assert not len(found.tables["clusters"])
    assert not len(found.layers[0].frame)
    rows = found.tables["sectors"].set_index("sector")
    assert rows.loc["S03", "undefined"] == "undefined.no_points"
    assert rows.loc["S06", "undefined"] == "undefined.one_point"
    assert np.isnan(rows.loc["S03", "share_in_clusters"])
    assert (found.tables["counts"]["found"][:2] == 0).all()


def test_one_building_and_districts_without_firms(planted_city: Study, tmp_path: Path) -> None:
    table = planted_city.firms().slice(0, 300)
    for name in (c.LON, c.LAT):
        same = pa.array(np.full(300, table[name][0].as_py()))
        table = table.set_column(table.column_names.index(name), name, same)
    found = run(changed(planted_city, tmp_path, table), ClusterParams(simulations=99))
    assert not len(found.tables["clusters"])
    assert "undefined.one_place" in set(found.tables["sectors"]["undefined"])


def test_firms_without_coordinates_are_counted(planted_city: Study, tmp_path: Path) -> None:
    table = planted_city.firms()
    keep = pc.not_equal(table[c.DISTRICT], "YT")
    place = table.column_names.index(c.DISTRICT)
    table = table.set_column(place, c.DISTRICT, pc.if_else(keep, table[c.DISTRICT], None))
    found = run(
        changed(planted_city, tmp_path, table), ClusterParams(sectors=("S11",), simulations=99)
    )
    lost = f"{int(pc.sum(pc.invert(keep)).as_py()):,}"
    assert any(lost in note.en for note in found.notes)


def test_nothing_in_the_study(planted_city: Study, tmp_path: Path) -> None:
    found = run(changed(planted_city, tmp_path, planted_city.firms().slice(0, 0)), ClusterParams())
    assert not len(found.tables["clusters"])
    assert isinstance(found.tables["candidates"], pd.DataFrame)
