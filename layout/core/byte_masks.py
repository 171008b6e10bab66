"""64 bytes at a time in compiled code: which of them are what, as the bits of a word.

A loop over bytes is not sure to become vector instructions; a comparison of vectors always does,
on any processor (Langdale and Lemire 2019 read JSON in this way).
"""

from __future__ import annotations

from typing import Any, Final

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from layout.core.intrinsics import Call

BLOCK: Final = 64


def _comparison(sign: str) -> Any:
    """An intrinsic ``(data, place, byte)``: a word whose bit ``i`` tells of byte ``place + i``.

    ``data`` is a contiguous array of uint8 that has 64 bytes from ``place``; nothing is checked.
    """

    def compare(typing: Any, data: Any, place: Any, byte: Any) -> tuple[Any, Any]:
        del typing
        vector = ir.VectorType(ir.IntType(8), BLOCK)

        def generate(*given: Any) -> Any:
            call = Call(*given)
            builder = call.builder
            pointer = builder.bitcast(call.within(0), vector.as_pointer())
            block = builder.load(pointer, align=1)
            one = call.number(2, types.uint8)
            first = builder.insert_element(ir.Constant(vector, ir.Undefined), one, _number(0))
            lanes = ir.Constant(ir.VectorType(ir.IntType(32), BLOCK), [0] * BLOCK)
            every = builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), lanes)
            return builder.bitcast(builder.icmp_unsigned(sign, block, every), ir.IntType(BLOCK))

        return types.uint64(data, place, byte), generate

    return intrinsic(compare)


def _lowest_bit(typing: Any, word: Any) -> tuple[Any, Any]:
    """Place of the lowest bit of a word (uint64), 64 where it has none."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        del context, signature
        return builder.cttz(values[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(word), generate


def _number(value: int) -> Any:
    return ir.Constant(ir.IntType(32), value)


equal_bytes: Any = _comparison("==")
bytes_from: Any = _comparison(">=")
lowest_bit: Any = intrinsic(_lowest_bit)
