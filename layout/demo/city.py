"""Writing the demonstration city: zones, firms and truth, block by block."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from layout.core.errors import ParameterError
from layout.core.files import replacing
from layout.core.texts import Lang, text
from layout.demo.chances import Ints
from layout.demo.faults import KINDS, FaultPlan, plan_faults
from layout.demo.firms import City, draw_firms, draw_ranks
from layout.demo.layers import demo_layers, layer_file, write_demo_layer
from layout.demo.mix import Mix, build_buildings, build_mix
from layout.demo.notes import inputs_text, readme_text
from layout.demo.plan import CityPlan, build_plan
from layout.demo.planting import plant
from layout.demo.table import HEADERS, csv_lines, header_line, write_columns
from layout.demo.terrain import Cells, build_cells
from layout.demo.truth import (
    CLUSTER_HEADERS,
    FAULT_HEADERS,
    FIRM_HEADERS,
    cluster_truth,
    fault_truth,
    firm_truth,
)
from layout.demo.zones import read_city_zones, zone_text

LEAST_FIRMS: Final = 500
MOST_FIRMS: Final = 100_000_000
DEFAULT_CITY: Final = "shenzhen"
WORKERS: Final = 2
"""Blocks made at a time."""


@dataclass(frozen=True)
class Summary:
    """What was written.

    Attributes
    ----------
    folder
        Where.
    city, firms, seed
        As asked for.
    tagged
        Firms that truly belong to a sector.
    clusters
        Planted clusters.
    faults
        Planted faults by code.
    """

    folder: Path
    city: str
    firms: int
    seed: int
    tagged: int
    clusters: int
    faults: dict[str, int]

    def as_json(self) -> str:
        """For machines."""
        return json.dumps({**asdict(self), "folder": str(self.folder), "synthetic": True})

    def in_words(self, lang: Lang = "en") -> str:
        """For people: a line a figure."""
        figures = {
            "demo.firms": self.firms,
            "demo.tagged": self.tagged,
            "demo.clusters": self.clusters,
            "demo.faults": sum(self.faults.values()),
        }
        lines = [f"{number:>12,}  {text(key, lang)}" for key, number in figures.items()]
        return "\n".join([*lines, text("demo.written", lang, path=self.folder)])


def write_city(
    out: Path,
    *,
    firms: int = 20_000,
    seed: int = 1,
    city: str = DEFAULT_CITY,
    workers: int = WORKERS,
    progress: Callable[[int], None] | None = None,
) -> Summary:
    """Write the input files of a synthetic city into a folder.

    The same bytes come out for the same ``firms`` and ``seed``. All files take their place
    together at the end.

    Parameters
    ----------
    out
        The folder; files of an earlier city are replaced, others are left alone.
    firms
        Rows of the firm table, from 500.
    seed
        Any whole number from 0.
    city
        Slug of the city.
    workers
        Blocks made at a time; no effect on what is written.
    progress
        Is told how many firms were written since it was told last.

    Raises
    ------
    ParameterError
        ``firms`` or ``seed`` is out of bounds.
    OutputError
        The folder cannot be written.
    """
    _require_bounds(firms, seed)
    made = build_city(city, firms=firms, seed=seed)
    faults = plan_faults(made.plan, firms=firms, seed=seed)
    layers = demo_layers(made.plan, seed)
    with contextlib.ExitStack() as stack:

        def target(name: str) -> Path:
            return stack.enter_context(replacing(out / name))

        for name, frame in read_city_zones(city).layers().items():
            target(f"{name}.geojson").write_text(zone_text(name, frame), encoding="utf-8")
        target("README.txt").write_text(readme_text(made, faults), encoding="utf-8")
        files = {name: layer_file(name) for name in layers}
        for name, layer in layers.items():
            write_demo_layer(target(files[name]), name, layer)
        target("inputs.yaml").write_text(inputs_text(city, seed, files), encoding="utf-8")
        tagged, members = _write_firms(made, faults, target, workers=workers, progress=progress)
        target("truth/clusters.csv").write_text(_clusters_text(made, members), encoding="utf-8")
    counts = np.bincount(faults.kinds, minlength=len(KINDS))
    return Summary(
        folder=out,
        city=city,
        firms=firms,
        seed=seed,
        tagged=tagged,
        clusters=len(members),
        faults=dict(zip(KINDS, counts.tolist(), strict=True)),
    )


def build_city(city: str, *, firms: int, seed: int) -> City:
    """Everything that blocks of firms are drawn from."""
    plan, cells, mix = _ground(city)
    return City(
        firms=firms,
        seed=seed,
        plan=plan,
        cells=cells,
        mix=mix,
        buildings=build_buildings(cells, mix, firms=firms, seed=seed),
        ranks=draw_ranks(firms, seed),
    )


@lru_cache(maxsize=2)
def _ground(city: str) -> tuple[CityPlan, Cells, Mix]:
    """What does not depend on size and seed; made once a process."""
    plan = build_plan(city, read_city_zones(city))
    cells = build_cells(plan)
    return plan, cells, build_mix(plan, cells)


def _require_bounds(firms: int, seed: int) -> None:
    if not LEAST_FIRMS <= firms <= MOST_FIRMS:
        raise ParameterError(
            "error.demo_firms", found=firms, least=f"{LEAST_FIRMS:,}", most=f"{MOST_FIRMS:,}"
        )
    if seed < 0:
        raise ParameterError("error.demo_seed", found=seed)


@dataclass(frozen=True)
class _Block:
    """A block ready to be written."""

    size: int
    tagged: int
    members: Ints
    firms: memoryview
    truth: memoryview
    faults: memoryview


def _make_block(city: City, faults: FaultPlan, block: int) -> _Block:
    firms = draw_firms(city, block)
    found, planted = plant(city, faults, firms, write_columns(city, firms, block), block)
    cluster = city.cells.cluster[firms.cell]
    return _Block(
        size=len(firms),
        tagged=int((firms.sectors[:, 0] >= 0).sum()),
        members=np.bincount(cluster[cluster >= 0], minlength=len(city.plan.clusters.ids)),
        firms=csv_lines(list(found.values())),
        truth=csv_lines(firm_truth(city, firms, found)),
        faults=csv_lines(fault_truth(planted)),
    )


def _blocks(city: City, faults: FaultPlan, workers: int) -> Iterator[_Block]:
    """Blocks in their order, ``workers`` made at a time and no more held than that and one."""
    with ThreadPoolExecutor(max_workers=workers) as pool:
        waiting: deque[Any] = deque()
        for block in range(city.blocks):
            waiting.append(pool.submit(_make_block, city, faults, block))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _write_firms(
    city: City,
    faults: FaultPlan,
    target: Callable[[str], Path],
    *,
    workers: int,
    progress: Callable[[int], None] | None,
) -> tuple[int, Ints]:
    """The firm table and the truth about firms and faults; tagged firms, members of clusters."""
    tagged = 0
    members = np.zeros(len(city.plan.clusters.ids), dtype=np.int64)
    with contextlib.ExitStack() as stack:

        def opened(name: str, headers: list[str]) -> IO[bytes]:
            handle = stack.enter_context(target(name).open("wb"))
            handle.write(header_line(headers))
            return handle

        firm_file = opened("firms.csv", list(HEADERS.values()))
        truth_file = opened("truth/firms.csv", list(FIRM_HEADERS))
        fault_file = opened("truth/faults.csv", list(FAULT_HEADERS))
        for block in _blocks(city, faults, workers):
            firm_file.write(block.firms)
            truth_file.write(block.truth)
            fault_file.write(block.faults)
            tagged += block.tagged
            members += block.members
            if progress:
                progress(block.size)
    return tagged, members


def _clusters_text(city: City, members: Ints) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CLUSTER_HEADERS)
    writer.writerows(cluster_truth(city, members))
    return text.getvalue()
