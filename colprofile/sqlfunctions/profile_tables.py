"""A profile as tables of a DuckDB database, so that a report can be queried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from colprofile.errors import ArgumentError, SourceError, shorten
from colprofile.results.frames import columns_frame, pairs_frame
from colprofile.sources.identifiers import quote_identifier, quote_literal, split_identifier
from colprofile.sqlfunctions.registration import duckdb_connection, first_line

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
        is_ours = _begin(raw)
        try:
            for suffix, frame in frames.items():
                _create(raw, tables[suffix], frame, _comment(profile, suffix), replace)
            if is_ours:
                raw.execute("commit")
        except BaseException:
            if is_ours:
                raw.execute("rollback")
            raise
    except duckdb.CatalogException as error:
        hint = "" if replace else "; if it exists already, give replace=True or another name"
        raise SourceError(f"cannot write the profile to {shorten(name)!r}: {first_line(error)}{hint}") from error
    except duckdb.Error as error:
        raise SourceError(f"cannot write the profile to {shorten(name)!r}: {first_line(error)}") from error
    return tuple(tables.values())


def _frames(profile: Profile) -> dict[str, pd.DataFrame]:
    """Return what is written, by the end of the table's name."""
    columns = columns_frame(profile).reset_index()
    for bound in ("minimum", "maximum"):  # each column has values of its own type
        columns[bound] = columns[bound].map(_text, na_action="ignore").astype("str")
    frames = {"columns": columns, "values": _values_frame(profile)}
    if profile.has_pairs:
        frames["pairs"] = pairs_frame(profile)
    return {suffix: _readable(frame) for suffix, frame in frames.items()}


def _values_frame(profile: Profile) -> pd.DataFrame:
    """Return the most frequent values of every column, one row a value."""
    import pandas as pd

    rows = [
        (column.name, rank, _text(top.value), top.count, top.share)
        for column in profile.columns
        for rank, top in enumerate(column.top_values, 1)
    ]
    frame = pd.DataFrame(rows, columns=["name", "rank", "value", "count", "share"])
    return frame.astype({"name": "str", "rank": "int64", "value": "str", "count": "int64", "share": "float64"})


def _readable(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with text that no UTF-8 can hold made so that it can."""
    return frame.assign(
        **{
            column: frame[column].map(lambda text: text.encode("utf-8", "replace").decode(), na_action="ignore")
            for column in frame.columns
            if frame[column].dtype == object
        }
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value).encode("utf-8", "replace").decode()


def _create(raw: Any, table: str, frame: pd.DataFrame, comment: str, replace: bool) -> None:
    view = "colprofile_frame"
    cursor_view = raw.register(view, frame)
    try:
        how = "create or replace table" if replace else "create table"
        cursor_view.execute(f"{how} {table} as select * from {view}")
        raw.execute(f"comment on table {table} is {quote_literal(comment)}")
    finally:
        raw.unregister(view)


def _comment(profile: Profile, suffix: str) -> str:
    origin = profile.provenance
    what = {"columns": "one row a column", "pairs": "one row a pair", "values": "the most frequent values"}[suffix]
    of = f"{origin.table} of {origin.source}" if origin.table else origin.source
    return f"colprofile {origin.version}: profile of {of}, {what}, entropies in bits, made {origin.created}"


def _begin(raw: Any) -> bool:
    """Begin a transaction and return True, unless the user has one open."""
    import duckdb

    try:
        raw.execute("begin")
    except duckdb.TransactionException:
        return False
    return True
