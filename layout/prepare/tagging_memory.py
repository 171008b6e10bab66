"""Memory of the compiled reading, and what its columns mean."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from layout.prepare.tagging_reading import DEEPEST
from layout.prepare.tagging_rules import LEFTS_AT_ONCE

ROWS_AT_ONCE: Final = 2048
"""Rows that are read before they are scored."""
CLAUSE_BITS: Final = 16
CLAUSES_KEPT: Final = 1 << CLAUSE_BITS
HITS_KEPT: Final = 4
"""Clauses whose reading is remembered, and the hits each may have."""
HITS_A_BYTE: Final = LEFTS_AT_ONCE + 1
"""No text has more hits for each of its bytes: a phrase has two bytes or more, and may be a hit
itself and close two gaps with each left part."""
RULE_FROM: Final = 0
RULE_TO: Final = 1
PLACE: Final = 2
SIGN: Final = 3
"""Columns of the hits: rules from–to, place in the text, sign of xinchuang."""


class Reading(NamedTuple):
    """Memory of the reading, used for some rows after the others.

    Attributes
    ----------
    text
        Classes of the row's characters.
    hits
        int32[n, 4]: see the columns above.
    gates
        What becomes of each hit.
    ends
        Number of hits up to the end of each row that was read.
    brackets
        Hits before each open bracket.
    lefts
        int64[n, 2]: number and end of the last left parts met.
    cuts, keys
        End and hash of each clause of the row.
    known, known_count, known_hits
        Clauses that were read: hash with the activity of the code, number of hits, and the hits
        (as above, with the gate in the upper bits of the last column).
    """

    text: npt.NDArray[np.uint16]
    hits: npt.NDArray[np.int32]
    gates: npt.NDArray[np.int8]
    ends: npt.NDArray[np.int64]
    brackets: npt.NDArray[np.int64]
    lefts: npt.NDArray[np.int64]
    cuts: npt.NDArray[np.int64]
    keys: npt.NDArray[np.uint64]
    known: npt.NDArray[np.uint64]
    known_count: npt.NDArray[np.int8]
    known_hits: npt.NDArray[np.int32]


def reading_memory(longest: int) -> Reading:
    """Memory for rows of up to ``longest`` bytes."""
    most = max(HITS_A_BYTE * (longest + 1), 1 << 17)
    return Reading(
        text=np.zeros(longest + 1, np.uint16),
        hits=np.zeros((most, 4), np.int32),
        gates=np.zeros(most, np.int8),
        ends=np.zeros(ROWS_AT_ONCE, np.int64),
        brackets=np.zeros(DEEPEST + 1, np.int64),
        lefts=np.zeros((LEFTS_AT_ONCE, 2), np.int64),
        cuts=np.zeros(longest + 2, np.int64),
        keys=np.zeros(longest + 2, np.uint64),
        known=np.zeros(CLAUSES_KEPT, np.uint64),
        known_count=np.zeros(CLAUSES_KEPT, np.int8),
        known_hits=np.zeros((CLAUSES_KEPT, HITS_KEPT, 4), np.int32),
    )
