"""What is wrong or doubtful with a table of stations, told and counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layout.core import station_columns as c
from layout.core.crs import from_wgs84, parse_datum
from layout.core.result import Bilingual
from layout.core.study import Study
from layout.prepare.datum import DatumSurveyor
from layout.prepare.stations import PROBLEM
from layout.prepare.zones import sea_areas

Flags = npt.NDArray[np.bool_]

SHOWN_IDS: Final = 5


@dataclass(frozen=True)
class PositionSurvey:
    """Where stations stand.

    Attributes
    ----------
    inside, sea, outside
        Stations in a district, in the sea, and elsewhere.
    declared
        Datum the table was read in.
    fits
        Datum that clearly fits better, None where none does.
    """

    inside: int
    sea: int
    outside: int
    declared: str
    fits: str | None


def problems_table(stations: gpd.GeoDataFrame) -> pd.DataFrame:
    """Stations that are not used, by reason, with the first ids."""
    bad = stations[stations[PROBLEM] != ""]
    rows = [
        {
            "problem": str(reason),
            "stations": len(part),
            "percent": 100.0 * len(part) / len(stations),
            "first_ids": ", ".join(map(str, part["id"].head(SHOWN_IDS))),
        }
        for reason, part in bad.groupby(PROBLEM, sort=True)
    ]
    return pd.DataFrame(rows, columns=["problem", "stations", "percent", "first_ids"])


def position_survey(study: Study, stations: gpd.GeoDataFrame) -> PositionSurvey:
    """Stations in the city and in the sea, and whether another datum fits them better."""
    points = stations.geometry
    known = ~(points.isna() | points.is_empty).to_numpy()
    lon, lat = points.x.to_numpy()[known], points.y.to_numpy()[known]
    place = stations["place"].to_numpy()[known]
    wet = np.zeros(len(lon), dtype=bool)
    for polygon in sea_areas(study.manifest.city).geometry:
        wet |= shapely.contains_xy(polygon, lon, lat)
    wet &= place < 0
    declared = _declared(study)
    districts = study.zones["district"].geometry.to_numpy()
    datum = parse_datum(declared)
    surveyor = DatumSurveyor(districts, np.full(len(districts), -1, np.int32), datum)
    surveyor.add(*from_wgs84(lon, lat, datum))
    return PositionSurvey(
        inside=int((place >= 0).sum()),
        sea=int(wet.sum()),
        outside=int(((place < 0) & ~wet).sum()),
        declared=declared,
        fits=surveyor.result().fits,
    )


def position_notes(survey: PositionSurvey) -> list[Bilingual]:
    """Warnings of positions, none where all is well."""
    notes = []
    if survey.fits is not None:
        told: dict[str, Any] = {"declared": survey.declared, "fits": survey.fits}
        notes.append(Bilingual.of("coverage.note.datum", **told))
    if survey.sea:
        notes.append(Bilingual.of("coverage.note.sea", count=f"{survey.sea:,}"))
    if survey.outside:
        notes.append(Bilingual.of("coverage.note.outside", count=f"{survey.outside:,}"))
    return notes


def assumed_counts(stations: gpd.GeoDataFrame, rows: npt.NDArray[np.int64]) -> dict[str, int]:
    """Outdoor stations whose height, power or direction is of the class."""
    own = stations.iloc[rows]
    return {
        "stations": len(own),
        "height": int((own["height_from"] == "class").sum()),
        "power": int((own["eirp_from"] == "class").sum()),
        "azimuth": int((~own["azimuth_known"]).sum()),
        "year": int(own[c.YEAR].isna().sum()),
        "status": int((own[c.STATUS] == "").sum()),
    }


def _declared(study: Study) -> str:
    """Datum the stations were read in; WGS 84 where the study does not say."""
    for entry in study.manifest.inputs:
        if entry.get("role") == "layer:stations" and entry.get("datum"):
            return str(entry["datum"])
    return "wgs84"
