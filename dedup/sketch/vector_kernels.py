"""What numba lacks: 64 bytes at a time as LLVM vectors, and the bits of 64-bit words.

LLVM lowers the vectors to AVX-512, AVX2, SSE2 or NEON, whatever the machine has. Each
intrinsic has a plain twin in the tests. All of them read or write unaligned and check no
bounds: the caller sees to it that 64 (or 8) bytes are there.
"""

# intrinsics are typed by numba, and their names of arguments are the types'
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from dedup.jit import address

WIDTH = 64
_BYTE, _WORD = ir.IntType(8), ir.IntType(64)
_BYTES = ir.VectorType(_BYTE, WIDTH)


def _all(value: int) -> ir.Constant:
    return ir.Constant(_BYTES, [value] * WIDTH)


@intrinsic
def load_word(_typing: Any, source: Any, at: Any) -> Any:
    """Load source[at : at + 8] as a little-endian uint64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = address(context, builder, signature.args[0], arguments, _WORD)
        return builder.load(place, align=1)

    return types.uint64(source, types.int64), generate


@intrinsic
def first_bit(_typing: Any, bits: Any) -> Any:
    """Count the zeros below the lowest set bit; 64 if none is set."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


@intrinsic
def count_bits(_typing: Any, bits: Any) -> Any:
    """Count the set bits."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


@intrinsic
def fold_ascii(_typing: Any, source: Any, at: Any, target: Any, to: Any) -> Any:
    """Write source[at : at + 64] to target[to : to + 64], folded.

    Capital letters become small ones, digits and small letters stay, all other bytes
    become 0. Returns a uint64 whose bit i is set where byte i is no ASCII (0x80 and up).
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        origin = address(context, builder, signature.args[0], arguments[:2], _BYTES)
        data = builder.load(origin, align=1)
        small = builder.or_(data, _all(0x20))
        is_letter = builder.icmp_unsigned("<", builder.sub(small, _all(ord("a"))), _all(26))
        is_digit = builder.icmp_unsigned("<", builder.sub(data, _all(ord("0"))), _all(10))
        others = builder.select(is_digit, data, _all(0))
        folded = builder.select(is_letter, small, others)
        goal = address(context, builder, signature.args[2], arguments[2:], _BYTES)
        builder.store(folded, goal, align=1)
        return builder.bitcast(builder.icmp_signed("<", data, _all(0)), _WORD)

    return types.uint64(source, types.int64, target, types.int64), generate


@intrinsic
def nonzero_bytes(_typing: Any, source: Any, at: Any) -> Any:
    """Return a uint64 whose bit i is set where source[at + i] is not 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = address(context, builder, signature.args[0], arguments, _BYTES)
        data = builder.load(place, align=1)
        return builder.bitcast(builder.icmp_unsigned("!=", data, _all(0)), _WORD)

    return types.uint64(source, types.int64), generate
