"""Rasters on disk: windows, warps, and files that are no rasters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio

from layout.core.errors import InputFileError
from layout.core.raster import Grid, Raster
from layout.core.result import Bilingual, Provenance
from layout.exports.rasters import write_cog
from layout.readers.rasters import grid_in, open_raster, read_on

GRID = Grid("EPSG:4547", 500_000.0, 2_500_000.0, 50.0, 40, 60)
ORIGIN = Provenance((), {}, 1, "0", "2026-11-28", True, Bilingual("方法", "method"))


def made(dtype: str = "float32") -> Raster:
    values = np.arange(GRID.rows * GRID.cols, dtype=dtype).reshape(GRID.shape)
    if dtype == "float32":
        values[:5] = np.nan
    return Raster(values, GRID, None, "m")


def test_a_cog_comes_back_as_it_was(tmp_path: Path) -> None:
    cells = write_cog(tmp_path / "a.tif", made(), ORIGIN, name="高程")
    assert cells == 35 * 60
    source = open_raster(tmp_path / "a.tif")
    assert source.grid == GRID
    assert source.unit == "m"
    np.testing.assert_array_equal(source.read().values, made().values)
    part = source.read((6, 8, 10, 13))
    np.testing.assert_array_equal(part.values, made().values[6:8, 10:13])
    assert part.grid == GRID.window(6, 8, 10, 13)


def test_a_cog_says_where_it_comes_from(tmp_path: Path) -> None:
    write_cog(tmp_path / "a.tif", made(), ORIGIN, notes=[Bilingual("口径甲", "note A")])
    with rasterio.open(tmp_path / "a.tif") as source:
        tags = source.tags()
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    assert "口径甲" in tags["provenance"]
    assert '"synthetic": true' in tags["provenance"]


def test_flags_are_stored_as_numbers(tmp_path: Path) -> None:
    flags = Raster(np.eye(40, 60, dtype=bool), GRID)
    write_cog(tmp_path / "b.tif", flags, ORIGIN)
    assert open_raster(tmp_path / "b.tif").read().values.sum() == 40


def test_a_raster_in_degrees_is_brought_onto_the_grid(tmp_path: Path) -> None:
    path = tmp_path / "c.tif"
    with rasterio.open(
        path, "w", driver="GTiff", dtype="float32", count=1, height=20, width=20,
        crs="EPSG:4326", transform=rasterio.Affine(0.01, 0, 113.9, 0, -0.01, 22.7),
    ) as out:  # fmt: skip
        out.write(np.full((20, 20), 7.0, dtype="float32"), 1)
    with pytest.raises(InputFileError, match="metres"):
        open_raster(path)
    grid = grid_in(path, "EPSG:4547", cell_m=500.0)
    found = read_on(path, grid)
    inner = found.values[3:-3, 3:-3]
    assert np.nanmin(inner) == pytest.approx(7.0)
    assert np.nanmax(inner) == pytest.approx(7.0)


def test_what_is_no_raster_is_told(tmp_path: Path) -> None:
    (tmp_path / "d.tif").write_text("no raster")
    with pytest.raises(InputFileError, match="no raster that can be read"):
        open_raster(tmp_path / "d.tif")
    with pytest.raises(InputFileError, match="no raster “"):
        open_raster(tmp_path / "gone.tif")
