"""Figures of industrial chains: completeness, gaps, distances between nodes, anchors, tiers."""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from layout.analyses.chain_links import CHAIN, NODE, STAGES, TIER, Node
from layout.measures.points import as_points
from layout.prepare.dimensions import tiers

Floats = npt.NDArray[np.float64]

ANCHOR_TIERS: Final = ("leading", "key")
ZONE: Final = "zone_id"


def presence(
    links: pd.DataFrame, zone: str, nodes: list[Node], ids: tuple[str, ...]
) -> pd.DataFrame:
    """Firms by zone × node, whole numbers; zones and nodes without a firm have 0."""
    counts = links.groupby([zone, NODE]).size().unstack(fill_value=0)
    return counts.reindex(index=list(ids), columns=[node.id for node in nodes], fill_value=0)


def completeness(counts: pd.DataFrame, nodes: list[Node], *, least: int) -> pd.DataFrame:
    """How much of each chain a zone has.

    Parameters
    ----------
    counts
        Firms by zone × node.
    nodes
        The nodes.
    least
        Firms from which on a node counts as there.

    Returns
    -------
    DataFrame
        One row a zone and chain: ``nodes`` (of the chain), ``present``, ``completeness`` (their
        share, 0 to 1), ``upstream``, ``midstream``, ``downstream`` (nodes present in each stage),
        ``firms`` (firm–node links) and ``missing_nodes`` (their ids joined by ;).
    """
    parts = []
    for chain in dict.fromkeys(node.chain for node in nodes):
        own = [node for node in nodes if node.chain == chain]
        ids = np.array([node.id for node in own])
        amounts = counts[ids.tolist()].to_numpy()
        there = amounts >= least
        stages = [there[:, [node.stage == stage for node in own]].sum(axis=1) for stage in STAGES]
        parts.append(
            pd.DataFrame(
                {
                    ZONE: counts.index,
                    CHAIN: chain,
                    "nodes": len(own),
                    "present": there.sum(axis=1),
                    "completeness": there.mean(axis=1),
                    "upstream": stages[0],
                    "midstream": stages[1],
                    "downstream": stages[2],
                    "firms": amounts.sum(axis=1),
                    "missing_nodes": [";".join(ids[~row]) for row in there],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def node_table(links: pd.DataFrame, nodes: list[Node], *, least: int) -> pd.DataFrame:
    """Each node of the city: firms, known revenue, tiers, the district that has most of them.

    ``state`` is ``absent`` without a firm, ``thin`` below ``least`` firms, else ``present``.
    """
    groups = dict(tuple(links.groupby(NODE))) if len(links) else {}
    ids = tiers()["id"].tolist()
    rows = []
    for node in nodes:
        own = groups.get(node.id)
        number = 0 if own is None else len(own)
        by_district = pd.Series(dtype="int64") if own is None else own["district"].value_counts()
        by_tier = {} if own is None else own[TIER].value_counts().to_dict()
        known = 0 if own is None else int(own["revenue_cny"].notna().sum())
        rows.append(
            {
                NODE: node.id,
                CHAIN: node.chain,
                "stage": node.stage,
                "order_in_chain": node.order,
                "node_zh": node.zh,
                "node_en": node.en,
                "firms": number,
                "revenue_cny": np.nan if own is None or not known else own["revenue_cny"].sum(),
                "state": "absent" if not number else "thin" if number < least else "present",
                "lead_district": by_district.index[0] if len(by_district) else None,
                "lead_share": by_district.iloc[0] / number if number else np.nan,
                **{f"tier_{name}": int(by_tier.get(name, 0)) for name in ids},
            }
        )
    return pd.DataFrame(rows)


def gaps(
    counts: pd.DataFrame, links: pd.DataFrame, centres: pd.DataFrame, *, least: int
) -> pd.DataFrame:
    """The nodes that a zone lacks, with the nearest firm that could fill the gap.

    Parameters
    ----------
    counts
        Firms by zone × node.
    links
        Firm–node links with ``x`` and ``y``, metres.
    centres
        ``x`` and ``y`` of a point in each zone, metres, by zone id.
    least
        Firms from which on a node counts as there.

    Returns
    -------
    DataFrame
        ``zone_id``, ``node_id``, ``firms`` (in the zone), ``nearest_m`` (from the zone's point to
        the nearest firm of the node, NaN where the city has none).
    """
    trees = {
        node: cKDTree(own[["x", "y"]].to_numpy(dtype=np.float64))
        for node, own in links.groupby(NODE)
    }
    zone, node = np.nonzero((counts < least).to_numpy())
    points = centres.loc[counts.index, ["x", "y"]].to_numpy(dtype=np.float64)
    nearest = np.full(len(zone), np.nan)
    for place, name in enumerate(counts.columns):
        rows = node == place
        if name in trees and rows.any():
            nearest[rows] = trees[name].query(points[zone[rows]])[0]
    return pd.DataFrame(
        {
            ZONE: counts.index[zone],
            NODE: counts.columns[node],
            "firms": counts.to_numpy()[zone, node],
            "nearest_m": nearest,
        }
    )


def adjacent_distances(links: pd.DataFrame, nodes: list[Node]) -> pd.DataFrame:
    """How far a firm of a node is from the nearest firm of the next node.

    Returns
    -------
    DataFrame
        One row a pair of nodes that follow each other: ``node_id``, ``next_node_id``, ``firms``,
        ``next_firms``, ``median_m`` and ``mean_m`` of the distance from each firm of the first to
        the nearest *other* firm of the second; NaN where one of them has none.
    """
    points = {
        node: (own["firm"].to_numpy(), own[["x", "y"]].to_numpy(dtype=np.float64))
        for node, own in links.groupby(NODE)
    }
    rows = []
    for first, second in itertools.pairwise(nodes):
        if first.chain != second.chain:
            continue
        here, there = points.get(first.id), points.get(second.id)
        away = np.array([]) if here is None or there is None else _nearest_other(*here, *there)
        away = away[np.isfinite(away)]
        rows.append(
            {
                CHAIN: first.chain,
                NODE: first.id,
                "next_node_id": second.id,
                "firms": 0 if here is None else len(here[0]),
                "next_firms": 0 if there is None else len(there[0]),
                "median_m": float(np.median(away)) if len(away) else np.nan,
                "mean_m": float(away.mean()) if len(away) else np.nan,
            }
        )
    return pd.DataFrame(rows)


def _nearest_other(
    firms: npt.NDArray[np.int64], xy: Floats, others: npt.NDArray[np.int64], other_xy: Floats
) -> Floats:
    """Distance to the nearest other firm; a firm at both nodes is no neighbour of itself."""
    xy = as_points(xy)
    near = min(2, len(other_xy))
    away, place = cKDTree(other_xy).query(xy, k=near)
    if near == 1:
        away, place = away[:, None], place[:, None]
    itself = others[place] == firms[:, None]
    nearest: Floats = np.where(itself, np.inf, away).min(axis=1)
    return nearest


def anchors(links: pd.DataFrame, chains: tuple[str, ...], *, radius_m: float) -> pd.DataFrame:
    """Large firms of each chain and the smaller ones around them.

    Returns
    -------
    DataFrame
        By chain: ``anchors`` (firms of the two highest tiers), ``satellites`` (others),
        ``near_share`` (share of the others within ``radius_m`` of an anchor) and ``median_m``
        (their distance to the nearest anchor); NaN where there are no anchors or no others.
    """
    rows = []
    firms = links.drop_duplicates([CHAIN, "firm"])
    for chain in chains:
        own = firms[firms[CHAIN] == chain]
        large = own[TIER].isin(ANCHOR_TIERS).to_numpy()
        xy = own[["x", "y"]].to_numpy(dtype=np.float64)
        away = np.array([])
        if large.any() and (~large).any():
            away = cKDTree(xy[large]).query(xy[~large])[0]
        rows.append(
            {
                CHAIN: chain,
                "anchors": int(large.sum()),
                "satellites": int((~large).sum()),
                "near_share": float((away <= radius_m).mean()) if len(away) else np.nan,
                "median_m": float(np.median(away)) if len(away) else np.nan,
            }
        )
    return pd.DataFrame(rows)


def tier_mix(links: pd.DataFrame, chains: tuple[str, ...]) -> pd.DataFrame:
    """Firms of each chain by size tier, each firm once a chain."""
    firms = links.drop_duplicates([CHAIN, "firm"])
    ids = tiers()["id"].tolist()
    counted = firms.groupby([CHAIN, TIER]).size().unstack(fill_value=0)
    made = counted.reindex(index=list(chains), columns=ids, fill_value=0)
    made.index.name = CHAIN
    return made.rename(columns={name: f"tier_{name}" for name in ids})
