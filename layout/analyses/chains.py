"""How complete are the industrial chains, what is missing, and how near are neighbours in them."""

from __future__ import annotations

from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from pydantic import Field

from layout.analyses import chain_figures as figures
from layout.analyses import industrial_internet as internet
from layout.analyses.chain_links import (
    CHAIN,
    NODE,
    STAGES,
    ZONE_COLUMNS,
    Node,
    chain_names,
    linked_firms,
    nodes,
)
from layout.analyses.provenance import provenance_of
from layout.core import facts
from layout.core.config import Params
from layout.core.crs import STORED_CRS, from_wgs84, parse_datum
from layout.core.errors import ParameterError
from layout.core.progress import tell
from layout.core.result import Bilingual, LayerSpec, Provenance, Result
from layout.core.study import Study

ALL: Final = "all"
_STAGE_WORDS: Final = {
    "上游": (Bilingual("上游", "Upstream"), "#4477AA"),
    "中游": (Bilingual("中游", "Midstream"), "#CCBB44"),
    "下游": (Bilingual("下游", "Downstream"), "#AA3377"),
}
_MOST_POINTS: Final = 4_000


class ChainParams(Params):
    """Settings of the chains."""

    chain: str = Field(ALL, title="产业链 | Chain", description="id of chains.csv, or all")
    node: str = Field("", title="环节 | Node", description="id of a node to draw; empty: all")
    zones: Literal["district", "subdistrict", "park"] = Field(
        "district", title="区域层级 | Zones", description="zones that are compared"
    )
    least: int = Field(
        3,
        ge=1,
        le=100,
        title="环节成立的最少企业数 | Firms for a node to count",
        description="a node of fewer firms counts as missing",
    )
    radius_m: float = Field(
        3_000.0,
        ge=100,
        le=50_000,
        title="配套半径（米） | Satellite radius, m",
        description="how near to a large firm a smaller one counts as its satellite, metres",
    )


MODEL = ChainParams


def run(study: Study, params: ChainParams) -> Result:
    """The industrial chains of a study.

    Returns
    -------
    Result
        Tables ``completeness`` (zone × chain), ``nodes`` (of the city), ``gaps`` (what zones lack
        and how near it is), ``adjacent`` (distances along the chain), ``anchors``, ``tiers`` and
        ``industrial_internet`` (suppliers and hosts). Layers: completeness of the chain by zone,
        its firms by stage, and the pairing of industrial internet with manufacturing.

    Raises
    ------
    ParameterError
        A chain or a node is unknown.
    """
    chains, chosen = _chosen(params)
    tell("chains.links", 0.05)
    links = _with_metres(linked_firms(study, chains), study)
    zones = study.zones[params.zones]
    ids = tuple(zones["id"])
    tell("chains.figures", 0.6)
    counts = figures.presence(links, params.zones, chosen, ids)
    complete = figures.completeness(counts, chosen, least=params.least)
    hosts = internet.host_table(study, ZONE_COLUMNS[params.zones], ids)
    tables = {
        "completeness": complete,
        "nodes": figures.node_table(links, chosen, least=params.least),
        "gaps": figures.gaps(counts, links, _centres(zones, study), least=params.least),
        "adjacent": figures.adjacent_distances(links, chosen),
        "anchors": figures.anchors(links, chains, radius_m=params.radius_m),
        "tiers": figures.tier_mix(links, chains),
        "industrial_internet": hosts,
    }
    tell("chains.figures", 1.0)
    return Result(
        name="chains",
        tables=tables,
        layers=_layers(zones, complete, links, hosts, params),
        notes=_notes(params, links),
        provenance=_provenance(study, params),
        labels=_labels(study, params),
    )


def _labels(study: Study, params: ChainParams) -> dict[str, dict[Any, Bilingual]]:
    """Words for the ids in the tables."""

    def zone_words(kind: str) -> dict[Any, Bilingual]:
        frame = study.zones[kind]
        pairs = zip(frame["id"], frame["name_zh"], frame["name_en"], strict=True)
        return {i: Bilingual(str(zh), str(en or zh)) for i, zh, en in pairs}

    of_nodes = {node.id: Bilingual(node.zh, node.en) for node in nodes()}
    return {
        "zone_id": zone_words(params.zones),
        "lead_district": zone_words("district"),
        CHAIN: {i: Bilingual(*names) for i, names in chain_names().items()},
        NODE: of_nodes,
        "next_node_id": of_nodes,
        "stage": {stage: words for stage, (words, _) in _STAGE_WORDS.items()},
        "state": {
            name: Bilingual.of(f"chains.state.{name}") for name in ("absent", "thin", "present")
        },
        "pairing": {key: words for key, (words, _) in internet.categories().items()},
    }


def _chosen(params: ChainParams) -> tuple[tuple[str, ...], list[Node]]:
    known = tuple(chain_names())
    if params.chain not in (ALL, *known):
        raise ParameterError(
            "error.unknown_ids", what="chain", found=params.chain, known=", ".join((ALL, *known))
        )
    chains = known if params.chain == ALL else (params.chain,)
    chosen = [node for node in nodes() if node.chain in chains]
    ids = [node.id for node in chosen]
    if params.node and params.node not in ids:
        raise ParameterError(
            "error.unknown_ids", what="node", found=params.node, known=", ".join(ids)
        )
    return chains, chosen


def _with_metres(links: pd.DataFrame, study: Study) -> pd.DataFrame:
    crs = str(facts.city_settings(study.manifest.city)["metric_crs"])
    x, y = from_wgs84(
        links["lon"].to_numpy(dtype=np.float64),
        links["lat"].to_numpy(dtype=np.float64),
        parse_datum(crs),
    )
    return links.assign(x=x, y=y)


def _centres(zones: gpd.GeoDataFrame, study: Study) -> pd.DataFrame:
    """A point inside each zone, metres."""
    crs = str(facts.city_settings(study.manifest.city)["metric_crs"])
    points = zones.geometry.representative_point().to_crs(crs)
    return pd.DataFrame({"x": points.x.to_numpy(), "y": points.y.to_numpy()}, index=zones["id"])


def _layers(
    zones: gpd.GeoDataFrame,
    complete: pd.DataFrame,
    links: pd.DataFrame,
    hosts: pd.DataFrame,
    params: ChainParams,
) -> tuple[LayerSpec, ...]:
    share = complete.groupby("zone_id").agg(
        completeness=("completeness", "mean"), present=("present", "sum"), firms=("firms", "sum")
    )
    share["completeness"] *= 100
    drawn = zones.merge(share, left_on="id", right_index=True, how="left")
    shown = links if not params.node else links[links[NODE] == params.node]
    paired = zones.merge(hosts, left_on="id", right_index=True, how="left")
    rough = bool(zones["approximate"].any())
    return (
        LayerSpec(
            "chain_completeness", "choropleth", drawn,
            Bilingual("产业链完整度", "Chain completeness"), "completeness",
            Bilingual("%", "%"), palette="ylgnbu", details=("present", "firms"),
            id_column="id", approximate=rough,
        ),
        LayerSpec(
            "chain_firms", "points", _firm_points(shown),
            Bilingual("产业链企业（按环节）", "Firms of the chain by stage"), "stage",
            categories=_STAGE_WORDS, details=("node_zh",), id_column="id",
            note=Bilingual.of("chains.points", shown=f"{min(len(shown), _MOST_POINTS):,}",
                              total=f"{len(shown):,}"),
        ),
        LayerSpec(
            "industrial_internet", "polygons", paired,
            Bilingual("工业互联网供给与制造业", "Industrial internet and manufacturing"), "pairing",
            categories=internet.categories(), details=("suppliers", "hosts", "per_100_hosts"),
            id_column="id", approximate=rough,
        ),
    )  # fmt: skip


def _firm_points(links: pd.DataFrame) -> gpd.GeoDataFrame:
    """Firms as points, evenly thinned where there are more than a map can show."""
    step = max(1, -(-len(links) // _MOST_POINTS))
    some = links.iloc[::step]
    by_id = {node.id: node for node in nodes()}
    of = [by_id[name] for name in some[NODE]]
    table: dict[str, Any] = {
        "id": some["firm"].astype(str).to_numpy(),
        "name_zh": some["name"].to_numpy(),
        "name_en": some["name"].to_numpy(),
        NODE: some[NODE].to_numpy(),
        "node_zh": [node.zh for node in of],
        "node_en": [node.en for node in of],
        "stage": pd.Categorical([node.stage for node in of], STAGES).astype(object),
    }
    shapes = gpd.points_from_xy(some["lon"].astype(float), some["lat"].astype(float))
    return gpd.GeoDataFrame(table, geometry=shapes, crs=STORED_CRS)


def _notes(params: ChainParams, links: pd.DataFrame) -> tuple[Bilingual, ...]:
    return (
        Bilingual.of("chains.note.assumption"),
        Bilingual.of("chains.note.link"),
        Bilingual.of("chains.note.least", least=params.least),
        Bilingual.of(
            "chains.note.counted",
            links=f"{len(links):,}",
            firms=f"{links.drop_duplicates('firm').shape[0]:,}",
        ),
        Bilingual.of("chains.note.internet"),
    )


def _provenance(study: Study, params: ChainParams) -> Provenance:
    return provenance_of(study, params, Bilingual.of("chains.method"))
