"""shipped: a function of this package for workers on which the package is not installed."""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from colprofile.sources.partitions.engine import Work

if TYPE_CHECKING:
    import pyarrow as pa

_FOLDER = "colprofile.sources.partitions"
_NEIGHBOURS = re.compile(rf"^from {re.escape(_FOLDER)} import (\w+(?:, \w+)*)$", re.MULTILINE)


def shipped(function: Callable[..., Iterator[Any]], **options: Any) -> Work:
    """Return ``function`` with keyword arguments, as one that carries the source of its module with it.

    Engines pickle functions by the name of their module where they can import it, and workers could not. The module
    may import what Python, numpy and pyarrow have, and of this package only neighbours of the same kind, by
    ``from colprofile.sources.partitions import …`` in one line: they are sent along.

    Raises
    ------
    TypeError
        It is no function of a module.
    """
    module = inspect.getmodule(function)
    if module is None or getattr(module, function.__name__, None) is not function:
        raise TypeError(f"{function!r} is no function of a module: workers cannot find it")
    sources: dict[str, str] = {}
    last, name = _add_sources(module, sources), function.__name__

    # A function within a function goes with its code, which is all that workers need.
    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import sys
        import types

        for place, source in sources.items():
            if place not in sys.modules:
                made = types.ModuleType(place)
                exec(compile(source, place, "exec"), made.__dict__)
                sys.modules[place] = made
        yield from getattr(sys.modules[last], name)(batches, **options)

    return work


def _add_sources(module: ModuleType, sources: dict[str, str]) -> str:
    """Add the sources of a module and, before it, of its neighbours; return the name that it has on workers."""

    def neighbours(found: re.Match[str]) -> str:
        names = found[1].split(", ")
        places = [_add_sources(import_module(f"{_FOLDER}.{name}"), sources) for name in names]
        return "\n".join(f"import {place} as {name}" for place, name in zip(places, names, strict=True))

    source = _NEIGHBOURS.sub(neighbours, inspect.getsource(module))
    place = f"shipped_{hashlib.sha256(source.encode()).hexdigest()[:16]}"
    sources[place] = source
    return place
