"""Siting on rasters: suitability, distances, drawn weights, zonal figures.

Rasters are 9,000 × 5,000 cells (45 million) of float32 unless it is said otherwise. The peer of the
weighted sum is numpy in place on the same arrays, with one array of scratch room; the bar is 1.5
times its CPU. Files are DEFLATE GeoTIFFs in tiles of 512; the peer reads and writes the same blocks
with rasterio and computes nothing; the bar is 1.3 times that. Peak memory is at most 2.5 GB.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.case import Case
from layout.geometry.distance import distance_transform
from layout.measures.multicriteria import weight_draws
from layout.measures.suitability import Transform, order_weights, ordered_average, weighted_sum
from layout.measures.suitability_draws import best_share_probability

SEED = 20260301
ROWS, COLS, CRITERIA = 5_000, 9_000, 10
CELL_M = 20.0
TILE = 512
Values = npt.NDArray[np.float32]

WEIGHTS = np.arange(1.0, CRITERIA + 1) / np.arange(1.0, CRITERIA + 1).sum()


def ten_layers() -> list[Values]:
    rng = np.random.default_rng(SEED)
    return [rng.random((ROWS, COLS), dtype=np.float32) for _ in range(CRITERIA)]


def ours_sum(layers: list[Values]) -> Values:
    return weighted_sum(layers, WEIGHTS)


def numpy_in_place(layers: list[Values]) -> Values:
    total = layers[0] * np.float32(WEIGHTS[0])
    room = np.empty_like(total)
    for layer, weight in zip(layers[1:], WEIGHTS[1:], strict=True):
        np.multiply(layer, np.float32(weight), out=room)
        total += room
    return total


def ours_transformed(layers: list[Values]) -> Values:
    return weighted_sum(layers, WEIGHTS, transforms=[Transform("linear", 0.2, 0.9)] * CRITERIA)


def numpy_transformed(layers: list[Values]) -> Values:
    total = np.zeros_like(layers[0])
    room = np.empty_like(total)
    for layer, weight in zip(layers, WEIGHTS, strict=True):
        np.subtract(layer, np.float32(0.2), out=room)
        room *= np.float32(1 / 0.7)
        np.clip(room, 0, 1, out=room)
        room *= np.float32(weight)
        total += room
    return total


def close(ours: Values, peer: Values) -> bool:
    return bool(np.abs(ours - peer).max() < 1e-5)


def files() -> tuple[Path, list[Path]]:
    import rasterio

    folder = Path(tempfile.mkdtemp(prefix="siting-bench-"))
    rng = np.random.default_rng(SEED)
    paths = []
    for number in range(CRITERIA):
        paths.append(folder / f"{number}.tif")
        # whole hundredths, as distances in metres are whole: DEFLATE has something to do
        values = np.round(rng.random((ROWS, COLS), dtype=np.float32), 2)
        with rasterio.open(paths[-1], "w", **_profile()) as out:
            out.write(values, 1)
    return folder, paths


def _profile() -> dict[str, Any]:
    return {
        "driver": "GTiff", "width": COLS, "height": ROWS, "count": 1, "dtype": "float32",
        "crs": "EPSG:4547", "tiled": True, "blockxsize": TILE, "blockysize": TILE,
        "compress": "DEFLATE", "transform": (CELL_M, 0, 0, 0, -CELL_M, 0),
    }  # fmt: skip


def _strips(given: tuple[Path, list[Path]], name: str, work: Any) -> Values:
    """Read a strip of every layer, work on it, write it; returns what was written."""
    import rasterio
    from rasterio.windows import Window

    folder, paths = given
    sources = [rasterio.open(path) for path in paths]
    with rasterio.open(folder / name, "w", **_profile()) as out:
        for row in range(0, ROWS, TILE):
            window = Window(0, row, COLS, min(TILE, ROWS - row))
            strips = [source.read(1, window=window) for source in sources]
            out.write(work(strips), 1, window=window)
    for source in sources:
        source.close()
    with rasterio.open(folder / name) as done:
        made: Values = done.read(1, window=Window(0, 0, COLS, TILE))
    return made


def ours_files(given: tuple[Path, list[Path]]) -> Values:
    return _strips(given, "ours.tif", ours_sum)


def rasterio_alone(given: tuple[Path, list[Path]]) -> Values:
    """Reads the same blocks and writes a sum made before, so that DEFLATE has the same to do."""
    ready = given[0] / "ours.tif"
    if not ready.exists():
        ours_files(given)
    import rasterio
    from rasterio.windows import Window

    with rasterio.open(ready) as done:
        whole = done.read(1)
    row = iter(range(0, ROWS, TILE))

    def same_bytes(strips: list[Values]) -> Values:
        at = next(row)
        part: Values = whole[at : at + len(strips[0])]
        return part

    del Window
    return _strips(given, "peer.tif", same_bytes)


def sources() -> npt.NDArray[np.bool_]:
    rng = np.random.default_rng(SEED)
    marked = np.zeros((ROWS, COLS), dtype=bool)
    marked[rng.integers(0, ROWS, 4_000), rng.integers(0, COLS, 4_000)] = True
    return marked


def ours_distance(marked: npt.NDArray[np.bool_]) -> Values:
    return distance_transform(marked, CELL_M)


def scipy_distance(marked: npt.NDArray[np.bool_]) -> Any:
    from scipy import ndimage

    return ndimage.distance_transform_edt(~marked, sampling=CELL_M)


def same_distance(ours: Values, peer: Any) -> bool:
    return bool(np.array_equal(ours, peer.astype(np.float32)))


def five_million() -> tuple[Values, npt.NDArray[np.float64]]:
    import pandas as pd

    rng = np.random.default_rng(SEED)
    scores = rng.random((CRITERIA, 5_000_000), dtype=np.float32)
    drawn = weight_draws(list(WEIGHTS), draws=200, concentration=50, seed=1,
                         columns=pd.RangeIndex(CRITERIA))  # fmt: skip
    return scores, drawn


def ours_draws(given: tuple[Values, npt.NDArray[np.float64]]) -> Values:
    return best_share_probability(*given, share=0.05)


def numpy_draws(given: tuple[Values, npt.NDArray[np.float64]]) -> Values:
    """Each draw summed and cut with numpy.partition, counted in whole numbers."""
    scores, drawn = given
    counts = np.zeros(scores.shape[1], np.uint16)
    wanted = scores.shape[1] - int(0.05 * scores.shape[1])
    for row in drawn.astype(np.float32):
        total = row @ scores
        counts += total >= np.partition(total, wanted)[wanted]
    return counts.astype(np.float32) / np.float32(len(drawn))


def same_draws(ours: Values, peer: Values) -> bool:
    """Sums in single precision differ in their last bit, which can move a cell at the threshold."""
    return bool((np.abs(ours - peer) <= 0.011).all() and (ours != peer).mean() < 0.01)


def ours_ordered(layers: list[Values]) -> Values:
    return ordered_average(layers, WEIGHTS, order_weights(CRITERIA, 0.3))


def parcels() -> tuple[Any, Any]:
    import geopandas as gpd
    import shapely

    from layout.core.raster import Grid, Raster

    rng = np.random.default_rng(SEED)
    grid = Grid("EPSG:4547", 0.0, ROWS * CELL_M, CELL_M, ROWS, COLS)
    x, y = rng.random(500) * (COLS * CELL_M - 2_000), rng.random(500) * (ROWS * CELL_M - 1_400)
    shapes = gpd.GeoSeries(shapely.box(x, y, x + 2_000, y + 1_333), crs="EPSG:4547")
    return shapes, Raster(rng.random((ROWS, COLS), dtype=np.float32), grid)


def ours_zonal(given: tuple[Any, Any]) -> Any:
    from layout.geometry.zonal import zonal_figures

    return zonal_figures(*given, ["mean", "count"])


CASES = (
    Case("weighted sum, 10 criteria × 45 million cells, in memory", ten_layers, ours_sum,
         numpy_in_place, "numpy in place", close, at_most_times=1.5, at_most_mb=2_500),
    Case("the same with linear scores", ten_layers, ours_transformed, numpy_transformed,
         "numpy in place", close, at_most_times=1.5, at_most_mb=2_500),
    Case("the same from and to DEFLATE files, by strips", files, ours_files, rasterio_alone,
         "rasterio, reading and writing alone", close, at_most_times=1.3, at_most_mb=2_500,
         repeats=1),
    Case("exact distances, 45 million cells, 4,000 sources", sources, ours_distance,
         scipy_distance, "scipy.ndimage", same_distance, repeats=1),
    Case("200 drawn weights, 10 criteria × 5 million cells", five_million, ours_draws,
         numpy_draws, "numpy.partition", same_draws, at_most_s=10.0, repeats=1),
    Case("ordered weighted average, 10 criteria × 45 million cells", ten_layers, ours_ordered,
         repeats=1),
    Case("zonal means of 500 parcels, 45 million cells", parcels, ours_zonal, repeats=1),
)  # fmt: skip
