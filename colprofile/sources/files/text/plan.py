"""What DuckDB is asked for: the types of the columns of text files, and the query that gives their rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from colprofile.errors import ArgumentError, SourceNotFound, did_you_mean, shorten
from colprofile.sources.files.text import kinds
from colprofile.sources.files.text.names import sql_names
from colprofile.sources.files.text.numbers import WORD, number_sql
from colprofile.sources.files.text.table import TextTable
from colprofile.sources.files.text.types import TEXT, ColumnType, FieldCounts, column_type, sum_by_name
from colprofile.sources.identifiers import quote_identifier, quote_literal
from colprofile.sources.options import InputOptions

_ROUNDED = re.compile(r"(u?(tiny|small|big|huge)?int(eger)?|decimal|numeric|float4?|real)\b", re.IGNORECASE)
_FLOAT = re.compile(r"(float4?|real)\b", re.IGNORECASE)
"""Types that DuckDB rounds a number to, and those of them with binary fractions."""

_TYPE = re.compile(r"[A-Za-z_][A-Za-z0-9_ ]*(\(\s*\d+\s*(,\s*\d+\s*)?\)[A-Za-z ]*)?")
_ROOM = 1 << 21  # DuckDB's own limit of a row


@dataclass(frozen=True)
class Plan:
    """The columns of text files.

    Attributes
    ----------
    names, sql_names
        The columns' own names, and those in SQL.
    types
        How each is read, by its name in SQL.
    asked
        The types that the user named, by name in SQL.
    """

    names: tuple[str, ...]
    sql_names: tuple[str, ...]
    types: Mapping[str, ColumnType]
    fields: Mapping[str, FieldCounts]
    asked: Mapping[str, str]


def make_plan(tables: Sequence[TextTable], options: InputOptions) -> Plan:
    """Return the columns of text files: those of the first, then what the others have besides.

    Raises
    ------
    SourceNotFound
        A type is named for a column that there is not.
    """
    own: dict[str, str] = {}
    for table in tables:
        for name, sql_name in zip(table.names, sql_names(table.names), strict=True):
            own.setdefault(sql_name, name)
    parts = [dict(zip(sql_names(table.names), table.fields, strict=True)) for table in tables]
    fields = sum_by_name(parts) if len(parts) > 1 else parts[0]
    asked = {}
    for given, kind in (options.types or {}).items():
        found = [name for name in own if own[name] == given] or [name for name in own if name.lower() == given.lower()]
        if not found:
            raise SourceNotFound(f"types= names no column: {shorten(given)!r}. {did_you_mean(given, own.values())}")
        asked.update(dict.fromkeys(found, kind.replace(";", ",")))
    decimal, thousands = options.decimal or ".", options.thousands or ""
    types = {}
    for name in own:
        if name in asked:
            types[name] = _asked_type(asked[name], options)
        elif options.all_text:
            types[name] = TEXT
        else:
            types[name] = column_type(fields[name], decimal, thousands)
    return Plan(tuple(own.values()), tuple(own), types, fields, asked)


def _asked_type(kind: str, options: InputOptions) -> ColumnType:
    if not _TYPE.fullmatch(kind):
        raise ArgumentError(
            f"types= names {shorten(kind)!r}, which is no type of a value: give one as SQL names them, such as "
            "VARCHAR, DECIMAL(9,2) or DATE, or number"
        )
    decimal = options.decimal or "."
    if kind.lower() == WORD:
        thousands = options.thousands or ("," if decimal == "." else ".")
        return ColumnType("DOUBLE", number_sql("{}", decimal, thousands))
    text = "trim({}, ' \t')"
    if options.thousands:
        text = f"replace({text}, {quote_literal(options.thousands)}, '')"
    if decimal != ".":
        text = f"replace({text}, {quote_literal(decimal)}, '.')"
    if kind.upper() in ("VARCHAR", "TEXT", "STRING"):
        return TEXT
    return ColumnType(kind, _lossless(f"nullif({text}, '')", kind))


def _lossless(text: str, kind: str) -> str:
    """Return SQL that casts a text to a type; NULL where the type has no such value, but one near it."""
    cast = f"try_cast({text} as {kind})"
    if _ROUNDED.match(kind):
        # A float is compared as it is written: 0.1 stays 0.1.
        shown = f"{cast}::varchar" if _FLOAT.match(kind) else cast
        return f"case when {shown}::double is not distinct from try_cast({text} as double) then {cast} end"
    if kind.upper() == "DATE":
        return f"case when coalesce({cast}::timestamp = try_cast({text} as timestamp), true) then {cast} end"
    return cast


def tables_sql(
    tables: Sequence[TextTable], plan: Plan, options: InputOptions, *, raw: bool = False, where: str = ""
) -> str:
    """Return what stands behind FROM for files that are written alike."""
    table = tables[0]
    names = sql_names(table.names)
    keeps_empty = keeps_empty_texts(table, plan) and (table.is_copy or not options.null_texts)
    read, selected = [], []
    for name in names:
        kind, quoted = plan.types[name], quote_identifier(name)
        fields = plan.fields[name]
        has_quoted_empty = keeps_empty and bool(fields.counts[kinds.QUOTED_EMPTY])
        if raw or (kind.name == "VARCHAR" and kind.expression is None):
            is_null = has_quoted_empty and not _keeps_empty(plan, name)
            read.append((name, "VARCHAR"))
            selected.append(f"nullif({quoted}, '') as {quoted}" if is_null else quoted)
        elif kind.expression is None and not has_quoted_empty:
            read.append((name, kind.name))
            selected.append(quoted)
        else:
            read.append((name, "VARCHAR"))
            text = f"nullif({quoted}, '')" if has_quoted_empty else quoted
            made = f"cast({text} as {kind.name})" if kind.expression is None else kind.expression.replace("{}", text)
            selected.append(f"{made} as {quoted}")
    reader = _reader(tables, read, options, keeps_empty=keeps_empty)
    if where:
        reader = f"(select * from {reader} where {where})"
    if all(column == quote_identifier(name) for column, name in zip(selected, names, strict=True)):
        return reader
    return f"(select {', '.join(selected)} from {reader})"


def keeps_empty_texts(table: TextTable, plan: Plan) -> bool:
    """Whether ``""`` in a column of a table is an empty text, rather than a missing value."""
    return any(_keeps_empty(plan, name) for name in sql_names(table.names))


def _keeps_empty(plan: Plan, name: str) -> bool:
    """Whether ``""`` in a column is an empty text."""
    return plan.types[name].name == "VARCHAR" and plan.fields[name].has_empty_texts


def _reader(
    tables: Sequence[TextTable], columns: Sequence[tuple[str, str]], options: InputOptions, *, keeps_empty: bool
) -> str:
    table = tables[0]
    dialect = table.dialect
    nulls = () if table.is_copy else options.null_texts
    longest = max(table.longest for table in tables)
    settings = {
        "auto_detect": "false",
        "header": "false",
        "delim": quote_literal(dialect.delimiter),
        "quote": quote_literal(dialect.quote),
        "escape": quote_literal(dialect.escape),
        "comment": "''",
        "new_line": r"'\r\n'" if table.has_crlf else r"'\n'",
        "skip": str(table.skip),
        "compression": quote_literal(table.stream.compression),
        "nullstr": f"[{', '.join(map(quote_literal, ('', *nulls)))}]",
        "columns": f"{{{', '.join(f'{quote_literal(name)}: {quote_literal(kind)}' for name, kind in columns)}}}",
    }
    if keeps_empty:
        settings["allow_quoted_nulls"] = "false"
    if longest + 16 > _ROOM:
        settings["max_line_size"] = str(2 * longest)
    paths = ", ".join(quote_literal(table.stream.path) for table in tables)
    return f"read_csv([{paths}], {', '.join(f'{name}={value}' for name, value in settings.items())})"
