"""Base of all settings: typed, bounded, documented and frozen."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from layout.core.errors import ParameterError

P = TypeVar("P", bound="Params")


class Params(BaseModel):
    """Settings of an analysis or a step.

    Each field has bounds, a description (meaning and unit) and a title in the form
    ``"中文 | English"``; widgets, command-line options and documentation come from them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


def parse_params(model: type[P], values: dict[str, Any]) -> P:
    """``values`` as ``model``, all faults told at once.

    Raises
    ------
    ParameterError
        A name is unknown or a value is out of bounds.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, e['loc'])) or '?'}={e.get('input')!r}: {e['msg']}"
            for e in error.errors()
        ]
        raise ParameterError(
            "error.bad_params",
            faults="; ".join(lines),
            known=", ".join(model.model_fields),
        ) from error
