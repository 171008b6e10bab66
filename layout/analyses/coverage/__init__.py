"""Where the city's mobile network reaches, by whom and how well, and what is left uncovered.

A statistical, site-general coverage estimate (3GPP TR 38.901 with terrain obstruction), not a drive
test or ray-traced prediction. Without a table of stations there are counts by district at best:
then the answer is a density, and no raster is made of it.
"""

from __future__ import annotations

from layout.analyses.coverage.assemble import counts_result, full_result
from layout.analyses.coverage.base import base_of
from layout.analyses.coverage.networks import STATIONS
from layout.analyses.coverage.params import CoverageParams
from layout.core.errors import ParameterError
from layout.core.result import Result
from layout.core.study import Study

MODEL = CoverageParams


def run(study: Study, params: CoverageParams) -> Result:
    """The coverage estimate of a study.

    Returns
    -------
    Result
        Tables ``city``, ``districts``, ``subdistricts``, ``parks``, ``cluster_coverage`` (covered
        area, people, firms), ``sectors``, ``networks`` (by operator and band), ``densities``,
        ``rates`` (IPv6 and other figures of the planner), ``white_spots``, ``new_sites``,
        ``choice`` (bound of the choice), ``uncovered_firms``, ``stations`` (given, converted and
        assumed), ``problems``, ``effects``
        (of assumed heights and powers), ``measured`` (fit) and ``estimate`` (stations by district
        within published bounds). Rasters ``signal``, ``covered``, ``overlap``, ``probability``,
        ``indoor_signal``, ``second_signal`` and ``best_server``. Without stations: ``densities``,
        ``rates`` and ``estimate`` alone.

    Raises
    ------
    LayoutError
        Stations, terrain or settings that cannot be used.
    """
    known = set(study.zones["district"]["id"])
    odd = [name for name in params.rural_districts if name not in known]
    if odd:
        raise ParameterError(
            "error.unknown_ids", what="rural_districts", found=", ".join(odd),
            known=", ".join(sorted(known)),
        )  # fmt: skip
    if STATIONS not in study.layers:
        return counts_result(study, params)
    return full_result(study, params, base_of(study, params))
