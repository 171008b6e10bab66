"""What stands beside the files of the demonstration city: README.txt and inputs.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import yaml

import layout.demo
from layout.core.faults import FAULTS
from layout.core.texts import text
from layout.demo.faults import KINDS, FaultPlan
from layout.demo.firms import City
from layout.demo.table import FOREIGN_BATCH, MONEY_UNIT

ZONE_FILES: Final = ("districts", "subdistricts", "parks", "overlays")


def inputs_text(city: str, seed: int, layers: Mapping[str, str]) -> str:
    """``inputs.yaml``: all that a run needs to be told of the files.

    Parameters
    ----------
    city, seed
        As asked for.
    layers
        File of each optional layer, relative to the folder.
    """
    zone: dict[str, Any] = {"id_column": "id", "name_column": "name_zh", "datum": "wgs84"}
    values = {
        "synthetic": True,
        "city": city,
        "seed": seed,
        "note": text("demo.note", "zh"),
        "firms": {
            "path": "firms.csv",
            "datum": "wgs84",
            "revenue_unit": MONEY_UNIT,
            "encoding": "utf-8",
        },
        **{name: {"path": f"{name}.geojson", **zone} for name in ZONE_FILES},
        "layers": {
            name: {"path": file, "datum": "wgs84", "synthetic": True}
            for name, file in layers.items()
        },
    }
    return yaml.safe_dump(values, allow_unicode=True, sort_keys=False)


def readme_text(city: City, faults: FaultPlan) -> str:
    """``README.txt``: what the files are, which faults are in them, what is assumed."""
    counts = np.bincount(faults.kinds, minlength=len(KINDS)).tolist()
    lines = [
        f"  {name:<26} {count:>9,}  {FAULTS[name].policy.value}"
        for name, count in zip(KINDS, counts, strict=True)
    ]
    values = {
        "city": city.plan.name,
        "firms": f"{city.firms:,}",
        "seed": city.seed,
        "batch": FOREIGN_BATCH,
        "faults": "\n".join(lines),
    }
    parts = [text("demo.readme", "zh", **values), text("demo.readme", "en", **values)]
    assumptions = (layout.demo.__doc__ or "").strip()
    return "\n\n".join([*parts, "-" * 72, assumptions]) + "\n"
