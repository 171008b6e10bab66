"""Values that were not taken as they stood, kept beside the row they belong to."""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from layout.prepare.text_arrays import as_text

Flags = npt.NDArray[np.bool_]

_CONTROL = "[\\x00-\\x1f]"


class Originals:
    """Gathers values of one batch; :meth:`column` gives a JSON object a row, null for none.

    ``{"营业收入2023(万元)": "-35.20"}``: the header in the file and the text that stood there.
    """

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._kept: list[tuple[str, Flags, pa.Array]] = []

    def keep(self, header: str, values: pa.Array, where: Flags) -> None:
        """Keep the values of a column, of the rows ``where``; nothing is kept of empty ones."""
        if where.any():
            self._kept.append((header, where, values))

    def column(self) -> pa.Array:
        """The column ``original_values``, ``(n,)``."""
        touched = np.zeros(self._rows, dtype=np.bool_)
        for _, where, _ in self._kept:
            touched |= where
        if not touched.any():
            return pa.nulls(self._rows, pa.string())
        chosen = pa.array(touched)
        members = []
        for header, where, values in self._kept:
            text = as_text(values.filter(chosen))
            kept = pc.and_(pa.array(where[touched]), pc.not_equal(text, ""))
            name = json.dumps(header, ensure_ascii=False)
            member = pc.binary_join_element_wise(f", {name}: ", _quoted(text), "")
            members.append(pc.fill_null(pc.if_else(kept, member, ""), ""))
        whole = pc.binary_join_element_wise("{", *members, "}", "")
        whole = pc.replace_substring(whole, "{, ", "{", max_replacements=1)
        objects = pc.if_else(pc.equal(whole, "{}"), None, whole)
        return pc.replace_with_mask(pa.nulls(self._rows, pa.string()), chosen, objects)


def _quoted(text: pa.Array) -> pa.Array:
    """Texts as JSON strings."""
    if pc.any(pc.match_substring_regex(text, _CONTROL)).as_py():
        values = text.to_pylist()
        made = [None if one is None else json.dumps(one, ensure_ascii=False) for one in values]
        return pa.array(made, pa.string())
    escaped = pc.replace_substring(pc.replace_substring(text, "\\", "\\\\"), '"', '\\"')
    return pc.binary_join_element_wise('"', escaped, '"', "")
