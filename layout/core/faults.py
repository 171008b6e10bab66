"""Every fault a row can have, its code and what is done with the row by default.

The texts of a fault are ``fault.<code>`` in the catalogue. A row of a firm table carries its faults
in the column ``flags`` (codes joined by ``;``); rejected rows carry them in ``reasons``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Policy(StrEnum):
    """What is done with a faulty row."""

    REJECT = "reject"
    FLAG = "flag"


@dataclass(frozen=True)
class Fault:
    """A kind of fault.

    Attributes
    ----------
    code
        Name in files.
    bit
        Place in the flag mask of a row.
    policy
        Default treatment; a setting can change it unless ``fixed``.
    fixed
        The row cannot be kept, whatever the setting.
    """

    code: str
    bit: int
    policy: Policy
    fixed: bool = False


_ORDER: tuple[tuple[str, Policy, bool], ...] = (
    ("wrong_field_count", Policy.REJECT, True),
    ("undecodable_text", Policy.REJECT, False),
    ("non_finite_coordinates", Policy.REJECT, True),
    ("duplicate_code", Policy.REJECT, False),
    ("bad_check_character", Policy.FLAG, False),
    ("missing_code", Policy.FLAG, False),
    ("negative_revenue", Policy.FLAG, False),
    ("negative_employees", Policy.FLAG, False),
    ("unreadable_value", Policy.FLAG, False),
    ("missing_coordinates", Policy.FLAG, False),
    ("impossible_coordinates", Policy.FLAG, False),
    ("swapped_coordinates", Policy.FLAG, False),
    ("outside_city", Policy.FLAG, False),
    ("in_sea", Policy.FLAG, False),
    ("near_border_assigned", Policy.FLAG, False),
    ("unknown_industry_code", Policy.FLAG, False),
    ("datum_contradicts_address", Policy.FLAG, False),
    ("district_mismatch", Policy.FLAG, False),
    ("repaired_swapped", Policy.FLAG, False),
    ("repaired_full_width", Policy.FLAG, False),
)

FAULTS = MappingProxyType(
    {code: Fault(code, bit, policy, fixed) for bit, (code, policy, fixed) in enumerate(_ORDER)}
)


def mask_of(*codes: str) -> int:
    """The flag mask with the bits of ``codes`` set."""
    return sum(1 << FAULTS[code].bit for code in codes)


def codes_of(mask: int) -> tuple[str, ...]:
    """The fault codes whose bits are set in ``mask``, in table order."""
    return tuple(code for code, fault in FAULTS.items() if mask >> fault.bit & 1)
