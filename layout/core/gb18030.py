"""The two-byte characters of GB 18030, which Chinese files without UTF-8 are made of."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

FIRST_LEAD: Final = 0x81
LAST_LEAD: Final = 0xFE
FIRST_TRAIL: Final = 0x40
TRAILS: Final = 0xC0


@lru_cache(maxsize=1)
def two_byte_letters() -> npt.NDArray[np.uint16]:
    """Code point of each two-byte character, 0 where there is none.

    The place of a character is ``(lead - FIRST_LEAD) * TRAILS + trail - FIRST_TRAIL``.
    """
    letters = [
        bytes((lead, trail)).decode("gb18030", "replace")
        for lead in range(FIRST_LEAD, LAST_LEAD + 1)
        for trail in range(FIRST_TRAIL, FIRST_TRAIL + TRAILS)
    ]
    return np.array(
        [ord(one) if len(one) == 1 and one != "\ufffd" else 0 for one in letters], dtype=np.uint16
    )


@lru_cache(maxsize=1)
def two_byte_codes() -> npt.NDArray[np.uint16]:
    """The two bytes, lead first, of each code point below 65,536; 0 where it has not two."""
    letters = two_byte_letters()
    places = np.arange(letters.size)
    codes = (places // TRAILS + FIRST_LEAD) << 8 | (places % TRAILS + FIRST_TRAIL)
    table = np.zeros(1 << 16, dtype=np.uint16)
    table[letters] = codes
    table[0] = 0
    return table
