"""Which district the zones of another layer belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import shapely

from layout.core import zone_columns as z
from layout.core.result import Bilingual
from layout.core.study import ZoneLayer
from layout.prepare.zone_shapes import shortened

_HAVE_PARENTS: Final = ("subdistrict", "park")


def with_parents(layers: Mapping[str, ZoneLayer]) -> dict[str, ZoneLayer]:
    """The layers, each subdistrict and park with the id of its district.

    An id that names a district of the layer ``district`` stays. Otherwise the district that holds
    the zone's representative point is taken; zones whose point lies in none are noted.
    """
    made = dict(layers)
    for kind in _HAVE_PARENTS:
        if kind in made:
            made[kind] = _assigned(made[kind], layers["district"])
    return made


def _assigned(layer: ZoneLayer, districts: ZoneLayer) -> ZoneLayer:
    ids = districts.frame[z.ID].to_numpy(object)
    frame = layer.frame.copy()
    rows = np.flatnonzero(~frame[z.PARENT_ID].isin(ids).to_numpy())
    if not len(rows):
        return layer
    points = shapely.point_on_surface(frame.geometry.to_numpy()[rows])
    tree = shapely.STRtree(districts.frame.geometry.to_numpy())
    point, district = tree.query(points, predicate="intersects")
    first = np.full(len(points), len(ids))
    np.minimum.at(first, point, district)
    frame.loc[rows, z.PARENT_ID] = np.array([*ids, None], object)[first]
    lost = frame[z.ID].to_numpy(object)[rows[first == len(ids)]].tolist()
    if not lost:
        return replace(layer, frame=frame)
    note = Bilingual.of("zones.parents", count=len(lost), labels=shortened(lost))
    return replace(layer, frame=frame, notes=(*layer.notes, note))
