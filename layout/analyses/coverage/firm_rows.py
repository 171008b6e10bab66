"""Some of the located firms of a study, in words: who they are and where."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from layout.core.columns import CODE, DISTRICT, NAME, PARK, REVENUE, SECTOR_1, SUBDISTRICT
from layout.core.study import Study


def firm_rows(study: Study, rows: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Firms by their positions in :func:`layout.analyses.firm_points.firm_points`.

    Returns
    -------
    pandas.DataFrame
        Code, name (also as ``name_zh``, for maps), primary sector, district, subdistrict and park
        ids, and revenue of the latest year in whole yuan.
    """
    wanted = [CODE, NAME, SECTOR_1, DISTRICT, SUBDISTRICT, PARK]
    if study.manifest.years:
        wanted.append(REVENUE.of(study.manifest.years[-1]))
    there = set(study.firm_dataset().schema.names)
    table = study.firms([name for name in wanted if name in there])
    placed = table.filter(pc.is_valid(table[DISTRICT]))
    frame: pd.DataFrame = placed.take(pa.array(rows)).to_pandas()
    for column in frame.columns:
        if isinstance(frame[column].dtype, pd.CategoricalDtype):
            frame[column] = frame[column].astype(object)
    return frame
