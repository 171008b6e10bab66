"""Optional layers into a study: from the planner's files or the shipped facts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import geopandas as gpd

from layout.core import facts
from layout.core.errors import LayoutError, ParameterError, raise_all
from layout.core.files import replacing, sha256
from layout.core.layer_types import LAYER_TYPES, SHIPPED, SYNTHETIC, LayerType
from layout.core.raster import Raster
from layout.core.result import Bilingual, Provenance
from layout.core.study import Manifest, Study
from layout.exports import study as folder_of
from layout.exports.rasters import write_cog
from layout.pipeline.inputs import LayerInput
from layout.prepare.layer_frames import layer_frame, shipped_layers
from layout.readers.layers import read_layer_file
from layout.readers.rasters import grid_in, read_on
from layout.readers.study import read_study

Made: TypeAlias = "gpd.GeoDataFrame | Raster"


@dataclass(frozen=True)
class AddedLayer:
    """What became of a file.

    Attributes
    ----------
    name
        The layer.
    rows
        Features, or cells with data.
    unplaced
        Features without a position; they are kept and counted.
    notes
        What a reader must know.
    """

    name: str
    rows: int
    unplaced: int = 0
    notes: tuple[Bilingual, ...] = ()


def layer_type(name: str) -> LayerType:
    """The type of that name.

    Raises
    ------
    ParameterError
        There is none.
    """
    if name not in LAYER_TYPES:
        raise ParameterError("error.no_layer_type", found=name, known=", ".join(LAYER_TYPES))
    return LAYER_TYPES[name]


def read_layer(name: str, given: LayerInput, *, city: str) -> Made:
    """A planner's file as a layer: features in EPSG:4326, or a raster in the city's metric CRS.

    Raises
    ------
    LayoutError
        The file cannot be used; all its faults are told.
    """
    kind = layer_type(name)
    if kind.shape == "raster":
        crs = str(facts.city_settings(city)["metric_crs"])
        raster = read_on(given.path, grid_in(given.path, crs))
        return Raster(raster.values, raster.grid, raster.nodata, raster.unit or kind.unit)
    file = read_layer_file(given.path)
    return layer_frame(
        file.table,
        kind,
        datum=given.datum,
        crs=file.crs,
        columns=given.columns,
        source=given.path.name,
        synthetic=given.synthetic,
    )


def read_layers(given: Mapping[str, LayerInput], *, city: str) -> dict[str, Made]:
    """All given layers, and the shipped ones beside them; the faults of all files together."""
    made: dict[str, Made] = {
        name: frame for name, frame in shipped_layers(city, SHIPPED).items() if name not in given
    }
    faults: list[LayoutError] = []
    for name, entry in given.items():
        try:
            made[name] = read_layer(name, entry, city=city)
        except LayoutError as fault:
            faults.append(fault)
    raise_all(faults)
    return made


def write_layers(folder: Path, layers: Mapping[str, Made], provenance: Provenance) -> None:
    """Layers into a study folder that is being written."""
    for name, made in layers.items():
        if isinstance(made, Raster):
            write_cog(folder / LAYER_TYPES[name].file, made, provenance, name=name)
        else:
            folder_of.write_layer(folder, name, made)


def layer_provenance(manifest: Manifest, method: Bilingual | None = None) -> Provenance:
    """Where a layer of a study comes from.

    The day stands in ``study.yaml`` alone, so that the same files give the same layers.
    """
    return Provenance(
        inputs=manifest.inputs,
        parameters={},
        seed=None,
        version=manifest.version,
        created="study.yaml",
        synthetic=manifest.synthetic,
        method=method or Bilingual.of("layer.method"),
    )


def add_layer(study: Path, name: str, given: LayerInput) -> AddedLayer:
    """Add a layer to a study on disk, or put it in the place of the one that is there.

    The folder is written anew beside the old one (unchanged files are linked, not copied) and takes
    its place at the end.

    Raises
    ------
    LayoutError
        The study or the file cannot be used; the study is as it was.
    """
    old: Study = read_study(study)
    made = read_layer(name, given, city=old.manifest.city)
    with replacing(Path(study)) as folder:
        shutil.copytree(study, folder, copy_function=_linked)
        (folder / LAYER_TYPES[name].file).unlink(missing_ok=True)
        (folder / "study.yaml").unlink()
        write_layers(folder, {name: made}, layer_provenance(old.manifest))
        folder_of.write_manifest(folder, _with_input(old.manifest, name, given))
    if isinstance(made, Raster):
        return AddedLayer(name, int(made.known().sum()))
    return AddedLayer(name, len(made), int(made.geometry.isna().sum()))


def _with_input(manifest: Manifest, name: str, given: LayerInput) -> Manifest:
    role = f"layer:{name}"
    entry: dict[str, Any] = {
        "role": role,
        "file": given.path.name,
        "sha256": sha256(given.path),
        "bytes": given.path.stat().st_size,
        "datum": given.datum,
    }
    rest = tuple(known for known in manifest.inputs if known.get("role") != role)
    return manifest.model_copy(update={"inputs": (*rest, entry)})


def _linked(source: str, target: str) -> str:
    """A hard link where the disk allows it, a copy otherwise."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


@dataclass(frozen=True)
class ListedLayer:
    """A layer type, and whether a study has it.

    Attributes
    ----------
    kind
        The type.
    loaded
        The study has it.
    rows
        Its features; None for rasters and where it is absent.
    synthetic
        Some of its features are synthetic.
    """

    kind: LayerType
    loaded: bool
    rows: int | None
    synthetic: bool


def listed_layers(study: Study) -> list[ListedLayer]:
    """Every layer type in its order, with what the study has of it."""
    listed = []
    for name, kind in LAYER_TYPES.items():
        frame = study.layers.get(name)
        listed.append(
            ListedLayer(
                kind,
                loaded=frame is not None or name in study.rasters,
                rows=None if frame is None else len(frame),
                synthetic=frame is not None and bool(frame[SYNTHETIC].any()),
            )
        )
    return listed
