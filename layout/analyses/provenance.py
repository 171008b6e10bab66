"""Where the result of an analysis comes from: the inputs of its study, its settings, its seed."""

from __future__ import annotations

from layout.core.config import Params
from layout.core.result import Bilingual, Provenance
from layout.core.study import Study


def provenance_of(
    study: Study, params: Params, method: Bilingual, *, seed: int | None = None
) -> Provenance:
    """The provenance of a result.

    Parameters
    ----------
    study
        What was analysed; its time, version and whether its firms are synthetic stand for the
        result, too.
    params
        The settings.
    method
        How it was computed, in a sentence.
    seed
        Of whatever was drawn by chance; None where nothing was.
    """
    manifest = study.manifest
    return Provenance(
        inputs=manifest.inputs,
        parameters=params.model_dump(mode="json"),
        seed=seed,
        version=manifest.version,
        created=manifest.created,
        synthetic=manifest.synthetic,
        method=method,
    )
