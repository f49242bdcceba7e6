"""The fields of a result class and their types."""

from __future__ import annotations

import dataclasses
import types
from typing import Any, Union, get_args, get_origin, get_type_hints


def members(hint: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the hint itself as the only one.

    >>> members(int | None)
    (<class 'int'>, <class 'NoneType'>)
    """
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def field_hints(cls: type) -> dict[str, Any]:
    """Return name → type hint of a dataclass's fields, in their order, with text annotations resolved."""
    hints = get_type_hints(cls)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}
