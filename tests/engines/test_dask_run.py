"""A run shared by several processes gives what one process gives, also where one is killed."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from layout.core import columns as c
from layout.core.errors import EngineError, InputFileError, LayoutError
from layout.demo.city import write_city
from layout.engines.dask import machines
from layout.pipeline.inputs import Inputs, TableInput, read_inputs
from layout.pipeline.run import run
from layout.pipeline.shared_run import Engine, even_cuts
from layout.readers.tables import open_table

FIRMS = 6_000


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    """A synthetic city whose firm table is a folder of Parquet files with codes that come again."""
    folder = tmp_path_factory.mktemp("city")
    write_city(folder, firms=FIRMS, seed=3)
    inputs = read_inputs(folder)
    text = pacsv.ConvertOptions(
        column_types=dict.fromkeys(_headers(inputs.firms.path), pa.string())
    )
    options = pacsv.ParseOptions(newlines_in_values=True, invalid_row_handler=lambda _: "skip")
    raw = inputs.firms.path.read_bytes().decode("utf-8", "replace").encode()
    table = pacsv.read_csv(pa.BufferReader(raw), parse_options=options, convert_options=text)
    table = pa.concat_tables([table, table.slice(100, 50)])  # doubles that lie in different parts
    target = folder / "table"
    target.mkdir()
    for number, begin in enumerate(range(0, table.num_rows, 2_500)):
        part = table.slice(begin, 2_500)
        pq.write_table(part, target / f"part-{number}.parquet", row_group_size=900)
    firms = TableInput(path=target, datum="wgs84")
    return inputs.model_copy(update={"firms": firms, "layers": {}})


def _headers(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig") as handle:
        return handle.readline().strip().split(",")


def test_a_folder_of_files_is_read_as_one_table(city: Inputs) -> None:
    table = open_table(city.firms.path)
    assert table.info.rows == sum(len(one.lines) for one in table.batches())
    parts = table.parts(1_000)
    assert sum(part.info.rows for part in parts) == table.info.rows
    lines = [line for part in parts for one in part.batches() for line in one.lines.to_pylist()]
    assert lines == list(range(1, table.info.rows + 1))


def test_files_of_a_folder_have_the_same_columns(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1], "b": [2]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"a": [1], "c": [2]}), tmp_path / "2.parquet")
    with pytest.raises(InputFileError, match="b, c"):
        open_table(tmp_path)


def test_a_killed_worker_costs_time_but_no_rows(
    city: Inputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = run(city, tmp_path / "alone")
    struck: list[int] = []

    def strike(stage: str, share: float | None) -> None:
        """Kill a worker as soon as it has written its first part."""
        if stage == "firms" and not struck:
            found = ready[0]._client.scheduler_info(n_workers=-1)["workers"].values()
            struck.append(next(iter(ready[0]._client.run(os.getpid).values())))
            assert len(found) == 2
            os.kill(struck[0], signal.SIGKILL)

    ready = []
    monkeypatch.setattr(
        "layout.pipeline.shared_run.machines", lambda *a, **k: _kept(ready, *a, **k)
    )
    engine = Engine(workers=2, part_rows=900, file_rows=1_500)
    shared = run(city, tmp_path / "shared", progress=strike, engine=engine)
    assert struck
    _same_studies(tmp_path / "alone", tmp_path / "shared")
    assert shared.totals == alone.totals
    assert shared.plan_counts == alone.plan_counts
    assert shared.manifest.counts == alone.manifest.counts
    cells = pd.read_parquet(tmp_path / "shared" / "results" / "cells.parquet")
    firms = ds.dataset(tmp_path / "alone" / "firms.parquet").to_table(columns=[c.LON])
    assert cells["firms"].sum() == len(firms) - firms[c.LON].null_count
    assert not (tmp_path / "shared" / "waiting").exists()
    with pytest.raises(EngineError, match="csv"):
        run(read_inputs(city.firms.path.parent), tmp_path / "csv", engine=Engine(workers=1))
    assert not (tmp_path / "csv").exists()


def _kept(ready: list, *given: object, **more: object):  # type: ignore[no-untyped-def,type-arg]
    import contextlib

    @contextlib.contextmanager
    def opened():  # type: ignore[no-untyped-def]
        with machines(*given, **more) as made:  # type: ignore[arg-type]
            ready[:] = [made]
            yield made

    return opened()


def _same_studies(alone: Path, shared: Path) -> None:
    """Every table and report is the same; the firms are, in the same order."""
    assert (alone / "rejects.csv").read_bytes() == (shared / "rejects.csv").read_bytes()
    assert json.loads((alone / "quality.json").read_text("utf-8")) == json.loads(
        (shared / "quality.json").read_text("utf-8")
    )
    for path in (alone / "results").iterdir():
        if path.suffix == ".csv":
            assert path.read_bytes() == (shared / "results" / path.name).read_bytes()
        else:
            one, other = pd.read_parquet(path), pd.read_parquet(shared / "results" / path.name)
            pd.testing.assert_frame_equal(one, other)
    assert len(list((shared / "firms.parquet").iterdir())) > 2
    one, other = (
        ds.dataset(folder / "firms.parquet", format="parquet").to_table()
        for folder in (alone, shared)
    )
    assert one.schema.equals(other.schema)
    for name in one.schema.names:
        assert one[name].to_pylist() == other[name].to_pylist(), name


def test_a_scheduler_that_is_not_there_is_named() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{held.getsockname()[1]}"
    with pytest.raises(EngineError, match=address), machines(address, wait_s=1.0):
        pass


def test_errors_travel_between_processes() -> None:
    import pickle

    error = InputFileError("error.damaged_file", path="firms.parquet")
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, LayoutError)
    assert str(again) == str(error)


def test_cuts_part_a_city_evenly() -> None:
    import numpy as np

    places = np.arange(1_000)
    assert even_cuts(places, 4_000, 1_000).tolist() == [250, 500, 750]
    assert even_cuts(places, 900, 1_000).size == 0
    assert even_cuts(np.full(1_000, 7), 4_000, 1_000).tolist() == [7]
