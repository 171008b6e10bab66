"""Relatedness against EconGeo, by counting, and on tables that are too thin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from layout.core.errors import MeasureError
from layout.measures.relatedness import as_presence, cooccurrence, relatedness, relatedness_density
from layout.measures.undefined import undefined


@pytest.mark.parametrize("method", ["probability", "association", "cosine", "jaccard"])
def test_normalisations(method: Any, known: Callable[[str], Any]) -> None:
    file = known("relatedness")
    counts = pd.DataFrame(file["cooccurrence"]["input"]["C"])
    expected = file["cooccurrence"]["expected"]["prob" if method == "probability" else method]
    result = relatedness(counts, method=method)
    np.testing.assert_allclose(result, expected, rtol=0, atol=file["tolerance"] * 10)


def test_density_with_the_diagonal_kept(known: Callable[[str], Any]) -> None:
    file = known("relatedness")
    given = file["density"]["input"]
    density = relatedness_density(
        pd.DataFrame(given["M"]), np.array(given["relatedness"]), diagonal="keep"
    )
    expected = file["density"]["expected"]["density_pct"]
    np.testing.assert_allclose(density * 100, expected, rtol=0, atol=file["density_tolerance"])


def test_from_counts_to_density(known: Callable[[str], Any]) -> None:
    file = known("relatedness")
    counts = pd.DataFrame(file["pipeline"]["input"]["counts"])
    expected = file["pipeline"]["expected"]
    np.testing.assert_array_equal(as_presence(counts), expected["rca_binary"])
    together = cooccurrence(counts)
    np.testing.assert_array_equal(together, expected["cooccurrence"])
    related = relatedness(together, method="probability")
    np.testing.assert_allclose(related, expected["relatedness_prob"], atol=file["tolerance"])
    density = relatedness_density(counts, related) * 100
    np.testing.assert_allclose(density, expected["density_pct"], atol=file["density_tolerance"])


def test_proximity_is_the_smaller_conditional_chance(known: Callable[[str], Any]) -> None:
    rng = np.random.default_rng(4)
    table = pd.DataFrame((rng.random((15, 6)) < 0.4).astype(int))
    counts = cooccurrence(table, diagonal="keep")
    result = relatedness(counts, method="proximity").to_numpy()
    m = table.to_numpy(dtype=bool)
    for i in range(6):
        for j in range(6):
            if i != j:
                both = (m[:, i] & m[:, j]).sum()
                assert result[i, j] == pytest.approx(
                    min(both / m[:, i].sum(), both / m[:, j].sum())
                )
    without = relatedness(
        cooccurrence(table), method="proximity", occurrences=table.sum()
    ).to_numpy()
    np.testing.assert_array_equal(result, without)
    complexity = known("complexity")
    phi = relatedness(
        cooccurrence(pd.DataFrame(complexity["presence"]), diagonal="keep"), method="proximity"
    ) + np.eye(4)
    density = relatedness_density(pd.DataFrame(complexity["presence"]), phi, diagonal="keep")
    np.testing.assert_allclose(density, complexity["expected"]["density"], atol=1e-12)


def test_order_of_sectors_does_not_matter() -> None:
    rng = np.random.default_rng(6)
    table = pd.DataFrame(rng.integers(0, 30, (12, 5)), columns=list("abcde"))
    order = list("dbeca")
    related = relatedness(cooccurrence(table))
    shuffled = relatedness(cooccurrence(table[order]))
    pd.testing.assert_frame_equal(related, shuffled.loc[list("abcde"), list("abcde")])
    # a proximity frame is taken by label, not by position
    one, two = relatedness_density(table, related), relatedness_density(table, shuffled)
    pd.testing.assert_frame_equal(one, two)


def test_density_bounds_and_own_sector() -> None:
    phi = np.ones((3, 3))
    density = relatedness_density(pd.DataFrame([[1, 0, 0], [1, 1, 1]]), phi)
    np.testing.assert_allclose(density, [[0, 0.5, 0.5], [1, 1, 1]])


def test_isolated_and_absent_sectors() -> None:
    table = pd.DataFrame(
        {"a": [1, 1, 0], "b": [1, 1, 0], "alone": [0, 0, 1], "none": [0, 0, 0]}, index=list("xyz")
    )
    related = relatedness(cooccurrence(table))
    assert undefined(related)[1] == {
        "alone": "undefined.isolated_sector",
        "none": "undefined.isolated_sector",
    }
    assert related.loc["a", "b"] > 0
    assert related["alone"].isna().all()
    density = relatedness_density(table, related)
    assert density["alone"].isna().all()
    assert undefined(density)[1]["alone"] == "undefined.isolated_sector"
    amounts = pd.DataFrame({"a": [5, 0], "b": [3, 0], "none": [0, 0]}, index=["full", "empty"])
    density = relatedness_density(amounts, np.ones((3, 3)))
    rows, columns = undefined(density)
    assert rows == {"empty": "undefined.empty_region"}
    assert columns == {"none": "undefined.empty_sector"}
    assert density.loc["empty"].isna().all()
    assert density["none"].isna().all()
    for method in ("probability", "association", "cosine", "jaccard", "proximity"):
        assert relatedness(cooccurrence(amounts, diagonal="keep"), method=method).shape == (3, 3)  # type: ignore[arg-type]


def test_what_cannot_be_related_is_refused() -> None:
    counts = pd.DataFrame([[0, 1], [2, 0]])
    with pytest.raises(MeasureError, match="symmetric"):
        relatedness(counts)
    with pytest.raises(MeasureError, match="number of regions of every sector"):
        relatedness(pd.DataFrame([[0, 1], [1, 0]]), method="proximity")
    with pytest.raises(MeasureError, match="method=cosinus"):
        relatedness(pd.DataFrame([[0, 1], [1, 0]]), method="cosinus")  # type: ignore[arg-type]
    with pytest.raises(MeasureError, match="proximity missing for: 1"):
        relatedness_density(pd.DataFrame([[1, 0]]), pd.DataFrame([[0.0]]))
    with pytest.raises(MeasureError, match="finite amounts"):
        relatedness_density(pd.DataFrame([[1, 0]]), [[0, -1], [1, 0]])
    with pytest.raises(MeasureError, match="presence=3"):
        as_presence(pd.DataFrame([[1, 3]]), given=True)


def test_presence_is_told_from_amounts() -> None:
    table = pd.DataFrame([[1, 1], [0, 1]])
    assert as_presence(table).to_numpy().tolist() == [[True, True], [False, True]]
    assert as_presence(table, given=False).to_numpy().tolist() == [[True, False], [False, True]]
