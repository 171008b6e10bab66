"""One process from its start to its end: interpreter, imports, compiled code from disk, and work.

Points from a Parquet file to the ids of their unit, cell and first park, into a Parquet file; and
the whole way from a CSV file to a study against the route with pandas and geopandas.
"""

from __future__ import annotations

import atexit
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

from benchmarks.case import Case

POINTS = 1_000_000
KINDS = ("district", "subdistrict", "park")


@lru_cache(maxsize=1)
def folder() -> Path:
    """The points and the zones as files."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from benchmarks.places import points

    target = Path(tempfile.mkdtemp(prefix="layout-bench-"))
    atexit.register(shutil.rmtree, target, ignore_errors=True)
    made = points(POINTS)
    pq.write_table(pa.table({"lon": made.lon, "lat": made.lat}), target / "points.parquet")
    for kind, zones in made.zones.items():
        zones.to_parquet(target / f"{kind}.parquet")
    return target


def in_process(side: str, given: Path) -> Path:
    """What one side writes in a process of its own."""
    out = given / f"{side}.parquet"
    command = [sys.executable, "-m", "benchmarks.whole_process", side, str(given), str(out)]
    subprocess.run(command, check=True)
    return out


def ours(given: Path) -> Path:
    return in_process("ours", given)


def theirs(given: Path) -> Path:
    return in_process("theirs", given)


def equal(one: Path, other: Path) -> bool:
    import pyarrow.parquet as pq

    mine, given = pq.read_table(one), pq.read_table(other)
    return all(mine[kind].to_pylist() == given[kind].to_pylist() for kind in KINDS)


def join(given: Path, out: Path) -> None:
    """Ours: one grid for the three layers, kept on disk."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq
    import shapely

    from layout.geometry.grid_join import GridIndex

    def read(name: str) -> pa.Table:
        # read_table would load the machinery for folders of files: 0.4 s
        return pq.ParquetFile(given / f"{name}.parquet").read()

    points = read("points")
    layers = [shapely.from_wkb(read(kind)["geometry"].to_numpy()) for kind in KINDS]
    index = GridIndex.build(np.concatenate(layers), cache=given / "grids")
    point, zone = index.all(points["lon"].to_numpy(), points["lat"].to_numpy())
    made, first = {}, 0
    for kind, layer in zip(KINDS, layers, strict=True):
        mine = (zone >= first) & (zone < first + len(layer))
        found = np.full(len(points), -1, np.int32)
        where, which = point[mine][::-1], zone[mine][::-1] - first
        found[where] = which  # the first of several is written last
        made[kind] = found
        first += len(layer)
    pq.write_table(pa.table(made), out, compression="zstd")


def geopandas_join(given: Path, out: Path) -> None:
    """The same with geopandas."""
    import geopandas as gpd
    import numpy as np
    import pandas as pd

    table = pd.read_parquet(given / "points.parquet")
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs=4326)
    made = {}
    for kind in KINDS:
        zones = gpd.read_parquet(given / f"{kind}.parquet")
        found = gpd.sjoin(points, zones[["geometry"]], predicate="within")["index_right"]
        column = np.full(len(points), -1, np.int32)
        firsts = found.groupby(level=0).min()
        column[firsts.index] = firsts
        made[kind] = column
    pd.DataFrame(made).to_parquet(out, compression="zstd")


CASES = (
    Case(f"{POINTS:,} points joined to three layers, one process", folder, ours, theirs,
         "geopandas, one process", equal, at_least_ratio=2.5),
)  # fmt: skip

if __name__ == "__main__":
    work = {"ours": join, "theirs": geopandas_join}[sys.argv[1]]
    work(Path(sys.argv[2]), Path(sys.argv[3]))
