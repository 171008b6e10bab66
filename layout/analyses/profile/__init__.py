"""A district's profile: what it is strong in, how it grew, and what stands there."""

from __future__ import annotations

import pandas as pd

from layout.analyses.chain_links import chain_names
from layout.analyses.profile.growth import (
    entry_table,
    sector_growth_table,
    shift_share_table,
    span,
)
from layout.analyses.profile.loaded import (
    LEAST,
    RATES,
    STATIONS,
    chain_table,
    has_chains,
    not_loaded,
    place_table,
)
from layout.analyses.profile.places import (
    carrier_table,
    facility_table,
    internet_table,
    project_layer,
    project_table,
)
from layout.analyses.profile.settings import ProfileParams
from layout.analyses.profile.structure import (
    specialisation_table,
    structure_table,
    tier_table,
)
from layout.analyses.provenance import provenance_of
from layout.analyses.words import choice_words, sector_words, zone_words
from layout.core.errors import ParameterError
from layout.core.layer_types import LAYER_TYPES, PLACES
from layout.core.progress import tell
from layout.core.result import Bilingual, LayerSpec, Result
from layout.core.study import Study
from layout.core.texts import text

MODEL = ProfileParams

_PROJECT_COLOURS = {"pilot": "#d95f02", "project": "#7570b3", "carrier": "#1b9e77"}


def run(study: Study, params: ProfileParams) -> Result:
    """The profiles of all districts.

    Returns
    -------
    Result
        Tables ``structure``, ``specialisation``, ``shift_share``, ``sector_growth``,
        ``specialisations_moved``, ``tiers``, ``facilities``, ``carriers``, ``places``,
        ``chains``, ``projects`` and ``internet``. Growth over a panel of one year is undefined,
        and said so; layers that are not loaded are named.

    Raises
    ------
    ParameterError
        A year is not in the panel.
    """
    if params.year and params.year not in study.manifest.years:
        raise ParameterError(
            "error.unknown_ids", what="year", found=params.year,
            known=", ".join(map(str, (0, *study.manifest.years))),
        )  # fmt: skip
    years = span(study, params)
    tell("profile_structure", 0.1)
    structure = structure_table(study, params)
    tell("profile_growth", 0.5)
    projects = project_table(study)
    tables = {
        "structure": structure,
        "specialisation": specialisation_table(study, params),
        "shift_share": shift_share_table(study, params),
        "sector_growth": sector_growth_table(study, params),
        "specialisations_moved": entry_table(study, params),
        "tiers": tier_table(study, params),
        "facilities": facility_table(study, params),
        "carriers": carrier_table(study),
        "places": place_table(study),
        "chains": chain_table(study),
        "projects": projects,
        "internet": internet_table(study),
    }
    return Result(
        name="profile", tables=tables, layers=_layers(study, tables, projects),
        notes=_notes(study, years, params, projects),
        provenance=provenance_of(study, params, Bilingual.of("profile.method")),
        labels=_labels(study),
    )  # fmt: skip


def _labels(study: Study) -> dict[str, dict[str, Bilingual]]:
    """Words for the ids of the tables."""
    return {
        "district_id": zone_words(study),
        "sector": sector_words(),
        "chain_id": {i: Bilingual(*words) for i, words in chain_names().items()},
        "layer": {name: LAYER_TYPES[name].title for name in PLACES},
        "kind": choice_words("profile.kind", tuple(_PROJECT_COLOURS)),
    }


def _layers(
    study: Study, tables: dict[str, pd.DataFrame], projects: pd.DataFrame
) -> tuple[LayerSpec, ...]:
    zones = study.zones["district"]
    told = tables["structure"].join(tables["shift_share"][["growth_rate"]])
    frame = zones.merge(told, left_on="id", right_index=True, how="left")
    districts = LayerSpec(
        name="profile_districts", kind="choropleth", frame=frame,
        title=Bilingual.of("profile.layer.districts"), column="krugman_index",
        details=("tagged", "core_share", "complexity", "growth_rate"), id_column="id",
        approximate=bool(zones["approximate"].any()),
    )  # fmt: skip
    named = LayerSpec(
        name="profile_projects", kind="points", frame=project_layer(projects),
        title=Bilingual.of("profile.layer.projects"), column="kind",
        categories={
            kind: (Bilingual.of(f"profile.kind.{kind}"), colour)
            for kind, colour in _PROJECT_COLOURS.items()
        },
        details=("sectors",), approximate=True,
    )  # fmt: skip
    return districts, named


def _notes(
    study: Study, years: tuple[int, int] | None, params: ProfileParams, projects: pd.DataFrame
) -> tuple[Bilingual, ...]:
    unplaced = int(projects["lon"].isna().sum())
    growth = (
        Bilingual.of("profile.note.one_year")
        if years is None
        else Bilingual.of("profile.note.growth", first=years[0], last=years[1])
    )
    missing = [LAYER_TYPES[name].title for name in not_loaded(study)]
    absent = (
        Bilingual(
            text("profile.note.not_loaded", "zh", layers="、".join(one.zh for one in missing)),
            text("profile.note.not_loaded", "en", layers="; ".join(one.en for one in missing)),
        ),
    )  # fmt: skip
    return (
        Bilingual.of(
            "profile.note.quotient", least=params.min_firms, level=f"{1 - params.alpha:.0%}"
        ),
        growth,
        Bilingual.of("profile.note.variety"),
        Bilingual.of("profile.note.projects", count=unplaced),
        Bilingual.of("profile.note.chains", least=LEAST)
        if has_chains(study)
        else Bilingual.of("profile.note.no_chains"),
        *_station_notes(study),
        *(absent if missing else ()),
    )


def _station_notes(study: Study) -> tuple[Bilingual, ...]:
    """Where the numbers of stations come from."""
    for name in (STATIONS, RATES):
        if name in study.layers:
            return (Bilingual.of(f"profile.note.{name}"),)
    return ()
