"""What the shell offers behind an option: the columns of the source that has been typed, and our own names."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable

import typer

from colprofile.sources.options import InputKeywords

SOURCES = ("source", "stale", "fresh")
"""Arguments that name data, by their parameters."""

LARGEST = 100_000_000
"""Bytes of a text file whose columns are offered."""


def complete_columns(context: typer.Context, incomplete: str) -> list[str]:
    """Return the list that was begun, with each column of the source that its last name may become."""
    return _in_list(incomplete, _columns(context))


def complete_tables(context: typer.Context, incomplete: str) -> list[str]:
    """Return the list that was begun, with each table of the sources that its last name may become."""
    from colprofile.errors import ColprofileError
    from colprofile.sources.tables.open import open_tables

    names: list[str] = []
    for source in local_sources(context):
        with (
            contextlib.suppress(ColprofileError, OSError),
            open_tables(source, schema=context.params.get("schema"), is_one_enough=True)
            or contextlib.nullcontext() as found,
        ):
            names += found.names if found is not None else ()
    return _in_list(incomplete, dict.fromkeys(name for name in names if name.isprintable()))


def complete_kinds(incomplete: str) -> list[str]:
    """Return the list that was begun, with each kind of finding that its last name may become."""
    from colprofile.results.audit_kinds import KINDS, word_of
    from colprofile.results.schema_kinds import SCHEMA_KINDS

    return _in_list(incomplete, [*(word_of(kind).replace(" ", "-") for kind in KINDS), *SCHEMA_KINDS])


def complete_groups(incomplete: str) -> list[str]:
    """Return the groups of SQL functions."""
    from colprofile.sqlfunctions.catalogue import GROUPS

    return [group for group in GROUPS if group.startswith(incomplete)]


def _in_list(incomplete: str, names: Iterable[str]) -> list[str]:
    """Return a comma-separated list with its last name completed; a name with a comma in double quotes."""
    before, comma, begun = incomplete.rpartition(",")
    quoted = ['"' + name.replace('"', '""') + '"' if "," in name or '"' in name else name for name in names]
    return [f"{before}{comma}{name}" for name in quoted if name.startswith(begun)]


def _columns(context: typer.Context) -> list[str]:
    """Return the columns of the sources that have been typed so far; none where they cannot be read."""
    from colprofile.cli.inputs import typed_inputs
    from colprofile.errors import ColprofileError
    from colprofile.results.saved import saved_profile
    from colprofile.sources.open import open_source

    names: list[str] = []
    inputs: InputKeywords = {}
    with contextlib.suppress(ColprofileError):
        inputs = typed_inputs(context.params)
    for source in local_sources(context):
        with contextlib.suppress(ColprofileError, OSError):
            profile = saved_profile(source)
            if profile is not None:
                names += profile.names
                continue
            with open_source(source, context.params.get("table"), **inputs) as opened:
                names += [column.name for column in opened.columns]
    return list(dict.fromkeys(name for name in names if name.isprintable()))


def local_sources(context: typer.Context) -> list[str]:
    """Return the files that have been typed, assigned to arguments or not yet: a key in a shell asks no server."""
    typed = [context.params.get(name) or () for name in SOURCES]
    given = [source for sources in typed for source in ([sources] if isinstance(sources, str) else sources)]
    local = (source for source in (*given, *context.args) if "://" not in source and not source.startswith("-"))
    return [source for source in local if _is_quick(source)]


def _is_quick(source: str) -> bool:
    """Whether the columns are known at once: a long text file is looked at as a whole."""
    has_footer = source.lower().endswith((".parquet", ".pq", ".duckdb", ".ddb", ".db", ".sqlite"))
    return has_footer or not os.path.isfile(source) or os.path.getsize(source) <= LARGEST
