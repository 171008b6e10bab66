"""Economic complexity against py-ecomplexity, by dense eigenvectors, and on broken tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from layout.core import measure_columns as names
from layout.measures.complexity import economic_complexity
from layout.measures.specialization import location_quotient
from layout.measures.undefined import undefined


def nested(regions: int, sectors: int, seed: int) -> pd.DataFrame:
    """Amounts with a nested order, so that complexity means something."""
    rng = np.random.default_rng(seed)
    skill, need = np.sort(rng.random(regions)), np.sort(rng.random(sectors))
    chance = 1 / (1 + np.exp(8 * (need[None, :] - skill[:, None])))
    values = rng.gamma(2.0, 50.0, (regions, sectors)) * (rng.random((regions, sectors)) < chance)
    return pd.DataFrame(
        values,
        index=[f"r{i}" for i in range(regions)],
        columns=[f"s{i}" for i in range(sectors)],
    )


def test_reference(known: Callable[[str], Any]) -> None:
    file = known("complexity")
    expected, tolerance = file["expected"], file["tolerance"]
    result = economic_complexity(pd.DataFrame(file["presence"]))
    for name in ("diversity", "ubiquity", "eci", "pci", "coi"):
        np.testing.assert_allclose(
            getattr(result, name), expected[name], rtol=0, atol=tolerance, err_msg=name
        )
    np.testing.assert_allclose(result.density, expected["density"], atol=tolerance)
    np.testing.assert_allclose(result.cog.unstack(), expected["cog"], atol=tolerance)
    assert result.undefined is None
    assert result.eigenvalues[0] == pytest.approx(1)
    assert result.gap == pytest.approx(0.54213371 - 0.1901543, abs=1e-7)


def test_against_dense_eigenvectors() -> None:
    table = nested(30, 20, seed=1)
    result = economic_complexity(table)
    m = (location_quotient(table).fillna(0) >= 1).to_numpy(dtype=float)
    keep_r, keep_s = m.sum(1) > 0, m.sum(0) > 0
    m = m[np.ix_(keep_r, keep_s)]
    transition = (m / m.sum(1)[:, None]) @ (m / m.sum(0)).T
    values, vectors = np.linalg.eig(transition)
    eci = vectors[:, np.argsort(-values.real)[1]].real
    eci = eci * np.sign(np.corrcoef(eci, m.sum(1))[0, 1])
    eci = (eci - eci.mean()) / eci.std()
    np.testing.assert_allclose(result.eci[keep_r], eci, atol=1e-9)
    assert np.corrcoef(result.eci[keep_r], result.diversity[keep_r])[0, 1] > 0


def test_wide_and_long_tables_agree() -> None:
    """The smaller side is solved; a table with each sector twice has the same regions' values."""
    table = nested(12, 9, seed=3)
    twice = pd.concat([table, table.add_prefix("again_")], axis=1)
    one, two = economic_complexity(table), economic_complexity(twice)
    np.testing.assert_allclose(one.eci, two.eci, atol=1e-9)
    np.testing.assert_allclose(one.eigenvalues[:2], two.eigenvalues[:2], atol=1e-9)


def test_order_and_names_do_not_matter() -> None:
    table = nested(14, 8, seed=7)
    shuffled = table.sample(frac=1, random_state=1).sample(frac=1, axis=1, random_state=2)
    one, two = economic_complexity(table), economic_complexity(shuffled)
    for name in ("eci", "pci", "coi"):
        pd.testing.assert_series_equal(
            getattr(one, name), getattr(two, name)[getattr(one, name).index], rtol=0, atol=1e-9
        )
    pd.testing.assert_series_equal(one.cog, two.cog[one.cog.index], rtol=0, atol=1e-9)


def test_diagonal_changes_the_outlook_only() -> None:
    table = nested(14, 8, seed=7)
    keep, zero = economic_complexity(table), economic_complexity(table, diagonal="zero")
    pd.testing.assert_series_equal(keep.eci, zero.eci)
    assert not np.allclose(keep.density, zero.density)
    assert zero.density.max(axis=None) <= 1 + 1e-12


def test_zero_rows_and_columns_are_reported() -> None:
    table = nested(10, 6, seed=2)
    table.loc["empty"] = 0.0
    table["none"] = 0.0
    result = economic_complexity(table)
    assert undefined(result.eci)[0] == {"empty": "undefined.no_diversity"}
    assert undefined(result.pci)[0]["none"] == "undefined.no_ubiquity"
    assert np.isnan(result.eci["empty"])
    assert result.diversity["empty"] == 0
    alone = economic_complexity(nested(10, 6, seed=2))
    np.testing.assert_allclose(result.eci.drop("empty"), alone.eci)
    assert np.isnan(result.cog[("empty", "s0")])


@pytest.mark.parametrize(
    ("matrix", "reason"),
    [
        ([[1, 0], [0, 1]], "undefined.disconnected"),
        ([[1, 1], [1, 1]], "undefined.not_single"),
        ([[1, 1, 0]], "undefined.too_small"),
        ([[0, 0], [0, 0]], "undefined.too_small"),
        ([[1, 1, 0], [0, 1, 1], [1, 0, 1]], "undefined.not_single"),
    ],
)
def test_complexity_that_does_not_exist(matrix: list[list[int]], reason: str) -> None:
    result = economic_complexity(pd.DataFrame(matrix), given=True)
    assert result.undefined == reason
    assert result.eci.isna().all()
    assert set(undefined(result.eci)[0]) == set(result.eci.index)
    assert result.cog.name == names.COG


def test_equal_diversity_leaves_the_sign_open() -> None:
    matrix = [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [0, 1, 0, 1]]
    result = economic_complexity(pd.DataFrame(matrix))
    assert result.undefined in {"undefined.constant_diversity", "undefined.not_single"}


@pytest.mark.filterwarnings("ignore")  # the peer's own: it calls what pandas gives up
def test_py_ecomplexity() -> None:
    ecomplexity = pytest.importorskip("ecomplexity", reason="py-ecomplexity is not installed")
    table = nested(40, 25, seed=5)
    long = table.stack().rename_axis(["loc", "prod"]).rename("val").reset_index().assign(time=0)
    peer = ecomplexity.ecomplexity(
        long, {"time": "time", "loc": "loc", "prod": "prod", "val": "val"}
    )
    peer = peer.set_index(["loc", "prod"])
    result = economic_complexity(table)
    np.testing.assert_allclose(
        result.eci, peer["eci"].groupby(level=0).first()[table.index], atol=1e-8
    )
