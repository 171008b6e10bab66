"""What intrinsics of compiled code share: arguments as numbers, and pointers to their bytes.

An intrinsic writes the instructions for a call by itself (numba's ``numba.extending.intrinsic``).
Nothing is checked: the caller answers for places and addresses, and keeps what lies there.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba.core import cgutils, types

_utils: Any = cgutils


class Call(NamedTuple):
    """A call of an intrinsic that is being compiled."""

    context: Any
    builder: Any
    signature: Any
    values: Any

    def number(self, which: int, kind: Any = types.int64) -> Any:
        """An argument as a whole number, of 64 bits unless ``kind`` says otherwise."""
        given = self.signature.args[which]
        return self.context.cast(self.builder, self.values[which], given, kind)

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
