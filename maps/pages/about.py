"""Where the figures come from and how they are made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import pandas as pd
import streamlit as st

from layout.core.layer_types import LAYER_TYPES
from layout.core.texts import catalogue
from maps.pages.data_report import fault_table
from maps.pages.messages import datum_name
from maps.pages.state import current_study, lang, t
from maps.pages.widgets import synthetic_banner

_CHECKSUM_SIGNS: Final = 12


def render() -> None:
    """Draw the page."""
    study = current_study()
    manifest = study.manifest
    synthetic_banner(study)
    st.header(t("about.inputs"))
    st.dataframe(
        input_table(manifest.inputs), hide_index=True, placeholder="–",
        column_config={t("about.size"): st.column_config.NumberColumn(format="%,.0f"),
                       t("about.input_rows"): st.column_config.NumberColumn(format="%,d")},
    )  # fmt: skip
    made = datetime.fromisoformat(manifest.created)
    version = t("about.version", version=manifest.version, created=f"{made:%Y-%m-%d %H:%M}")
    st.caption(f"{version} {t('about.inputs_note')}")
    st.header(t("about.quality"))
    counts = {name: f"{manifest.counts[name]:,}" for name in ("read", "accepted", "rejected")}
    st.markdown(t("about.balance", **counts))
    fault_table(study.quality.get("faults", {}))
    st.caption(t("about.fault_note"))
    st.header(t("about.plan"))
    st.markdown(t("about.plan_text"))
    st.header(t("about.method"))
    st.markdown(t("about.method_text"))
    st.header(t("about.limits"))
    st.markdown(t("about.limits_text"))


def input_table(inputs: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The files of a study in words; checksums cut to what people compare."""
    rows = [
        {
            t("about.role"): _role(str(entry.get("role", ""))),
            t("about.file"): entry.get("file"),
            t("about.input_rows"): entry.get("rows"),
            t("about.size"): entry["bytes"] / 1000 if "bytes" in entry else None,
            t("about.datum"): datum_name(entry["datum"]) if entry.get("datum") else None,
            t("about.checksum"): str(entry.get("sha256", ""))[:_CHECKSUM_SIGNS],
        }
        for entry in inputs
    ]
    return pd.DataFrame(rows).astype({t("about.input_rows"): "Int64"})


def _role(role: str) -> str:
    _, _, layer = role.partition("layer:")
    if layer in LAYER_TYPES:
        return LAYER_TYPES[layer].title(lang())
    key = f"role.{role}"
    return t(key) if key in catalogue() else role
