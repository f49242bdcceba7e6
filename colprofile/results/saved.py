"""Whether a source is a saved result or data: decided here for every verb, in Python and on the command line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

from colprofile.errors import ArgumentError, ResultError, shorten
from colprofile.results.base import Result
from colprofile.results.profile import Profile
from colprofile.results.serialize import FORMATS, format_of, result_class, saved_format

if TYPE_CHECKING:
    from colprofile.results.database import DatabaseProfile

DATABASE_PROFILE = "colprofile.database_profile"


def saved_database(source: object) -> DatabaseProfile | None:
    """Return the DatabaseProfile that is given, or that is saved in the file that a path names; None for anything else.

    Raises
    ------
    ResultError
        A damaged file, or one from a newer version.
    """
    # The results of all verbs are slow to import: for most sources they need not be.
    if isinstance(source, Result):
        return cast("DatabaseProfile", source) if format_of(type(source)) == DATABASE_PROFILE else None
    if isinstance(source, str | os.PathLike) and saved_format(source) == DATABASE_PROFILE:
        return cast("DatabaseProfile", result_class(DATABASE_PROFILE).load(source))  # type: ignore[attr-defined]
    return None


def saved_profile(source: object) -> Profile | None:
    """Return the Profile that is given, or that is saved in the file that a path names; None for anything else.

    Raises
    ------
    ResultError
        Another result than a profile, given or saved; a damaged file, or one from a newer version.
    """
    if isinstance(source, Profile):
        return source
    name = saved_format(source) if isinstance(source, str | os.PathLike) else None
    kind = type(source) if isinstance(source, Result) else result_class(name) if name in FORMATS else Profile
    if kind is not Profile:
        given = f"{shorten(os.fspath(source), 200)!r}" if isinstance(source, str | os.PathLike) else "what is given"
        raise ResultError(
            f"{given} is a result of the class {kind.__name__}, not a profile: give a profile or data; "
            "`colprofile report` shows any saved result"
        )
    return Profile.load(source) if name is not None and isinstance(source, str | os.PathLike) else None


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
            "a profile has no rows to count: give the data. audit and drift take profiles, "
            "and `colprofile report` shows them"
        )
