"""Agglomeration beyond the lumpiness of firms: Ellison–Glaeser, Maurel–Sédillot, coagglomeration.

Firms come as three columns of equal length: size (employees, revenue), sector, region. Firms whose
size is missing are left out and counted; a size of zero counts as a firm without weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core import measure_columns as names
from layout.core.errors import MeasureError
from layout.measures.tables import Floats, aligned, checked, ratio
from layout.measures.undefined import Reasons, mark, where

_NOTHING: Final = 1e-12
"""1 - H and 1 - Σx² below this are rounding left over from 1 - 1."""


@dataclass(frozen=True)
class Coagglomeration:
    """Coagglomeration of a group of sectors.

    Attributes
    ----------
    gamma_c
        Ellison and Glaeser's index; 0 where sectors of the group choose places apart.
    gamma
        Agglomeration of each sector (Series).
    herfindahl, raw
        Herfindahl index of the group's firms, and raw concentration G of the group.
    missing
        Firms left out as their size is missing.
    undefined
        Reason (key of the text catalogue) where there is no value.
    """

    gamma_c: float
    gamma: pd.Series
    herfindahl: float
    raw: float
    missing: int
    undefined: str | None = None


@dataclass(frozen=True)
class _Plants:
    """Shares by sector and region, and powers of firms' shares in their sector."""

    sectors: pd.Index
    shares: Floats  # sectors × regions; NaN rows where the sector has no size
    weight: Floats  # each sector's size
    herfindahl: Floats
    fourth: Floats
    top: Floats
    firms: npt.NDArray[np.int64]
    missing: npt.NDArray[np.int64]
    x: Floats  # the regions' shares of the reference


def ellison_glaeser(
    sizes: Any, sectors: Any, regions: Any, *, reference: pd.Series | None = None
) -> pd.DataFrame:
    r"""Ellison and Glaeser's index of agglomeration for every sector, with its variance and z.

    .. math:: \gamma = \frac{G - (1 - \sum_r x_r^2) H}{(1 - \sum_r x_r^2)(1 - H)}, \quad
        G = \sum_r (s_r - x_r)^2, \quad H = \sum_k z_k^2

    s: regional shares of the sector; x: of the reference; z: shares of firms in their sector.
    Where firms choose regions at random with chances x (a dartboard), G has the expectation
    :math:`(1 - \sum x^2) H`, gamma that of 0, and G the variance

    .. math:: 2 \Big\{ H^2 \Big[ \sum x^2 - 2 \sum x^3 + \big(\sum x^2\big)^2 \Big]
        - \sum_k z_k^4 \Big[ \sum x^2 - 4 \sum x^3 + 3 \big(\sum x^2\big)^2 \Big] \Big\}

    Parameters
    ----------
    sizes, sectors, regions
        Of every firm.
    reference
        Size of every region to compare with; otherwise all firms given.

    Returns
    -------
    DataFrame
        By sector: ``gamma``, ``raw`` (G), ``herfindahl`` (H), ``variance`` (of G), ``z``,
        ``firms``, ``top_share`` (of the largest firm), ``missing``. By the authors' rule of thumb
        a gamma above 0.05 is strong, below 0.02 weak. One firm, one region or no size: undefined,
        with the reason.

    Raises
    ------
    MeasureError
        A size is negative or infinite, lengths differ, or a region has no reference.

    References
    ----------
    Ellison, G., & Glaeser, E. L. (1997). Geographic concentration in U.S. manufacturing
    industries: a dartboard approach. *Journal of Political Economy* 105(5), 889–927.
    """
    plants = _plants(sizes, sectors, regions, reference)
    raw, gamma = _gamma(plants)
    x2, x3 = (plants.x**2).sum(), (plants.x**3).sum()
    variance = 2 * (
        plants.herfindahl**2 * (x2 - 2 * x3 + x2**2) - plants.fourth * (x2 - 4 * x3 + 3 * x2**2)
    )
    variance = np.where(np.isnan(gamma) | (variance <= 0), np.nan, variance)
    columns = {
        names.GAMMA: gamma,
        names.RAW: raw,
        names.HERFINDAHL: plants.herfindahl,
        names.VARIANCE: variance,
        names.Z: (raw - (1 - x2) * plants.herfindahl) / np.sqrt(variance),
    }
    return _by_sector(plants, columns)


def maurel_sedillot(
    sizes: Any, sectors: Any, regions: Any, *, reference: pd.Series | None = None
) -> pd.DataFrame:
    r"""Maurel and Sédillot's index of agglomeration for every sector.

    .. math:: \hat\gamma = \frac{G - H}{1 - H}, \quad
        G = \frac{\sum_r s_r^2 - \sum_r x_r^2}{1 - \sum_r x_r^2}

    An estimate of the correlation between the location choices of two firms of the sector.

    Parameters, Raises
    ------------------
    As :func:`ellison_glaeser`.

    Returns
    -------
    DataFrame
        By sector: ``gamma``, ``raw`` (G), ``herfindahl``, ``firms``, ``top_share``, ``missing``.

    References
    ----------
    Maurel, F., & Sédillot, B. (1999). A measure of the geographic concentration in French
    manufacturing industries. *Regional Science and Urban Economics* 29(5), 575–604.
    """
    plants = _plants(sizes, sectors, regions, reference)
    x2 = (plants.x**2).sum()
    raw = ratio((plants.shares**2).sum(axis=1) - x2, _positive(1 - x2))
    gamma = ratio(raw - plants.herfindahl, _positive(1 - plants.herfindahl))
    columns = {names.GAMMA: gamma, names.RAW: raw, names.HERFINDAHL: plants.herfindahl}
    return _by_sector(plants, columns)


def coagglomeration(
    sizes: Any, sectors: Any, regions: Any, *, reference: pd.Series | None = None
) -> Coagglomeration:
    r"""Ellison and Glaeser's coagglomeration of a group of sectors.

    .. math:: \gamma^c = \frac{G / (1 - \sum x^2) - H - \sum_j \hat\gamma_j w_j^2 (1 - H_j)}
        {1 - \sum_j w_j^2}, \quad H = \sum_j w_j^2 H_j

    G: of the group taken as one sector; w: the sectors' shares of the group. A sector of one firm
    adds nothing to the sum over sectors (its 1 − H is 0).

    Parameters, Raises
    ------------------
    As :func:`ellison_glaeser`, with the firms of the group's sectors only and usually with a
    ``reference`` (all firms of the city).

    References
    ----------
    Ellison, G., & Glaeser, E. L. (1997), as in :func:`ellison_glaeser`, section III.
    """
    plants = _plants(sizes, sectors, regions, reference)
    _, gamma = _gamma(plants)
    known = plants.weight > 0
    w = ratio(plants.weight, plants.weight.sum())[known]
    spread = 1 - (plants.x**2).sum()
    mixed = 1 - (w**2).sum()
    h = plants.herfindahl[known]
    group = w @ plants.shares[known]
    raw = float(((group - plants.x) ** 2).sum())
    herfindahl = float((w**2 * h).sum())
    own = float(np.nansum(gamma[known] * w**2 * (1 - h)))
    reason = _group_reason(int(known.sum()), spread)
    value = np.nan if reason else (raw / spread - herfindahl - own) / mixed
    by_sector = mark(
        pd.Series(gamma, index=plants.sectors, name=names.GAMMA), _sector_reasons(plants)
    )
    return Coagglomeration(
        float(value), by_sector, herfindahl, raw, int(plants.missing.sum()), reason
    )


def _plants(sizes: Any, sectors: Any, regions: Any, reference: pd.Series | None) -> _Plants:
    size = np.asarray(sizes, dtype="float64")
    sector, sector_labels = _codes(sectors, size.size, "sectors")
    region, region_labels = _codes(regions, size.size, "regions")
    known = ~np.isnan(size)
    checked(size[known], "agglomeration")
    k, m = len(sector_labels), len(region_labels)
    missing = np.bincount(sector[~known], minlength=k)
    size, sector, region = size[known], sector[known], region[known]
    weight: Floats = np.bincount(sector, size, minlength=k).astype("float64")
    z = ratio(size, weight[sector])
    by_region = np.bincount(sector * m + region, size, minlength=k * m).astype("float64")
    top = np.zeros(k)
    np.maximum.at(top, sector, np.nan_to_num(z))
    shares, x = _reference(by_region.reshape(k, m), region_labels, reference)
    return _Plants(
        sectors=sector_labels,
        shares=shares,
        weight=weight,
        herfindahl=_power(sector, z, 2, weight),
        fourth=_power(sector, z, 4, weight),
        top=np.where(weight > 0, top, np.nan),
        firms=np.bincount(sector, minlength=k),
        missing=missing,
        x=x,
    )


def _codes(labels: Any, length: int, what: str) -> tuple[npt.NDArray[np.intp], pd.Index]:
    codes, found = pd.factorize(pd.Series(labels), sort=True)
    if len(codes) != length:
        raise MeasureError("error.measure_lengths", what=what, found=len(codes), expected=length)
    if (codes < 0).any():
        first = int(np.argmax(codes < 0))
        raise MeasureError("error.measure_labels", what=what, missing=f"firm {first}")
    return np.asarray(codes, dtype=np.intp), pd.Index(found)


def _reference(
    by_region: Floats, labels: pd.Index, reference: pd.Series | None
) -> tuple[Floats, Floats]:
    """Regional shares of sectors and of the reference, over all regions the reference names."""
    if reference is None:
        base = by_region.sum(axis=0)
    else:
        aligned(reference, labels, "reference", "agglomeration")
        every = labels.union(reference.index, sort=False)
        wider = np.zeros((len(by_region), len(every)))
        wider[:, every.get_indexer(labels)] = by_region
        by_region, base = wider, aligned(reference, every, "reference", "agglomeration")
    return ratio(by_region, by_region.sum(axis=1, keepdims=True)), ratio(base, base.sum())


def _power(sector: npt.NDArray[np.intp], z: Floats, exponent: int, weight: Floats) -> Floats:
    total = np.bincount(sector, np.nan_to_num(z) ** exponent, minlength=len(weight))
    return np.where(weight > 0, total, np.nan)


def _gamma(plants: _Plants) -> tuple[Floats, Floats]:
    """G and gamma of every sector."""
    spread = _positive(1 - (plants.x**2).sum())
    raw = ((plants.shares - plants.x) ** 2).sum(axis=1)
    h = plants.herfindahl
    return raw, ratio(raw - spread * h, spread * _positive(1 - h))


def _positive(value: Any) -> Floats:
    """The value, or exact zero where only rounding is left of it."""
    return np.where(np.less(value, _NOTHING), 0.0, value)


def _by_sector(plants: _Plants, columns: dict[str, Floats]) -> pd.DataFrame:
    result = pd.DataFrame(columns, index=plants.sectors)
    result[names.FIRMS] = plants.firms
    result[names.TOP_SHARE] = plants.top
    result[names.MISSING] = plants.missing
    return mark(result, _sector_reasons(plants))


def _sector_reasons(plants: _Plants) -> Reasons:
    labels = plants.sectors
    reasons = where(labels, plants.weight == 0, "undefined.empty_sector")
    if not 1 - (plants.x**2).sum() > _NOTHING:
        return where(labels, plants.weight > 0, "undefined.one_region", reasons)
    return where(labels, 1 - plants.herfindahl < _NOTHING, "undefined.one_plant", reasons)


def _group_reason(sectors: int, spread: float) -> str | None:
    if sectors < 2:
        return "undefined.one_sector" if sectors else "undefined.no_total"
    return None if spread > _NOTHING else "undefined.one_region"
