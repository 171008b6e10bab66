"""Whether a scenario fits a study: every unknown name and contradiction told at once."""

from __future__ import annotations

from layout.core import facts
from layout.core.errors import LayoutError, ParameterError, raise_all
from layout.core.study import Study
from layout.prepare.dimensions import tiers
from layout.scenarios.model import AddFirms, MoveFirms, OpenPark, Scenario, SetLeads, SetPath


def require_fits(study: Study, scenario: Scenario) -> None:
    """Refuse a scenario that names what the study does not have, or contradicts itself.

    Raises
    ------
    ParameterError
        A district, park, sector or size tier is unknown; a park is opened twice; a move ends where
        it starts; a district is given two paths.
    """
    districts = tuple(study.zones["district"]["id"])
    parks = [str(name) for name in study.zones["park"]["id"]]
    known_tiers = tuple(tiers()["id"])
    faults: list[LayoutError] = []

    def need(what: str, name: str, known: tuple[str, ...], place: int) -> None:
        if name not in known:
            shown = ", ".join(known[:20]) + (" …" if len(known) > 20 else "")
            faults.append(
                ParameterError(
                    "error.scenario_unknown", place=place, what=what, found=name, known=shown
                )
            )

    paths: dict[str, str] = {}
    for place, change in enumerate(scenario.changes, start=1):
        zones = (*districts, *parks)
        if isinstance(change, AddFirms | MoveFirms):
            need("sector", change.sector, facts.sector_ids(), place)
            need("to", change.to, zones, place)
            if change.tier is not None:
                need("tier", change.tier, known_tiers, place)
        if isinstance(change, MoveFirms):
            need("from", change.origin, zones, place)
            if change.origin == change.to:
                faults.append(ParameterError("error.scenario_nowhere", place=place, zone=change.to))
        elif isinstance(change, OpenPark):
            need("district", change.district, districts, place)
            for sector in change.lead_sectors:
                need("lead_sectors", sector, facts.sector_ids(), place)
            if change.id in zones:
                faults.append(ParameterError("error.scenario_park", place=place, park=change.id))
            parks.append(change.id)
        elif isinstance(change, SetPath):
            need("district", change.district, districts, place)
            if paths.setdefault(change.district, change.path) != change.path:
                faults.append(
                    ParameterError("error.scenario_paths", place=place, district=change.district)
                )
        elif isinstance(change, SetLeads):
            need("district", change.district, districts, place)
            for sector in change.sectors:
                need("sectors", sector, facts.sector_ids(), place)
    raise_all(faults)
