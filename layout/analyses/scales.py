"""Does a finding depend on how the city is cut? The same measures on several sets of zones.

Figures of zones change with the size of the zones and with where their borders run (the modifiable
areal unit problem; Openshaw, S. (1984). *The Modifiable Areal Unit Problem*. Geo Books). Here the
same sectors are measured on districts, subdistricts, parks and hexagons of several widths, the
hexagons also from shifted origins.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field

from layout.analyses.firm_points import FirmPoints, firm_points
from layout.analyses.provenance import provenance_of
from layout.core import facts
from layout.core.config import Params
from layout.core.crs import STORED_CRS
from layout.core.errors import ParameterError
from layout.core.progress import tell
from layout.core.result import Bilingual, LayerSpec, Provenance, Result
from layout.core.study import Study
from layout.geometry.tessellation import hexagon_cells, hexagons
from layout.measures.concentration import ellison_glaeser, hoover_gini
from layout.measures.quotient_inference import location_quotient_inference

Ints = npt.NDArray[np.int64]

ZONES: Final = ("district", "subdistrict", "park")
OTHER: Final = "other"
_SHIFTS: Final = ((0.0, 0.0), (0.5, 0.0), (0.25, 0.433), (0.75, 0.433))
"""Origins of hexagons as shares of their width."""
_Q: Final = 0.05
_HIGH: Final = 1.25


class ScaleParams(Params):
    """Settings of the scale check."""

    sector: str = Field("S02", title="细分领域 | Sector", description="sector that is drawn")
    widths_m: tuple[float, ...] = Field(
        (500.0, 1_000.0, 2_000.0),
        title="六边形宽度（米） | Hexagon widths, m",
        description="distance between opposite sides, metres",
    )
    min_firms: int = Field(
        5,
        ge=1,
        le=1000,
        title="最少企业数 | Minimum firms",
        description="zones with fewer firms show no location quotient",
    )


MODEL = ScaleParams


def run(study: Study, params: ScaleParams) -> Result:
    """How far findings depend on the zones.

    Returns
    -------
    Result
        Tables ``by_scale`` (a row a sector and scale), ``dependence`` (a row a sector: range of the
        index over the scales, its spread over shifted hexagons, range of its rank) and
        ``agreement`` (rank correlation of the sectors between scales). Layers: the location
        quotient of the chosen sector at each scale.

    Raises
    ------
    ParameterError
        The sector is unknown or a width is out of bounds.
    """
    _require(params)
    firms = firm_points(study)
    rows, shifted, layers = [], [], []
    units = list(_scales(firms, params))
    for place, (name, codes, number) in enumerate(units):
        tell("scales.measure", place / len(units))
        rows.append(_measured(firms, codes, number, name))
    for width in params.widths_m:
        for shift in _SHIFTS:
            codes, _ = _hexagon_codes(firms, width, shift)
            gamma = _gamma(firms, codes)
            shifted.append(pd.DataFrame({"width_m": width, "gamma": gamma}))
    layers = [_zone_layer(study, firms, kind, params) for kind in ZONES if len(study.zones[kind])]
    layers.append(_hexagon_layer(firms, params))
    by_scale = pd.concat(rows)
    tell("scales.measure", 1.0)
    return Result(
        name="scales",
        tables={
            "by_scale": by_scale.reset_index(drop=True),
            "dependence": dependence(by_scale, pd.concat(shifted)),
            "agreement": agreement(by_scale),
        },
        layers=tuple(layers),
        notes=(
            Bilingual.of("scales.note.index"),
            Bilingual.of("scales.note.shift"),
            Bilingual.of("scales.note.unplaced", count=f"{firms.unplaced:,}"),
            Bilingual.of("scales.note.parks"),
        ),
        provenance=_provenance(study, params),
        labels={"zone_scale": scale_words(params), "sector": _sector_words()},
    )


def _require(params: ScaleParams) -> None:
    known = facts.sector_ids()
    if params.sector not in known:
        raise ParameterError(
            "error.unknown_ids", what="sectors", found=params.sector, known=", ".join(known)
        )
    odd = [width for width in params.widths_m if not 100 <= width <= 20_000]
    if odd or not params.widths_m:
        raise ParameterError("error.hexagon_widths", found=str(odd or params.widths_m))


def _scales(firms: FirmPoints, params: ScaleParams) -> Iterator[tuple[str, Ints, int]]:
    """Name of each scale, the unit of each firm (-1 for none) and the number of units."""
    for kind in ZONES:
        if firms.ids[kind]:
            yield kind, firms.zones[kind], len(firms.ids[kind])
    for width in params.widths_m:
        codes, number = _hexagon_codes(firms, width, _SHIFTS[0])
        yield hexagon_name(width), codes, number


def hexagon_name(width_m: float) -> str:
    """Name of a scale of hexagons."""
    return f"hexagon_{width_m:g}"


def _hexagon_codes(
    firms: FirmPoints, width_m: float, shift: tuple[float, float]
) -> tuple[Ints, int]:
    x = firms.xy[:, 0] + shift[0] * width_m
    y = firms.xy[:, 1] + shift[1] * width_m
    q, r = hexagon_cells(x, y, width_m=width_m)
    _, codes = np.unique(np.column_stack([q, r]), axis=0, return_inverse=True)
    codes = codes.ravel().astype(np.int64)
    return codes, int(codes.max()) + 1 if len(codes) else 0


def counts_by_unit(firms: FirmPoints, codes: Ints, number: int) -> pd.DataFrame:
    """Firms by unit × sector and ``other`` (untagged), by primary sector; firms in no unit out."""
    sectors = facts.sector_ids()
    width = len(sectors) + 1
    primary = np.where(firms.sectors[:, 0] < 0, len(sectors), firms.sectors[:, 0])
    inside = codes >= 0
    cells = np.bincount(codes[inside] * width + primary[inside], minlength=number * width)
    return pd.DataFrame(cells.reshape(number, width), columns=[*sectors, OTHER])


def _gamma(firms: FirmPoints, codes: Ints) -> pd.Series:
    """Ellison–Glaeser's index of each sector, every firm counting one."""
    inside = codes >= 0
    tagged = inside & (firms.sectors[:, 0] >= 0)
    names = np.array(facts.sector_ids(), dtype=object)[firms.sectors[tagged, 0]]
    reference = pd.Series(np.bincount(codes[inside]).astype("float64"))
    found = ellison_glaeser(np.ones(int(tagged.sum())), names, codes[tagged], reference=reference)
    return found["gamma"].reindex(list(facts.sector_ids()))


def _measured(firms: FirmPoints, codes: Ints, number: int, scale: str) -> pd.DataFrame:
    table = counts_by_unit(firms, codes, number)
    used = table[table.sum(axis=1) > 0]
    sectors = list(facts.sector_ids())
    total = used.sum(axis=1).astype("float64")
    gini = hoover_gini(used[sectors].astype("float64"), total)
    tested = location_quotient_inference(used[sectors], total.astype("int64")).reset_index()
    high = (tested["location_quotient"] >= _HIGH) & (tested["q_over_bh"] < _Q)
    sector = tested.columns[1]
    special = high.groupby(tested[sector].to_numpy()).sum().reindex(sectors).fillna(0)
    return pd.DataFrame(
        {
            "sector": sectors,
            "zone_scale": scale,
            "units": len(used),
            "firms": used[sectors].sum().to_numpy(),
            "hoover_gini": gini.reindex(sectors).to_numpy(),
            "gamma": _gamma(firms, codes).to_numpy(),
            "special_units": special.astype("int64").to_numpy(),
        }
    )


def dependence(by_scale: pd.DataFrame, shifted: pd.DataFrame) -> pd.DataFrame:
    """How far the index of each sector depends on the zones.

    Returns
    -------
    DataFrame
        By sector: ``gamma_low``, ``gamma_high`` and ``gamma_range`` over the scales,
        ``shift_sd`` (largest standard deviation over shifted origins among the hexagon widths) and
        ``rank_best``, ``rank_worst`` among the sectors.
    """
    table = by_scale.pivot_table("gamma", "sector", "zone_scale", sort=False, observed=True)
    ranks = table.rank(ascending=False)
    spread = shifted.groupby(["width_m", shifted.index])["gamma"].std(ddof=0)
    return pd.DataFrame(
        {
            "gamma_low": table.min(axis=1),
            "gamma_high": table.max(axis=1),
            "gamma_range": table.max(axis=1) - table.min(axis=1),
            "shift_sd": spread.groupby(level=1).max().reindex(table.index),
            "rank_best": ranks.min(axis=1).astype("int64"),
            "rank_worst": ranks.max(axis=1).astype("int64"),
        }
    ).rename_axis("sector")


def agreement(by_scale: pd.DataFrame) -> pd.DataFrame:
    """Spearman's rank correlation of the sectors' index between scales, scale × scale."""
    table = by_scale.pivot_table("gamma", "sector", "zone_scale", sort=False, observed=True)
    made = table.rank().corr()
    made.index.name, made.columns.name = "zone_scale", None
    return made


def _quotients(table: pd.DataFrame, params: ScaleParams) -> pd.DataFrame:
    """Location quotient of the sector in each unit, null where the unit has too few firms."""
    total = table.sum(axis=1)
    city = table[params.sector].sum() / max(total.sum(), 1)
    lq = table[params.sector] / total.where(total >= params.min_firms) / (city or np.nan)
    return pd.DataFrame({"lq": lq, "sector_firms": table[params.sector], "firms": total})


def _zone_layer(study: Study, firms: FirmPoints, kind: str, params: ScaleParams) -> LayerSpec:
    table = counts_by_unit(firms, firms.zones[kind], len(firms.ids[kind]))
    found = _quotients(table, params).set_axis(list(firms.ids[kind]))
    frame = study.zones[kind].merge(found, left_on="id", right_index=True, how="left")
    return _spec(f"scale_{kind}", frame, scale_words(params)[kind], params)


def _hexagon_layer(firms: FirmPoints, params: ScaleParams) -> LayerSpec:
    """The hexagons of the middle width."""
    width = sorted(params.widths_m)[len(params.widths_m) // 2]
    q, r = hexagon_cells(firms.xy[:, 0], firms.xy[:, 1], width_m=width)
    cells, codes = np.unique(np.column_stack([q, r]), axis=0, return_inverse=True)
    found = _quotients(counts_by_unit(firms, codes.ravel(), len(cells)), params)
    shapes = hexagons(cells[:, 0], cells[:, 1], width_m=width)
    frame = gpd.GeoDataFrame(found, geometry=shapes, crs=firms.crs).to_crs(STORED_CRS)
    frame.insert(0, "id", [f"{a},{b}" for a, b in cells])
    frame = frame[frame["lq"].notna()]
    name = hexagon_name(width)
    return _spec(f"scale_{name}", frame, scale_words(params)[name], params)


def _spec(name: str, frame: gpd.GeoDataFrame, words: Bilingual, params: ScaleParams) -> LayerSpec:
    sector = _sector_words()[params.sector]
    return LayerSpec(
        name,
        "choropleth",
        frame,
        Bilingual(
            f"{sector.zh}区位商（{words.zh}）", f"{sector.en}: location quotient ({words.en})"
        ),
        "lq",
        palette="diverging",
        details=("sector_firms", "firms"),
        id_column="id",
        approximate=bool(frame["approximate"].any()) if "approximate" in frame else False,
    )


def scale_words(params: ScaleParams) -> dict[Any, Bilingual]:
    """Words of every scale."""
    words: dict[Any, Bilingual] = {kind: Bilingual.of(f"scales.{kind}") for kind in ZONES}
    for width in params.widths_m:
        words[hexagon_name(width)] = Bilingual.of("scales.hexagon", metres=f"{width:,.0f}")
    return words


def _sector_words() -> dict[Any, Bilingual]:
    table = facts.reference("sectors")
    rows = zip(table["code"], table["name_zh"], table["name_en"], strict=True)
    return {code: Bilingual(zh, en) for code, zh, en in rows}


def _provenance(study: Study, params: ScaleParams) -> Provenance:
    return provenance_of(study, params, Bilingual.of("scales.method"))
