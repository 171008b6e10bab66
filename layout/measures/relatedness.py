"""Relatedness of sectors by the regions they share, and how near a region is to a sector.

With few regions (ten districts) a proximity is a multiple of a tenth or so: estimate it on
subdistricts or parks, then use it for districts.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core.errors import MeasureError
from layout.measures.specialization import presence
from layout.measures.tables import Floats, aligned, amounts, checked, option, ratio, unique
from layout.measures.undefined import Reasons, mark, undefined, where

RelatednessMethod = Literal["probability", "association", "cosine", "jaccard", "proximity"]
Diagonal = Literal["zero", "keep"]

METHODS: Final = ("probability", "association", "cosine", "jaccard", "proximity")
DIAGONALS: Final = ("zero", "keep")
ISOLATED: Final = "undefined.isolated_sector"


def as_presence(
    table: pd.DataFrame, *, given: bool | None = None, threshold: float = 1.0
) -> pd.DataFrame:
    """Where a region is specialised in a sector, as booleans.

    Parameters
    ----------
    table
        Regions × sectors: amounts, or presences (booleans, or zeros and ones).
    given
        The table holds presences (True) or amounts (False); None takes a table of nothing but
        zeros and ones, with a zero among them, as presences.
    threshold
        Location quotient from which on (not above which) a region is specialised.
    """
    values = amounts(table, "presence of sectors")
    binary = bool(np.isin(values, (0, 1)).all())
    if given and not binary:
        first = float(values[~np.isin(values, (0, 1))][0])
        option("presence", first, (0, 1))
    if given or (given is None and binary and (values == 0).any()):
        return pd.DataFrame(values > 0, index=table.index, columns=table.columns)
    return presence(table, threshold=threshold)


def cooccurrence(
    table: pd.DataFrame, *, given: bool | None = None, diagonal: Diagonal = "zero"
) -> pd.DataFrame:
    """In how many regions two sectors are both present.

    Parameters
    ----------
    table, given
        As :func:`as_presence`.
    diagonal
        ``"zero"``, or ``"keep"``: in how many regions a sector is present.

    Returns
    -------
    DataFrame
        Sectors × sectors, symmetric, whole numbers.
    """
    option("diagonal", diagonal, DIAGONALS)
    present = as_presence(table, given=given).to_numpy(dtype="float64")
    counts = np.rint(present.T @ present).astype("int64")
    if diagonal == "zero":
        np.fill_diagonal(counts, 0)
    return pd.DataFrame(counts, index=table.columns, columns=table.columns)


def relatedness(
    cooccurrences: pd.DataFrame,
    *,
    method: RelatednessMethod = "association",
    occurrences: pd.Series | None = None,
) -> pd.DataFrame:
    r"""Co-occurrences of sectors relative to how often they would meet by chance or at most.

    With :math:`c_{ij}` (diagonal taken as 0), row sums :math:`c_i` and their sum n:

    - ``probability``: :math:`\frac{c_{ij}}{n/2} \Big/ \Big(\frac{c_i}{n}\frac{c_j}{n - c_i} +
      \frac{c_j}{n}\frac{c_i}{n - c_j}\Big)` (Steijn), 1 by chance
    - ``association``: :math:`c_{ij}\, n / (c_i c_j)`
    - ``cosine``: :math:`c_{ij} / \sqrt{c_i c_j}`
    - ``jaccard``: :math:`c_{ij} / (c_i + c_j - c_{ij})`
    - ``proximity``: :math:`c_{ij} / \max(u_i, u_j)`, the smaller of the two conditional chances,
      with the numbers of regions u of each sector

    Parameters
    ----------
    cooccurrences
        Sectors × sectors, symmetric, as :func:`cooccurrence` gives it.
    method
        See above.
    occurrences
        u, for ``proximity``; otherwise the diagonal of ``cooccurrences``.

    Returns
    -------
    DataFrame
        Sectors × sectors, diagonal 0. Sectors that meet no other have no relatedness: NaN, with
        the reason (for ``proximity`` those present nowhere).

    Raises
    ------
    MeasureError
        The matrix is not square, symmetric, finite and of zero or more, or ``proximity`` does not
        know the numbers of regions.

    References
    ----------
    Van Eck, N. J., & Waltman, L. (2009). How to normalize cooccurrence data? *JASIST* 60(8),
    1635–1651. Hidalgo, C. A., Klinger, B., Barabási, A.-L., & Hausmann, R. (2007). The product
    space conditions the development of nations. *Science* 317, 482–487. Steijn, M. P. A. (2021).
    Improvement on the association strength. *Quantitative Science Studies* 2(2), 778–794.
    """
    option("method", method, METHODS)
    counts = _square(cooccurrences)
    own = counts.diagonal().copy()
    np.fill_diagonal(counts, 0.0)
    if method == "proximity":
        u = _occurrences(cooccurrences.index, own, counts, occurrences)
        related, alone = ratio(counts, np.maximum.outer(u, u)), u == 0
    else:
        sums = counts.sum(axis=1)
        related, alone = _normalised(counts, sums, method), sums == 0
    related[alone] = related[:, alone] = np.nan
    np.fill_diagonal(related, np.where(alone, np.nan, 0.0))
    reasons = where(cooccurrences.index, alone, ISOLATED)
    result = pd.DataFrame(related, index=cooccurrences.index, columns=cooccurrences.columns)
    return mark(result, reasons, reasons)


def relatedness_density(
    table: pd.DataFrame,
    proximity: pd.DataFrame | npt.ArrayLike,
    *,
    given: bool | None = None,
    diagonal: Diagonal = "zero",
) -> pd.DataFrame:
    r"""How much of what is related to a sector a region already has, 0 to 1.

    .. math:: d_{rs} = \frac{\sum_{t} M_{rt}\, \phi_{st}}{\sum_{t} \phi_{st}}

    Parameters
    ----------
    table, given
        Regions × sectors, as :func:`as_presence`: M.
    proximity
        Sectors × sectors (a frame is taken by label), :math:`\phi`; NaN counts as unrelated.
    diagonal
        ``"zero"``: t ≠ s, so that a sector does not predict itself (EconGeo, Stata). ``"keep"``:
        the diagonal as it stands (py-ecomplexity, where it is 1).

    Returns
    -------
    DataFrame
        As the table. A sector related to no other has no density: NaN, with the reason. Density
        rises with a region's diversity: compare sectors within a region, or regions of like
        diversity.

    Raises
    ------
    MeasureError
        A proximity is negative or infinite, or a sector of the table has none.

    References
    ----------
    Hidalgo et al. (2007), as in :func:`relatedness`. Balland, P.-A., Boschma, R., Crespo, J., &
    Rigby, D. L. (2019). Smart specialization policy in the EU. *Regional Studies* 53(9),
    1252–1268.
    """
    option("diagonal", diagonal, DIAGONALS)
    present = as_presence(table, given=given)
    phi = _proximity(table.columns, proximity)
    if diagonal == "zero":
        np.fill_diagonal(phi, 0.0)
    total = phi.sum(axis=1)
    density = ratio(present.to_numpy(dtype="float64") @ phi.T, total[None, :])
    rows, columns = undefined(present)
    reasons: Reasons = where(table.columns, total == 0, ISOLATED)
    density[table.index.isin(list(rows))] = np.nan
    density[:, table.columns.isin(list(columns))] = np.nan
    result = pd.DataFrame(density, index=table.index, columns=table.columns)
    return mark(result, rows, {**reasons, **columns})


def _normalised(counts: Floats, sums: Floats, method: RelatednessMethod) -> Floats:
    n = sums.sum()
    products = np.outer(sums, sums)
    if method == "association":
        return ratio(counts * n, products)
    if method == "cosine":
        return ratio(counts, np.sqrt(products))
    if method == "jaccard":
        return ratio(counts, sums[:, None] + sums[None, :] - counts)
    one_way = ratio(products, n - sums[:, None])  # NaN where a sector has all co-occurrences
    return ratio(counts, (np.nan_to_num(one_way) + np.nan_to_num(one_way.T)) / 2)


def _square(matrix: pd.DataFrame) -> Floats:
    values = amounts(matrix, "relatedness")
    if not matrix.index.equals(matrix.columns) or not np.allclose(values, values.T):
        raise MeasureError("error.measure_symmetric", measure="relatedness")
    return values


def _occurrences(labels: pd.Index, own: Floats, counts: Floats, given: Any) -> Floats:
    u = own if given is None else aligned(given, labels, "occurrences", "proximity")
    if (u < counts.max(axis=1, initial=0.0)).any():
        raise MeasureError("error.measure_occurrences")
    return u


def _proximity(labels: pd.Index, proximity: Any) -> Floats:
    if isinstance(proximity, pd.DataFrame):
        unique(proximity.index, "sectors")
        missing = labels.difference(proximity.index).union(labels.difference(proximity.columns))
        aligned(pd.Series(0.0, index=labels.difference(missing)), labels, "proximity", "density")
        proximity = proximity.loc[labels, labels]
    phi = np.array(proximity, dtype="float64")
    if phi.shape != (len(labels), len(labels)):
        raise MeasureError(
            "error.measure_lengths", what="proximity", found=phi.size, expected=len(labels) ** 2
        )
    return checked(np.where(np.isnan(phi), 0.0, phi), "relatedness density")
