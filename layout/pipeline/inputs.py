"""What a run starts from: a firm table, boundaries, and what is said of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from layout.core.errors import InputFileError

INPUTS_FILE: Final = "inputs.yaml"


class TableInput(BaseModel):
    """The firm table and how to read it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path
    datum: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    revenue_unit: str | None = None
    mapping: dict[str, str] = Field(default_factory=dict)


class ZoneInput(BaseModel):
    """A boundary file and how to read it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path
    id_column: str | None = None
    name_column: str | None = None
    datum: str | None = None


class LayerInput(BaseModel):
    """An optional layer and how to read it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path
    datum: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    synthetic: bool = False


class Inputs(BaseModel):
    """``inputs.yaml``: everything a run needs to know of its files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    firms: TableInput
    city: str = "shenzhen"
    synthetic: bool = False
    seed: int | None = None
    note: str | None = None
    districts: ZoneInput | None = None
    subdistricts: ZoneInput | None = None
    parks: ZoneInput | None = None
    overlays: ZoneInput | None = None
    layers: dict[str, LayerInput] = Field(default_factory=dict)

    def zone_inputs(self) -> dict[str, ZoneInput]:
        """The boundary files by zone kind."""
        given = {
            "district": self.districts,
            "subdistrict": self.subdistricts,
            "park": self.parks,
            "overlay": self.overlays,
        }
        return {kind: zone for kind, zone in given.items() if zone is not None}


def read_inputs(path: Path | str) -> Inputs:
    """``inputs.yaml`` (or the folder that holds it); its paths are relative to it.

    Raises
    ------
    InputFileError
        There is no such file, or it says something that is not understood.
    """
    given = Path(path)
    file = given / INPUTS_FILE if given.is_dir() else given
    if not file.is_file():
        raise InputFileError("error.no_inputs", path=given, name=INPUTS_FILE)
    try:
        values = yaml.safe_load(file.read_text("utf-8"))
        return Inputs.model_validate(_absolute(values, file.parent))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputFileError("error.bad_inputs", path=file, faults=str(error)) from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise InputFileError("error.bad_inputs", path=file, faults=faults) from error


def _absolute(values: Any, folder: Path) -> Any:
    if isinstance(values, dict):
        return {
            key: str(folder / value)
            if key == "path" and isinstance(value, str)
            else _absolute(value, folder)
            for key, value in values.items()
        }
    return values
