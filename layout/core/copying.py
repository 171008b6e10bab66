"""Copying runs of bytes in compiled code: a loop over bytes takes several times as long.

Columns of many types are handed to one compiled function by their addresses, as it would have to
be compiled anew for each combination of types. Nothing is checked here.
"""

from __future__ import annotations

from typing import Any, Final

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from layout.core.intrinsics import Call

WIDE: Final = 32


def _copy_bytes(
    typing: Any, target: Any, place: Any, source: Any, first: Any, size: Any
) -> tuple[Any, Any]:
    """Copy ``size`` bytes of ``source`` from ``first`` into ``target`` at ``place``.

    Both are contiguous arrays of uint8 that do not overlap.
    """
    del typing

    def generate(*given: Any) -> Any:
        call = Call(*given)
        return call.copy(call.within(0), call.within(2), 4)

    return types.void(target, place, source, first, size), generate


def _copy_wide(typing: Any, target: Any, place: Any, source: Any, first: Any) -> tuple[Any, Any]:
    """Copy ``WIDE`` bytes as :func:`copy_bytes` does, in one move: less than a call for a few.

    For short runs one after the other, where what a run writes too much is overwritten by the next.
    """
    del typing

    def generate(*given: Any) -> Any:
        call = Call(*given)
        vector = ir.VectorType(ir.IntType(8), WIDE).as_pointer()
        to = call.builder.bitcast(call.within(0), vector)
        origin = call.builder.bitcast(call.within(2), vector)
        call.builder.store(call.builder.load(origin, align=1), to, align=1)
        return call.context.get_dummy_value()

    return types.void(target, place, source, first), generate


def _fetch(typing: Any, source: Any, place: Any) -> tuple[Any, Any]:
    """Begin to load the bytes at ``place`` of an array of uint8, which are to be copied soon.

    For bytes that lie too far apart for the processor to foresee.
    """
    del typing

    def generate(*given: Any) -> Any:
        call = Call(*given)
        address, number = call.within(0), ir.IntType(32)
        shape = ir.FunctionType(ir.VoidType(), [address.type, number, number, number])
        load = call.builder.module.declare_intrinsic("llvm.prefetch", [address.type], shape)
        call.builder.call(load, [address, number(0), number(3), number(1)])  # to read, often, data
        return call.context.get_dummy_value()

    return types.void(source, place), generate


def _copy_from(typing: Any, target: Any, place: Any, address: Any, size: Any) -> tuple[Any, Any]:
    """Copy ``size`` bytes at ``address`` into ``target``, an array of uint8, at ``place``."""
    del typing

    def generate(*given: Any) -> Any:
        call = Call(*given)
        return call.copy(call.within(0), call.at(2), 3)

    return types.void(target, place, address, size), generate


def _copy_to(typing: Any, address: Any, source: Any, first: Any, size: Any) -> tuple[Any, Any]:
    """Copy ``size`` bytes of ``source``, an array of uint8, from ``first`` to ``address``."""
    del typing

    def generate(*given: Any) -> Any:
        call = Call(*given)
        return call.copy(call.at(0), call.within(1), 3)

    return types.void(address, source, first, size), generate


def _loader(kind: Any) -> Any:
    def load(typing: Any, address: Any) -> tuple[Any, Any]:
        """The whole number at ``address``."""
        del typing

        def generate(*given: Any) -> Any:
            call = Call(*given)
            pointer = call.context.get_value_type(kind).as_pointer()
            there = call.builder.inttoptr(call.number(0), pointer)
            found = call.builder.load(there, align=1)
            return call.context.cast(call.builder, found, kind, types.int64)

        return types.int64(address), generate

    return load


copy_bytes: Any = intrinsic(_copy_bytes)
copy_wide: Any = intrinsic(_copy_wide)
fetch: Any = intrinsic(_fetch)
copy_from: Any = intrinsic(_copy_from)
copy_to: Any = intrinsic(_copy_to)
int32_at: Any = intrinsic(_loader(types.int32))
int64_at: Any = intrinsic(_loader(types.int64))
