"""A profile as tables of a DuckDB database, so that a report can be queried."""

from __future__ import annotations

import contextlib
from dataclasses import replace as replace_fields
from typing import TYPE_CHECKING, Any

from colprofile.errors import ArgumentError, SourceError, shorten
from colprofile.sources.identifiers import quote_identifier, quote_literal, split_identifier
from colprofile.sqlfunctions.registration import duckdb_connection, first_line, transaction

if TYPE_CHECKING:
    import pandas as pd

    from colprofile.results.profile import Profile


def write_tables(profile: Profile, con: Any, name: str, *, replace: bool) -> tuple[str, ...]:
    """Create the tables of ``Profile.to_duckdb`` in one transaction, and return their quoted names."""
    import duckdb

    raw = duckdb_connection(con)
    parts = split_identifier(name)
    if not parts[-1] or len(parts) > 3:
        raise ArgumentError(
            f"name is {shorten(name)!r}: give the beginning of the tables' names, such as 'flights_profile'"
        )
    frames = _frames(profile)
    tables = {suffix: ".".join(map(quote_identifier, [*parts[:-1], f"{parts[-1]}_{suffix}"])) for suffix in frames}
    try:
        with transaction(raw):
            for suffix, frame in frames.items():
                _create(raw, tables[suffix], frame, _comment(profile, suffix), replace)
    except duckdb.Error as error:
        is_taken = isinstance(error, duckdb.CatalogException) and not replace and "already exists" in str(error)
        hint = "; give replace=True or another name" if is_taken else ""
        raise SourceError(f"cannot write the profile to {shorten(name)!r}: {first_line(error)}{hint}") from error
    return tuple(tables.values())


def _frames(profile: Profile) -> dict[str, pd.DataFrame]:
    """Return the tables to write, by the end of their names."""
    profile = _readable(profile)
    columns = profile.columns_frame().reset_index()
    for bound in ("minimum", "maximum"):  # each column has values of its own type
        columns[bound] = columns[bound].map(_text, na_action="ignore").astype("str")
    frames = {"columns": columns, "values": _values_frame(profile)}
    if profile.has_pairs:
        frames["pairs"] = profile.pairs_frame()
    return frames


def _values_frame(profile: Profile) -> pd.DataFrame:
    """Return the most frequent values of every column, one row per value."""
    import pandas as pd

    rows = [
        (column.name, rank, _text(top.value), top.count, top.share)
        for column in profile.columns
        for rank, top in enumerate(column.top_values, 1)
    ]
    frame = pd.DataFrame(rows, columns=["name", "rank", "value", "count", "share"])
    return frame.astype({"name": "str", "rank": "int64", "value": "str", "count": "int64", "share": "float64"})


def _readable(profile: Profile) -> Profile:
    """Return the profile with names that UTF-8, and so DuckDB, can hold."""
    return replace_fields(
        profile,
        columns=tuple(replace_fields(column, name=_text(column.name)) for column in profile.columns),
        pairs=tuple(replace_fields(pair, x=_text(pair.x), y=_text(pair.y)) for pair in profile.pairs),
    )


def _text(value: object) -> str:
    return str(value).encode("utf-8", "replace").decode()


def _create(raw: Any, table: str, frame: pd.DataFrame, comment: str, replace: bool) -> None:
    import duckdb

    view = "colprofile_frame"
    raw.register(view, frame)
    try:
        how = "create or replace table" if replace else "create table"
        raw.execute(f"{how} {table} as select * from temp.{view}")
        raw.execute(f"comment on table {table} is {quote_literal(comment)}")
    finally:
        with contextlib.suppress(duckdb.Error):  # the transaction has failed: its rollback takes the view as well
            raw.unregister(view)


def _comment(profile: Profile, suffix: str) -> str:
    origin = profile.provenance
    what = {"columns": "one row per column", "pairs": "one row per pair", "values": "the most frequent values"}[suffix]
    of = f"{origin.table} of {origin.source}" if origin.table else origin.source
    return f"colprofile {origin.version}: profile of {of}, {what}, entropies in bits, made {origin.created}"
