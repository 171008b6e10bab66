"""Hot spots lie where clusters were planted; units without enough say so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from layout.analyses.hotspots import HotspotParams, run
from layout.core.errors import ParameterError
from layout.core.headings import worded
from layout.core.study import Study


def test_hot_spots_lie_on_planted_clusters(planted_city: Study) -> None:
    found = run(planted_city, HotspotParams(sectors=("S08",), permutations=199))
    units, layer = found.tables["units"], found.layers[0].frame
    hot = units[units["class"] == "hot"]
    assert len(hot) == len(layer) > 0
    assert (hot["q"] <= 0.05).all()
    assert hot["firms"].sum() > 0.5 * len(hot)
    assert found.tables["classes"]["units"].sum() == len(units)
    assert units["all_firms"].sum() == 20_000
    assert not [col for col in units.columns if not worded(str(col))]


@pytest.mark.parametrize("units", ["subdistrict", "park"])
@pytest.mark.parametrize("statistic", ["getis_ord", "local_moran"])
def test_zones_are_units_too(planted_city: Study, units: str, statistic: str) -> None:
    params = HotspotParams.model_validate(
        {"units": units, "statistic": statistic, "value": "share", "permutations": 99,
         "neighbours": "nearest"}
    )  # fmt: skip
    found = run(planted_city, params)
    table = found.tables["units"]
    few = table["all_firms"] < params.min_firms
    assert (table.loc[few, "class"] == "unknown").all()
    assert set(table["class"]) <= set(found.layers[0].categories)
    assert len(found.layers[0].frame) == len(table)


def test_no_firm_and_unknown_sector(planted_city: Study, tmp_path: Path) -> None:
    pq.write_table(planted_city.firms().slice(0, 0), tmp_path / "firms.parquet")
    empty = replace(planted_city, root=tmp_path)
    for units in ("hexagon", "subdistrict"):
        found = run(empty, HotspotParams.model_validate({"units": units}))
        assert (found.tables["units"]["class"] == "unknown").all()
    with pytest.raises(ParameterError, match="S99"):
        run(planted_city, HotspotParams(sectors=("S99",)))
