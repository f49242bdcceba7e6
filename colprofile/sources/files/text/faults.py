"""What does not have the type that it should: values that make a column text, values of types that were asked for."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from colprofile.errors import ArgumentError, SourceError, one_line, shorten
from colprofile.sources.duckdb import first_line, readable_errors
from colprofile.sources.files.text import kinds
from colprofile.sources.files.text.names import sql_names
from colprofile.sources.files.text.odd import value_at
from colprofile.sources.files.text.plan import Plan, tables_sql
from colprofile.sources.files.text.table import TextTable, line_of_row
from colprofile.sources.identifiers import quote_identifier, quote_literal
from colprofile.sources.options import InputOptions
from colprofile.sources.workspace import Workspace

_MOST_NAMED = 5


def type_remarks(tables: Sequence[TextTable], plan: Plan) -> list[str]:
    """Return sentences on the columns whose type a person should know of; a value of the first that is text."""
    by_reason: dict[str, list[str]] = {}
    remarks: list[str] = []
    odd: list[tuple[str, str]] = []
    for own, name in zip(plan.names, plan.sql_names, strict=True):
        kind = plan.types[name]
        shown = f"`{shorten(own, 40)}`" if own else f"column `{name}`"
        if kind.odd_kind is not None and not kind.why:
            odd.append((name, shown))
        elif kind.why:
            by_reason.setdefault(kind.why, []).append(shown)
    if odd:
        remarks.append(_odd_value(tables, plan, odd[0][0]))
    if len(odd) > 1:
        names = [shown for _, shown in odd[1:]]
        remarks.append(f"{_some(names)} {'is' if len(names) == 1 else 'are'} text too, for values unlike the rest")
    blank = [
        f"`{shorten(own, 40)}`"
        for own, name in zip(plan.names, plan.sql_names, strict=True)
        if plan.types[name].name != "VARCHAR" and plan.fields[name].counts[kinds.SPACES]
    ]
    if blank:
        remarks.append(f"fields of blanks only are read as missing in {_some(blank)}")
    for why, names in by_reason.items():
        remarks.append(f"{_some(names)} {'is' if len(names) == 1 else 'are each'} {why}")
    return remarks


def _some(names: Sequence[str]) -> str:
    """Return the first names and how many more there are."""
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _odd_value(tables: Sequence[TextTable], plan: Plan, name: str) -> str:
    """Return the sentence that names the first value which makes a column text."""
    odd = plan.types[name].odd_kind
    for table in tables:
        names = sql_names(table.names)
        if name not in names:
            continue
        j = names.index(name)
        if j < table.walker.kind_counts.shape[0] and table.walker.kind_counts[j, odd]:
            line = int(table.walker.first_lines[j, odd])
            value = value_at(table.survey.stream, table.survey.dialect, int(table.walker.first_bytes[j, odd]))
            times = int(plan.fields[name].counts[odd])
            filled = int(plan.fields[name].counts[kinds.INTEGER :].sum())
            shown = shorten(one_line(value), 40)
            of = f" of {shorten(table.survey.stream.shown, 60)}" if len(tables) > 1 else ""
            own = shorten(plan.names[plan.sql_names.index(name)], 40)
            which = "the only one" if times == 1 else f"one of {times:,}"
            return (
                f"`{own}` is text: line {line:,}{of} has {shown!r}, {which} of {filled:,} values that "
                f"is not like the rest; null={shown!r} reads it as missing"
            )
    return f"`{shorten(name, 40)}` is text"


def check_asked_types(
    tables: Sequence[TextTable], plan: Plan, sql: str, workspace: Workspace, options: InputOptions
) -> tuple[str, int, list[str]]:
    """Return the relation without rows whose values are not of the types that were asked for, their number, remarks.

    Raises
    ------
    ArgumentError
        There is no such type.
    SourceError
        There is such a value, and such rows are not to be left out.
    """
    connection = workspace.connection
    for name, kind in plan.asked.items():
        expression = plan.types[name].expression
        if expression is None:
            continue
        try:
            connection.execute(f"select {expression.replace('{}', quote_literal(''))}")
        except duckdb.Error as error:
            own = plan.names[plan.sql_names.index(name)]
            raise ArgumentError(
                f"types={shorten(own)!r}: {shorten(kind)!r} is no type of values: give one as SQL names them, such as "
                f"VARCHAR, DOUBLE or DATE, or number ({first_line(error)})"
            ) from error
    made = [name for name in plan.asked if plan.types[name].expression is not None]
    if not made:
        return sql, 0, []
    faults = 0
    parts = []
    for table in tables:
        names = [name for name in made if name in sql_names(table.names)]
        raw = tables_sql([table], plan, options, raw=True)
        bad = " or ".join(_is_fault(plan, name) for name in names) or "false"
        with readable_errors(table.survey.stream.shown):
            number = connection.execute(f"select count(*) from {raw} where {bad}").fetchall()[0][0]
        if number and not options.accept_rejects:
            raise _fault_error(table, plan, names, raw, workspace, options)
        faults += number
        parts.append((table, bad))
    if not faults:
        return sql, 0, []
    kept = [
        f"select * from {tables_sql([table], plan, options, where=f'not coalesce({bad}, false)')}"
        for table, bad in parts
    ]
    ordered = ", ".join(map(quote_identifier, plan.sql_names))
    some = " and ".join(f"`{shorten(plan.names[plan.sql_names.index(name)], 40)}`" for name in made[:_MOST_NAMED])
    return (
        f"(select {ordered} from ({' union all by name '.join(kept)}))",
        faults,
        [
            f"{faults:,} {'row was' if faults == 1 else 'rows were'} left out, as {some} "
            "has values there that are not of the type asked for"
        ],
    )


def _is_fault(plan: Plan, name: str) -> str:
    """Return the SQL condition of a value that is not of the type that was asked for."""
    quoted = quote_identifier(name)
    expression = plan.types[name].expression or quoted
    return f"(nullif(trim({quoted}), '') is not null and {expression.replace('{}', quoted)} is null)"


def _fault_error(
    table: TextTable, plan: Plan, names: Sequence[str], raw: str, workspace: Workspace, options: InputOptions
) -> SourceError:
    """Return the error that names the first value which is not of its type."""
    for name in names:
        quoted = quote_identifier(name)
        found = workspace.connection.execute(
            f"select row, value from (select row_number() over () as row, {quoted} as value, "
            f"{_is_fault(plan, name)} as is_fault from {raw}) where is_fault order by row limit 1"
        ).fetchall()
        if found:
            row, value = found[0]
            line = line_of_row(table, row, options)
            own = plan.names[plan.sql_names.index(name)]
            shown = shorten(one_line(value), 40)
            return SourceError(
                f"line {line:,} of {shorten(table.survey.stream.shown)!r} has {shown!r} in {shorten(own, 40)!r}, which "
                f"is no {plan.asked[name]}: mend it, give null={shown!r} to read it as missing, or accept_rejects=True "
                "to leave such rows out"
            )
    return SourceError(f"{shorten(table.survey.stream.shown)!r} has values that are not of the types asked for")
