"""Where to put facilities: exact choice with a certificate.

Every model takes a matrix of costs, demand × candidates (distance, time, latency or money), and
gives a :class:`Location`: the chosen sites, the objective, what is known of the optimum (bounds,
gap, proven or not), who serves whom, and for each chosen site what it would cost to drop or to
replace it. Rows and columns are told by number.

========================== =================================================================
:func:`p_median`            p sites of least weighted cost
:func:`maximal_covering`    p sites that cover most demand within a radius
========================== =================================================================
"""

from layout.measures.location_input import NOBODY, Location
from layout.measures.location_median import maximal_covering, p_median

__all__ = ["NOBODY", "Location", "maximal_covering", "p_median"]
