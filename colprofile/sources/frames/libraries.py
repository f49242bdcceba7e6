"""Recognise objects of libraries that need not be there: none is imported for it."""

from __future__ import annotations

import sys
from typing import Any


def is_instance(value: object, library: str, *names: str) -> bool:
    """Whether a value is of one of a library's classes, which is not imported for the question.

    A user who passes an object of some library has imported it.
    """
    module = sys.modules.get(library)
    classes = [getattr(module, name, None) for name in names]
    return any(isinstance(cls, type) and isinstance(value, cls) for cls in classes)


def unwrapped(value: Any) -> Any:
    """Return the frame that a narwhals frame or series wraps; anything else as it is."""
    while is_instance(value, "narwhals", "DataFrame", "LazyFrame", "Series"):
        value = value.to_native()
    return value
