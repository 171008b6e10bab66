"""q over groups is Benjamini–Hochberg on the groups' smallest p-values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layout.measures.significance import adjust_fdr, adjust_grouped


def test_one_finding_a_group_is_benjamini_hochberg() -> None:
    p = np.array([0.01, 0.2, 0.03, 0.5])
    assert adjust_grouped(p, [0, 1, 2, 3], tests=4) == pytest.approx(adjust_fdr(p))


def test_groups_without_findings_count() -> None:
    q = adjust_grouped(np.array([0.01]), ["a"], tests=12)
    assert q.tolist() == pytest.approx([0.12])


def test_further_findings_of_a_group_do_not_make_others_dearer() -> None:
    p = pd.Series([0.005, 0.005, 0.005, 0.04], index=list("wxyz"))
    q = adjust_grouped(p, ["a", "a", "a", "b"], tests=2)
    assert q["w"] == pytest.approx(0.01)
    assert q["z"] == pytest.approx(0.04)
    assert list(q.index) == list("wxyz")


def test_nothing_found() -> None:
    assert adjust_grouped(np.empty(0), np.empty(0), tests=3).size == 0
