"""Bytes by their address, for compiled functions: handing arrays from one to another costs more than their work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba.extending import intrinsic

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]


def _load(typing: Any, address: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], ir.IntType(8).as_pointer())
        return builder.zext(builder.load(pointer), ir.IntType(64))

    return numba.int64(numba.int64), generate


def _store(typing: Any, address: Any, byte: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], ir.IntType(8).as_pointer())
        builder.store(builder.trunc(arguments[1], ir.IntType(8)), pointer)
        return context.get_dummy_value()

    return numba.void(numba.int64, numba.int64), generate


byte_at = cast("Callable[[int], int]", intrinsic(_load))
"""Return the byte at an address, as an integer."""

put_byte = cast("Callable[[int, int], None]", intrinsic(_store))
"""Write a byte at an address."""


def address_of(array: Bytes) -> int:
    """Return where an array's first byte is; the array must be kept."""
    return int(array.ctypes.data)
