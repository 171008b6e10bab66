"""Where to put facilities: exact choice with a certificate.

Every model takes a matrix of costs, demand × candidates (distance, time, latency or money), and
gives a :class:`Location`: the chosen sites, the objective, what is known of the optimum (bounds,
gap, proven or not), who serves whom, and for each chosen site what it would cost to drop or to
replace it. Rows and columns are told by number.

=========================== ================================================================
:func:`p_median`            p sites of least weighted cost
:func:`maximal_covering`    p sites that cover most demand within a radius
:func:`set_covering`        fewest sites that cover all demand within a radius
:func:`p_center`            p sites whose farthest demand is nearest
:func:`capacitated_p_median` p sites of least weighted cost within capacities
:func:`p_dispersion`        p candidates that are farthest from each other
=========================== ================================================================
"""

from layout.measures.location_capacity import capacitated_p_median
from layout.measures.location_center import p_center
from layout.measures.location_dispersion import p_dispersion
from layout.measures.location_input import NOBODY, Location
from layout.measures.location_latency import distances, latencies
from layout.measures.location_median import maximal_covering, p_median
from layout.measures.location_sets import set_covering

__all__ = [
    "NOBODY",
    "Location",
    "capacitated_p_median",
    "distances",
    "latencies",
    "maximal_covering",
    "p_center",
    "p_dispersion",
    "p_median",
    "set_covering",
]
