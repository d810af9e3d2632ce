"""The inner loop of the forest as LLVM vectors: which leaves of a tree are left for 32 rows.

LLVM lowers the vectors to AVX-512, AVX2, SSE2 or NEON, whatever the machine has. The plain twin
stands in the tests.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from dedup.jit import address

LANES = 32
ROWS = 64
"""Rows whose features lie together; LANES of them are asked at once."""

_ONE, _FLOAT, _PLACE = ir.IntType(32), ir.FloatType(), ir.IntType(64)
_MASKS, _FLOATS = ir.VectorType(_ONE, LANES), ir.VectorType(_FLOAT, LANES)
_ALL = ir.Constant(_MASKS, [0xFFFFFFFF] * LANES)


def _in_each_lane(builder: Any, value: Any, of: ir.VectorType) -> Any:
    nothing = ir.Constant(of, ir.Undefined)
    first = builder.insert_element(nothing, value, ir.Constant(_ONE, 0))
    return builder.shuffle_vector(first, nothing, ir.Constant(_MASKS, [0] * LANES))


@intrinsic
def leaves_reached(_typing: Any, columns: Any, nodes: Any, span: Any, leaves: Any) -> Any:
    """Tell which leaf of a tree each row reaches: the first that all nodes leave to it.

    columns: float32[f * ROWS], the rows feature by feature. nodes: (feature int32[n], threshold
    float32[n], mask uint32[n]) of all trees; span: int64 (begin, end) of this tree, and the first
    of the rows. Writes leaves: int32[LANES]. Checks no bounds.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kinds = (signature.args[0], *signature.args[1])
        arrays = (arguments[0], *(builder.extract_value(arguments[1], i) for i in range(3)))
        begin, end, row = (builder.extract_value(arguments[2], i) for i in range(3))

        def load(number: int, place: Any, of: ir.Type) -> Any:
            where = address(context, builder, kinds[number], (arrays[number], place), of)
            return builder.load(where, align=4)

        left = cgutils.alloca_once(builder, _MASKS)
        builder.store(_ALL, left)
        step = ir.Constant(_PLACE, 1)
        with cgutils.for_range_slice(builder, begin, end, step, _PLACE) as (node, _):
            feature = builder.sext(load(1, node, _ONE), _PLACE)
            place = builder.add(builder.mul(feature, ir.Constant(_PLACE, ROWS)), row)
            rows = load(0, place, _FLOATS)
            limit = _in_each_lane(builder, load(2, node, _FLOAT), _FLOATS)
            mask = _in_each_lane(builder, load(3, node, _ONE), _MASKS)
            goes_right = builder.fcmp_ordered(">", rows, limit)
            stays = builder.select(goes_right, mask, _ALL)
            builder.store(builder.and_(builder.load(left), stays), left)
        joined = builder.load(left)
        for lane in range(LANES):
            mask = builder.extract_element(joined, ir.Constant(_ONE, lane))
            leaf = builder.cttz(mask, ir.Constant(ir.IntType(1), 0))
            place = (arguments[3], ir.Constant(_PLACE, lane))
            builder.store(leaf, address(context, builder, signature.args[3], place, _ONE))
        return context.get_dummy_value()

    return types.void(columns, nodes, span, leaves), generate
