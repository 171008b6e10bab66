"""Chains: which firms stand where, what is complete, what is missing, how near."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from layout.analyses import chain_figures as figures
from layout.analyses import industrial_internet as internet
from layout.analyses.chain_links import CHAIN, NODE, _linked, chain_names, nodes, tier_of
from layout.core.columns import BUSINESS_SCOPE, DISTRICT, INDUSTRY_CODE, LAT, LON, SECTORS

CHAIN_1 = [node for node in nodes() if node.chain == "CH01"]


def firm_rows(rows: list[tuple[str | None, str, str | None, str | None]]) -> pa.Table:
    """Firms: scope, code, primary sector, district."""
    scope, code, sector, district = zip(*rows, strict=True)
    return pa.table(
        {
            BUSINESS_SCOPE: pa.array(scope, pa.string()),
            INDUSTRY_CODE: pa.array(code, pa.string()),
            SECTORS[0]: pa.array(sector, pa.string()).dictionary_encode(),
            SECTORS[1]: pa.nulls(len(rows), pa.string()),
            SECTORS[2]: pa.nulls(len(rows), pa.string()),
            DISTRICT: pa.array(district, pa.string()).dictionary_encode(),
            LON: pa.array([114.0] * len(rows)),
            LAT: pa.array([22.5] * len(rows)),
        }
    )


def links_of(*rows: tuple[str | None, str, str | None, str | None]) -> dict[int, set[str]]:
    parts = list(_linked(firm_rows(list(rows)), CHAIN_1, 0, None))
    found: dict[int, set[str]] = {i: set() for i in range(len(rows))}
    for part in parts:
        for firm, node in zip(part["firm"], part[NODE], strict=True):
            found[int(firm)].add(str(node))
    return found


def test_every_chain_is_whole_and_in_order() -> None:
    assert len(nodes()) == 116
    assert len(chain_names()) == 12
    for chain in chain_names():
        orders = [node.order for node in nodes() if node.chain == chain]
        assert orders == list(range(1, len(orders) + 1))


def test_a_firm_is_linked_by_keyword_and_code_or_sector_or_by_a_code_of_its_own() -> None:
    found = links_of(
        ("数据库产品研发", "6511", None, "NS"),  # keyword and code
        ("数据库产品研发", "7310", "S01", "NS"),  # keyword and sector
        ("数据库产品研发", "7310", None, "NS"),  # keyword alone
        ("餐饮服务", "6511", "S01", "NS"),  # code shared by two nodes, no keyword
        ("餐饮服务", "3973", None, "NS"),  # code of one node alone
        ("数据库产品研发", "6511", None, None),  # outside the city
        (None, "6511", "S01", "NS"),  # no scope
    )
    assert found[0] == {"CH01-N05"}
    assert found[1] == {"CH01-N05"}
    assert found[2] == found[3] == found[5] == found[6] == set()
    assert found[4] == {"CH01-N02"}


def test_completeness_by_hand() -> None:
    some = CHAIN_1[:4]
    counts = pd.DataFrame(
        [[3, 0, 5, 2], [0, 0, 0, 0]], index=["A", "B"], columns=[node.id for node in some]
    )
    found = figures.completeness(counts, some, least=3).set_index("zone_id")
    assert found.loc["A", "present"] == 2
    assert found.loc["A", "completeness"] == 0.5
    assert found.loc["A", "firms"] == 10
    assert found.loc["A", "missing_nodes"] == f"{some[1].id};{some[3].id}"
    assert found.loc["B", "completeness"] == 0
    assert (found[["upstream", "midstream", "downstream"]].sum(axis=1) == found["present"]).all()


def links(rows: list[tuple[int, int, float, float, str]]) -> pd.DataFrame:
    """Links: firm, place of the node in the chain, x, y, tier."""
    firm, node, x, y, tier = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "firm": firm, NODE: [CHAIN_1[n].id for n in node], CHAIN: "CH01", "x": x, "y": y,
            "tier": tier, "district": "NS", "revenue_cny": np.nan,
        }
    )  # fmt: skip


BASE = (500_000.0, 2_500_000.0)


def test_distances_to_the_next_node_leave_out_the_firm_itself() -> None:
    x, y = BASE
    made = links([(1, 0, x, y, "small"), (1, 1, x, y, "small"), (2, 1, x + 300, y + 400, "small")])
    found = figures.adjacent_distances(made, CHAIN_1[:3])
    assert found["median_m"].tolist()[0] == 500.0
    assert np.isnan(found["median_m"].tolist()[1])
    assert found["next_firms"].tolist() == [2, 0]


def test_a_firm_alone_at_both_nodes_has_no_neighbour() -> None:
    x, y = BASE
    made = links([(1, 0, x, y, "small"), (1, 1, x, y, "small")])
    assert np.isnan(figures.adjacent_distances(made, CHAIN_1[:2])["median_m"].iloc[0])


def test_anchors_and_their_satellites() -> None:
    x, y = BASE
    made = links(
        [(1, 0, x, y, "leading"), (2, 0, x + 1_000, y, "small"), (3, 1, x + 5_000, y, "unknown"),
         (2, 1, x + 1_000, y, "small")]
    )  # fmt: skip
    row = figures.anchors(made, ("CH01",), radius_m=2_000).iloc[0]
    assert (row["anchors"], row["satellites"]) == (1, 2)
    assert row["near_share"] == 0.5
    assert row["median_m"] == 3_000
    none = figures.anchors(made[made["tier"] != "leading"], ("CH01",), radius_m=2_000).iloc[0]
    assert none["anchors"] == 0
    assert np.isnan(none["near_share"])


def test_gaps_name_the_nearest_firm_or_none() -> None:
    x, y = BASE
    made = links([(1, 0, x, y + 3_000, "small")])
    counts = pd.DataFrame([[0, 0]], index=["A"], columns=[CHAIN_1[0].id, CHAIN_1[1].id])
    centres = pd.DataFrame({"x": [x], "y": [y]}, index=["A"])
    found = figures.gaps(counts, made, centres, least=1)
    assert found["nearest_m"].tolist()[0] == 3_000
    assert np.isnan(found["nearest_m"].tolist()[1])


def test_nodes_without_firms_are_absent_not_forgotten() -> None:
    made = links([(1, 0, *BASE, "small"), (2, 0, *BASE, "small")])
    found = figures.node_table(made, CHAIN_1, least=2).set_index(NODE)
    assert len(found) == len(CHAIN_1)
    assert found["state"].tolist()[:2] == ["present", "absent"]
    assert np.isnan(found["revenue_cny"].iloc[0])
    assert found["tier_small"].sum() == 2


def test_tiers_follow_the_table() -> None:
    money = np.array([6e9, 5e9, 2e9, 2e8, 5e7, 1e6, np.nan])
    assert tier_of(money).tolist() == [
        "leading", "key", "key", "growing", "scale", "small", "unknown",
    ]  # fmt: skip


def test_pairing_ranks_hosts_and_supply() -> None:
    hosts = pd.Series([0, 10, 100, 1_000], index=list("abcd"))
    supply = pd.Series([0, 9, 5, 1], index=list("abcd"))
    found = internet.pairing(hosts, supply)
    assert found["a"] is None
    assert found["d"].startswith("2-")
    assert found["b"].endswith("-2")
    assert set(found.dropna()) <= set(internet.categories())
    assert internet.pairing(hosts * 0, supply * 0).isna().all()


@pytest.mark.parametrize("chain", ["CH99", ""])
def test_an_unknown_chain_is_refused(chain: str) -> None:
    from layout.analyses.chains import ChainParams, _chosen
    from layout.core.errors import ParameterError

    with pytest.raises(ParameterError, match="CH01"):
        _chosen(ChainParams(chain=chain))
