"""What a visitor chose, kept across pages and written into the address so that it can be shared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import MappingProxyType
from typing import Final

import streamlit as st

DEFAULTS: Final = MappingProxyType(
    {
        "lang": "zh",
        "zones": "district",
        "shown": "firms",
        "sectors": (),
        "districts": (),
        "scope": "all",
        "tiers": (),
        "year": "0",
        "statuses": (),
        "counting": "primary",
        "own": "",
        "clusters_view": "map",
        "clusters_sectors": (),
        "clusters_method": "relative",
        "clusters_scale": "300",
        "clusters_curve": "S01",
        "marks_mark": "xinchuang",
        "marks_zones": "district",
        "checks_view": "scales",
        "checks_sector": "S02",
        "chains_chain": "CH02",
        "chains_zones": "district",
        "targets_view": "attainment",
        "targets_base": "2020",
        "targets_price": "unstated",
        "targets_year": "0",
        "targets_population": "tagged",
        "targets_counting": "primary",
        "targets_by": "sector",
        "evaluation_subject": "district",
        "evaluation_normaliser": "bounds",
        "evaluation_weighting": "equal",
        "evaluation_aggregation": "additive",
        "actions_department": "",
        "actions_by": "department_id",
        "paths_districts": (),
        "paths_weights": (),
        "paths_overrides": (),
        "paths_tab": "findings",
        "platforms_type": "all",
        "platforms_sector": "",
        "platforms_shown": "platform_gaps",
        "siting_use": "data-centre",
        "siting_show": "suitability",
        "siting_cell": "100",
        "coverage_operator": "any",
        "coverage_band": "any",
        "coverage_year": "0",
        "coverage_threshold": "-105",
        "coverage_cell": "100",
        "coverage_place": "outdoor",
        "coverage_certainty": "mean",
        "coverage_layer": "signal",
        "coverage_zones": "district",
    }
)
"""Every choice that is kept: the widget's key, which is its name in the address, and its default.
Choices of several are tuples."""

_KEPT: Final = "kept_choices"


def restore() -> None:
    """Give the widgets the kept choices; at a visitor's first run those of the address."""
    kept = st.session_state.get(_KEPT)
    if kept is None:
        kept = {
            key: list(st.query_params.get_all(key)) if isinstance(default, tuple)
            else st.query_params.get(key, default)
            for key, default in DEFAULTS.items()
        }  # fmt: skip
        st.session_state[_KEPT] = kept
    for key, value in kept.items():
        if key not in st.session_state:
            st.session_state[key] = value


def allow(key: str, options: Iterable[str]) -> None:
    """Drop from a choice what is not among ``options`` (an old address, another study)."""
    known, default = set(options), DEFAULTS[key]
    chosen = st.session_state.get(key, default)
    if isinstance(default, tuple):
        st.session_state[key] = [value for value in chosen if value in known]
    elif chosen not in known:
        st.session_state[key] = default


def keep() -> None:
    """Remember the choices of this run and write those that differ from the default."""
    kept = st.session_state[_KEPT]
    kept |= {key: st.session_state[key] for key in DEFAULTS if key in st.session_state}
    st.query_params.from_dict(
        {key: value for key, value in kept.items() if _plain(value) != _plain(DEFAULTS[key])}
    )


def reset(keys: Sequence[str]) -> None:
    """Put choices back to their defaults."""
    for key in keys:
        default = DEFAULTS[key]
        st.session_state[key] = list(default) if isinstance(default, tuple) else default


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, list | tuple) else value
