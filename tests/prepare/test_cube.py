"""A cube equals counting firm by firm, whatever the batches."""

from __future__ import annotations

import datetime
import pickle

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from layout.core import facts
from layout.core.columns import (
    EMPLOYEES,
    ESTABLISHED,
    REVENUE,
    SCOPE,
    SECTORS,
    SHARES,
    STATUS,
)
from layout.prepare import joint_counts
from layout.prepare.cube import Cube, CubeSet, ZoneCodes
from layout.prepare.dimensions import DIMENSIONS, MEASURES, SCOPES, STATUSES

YEARS = (2019, 2020)
ZONES = ZoneCodes(("A", "B", "C"))
KINDS = {"district": ZONES, "park": ZoneCodes(("P", "Q")), "overlay": ZoneCodes(("R",))}


def random_firms(n: int, seed: int) -> tuple[pa.RecordBatch, np.ndarray]:
    rng = np.random.default_rng(seed)
    ids = facts.sector_ids()
    sectors: list[list[str | None]] = []
    shares: list[list[int | None]] = []
    for _ in range(n):
        k = int(rng.integers(0, 4))
        names = [ids[i] for i in rng.choice(12, k, replace=False)]
        cuts = {0: [], 1: [1000], 2: [600, 400], 3: [334, 333, 333]}[k]
        sectors.append([*names, *[None] * (3 - k)])
        shares.append([*cuts, *[None] * (3 - k)])
    date = [
        None if rng.random() < 0.1 else datetime.date(int(rng.integers(2015, 2023)), 12, 31)
        for _ in range(n)
    ]
    columns: dict[str, pa.Array] = {
        name: pa.array([row[i] for row in sectors]).cast(pa.string()).dictionary_encode()
        for i, name in enumerate(SECTORS)
    }
    columns |= {
        name: pa.array([row[i] for row in shares], pa.int16()) for i, name in enumerate(SHARES)
    }
    columns[SCOPE] = pa.array(rng.choice(SCOPES, n)).dictionary_encode()
    columns[STATUS] = pa.array(rng.choice([*STATUSES, "strange"], n)).dictionary_encode()
    columns[ESTABLISHED] = pa.array(date, pa.date32())
    for year in YEARS:
        money = rng.choice([0, 20_000_000, 20_000_001, 5_000_000_000, 5_000_000_001], n)
        columns[REVENUE.of(year)] = pa.array(money, mask=rng.random(n) < 0.2)
        columns[EMPLOYEES.of(year)] = pa.array(rng.integers(0, 9, n), mask=rng.random(n) < 0.2)
    return pa.RecordBatch.from_pydict(columns), rng.integers(0, 6, n).astype("int32")


def brute_force(firms: pa.RecordBatch, zone: np.ndarray) -> pd.DataFrame:
    counts: dict[tuple, np.ndarray] = {}
    for row, place in zip(firms.to_pylist(), zone, strict=True):
        for year in (0, *YEARS):
            figures = year or YEARS[-1]
            if year and row[ESTABLISHED] and row[ESTABLISHED].year > year:
                continue
            money, people = row[REVENUE.of(figures)], row[EMPLOYEES.of(figures)]
            bounds = [(5e9, "leading"), (1e9, "key"), (1e8, "growing"), (2e7, "scale")]
            tier = "unknown" if money is None else "small"
            for above, name in bounds if money is not None else []:
                if money > above:
                    tier = name
                    break
            tags = [(row[s], row[w]) for s, w in zip(SECTORS, SHARES, strict=True) if row[s]]
            for k, (sector, share) in enumerate(tags or [("untagged", 1000)]):
                status = row[STATUS] if row[STATUS] in STATUSES else "unknown"
                key = (ZONES.labels[place], sector, row[SCOPE], tier, status, year)
                cell = counts.setdefault(key, np.zeros(11, dtype="int64"))
                first = k == 0
                for base, amount in ((0, 1), (3, money), (6, people)):
                    if amount is not None:
                        cell[base : base + 3] += [amount * first, amount * share, amount]
                cell[9:11] += [money is not None, people is not None]
    frame = pd.DataFrame(list(counts), columns=list(DIMENSIONS))
    return frame.join(pd.DataFrame(list(counts.values()), columns=list(MEASURES)))


def ordered(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(list(DIMENSIONS)).reset_index(drop=True)


def test_cube_equals_counting_firm_by_firm() -> None:
    firms, zone = random_firms(600, seed=1)
    cube = Cube(ZONES, YEARS)
    cube.add(firms, zone)
    got, expected = ordered(cube.frame()), ordered(brute_force(firms, zone))
    pd.testing.assert_frame_equal(got, expected, check_dtype=False)


@pytest.mark.parametrize("cuts", [(1,), (100, 101, 550)])
def test_batches_and_merging_change_nothing(cuts: tuple[int, ...]) -> None:
    firms, zone = random_firms(600, seed=2)
    whole = Cube(ZONES, YEARS)
    whole.add(firms, zone)
    parts = [Cube(ZONES, YEARS), Cube(ZONES, YEARS)]
    for i, (start, stop) in enumerate(zip((0, *cuts), (*cuts, 600), strict=True)):
        parts[i % 2].add(firms.slice(start, stop - start), zone[start:stop])
    parts[0].merge(parts[1])
    pd.testing.assert_frame_equal(ordered(whole.frame()), ordered(parts[0].frame()))


def test_shuffling_firms_changes_nothing() -> None:
    firms, zone = random_firms(400, seed=3)
    order = np.random.default_rng(0).permutation(400)
    one, two = Cube(ZONES, YEARS), Cube(ZONES, YEARS)
    one.add(firms, zone)
    two.add(firms.take(pa.array(order)), zone[order])
    pd.testing.assert_frame_equal(ordered(one.frame()), ordered(two.frame()))


def test_cubes_of_other_zones_are_not_merged() -> None:
    with pytest.raises(ValueError, match="same zones"):
        Cube(ZONES, YEARS).merge(Cube(ZoneCodes(("A",)), YEARS))


def test_zone_codes_say_why_a_firm_has_no_zone() -> None:
    zone = pa.array(["B", None, None, None, "A"]).dictionary_encode()
    location = pa.array(["inside", "outside", "no_coordinates", "inside", "snapped"])
    codes = ZONES.encode(zone, location.dictionary_encode())
    assert [ZONES.labels[c] for c in codes] == ["B", "outside", "no_coordinates", "none", "A"]


def random_zones(n: int, seed: int) -> tuple[dict[str, pa.DictionaryArray], pa.DictionaryArray]:
    """Ids by kind and the location; a few ids are of no zone that is counted."""
    rng = np.random.default_rng(seed)
    zones = {
        kind: pa.array(rng.choice([*codes.ids, "strange"], n), mask=rng.random(n) < 0.4)
        for kind, codes in KINDS.items()
    }
    words = ["inside", "snapped", "outside", "no_coordinates"]
    location = pa.array(rng.choice(words, n), mask=rng.random(n) < 0.1)
    return {k: one.dictionary_encode() for k, one in zones.items()}, location.dictionary_encode()


def grouped(firms: pa.RecordBatch, kind: str, zones: dict, location: pa.Array) -> pd.DataFrame:
    """The cube of a kind by ``groupby``."""
    rows = firms.to_pandas()
    for name in (STATUS, SCOPE, *SECTORS):
        rows[name] = rows[name].astype(object)
    why = location.to_pandas().astype(object).fillna("no_coordinates")
    why = why.where(why.isin(["outside", "no_coordinates"]), "none")
    zone = zones[kind].to_pandas().astype(object)
    rows["zone_id"] = zone.where(zone.isin(KINDS[kind].ids), why)
    rows["status"] = rows[STATUS].where(rows[STATUS].isin(STATUSES), "unknown")
    tags = [rows.assign(sector=rows[SECTORS[0]].fillna("untagged"), first=1)]
    tags[0]["share"] = rows[SHARES[0]].fillna(1000)
    for sector, share in zip(SECTORS[1:], SHARES[1:], strict=True):
        more = rows.assign(sector=rows[sector], first=0, share=rows[share])
        tags.append(more[more["sector"].notna()])
    parts = [_of_year(pd.concat(tags, ignore_index=True), year) for year in (0, *YEARS)]
    return pd.concat(parts).groupby(list(DIMENSIONS), as_index=False)[list(MEASURES)].sum()


def _of_year(tags: pd.DataFrame, year: int) -> pd.DataFrame:
    founded = pd.to_datetime(tags[ESTABLISHED]).dt.year
    tags = tags[(year == 0) | ~(founded > year)].assign(year=year)
    money, people = (tags[one.of(year or YEARS[-1])] for one in (REVENUE, EMPLOYEES))
    bounds = [-np.inf, 2e7, 1e8, 1e9, 5e9, np.inf]
    tier = pd.cut(money, bounds, labels=["small", "scale", "growing", "key", "leading"])
    tags["tier"] = tier.astype(object).fillna("unknown")
    for names, amount in (
        (MEASURES[0:3], pd.Series(1, tags.index)),
        (MEASURES[3:6], money.fillna(0)),
        (MEASURES[6:9], people.fillna(0)),
    ):
        for name, weight in zip(names, (tags["first"], tags["share"], 1), strict=True):
            tags[name] = (amount * weight).astype("int64")
    return tags.assign(
        revenue_known=money.notna().astype("int64"), employees_known=people.notna().astype("int64")
    )


def _counted(firms: pa.RecordBatch, zones: dict, location: pa.Array, cuts: list[int]) -> CubeSet:
    cubes = CubeSet(KINDS, YEARS)
    for start, stop in zip([0, *cuts], [*cuts, len(firms)], strict=True):
        part = slice(start, stop)
        cubes.add(firms[part], {k: one[part] for k, one in zones.items()}, location[part])
    return cubes


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("most_cells", [1, 1 << 20])
def test_cubes_filled_together_equal_a_groupby(
    seed: int, most_cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joint_counts, "_MOST_CELLS", most_cells)
    firms, _ = random_firms(900, seed=seed)
    zones, location = random_zones(900, seed=seed)
    frames = _counted(firms, zones, location, cuts=[0, 5, 333, 334]).frames()
    assert list(frames) == list(KINDS)
    for kind, frame in frames.items():
        expected = grouped(firms, kind, zones, location)
        pd.testing.assert_frame_equal(ordered(frame), ordered(expected), check_dtype=False)


def test_cubes_are_merged_in_any_order_and_leave_the_other_alone() -> None:
    firms, _ = random_firms(600, seed=8)
    zones, location = random_zones(600, seed=8)
    whole = _counted(firms, zones, location, cuts=[]).frames()
    for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0)):
        parts = []
        for start, stop in ((0, 100), (100, 350), (350, 600)):
            part = slice(start, stop)
            some = {k: one[part] for k, one in zones.items()}
            parts.append(_counted(firms[part], some, location[part], cuts=[]))
        first = pickle.loads(pickle.dumps(parts[order[0]]))
        for number in order[1:]:
            first.merge(parts[number])
            first.merge(CubeSet(KINDS, YEARS))
        again = _counted(
            firms[100:350], {k: v[100:350] for k, v in zones.items()}, location[100:350], cuts=[]
        )
        for kind, frame in first.frames().items():
            pd.testing.assert_frame_equal(frame, whole[kind])
            pd.testing.assert_frame_equal(parts[1].frames()[kind], again.frames()[kind])


def test_a_batch_without_firms_changes_nothing() -> None:
    firms, _ = random_firms(30, seed=9)
    zones, location = random_zones(30, seed=9)
    none = _counted(firms[:0], {k: one[:0] for k, one in zones.items()}, location[:0], cuts=[])
    assert all(frame.empty for frame in none.frames().values())
