"""What a run writes into its study folder beside the firms and the rejects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd

from layout.analyses import mix
from layout.core import facts
from layout.core.files import sha256
from layout.core.result import Bilingual
from layout.core.study import Manifest, ZoneLayer
from layout.exports import study as folder_of
from layout.pipeline.city_work import CityCounts
from layout.pipeline.ingest import IngestSession
from layout.pipeline.ingest_report import describe
from layout.pipeline.inputs import Inputs
from layout.pipeline.layers import Made, layer_provenance, write_layers

_MEASURES: Final[tuple[mix.Measure, ...]] = ("firms", "revenue", "employees")
_COUNTINGS: Final[tuple[mix.Counting, ...]] = ("primary", "fractional", "full")


@dataclass(frozen=True)
class CityRun:
    """What one run is about: its inputs as they were read, and its folder."""

    inputs: Inputs
    session: IngestSession
    zones: Mapping[str, ZoneLayer]
    layers: Mapping[str, Made]
    folder: Path

    def bounds(self) -> tuple[float, float, float, float]:
        """The box of the city's districts."""
        west, south, east, north = self.zones["district"].frame.total_bounds.tolist()
        return west, south, east, north

    def write(self, counts: CityCounts) -> Manifest:
        """Zones, layers, cubes, tables, the quality report and ``study.yaml``."""
        folder_of.write_zones(self.folder, self.zones)
        folder_of.write_layer(self.folder, "landmarks", landmarks(self.inputs.city))
        cubes = counts.cubes.frames()
        folder_of.write_cubes(self.folder, cubes)
        folder_of.write_quality(self.folder, self._quality(counts))
        draft = self._draft(counts)
        write_layers(self.folder, self.layers, layer_provenance(draft))
        self._write_tables(mix.select(cubes["district"], mix.MixParams()))
        return folder_of.write_manifest(self.folder, draft)

    def _write_tables(self, cube: Any) -> None:
        ids = tuple(self.zones["district"].frame["id"])
        number = mix.matrix(cube, ids, "firms_full")
        for measure in _MEASURES:
            for counting in _COUNTINGS:
                params = mix.MixParams(measure=measure, counting=counting)
                table = mix.amounts(cube, ids, number, params)
                folder_of.write_table(self.folder, f"district_{measure}_{counting}", table)
        usual = mix.MixParams()
        table = mix.amounts(cube, ids, number, usual)
        quotients = mix.quotients(table, number, ids, usual.min_firms)
        folder_of.write_table(self.folder, "district_location_quotient", quotients)

    def _quality(self, counts: CityCounts) -> dict[str, Any]:
        report = describe(self.session, counts.tally)
        notes = [note for layer in self.zones.values() for note in layer.notes]
        return {
            **report,
            "location": dict(counts.location),
            "primary_sectors": dict(sorted(counts.sectors.items())),
            "zones": {kind: len(layer.frame) for kind, layer in self.zones.items()},
            "zone_notes": [_plain_note(note) for note in notes],
        }

    def _draft(self, counts: CityCounts) -> Manifest:
        files = {"firms": self.inputs.firms.path}
        files |= {kind: zone.path for kind, zone in self.inputs.zone_inputs().items()}
        files |= {f"layer:{name}": given.path for name, given in self.inputs.layers.items()}
        settings = self.session.settings.model_dump(mode="json")
        entries = [_input_entry(role, path) for role, path in files.items()]
        entries[0] |= {"rows": counts.tally.read, "datum": settings["datum"]}
        return folder_of.draft_manifest(
            city=self.inputs.city,
            synthetic=self.inputs.synthetic or counts.invented > 0,
            years=counts.years,
            inputs=tuple(entries),
            parameters={**settings, "seed": self.inputs.seed},
            counts=counts.tally.counts(),
        )


def landmarks(city: str) -> gpd.GeoDataFrame:
    """The landmark firms of a city as points in EPSG:4326."""
    table = facts.city_table(city, "landmark_firms")
    points = gpd.points_from_xy(
        table["lon_wgs84"].replace("", None).astype(float),
        table["lat_wgs84"].replace("", None).astype(float),
    )
    return gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326")


def _input_entry(role: str, path: Path) -> dict[str, Any]:
    """Name, checksum and size of an input; of a folder, the checksum of those of its files."""
    size = sum(one.stat().st_size for one in path.iterdir()) if path.is_dir() else None
    return {
        "role": role,
        "file": path.name,
        "sha256": sha256(path),
        "bytes": path.stat().st_size if size is None else size,
    }


def _plain_note(note: Any) -> dict[str, str]:
    if isinstance(note, Bilingual):
        return {"zh": note.zh, "en": note.en}
    return {"zh": str(note), "en": str(note)}
