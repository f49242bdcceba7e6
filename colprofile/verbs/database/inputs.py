"""How the files of a folder are read: an option reaches those files whose format has a use for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, cast

from colprofile.errors import ArgumentError, shorten
from colprofile.sources.files.useful_options import useful_options
from colprofile.sources.options import OPTION_NAMES, InputKeywords, InputOptions
from colprofile.sources.tables.base import Tables

Keywords = TypeVar("Keywords", bound=InputKeywords)


def useless_inputs(options: InputKeywords, *sides: Tables) -> Mapping[str, frozenset[str]]:
    """Return by table the options that were given and that its format has no use for; nothing for databases.

    Of two sides an option is useless for a table where it is for both files.

    Raises
    ------
    ArgumentError
        No table has a use for an option.
    """
    given = frozenset(InputOptions.of(inputs_of(options)).given())
    useless: dict[str, frozenset[str]] = {}
    for tables in sides if given else ():
        for name in tables.names:
            place, table = tables.given(name)
            if table is None and isinstance(place, str):
                useless[name] = useless.get(name, given) - useful_options(place)
    if useless and (nowhere := frozenset.intersection(*useless.values())):
        shown = " and ".join(repr(shorten(tables.description, 200)) for tables in sides)
        raise ArgumentError(f"{min(nowhere)}= is of no use for any file of {shown}: leave it out")
    return useless


def inputs_of(options: InputKeywords) -> InputKeywords:
    """Return the options that say how files are read."""
    return cast("InputKeywords", {name: value for name, value in options.items() if name in OPTION_NAMES})


def without(options: Keywords, useless: frozenset[str]) -> Keywords:
    """Return options without some of them."""
    return cast("Keywords", {name: value for name, value in options.items() if name not in useless})
