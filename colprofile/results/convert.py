"""Frozen dataclasses to JSON values and back, from their type hints alone.

What may stand in a result: bool, int, float, str, None, Literal, ``tuple[T, ...]``, ``tuple[A, B]``,
``dict[str, T]``, other frozen dataclasses, and unions of these in which the JSON value tells the member. A
new field or a new result class needs no code here.

Both directions are compiled once a type into closures: a profile of 20,000 pairs has half a million figures.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import types
from collections.abc import Callable
from operator import attrgetter
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from colprofile.errors import shorten

Converter = Callable[[Any], Any]

SCALARS: tuple[type, ...] = (bool, int, float, str, type(None))

JSON_NAMES: dict[type, str] = {
    bool: "true or false",
    int: "an integer",
    float: "a number",
    str: "text",
    type(None): "null",
    list: "a list",
    dict: "an object",
}


class Mismatch(Exception):
    """A JSON value is not what the field's type asks for. Holds the way to it, from the outside in."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.path = ""

    def within(self, step: str) -> Mismatch:
        """Return itself with one more outer step on the way, such as ``.columns`` or ``[3]``."""
        self.path = step + self.path
        return self

    def __str__(self) -> str:
        return f"{self.path.lstrip('.')}: {self.problem}" if self.path else self.problem


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


def is_required(field: dataclasses.Field[Any]) -> bool:
    """Whether a saved result must hold the field. One with a default may be missing: it came later."""
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def encode(value: Any) -> Any:
    """Return a frozen dataclass as JSON-able dict: tuples as lists, nested dataclasses as dicts."""
    kind: Any = type(value)
    return _encoder(kind)(value)


def decode(cls: type, value: Any) -> Any:
    """Return the instance of ``cls`` that a JSON value describes.

    Unknown fields are ignored; those with a default may be missing. An integer is read as a float where only
    floats are allowed: other programs write 1.0 as 1.

    Raises
    ------
    Mismatch
        A field is missing or holds what its type does not allow; the message names the way to it.
    """
    hint: Any = cls
    return _decoder(hint)(value)


@functools.cache
def _encoder(hint: Any) -> Converter:
    """Return the function that turns a value of type ``hint`` into JSON values."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _dataclass_encoder(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple:
        return _tuple_encoder(arguments)
    if origin is dict:
        inner = _encoder(arguments[1])
        return dict if inner is _same else lambda value: {key: inner(item) for key, item in value.items()}
    if origin is Literal or hint in SCALARS:
        return _same
    compound = [member for member in members(hint) if _encoder(member) is not _same] if origin else None
    if compound is None:
        raise TypeError(f"results cannot hold {hint!r}")
    return _union_encoder(compound) if compound else _same


def _same(value: Any) -> Any:
    """Return the value: it is JSON already."""
    return value


def _dataclass_encoder(cls: type) -> Converter:
    hints = field_hints(cls)
    names = tuple(hints)
    special = [(name, _encoder(hint)) for name, hint in hints.items() if _encoder(hint) is not _same]
    read = attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)

    def encode_fields(value: Any) -> dict[str, Any]:
        result = dict(zip(names, read(value), strict=True))
        for name, inner in special:
            result[name] = inner(result[name])
        return result

    return encode_fields


def _tuple_encoder(arguments: tuple[Any, ...]) -> Converter:
    if arguments[-1] is Ellipsis:
        inner = _encoder(arguments[0])
        return list if inner is _same else lambda value: [inner(item) for item in value]
    inners = [_encoder(argument) for argument in arguments]
    return lambda value: [inner(item) for inner, item in zip(inners, value, strict=True)]


def _union_encoder(compound: list[Any]) -> Converter:
    """Return the encoder of a union, by the value's Python type."""
    table = {get_origin(member) or member: _encoder(member) for member in compound}
    return lambda value: table.get(type(value), _same)(value)


@functools.cache
def _decoder(hint: Any) -> Converter:
    """Return the function that checks a JSON value and turns it into one of type ``hint``."""
    scalars = frozenset(member for member in members(hint) if member in SCALARS)
    compound: dict[type, Converter] = {}
    for member in members(hint):
        if member in scalars:
            continue
        kind, inner = _compound_decoder(member)
        if kind in compound or kind in scalars:
            raise TypeError(f"JSON cannot tell the members of {hint!r} apart")
        compound[kind] = inner
    return _choice_decoder(scalars, compound)


def _compound_decoder(hint: Any) -> tuple[type, Converter]:
    """Return the JSON type that ``hint`` is read from, and its decoder."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return dict, _dataclass_decoder(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple:
        return list, _tuple_decoder(arguments)
    if origin is dict:
        return dict, _dict_decoder(arguments[1])
    if origin is Literal:
        return str, _literal_decoder(arguments)
    raise TypeError(f"results cannot hold {hint!r}")


def _choice_decoder(scalars: frozenset[type], compound: dict[type, Converter]) -> Converter:
    """Return the decoder of a hint with these scalar members and these compound ones by JSON type."""
    expected = " or ".join(JSON_NAMES[kind] for kind in (*SCALARS, list, dict) if kind in scalars | set(compound))
    is_widening = float in scalars and int not in scalars

    def decode_choice(value: Any) -> Any:
        kind = type(value)
        if kind in scalars:
            if kind is float and not math.isfinite(value):
                raise Mismatch(f"found {value!r}, where figures are finite")
            return value
        if kind in compound:
            return compound[kind](value)
        if kind is int and is_widening:
            return _widen(value)
        raise Mismatch(f"found {_describe(value)}, expected {expected}")

    return decode_choice


def _widen(value: int) -> float:
    try:
        return float(value)
    except OverflowError as error:
        raise Mismatch("found an integer too large for a number") from error


def _describe(value: Any) -> str:
    """Return what was found, short: the value if it is a scalar, else its kind.

    >>> _describe("x"), _describe([1, 2]), _describe(True)
    ("'x'", 'a list', 'true')
    """
    if isinstance(value, list | dict):
        return JSON_NAMES[type(value)]
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return shorten(repr(value), 40)


def _dataclass_decoder(cls: type) -> Converter:
    hints = field_hints(cls)
    required = {field.name for field in dataclasses.fields(cls) if is_required(field)}
    parts = [(name, _decoder(hint)) for name, hint in hints.items()]

    def decode_fields(value: dict[str, Any]) -> Any:
        found = {}
        for name, inner in parts:
            if name not in value:
                if name in required:
                    raise Mismatch(f"the field {name!r} is missing")
                continue
            try:
                found[name] = inner(value[name])
            except Mismatch as mismatch:
                raise mismatch.within(f".{name}") from None
        return cls(**found)

    return decode_fields


def _tuple_decoder(arguments: tuple[Any, ...]) -> Converter:
    if arguments[-1] is Ellipsis:
        inner = _decoder(arguments[0])

        def decode_items(value: list[Any]) -> tuple[Any, ...]:
            items: list[Any] = []
            try:
                items.extend(map(inner, value))
            except Mismatch as mismatch:
                raise mismatch.within(f"[{len(items)}]") from None
            return tuple(items)

        return decode_items
    inners = [_decoder(argument) for argument in arguments]

    def decode_fixed(value: list[Any]) -> tuple[Any, ...]:
        if len(value) != len(inners):
            raise Mismatch(f"found a list of {len(value)}, expected {len(inners)}")
        return tuple(inner(item) for inner, item in zip(inners, value, strict=True))

    return decode_fixed


def _dict_decoder(hint: Any) -> Converter:
    inner = _decoder(hint)

    def decode_values(value: dict[str, Any]) -> dict[str, Any]:
        try:
            return {key: inner(item) for key, item in value.items()}
        except Mismatch as mismatch:
            raise mismatch.within(".*") from None

    return decode_values


def _literal_decoder(allowed: tuple[Any, ...]) -> Converter:
    if not all(isinstance(choice, str) for choice in allowed):
        raise TypeError(f"results hold Literals of text only, not {allowed!r}")
    choices = ", ".join(map(repr, allowed))

    def decode_literal(value: str) -> str:
        if value not in allowed:
            raise Mismatch(f"found {_describe(value)}, expected one of {choices}")
        return value

    return decode_literal
