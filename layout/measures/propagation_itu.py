"""Losses by ITU-R P.525 (free space), P.526 (a knife edge) and P.2108 (clutter), in dB."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from layout.core.errors import MeasureError

Floats = npt.NDArray[np.float64]

SPEED_OF_LIGHT: Final = 299_792_458.0


def free_space_loss(distance_m: Any, frequency_ghz: Any) -> Floats:
    """Basic transmission loss of free space, dB.

    References
    ----------
    ITU-R P.525-4, equation 3.
    """
    d, f = np.asarray(distance_m, dtype=np.float64), np.asarray(frequency_ghz, dtype=np.float64)
    require_range("distance_m", d, 1e-3, np.inf)
    require_range("frequency_ghz", f, 1e-3, np.inf)
    return np.asarray(20 * np.log10(4 * np.pi * d * f * 1e9 / SPEED_OF_LIGHT))


def knife_edge_parameter(height_m: Any, d1_m: Any, d2_m: Any, frequency_ghz: Any) -> Floats:
    r"""The parameter of a single knife edge.

    .. math:: \nu = h \sqrt{\frac{2}{\lambda}\left(\frac{1}{d_1} + \frac{1}{d_2}\right)}

    Parameters
    ----------
    height_m
        Height of the edge above the straight path, metres; negative below it.
    d1_m, d2_m
        Distances of the edge from the ends, metres.
    frequency_ghz
        Carrier frequency, GHz.

    References
    ----------
    ITU-R P.526-15, equation 26.
    """
    h, d1, d2, f = (np.asarray(v, dtype=np.float64) for v in (height_m, d1_m, d2_m, frequency_ghz))
    for name, value in (("d1_m", d1), ("d2_m", d2), ("frequency_ghz", f)):
        require_range(name, value, 1e-3, np.inf)
    return np.asarray(h * np.sqrt(2 * f * 1e9 / SPEED_OF_LIGHT * (1 / d1 + 1 / d2)))


def knife_edge_loss(nu: Any) -> Floats:
    r"""Loss over a single knife edge, dB; 0 below :math:`\nu = -0.78`.

    .. math:: J(\nu) = 6.9 + 20 \log_{10}\left(\sqrt{(\nu-0.1)^2+1} + \nu - 0.1\right)

    References
    ----------
    ITU-R P.526-15, equation 31: within 0.15 dB of the Fresnel integral.
    """
    v = np.asarray(nu, dtype=np.float64)
    w = np.maximum(v, -0.78) - 0.1
    loss = 6.9 + 20 * np.log10(np.sqrt(w * w + 1) + w)
    return np.asarray(np.where(v >= -0.78, loss, np.where(np.isnan(v), np.nan, 0.0)))


def clutter_loss_p2108(distance_m: Any, frequency_ghz: Any, *, percent: Any = 50.0) -> Floats:
    """Loss in the clutter about a terminal that ``percent`` of places do not exceed, dB.

    For models of bare terrain alone: TR 38.901 has the city in it already.

    Parameters
    ----------
    distance_m
        Length of the path, metres, from 250; the loss at 2 km is the most there is.
    frequency_ghz
        Carrier frequency, GHz, 0.5 to 67.
    percent
        Share of places, between 0 and 100, both excluded.

    References
    ----------
    ITU-R P.2108-1, section 3.2.
    """
    d, f, p = (np.asarray(v, dtype=np.float64) for v in (distance_m, frequency_ghz, percent))
    require_range("distance_m", d, 250.0, np.inf)
    require_range("frequency_ghz", f, 0.5, 67.0)
    require_range("percent", p, 1e-6, 100 - 1e-6)
    return np.minimum(_statistical_clutter(d, f, p), _statistical_clutter(np.asarray(2e3), f, p))


def height_gain_p2108(
    frequency_ghz: Any,
    *,
    h_ut_m: Any,
    clutter_m: Any,
    open_ground: bool = False,
    street_m: Any = 27.0,
) -> Floats:
    """Loss of a terminal below the clutter about it against one above, dB; 0 above the clutter.

    Parameters
    ----------
    frequency_ghz
        Carrier frequency, GHz, 0.03 to 3.
    h_ut_m, clutter_m
        Height of the terminal and of the clutter above ground, metres.
    open_ground
        Water, sea, open or rural ground: no edge to bend over.
    street_m
        Width of streets, metres.

    References
    ----------
    ITU-R P.2108-1, section 3.1.
    """
    f, h, r, w = (
        np.asarray(v, dtype=np.float64) for v in (frequency_ghz, h_ut_m, clutter_m, street_m)
    )
    require_range("frequency_ghz", f, 0.03, 3.0)
    for name, value in (("h_ut_m", h), ("clutter_m", r), ("street_m", w)):
        require_range(name, value, 1e-3, np.inf)
    if open_ground:
        loss = -(21.8 + 6.2 * np.log10(f)) * np.log10(np.minimum(h / r, 1.0))
    else:
        below = np.maximum(r - h, 0.0)
        angle = np.degrees(np.arctan(below / w))
        loss = knife_edge_loss(0.342 * np.sqrt(f) * np.sqrt(below * angle)) - 6.03
    return np.asarray(np.where(h >= r, 0.0, loss))


def _statistical_clutter(d: Floats, f: Floats, percent: Floats) -> Floats:
    """Equations 3 to 5 of P.2108, without the bound by the loss at 2 km."""
    log_f = np.log10(f)
    long = -2 * np.log10(10 ** (-5 * log_f - 12.5) + 10**-16.5)
    short = 32.98 + 23.9 * np.log10(d / 1000.0) + 3 * log_f
    a, b = 10 ** (-0.2 * long), 10 ** (-0.2 * short)
    sigma = np.sqrt((16 * a + 36 * b) / (a + b))
    return np.asarray(-5 * np.log10(a + b) + sigma * ndtri(percent / 100))


def require_range(name: str, values: Floats, least: float, most: float) -> None:
    """Refuse values outside of the bounds and NaN."""
    outside = ~((values >= least) & (values <= most))
    if outside.any():
        raise MeasureError(
            "error.propagation_range",
            name=name,
            least=f"{least:g}",
            most=f"{most:g}" if np.isfinite(most) else "∞",
            count=int(outside.sum()),
            found=f"{values[outside].flat[0]:g}",
        )
