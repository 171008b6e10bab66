"""Copying runs of bytes in compiled code: a loop over bytes takes several times as long.

Columns of many types are handed to one compiled function by their addresses, as it would have to
be compiled anew for each combination of types. Nothing is checked here: the caller answers for the
addresses, and keeps what lies there.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba.core import cgutils, types
from numba.extending import intrinsic

_utils: Any = cgutils


class _Call(NamedTuple):
    """A call of an intrinsic that is being compiled."""

    context: Any
    builder: Any
    signature: Any
    values: Any

    def number(self, which: int) -> Any:
        """An argument as a whole number of 64 bits."""
        kind = self.signature.args[which]
        return self.context.cast(self.builder, self.values[which], kind, types.int64)

    def within(self, which: int) -> Any:
        """Pointer to the byte of an array whose place is the argument behind it."""
        make = _utils.create_struct_proxy(self.signature.args[which])
        array = make(self.context, self.builder, self.values[which])
        return self.builder.gep(array.data, [self.number(which + 1)])

    def at(self, which: int) -> Any:
        """Pointer to the byte at an address."""
        return self.builder.inttoptr(self.number(which), _utils.voidptr_t)

    def copy(self, target: Any, source: Any, size: int) -> Any:
        """Copy as many bytes as an argument says."""
        _utils.raw_memcpy(self.builder, target, source, self.number(size), 1)
        return self.context.get_dummy_value()


def _copy_bytes(
    typing: Any, target: Any, place: Any, source: Any, first: Any, size: Any
) -> tuple[Any, Any]:
    """Copy ``size`` bytes of ``source`` from ``first`` into ``target`` at ``place``.

    Both are contiguous arrays of uint8 that do not overlap.
    """
    del typing

    def generate(*given: Any) -> Any:
        call = _Call(*given)
        return call.copy(call.within(0), call.within(2), 4)

    return types.void(target, place, source, first, size), generate


def _copy_from(typing: Any, target: Any, place: Any, address: Any, size: Any) -> tuple[Any, Any]:
    """Copy ``size`` bytes at ``address`` into ``target``, an array of uint8, at ``place``."""
    del typing

    def generate(*given: Any) -> Any:
        call = _Call(*given)
        return call.copy(call.within(0), call.at(2), 3)

    return types.void(target, place, address, size), generate


def _copy_to(typing: Any, address: Any, source: Any, first: Any, size: Any) -> tuple[Any, Any]:
    """Copy ``size`` bytes of ``source``, an array of uint8, from ``first`` to ``address``."""
    del typing

    def generate(*given: Any) -> Any:
        call = _Call(*given)
        return call.copy(call.at(0), call.within(1), 3)

    return types.void(address, source, first, size), generate


def _loader(kind: Any) -> Any:
    def load(typing: Any, address: Any) -> tuple[Any, Any]:
        """The whole number at ``address``."""
        del typing

        def generate(*given: Any) -> Any:
            call = _Call(*given)
            pointer = call.context.get_value_type(kind).as_pointer()
            there = call.builder.inttoptr(call.number(0), pointer)
            found = call.builder.load(there, align=1)
            return call.context.cast(call.builder, found, kind, types.int64)

        return types.int64(address), generate

    return load


copy_bytes: Any = intrinsic(_copy_bytes)
copy_from: Any = intrinsic(_copy_from)
copy_to: Any = intrinsic(_copy_to)
int32_at: Any = intrinsic(_loader(types.int32))
int64_at: Any = intrinsic(_loader(types.int64))
