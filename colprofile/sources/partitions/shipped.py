"""shipped: a function of this package for workers on which the package is not installed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

from colprofile.sources.partitions.engine import Work

if TYPE_CHECKING:
    import pyarrow as pa


def shipped(function: Callable[..., Iterator[Any]], **options: Any) -> Work:
    """Return ``function`` with keyword arguments, as one that carries the source of its module with it.

    Engines pickle functions by the name of their module where they can import it, and workers could not. The module
    may import what Python, numpy and pyarrow have, and nothing of this package.

    Raises
    ------
    TypeError
        It is no function of a module.
    """
    module = inspect.getmodule(function)
    if module is None or getattr(module, function.__name__, None) is not function:
        raise TypeError(f"{function!r} is no function of a module: workers cannot find it")
    source, name = _source_of(module), function.__name__

    # A function within a function goes with its code, which is all that workers need.
    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import sys
        import types

        place = f"shipped_{hash(source) & 0xFFFFFFFFFFFFFFFF:x}"
        there = sys.modules.get(place)
        if there is None:
            there = types.ModuleType(place)
            exec(compile(source, place, "exec"), there.__dict__)
            sys.modules[place] = there
        yield from getattr(there, name)(batches, **options)

    return work


def _source_of(module: ModuleType) -> str:
    return inspect.getsource(module)
