"""Results as JSON: versioned, strict when read, never NaN or Infinity.

A saved result is one JSON object that begins ``{"format": "colprofile.profile", "version": 2, …``; the other
fields are those of the dataclass, in its order. What is undefined is ``null`` with its reason in
``undefined``. The schema is published beside this file (``profile.schema.json``, JSON Schema draft 2020-12).

Text is written as ASCII with escapes, so that every name survives, lone surrogates included. msgspec decodes what is
saved, from JSON or, where it refuses that, from what the standard library reads.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeVar, get_args, get_origin

import numpy as np

from colprofile.errors import ArgumentError, ResultError, shorten
from colprofile.inputs import HEAD, saved_format_of
from colprofile.results.fields import field_hints, members
from colprofile.results.targets import data_kind

VERSION = 2
"""Raised when a field changes its meaning or goes away. A new field with a default keeps it."""

FORMATS = {
    "colprofile.audit": "colprofile.results.audit:Audit",
    "colprofile.database_audit": "colprofile.results.database:DatabaseAudit",
    "colprofile.database_drift": "colprofile.results.database:DatabaseDrift",
    "colprofile.database_planner": "colprofile.results.database:DatabasePlannerReport",
    "colprofile.database_profile": "colprofile.results.database:DatabaseProfile",
    "colprofile.drift": "colprofile.results.drift:Drift",
    "colprofile.latent_classes": "colprofile.results.latent:LatentClasses",
    "colprofile.planner": "colprofile.results.planner:PlannerReport",
    "colprofile.profile": "colprofile.results.profile:Profile",
}
"""Format name → where its result class lives: all that a new kind of result has to add."""

LARGEST = 1 << 512
"""The largest count that is read: far beyond any table, and no quotient of counts is too large for a float."""

LONG_NUMBER = re.compile(rb"[0-9]{150}")
"""Where JSON may have an integer beyond LARGEST."""

GIVE_ANOTHER = "give a file that --save or save() wrote"

Result = TypeVar("Result")


@dataclasses.dataclass(frozen=True)
class Header:
    """What every saved result begins with."""

    format: str
    version: int


def result_class(name: str) -> type:
    """Return the class of the results that are saved under a format name."""
    module, _, cls = FORMATS[name].partition(":")
    found: type = getattr(importlib.import_module(module), cls)
    return found


def format_of(cls: type) -> str | None:
    """Return the format name under which a class of results is saved; None for another class."""
    home = f"{cls.__module__}:{cls.__qualname__}"
    return next((name for name, known in FORMATS.items() if known == home), None)


def saved_format(path: str | os.PathLike[str]) -> str | None:
    """Return the format name that a file begins with, or None if it is not a saved result.

    Only its first bytes are read, so that it can be asked of any file, however large.
    """
    if not os.path.isfile(path):
        return None  # a pipe can be read once, by whoever reads the data
    try:
        with open(path, "rb") as stream:
            return saved_format_of(stream.read(HEAD))
    except OSError:
        return None


def to_json(result: Any, words: Mapping[str, Any] | None = None, *, indent: int | None = None) -> str:
    """Return any result as JSON text that begins with its format and version; ResultError where a figure is NaN.

    Such a figure should have been None, with its reason in ``undefined``. ``words`` come after the result's fields.
    """
    import msgspec

    fields = msgspec.to_builtins(result, enc_hook=_python_scalar) | msgspec.to_builtins(dict(words or {}))
    data = {"format": format_of(type(result)), "version": VERSION, **fields}
    try:
        return json.dumps(data, allow_nan=False, indent=indent)
    except ValueError as error:
        raise ResultError(
            f"a figure is NaN or infinite, which JSON cannot hold ({error}); it must be None with a reason"
        ) from error


def _python_scalar(value: Any) -> Any:
    """Return a numpy scalar as a Python one."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"results cannot hold {value!r}")


def to_dict(result: Any, words: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return any result as a dict of what JSON can hold; ResultError as ``to_json``."""
    data: dict[str, Any] = json.loads(to_json(result, words))
    return data


def from_dict(cls: type[Result], data: Any) -> Result:
    """Return the result of class ``cls``, or of a class derived from it, that a JSON value describes.

    Unknown fields are ignored, those with a default may be missing. An integer is read as a float where only
    floats are allowed: other programs write 1.0 as 1. All else is a ResultError.
    """
    import msgspec

    if not isinstance(data, Mapping):
        raise ResultError(f"it holds {_described(data)}, not an object as saved results are; {GIVE_ANOTHER}")
    known = _class_in_header(cls, data.get("format"), data.get("version"))
    try:
        result = msgspec.convert(data, known)
        if LONG_NUMBER.search(json.dumps(data, allow_nan=False).encode()):
            _check_counts(data, known)
        return _checked(result, data["version"])
    except msgspec.ValidationError as error:
        problem = _explained(str(error), known, data)
    except ArgumentError as error:
        problem = str(error)
    except ValueError:
        problem = next(_not_finite(data), "a figure is not finite")
    raise ResultError(f"it is damaged or was edited: {problem}; save it again")


def load(cls: type[Result], path: str | os.PathLike[str]) -> Result:
    """Return the result of class ``cls``, or of a class derived from it, that is saved in a file.

    A ResultError says in one line which file could not be read, why, and what to do.
    """
    try:
        content = Path(path).read_bytes()
        result = _decoded(cls, content)
        return from_dict(cls, json.loads(content, parse_constant=_no_constant)) if result is None else result
    except OSError as error:
        problem = f"{(error.strerror or str(error)).lower()}; {GIVE_ANOTHER}"
    except RecursionError:
        problem = "it is JSON nested too deeply to be a saved result; save it again"
    except ValueError as error:
        kind = data_kind(os.fspath(path))
        cut = "it is not text" if isinstance(error, UnicodeDecodeError) else shorten(str(error))
        problem = f"it is not JSON, or was cut off ({cut}); save it again"
        if kind is not None:
            problem = f"it is {kind}, not a saved result; {GIVE_ANOTHER}; data is for profile, audit and drift"
    except ResultError as error:
        problem = str(error)
    raise ResultError(f"cannot read {shorten(os.fspath(path), 200)!r}: {problem}")


def _decoded(cls: type[Result], content: bytes) -> Result | None:
    """Return the result that JSON holds, in a fifth of the time that ``from_dict`` needs; None where it is refused.

    It refuses all that ``from_dict`` refuses, and lone surrogates, but does not say as well what is wrong.
    """
    import msgspec

    if LONG_NUMBER.search(content):
        return None
    try:
        header = msgspec.json.decode(content, type=Header)
        result = msgspec.json.decode(content, type=_class_in_header(cls, header.format, header.version))
        return _checked(result, header.version)
    except (msgspec.MsgspecError, ResultError, ArgumentError, RecursionError):
        return None


def _checked(result: Result, version: int) -> Result:
    """Return a result that was read from a file of a version.

    Its ``check`` raises ArgumentError where its parts do not go together; its ``since_version`` says what has changed.
    """
    check, since = getattr(result, "check", None), getattr(result, "since_version", None)
    if check is not None:
        check()
    return result if since is None or version == VERSION else since(version)


def _class_in_header(cls: type[Result], name: object, version: object) -> type[Result]:
    """Return the class to read; ResultError unless format and version are what was asked for and can be read."""
    if name is None:
        raise ResultError(f"it is JSON, but not a saved result; {GIVE_ANOTHER}")
    known = result_class(name) if isinstance(name, str) and name in FORMATS else None
    if known is None or not issubclass(known, cls):
        expected = repr(format_of(cls)) if format_of(cls) else f"one of {', '.join(FORMATS)}"
        raise ResultError(f"it holds {shorten(repr(name), 60)}, not {expected}; {GIVE_ANOTHER}")
    if type(version) is not int or version < 1:
        found = shorten(repr(version), 40)
        raise ResultError(f"it is damaged or was edited: version: found {found}, expected 1 or more; save it again")
    if version > VERSION:
        raise ResultError(
            f"it has format version {version} and this colprofile reads up to {VERSION}; "
            "upgrade with pip install --upgrade colprofile"
        )
    return known


def _explained(message: str, cls: type, data: Any) -> str:
    """Return a message of msgspec with the place first, and with what was found and what is allowed there.

    ``Expected `int`, got `str` - at `$.columns[0].rows` `` becomes ``columns[0].rows: expected int, found '3'``.
    """
    problem, _, place = message.rpartition(" - at `$") if " - at `$" in message else (message, "", "")
    place = place.rstrip("`").removeprefix(".")
    problem = re.sub(r"Object missing required field `(\w+)`", r"the field '\1' is missing", problem)
    try:
        hint, found = _at(place, cls, data)
    except KeyError:  # in a dict, whose keys msgspec does not name
        return f"{place}: {problem.replace('`', '')}"
    if problem.startswith("Expected"):
        problem = f"{problem.partition(', got')[0].replace('`', '').lower()}, found {found}"
    elif problem.startswith("Invalid enum value"):
        choices = next(get_args(member) for member in members(hint) if get_origin(member) is Literal)
        problem = f"expected one of {', '.join(map(repr, choices))}, found {found}"
    elif problem == "Number out of range":
        problem = "found an integer too large for a number"
    return f"{place}: {problem}" if place else problem


def _at(place: str, hint: Any, data: Any) -> tuple[Any, str]:
    """Return the type hint at a place such as ``columns[3].kind``, and what was found there; KeyError within a dict."""
    for name, index in re.findall(r"(\w+)|\[(.*?)\]", place):
        kind = next(member for member in members(hint) if get_args(member) or dataclasses.is_dataclass(member))
        if get_origin(kind) is dict:
            raise KeyError(place)
        hint, data = (field_hints(kind)[name], data[name]) if name else (get_args(kind)[0], data[int(index)])
    return hint, _described(data)


def _described(value: Any) -> str:
    """Return what a JSON value is, short: itself if it is a scalar, else its kind.

    >>> _described("x"), _described([1, 2]), _described(True)
    ("'x'", 'a list of 2', 'true')
    """
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, Mapping):
        return "an object"
    return shorten(repr(value) if isinstance(value, str) else json.dumps(value), 40)


def _not_finite(data: Any) -> Iterator[str]:
    """Yield where a JSON value holds figures that are not finite, and which."""
    for place, value in _scalars(data):
        if isinstance(value, float) and not math.isfinite(value):
            yield f"{place}: found {value!r}, where figures are finite"


def _scalars(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the place and the value of everything in a JSON value that is neither an object nor a list."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _scalars(item, f"{place}.{key}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _scalars(item, f"{place}[{index}]")
    else:
        yield place.removeprefix("."), value


def _check_counts(data: Any, cls: type) -> None:
    """Raise ArgumentError where a count is too large for any arithmetic; values of the data may be of any size."""
    for place, value in _scalars(data):
        if not isinstance(value, int) or abs(value) <= LARGEST:
            continue
        try:
            hint, found = _at(place, cls, data)
        except (KeyError, StopIteration):
            continue  # a field that is not known, which is not read
        if int in members(hint) and set(members(hint)) <= {int, type(None)}:
            raise ArgumentError(f"{place}: found an integer too large for a number, {found}")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
