"""The ten indicators of the paths by district, for the firms as they are and for resampled ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from layout.analyses.paths.cells import HOSTS, Cells, Floats, grouped_sums
from layout.core import facts
from layout.core.study import Study
from layout.measures.opportunity import shrunken_quotients
from layout.measures.path_scores import prior_weighted
from layout.measures.tables import ratio

CARRIER_TYPES: Final = ("实验室", "研究院", "创新中心", "攻关基地", "资源条件平台")
HOST_CAP: Final = 3.0
PRIOR_IDS: Final = ("FR1", "FU1", "EM1")
"""The prior-weighted quotient of each path, in the order of ``PATHS``."""


@dataclass(frozen=True)
class Sample:
    """What firms tell, for each draw; the first is the firms as they are.

    Attributes
    ----------
    quotients
        Shrunken location quotients, (draws, districts, sectors).
    sectors
        Firms by sector under the counting mode, (draws, districts, sectors).
    tagged, firms
        Firms with a sector, and all, (draws, districts).
    plain
        Indicators that need no prior, (draws, districts, indicators), NaN where unknown.
    """

    quotients: Floats
    sectors: Floats
    tagged: Floats
    firms: Floats
    plain: dict[str, Floats]


@dataclass(frozen=True)
class Given:
    """What does not come from the firm table: by district; ``pilots`` lists them in words."""

    carriers: Floats
    pilots: Floats
    pilot_names: dict[str, tuple[str, ...]]
    unplaced_carriers: int


def given_facts(study: Study, districts: tuple[str, ...]) -> Given:
    """Carriers and the plan's named pilots by district."""
    carriers, unplaced = _carriers(study, districts)
    pilots = plan_pilots(study, districts)
    return Given(
        carriers=carriers,
        pilots=np.array([float(len(pilots[name])) for name in districts]),
        pilot_names=pilots,
        unplaced_carriers=unplaced,
    )


def plan_pilots(study: Study, districts: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Pilots and projects that the plan places in a district, by district id (Chinese words)."""
    city = study.manifest.city
    names = facts.city_table(city, "districts").set_index("name_zh")["id"]
    found: dict[str, list[str]] = {name: [] for name in districts}
    for words in facts.reference("sectors")["district_pilot"]:
        place, _, what = words.partition("：")
        if names.get(place) in found:
            found[names[place]].append(what)
    parks = facts.city_table(city, "parks")
    for place, what in parks.loc[parks["in_plan"] != "", ["district_id", "name_zh"]].to_numpy():
        if place in found:
            found[place].append(what)
    return {name: tuple(words) for name, words in found.items()}


def _carriers(study: Study, districts: tuple[str, ...]) -> tuple[Floats, int]:
    """Carriers by district; one that an overlay holds counts in the district it lies in."""
    if "carriers" not in study.layers:
        return np.full(len(districts), np.nan), 0
    frame = study.layers["carriers"]
    frame = frame[frame["type"].isin(CARRIER_TYPES)]
    zones = study.zones["district"].set_index("id").geometry
    counted = dict.fromkeys(districts, 0.0)
    unplaced = 0
    for place, point in zip(frame["district_id"], frame.geometry, strict=True):
        if place in counted:
            counted[place] += 1
            continue
        inside = [i for i in districts if point is not None and zones[i].covers(point)]
        unplaced += not inside
        if inside:
            counted[inside[0]] += 1
    return np.array(list(counted.values())), unplaced


def sample_districts(cells: Cells, counts: Floats, carriers: Floats) -> Sample:
    """What the firms of each draw tell of the districts."""
    size, sectors = len(cells.districts), cells.shares.shape[1]
    tagged = np.asarray(cells.whole.any(axis=1))
    host = np.equal.outer(cells.host, np.arange(len(HOSTS)))
    values = np.hstack(
        [
            cells.shares, host, host * cells.staff[:, None],
            np.stack(
                [
                    tagged, np.ones(len(tagged)), cells.research, tagged & (cells.age == 2),
                    tagged & (cells.age > 0), cells.platform, cells.staff,
                ], axis=1,
            ),
        ]
    ).astype("float64")  # fmt: skip
    total = grouped_sums(counts, values, cells.district, size)
    by_sector, host_firms, host_staff, rest = np.split(
        total, np.cumsum([sectors, len(HOSTS), len(HOSTS)]), axis=-1
    )
    n_tagged, n, research, young, dated, platforms, staff = np.moveaxis(rest, -1, 0)
    # Fractional counts have no exact rate: the quotient shrinks by whole firms all the same.
    return Sample(
        quotients=shrunken_quotients(by_sector, n),
        sectors=by_sector,
        tagged=n_tagged,
        firms=n,
        plain={
            "FR2": _carrier_rate(carriers, n_tagged),
            "FR3": ratio(research, n),
            "FU2": _host_base(host_firms, host_staff, n, staff),
            "FU3": np.log1p(platforms),
            "EM2": ratio(young, dated),
        },
    )


def _carrier_rate(carriers: Floats, tagged: Floats) -> Floats:
    """Carriers per 1,000 tagged firms, drawn towards the city's rate where firms are few.

    One institute beside fifty firms is no centre of research: the same shrinkage as of quotients.
    """
    if not np.isfinite(carriers).all():
        return np.full(tagged.shape, np.nan)
    counts = np.broadcast_to(carriers, tagged.shape)[..., None]
    city = ratio(carriers.sum(), tagged.sum(axis=-1, keepdims=True))
    rate = shrunken_quotients(counts, tagged)[..., 0] * city * 1000.0
    return np.where(carriers.sum() > 0, rate, np.where(tagged > 0, 0.0, np.nan))


def _host_base(firms: Floats, staff: Floats, all_firms: Floats, all_staff: Floats) -> Floats:
    """Largest quotient of the four host industries, by employees where any are known."""
    by_staff = all_staff.sum(axis=-1, keepdims=True) > 0
    amount = np.where(by_staff[..., None], staff, firms)
    whole = np.where(by_staff, all_staff, all_firms)
    share = ratio(amount, whole[..., None])
    city = ratio(amount.sum(axis=-2, keepdims=True), whole.sum(axis=-1)[..., None, None])
    quotient = ratio(share, city)
    known = np.isfinite(quotient)
    largest = np.where(known, quotient, -np.inf).max(axis=-1)
    return np.where(known.any(axis=-1), np.minimum(largest, HOST_CAP), np.nan)


def indicator_values(
    sample: Sample, given: Given, priors: Floats, indicators: tuple[str, ...]
) -> Floats:
    """(draws, districts, indicators); what no source tells is NaN.

    Parameters
    ----------
    sample, given
        What firms and other sources tell.
    priors
        (sectors, paths), or one table a draw.
    indicators
        Ids in the order of the columns.
    """
    weighted = prior_weighted(sample.quotients, priors)
    shape = weighted.shape[:2]
    columns: dict[str, Floats] = {
        **{name: weighted[..., place] for place, name in enumerate(PRIOR_IDS)},
        **sample.plain,
        "EM3": np.broadcast_to(given.pilots, shape),
    }
    unknown: npt.NDArray[np.float64] = np.full(shape, np.nan)
    return np.stack([columns.get(name, unknown) for name in indicators], axis=-1)
