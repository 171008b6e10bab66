"""Kd, M and Ripley's K of a sector among simulated patterns.

Observed and simulated curves are computed in the same way, the bandwidth of Kd included, so that
under the null the observed one is one among many. Simulations run in threads; each has its own
generator, so that the result does not depend on how many there are.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core import measure_columns as names
from layout.core.errors import MeasureError
from layout.measures import kd as kd_module
from layout.measures.curves import curve
from layout.measures.envelopes import Envelope, envelope
from layout.measures.marcon_puech import m_from_sums, neighbour_sums
from layout.measures.nulls import Simulation, random_labels, random_locations
from layout.measures.points import (
    as_mask,
    as_points,
    as_radii,
    as_types,
    as_weights,
    as_window,
    position_of,
    require_inside,
)
from layout.measures.ripley import Correction, ripley_k
from layout.measures.tables import option

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DEFAULT: Final = Simulation()


def kd_envelope(
    points: Any,
    mask: Any,
    radii: Any,
    *,
    window: Any = None,
    weights: Any = None,
    simulation: Simulation = DEFAULT,
) -> Envelope:
    """Is the sector localised or dispersed, and at which distances? Kd with bands.

    Parameters
    ----------
    points
        All firms of the city, metres.
    mask
        Which are of the sector.
    radii
        Increasing distances in metres.
    window
        Buildable area; needed for the null ``locations`` only.
    weights
        One a firm. Under ``labels`` they stay with the firm: only the label is dealt anew.
    simulation
        Null model, number, level and seed.

    Returns
    -------
    Envelope
        With curves from binned distances (see :mod:`layout.measures.kd`).

    Raises
    ------
    MeasureError
        As :func:`layout.measures.kd.kd`.
    """
    xy, chosen, w, known = _firms(points, mask, weights, window, simulation)
    r = as_radii(radii)
    weighted = weights is not None

    def statistic(place: Floats, weight: Floats) -> Floats:
        order = np.argsort(place[:, 0], kind="stable")
        return _kd_curve(place[order], weight[order], weighted, r)

    own, candidates = np.flatnonzero(chosen & known), np.flatnonzero(known)
    observed = curve(statistic(xy[own], w[own]), r, names.KD, missing=_missing(chosen, known))
    reason = _kd_reason(xy[own], w[own], observed)
    area = as_window(window, "Kd") if simulation.null == "locations" else None

    def simulate(number: int) -> Floats:
        rng = simulation.generator(number)
        if area is not None:
            return statistic(random_locations(area, own.size, rng), w[own])
        drawn = random_labels(candidates, own.size, rng)
        return statistic(xy[drawn], w[drawn])

    return envelope(observed, _run(simulate, simulation, reason, r.size), simulation, reason)


def kd_cross_envelope(
    points: Any,
    types: Any,
    radii: Any,
    *,
    source: Any,
    target: Any,
    weights: Any = None,
    simulation: Simulation = DEFAULT,
) -> Envelope:
    """Do firms of two sectors lie near each other? Cross Kd with bands.

    The null ``labels`` keeps the source sector and deals the target's label among all other firms.

    Parameters, Returns, Raises
    ---------------------------
    As :func:`kd_envelope` and :func:`layout.measures.kd.kd_cross`.
    """
    option("null", simulation.null, ("labels",))
    xy, from_, to, w, known = _two_sectors(points, types, source, target, weights)
    r = as_radii(radii)
    source_at, target_at = np.flatnonzero(from_ & known), np.flatnonzero(to & known)
    others = np.flatnonzero(~from_ & known)

    def statistic(at: Ints) -> Floats:
        if not at.size or not source_at.size:
            return np.full(r.size, np.nan)
        parts = (xy[source_at], w[source_at]), (xy[at], w[at])
        found = kd_module.cross_distances(*parts, weights is not None, r)
        h = kd_module.silverman(found, 2 * r[-1])
        usable = h > 0 and found.total > 0
        return kd_module.density(found, r, h) if usable else np.full(r.size, np.nan)

    missing = _missing(from_ | to, known)
    observed = curve(statistic(target_at), r, names.KD, missing=missing)
    reason = "undefined.no_pairs" if observed.isna().all() else None

    def simulate(number: int) -> Floats:
        return statistic(random_labels(others, target_at.size, simulation.generator(number)))

    return envelope(observed, _run(simulate, simulation, reason, r.size), simulation, reason)


def weights_around(points: Any, radii: Any, *, weights: Any = None) -> Floats:
    """Weight of all firms within each radius of every firm, itself left out: ``(firms, radii)``.

    It is the same for every sector of a city: :func:`m_envelope` takes it as ``around``.
    Parameters as there; firms without a weight have rows of what is about them, too.
    """
    xy = as_points(points)
    w, _ = as_weights(weights, len(xy))
    return _all_around(xy, w, np.arange(len(xy)), as_radii(radii))


def m_envelope(
    points: Any,
    mask: Any,
    radii: Any,
    *,
    window: Any = None,
    weights: Any = None,
    simulation: Simulation = DEFAULT,
    around: Floats | None = None,
) -> Envelope:
    """Is the sector over-represented around its own firms? M with bands.

    Parameters, Returns, Raises
    ---------------------------
    As :func:`kd_envelope`. Under ``labels`` the weight around each site is computed once, or given
    as ``around`` (see :func:`weights_around`); under ``locations`` the sector's firms move among
    the others, which stay.
    """
    xy, chosen, w, known = _firms(points, mask, weights, window, simulation)
    r = as_radii(radii)
    missing = _missing(chosen, known)
    xy, chosen, w = xy[known], chosen[known], w[known]
    own = np.flatnonzero(chosen)
    every = np.zeros((0, r.size))
    if simulation.null == "labels" and around is not None:
        every = around[known]
    elif simulation.null == "labels":
        every = _all_around(xy, w, np.arange(len(xy)), r)
    total = w.sum()

    def among(at: Ints) -> Floats:
        local = _all_around(xy[at], w[at], np.arange(at.size), r)
        around = every[at] if len(every) else _all_around(xy, w, at, r)
        return m_from_sums(local, around, w[at].sum() - w[at], total - w[at])

    observed = curve(among(own), r, names.M, missing=missing)
    reason = None if own.size > 1 else "undefined.one_point" if own.size else "undefined.no_points"
    area = as_window(window, "M") if simulation.null == "locations" else None

    def simulate(number: int) -> Floats:
        rng = simulation.generator(number)
        if area is None:
            return among(random_labels(np.arange(len(xy)), own.size, rng))
        moved = xy.copy()
        moved[own] = random_locations(area, own.size, rng)
        local = _all_around(moved[own], w[own], np.arange(own.size), r)
        around = _all_around(moved, w, own, r)
        return m_from_sums(local, around, w[own].sum() - w[own], total - w[own])

    return envelope(observed, _run(simulate, simulation, reason, r.size), simulation, reason)


def m_cross_envelope(
    points: Any,
    types: Any,
    radii: Any,
    *,
    source: Any,
    target: Any,
    weights: Any = None,
    simulation: Simulation = DEFAULT,
) -> Envelope:
    """Do firms of one sector attract or repel those of another? Cross M with bands.

    The null ``labels`` keeps the source sector and deals the target's label among all other firms.

    Parameters, Returns, Raises
    ---------------------------
    As :func:`m_envelope` and :func:`layout.measures.marcon_puech.m_cross`.
    """
    option("null", simulation.null, ("labels",))
    if source == target:
        mask = np.asarray(pd.Series(types) == source)
        return m_envelope(points, mask, radii, weights=weights, simulation=simulation)
    xy, from_, to, w, known = _two_sectors(points, types, source, target, weights)
    r = as_radii(radii)
    missing = _missing(from_ | to, known)
    xy, from_, to, w = xy[known], from_[known], to[known], w[known]
    places, targets, others = np.flatnonzero(from_), np.flatnonzero(to), np.flatnonzero(~from_)
    every = _all_around(xy, w, places, r)
    whole = w.sum() - w[places]

    def statistic(at: Ints) -> Floats:
        kept = np.concatenate([places, at])
        codes = (np.arange(kept.size) >= places.size).astype(np.int64)
        sums = neighbour_sums(xy[kept], codes, w[kept], np.arange(places.size), r, 2)
        share = np.full(places.size, w[at].sum())
        return m_from_sums(sums[:, :, 1], every, share, whole)

    observed = curve(statistic(targets), r, names.M, missing=missing)
    reason = None if places.size and targets.size else "undefined.no_points"

    def simulate(number: int) -> Floats:
        return statistic(random_labels(others, targets.size, simulation.generator(number)))

    return envelope(observed, _run(simulate, simulation, reason, r.size), simulation, reason)


def ripley_envelope(
    points: Any,
    mask: Any,
    radii: Any,
    *,
    window: Any,
    correction: Correction = "border",
    simulation: Simulation = DEFAULT,
) -> Envelope:
    """Ripley's K of a sector among those of firms taken by chance, or of random places.

    Parameters, Returns, Raises
    ---------------------------
    As :func:`kd_envelope` and :func:`layout.measures.ripley.ripley_k`.
    """
    xy, chosen, _, _ = _firms(points, mask, None, window, simulation)
    r, area = as_radii(radii), as_window(window, "Ripley K")
    size, candidates = int(chosen.sum()), np.arange(len(xy))

    def statistic(place: Floats) -> pd.Series:
        return ripley_k(place, None, r, window=area, correction=correction)

    observed = statistic(xy[chosen])
    reason = None if size > 1 else "undefined.one_point" if size else "undefined.no_points"

    def simulate(number: int) -> Floats:
        rng = simulation.generator(number)
        if simulation.null == "locations":
            return statistic(random_locations(area, size, rng)).to_numpy()
        return statistic(xy[random_labels(candidates, size, rng)]).to_numpy()

    return envelope(observed, _run(simulate, simulation, reason, r.size), simulation, reason)


def _firms(
    points: Any, mask: Any, weights: Any, window: Any, simulation: Simulation
) -> tuple[Floats, npt.NDArray[np.bool_], Floats, npt.NDArray[np.bool_]]:
    xy = as_points(points)
    chosen = as_mask(mask, len(xy))
    w, known = as_weights(weights, len(xy))
    if window is not None:
        require_inside(xy, as_window(window, "envelope"))
    elif simulation.null == "locations":
        raise MeasureError("error.window_needed", measure="locations")
    return xy, chosen, w, known


def _two_sectors(points: Any, types: Any, source: Any, target: Any, weights: Any) -> Any:
    xy = as_points(points)
    codes, labels = as_types(types, len(xy))
    w, known = as_weights(weights, len(xy))
    from_, to = (codes == position_of(labels, sector) for sector in (source, target))
    if source == target:
        option("target", target, ("≠ source",))
    return xy, from_, to, w, known


def _missing(chosen: npt.NDArray[np.bool_], known: npt.NDArray[np.bool_]) -> int:
    return int((chosen & ~known).sum())


def _kd_curve(xy: Floats, w: Floats, weighted: bool, radii: Floats) -> Floats:
    """Kd of points sorted by x, from binned or gridded distances."""
    total = kd_module.pair_total(w)
    if len(xy) < 2 or not total > 0:
        return np.full(radii.size, np.nan)
    if len(xy) > kd_module.BINNED_UP_TO:
        found = kd_module.grid_distances(xy, w, weighted, radii)
    else:
        found = kd_module.fine_enough(xy, w, weighted, radii)
    h = kd_module.silverman(found, 2 * radii[-1])
    return kd_module.density(found, radii, h) if h > 0 else np.full(radii.size, np.nan)


def _kd_reason(xy: Floats, w: Floats, observed: pd.Series) -> str | None:
    if len(xy) < 2:
        return "undefined.one_point" if len(xy) else "undefined.no_points"
    if not kd_module.pair_total(w) > 0:
        return "undefined.no_weight"
    return "undefined.one_place" if observed.isna().all() else None


def _all_around(xy: Floats, w: Floats, places: Ints, radii: Floats) -> Floats:
    """Weight of all points within each radius of some of them."""
    codes = np.zeros(len(xy), dtype=np.int64)
    return neighbour_sums(xy, codes, w, places, radii, 1)[:, :, 0]


def _run(
    simulate: Callable[[int], Floats], simulation: Simulation, reason: str | None, width: int
) -> Floats:
    """All simulated curves, ``(simulations, radii)``; none where there is nothing to test."""
    if reason is not None:
        return np.empty((0, width))
    threads = simulation.threads or min(8, os.cpu_count() or 1)
    with ThreadPoolExecutor(threads) as pool:
        return np.vstack(list(pool.map(simulate, range(simulation.simulations))))
