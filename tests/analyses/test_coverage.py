"""The coverage analysis on the demonstration city's firms and a few stations set by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layout.analyses import clusters
from layout.analyses.coverage import CoverageParams, run
from layout.analyses.coverage.counts import known_bounds
from layout.analyses.coverage.networks import averaged
from layout.analyses.coverage.zonal import zone_shares
from layout.analyses.firm_points import firm_points
from layout.core import station_columns as c
from layout.core.crs import STORED_CRS, from_wgs84, parse_datum, to_wgs84, wgs84_to_gcj02
from layout.core.errors import InputFileError, LayoutError, MeasureError, ParameterError
from layout.core.raster import Grid, Raster
from layout.core.result import Result
from layout.core.study import Study
from layout.measures.signal_fit import fit_signal

CRS = "EPSG:4547"
QUICK: dict[str, Any] = {
    "cell_m": 200, "max_radius_m": 1500, "sensitivity": False, "new_sites": 0, "by_cluster": False,
}  # fmt: skip
CENTRES = ((114.055, 22.543), (113.945, 22.535), (114.24, 22.72), (113.88, 22.57))


class Held:
    """A raster that is in memory already."""

    def __init__(self, raster: Raster) -> None:
        self.raster, self.grid = raster, raster.grid
        self.nodata, self.unit = raster.nodata, raster.unit

    def read(self, window: object = None) -> Raster:
        assert window is None
        return self.raster


def stations(places: Any = CENTRES, **columns: Any) -> gpd.GeoDataFrame:
    """Macro stations of China Mobile at 2.6 GHz."""
    at = np.asarray(places, dtype=float)
    usual: dict[str, Any] = {
        "id": [f"T{i}" for i in range(len(at))],
        c.OPERATOR: "中国移动",
        c.BAND: "2.6GHz",
        c.TYPE: "宏站",
        c.YEAR: 2021,
    }
    return gpd.GeoDataFrame(
        {**usual, **columns, "synthetic": True},
        geometry=gpd.points_from_xy(at[:, 0], at[:, 1]),
        crs=STORED_CRS,
    )


def with_layers(study: Study, terrain: Raster | None = None, **layers: Any) -> Study:
    rasters = {} if terrain is None else {"terrain": Held(terrain)}
    # Another root: what is kept in memory of one study is not another's.
    root = study.root / f"case-{np.random.default_rng().integers(1 << 60)}"
    study_with = replace(study, layers=layers, rasters=rasters)
    manifest = study.manifest.model_copy(update={"created": root.name})
    return replace(study_with, manifest=manifest)


def estimate(study: Study, frame: gpd.GeoDataFrame | None = None, **settings: Any) -> Result:
    layers = {"stations": stations() if frame is None else frame}
    return run(with_layers(study, **layers), CoverageParams(**{**QUICK, **settings}))


def raster(result: Result, name: str) -> np.ndarray:
    values: np.ndarray = next(s for s in result.layers if s.name == name).frame.values
    return values


def total(result: Result) -> pd.Series:
    row: pd.Series = result.tables["sectors"].set_index("sector").loc["total"]
    return row


def words(result: Result) -> str:
    return " ".join(note.en for note in result.notes)


@pytest.fixture(scope="module")
def plain(planted_city: Study) -> Result:
    return estimate(planted_city)


def test_every_firm_is_counted_once(plain: Result) -> None:
    table = plain.tables["sectors"].set_index("sector")
    assert table.loc["total", "firms"] == table["firms"].drop("total").sum()
    assert (table["firms"] == table["firms_covered"] + table["firms_uncovered"]).all()
    districts = plain.tables["districts"]
    assert districts["firms"].sum() == table.loc["total", "firms"]
    assert districts["firms_covered"].sum() == table.loc["total", "firms_covered"]
    assert plain.tables["city"]["firms"].sum() == table.loc["total", "firms"]


def test_clusters_have_the_firms_on_their_ground(planted_city: Study) -> None:
    result = estimate(planted_city, by_cluster=True)
    table = result.tables["cluster_coverage"].set_index("cluster_id")
    found = clusters.run(planted_city, clusters.MODEL())
    frame = next(spec.frame for spec in found.layers if spec.name == "clusters")
    assert set(table.index) == set(frame["cluster_id"])
    assert len(table) > 3
    ground = frame.to_crs(CRS).set_index("cluster_id").geometry
    places, signal = firm_points(planted_city).xy, raster(result, "covered")
    grid = next(spec.frame.grid for spec in result.layers if spec.name == "covered")
    row, col = grid.rows_cols(places[:, 0], places[:, 1])
    for name, shape in ground.items():
        held = shapely.contains_xy(shape, places)
        assert table.loc[name, "firms"] == held.sum()
        assert table.loc[name, "firms_covered"] == (signal[row[held], col[held]] > 0).sum()
        assert 0 <= table.loc[name, "area_percent"] <= 100
    assert table["firms_percent"].is_monotonic_increasing
    drawn = next(spec for spec in result.layers if spec.name == "covered_firms_cluster").frame
    shown = drawn.set_index("cluster_id")["firms_covered"]
    assert shown.to_dict() == table["firms_covered"].to_dict()
    assert drawn.geometry.is_valid.all()


def test_the_model_is_named_wherever_it_is_told(plain: Result) -> None:
    for lang, name in (("zh", "不是路测"), ("en", "not a drive test or ray-traced prediction")):
        assert name in plain.notes[0](lang)  # type: ignore[arg-type]
        assert all(
            name in spec.note(lang)  # type: ignore[arg-type]
            for spec in plain.layers
            if spec.kind == "raster" and spec.name != "best_server"
        )


def test_white_spots_hold_the_uncovered_firms(plain: Result) -> None:
    spots = plain.tables["white_spots"]
    assert spots["firms"].is_monotonic_decreasing
    assert spots["firms"].sum() <= total(plain)["firms_uncovered"]
    assert spots["firms"].sum() >= 0.98 * total(plain)["firms_uncovered"]
    assert set(spots["reason"]) <= {"no_station", "range", "terrain"}
    shapes = next(s for s in plain.layers if s.name == "white_spots").frame
    assert shapes.crs == STORED_CRS
    assert shapes.geometry.is_valid.all()


def test_indoor_systems_never_enter_the_outdoor_raster(planted_city: Study, plain: Result) -> None:
    more = pd.concat([stations(), stations(((114.40, 22.68),), **{"id": ["I"], c.TYPE: "室分"})])
    found = estimate(planted_city, gpd.GeoDataFrame(more, crs=STORED_CRS).reset_index(drop=True))
    np.testing.assert_array_equal(raster(found, "signal"), raster(plain, "signal"))
    dense = found.tables["densities"].set_index("zone_id")
    assert dense.loc["PS", "stations_indoor"] == 1
    assert dense.loc["city", "stations"] == 5
    with pytest.raises(MeasureError):
        estimate(planted_city, stations(**{c.TYPE: "室分"}))


def test_a_station_beyond_the_border_counts_within_its_range(planted_city: Study) -> None:
    # Some 400 m outside the northern border of Bao'an.
    border = planted_city.zones["district"].set_index("id").geometry["BA"]
    west, _, east, north = border.bounds
    top = shapely.intersection(border, shapely.box(west, north - 0.002, east, north)).centroid
    place = (top.x, north + 0.004)
    assert not planted_city.zones["district"].contains(shapely.Point(place)).any()
    found = estimate(planted_city, stations((place,)))
    assert np.nansum(raster(found, "covered")) > 0
    assert "outside the city" in words(found)


def test_denominators_are_official_and_leave_shenshan_out(plain: Result) -> None:
    dense = plain.tables["densities"].set_index("zone_id")
    assert dense.loc["city", "people"] == 17_494_398
    assert dense.loc["city", "per_10k"] == pytest.approx(4 / 1749.4398)
    assert dense.loc["city", "area_km2"] == pytest.approx(
        dense.drop(["city", "SS"])["area_km2"].sum()
    )
    assert np.isnan(dense.loc["SS", "per_10k"])


def test_thresholds_places_and_certainty_are_nested(planted_city: Study, plain: Result) -> None:
    covered = raster(plain, "covered")
    for settings in (
        {"threshold_dbm": -95.0}, {"certainty": "p90"}, {"place": "indoor"},
        {"place": "indoor", "certainty": "p90"},
    ):  # fmt: skip
        stricter = raster(estimate(planted_city, **settings), "covered")
        assert not ((stricter > 0) & ~(covered > 0)).any(), settings
        assert np.nansum(stricter) < np.nansum(covered), settings


def test_operator_band_and_year_choose_stations(planted_city: Study) -> None:
    frame = stations(
        **{
            c.OPERATOR: ["中国移动", "中国电信/中国联通", "中国移动", "中国电信"],
            c.BAND: ["2.6GHz", "3.5GHz", "NB-IoT 900MHz", "NB-IoT 800MHz"],
            c.YEAR: [2019, 2022, 2020, 2020],
        }
    )

    def used(**settings: Any) -> int:
        dense = estimate(planted_city, frame, **settings).tables["densities"]
        return int(dense.set_index("zone_id").loc["city", "stations"])

    assert used() == 2
    assert used(operator="CUCC") == 1
    assert used(year=2019) == 1
    assert used(band="nb_iot") == 2
    with pytest.raises(MeasureError) as error:
        used(operator="CUCC", year=2019)
    assert "4" in error.value.message("en")
    networks = estimate(planted_city, frame).tables["networks"]
    assert set(map(tuple, networks[[c.OPERATOR, "band"]].to_numpy())) == {
        ("CMCC", "n41"), ("CMCC", "any"), ("CTCC", "n78"), ("CTCC", "any"), ("CUCC", "n78"),
        ("CUCC", "any"),
    }  # fmt: skip


def test_a_tried_station_adds_what_a_built_one_would(planted_city: Study, plain: Result) -> None:
    spot = plain.tables["white_spots"]
    assert len(spot)
    firms = next(s for s in plain.layers if s.name == "uncovered_firms").frame
    at = firms.geometry.iloc[0]
    tried = estimate(planted_city, try_lon=at.x, try_lat=at.y).tables["tried"].iloc[0]
    built = pd.concat(
        [stations(), stations(((at.x, at.y),), **{"id": ["N"], c.HEIGHT: 25.0, c.EIRP: 38.0})]
    )
    after = estimate(planted_city, gpd.GeoDataFrame(built, crs=STORED_CRS).reset_index(drop=True))
    assert tried["firms_added"] == total(after)["firms_covered"] - total(plain)["firms_covered"]
    gained = np.nansum(raster(after, "covered")) - np.nansum(raster(plain, "covered"))
    assert tried["area_added_km2"] == pytest.approx(gained * 0.04)


def test_proposed_sites_add_what_they_say_and_keep_their_bound(planted_city: Study) -> None:
    found = estimate(planted_city, new_sites=3)
    sites, choice = found.tables["new_sites"], found.tables["choice"].iloc[0]
    assert len(sites) == 3
    assert sites["firms_added"].is_monotonic_decreasing
    assert choice["firms_added"] == sites["firms_added"].sum() <= choice["firms_bound"]
    built = pd.concat(
        [
            stations(),
            stations(
                sites[["lon", "lat"]].to_numpy(),
                **{"id": ["A", "B", "C"], c.HEIGHT: 25.0, c.EIRP: 38.0},
            ),
        ]
    )
    after = estimate(planted_city, gpd.GeoDataFrame(built, crs=STORED_CRS).reset_index(drop=True))
    gained = total(after)["firms_covered"] - total(found)["firms_covered"]
    # Places are written to 5 decimals (a metre), which may move a cell at the edge.
    assert gained == pytest.approx(choice["firms_added"], rel=0.01)


def test_without_stations_there_are_densities_and_never_a_raster(planted_city: Study) -> None:
    found = run(with_layers(planted_city), CoverageParams())
    assert [spec.kind for spec in found.layers] == ["choropleth"]
    estimated = found.tables["densities"].dropna(subset=["stations"])
    assert set(estimated["value_kind"]) == {"estimate"}
    assert "Stations by district are estimates" in words(found)
    rates = gpd.GeoDataFrame(
        {"district_id": ["FT"], "stations_5g": [6000.0], "stations_nb_iot": [np.nan],
         "ipv6_user_percent": [70.0], "ipv6_access_percent": [np.nan], "figure_date": ["2024"]},
        geometry=[None], crs=STORED_CRS,
    )  # fmt: skip
    told = run(with_layers(planted_city, network_rates=rates), CoverageParams())
    table = told.tables["densities"].set_index("zone_id")
    assert table.loc["FT", "per_10k"] == pytest.approx(6000 / 155.3225)
    assert np.isnan(table.loc["NS", "stations"])
    assert table["value_kind"].to_dict()["NS"] == "unknown"
    given = told.tables["rates"].set_index("zone_id")
    assert given.loc["FT", "ipv6_user_percent"] == 70.0
    assert pd.isna(given.loc["FT", "ipv6_access_percent"])
    assert pd.isna(given.loc["NS", "ipv6_user_percent"])


def test_the_estimated_district_table_keeps_the_known_bounds(plain: Result) -> None:
    """AC-08: five districts above 5,000 stations each and 81 % together, marked estimate."""
    table = plain.tables["estimate"].set_index("zone_id")
    five = table.loc[["FT", "NS", "LG", "LHU", "BA"], "stations"]
    assert (five > 5000).all()
    assert five.sum() == round(0.81 * table["stations"].sum())
    assert set(table["value_kind"]) == {"estimate"}
    assert "SS" not in table.index
    bounds = known_bounds("shenzhen")
    assert bounds is not None
    assert (bounds.total, bounds.share, bounds.most) == (50_000, 0.81, "LG")
    assert bounds.at_least == {"PS": 1329}


def test_a_shifted_table_and_stations_in_the_sea_raise_a_warning(planted_city: Study) -> None:
    border = planted_city.zones["district"].geometry.union_all().buffer(-0.003)
    points = shapely.get_coordinates(border.segmentize(0.01).boundary)
    inside = points[planted_city.zones["district"].geometry.union_all().buffer(-0.0005)
                    .contains(gpd.points_from_xy(points[:, 0], points[:, 1]))]  # fmt: skip
    shifted = np.column_stack(wgs84_to_gcj02(inside[:, 0], inside[:, 1]))
    found = estimate(planted_city, stations(shifted))
    assert "Doubtful datum" in words(found)
    assert "gcj02" in words(found)
    assert "Doubtful datum" not in words(estimate(planted_city, stations(inside)))
    wet = estimate(planted_city, stations([*CENTRES, (113.80, 22.45)]))
    assert "stand in the sea" in words(wet)


def grid_of(study: Study, cell: float, margin: float = 3000.0) -> Grid:
    west, south, east, north = study.zones["district"].to_crs(CRS).total_bounds
    return Grid.around((west - margin, south - margin, east + margin, north + margin), cell, CRS)


def test_terrain_hides_and_says_so(planted_city: Study, plain: Result) -> None:
    grid = grid_of(planted_city, 100.0)
    x, _ = from_wgs84([114.055], [22.543], parse_datum(CRS))
    wall = np.zeros(grid.shape, dtype=np.float32)
    columns, _ = grid.centres()
    wall[:, np.abs(columns - x[0] - 500.0) < 60.0] = 200.0
    study = with_layers(planted_city, Raster(wall, grid, None, "m"), stations=stations())
    found = run(study, CoverageParams(**QUICK))
    assert np.nansum(raster(found, "covered")) < np.nansum(raster(plain, "covered"))
    assert "bare earth" in words(found)
    assert "No terrain" in words(plain)


def test_a_terrain_that_ends_inside_the_city_is_an_error_never_sea_level(
    planted_city: Study,
) -> None:
    whole = grid_of(planted_city, 200.0)
    part = whole.window(0, whole.rows, 0, whole.cols // 2)
    flat = Raster(np.zeros(part.shape, np.float32), part, None, "m")
    with pytest.raises(LayoutError):
        run(with_layers(planted_city, flat, stations=stations()), CoverageParams(**QUICK))


def test_holes_in_the_terrain_are_unknown(planted_city: Study, plain: Result) -> None:
    grid = grid_of(planted_city, 200.0)
    values = np.zeros(grid.shape, dtype=np.float32)
    x, y = from_wgs84([114.062], [22.543], parse_datum(CRS))
    row, col = grid.rows_cols(x, y)
    values[row[0] - 1 : row[0] + 2, col[0] - 1 : col[0] + 2] = np.nan
    found = run(
        with_layers(planted_city, Raster(values, grid, None, "m"), stations=stations()),
        CoverageParams(**QUICK),
    )
    districts = found.tables["districts"].set_index("zone_id")
    assert districts.loc["FT", "known_percent"] < 100.0
    assert total(found)["firms"] < total(plain)["firms"]


def test_faulty_tables_are_refused_or_counted(planted_city: Study) -> None:
    with pytest.raises(InputFileError):
        estimate(planted_city, stations().iloc[:0])
    twice = pd.concat([stations(), stations(id=[f"D{i}" for i in range(4)])])
    frame = gpd.GeoDataFrame(twice, crs=STORED_CRS).reset_index(drop=True)
    frame[c.HEIGHT] = 30.0
    frame.loc[0, c.EIRP] = 75.0
    problems = estimate(planted_city, frame).tables["problems"].set_index("problem")["stations"]
    assert problems.to_dict() == {"bad_eirp": 1, "duplicate": 4}
    with pytest.raises(ParameterError):
        estimate(planted_city, rural_districts=("XX",))


@pytest.mark.parametrize("places", ["degrees as metres", "metres as degrees", "exchanged"])
def test_stations_that_are_nowhere_near_the_city_are_refused(
    planted_city: Study, places: str
) -> None:
    lon, lat = np.array(CENTRES).T
    x, y = {
        "degrees as metres": to_wgs84(lon, lat, parse_datum(CRS)),
        "metres as degrees": from_wgs84(lon, lat, parse_datum(CRS)),
        "exchanged": (lat, lon),
    }[places]
    with pytest.raises(InputFileError, match="datum") as told:
        estimate(planted_city, stations(np.column_stack([x, y])))
    assert "4 stations" in told.value.message("en")
    assert f"{x[0]:.4f}" in told.value.message("zh")


def test_one_station_near_the_city_is_enough_and_the_others_are_counted(
    planted_city: Study,
) -> None:
    found = estimate(planted_city, stations([CENTRES[0], (100.0, 30.0)]))
    assert np.nansum(raster(found, "covered")) > 0
    assert "stand outside the city" in words(found)


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        (c.FREQUENCY, 260_000.0, "bad_frequency"),
        (c.FREQUENCY, 2.6, "bad_frequency"),
        (c.EIRP, 75.0, "bad_eirp"),
        (c.HEIGHT, 400.0, "bad_height"),
    ],
)
def test_a_bad_value_is_named_with_its_station_and_the_rest_is_used(
    planted_city: Study, plain: Result, column: str, value: float, problem: str
) -> None:
    given = {c.FREQUENCY: 2600.0, c.EIRP: 38.0, c.HEIGHT: 25.0}[column]
    frame = stations(**{column: [given, value, given, given]})
    found = estimate(planted_city, frame)
    rows = found.tables["problems"]
    assert rows[["problem", "stations", "first_ids"]].to_numpy().tolist() == [[problem, 1, "T1"]]
    assert 0 < np.nansum(raster(found, "covered")) < np.nansum(raster(plain, "covered"))


def test_heights_above_sea_given_as_above_ground_are_refused(planted_city: Study) -> None:
    grid = grid_of(planted_city, 200.0)
    x, _ = grid.centres()
    slope = np.broadcast_to((x - x[0]) / 400.0, grid.shape).astype(np.float32)
    ground = Raster(slope, grid, None, "m")
    lon = np.linspace(113.87, 114.2, 24)
    places = np.column_stack([lon, np.full(24, 22.6)])
    east, north = from_wgs84(*places.T, parse_datum(CRS))
    above_sea = stations(places, **{c.HEIGHT: ground.at(east, north) + 25.0})
    with pytest.raises(InputFileError, match="antenna_asl_m"):
        run(with_layers(planted_city, ground, stations=above_sea), CoverageParams(**QUICK))
    right = stations(places, **{c.HEIGHT: 25.0})
    found = run(with_layers(planted_city, ground, stations=right), CoverageParams(**QUICK))
    assert found.tables["problems"].empty


def test_assumed_values_are_told_with_their_effect(planted_city: Study) -> None:
    found = estimate(planted_city, sensitivity=True)
    table = found.tables["effects"].set_index("variant")
    assert table.loc["power_minus", "firms_percent"] < table.loc["as_assumed", "firms_percent"]
    assert table.loc["power_plus", "area_percent"] > table.loc["as_assumed", "area_percent"]
    assert table.loc["height_plus", "stations_changed"] == 4
    assert "4 have the assumed height" in words(found)


def test_measured_points_are_apart_and_can_correct_the_model(planted_city: Study) -> None:
    base = estimate(planted_city)
    level = next(s for s in base.layers if s.name == "signal").frame
    row, col = np.nonzero(level.values > -110)
    x, y = level.grid.centres()
    points = gpd.GeoSeries(gpd.points_from_xy(x[col], y[row]), crs=CRS).to_crs(STORED_CRS)
    given = gpd.GeoDataFrame(
        {"id": [f"M{i}" for i in range(len(points))],
         "rsrp_dbm": level.values[row, col].astype(float) - 6.0},
        geometry=points.to_numpy(), crs=STORED_CRS,
    )  # fmt: skip
    settings = CoverageParams(**QUICK)
    study = with_layers(planted_city, stations=stations(), signal_points=given)
    found = run(study, settings)
    fit = found.tables["measured"].iloc[0]
    assert fit["bias_db"] == pytest.approx(-6.0, abs=0.01)
    assert fit["rmse_after_db"] < 0.01 < fit["rmse_before_db"]
    np.testing.assert_array_equal(raster(found, "covered"), raster(base, "covered"))
    assert "measured_points" in {spec.name for spec in found.layers}
    fitted = run(study, settings.model_copy(update={"fit_measured": True}))
    assert np.nansum(raster(fitted, "covered")) < np.nansum(raster(base, "covered"))


def test_fits_need_points_that_can_carry_them() -> None:
    line = np.linspace(-110, -70, 30)
    fit = fit_signal(0.9 * line - 12.0, line)
    assert (fit.slope, fit.offset) == (pytest.approx(0.9), pytest.approx(-12.0))
    assert fit.after == pytest.approx(0.0, abs=1e-9)
    for measured, estimated in ((line[:5], line[:5]), (line, np.full(30, -90.0)), (-line, line)):
        with pytest.raises(MeasureError):
            fit_signal(measured, estimated)


def test_zones_are_counted_by_exact_parts_of_cells() -> None:
    # exactextract's own case: 3 × 3 cells of 1 to 9, a square from 0.5 to 2.5: 4 cells, mean 5.
    grid = Grid(CRS, 0.0, 3.0, 1.0, 3, 3)
    values = Raster(np.arange(1.0, 10.0).reshape(3, 3), grid)
    zones = gpd.GeoDataFrame(geometry=[shapely.box(0.5, 0.5, 2.5, 2.5)], crs=CRS)
    found = zone_shares(values, zones)
    assert found["share"].tolist() == [5.0]
    assert found["known"].tolist() == [1.0]
    hole = values.values.copy()
    hole[0, 0] = np.nan
    cut = zone_shares(Raster(hole, grid), zones)
    assert cut["share"][0] == pytest.approx(19.75 / 3.75)
    assert cut["known"][0] == pytest.approx(3.75 / 4)


def test_averaged_terrain_keeps_means_and_holes() -> None:
    grid = Grid(CRS, 0.0, 40.0, 10.0, 4, 5)
    values = np.arange(20.0).reshape(4, 5)
    values[3, 0] = np.nan
    wide = averaged(Raster(values, grid), 2)
    assert wide.grid == Grid(CRS, 0.0, 40.0, 20.0, 2, 3)
    assert wide.values[0, 0] == np.mean([0, 1, 5, 6])
    assert wide.values[0, 2] == np.mean([4, 9])
    assert np.isnan(wide.values[1, 0])
