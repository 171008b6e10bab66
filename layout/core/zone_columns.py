"""Names of the columns of zone layers (:data:`layout.core.study.ZONE_COLUMNS`) and their words."""

from __future__ import annotations

from typing import Final

ID: Final = "id"
NAME_ZH: Final = "name_zh"
NAME_EN: Final = "name_en"
KIND: Final = "kind"
PARENT_ID: Final = "parent_id"
AREA_KM2: Final = "area_km2"
AREA_SOURCE: Final = "area_source"
ACCURACY_M: Final = "accuracy_m"
APPROXIMATE: Final = "approximate"
SYNTHETIC: Final = "synthetic"
SOURCE: Final = "source"
GEOMETRY: Final = "geometry"

PARK_TYPE: Final = "park_type"
LEAD_SECTORS: Final = "lead_sectors"
EXTENT_VERSION: Final = "extent_version"
OTHER_EXTENT: Final = "area_km2_other_extent"

SITE: Final = "site"
"""Kind of a park that a firm stands in; it can be a firm's primary park."""
AREA: Final = "area"
"""Kind of a park that is context (a corridor, a science city)."""
PARK_KINDS: Final = (SITE, AREA)

OFFICIAL: Final = "official"
"""``area_source``: the published land area of the unit."""
STATED: Final = "stated"
"""``area_source``: an area that its operator or the press states."""
OUTLINE: Final = "outline"
"""``area_source``: measured on the shape."""
