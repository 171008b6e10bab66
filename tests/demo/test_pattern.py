"""The city is what its documentation says: shares, sizes, clusters, orientation."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from layout.core import columns
from layout.core.columns import EMPLOYEES, REVENUE, YEARS
from layout.core.facts import city_table, reference, sector_ids
from layout.demo.city import City
from layout.demo.mix import CLUSTER_BASE
from layout.demo.table import HEADERS
from layout.demo.terrain import Scale
from layout.demo.words import groups
from layout.prepare.tagging import Tagger


@pytest.fixture(scope="module")
def primary(written: SimpleNamespace) -> pd.Series:
    return written.truth["true_sectors"].str.split(";").str[0]


def test_district_shares_are_near_the_stated(written: SimpleNamespace, city: City) -> None:
    found = written.truth["district_id"].value_counts(normalize=True)
    for district, share in zip(city.plan.districts.ids, city.plan.districts.share, strict=True):
        # Four standard errors; giants shift the shares by less than another half per cent.
        assert found[district] == pytest.approx(
            share, abs=4 * np.sqrt(share * (1 - share) / written.size) + 0.005
        )


def test_about_a_quarter_belongs_to_the_plan(written: SimpleNamespace, primary: pd.Series) -> None:
    assert 0.25 < (primary != "").mean() < 0.30
    assert set(primary[primary != ""]) == set(sector_ids())


def test_firms_share_buildings(written: SimpleNamespace) -> None:
    place = written.firms[[HEADERS[columns.LON], HEADERS[columns.LAT]]]
    shared = place[written.sound].duplicated(keep=False)
    assert 0.25 < shared.mean() < 0.35


def test_leading_and_key_firms(written: SimpleNamespace, primary: pd.Series) -> None:
    revenue = pd.to_numeric(written.firms[HEADERS[REVENUE.of(YEARS[-1])]]) / 1e4
    of_plan = revenue[primary != ""]
    assert 15 <= (of_plan > 50).sum() <= 30
    assert 70 <= (of_plan > 10).sum() <= 140
    assert 5_000 < of_plan.sum() < 15_000


def test_employees_go_with_revenue(written: SimpleNamespace) -> None:
    revenue = pd.to_numeric(written.firms[HEADERS[REVENUE.of(YEARS[-1])]])
    people = pd.to_numeric(written.firms[HEADERS[EMPLOYEES.of(YEARS[-1])]])
    both = revenue.notna() & people.notna() & written.sound
    assert revenue[both].corr(people[both], method="spearman") > 0.5


def test_scopes_are_as_long_as_real_ones(written: SimpleNamespace) -> None:
    length = written.firms[HEADERS[columns.BUSINESS_SCOPE]].str.len()
    assert 90 < length.mean() < 110
    assert length.min() > 8


def test_a_good_tagger_recovers_the_sectors(written: SimpleNamespace) -> None:
    scopes, codes = (
        pa.array(written.firms[HEADERS[name]][written.sound])
        for name in (columns.BUSINESS_SCOPE, columns.INDUSTRY_CODE)
    )
    tags = Tagger.load().tag(scopes, codes).select(columns.SECTORS).to_pydict()
    found = [set(filter(None, row)) for row in zip(*tags.values(), strict=True)]
    true = [set(filter(None, t.split(";"))) for t in written.truth["true_sectors"][written.sound]]
    both = sum(len(a & b) for a, b in zip(found, true, strict=True))
    f1 = 2 * both / (sum(map(len, found)) + sum(map(len, true)))
    assert f1 > 0.97


def test_clusters_stand_out(written: SimpleNamespace, primary: pd.Series, city: City) -> None:
    scale = Scale.at(city.plan.latitude)
    lon, lat = (written.truth[name].astype(float) for name in ("lon", "lat"))
    share = primary.value_counts(normalize=True)
    members = written.truth["cluster_id"].value_counts()
    for row in written.clusters.itertuples():
        east = (lon - float(row.lon)) * scale.east_m
        north = (lat - float(row.lat)) * scale.north_m
        near = np.hypot(east, north) <= float(row.radius_m)
        local = (primary[near] == row.sector).mean() / share[row.sector]
        assert local >= 3
        assert members[row.cluster_id] == int(row.firms)
        own = written.truth["cluster_id"] == row.cluster_id
        assert near[own].all()
        assert (primary[own] == row.sector).all()
    main = (written.clusters["firms"].astype(int) * CLUSTER_BASE / written.size >= 50).sum()
    assert len(written.clusters) >= 24
    assert main >= 12


def test_orientation_gives_the_expected_paths(written: SimpleNamespace, primary: pd.Series) -> None:
    """The largest prior-weighted quotient of each district is its expected path."""
    tagged = primary != ""
    counts = pd.crosstab(written.truth["district_id"][tagged], primary[tagged])
    quotient = counts.div(counts.sum(axis=1), axis=0) / (counts.sum() / counts.to_numpy().sum())
    priors = reference("path_priors").set_index("sector").drop(columns="note").astype(float)
    scores = quotient @ priors / priors.sum()
    expected = city_table("shenzhen", "districts").set_index("id")["expected_path_primary"]
    names = {"frontier": "前沿创新", "fusion": "应用融合", "emerging": "新兴领域拓展"}
    assert scores.idxmax(axis=1).map(names).to_dict() == expected[scores.index].to_dict()


def test_overlay_has_its_own_orientation(city: City) -> None:
    """Cells of Qianhai weigh towards finance and trade more than the rest of their district."""
    table, cells = city.mix.table, city.cells
    in_overlay = np.zeros(len(cells), dtype=bool)
    for polygon in city.plan.overlays.polygons:
        from shapely import contains_xy

        in_overlay |= contains_xy(polygon, cells.lon, cells.lat)
    home = np.isin(cells.district, cells.district[in_overlay])
    finance = groups().ids.index("S10")
    inside = table[finance, in_overlay].sum() / table[:, in_overlay].sum()
    outside = table[finance, home & ~in_overlay].sum() / table[:, home & ~in_overlay].sum()
    assert inside > outside
