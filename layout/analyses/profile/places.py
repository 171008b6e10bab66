"""What stands in a district: parks, carriers, data centres, stations, named projects."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layout.analyses.profile.loaded import placed, station_table
from layout.analyses.profile.settings import ProfileParams
from layout.analyses.profile.tables import zone_table
from layout.core import columns as col
from layout.core import facts
from layout.core.layer_types import PLACES
from layout.core.study import Study
from layout.core.zone_columns import SITE


def facility_table(study: Study, params: ProfileParams) -> pd.DataFrame:
    """By district: parks with their area and firms, and what the loaded layers hold.

    A layer that is not loaded has no column, and the notes name it. Things whose
    place is unknown count in no district (``unplaced`` of the other tables); those in an overlay
    count in the district they lie in.
    """
    index = pd.Index(list(study.zones["district"]["id"]), name="district_id")
    frame = pd.DataFrame(index=index)
    parks = study.zones["park"]
    sites = parks[parks["kind"] == SITE] if "kind" in parks else parks
    counts = zone_table(study, "park", params.year, untagged=True).sum(axis=1)
    own = pd.DataFrame(
        {
            "district_id": sites["parent_id"], "area": sites["area_km2"].astype("float64"),
            "firms": counts.reindex(sites["id"]).to_numpy(),
        }
    ).groupby("district_id")  # fmt: skip
    frame["parks"] = own.size().reindex(index, fill_value=0).astype("int64")
    frame["park_area_km2"] = own["area"].sum().reindex(index, fill_value=0.0)
    everyone = zone_table(study, "district", params.year, untagged=True).sum(axis=1)
    inside = own["firms"].sum().reindex(index, fill_value=0)
    frame["park_firm_share"] = inside / everyone.where(everyone > 0)
    tagged = zone_table(study, "district", params.year).sum(axis=1)
    for name in ("carriers", "data_centres", *PLACES):
        if name in study.layers:
            frame[name] = placed(study, name).value_counts().reindex(index, fill_value=0)
    if "carriers" in frame:
        frame["carriers_per_1000"] = frame["carriers"] * 1000 / tagged.where(tagged > 0)
    if "data_centres" in study.layers:
        frame["racks"] = _racks(study).reindex(index)
    return frame.join(station_table(study, everyone))


def _racks(study: Study) -> pd.Series:
    """Standard racks that may be summed, by district; NaN where none is known."""
    frame = study.layers["data_centres"]
    kept = frame["racks"].notna()
    if "countable" in frame:
        kept &= frame["countable"] == 1
    racks: pd.Series = frame.loc[kept, "racks"].groupby(placed(study, "data_centres")[kept]).sum()
    return racks


def carrier_table(study: Study) -> pd.DataFrame:
    """Carriers by type and level: how many, how many of the plan, how many without a place."""
    columns = ["number", "in_plan", "unplaced"]
    if "carriers" not in study.layers:
        return pd.DataFrame(columns=columns, index=pd.Index([], name="type"))
    frame = study.layers["carriers"]
    table = pd.DataFrame(
        {
            "type": frame["type"].astype(str),
            "in_plan": frame["in_plan"].eq("是"),
            "unplaced": placed(study, "carriers").isna(),
        }
    )
    grouped = table.groupby("type")
    result = grouped[["in_plan", "unplaced"]].sum().astype("int64")
    result.insert(0, "number", grouped.size())
    return result.sort_values(by="number", ascending=False, kind="stable")


def project_table(study: Study) -> pd.DataFrame:
    """What the plan names with a place: pilots, projects and carriers, with status and point.

    The place of the Kunpeng centre and of others that no source tells stays empty.
    """
    city = study.manifest.city
    rows: list[dict[str, object]] = []
    names = facts.city_table(city, "districts").set_index("name_zh")["id"]
    for code, words in facts.reference("sectors")[["code", "district_pilot"]].to_numpy():
        place, _, what = words.partition("：")
        if what:
            rows.append(_row(what, "pilot", names.get(place), code, None))
    parks = facts.city_table(city, "parks")
    for _, park in parks[parks["in_plan"] != ""].iterrows():
        shape = study.zones["park"].set_index("id").geometry.get(park["id"])
        point = shape.representative_point() if shape is not None else None
        rows.append(
            _row(park["name_zh"], "project", park["district_id"], park["lead_sectors"], point)
        )
    if "carriers" in study.layers:
        frame = study.layers["carriers"]
        where = placed(study, "carriers")
        for place, carrier in frame[frame["in_plan"].eq("是")].iterrows():
            point = carrier.geometry
            told = point if isinstance(point, shapely.Point) and not point.is_empty else None
            rows.append(
                _row(carrier["name_zh"], "carrier", where[place], carrier.get("sectors"), told)
            )
    return pd.DataFrame(rows, columns=["name_zh", "kind", "district_id", "sectors", "lon", "lat"])


def _row(
    name: object, kind: str, district: object, sectors: object, point: shapely.Point | None
) -> dict[str, object]:
    return {
        "name_zh": name, "kind": kind, "district_id": district, "sectors": sectors,
        "lon": point.x if point is not None else np.nan,
        "lat": point.y if point is not None else np.nan,
    }  # fmt: skip


def project_layer(projects: pd.DataFrame) -> gpd.GeoDataFrame:
    """The named things whose place is known."""
    known = projects[projects["lon"].notna()]
    points = gpd.points_from_xy(known["lon"], known["lat"])
    return gpd.GeoDataFrame(known.drop(columns=["lon", "lat"]), geometry=points, crs="EPSG:4326")


def internet_table(study: Study) -> pd.DataFrame:
    """Internet firms (S07) by district and the plan's platforms and host areas.

    A firm counts in each sub-field its scope names; many name none.
    """
    fields = facts.reference("sub_fields")
    own = list(fields.loc[fields["sector"] == "S07", "sub_field_id"])
    index = pd.Index(list(study.zones["district"]["id"]), name="district_id")
    if col.SUB_FIELDS not in study.firm_dataset().schema.names:
        return pd.DataFrame(np.nan, index=index, columns=own)
    firms = study.firms([col.DISTRICT, col.SECTOR_1, col.SUB_FIELDS]).to_pandas()
    firms = firms[firms[col.SECTOR_1] == "S07"]
    told = firms[col.SUB_FIELDS].astype(str)
    frame = pd.DataFrame(
        {name: told.str.split(";").map(lambda words, n=name: n in words) for name in own}
    )
    table = frame.groupby(firms[col.DISTRICT].astype(object)).sum()
    table = table.reindex(index, fill_value=0).astype("int64")
    table["none"] = (
        (~frame.any(axis=1)).groupby(firms[col.DISTRICT].astype(object)).sum()
        .reindex(index, fill_value=0).astype("int64")
    )  # fmt: skip
    return table
