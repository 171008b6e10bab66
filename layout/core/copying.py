"""Copying runs of bytes in compiled code: a loop over bytes takes several times as long."""

from __future__ import annotations

from typing import Any

from numba.core import cgutils, types
from numba.extending import intrinsic


def _copy_bytes(
    typing: Any, target: Any, place: Any, source: Any, first: Any, size: Any
) -> tuple[Any, Any]:
    """Copy ``size`` bytes of ``source`` from ``first`` into ``target`` at ``place``.

    Both are contiguous arrays of uint8 that do not overlap; nothing is checked.
    """
    del typing

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        utils: Any = cgutils

        def number(which: int) -> Any:
            return context.cast(builder, values[which], signature.args[which], types.int64)

        def pointer(array: int, offset: int) -> Any:
            make = utils.create_struct_proxy(signature.args[array])
            return builder.gep(make(context, builder, values[array]).data, [number(offset)])

        utils.raw_memcpy(builder, pointer(0, 1), pointer(2, 3), number(4), 1)
        return context.get_dummy_value()

    return types.void(target, place, source, first, size), generate


copy_bytes: Any = intrinsic(_copy_bytes)
