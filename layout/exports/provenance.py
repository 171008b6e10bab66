"""Where exported figures come from: as plain values, as lines to read, as one sentence.

Every export carries it: inputs with checksums, settings, seed, version, date, method, whether the
data is synthetic, and the cautions a reader must know.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from layout.core.result import Bilingual, Provenance
from layout.core.texts import LANGS, Lang, text

CAUTIONS: Final = ("export.unknown", "export.overlay", "export.approval")
"""Texts that stand in every export."""


def as_record(
    provenance: Provenance, notes: Iterable[Bilingual] = (), /, **more: object
) -> dict[str, Any]:
    """The provenance as JSON values, texts in both languages.

    Parameters
    ----------
    provenance
        Of the result or the study that is exported.
    notes
        Conventions and cautions of the tables and layers in the file.
    **more
        Further facts of this file, e.g. what its columns mean.
    """
    cautions = [*_cautions(provenance), *notes]
    record = {
        "program": "industrial-layout",
        "version": provenance.version,
        "created": provenance.created,
        "synthetic": provenance.synthetic,
        "inputs": [dict(entry) for entry in provenance.inputs],
        "parameters": dict(provenance.parameters),
        "seed": provenance.seed,
        "method": {lang: provenance.method(lang) for lang in LANGS},
        "notes": {lang: [note(lang) for note in cautions] for lang in LANGS},
        **more,
    }
    plain: dict[str, Any] = json.loads(json.dumps(record, ensure_ascii=False, default=str))
    return plain


def as_json(record: Mapping[str, Any], indent: int | None = None) -> str:
    """A record as JSON text with the Chinese readable."""
    return json.dumps(record, ensure_ascii=False, indent=indent)


def as_lines(
    provenance: Provenance, lang: Lang, notes: Iterable[Bilingual] = ()
) -> list[tuple[str, str]]:
    """The provenance as pairs of heading and value, for a sheet or a table."""
    lines = [
        (
            text("export.nature", lang),
            text("export.synthetic" if provenance.synthetic else "export.actual", lang),
        ),
        (text("export.method", lang), provenance.method(lang)),
    ]
    lines += [(text("export.input", lang), _input(entry)) for entry in provenance.inputs]
    lines += [
        (text("export.parameter", lang), f"{name} = {_shown(value)}")
        for name, value in provenance.parameters.items()
    ]
    seed = "–" if provenance.seed is None else str(provenance.seed)
    lines.append((text("export.seed", lang), seed))
    lines.append((text("export.created", lang), provenance.created))
    lines.append((text("export.version", lang), f"industrial-layout {provenance.version}"))
    lines += [(text("export.note", lang), note(lang)) for note in notes]
    lines += [(text("export.caution", lang), text(key, lang)) for key in CAUTIONS]
    return lines


def as_sentence(provenance: Provenance, lang: Lang) -> str:
    """The provenance in a sentence, for the description of a layer."""
    return text(
        "export.sentence",
        lang,
        nature=text("export.synthetic" if provenance.synthetic else "export.actual", lang),
        files=", ".join(str(entry.get("file", "?")) for entry in provenance.inputs) or "–",
        created=provenance.created,
        version=provenance.version,
    )


def _cautions(provenance: Provenance) -> list[Bilingual]:
    nature = "export.synthetic" if provenance.synthetic else "export.actual"
    return [Bilingual.of(key) for key in (nature, *CAUTIONS)]


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _input(entry: Mapping[str, Any]) -> str:
    """``role: file (sha256 …, rows …)``, whatever an input says of itself."""
    rest = {key: value for key, value in entry.items() if key not in ("role", "file")}
    told = ", ".join(f"{key} {value}" for key, value in rest.items() if value not in (None, ""))
    head = ": ".join(str(entry[key]) for key in ("role", "file") if entry.get(key))
    return f"{head} ({told})" if told else head
