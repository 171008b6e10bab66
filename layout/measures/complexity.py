"""Economic complexity of regions and sectors.

On ten districts and twelve sectors the matrix is tiny: one firm can carry a quotient across 1 and
move every value. Use subdistricts or parks as rows, look at ``gap``, and do not read complexity as
welfare.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from layout.core import measure_columns as names
from layout.measures.relatedness import (
    DIAGONALS,
    Diagonal,
    as_presence,
    cooccurrence,
    relatedness,
    relatedness_density,
)
from layout.measures.tables import Floats, option
from layout.measures.undefined import mark, where

_EQUAL: Final = 1e-10
"""Eigenvalues closer than this are one and the same."""


@dataclass(frozen=True)
class EconomicComplexity:
    """Complexity of regions and sectors.

    Attributes
    ----------
    eci
        By region, mean 0 and (population) standard deviation 1.
    pci
        By sector, in the units of ``eci``: its mean taken off, divided by its deviation.
    diversity, ubiquity
        Sectors a region is specialised in; regions specialised in a sector.
    coi
        Outlook index by region, standardised: how near the complex sectors are that it lacks.
    cog
        Outlook gain by (region, sector): what a new specialisation would open; 0 where present.
    density
        Relatedness density, regions × sectors.
    eigenvalues
        The largest ones; the first is 1, the second belongs to ``eci``.
    gap
        Second minus third eigenvalue: near 0, ``eci`` hangs on small changes.
    sign_correlation
        Correlation of ``eci`` with diversity that fixed the sign: 0 or more.
    undefined
        Reason (key of the text catalogue) where complexity as a whole does not exist.
    """

    eci: pd.Series
    pci: pd.Series
    diversity: pd.Series
    ubiquity: pd.Series
    coi: pd.Series
    cog: pd.Series
    density: pd.DataFrame
    eigenvalues: tuple[float, ...]
    gap: float
    sign_correlation: float
    undefined: str | None = None


def economic_complexity(
    table: pd.DataFrame, *, given: bool | None = None, diagonal: Diagonal = "keep"
) -> EconomicComplexity:
    r"""Economic complexity by eigenvectors, with opportunity outlook index and gain.

    With presences M (location quotient ≥ 1), diversity :math:`k_r` and ubiquity :math:`k_s`, the
    vector :math:`\kappa` of sectors is the second eigenvector of
    :math:`\sum_r M_{rs} M_{rt} / (k_r k_s)`, and of regions its mean
    :math:`\frac{1}{k_r} \sum_s M_{rs} \kappa_s`. Both are standardised by the regions' mean and
    population standard deviation; the sign makes the regions correlate with diversity. With
    proximities :math:`\phi` and densities d

    .. math:: COI_r = \sum_s d_{rs} (1 - M_{rs}) \kappa_s, \quad
        COG_{rs} = (1 - M_{rs}) \sum_t (1 - M_{rt}) \frac{\phi_{ts}}{\sum_u \phi_{tu}} \kappa_t

    COI is standardised; COG is divided by the deviation of the regions' vector.

    Parameters
    ----------
    table, given
        Regions × sectors, amounts or presences, as
        :func:`~layout.measures.relatedness.as_presence`.
    diagonal
        Of :math:`\phi`: ``"keep"`` (1, as py-ecomplexity) or ``"zero"`` (as EconGeo and Stata).
        ECI and PCI do not depend on it.

    Returns
    -------
    EconomicComplexity
        Regions specialised in nothing and sectors nobody is specialised in are NaN, with the
        reason. Complexity as a whole is undefined where fewer than two regions or sectors are
        left, where these fall into unconnected groups, where the second eigenvalue is not single,
        or where all regions are equally diverse (the sign is then open).

    Raises
    ------
    MeasureError
        An amount is negative or not finite.

    Notes
    -----
    The symmetric form is solved, on the smaller side of the matrix: 1,000 × 1,000 in well under a
    second.

    References
    ----------
    Hidalgo, C. A., & Hausmann, R. (2009). The building blocks of economic complexity. *PNAS*
    106(26), 10570–10575. Hausmann, R., et al. (2014). *The Atlas of Economic Complexity*. MIT
    Press.
    """
    option("diagonal", diagonal, DIAGONALS)
    present = as_presence(table, given=given)
    m = present.to_numpy(dtype="float64")
    rows, columns = m.sum(axis=1) > 0, m.sum(axis=0) > 0
    kept = m[np.ix_(rows, columns)]
    values, kappa = _second_vector(kept)
    density, cog = _outlook_parts(present.loc[rows, columns], diagonal)
    regional = kept @ kappa / kept.sum(axis=1)
    correlation = _correlation(regional, kept.sum(axis=1))
    reason = _reason(kept, values, correlation)
    if reason is None:
        regional, kappa = np.sign(correlation) * regional, np.sign(correlation) * kappa
    else:
        regional, kappa = np.full_like(regional, np.nan), np.full_like(kappa, np.nan)
    mean, spread = (regional.mean(), regional.std()) if len(regional) else (np.nan, np.nan)
    outlook = (density * (1 - kept)) @ kappa
    gains = (1 - kept) * (((1 - kept) * kappa) @ cog) / spread
    build = _Builder(present, rows, columns, reason)
    return EconomicComplexity(
        eci=build.by_region((regional - mean) / spread, names.ECI),
        pci=build.by_sector((kappa - mean) / spread, names.PCI),
        diversity=present.sum(axis=1).rename(names.DIVERSITY),
        ubiquity=present.sum(axis=0).rename(names.UBIQUITY),
        coi=build.by_region(_standardised(outlook), names.COI),
        cog=build.by_cell(gains, names.COG),
        density=build.table(density),
        eigenvalues=tuple(float(value) for value in values),
        gap=float(values[1] - values[2]) if len(values) > 2 else float("nan"),
        sign_correlation=abs(correlation),
        undefined=reason,
    )


@dataclass(frozen=True)
class _Builder:
    """Puts values of the regions and sectors that were kept back among all."""

    present: pd.DataFrame
    rows: np.ndarray[tuple[int], np.dtype[np.bool_]]
    columns: np.ndarray[tuple[int], np.dtype[np.bool_]]
    reason: str | None

    def by_region(self, values: Floats, name: str) -> pd.Series:
        return self._series(values, self.present.index, self.rows, name, "undefined.no_diversity")

    def by_sector(self, values: Floats, name: str) -> pd.Series:
        labels = self.present.columns
        return self._series(values, labels, self.columns, name, "undefined.no_ubiquity")

    def by_cell(self, values: Floats, name: str) -> pd.Series:
        every = self.table(values).stack(future_stack=True)
        return pd.Series(every.to_numpy(), index=every.index, name=name)

    def table(self, values: Floats) -> pd.DataFrame:
        frame = pd.DataFrame(np.nan, index=self.present.index, columns=self.present.columns)
        frame.iloc[np.flatnonzero(self.rows), np.flatnonzero(self.columns)] = values
        rows = where(frame.index, ~self.rows, "undefined.no_diversity")
        return mark(frame, rows, where(frame.columns, ~self.columns, "undefined.no_ubiquity"))

    def _series(
        self,
        values: Floats,
        labels: pd.Index,
        kept: np.ndarray[tuple[int], np.dtype[np.bool_]],
        name: str,
        why: str,
    ) -> pd.Series:
        series = pd.Series(np.nan, index=labels, name=name)
        series[kept] = values
        reasons = where(labels, ~kept, why)
        unknown = series.isna().to_numpy()
        reasons = where(labels, unknown, self.reason or "undefined.no_gap", reasons)
        return mark(series, reasons)


def _second_vector(m: Floats) -> tuple[Floats, Floats]:
    """The largest eigenvalues, and the sectors' vector of the second (unit length)."""
    from scipy import linalg  # slow to import

    regions, sectors = m.shape
    if min(regions, sectors) < 2:
        return np.ones(min(regions, sectors)), np.zeros(sectors)
    diversity, ubiquity = m.sum(axis=1), m.sum(axis=0)
    scaled = m / np.sqrt(np.outer(diversity, ubiquity))
    gram = scaled.T @ scaled if sectors <= regions else scaled @ scaled.T
    size = len(gram)
    values, vectors = linalg.eigh(gram, subset_by_index=(max(0, size - 3), size - 1))
    second = vectors[:, -2]
    kappa = (second if sectors <= regions else scaled.T @ second) / np.sqrt(ubiquity)
    length = np.sqrt((kappa**2).sum())
    return values[::-1], kappa / (length if length > _EQUAL else 1.0)


def _reason(kept: Floats, values: Floats, correlation: float) -> str | None:
    if min(kept.shape) < 2:
        return "undefined.too_small"
    if values[0] - values[1] < _EQUAL:
        return "undefined.disconnected"
    third = values[2] if len(values) > 2 else 0.0
    if values[1] < _EQUAL or values[1] - third < _EQUAL:
        return "undefined.not_single"
    return "undefined.constant_diversity" if abs(correlation) < _EQUAL else None


def _outlook_parts(present: pd.DataFrame, diagonal: Diagonal) -> tuple[Floats, Floats]:
    """Density, and proximities divided by their row sums."""
    counts = cooccurrence(present, given=True, diagonal="keep")
    phi = relatedness(counts, method="proximity").fillna(0.0)
    if diagonal == "keep":
        phi = phi + np.eye(len(phi))
    density = relatedness_density(present, phi, given=True, diagonal=diagonal).to_numpy()
    total = phi.to_numpy().sum(axis=1, keepdims=True)
    shares = np.divide(phi.to_numpy(), total, out=np.zeros(phi.shape), where=total > 0)
    return np.nan_to_num(density), shares


def _correlation(a: Floats, b: Floats) -> float:
    a, b = a - a.mean() if len(a) else a, b - b.mean() if len(b) else b
    scale = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float(a @ b) / scale if scale > _EQUAL else 0.0


def _standardised(values: Floats) -> Floats:
    if not len(values):
        return values
    spread = values.std()
    return np.asarray((values - values.mean()) / (spread if spread > _EQUAL else np.nan))
