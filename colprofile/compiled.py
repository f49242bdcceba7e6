"""The one way in which functions are compiled: numba, without Python's lock, kept for the next process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Return a function that is compiled at its first call and runs without Python's lock."""
    return cast("_Function", numba.njit(nogil=True, cache=True)(function))


def inlined(function: _Function) -> _Function:
    """Return a function that compiled functions take into their own code; it has no code of its own."""
    return cast("_Function", numba.njit(inline="always")(function))
