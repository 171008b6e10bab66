"""Draw ``sea_sketch.geojson`` of Shenzhen anew: our own rough polygons, minus the districts.

The corners below were set by hand, to a kilometre or so, on the seaward side of every coast. They
say only "this point is in the sea", for firms whose coordinates went astray; they are no
shoreline and no boundary. Run ``python tools/build_sea_sketch.py`` after a change of the outlines,
then ``python tools/refresh_facts.py``.
"""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import shapely

CITY = Path(__file__).resolve().parents[1] / "data" / "cities" / "shenzhen"
ACCURACY_M = 1000
MARGIN_DEG = 0.0005
"""About 50 m kept free along the outlines, so that rounding never makes the two overlap."""
DIGITS = 4

AREAS = (
    (
        "SEA1",
        "伶仃洋（珠江口）",
        "Lingding Channel (Pearl River estuary)",
        [
            (113.70, 22.725), (113.77, 22.725), (113.86, 22.60), (113.90, 22.48), (113.905, 22.45),
            (113.895, 22.415), (113.87, 22.395), (113.86, 22.36), (113.69, 22.36), (113.69, 22.46),
            (113.68, 22.52), (113.70, 22.58),
        ],
    ),
    (
        "SEA2",
        "深圳湾（后海湾）",
        "Shenzhen Bay (Deep Bay)",
        [
            (113.905, 22.45), (113.90, 22.48), (113.94, 22.52), (114.00, 22.518), (114.008, 22.504),
            (113.99, 22.489), (113.968, 22.468), (113.94, 22.447), (113.915, 22.437),
        ],
    ),
    (
        "SEA3",
        "大鹏湾",
        "Mirs Bay (Dapeng Bay)",
        [
            (114.245, 22.563), (114.28, 22.60), (114.40, 22.62), (114.47, 22.56), (114.55, 22.49),
            (114.60, 22.49), (114.60, 22.38), (114.44, 22.38), (114.42, 22.45), (114.40, 22.50),
            (114.39, 22.53), (114.36, 22.55), (114.335, 22.566), (114.28, 22.567),
        ],
    ),
    (
        "SEA4",
        "大亚湾",
        "Daya Bay",
        [
            (114.535, 22.66), (114.565, 22.685), (114.61, 22.715), (114.67, 22.74),
            (114.705, 22.72), (114.705, 22.60), (114.74, 22.55), (114.76, 22.48),
            (114.76, 22.38), (114.60, 22.38), (114.60, 22.49), (114.55, 22.50),
        ],
    ),
    (
        "SEA5",
        "红海湾",
        "Honghai Bay",
        [
            (115.00, 22.735), (115.05, 22.78), (115.13, 22.805), (115.18, 22.765), (115.25, 22.745),
            (115.25, 22.58), (114.97, 22.58), (114.985, 22.65), (115.005, 22.69),
        ],
    ),
)  # fmt: skip

ISLANDS = (
    (113.885, 22.376, 0.012),  # 龙鼓洲 Lung Kwu Chau
    (114.434, 22.545, 0.014),  # 东平洲 Tung Ping Chau
    (114.300, 22.545, 0.022),  # 吉澳 Kat O
    (114.630, 22.458, 0.022),  # 三门岛 Sanmen Island
    (114.655, 22.570, 0.020),  # 港口列岛（南） islands of Daya Bay, south
    (114.650, 22.635, 0.020),  # 港口列岛（北） islands of Daya Bay, north
)
"""Land of other cities within the areas: longitude, latitude, radius (degrees), cut out."""


def build() -> str:
    """The sketch as GeoJSON text."""
    outlines = gpd.read_file(CITY / "district_outlines.geojson")
    land = shapely.union_all(
        [
            *shapely.buffer(outlines.geometry.to_numpy(), MARGIN_DEG),
            *(shapely.Point(x, y).buffer(radius, quad_segs=3) for x, y, radius in ISLANDS),
        ]
    )
    features = []
    for area_id, name_zh, name_en, corners in AREAS:
        water = shapely.difference(shapely.Polygon(corners), land)
        water = shapely.set_precision(water.simplify(0.0002), 10**-DIGITS)
        parts = [part for part in shapely.get_parts(water) if part.area > 1e-4]
        shape = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
        features.append(
            {
                "type": "Feature",
                "properties": {
                    "id": area_id,
                    "name_zh": name_zh,
                    "name_en": name_en,
                    "accuracy_m": ACCURACY_M,
                    "approximate": True,
                    "note": "本项目手绘示意，仅用于标记落在海上的点，不是海岸线或海域界线",
                },
                "geometry": _rounded(shapely.geometry.mapping(shapely.orient_polygons(shape))),
            }
        )
    lines = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    return f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return value


if __name__ == "__main__":
    (CITY / "sea_sketch.geojson").write_text(build(), encoding="utf-8")
