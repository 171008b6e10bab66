"""Tables of zones × sectors out of the cubes of a study."""

from __future__ import annotations

import pandas as pd

from layout.core import facts
from layout.core.study import UNTAGGED, Study

_COLUMNS = {"firms": "firms", "revenue": "revenue_cny", "employees": "employees"}


def zone_table(
    study: Study, kind: str, year: int, *, measure: str = "firms", untagged: bool = False
) -> pd.DataFrame:
    """Zones × sectors, each firm once; whole numbers (firms, yuan, persons)."""
    cube = study.cubes[kind]
    cube = cube[cube["year"] == year]
    column = _COLUMNS[measure]
    table = cube.groupby(["zone_id", "sector"], observed=True)[column].sum().unstack(fill_value=0)
    columns = [*facts.sector_ids(), *([UNTAGGED] if untagged else [])]
    return table.reindex(index=list(study.zones[kind]["id"]), columns=columns, fill_value=0).astype(
        "int64"
    )


def by_dimension(study: Study, dimension: str, year: int, *, tagged: bool = True) -> pd.DataFrame:
    """Firms of the districts by another dimension of the cube (scope, tier, status)."""
    cube = study.cubes["district"]
    cube = cube[cube["year"] == year]
    if tagged:
        cube = cube[cube["sector"] != UNTAGGED]
    table = cube.groupby(["zone_id", dimension], observed=True)["firms"].sum().unstack(fill_value=0)
    table = table.reindex(index=list(study.zones["district"]["id"]), fill_value=0)
    table.index.name, table.columns.name = "district_id", None
    return table.astype("int64")
