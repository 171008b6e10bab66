"""Where the figures come from and how they are made."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from layout.core.faults import FAULTS
from maps.pages.state import current_study, t
from maps.pages.widgets import synthetic_banner


def render() -> None:
    """Draw the page."""
    study = current_study()
    synthetic_banner(study)
    st.header(t("about.inputs"))
    st.dataframe(pd.DataFrame([dict(i) for i in study.manifest.inputs]), hide_index=True)
    st.caption(t("about.version", version=study.manifest.version, created=study.manifest.created))
    st.header(t("about.quality"))
    _counts(study.manifest.counts)
    _faults(study.quality.get("faults", {}))
    st.header(t("about.method"))
    st.markdown(t("about.method_text"))
    st.header(t("about.limits"))
    st.markdown(t("about.limits_text"))


def _counts(counts: dict[str, int]) -> None:
    st.markdown(
        t(
            "about.balance",
            read=f"{counts['read']:,}",
            accepted=f"{counts['accepted']:,}",
            rejected=f"{counts['rejected']:,}",
        )
    )


def _faults(found: dict[str, int]) -> None:
    rows = [
        {
            t("about.fault"): t(f"fault.{code}"),
            t("about.rows"): found[code],
            t("about.policy"): t(f"policy.{fault.policy.value}"),
        }
        for code, fault in FAULTS.items()
        if found.get(code)
    ]
    if rows:
        st.dataframe(pd.DataFrame(rows), hide_index=True)
    else:
        st.write(t("about.no_faults"))
    st.caption(t("about.fault_note"))
