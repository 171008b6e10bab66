"""Distance-based concentration of firms: what does not depend on how regions are cut.

The measures stand in modules of their own, with formulas, conventions and citations:
:mod:`~layout.measures.kd` (Duranton–Overman), :mod:`~layout.measures.marcon_puech` (M),
:mod:`~layout.measures.ripley` (K and L with edge correction), :mod:`~layout.measures.colocation`;
null models in :mod:`~layout.measures.nulls`, bands in :mod:`~layout.measures.envelopes`.
"""

from layout.measures.colocation import ColocationQuotient, colocation_quotient
from layout.measures.envelopes import Envelope
from layout.measures.kd import kd, kd_cross
from layout.measures.marcon_puech import m, m_cross, m_matrix
from layout.measures.nulls import Simulation
from layout.measures.point_envelopes import (
    kd_cross_envelope,
    kd_envelope,
    m_cross_envelope,
    m_envelope,
    ripley_envelope,
    weights_around,
)
from layout.measures.ripley import ripley_k, ripley_k_cross, ripley_l, ripley_l_cross

__all__ = [
    "ColocationQuotient",
    "Envelope",
    "Simulation",
    "colocation_quotient",
    "kd",
    "kd_cross",
    "kd_cross_envelope",
    "kd_envelope",
    "m",
    "m_cross",
    "m_cross_envelope",
    "m_envelope",
    "m_matrix",
    "ripley_envelope",
    "ripley_k",
    "ripley_k_cross",
    "ripley_l",
    "ripley_l_cross",
    "weights_around",
]
