"""Which of the plan's three paths fits each district, how surely, and with which sectors.

The plan names the paths and defines none: indicators, weights and assignments are an analyst's
proposal, said wherever they are seen.
"""

from __future__ import annotations

import pandas as pd

from layout.analyses.paths.evidence import Evidence, gather
from layout.analyses.paths.findings import Tables, finding_table, write_findings
from layout.analyses.paths.plane import mix_table, plane_table
from layout.analyses.paths.scores import (
    Scores,
    cloud_table,
    indicator_frame,
    score,
    score_table,
    share_table,
)
from layout.analyses.paths.settings import (
    MIXED,
    PATH_COLOURS,
    PATHS,
    PathsParams,
    Setting,
    prior_table,
    read_setting,
)
from layout.analyses.provenance import provenance_of
from layout.core import facts
from layout.core.result import Bilingual, LayerSpec, Result
from layout.core.study import Study

__all__ = [
    "MIXED",
    "MODEL",
    "PATHS",
    "PATH_COLOURS",
    "Evidence",
    "PathsParams",
    "answer",
    "gather",
    "run",
]

MODEL = PathsParams


def run(study: Study, params: PathsParams) -> Result:
    """Paths, their stability and the sectors that go with them.

    Returns
    -------
    Result
        Tables ``scores`` (a row a district), ``stability`` (share of draws of each path),
        ``indicators``, ``plane`` (ease and gain of every sector), ``mix`` (shares),
        ``findings`` (sentences with their trace), ``cloud`` (scores of single draws), ``weights``,
        ``priors`` and ``proximity``.

    Raises
    ------
    ParameterError
        Weights or priors do not sum to 1, or an id is unknown.
    """
    read_setting(params, tuple(study.zones["district"]["id"]))  # before the slow part
    return answer(study, params, gather(study, params))


def answer(study: Study, params: PathsParams, evidence: Evidence) -> Result:
    """The result for evidence that was gathered before: fast, for weights that are tried out."""
    told = study.manifest.parameters.get("scenario", {}).get("paths", {})
    setting = read_setting(params, evidence.districts, told)
    scores = score(evidence, setting, params)
    tables = _tables(evidence, scores, setting, params)
    findings = write_findings(
        Tables(tables["scores"], tables["indicators"], tables["plane"], evidence.given.pilot_names),
        district_names(study), params,
    )  # fmt: skip
    tables["findings"] = finding_table(findings)
    return Result(
        name="paths",
        tables=tables,
        layers=_layers(study, tables["scores"]),
        notes=_notes(evidence, setting, params),
        provenance=provenance_of(study, params, Bilingual.of("paths.method"), seed=params.seed),
    )


def district_names(study: Study) -> dict[str, Bilingual]:
    """Names of the districts in both languages; the Chinese one where there is no English."""
    zones = study.zones["district"]
    english = zones["name_en"].where(zones["name_en"].notna(), zones["name_zh"])
    return {
        i: Bilingual(str(zh), str(en).removesuffix(" District"))
        for i, zh, en in zip(zones["id"], zones["name_zh"], english, strict=True)
    }


def _tables(
    evidence: Evidence, scores: Scores, setting: Setting, params: PathsParams
) -> dict[str, pd.DataFrame]:
    sectors = list(facts.sector_ids())
    weights = pd.DataFrame(
        {
            "path": [PATHS[i] for i in setting.groups],
            "weight": setting.weights,
            "own": [name in setting.own for name in setting.indicators],
        },
        index=pd.Index(setting.indicators, name="indicator_id"),
    )
    priors = pd.DataFrame(setting.priors, index=prior_table().index, columns=list(PATHS))
    return {
        "scores": score_table(evidence, scores, setting, params),
        "stability": share_table(evidence, scores),
        "indicators": indicator_frame(evidence, scores, setting, params),
        "plane": plane_table(evidence, params),
        "mix": mix_table(evidence, params),
        "cloud": cloud_table(evidence, scores),
        "weights": weights,
        "priors": priors,
        "proximity": pd.DataFrame(
            evidence.plane.proximity, index=pd.Index(sectors, name="sector"), columns=sectors
        ),
    }


def _layers(study: Study, scores: pd.DataFrame) -> tuple[LayerSpec, ...]:
    zones = study.zones["district"]
    shown = scores[["path", "first_path", "margin", "stability", *PATHS]]
    frame = zones.merge(shown, left_on="id", right_index=True, how="left")
    approximate = bool(zones["approximate"].any())
    path = LayerSpec(
        name="paths_district", kind="choropleth", frame=frame,
        title=Bilingual.of("paths.layer.path"), column="path",
        categories={
            name: (Bilingual.of(f"path.{name}"), colour) for name, colour in PATH_COLOURS.items()
        },
        details=("margin", "stability", *PATHS), id_column="id", approximate=approximate,
    )  # fmt: skip
    held = LayerSpec(
        name="paths_stability", kind="choropleth",
        frame=frame.assign(stability=frame["stability"] * 100),
        title=Bilingual.of("paths.layer.stability"), column="stability", unit=Bilingual("%", "%"),
        edges=((0, "#d1e5f0"), (50, "#92c5de"), (75, "#4393c3"), (90, "#2166ac")),
        details=("margin",), id_column="id", approximate=approximate,
    )  # fmt: skip
    return path, held


def _notes(evidence: Evidence, setting: Setting, params: PathsParams) -> tuple[Bilingual, ...]:
    unit = Bilingual.of(f"paths.unit.{params.units}")
    plane = Bilingual(
        Bilingual.of("paths.note.plane", units=evidence.plane.units, kind=unit.zh).zh,
        Bilingual.of("paths.note.plane", units=evidence.plane.units, kind=unit.en).en,
    )
    notes = [
        Bilingual.of("paths.note.proposal"),
        Bilingual.of("paths.note.method", margin=f"{params.margin:g}", draws=f"{params.draws:,}"),
        Bilingual.of("paths.note.active", year=evidence.year),
        plane,
    ]
    if evidence.given.unplaced_carriers:
        notes.append(Bilingual.of("paths.note.carriers", count=evidence.given.unplaced_carriers))
    if setting.own:
        notes.append(Bilingual.of("paths.note.own", names=", ".join(setting.own)))
    return tuple(notes)
