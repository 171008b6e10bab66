"""What reading and cleaning a file found: counts that add up, and everything that was decided."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from layout.core.faults import FAULTS
from layout.prepare.clean_batch import CleanBatch
from layout.prepare.datum import DatumSurvey

if TYPE_CHECKING:
    from layout.pipeline.ingest import IngestSession


@dataclass
class Tally:
    """Counts of the batches that were added; ``read = accepted + rejected`` at any time."""

    read: int = 0
    accepted: int = 0
    rejected: int = 0
    blank: int = 0
    coarse_codes: int = 0
    rejected_by: Counter[str] = field(default_factory=Counter)
    flagged_by: Counter[str] = field(default_factory=Counter)

    def add(self, batch: CleanBatch) -> None:
        """Count a batch as it is written, after joining where it is joined."""
        self.read += batch.read
        self.accepted += len(batch.flags)
        self.rejected += len(batch.rejected)
        self.blank += batch.blank
        self.coarse_codes += batch.coarse
        self.rejected_by.update(batch.rejected.counts())
        self.flagged_by.update(batch.counts())

    def merge(self, other: Tally) -> None:
        """Add the counts of another part."""
        self.read += other.read
        self.accepted += other.accepted
        self.rejected += other.rejected
        self.blank += other.blank
        self.coarse_codes += other.coarse_codes
        self.rejected_by.update(other.rejected_by)
        self.flagged_by.update(other.flagged_by)

    def counts(self) -> dict[str, int]:
        """Rows read, accepted and rejected, and blank records (which are no rows)."""
        return {
            "read": self.read,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "blank": self.blank,
        }

    def faults(self) -> dict[str, dict[str, int]]:
        """Rejected and flagged rows by fault, of those that occur, in table order."""
        return {
            code: {"rejected": self.rejected_by[code], "flagged": self.flagged_by[code]}
            for code in FAULTS
            if self.rejected_by[code] or self.flagged_by[code]
        }


def describe(session: IngestSession, tally: Tally) -> dict[str, Any]:
    """The report as JSON values."""
    info, mapping = session.source.info, session.mapping
    return {
        "input": {
            "file": info.path.name,
            "format": info.format,
            "encoding": info.encoding,
            "delimiter": info.delimiter,
            "crs": info.crs,
        },
        "kind": mapping.kind,
        "columns": dict(mapping.columns),
        "yuan_per_unit": dict(mapping.yuan),
        "unrecognised": [asdict(one) for one in mapping.unrecognised],
        "datum": _datum(session),
        "counts": tally.counts(),
        "faults": tally.faults(),
        "coarse_industry_codes": tally.coarse_codes,
        "notes": [asdict(note) for note in session.notes],
        "settings": session.settings.model_dump(mode="json"),
    }


def _datum(session: IngestSession) -> dict[str, Any] | None:
    survey = session.survey
    if survey is None:
        return None
    return {
        "declared": survey.declared,
        "points": survey.points,
        "inside": dict(survey.inside),
        "inside_share": inside_shares(survey),
        "comparisons": [asdict(one) for one in survey.comparisons],
        "fits": survey.fits,
        "decided": survey.decided,
        "forced": survey.fits is not None,
        "deliveries": [
            {
                "name": one.name,
                "datum": one.datum,
                "rows": one.rows,
                "telling": one.telling,
                "agree": dict(one.agree),
                "comparisons": [asdict(comparison) for comparison in one.comparisons],
                "fits": list(one.fits),
            }
            for one in survey.deliveries
        ],
    }


def inside_shares(survey: DatumSurvey) -> dict[str, float | None]:
    """Share of the points inside the city by datum, None where there are no points."""
    return {
        name: count / survey.points if survey.points else None
        for name, count in survey.inside.items()
    }
