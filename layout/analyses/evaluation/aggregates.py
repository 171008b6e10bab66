"""The firms of a study as whole numbers, summed again for every resample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from layout.core import columns as c
from layout.core import facts
from layout.core.study import Study

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

IN_PARK, FUSION, HIGH_TECH, HIGH_TECH_KNOWN = range(4)
_FLAGS = 4


@dataclass(frozen=True)
class Firms:
    """Tagged firms inside the districts, one position a firm.

    Attributes
    ----------
    district, sector
        Positions in ``districts`` and ``sectors``.
    flags
        Firms × 4: in a park, fusion, high-tech, high-tech known.
    first, last
        Revenue of the first and the last year, yuan, 0 where unknown.
    code
        Position of the industry code in ``codes``.
    """

    districts: tuple[str, ...]
    sectors: tuple[str, ...]
    codes: tuple[str, ...]
    years: tuple[int, int]
    district: Codes
    sector: Codes
    code: Codes
    flags: npt.NDArray[np.bool_]
    first: Floats
    last: Floats

    def __len__(self) -> int:
        return len(self.district)


@dataclass(frozen=True)
class Sums:
    """Sums over firms: districts × sectors, and districts × industry codes."""

    number: Floats
    flags: Floats
    first: Floats
    last: Floats
    code_number: Floats


def read_firms(study: Study) -> Firms:
    """Tagged firms of the study that lie in a district."""
    years = study.manifest.years
    names = study.firm_dataset().schema.names
    first, last = c.REVENUE.of(years[0]), c.REVENUE.of(years[-1])
    wanted = [c.DISTRICT, c.SECTOR_1, c.SCOPE, c.PARK, c.INDUSTRY_CODE, c.HIGH_TECH, first, last]
    table = study.firms(list(dict.fromkeys(name for name in wanted if name in names)))
    districts = tuple(study.zones["district"]["id"])
    sectors = facts.sector_ids()
    district = _positions(table[c.DISTRICT], districts)
    sector = _positions(table[c.SECTOR_1], sectors)
    keep = (district >= 0) & (sector >= 0)
    codes, position = np.unique(_texts(table, c.INDUSTRY_CODE), return_inverse=True)
    return Firms(
        districts=districts,
        sectors=sectors,
        codes=tuple(map(str, codes)),
        years=(years[0], years[-1]),
        district=district[keep],
        sector=sector[keep],
        code=position[keep].astype("int64"),
        flags=_flags(table)[keep],
        first=_amounts(table, first)[keep],
        last=_amounts(table, last)[keep],
    )


def sums(firms: Firms, times: npt.NDArray[np.int64] | None = None) -> Sums:
    """Sums over the firms, each counted ``times`` (once where not given)."""
    shape = (len(firms.districts), len(firms.sectors))
    cell = firms.district * shape[1] + firms.sector
    weight = np.ones(len(firms)) if times is None else times.astype("float64")

    def summed(values: Floats) -> Floats:
        found = np.bincount(cell, values, minlength=shape[0] * shape[1])
        return found.astype("float64").reshape(shape)

    codes = len(firms.codes)
    place = firms.district * codes + firms.code
    by_code: Floats = np.bincount(place, weight, minlength=shape[0] * codes).astype("float64")
    return Sums(
        number=summed(weight),
        flags=np.stack([summed(weight * firms.flags[:, k]) for k in range(_FLAGS)]),
        first=summed(weight * firms.first),
        last=summed(weight * firms.last),
        code_number=by_code.reshape(shape[0], codes),
    )


def resampled(firms: Firms, random: np.random.Generator) -> Sums:
    """Sums over a bootstrap sample: every firm is drawn a Poisson number of times, mean 1."""
    return sums(firms, random.poisson(1.0, len(firms)))


def _positions(column: pa.ChunkedArray, labels: tuple[str, ...]) -> Codes:
    values = pd.Index(labels).get_indexer(column.to_pandas().astype(object))
    return np.asarray(values, dtype="int64")


def _texts(table: pa.Table, name: str) -> npt.NDArray[np.str_]:
    if name not in table.column_names:
        return np.full(table.num_rows, "")
    return np.array(table[name].to_pandas().astype(object).fillna("").tolist(), dtype="str")


def _amounts(table: pa.Table, name: str) -> Floats:
    if name not in table.column_names:
        return np.zeros(table.num_rows)
    values: Floats = table[name].to_pandas().fillna(0).to_numpy(dtype="float64")
    return values


def _flags(table: pa.Table) -> npt.NDArray[np.bool_]:
    flags = np.zeros((table.num_rows, _FLAGS), dtype=bool)
    flags[:, IN_PARK] = table[c.PARK].to_pandas().notna()
    flags[:, FUSION] = table[c.SCOPE].to_pandas().astype(object) == "fusion"
    if c.HIGH_TECH in table.column_names:
        high = table[c.HIGH_TECH].to_pandas()
        flags[:, HIGH_TECH_KNOWN] = high.notna()
        flags[:, HIGH_TECH] = high.fillna(0).astype(bool)
    return flags
