"""Words for the ids in tables of siting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import geopandas as gpd

from layout.analyses.siting.criteria import CRITERIA
from layout.analyses.siting.presets import Model
from layout.core.result import Bilingual

_VALUES = {
    "kind": ("kind", ("ground", "parcel", "building", "park")),
    "gate": ("gate", ("priority", "supported", "no_new", "forbidden")),
    "rack_class": ("rack", ("super", "large", "medium", "small")),
    "hindrance": ("hindrance", ("gate", "power", "shared_power")),
    "effect": ("effect", ("exclude", "penalty", "flag", "off")),
    "status": ("status", ("evaluated", "off", "no_layer", "no_measure")),
    "why": ("why", ("rule", "small", "load", "no_room")),
    "model": ("model", get_args(Model)),
    "group": ("group", ("scale", "intensive", "intelligent", "green")),
    "state": (
        "state",
        ("met", "broken", "unknown", "not_considered", "off", "chosen", "open", "barred"),
    ),
}


_WORDING = {
    "不应": "must not (不应)",
    "不宜": "should not (不宜)",
    "不应设置": "must not stand (不应设置)",
}
_CHECKED = {"是": "yes", "部分": "partly", "否": "no"}


def siting_labels(districts: gpd.GeoDataFrame) -> Mapping[str, Mapping[Any, Bilingual]]:
    """Words by column and value."""
    labels: dict[str, dict[Any, Bilingual]] = {
        column: {value: Bilingual.of(f"siting.{prefix}.{value}") for value in values}
        for column, (prefix, values) in _VALUES.items()
    }
    rows = zip(districts["id"], districts["name_zh"], districts["name_en"], strict=True)
    labels["district"] = {name: Bilingual(str(zh), str(en or zh)) for name, zh, en in rows}
    for column, words in (("wording", _WORDING), ("checked", _CHECKED)):
        labels[column] = {zh: Bilingual(zh, en) for zh, en in words.items()}
    labels["clause"] = {"PLANNING": Bilingual.of("siting.clause.planning")}
    labels["matrix"] = {"groups": Bilingual.of("siting.matrix.groups"), **labels["group"]}
    labels["criterion"] = {name: Bilingual.of(f"siting.criterion.{name}") for name in CRITERIA}
    return labels
