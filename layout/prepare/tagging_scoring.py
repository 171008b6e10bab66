"""From the phrases of a reading and the industry code to sectors, shares and evidence.

The score of a sector is 1 − Π(1 − w) over its distinct phrases and its code. A sector is a tag from
the threshold on, if at least one of its rules is not ambiguous; the best three stay. Shares are
proportional to the scores, in whole thousandths that sum to 1000 by largest remainder.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from layout.prepare.tagging_reading import KEPT, RENTED, SOLD, Hit, Reading
from layout.prepare.tagging_rules import MOST_TAGS, THRESHOLD, Rule, RuleBook

UNITS: Final = 1_000_000
"""Scores are compared in millionths, so that the order of factors decides nothing."""
NOWHERE: Final = 1 << 30
"""Place of a sector that only the code speaks for."""


@dataclass
class SectorScore:
    """What speaks for one sector: rules with the hit they come from (None for the code)."""

    miss: float = 1.0
    solid: bool = False
    place: int = NOWHERE
    evidence: list[tuple[Rule, Hit | None]] = field(default_factory=list)

    @property
    def score(self) -> int:
        """Score in millionths."""
        return UNITS - int(self.miss * UNITS + 0.5)

    @property
    def tagged(self) -> bool:
        """The score reaches the threshold, not by ambiguous rules alone."""
        return self.solid and self.score >= int(THRESHOLD * UNITS + 0.5)

    def add(self, rule: Rule, hit: Hit | None) -> None:
        """One more rule speaks for the sector."""
        self.miss *= 1.0 - rule.weight
        self.solid |= not rule.ambiguous
        self.evidence.append((rule, hit))
        if hit is not None:
            self.place = min(self.place, hit.start)


def score_sectors(reading: Reading, code: str, book: RuleBook) -> dict[str, SectorScore]:
    """Scores of all sectors for a reading and a 4-digit ``code`` (other codes say nothing)."""
    full = _scores_of_phrases(reading, book, generic=True)
    for rule in book.codes.get(code, ()):
        full[rule.sector].add(rule, None)
    specific = _scores_of_phrases(reading, book, generic=False)
    scores = dict(full)
    for sector, winners in book.yields.items():
        if scores[sector].tagged and any(scores[winner].tagged for winner in winners):
            scores[sector] = specific[sector]
            scores[sector].place = full[sector].place
    return scores


def best_sectors(scores: dict[str, SectorScore]) -> list[str]:
    """Tags, primary first: by score, then by first mention, then in the plan's order."""
    tags = [sector for sector, score in scores.items() if score.tagged]
    tags.sort(key=lambda sector: (-scores[sector].score, scores[sector].place))
    return tags[:MOST_TAGS]


def shares(scores: Iterable[int]) -> list[int]:
    """Whole thousandths proportional to ``scores``; sum 1000 (largest remainder, first wins)."""
    values = list(scores)
    total = sum(values)
    floors = [1000 * value // total for value in values]
    order = sorted(range(len(values)), key=lambda i: -(1000 * values[i] % total))
    for i in order[: 1000 - sum(floors)]:
        floors[i] += 1
    return floors


def _scores_of_phrases(
    reading: Reading, book: RuleBook, *, generic: bool
) -> dict[str, SectorScore]:
    scores = {sector: SectorScore() for sector in book.sectors}
    counted: set[str] = set()
    spared = {SOLD: book.sells, RENTED: book.lets}
    for hit in reading.hits:
        for rule in hit.rules:
            stays = hit.gate == KEPT or rule.sector in spared.get(hit.gate, ())
            if stays and rule.rule_id not in counted and (generic or not rule.generic):
                counted.add(rule.rule_id)
                scores[rule.sector].add(rule, hit)
    return scores
