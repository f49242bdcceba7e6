"""Results as JSON: versioned, strict when read, never NaN or Infinity.

A saved result is one JSON object that begins ``{"format": "colprofile.profile", "version": 1, …``; the other
fields are those of the dataclass, in its order. What is undefined is ``null`` with its reason in
``undefined``. The schema is published beside this file (``profile.schema.json``, JSON Schema draft 2020-12).

Text is written as ASCII with escapes, so that every name survives, lone surrogates included.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from colprofile.errors import ArgumentError, ResultError, shorten
from colprofile.results.audit import Audit
from colprofile.results.base import SavedResult
from colprofile.results.convert import Mismatch, decode, encode
from colprofile.results.drift import Drift
from colprofile.results.latent import LatentClasses
from colprofile.results.planner import PlannerReport
from colprofile.results.profile import Profile

VERSION = 1
"""Raised when a field changes its meaning or goes away. A new field with a default keeps it."""

FORMATS: dict[str, type] = {
    "colprofile.audit": Audit,
    "colprofile.profile": Profile,
    "colprofile.drift": Drift,
    "colprofile.latent_classes": LatentClasses,
    "colprofile.planner": PlannerReport,
}
"""Format name → result class: all that a new kind of result has to add."""

GIVE_ANOTHER = "give a file that --save or save() wrote"

Result = TypeVar("Result")


def result_to_dict(result: Any) -> dict[str, Any]:
    """Return any result as JSON-able dict that begins with its format and version."""
    return {"format": _format_of(type(result)), "version": VERSION, **encode(result)}


def result_from_dict(cls: type[Result], data: Any) -> Result:
    """Return the result of type ``cls`` that ``result_to_dict`` described.

    Unknown fields are ignored, those with a default may be missing.

    Raises
    ------
    ResultError
        Another JSON value, another format, a newer version, a missing field, a figure of the wrong type.
    """
    name = _format_of(cls)
    if not isinstance(data, Mapping):
        raise ResultError(f"it holds {_json_kind(data)}, not an object as saved results are; {GIVE_ANOTHER}")
    _check_header(name, data.get("format"), data.get("version"))
    try:
        result: Result = decode(cls, dict(data))
    except Mismatch as mismatch:
        raise ResultError(f"it is damaged or was edited: {mismatch}; save it again") from None
    return result


def load_result(cls: type[Result], path: str | os.PathLike[str]) -> Result:
    """Read the result of type ``cls`` that is saved in a file.

    Raises
    ------
    ResultError
        No such file, not JSON (truncated, too), or anything that ``result_from_dict`` refuses. One line that
        names the file and what to do.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        _refuse(path, f"{(error.strerror or str(error)).lower()}; {GIVE_ANOTHER}")
    try:
        data = json.loads(content, parse_constant=_no_constant)
    except RecursionError:
        _refuse(path, "it is JSON nested too deeply to be a saved result; save it again")
    except ValueError as error:
        _refuse(path, f"it is not JSON, or was cut off ({shorten(str(error))}); save it again")
    try:
        return result_from_dict(cls, data)
    except ResultError as error:
        _refuse(path, str(error))


def saved_format(path: str | os.PathLike[str]) -> str | None:
    """Return the format name that a file begins with, or None if it is no saved result.

    Only its first bytes are read, so that it can be asked of any file, however large.
    """
    try:
        with open(path, "rb") as stream:
            head = stream.read(256)
    except OSError:
        return None
    found = re.match(rb'(?:\xef\xbb\xbf)?\s*\{\s*"format"\s*:\s*"(colprofile\.[a-z_]+)"', head)
    return found[1].decode("ascii") if found else None


def saved_profile(source: object) -> Profile | None:
    """Return the Profile that is given, or that is saved in the file that a path names; None for anything else.

    This is how every verb that takes data or a profile tells the two apart.

    Raises
    ------
    ResultError
        Another result than a profile, given or saved; a damaged file, or one from a newer version.
    """
    if isinstance(source, Profile):
        return source
    if isinstance(source, SavedResult):
        raise ResultError(f"a result of the type {type(source).__name__} is given: {_GIVE_PROFILE}")
    if not isinstance(source, str | os.PathLike) or (name := saved_format(source)) is None:
        return None
    if name != "colprofile.profile" and name in FORMATS:
        _refuse(source, f"it holds a saved result of the type {FORMATS[name].__name__}: {_GIVE_PROFILE}")
    return Profile.load(source)


_GIVE_PROFILE = "give a profile or data; `colprofile report` shows any saved result"


def refuse_saved(source: object) -> None:
    """Raise unless ``source`` is data: a result, given or saved, has no rows to count.

    Raises
    ------
    ArgumentError
        It is a profile.
    ResultError
        It is another result.
    """
    if saved_profile(source) is not None:
        raise ArgumentError(
            "a profile has no rows to count: give the data; audit and drift take profiles, and `colprofile report` "
            "shows them"
        )


def to_json(data: Mapping[str, Any], indent: int | None = None) -> str:
    """Return a result's dict as JSON text.

    Raises
    ------
    ResultError
        A figure is NaN or infinite: it should have been None, with its reason in ``undefined``.
    """
    try:
        return json.dumps(data, allow_nan=False, indent=indent)
    except ValueError as error:
        raise ResultError(
            f"a figure is NaN or infinite, which JSON cannot hold ({error}); it must be None with a reason"
        ) from error


def profile_from_dict(data: Any) -> Profile:
    """Return the profile that ``to_dict`` described; ResultError if the dict is anything else."""
    try:
        return result_from_dict(Profile, data)
    except ResultError as error:
        raise ResultError(f"cannot read the profile: {error}") from None


def profile_schema() -> dict[str, Any]:
    """Return the published JSON Schema (draft 2020-12) of a saved profile."""
    schema: dict[str, Any] = json.loads(_schema_text())
    return schema


@functools.cache
def _schema_text() -> str:
    return importlib.resources.files("colprofile.results").joinpath("profile.schema.json").read_text("utf-8")


def _format_of(cls: type) -> str:
    """Return the name under which a result class is saved."""
    for name, known in FORMATS.items():
        if known is cls:
            return name
    raise TypeError(f"{cls.__name__} is not a result; results are {', '.join(FORMATS)}")


def _check_header(expected: str, name: object, version: object) -> None:
    """Raise ResultError unless format and version are what this version of colprofile reads."""
    if name is None:
        raise ResultError(f"it is JSON, but not a saved result; {GIVE_ANOTHER}")
    if name != expected:
        raise ResultError(f"it holds {shorten(repr(name), 60)}, not {expected!r}; {GIVE_ANOTHER}")
    if type(version) is not int or version < 1:
        found = shorten(repr(version), 40)
        raise ResultError(f"it is damaged or was edited: version: found {found}, expected 1; save it again")
    if version > VERSION:
        raise ResultError(
            f"it has format version {version} and this colprofile reads up to {VERSION}; "
            "upgrade with pip install --upgrade colprofile"
        )


def _refuse(path: str | os.PathLike[str], problem: str) -> NoReturn:
    raise ResultError(f"cannot read {shorten(os.fspath(path), 200)!r}: {problem}") from None


def _json_kind(data: object) -> str:
    """Return what a JSON value is, in words."""
    kinds = {list: "a list", str: "text", type(None): "null", bool: "true or false"}
    return kinds.get(type(data), "a number")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
