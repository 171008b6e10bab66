"""Boundary files of every make come out as valid, named zones in WGS 84, or are refused."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from layout.core.crs import wgs84_to_bd09, wgs84_to_gcj02
from layout.core.errors import (
    ColumnError,
    CrsError,
    DatumError,
    FaultsError,
    InputFileError,
    LayoutError,
    ZoneError,
)
from layout.core.study import ZONE_COLUMNS
from layout.prepare.joining import Joiner
from layout.prepare.zone_parents import with_parents
from layout.prepare.zones import shipped_zones
from layout.readers.zones import read_zones

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the folder of public files does not lie beside the checkout"
)

SQUARES = [box(114 + 0.02 * i, 22.55, 114.02 + 0.02 * i, 22.57) for i in range(12)]
BOW_TIE = Polygon([(114, 22.55), (114.02, 22.57), (114.02, 22.55), (114, 22.57)])


def frame(columns, shapes=SQUARES, crs="EPSG:4326"):
    n = len(next(iter(columns.values()))) if columns else len(shapes)
    return gpd.GeoDataFrame(columns, geometry=list(shapes[:n]), crs=crs)


def read(path, kind="subdistrict", **options):
    return read_zones(path, kind, city="shenzhen", **options)


def shifted(shapes, convert):
    return shapely.transform(
        np.array(shapes, object),
        lambda xy: np.column_stack(convert(xy[:, 0].copy(), xy[:, 1].copy())),
    )


def same(one, other, tolerance=1e-12):
    """Equal shapes, whatever the first corner and the direction (Shapefiles turn rings round)."""
    return one.geom_type == other.geom_type and shapely.hausdorff_distance(one, other) <= tolerance


def english(layer):
    return " | ".join(note("en") for note in layer.notes)


@pytest.fixture
def three():
    return frame({"代码": ["10", "9", "1"], "名称": ["甲街道", "乙街道", "丙街道"], "x": [1, 2, 3]})


def write(table, path, **options):
    if path.suffix == ".parquet":
        table.to_parquet(path)
    elif path.suffix == ".zip":
        folder = path.parent / "unzipped"
        folder.mkdir()
        table.to_file(folder / "边界.shp", encoding="utf-8", **options)
        with zipfile.ZipFile(path, "w") as packed:
            for part in folder.iterdir():
                packed.write(part, f"内/{part.name}")
    else:
        table.to_file(path, **options)
    return path


@pytest.mark.parametrize("name", ["z.geojson", "z.gpkg", "z.shp", "z.zip", "z.parquet"])
def test_every_format_gives_the_same_layer(tmp_path, three, name):
    layer = read(write(three, tmp_path / name))
    got = layer.frame
    assert got["id"].tolist() == ["1", "9", "10"]  # natural order
    assert got["name_zh"].tolist() == ["丙街道", "乙街道", "甲街道"]
    assert tuple(got.columns) == ZONE_COLUMNS
    assert got.crs.to_epsg() == 4326
    assert same(got.geometry[2], SQUARES[0], 1e-9)
    assert got["source"].unique().tolist() == [name]
    assert got["area_source"].unique().tolist() == ["outline"]
    assert got["area_km2"].between(4.5, 4.6).all()
    assert layer.notes == ()


def test_shapefile_in_gb18030_without_code_page(tmp_path, three):
    write(three, tmp_path / "z.shp", encoding="gb18030")
    (tmp_path / "z.cpg").unlink()
    assert read(tmp_path / "z.shp").frame["name_zh"].tolist() == ["丙街道", "乙街道", "甲街道"]


@pytest.mark.parametrize("crs", ["EPSG:4547", "EPSG:3857", "EPSG:4490", "EPSG:32650"])
def test_any_crs_is_brought_to_wgs84(tmp_path, three, crs):
    path = write(three.to_crs(crs), tmp_path / "z.gpkg")
    assert same(read(path).frame.geometry[2], SQUARES[0], 1e-8)
    assert same(read(path, datum="wgs84").frame.geometry[2], SQUARES[0], 1e-8)


@pytest.mark.parametrize(("datum", "convert"), [("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)])
@pytest.mark.parametrize("name", ["z.geojson", "z.gpkg", "z.parquet"])
def test_map_service_datums_are_undone_for_every_corner(tmp_path, three, datum, convert, name):
    moved = three.set_geometry(shifted(three.geometry, convert), crs="EPSG:4326")
    got = read(write(moved, tmp_path / name), datum=datum).frame
    assert same(got.geometry[2], SQUARES[0], 1e-9)


def test_gcj02_under_a_projection(tmp_path, three):
    moved = three.set_geometry(shifted(three.geometry, wgs84_to_gcj02), crs="EPSG:4326")
    got = read(write(moved.to_crs(3857), tmp_path / "z.gpkg"), datum="gcj02").frame
    assert same(got.geometry[2], SQUARES[0], 1e-8)


def test_without_crs_the_datum_is_needed(tmp_path, three):
    write(three, tmp_path / "z.shp", encoding="utf-8")
    (tmp_path / "z.prj").unlink()
    with pytest.raises(CrsError, match="name the datum"):
        read(tmp_path / "z.shp")
    assert same(read(tmp_path / "z.shp", datum="wgs84").frame.geometry[2], SQUARES[0])
    metres = write(three.to_crs("EPSG:4547"), tmp_path / "m.shp", encoding="utf-8")
    (tmp_path / "m.prj").unlink()
    assert same(read(metres, datum="EPSG:4547").frame.geometry[2], SQUARES[0], 1e-8)
    with pytest.raises(CrsError, match="look like metres"):
        read(metres, datum="gcj02")
    with pytest.raises(CrsError, match="look like degrees"):
        read(tmp_path / "z.shp", datum="EPSG:4547")


def test_contradicting_crs_and_unknown_datum(tmp_path, three):
    path = write(three.to_crs("EPSG:4547"), tmp_path / "z.gpkg")
    with pytest.raises(CrsError, match="EPSG:4547 but EPSG:4526"):
        read(path, datum="4526")
    with pytest.raises(DatumError, match="Unknown datum"):
        read(path, datum="mars")


def test_geojson_in_metres_without_saying_so(tmp_path, three):
    text = json.loads(three.to_crs("EPSG:4547").to_json(drop_id=True))
    text.pop("crs", None)
    path = tmp_path / "z.geojson"
    path.write_text(json.dumps(text), "utf-8")
    with pytest.raises(CrsError, match="look like metres"):
        read(path)
    assert same(read(path, datum="4547").frame.geometry[2], SQUARES[0], 1e-8)


def test_layer_of_another_place_or_with_swapped_axes(tmp_path):
    away = frame({"id": ["a"]}, [box(116.3, 39.9, 116.4, 40.0)])
    with pytest.raises(ZoneError, match="lies near the city"):
        read(write(away, tmp_path / "z.geojson"))
    swapped = frame({"id": ["a"]}, [box(22.55, 80, 22.57, 80.02)])
    with pytest.raises(ZoneError, match="lies near the city"):
        read(write(swapped, tmp_path / "s.geojson"))


# Names and units


def test_district_names_give_our_units(tmp_path):
    names = ["罗湖", "南山区", "深圳市福田区", "光明新区", "大鹏", "深汕特别合作区", "别处"]
    layer = read(write(frame({"qh": names}), tmp_path / "z.geojson"), "district")
    got = layer.frame.set_index("id")
    assert got.index.tolist() == ["DP", "FT", "GM", "LH", "NS", "SS", "别处"]
    assert got.loc["LH", "name_zh"] == "罗湖区"
    assert got.loc["LH", "name_en"] == "Luohu District"
    assert got.loc["LH", "area_km2"] == 78.75
    assert got.loc["LH", "area_source"] == "official"
    assert got.loc["别处", "area_source"] == "outline"
    assert "别处" in english(layer)
    assert "YT" in english(layer)


def test_datav_file_is_matched_by_adcode(tmp_path):
    table = frame(
        {"adcode": [440304, 440305], "name": ["福田区", "南山区"], "level": ["district"] * 2}
    )
    layer = read(write(table, tmp_path / "z.geojson"), "district", datum="wgs84")
    assert layer.frame["id"].tolist() == ["FT", "NS"]


@pytest.mark.parametrize("column", ["id_column", "name_column"])
def test_one_column_may_serve_as_id_or_name(tmp_path, column):
    path = write(frame({"谁": ["福田", "南山"]}), tmp_path / "z.geojson")
    layer = read(path, "district", **{column: "谁"})
    assert layer.frame["id"].tolist() == ["FT", "NS"]


def test_ids_and_names_that_contradict_each_other(tmp_path):
    table = frame({"id": ["FT", "NS"], "name": ["福田区", "罗湖区"]})
    with pytest.raises(ZoneError, match="“NS” and the name “罗湖区”"):
        read(write(table, tmp_path / "z.geojson"), "district")


def test_two_shapes_of_one_unit(tmp_path):
    table = frame({"name": ["福田区", "福田"]})
    with pytest.raises(ZoneError, match="FT"):
        read(write(table, tmp_path / "z.geojson"), "district")


def test_overlay_is_matched_with_the_overlays_only(tmp_path):
    table = frame({"name": ["前海深港现代服务业合作区", "福田区"]})
    got = read(write(table, tmp_path / "z.geojson"), "overlay").frame
    assert got["id"].tolist() == ["QH", "福田区"]


def test_without_ids_names_serve_and_without_names_numbers(tmp_path):
    named = read(write(frame({"街道": ["甲", "乙"]}), tmp_path / "a.geojson"))
    assert named.frame["id"].tolist() == ["乙", "甲"]
    assert named.notes == ()
    numbered = read(write(frame({"x": list(range(12))}), tmp_path / "b.geojson"))
    assert numbered.frame["id"].tolist() == [str(i + 1) for i in range(12)]
    assert same(numbered.frame.geometry[10], SQUARES[10])
    assert "numbered in the order of the file" in english(numbered)
    assert "x" in english(numbered)
    twins = read(write(frame({"name": ["甲", "甲"]}), tmp_path / "c.geojson"))
    assert twins.frame["id"].tolist() == ["1", "2"]
    assert twins.frame["name_zh"].tolist() == ["甲", "甲"]


def test_empty_id_column_is_no_id_column(tmp_path):
    table = frame({"id": [None, None], "name": ["甲", "乙"]})
    assert read(write(table, tmp_path / "z.geojson")).frame["id"].tolist() == ["乙", "甲"]


def test_numbers_as_ids_have_no_decimal_point(tmp_path):
    table = frame({"code": [440305.0, 440304.0]})
    assert read(write(table, tmp_path / "z.gpkg")).frame["id"].tolist() == ["440304", "440305"]


def test_ambiguous_and_unknown_columns_are_told_together(tmp_path):
    table = frame({"代码": ["1"], "编码": ["2"], "街道": ["甲"]})
    path = write(table, tmp_path / "z.geojson")
    with pytest.raises(ColumnError, match=r"代码, 编码.*--subdistricts-id-column"):
        read(path)
    with pytest.raises(FaultsError) as caught:
        read(path, id_column="代马", name_column="名")
    assert "near ones are 代码" in caught.value.message("en")
    assert "--subdistricts-name-column" in caught.value.message("zh")


@pytest.mark.parametrize(
    ("ids", "match"),
    [
        (["a", "a", "b"], "several features: a"),
        (["a", "", "b"], "no id: #2"),
        (["a;b", "c", "d"], "cannot be used"),
        (["outside", "c", "d"], "cannot be used"),
    ],
)
def test_ids_that_cannot_be(tmp_path, ids, match):
    path = write(frame({"id": ids}), tmp_path / "z.geojson")
    with pytest.raises(ZoneError, match=match):
        read(path, id_column="id")


# Shapes


def test_invalid_polygons_are_repaired_with_a_note(tmp_path):
    table = frame({"id": ["bow", "good"]}, [BOW_TIE, SQUARES[3]])
    layer = read(write(table, tmp_path / "z.gpkg"), id_column="id")
    assert layer.frame.is_valid.all()
    assert set(layer.frame.geom_type) <= {"Polygon", "MultiPolygon"}
    assert "repaired (1): #1 bow" in english(layer)
    assert layer.frame.geometry[0].area == pytest.approx(0.0002)


def test_a_polygon_of_which_nothing_is_left(tmp_path):
    flat = Polygon([(114, 22.55), (114.02, 22.57), (114, 22.55)])
    table = frame({"id": ["flat", "good"]}, [flat, SQUARES[3]])
    with pytest.raises(ZoneError, match="#1 flat"):
        read(write(table, tmp_path / "z.gpkg"), id_column="id")


@pytest.mark.parametrize("bad", [Point(114, 22.55), LineString([(114, 22.5), (114.1, 22.6)])])
def test_points_and_lines_are_refused(tmp_path, bad):
    table = frame({"id": ["a", "b", "c"]}, [SQUARES[0], bad, None])
    with pytest.raises(FaultsError) as caught:
        read(write(table, tmp_path / "z.geojson"), id_column="id")
    assert "points or lines: #2 b" in caught.value.message()
    assert "no shape: #3 c" in caught.value.message()


def test_heights_are_dropped_and_multipolygons_kept(tmp_path):
    high = shapely.force_3d(MultiPolygon([SQUARES[0], SQUARES[2]]), 7.0)
    got = read(write(frame({"id": ["a"]}, [high]), tmp_path / "z.gpkg")).frame
    assert not shapely.has_z(got.geometry[0])
    assert got.geom_type.tolist() == ["MultiPolygon"]


def test_overlaps_are_measured_and_the_first_wins(tmp_path):
    shapes = [box(114, 22.55, 114.02, 22.57), box(114.01, 22.55, 114.03, 22.57)]
    layer = read(write(frame({"id": ["10", "9"]}, shapes), tmp_path / "z.geojson"))
    assert layer.frame["id"].tolist() == ["9", "10"]
    assert "overlap: 1, 2.28 km²" in english(layer)
    zones = {"district": shipped_zones("shenzhen")["district"], "subdistrict": layer}
    joined = Joiner(zones, city="shenzhen").join(np.array([114.015]), np.array([22.56]))
    assert joined.columns.column("subdistrict_id").to_pylist() == ["9"]


def test_shared_borders_are_no_overlap(tmp_path):
    assert read(write(frame({"id": list("abcd")}), tmp_path / "z.geojson")).notes == ()


# Files


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("z.geojson", '{"type": "FeatureCollection", "features": []}', "no features"),
        ("z.geojson", '{"type": "FeatureCollection", "features": [{"ty', "damaged|no geometry"),
        ("z.geojson", "", "damaged"),
        ("z.gpkg", "not a database", "damaged"),
        ("z.zip", "not an archive", "damaged"),
        ("z.parquet", "PAR1", "damaged|no geometry"),
        ("z.kml", "<kml/>", "format"),
        ("z.csv", "id,name\n1,a\n", "format"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, name, content, match):
    path = tmp_path / name
    path.write_text(content, "utf-8")
    with pytest.raises(InputFileError, match=match):
        read(path)


def test_missing_file_table_without_shapes_and_several_layers(tmp_path, three):
    with pytest.raises(InputFileError, match="no boundary file"):
        read(tmp_path / "nowhere.gpkg")
    pd.DataFrame({"id": [1]}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(InputFileError, match="no geometry"):
        read(tmp_path / "t.parquet")
    three.to_file(tmp_path / "two.gpkg", layer="one")
    three.to_file(tmp_path / "two.gpkg", layer="other")
    with pytest.raises(InputFileError, match="one, other"):
        read(tmp_path / "two.gpkg")


def test_errors_are_worded_in_both_languages(tmp_path):
    with pytest.raises(LayoutError) as caught:
        read(tmp_path / "nowhere.gpkg")
    assert "不存在" in caught.value.message("zh")


# Layers of our own, and what depends on other layers


@pytest.mark.parametrize("kind", ["district", "subdistrict", "park", "overlay"])
@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "parquet"])
def test_our_own_layers_come_back_as_they_were(tmp_path, kind, suffix):
    ours = shipped_zones("shenzhen")[kind].frame
    path = write(ours, tmp_path / f"{kind}.{suffix}")
    back = read(path, kind).frame
    for name in set(ours.columns) - {"geometry", "area_km2"}:
        assert back[name].astype(object).where(back[name].notna(), None).tolist() == (
            ours[name].astype(object).where(ours[name].notna(), None).tolist()
        ), name
    np.testing.assert_allclose(back["area_km2"], ours["area_km2"])
    assert shapely.equals_exact(back.geometry.to_numpy(), ours.geometry.to_numpy(), 1e-6).all()


def test_parents_by_representative_point(tmp_path):
    zones = shipped_zones("shenzhen")
    district = zones["district"].frame.set_index("id").geometry
    inside = [district[name].representative_point().buffer(0.002) for name in ("NS", "LG")]
    table = frame({"id": ["a", "b", "sea"]}, [*inside, box(113.7, 22.4, 113.72, 22.42)])
    layers = {
        "district": zones["district"],
        "subdistrict": read(write(table, tmp_path / "z.geojson")),
        "park": zones["park"],
    }
    made = with_parents(layers)
    assert made["subdistrict"].frame["parent_id"].astype(object).tolist()[:2] == ["NS", "LG"]
    assert made["subdistrict"].frame["parent_id"].isna().tolist() == [False, False, True]
    assert "sea" in english(made["subdistrict"])
    assert made["park"].frame["parent_id"].tolist() == zones["park"].frame["parent_id"].tolist()
    assert layers["subdistrict"].frame["parent_id"].isna().all()


def test_district_file_in_gcj02_that_does_not_say_so(tmp_path):
    ours = shipped_zones("shenzhen")["district"].frame[["name_zh", "geometry"]]
    moved = ours.set_geometry(shifted(ours.geometry, wgs84_to_gcj02), crs="EPSG:4326")
    path = write(moved, tmp_path / "z.geojson")
    with pytest.raises(DatumError, match="--districts-datum gcj02"):
        read(path, "district")
    right = read(path, "district", datum="gcj02").frame
    assert same(right.geometry[2], ours.geometry[2], 1e-6)
    insisted = read(path, "district", datum="wgs84").frame
    assert not same(insisted.geometry[2], ours.geometry[2], 1e-3)


# Public files


@pytest.mark.shared_data
@needs_shared
def test_ten_districts_of_a_public_file():
    path = SHARED / "boundaries" / "sz_districts10_wgs84.geojson"
    for options in ({"id_column": "qh"}, {"name_column": "qh"}, {}):
        layer = read(path, "district", **options)
        assert layer.frame["id"].tolist() == [
            "BA",
            "DP",
            "FT",
            "GM",
            "LG",
            "LH",
            "LHU",
            "NS",
            "PS",
            "YT",
        ]
        assert "SS 深汕特别合作区" in english(layer)


@pytest.mark.shared_data
@needs_shared
def test_public_stations_fall_into_public_districts_and_zones():
    from layout.core.crs import gcj02_to_wgs84

    districts = read(SHARED / "boundaries" / "sz_districts10_wgs84.geojson", "district")
    parts = read(SHARED / "zones" / "SZ_TAZ491.shp")
    assert len(parts.frame) == 491
    assert parts.frame["id"].tolist() == [str(i) for i in range(1, 492)]
    assert "overlap: 509, 0.53 km²" in english(parts)
    layers = with_parents({"district": districts, "subdistrict": parts})
    assert layers["subdistrict"].frame["parent_id"].notna().mean() > 0.95
    points = pd.read_csv(SHARED / "points" / "stevcdp_ev_stations1706_gcj02.csv")
    lon, lat = gcj02_to_wgs84(points["longitude"].to_numpy(), points["latitude"].to_numpy())
    counts = Joiner(layers, city="shenzhen").join(lon, lat).counts()
    assert counts["inside"] / len(points) >= 0.999
    assert counts["subdistrict_id"] / len(points) >= 0.99
