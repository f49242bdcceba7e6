"""Text files with separated fields: looked at as a whole, then read by DuckDB, which guesses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import duckdb

from colprofile.errors import SourceError, shorten
from colprofile.inputs import InputReading
from colprofile.sources.connection_errors import raise_interruption
from colprofile.sources.duckdb import readable_errors
from colprofile.sources.files.relation import LocalFile, Relation
from colprofile.sources.files.text.faults import check_asked_types, type_remarks
from colprofile.sources.files.text.names import sql_names
from colprofile.sources.files.text.plan import Plan, keeps_empty_texts, make_plan, tables_sql
from colprofile.sources.files.text.survey import EmptyFile
from colprofile.sources.files.text.table import TextTable, copied, look_at
from colprofile.sources.identifiers import quote_identifier
from colprofile.sources.options import InputOptions
from colprofile.sources.workspace import Workspace

_Value = TypeVar("_Value")


def read(files: Sequence[LocalFile], workspace: Workspace, options: InputOptions) -> Relation:
    """Return the relation of text files, all rows of them.

    Raises
    ------
    SourceError
        A file is empty, has bytes that are not of its encoding, rows with too few or too many fields, or values that
        are not of the type that was asked for.
    SourceNotFound
        A type is named for a column that there is not.
    """
    tables, empty = _looked_at(files, workspace, options)
    plan = make_plan(tables, options)
    tables = [_checked(table, plan, workspace, options) for table in tables]
    sql = _relation_sql(tables, plan, options)
    remarks = empty + _remarks(tables, plan)
    rejected = sum(table.rejected for table in tables)
    if plan.asked:
        sql, faults, more = check_asked_types(tables, plan, sql, workspace, options)
        rejected += faults
        remarks += more
    return Relation(
        sql=sql,
        names=plan.names if plan.names != plan.sql_names else None,
        reading=InputReading(
            format="CSV",
            reader="DuckDB",
            files=len(files),
            encoding=_common([table.encoding for table in tables]),
            delimiter=_common([table.survey.dialect.delimiter for table in tables]),
            quote=_common([table.survey.dialect.quote for table in tables]),
            has_header=_common([table.survey.layout.names is not None for table in tables]),
            skipped_lines=sum(table.skipped for table in tables),
            guessed=_guessed(options),
            records=sum(table.rows + table.rejected for table in tables),
            rejected_rows=rejected,
            remarks=tuple(remarks),
        ),
        expected_rows=lambda: sum(table.rows for table in tables),
    )


def _guessed(options: InputOptions) -> tuple[str, ...]:
    """Return the names of the fields of ``InputReading`` that were guessed."""
    given = {"encoding": options.encoding, "delimiter": options.delimiter, "quote": options.quote}
    names = [name for name, value in given.items() if value is None]
    return (*names, "has_header") if options.header is None else tuple(names)


def _common(values: Sequence[_Value]) -> _Value | None:
    return values[0] if all(value == values[0] for value in values) else None


def _checked(table: TextTable, plan: Plan, workspace: Workspace, options: InputOptions) -> TextTable:
    """Return the table as DuckDB finds all of its rows: the file itself, or else a copy in plain CSV.

    Raises
    ------
    SourceError
        DuckDB finds other rows in the copy too.
    """
    # DuckDB takes all quoted texts for missing values, or none of them.
    if not table.is_copy and options.null_texts and keeps_empty_texts(table, plan):
        table = copied(table, workspace, options)
    if _count(table, plan, workspace, options) == table.rows:
        return table
    if not table.is_copy:
        table = copied(table, workspace, options)
        if _count(table, plan, workspace, options) == table.rows:
            return table
    with readable_errors(table.survey.stream.shown):
        sql = tables_sql([table], plan, options, raw=True)
        found = workspace.connection.execute(f"select count(*) from {sql}").fetchall()[0][0]
    raise SourceError(
        f"{shorten(table.survey.stream.shown)!r} has {table.rows:,} rows, of which DuckDB finds {found:,}: "
        "give quote=, delimiter= or encoding="
    )


def _count(table: TextTable, plan: Plan, workspace: Workspace, options: InputOptions) -> int | None:
    """Return how many rows DuckDB finds; None where it fails."""
    try:
        sql = tables_sql([table], plan, options, raw=True)
        return int(workspace.connection.execute(f"select count(*) from {sql}").fetchall()[0][0])
    except duckdb.Error as error:
        raise_interruption(error)
        return None


def _relation_sql(tables: Sequence[TextTable], plan: Plan, options: InputOptions) -> str:
    """Return what stands behind FROM."""
    groups: dict[object, list[TextTable]] = {}
    for table in tables:
        alike = (table.dialect, table.skip, table.has_crlf, table.stream.compression, sql_names(table.names))
        groups.setdefault(alike, []).append(table)
    if len(groups) == 1:
        return tables_sql(tables, plan, options)
    # In the order of the files.
    selects = [f"select * from {tables_sql([table], plan, options)}" for table in tables]
    ordered = ", ".join(map(quote_identifier, plan.sql_names))
    return f"(select {ordered} from ({' union all by name '.join(selects)}))"


def _looked_at(
    files: Sequence[LocalFile], workspace: Workspace, options: InputOptions
) -> tuple[list[TextTable], list[str]]:
    """Return the files that have rows or a header, and a remark on those that have neither."""
    tables, empty = [], []
    for file in files:
        try:
            tables.append(look_at(file, workspace, options))
        except EmptyFile:
            if len(files) == 1:
                raise
            empty.append(file.shown)
    if not tables:
        raise EmptyFile(f"all {len(files):,} files are empty, {shorten(empty[0])!r} and the others: there are no rows")
    return tables, [f"{_some_files(empty)} {'is' if len(empty) == 1 else 'are'} empty"] if empty else []


def _some_files(shown: Sequence[str]) -> str:
    more = f" and {len(shown) - 1:,} more files" if len(shown) > 2 else f" and {shown[-1]!r}" if len(shown) > 1 else ""
    return f"{shorten(shown[0])!r}{more}"


def _remarks(tables: Sequence[TextTable], plan: Plan) -> list[str]:
    by_text: dict[str, list[str]] = {}
    for table in tables:
        for remark in table.remarks:
            by_text.setdefault(remark, []).append(table.survey.stream.shown)
    remarks = [
        text if len(shown) == len(tables) else f"{_some_files(shown)}: {text}" for text, shown in by_text.items()
    ]
    names = [sql_names(table.names) for table in tables]
    if any(set(other) != set(names[0]) for other in names):
        for name in plan.sql_names:
            having = sum(name in other for other in names)
            if having < len(tables):
                remarks.append(
                    f"column {name!r} is in {having:,} of {len(tables):,} files: NULL in the rows of the others"
                )
    elif any(other != names[0] for other in names):
        remarks.append("the files have their columns in different orders: they were matched by name")
    return remarks + type_remarks(tables, plan)
