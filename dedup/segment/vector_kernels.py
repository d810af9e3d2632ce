"""What numba lacks: 32 bytes of HTML at a time as LLVM vectors.

LLVM lowers them to AVX-512, AVX2, SSE2 or NEON, whatever the machine has. Each intrinsic has a
plain twin in the tests. All of them load and store unaligned and check no bounds: the caller sees
to it that WIDTH bytes are there.
"""

# intrinsics are typed by numba, and their names of arguments are the types'
from functools import reduce
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from dedup.jit import address

WIDTH = 32
_BYTE, _BITS, _PLACE = ir.IntType(8), ir.IntType(WIDTH), ir.IntType(64)
_BYTES = ir.VectorType(_BYTE, WIDTH)

_TAG_ENDS = b"\"'>"
_SPECIAL = b"&<\xc2\xe2\xe3\xef"
"""Escapes, tags, and the first bytes of blanks and unseen signs beyond ASCII."""

_CHANGED = b'&<>"\r\xc2'
"""What a parser may write out in another way than it has read it."""


def _all(value: int) -> ir.Constant:
    return ir.Constant(_BYTES, [value] * WIDTH)


def _load(context: Any, builder: Any, array_type: Any, place: tuple[Any, Any]) -> Any:
    return builder.load(address(context, builder, array_type, place, _BYTES), align=1)


def _copied(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Write what is loaded to the target, from the place there on."""
    data = _load(context, builder, signature.args[0], arguments[:2])
    goal = address(context, builder, signature.args[2], arguments[2:], _BYTES)
    builder.store(data, goal, align=1)
    return data


def _any_of(builder: Any, data: Any, values: bytes) -> Any:
    found = [builder.icmp_unsigned("==", data, _all(value)) for value in values]
    return reduce(builder.or_, found)


def _first(builder: Any, found: Any) -> Any:
    """Give the place of the first lane that is set; WIDTH if none is."""
    bits = builder.bitcast(found, _BITS)
    return builder.zext(builder.cttz(bits, ir.Constant(ir.IntType(1), 0)), _PLACE)


@intrinsic
def first_of(_typing: Any, source: Any, at: Any, wanted: Any) -> Any:
    """Give the place in source[at : at + WIDTH] of the first byte `wanted`; WIDTH if none is."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = _load(context, builder, signature.args[0], arguments[:2])
        nothing = ir.Constant(_BYTES, ir.Undefined)
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
        one = builder.insert_element(nothing, arguments[2], ir.Constant(ir.IntType(32), 0))
        every = builder.shuffle_vector(one, nothing, lanes)
        return _first(builder, builder.icmp_unsigned("==", data, every))

    return types.int64(source, types.int64, types.uint8), generate


@intrinsic
def first_tag_end(_typing: Any, source: Any, at: Any) -> Any:
    """Give the place in source[at : at + WIDTH] of the first quote or ">"; WIDTH if none is."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = _load(context, builder, signature.args[0], arguments)
        return _first(builder, _any_of(builder, data, _TAG_ENDS))

    return types.int64(source, types.int64), generate


@intrinsic
def copy_text(_typing: Any, source: Any, at: Any, target: Any, to: Any) -> Any:
    """Write source[at : at + WIDTH] to target[to : to + WIDTH]; tell how many come before a "<".

    What is written after those has no meaning.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = _copied(context, builder, signature, arguments)
        return _first(builder, _any_of(builder, data, b"<"))

    return types.int64(source, types.int64, target, types.int64), generate


@intrinsic
def copy_plain(_typing: Any, source: Any, at: Any, target: Any, to: Any) -> Any:
    """Write source[at : at + WIDTH] to target[to : to + WIDTH]; tell how many are plain text.

    Bytes up to the first one that is a blank, a control character, an escape, a tag, or may begin
    a blank beyond ASCII; what is written after those has no meaning.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = _copied(context, builder, signature, arguments)
        blank = builder.icmp_unsigned("<=", data, _all(32))
        return _first(builder, builder.or_(blank, _any_of(builder, data, _SPECIAL)))

    return types.int64(source, types.int64, target, types.int64), generate


@intrinsic
def copy_unescaped(_typing: Any, source: Any, at: Any, target: Any, to: Any) -> Any:
    """Write source[at : at + WIDTH] to target[to : to + WIDTH]; tell how many stay as they are.

    Bytes up to the first one that may have to be escaped; what is written after those has no
    meaning.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = _copied(context, builder, signature, arguments)
        return _first(builder, _any_of(builder, data, _CHANGED))

    return types.int64(source, types.int64, target, types.int64), generate
