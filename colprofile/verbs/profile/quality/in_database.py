"""What is probably wrong in a table that is counted inside its database: the same rules, on what was fetched or asked.

Columns with few values are judged by all of them. Of columns with many the ends and what is not finite are asked for,
or texts that stand for a missing value. Rows have no numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import sqlalchemy as sa

from colprofile.counting.decimals import DecimalTextDictionary
from colprofile.counting.dictionary import LabelDictionary
from colprofile.counting.encoder import encoder_for
from colprofile.counting.marginal import ColumnMarginal, Marginal
from colprofile.counting.missing import Pattern
from colprofile.counting.placeholders import CLEAR, POSSIBLE
from colprofile.results.profile import Profile
from colprofile.results.quality import QualityIssue, Severity, TextShape
from colprofile.sources.base import SourceColumn
from colprofile.sources.database.column_plans import ColumnPlan
from colprofile.sources.database.fetch import arrow_array, dictionary_of, text_of
from colprofile.sources.database.small_marginal import RowsOf, grouped
from colprofile.sources.database.source import SQLAlchemySource
from colprofile.values import Value
from colprofile.verbs.profile.quality.column import QualityColumn
from colprofile.verbs.profile.quality.columns import column_faults, common_faults
from colprofile.verbs.profile.quality.numbers import end_faults
from colprofile.verbs.profile.quality.table import (
    EXAMPLE_ROWS,
    are_copies,
    cannot_repeat,
    filled,
    is_whole_table,
    together_issues,
)
from colprofile.verbs.profile.session import Session

Run = Callable[[Sequence[Callable[[RowsOf], Any]], str], list[Any]]
"""Runs jobs, shows a label meanwhile, and returns what they return."""

Described = tuple[TextShape | None, list[QualityIssue]]

_ENDS = 12
_MOST_PATTERN_COLUMNS = 200
_MOST_PATTERNS = 10_000

TOO_MANY = "the column has too many values to be fetched from the database"

PARTLY = (
    "Columns with more than 10,000 values were looked at for sentinels, infinities and texts that stand for a missing "
    "value only, because they were counted inside the database."
)


def describe_column(
    source: SQLAlchemySource, column: SourceColumn, counts: ColumnMarginal, rows: int, rows_of: RowsOf
) -> Described:
    """Return what a column looks like if it is text, and what is probably wrong in it."""
    if isinstance(counts, Marginal):
        shape, faults = column_faults(column, QualityColumn(column.name, column.type, counts, rows))
        return shape, [fault.issue for fault in faults]
    plan = source.plans[column.name]
    if plan.is_ordered:
        some = _ends(plan, source, counts, rows_of)
        judged = QualityColumn(column.name, column.type, some, rows)
        found = list(end_faults(judged, is_time=column.kind == "temporal"))
    elif plan.wire == "text":
        some = _placeholders(plan, source, counts, rows_of)
        found = column_faults(column, QualityColumn(column.name, column.type, some, rows))[1]
        found = [fault for fault in found if fault.issue.kind == "placeholder"]
    else:
        found = []
    missing = common_faults(QualityColumn(column.name, column.type, _nothing(counts), rows))
    return None, [fault.issue for fault in [*found, *missing]]


def _nothing(counts: ColumnMarginal) -> Marginal:
    """Return the NULLs of a column alone."""
    return Marginal(counts.nulls, np.zeros(0, np.int64), LabelDictionary([]))


def _marginal(plan: ColumnPlan, found: Sequence[tuple[object, ...]], counts: ColumnMarginal) -> Marginal:
    """Return fetched values, in the order of the database, with their rows."""
    amounts = {row[0]: int(str(row[1])) for row in found}
    return Marginal(counts.nulls, np.array(list(amounts.values()), np.int64), dictionary_of(plan, list(amounts)))


def _ends(plan: ColumnPlan, source: SQLAlchemySource, counts: ColumnMarginal, rows_of: RowsOf) -> Marginal:
    """Return the first and last values of a column; the rows of all between are added to those of one of them."""
    values = grouped(plan, source.relation.clause)
    ends = [rows_of(values.listed().order_by(order).limit(_ENDS)) for order in (values.order, values.reversed_order)]
    found = _marginal(plan, [*ends[0], *reversed(ends[1])], counts)
    between = counts.filled - int(found.counts.sum())
    amounts = found.counts.copy()
    amounts[min(_ENDS, amounts.size) - 1] += between
    return Marginal(counts.nulls, amounts, found.dictionary)


def _placeholders(plan: ColumnPlan, source: SQLAlchemySource, counts: ColumnMarginal, rows_of: RowsOf) -> Marginal:
    """Return the texts that stand for a missing value, beside one that stands for all others."""
    values = grouped(plan, source.relation.clause)
    folded = sa.func.lower(sa.func.trim(values.carried))
    found = rows_of(values.listed().where(folded.in_([*CLEAR, *POSSIBLE])))
    top = rows_of(values.listed().where(folded.not_in([*CLEAR, *POSSIBLE])).order_by(values.count.desc()).limit(100))
    return _marginal(plan, [*found, *top], counts)


def null_patterns_in_database(
    source: SQLAlchemySource, columns: Sequence[SourceColumn], counts: Sequence[ColumnMarginal], rows_of: RowsOf
) -> dict[Pattern, int]:
    """Return which columns are NULL together in how many rows; nothing where none has a NULL, or too many have."""
    numbers = [j for j, each in enumerate(counts) if each.nulls]
    if not numbers or len(numbers) > _MOST_PATTERN_COLUMNS:
        return {}
    keys = [source.plans[columns[j].name].key for j in numbers]
    flags = [sa.case((key.is_(None), 1), else_=0).label(f"n{i}") for i, key in enumerate(keys)]
    inner = sa.select(*flags).select_from(source.relation.clause).subquery("m")
    amount = sa.func.count().label("c")
    query = sa.select(*inner.c, amount).group_by(*inner.c).order_by(amount.desc()).limit(_MOST_PATTERNS + 1)
    found = rows_of(query)
    if len(found) > _MOST_PATTERNS:
        return {}
    return {tuple(j for j, flag in zip(numbers, row, strict=False) if flag): int(row[-1]) for row in found}


def duplicates_in_database(
    source: SQLAlchemySource, columns: Sequence[SourceColumn], rows: int, rows_of: RowsOf
) -> int:
    """Return how many rows repeat another in every column."""
    keys = [source.plans[column.name].key for column in columns]
    inner: sa.Select[Any] = (
        sa.select(sa.literal_column("1").label("one")).select_from(source.relation.clause).group_by(*keys)
    )
    return rows - int(rows_of(sa.select(sa.func.count()).select_from(inner.subquery("d")))[0][0])


def examples_in_database(
    source: SQLAlchemySource, columns: Sequence[SourceColumn], rows_of: RowsOf
) -> tuple[tuple[Value, ...], ...]:
    """Return the first rows that the database gives."""
    plans = [source.plans[column.name] for column in columns]
    chosen = [
        plan.label if plan.wire == "ranked" and plan.label is not None else plan.carry(plan.key) for plan in plans
    ]
    query = sa.select(*(each.label(f"c{i}") for i, each in enumerate(chosen))).select_from(source.relation.clause)
    found = rows_of(query.limit(EXAMPLE_ROWS))
    shown = [_shown(plan, [row[number] for row in found]) for number, plan in enumerate(plans)]
    return tuple(zip(*shown, strict=True)) if found else ()


def _shown(plan: ColumnPlan, values: Sequence[Any]) -> list[Value]:
    """Return fetched values as results hold them."""
    if plan.wire == "ranked":
        return [text_of(value) for value in values]
    array = arrow_array(plan, values)
    encoder = encoder_for(array.type)
    codes = encoder.encode(array).astype(np.int64)
    dictionary = encoder.dictionary()
    if plan.wire == "decimal":
        dictionary = DecimalTextDictionary(dictionary)
    texts = iter(dictionary.values(codes[codes > 0] - 1))
    return [next(texts) if code else None for code in codes.tolist()]


def with_database_quality(
    session: Session,
    source: SQLAlchemySource,
    profile: Profile,
    counts: Sequence[ColumnMarginal],
    run: Run,
) -> Profile:
    """Return a profile with example rows and with what is probably wrong in the data, as far as asked for."""
    columns, rows = session.columns, profile.rows
    if session.counting.quality:
        profile = _with_quality(session, source, profile, counts, run)
    if session.counting.sample and rows:
        [found] = run([partial(examples_in_database, source, columns)], "fetching example rows")
        profile = replace(profile, example_rows=found)
    return profile


def _with_quality(
    session: Session,
    source: SQLAlchemySource,
    profile: Profile,
    counts: Sequence[ColumnMarginal],
    run: Run,
) -> Profile:
    columns, rows = session.columns, profile.rows
    can_repeat = is_whole_table(session) and not cannot_repeat(profile.columns, profile.pairs, rows)
    jobs: list[Callable[[RowsOf], Any]] = []
    if can_repeat:
        jobs.append(partial(duplicates_in_database, source, columns, rows))
    jobs.append(partial(null_patterns_in_database, source, columns, counts))
    jobs += [partial(describe_column, source, column, each, rows) for column, each in zip(columns, counts, strict=True)]
    found = run(jobs, "looking at data quality in the database")
    duplicates: int | None = found.pop(0) if can_repeat else 0 if is_whole_table(session) else None
    patterns: dict[Pattern, int] = found.pop(0)
    described: list[Described] = found
    issues = [issue for _, some in described for issue in some]
    issues += together_issues([column.name for column in columns], patterns, None)
    issues += list(repeated_rows(profile, duplicates))
    many = {
        column.name: TOO_MANY for column, each in zip(columns, counts, strict=True) if not isinstance(each, Marginal)
    }
    shown = filled(profile, [shape for shape, _ in described], issues, patterns, duplicates, many)
    return replace(shown, notes=(*shown.notes, PARTLY)) if many else shown


def repeated_rows(profile: Profile, duplicates: int | None) -> Iterator[QualityIssue]:
    """Yield the issue of rows that repeat another, of which no more is known than how many they are."""
    if duplicates:
        severity: Severity = "high" if are_copies(profile, profile.rows, duplicates) else "low"
        yield QualityIssue("duplicate_rows", severity, (), duplicates, duplicates / profile.rows)
