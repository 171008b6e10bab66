"""Settings of the siting page: where sites come from, how many, and by which model."""

from __future__ import annotations

from typing import Any, Final, get_args

import streamlit as st

from layout.analyses.platforms import Kind
from layout.analyses.siting import SitingParams
from layout.analyses.siting.places import park_types
from layout.analyses.siting.presets import PRESETS, Candidates, Model
from layout.core.study import Study
from maps.pages.analysis import choice
from maps.pages.state import lang, t
from maps.views.wording import sector_names, zone_names

MODELS: Final = get_args(Model)
_COOLINGS: Final = ("evaporative", "air", "water", "cold_plate", "immersion")


def label_of(name: str) -> str:
    """Name of a setting."""
    zh, _, en = (SitingParams.model_fields[name].title or name).partition("|")
    return (zh if lang() == "zh" else en).strip()


def choice_settings(study: Study, use: str) -> dict[str, Any]:
    """Widgets of the tab; values by setting."""
    values = {**_where(study, use), **_how(use)}
    preset = PRESETS[use]
    if preset.existing:
        values["keep_existing"] = st.toggle(
            label_of("keep_existing"), key=f"siting_existing_{use}", help=t("siting.existing_help")
        )
    if preset.powered:
        left, right = st.columns(2)
        values["cooling"] = left.selectbox(
            label_of("cooling"), _COOLINGS, key=f"siting_cooling_{use}",
            format_func=lambda value: choice("cooling", value),
        )  # fmt: skip
        values["it_mw_per_ha"] = right.number_input(
            label_of("it_mw_per_ha"), 0.5, 100.0, 6.0, key=f"siting_mw_{use}"
        )
    return values


def _where(study: Study, use: str) -> dict[str, Any]:
    """Districts, sectors served, and what candidates there are."""
    preset = PRESETS[use]
    names, sectors = zone_names(study, "district", lang()), sector_names(lang())
    left, right = st.columns(2)
    districts = left.multiselect(
        t("siting.districts"), list(names), format_func=names.__getitem__,
        key=f"siting_districts_{use}", placeholder=t("filter.all"),
    )  # fmt: skip
    served = right.multiselect(
        label_of("sectors"), list(sectors), default=list(preset.sectors),
        format_func=sectors.__getitem__, key=f"siting_sectors_{use}", placeholder=t("filter.all"),
    )  # fmt: skip
    one, two, three = st.columns(3)
    source = one.selectbox(
        label_of("candidates"), get_args(Candidates), key=f"siting_candidates_{use}",
        index=get_args(Candidates).index(preset.candidates),
        format_func=lambda value: choice("candidates", value),
    )  # fmt: skip
    types = sorted(set(park_types(study).values()))
    park = two.selectbox(
        label_of("park_type"), ["", *types], key=f"siting_park_{use}",
        format_func=lambda value: park_word(value) if value else t("filter.all"),
        help=t("siting.park_help"),
    )  # fmt: skip
    values: dict[str, Any] = {
        "districts": tuple(districts),
        # every sector named is what an empty choice means: an empty one would be the use's own
        "sectors": tuple(served) or tuple(sectors),
        "candidates": "parks" if park else source,
        "park_type": park,
    }
    if preset.platform:
        values["platform_type"] = three.selectbox(
            label_of("platform_type"), get_args(Kind), key=f"siting_platform_{use}",
            format_func=lambda value: choice("type", value),
        )  # fmt: skip
    return values


def park_word(park_type: str) -> str:
    """A type of park in words."""
    return choice("park_type", park_type)


def _how(use: str) -> dict[str, Any]:
    """Size and number of sites, and the model that chooses them."""
    preset = PRESETS[use]
    left, middle, right = st.columns([2, 1, 1])
    values = {
        "model": left.selectbox(
            t("siting.model_label"), MODELS, index=MODELS.index(preset.model),
            format_func=lambda value: t(f"siting.model.{value}"), key=f"siting_model_{use}",
            help=t("siting.model_help"),
        ),
        "radius_km": middle.number_input(label_of("radius_km"), 0.5, 200.0, preset.radius_km,
                                         key=f"siting_radius_{use}", help=t("siting.radius_help")),
        "need_per_firm": right.number_input(
            label_of("need_per_firm"), 0.001, 1e6, None, key=f"siting_need_{use}",
            placeholder=t("siting.need_auto"), help=t("siting.need_help"),
        ),
    }  # fmt: skip
    one, two, three, four, five = st.columns(5)
    return values | {
        "count": one.number_input(label_of("count"), 1, 50, preset.count,
                                  key=f"siting_count_{use}", help=t("siting.count_help")),
        "shortlist": two.number_input(label_of("shortlist"), 5, 60, 20,
                                      key=f"siting_short_{use}"),
        "site_ha": three.number_input(t("siting.site_ha"), 0.1, 100.0, preset.site_ha,
                                      key=f"siting_ha_{use}"),
        "min_area_ha": four.number_input(t("siting.min_area"), 0.1, 1000.0, preset.min_area_ha,
                                         key=f"siting_area_{use}"),
        "spacing_m": five.number_input(t("siting.spacing"), 0.0, 50_000.0, 1_500.0, step=500.0,
                                       key=f"siting_spacing_{use}"),
    }  # fmt: skip
