"""What is probably wrong in a table: its columns, rows that repeat, values that are missing together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from colprofile.counting.coded import CodedTable
from colprofile.counting.dictionary import Positions
from colprofile.counting.duplicates import NO_DUPLICATES, DuplicateRows, duplicate_rows, share_by_chance
from colprofile.counting.missing import Pattern, null_patterns, null_together
from colprofile.counting.tasks import map_all
from colprofile.results.column import ColumnProfile
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile
from colprofile.results.quality import MissingPattern, QualityIssue, Severity, TextShape
from colprofile.values import Value
from colprofile.verbs.profile.columns import NOT_TEXT, TEXT_KINDS
from colprofile.verbs.profile.quality.column import Fault, QualityColumn, first_rows, nowhere
from colprofile.verbs.profile.quality.columns import column_faults
from colprofile.verbs.profile.quality.rereading import fitted_to, is_text_file
from colprofile.verbs.profile.session import Session

NO_REASONS: Mapping[str, str] = MappingProxyType({})
NOT_PROSE = "its type is not that of a text that somebody wrote"

EXAMPLE_ROWS = 10
PATTERNS_LISTED = 20
_BY_CHANCE = 0.1
"""Share of the equal pairs of rows that chance may explain before duplicates are called nothing unusual."""

_SURE = 0.01
_FEWER_THAN_CHANCE = 10

_SEVERITIES: dict[Severity, int] = {"high": 0, "medium": 1, "low": 2}
_KINDS = (
    *("duplicate_rows", "sentinel", "leading_zeros", "not_finite", "units", "placeholder", "stored_as_text"),
    *("variants", "gap", "outliers", "patterns", "missing", "missing_together", "nearly_constant"),
)


def with_quality(
    session: Session, profile: Profile, table: CodedTable, *, is_sample: bool = False
) -> tuple[Profile, dict[str, list[Fault]]]:
    """Return a profile with what is probably wrong in its data, from a table's codes; and by column the faults.

    Of a sample the issues are those of the sampled rows, which have no numbers, and duplicate rows are not counted in
    ``Profile.duplicate_rows``.
    """
    columns = session.columns
    has_numbers = session.source.has_row_numbers and not is_sample
    described = _describe_columns(session, table, has_numbers)
    issues = [fault.issue for _, found in described for fault in found]
    issues = fitted_to(issues, list(zip(columns, table.marginals, strict=True)), session.inputs)
    patterns = _patterns(session, table)
    issues += together_issues([column.name for column in columns], patterns, table if has_numbers else None)
    duplicates = _duplicates(session, profile, table)
    if duplicates is not None and duplicates.rows:
        issues.append(_duplicate_issue(profile, table, duplicates, has_numbers))
    rows = None if is_sample or duplicates is None else duplicates.rows
    with_issues = filled(profile, [shape for shape, _ in described], issues, patterns, rows)
    return with_issues, {column.name: found for column, (_, found) in zip(columns, described, strict=True)}


def filled(
    profile: Profile,
    shapes: Sequence[TextShape | None],
    issues: Iterable[QualityIssue],
    patterns: dict[Pattern, int],
    duplicates: int | None,
    no_shapes: Mapping[str, str] = NO_REASONS,
) -> Profile:
    """Return a profile with its issues in order, its missing patterns and the shapes of its texts.

    ``no_shapes`` says of some columns of texts, by name, why they have no shape.
    """
    names = [column.name for column in profile.columns]
    commonest = sorted(patterns.items(), key=lambda item: (-item[1], item[0]))[:PATTERNS_LISTED]
    return replace(
        profile,
        columns=tuple(
            _with_shape(c, shape, no_shapes.get(c.name, NOT_PROSE))
            for c, shape in zip(profile.columns, shapes, strict=True)
        ),
        duplicate_rows=duplicates,
        missing_patterns=tuple(MissingPattern(tuple(names[j] for j in members), n) for members, n in commonest),
        quality=tuple(sorted(issues, key=_urgency)),
    )


def _with_shape(column: ColumnProfile, shape: TextShape | None, no_shape: str) -> ColumnProfile:
    """Return a column with what its texts look like, or with the reason why nothing is said of that."""
    undefined = {name: reason for name, reason in column.undefined.items() if name != "text"}
    if shape is None:
        is_text = column.kind in TEXT_KINDS
        undefined["text"] = ("there is no text" if column.distinct == 0 else no_shape) if is_text else NOT_TEXT
    return replace(column, text=shape, undefined=undefined)


def _urgency(issue: QualityIssue) -> tuple[int, int, float]:
    return _SEVERITIES[issue.severity], _KINDS.index(issue.kind), -issue.share


def _describe_columns(
    session: Session, table: CodedTable, has_numbers: bool
) -> list[tuple[TextShape | None, list[Fault]]]:
    """Return of each column what it looks like and what is probably wrong in it."""
    is_text = is_text_file(session.source.reading)

    def describe(number: int) -> tuple[TextShape | None, list[Fault]]:
        session.check()
        source, codes, marginal = session.columns[number], table.codes[number], table.marginals[number]

        def locate(positions: Positions) -> tuple[int, ...]:
            return first_rows(codes, marginal.counts.size + 1, positions + 1)

        found = locate if has_numbers else nowhere
        column = QualityColumn(source.name, source.type, marginal, table.rows, found, is_text)
        return column_faults(source, column)

    return map_all(session.executor, describe, range(len(session.columns)))


def _patterns(session: Session, table: CodedTable) -> dict[Pattern, int]:
    """Return which columns are NULL together, in how many rows; nothing where no column has a NULL."""
    numbers = [j for j, marginal in enumerate(table.marginals) if marginal.nulls]
    return null_patterns(table.codes, numbers, table.rows, session.check) if numbers else {}


def together_issues(names: Sequence[str], patterns: dict[Pattern, int], table: CodedTable | None) -> list[QualityIssue]:
    """Return a remark for each group of columns that are NULL in the same rows, though not in all."""
    rows = sum(patterns.values())
    numbers = sorted({number for members in patterns for number in members})
    found = []
    amounts: Counter[int] = Counter()
    for members, many in patterns.items():
        amounts.update(dict.fromkeys(members, many))
    for group in null_together(patterns, numbers):
        amount = amounts[group[0]]
        if amount == rows:
            continue
        places: tuple[int, ...] = ()
        if table is not None:
            places = first_rows(table.codes[group[0]], table.marginals[group[0]].counts.size + 1, np.zeros(1, np.int64))
        columns = tuple(names[j] for j in group)
        found.append(QualityIssue("missing_together", "low", columns, amount, amount / rows, (), places))
    return found


def is_whole_table(session: Session) -> bool:
    """Whether every column of the source is counted: else equal rows may differ in another column."""
    return not session.skipped and len(session.columns) == len(session.source.columns)


def cannot_repeat(columns: Sequence[ColumnProfile], pairs: Sequence[PairProfile], rows: int) -> bool:
    """Whether a column or a counted pair has a value of its own in every row."""
    return any(c.distinct + c.nulls == rows and c.nulls < 2 for c in columns) or any(
        pair.rows == pair.distinct_pairs == rows for pair in pairs
    )


def _duplicates(session: Session, profile: Profile, table: CodedTable) -> DuplicateRows | None:
    """Return the rows that repeat another; None where not all columns are counted."""
    if not is_whole_table(session):
        return None
    rows = table.rows
    if cannot_repeat(profile.columns, [pair for pair in profile.pairs if pair.sampled_rows is None], rows):
        return NO_DUPLICATES
    return duplicate_rows([table.codes[j] for j in _by_information(table)], session.check)


def _by_information(table: CodedTable) -> list[int]:
    """Return the columns' numbers, those that tell most rows apart first."""
    return sorted(range(len(table.codes)), key=lambda j: (-table.marginals[j].distinct, table.marginals[j].nulls, j))


def _duplicate_issue(profile: Profile, table: CodedTable, found: DuplicateRows, has_numbers: bool) -> QualityIssue:
    order = _by_information(table)
    counts = [np.concatenate([[table.marginals[j].nulls], table.marginals[j].counts]) for j in order]
    severity: Severity = "medium"
    if are_copies(profile, table.rows, found.rows):
        severity = "high"
    elif share_by_chance([table.codes[j] for j in order], counts, found) >= _BY_CHANCE:
        severity = "low"
    places = tuple(row + 1 for row in found.example) if has_numbers else ()
    return QualityIssue("duplicate_rows", severity, (), found.rows, found.rows / table.rows, (), places)


def are_copies(profile: Profile, rows: int, duplicates: int) -> bool:
    """Whether repeated rows are clearly copies: without them a column or a pair would identify every row.

    That all rows equal in a column are equal in the others too has, by chance, at most the probability c^duplicates, c
    being the share of pairs of rows that are equal in one of the others; it must be below 0.01. Of a pair of columns
    ten times as many equal rows must be expected, if they were independent.
    """
    left = rows - duplicates
    equal = {column.name: _equal_share(column) for column in profile.columns}
    lowest = sorted(equal, key=equal.__getitem__)[:2]
    for column in profile.columns:
        least = next((equal[name] for name in lowest if name != column.name), 1.0)
        if not column.nulls and column.distinct == left and least**duplicates < _SURE:
            return True
    pairs = rows * (rows - 1) / 2
    return any(
        pair.rows == rows
        and pair.distinct_pairs == left
        and pairs * equal[pair.x] * equal[pair.y] >= _FEWER_THAN_CHANCE * (duplicates + 3)
        for pair in profile.pairs
    )


def _equal_share(column: ColumnProfile) -> float:
    """Return the share of pairs of rows that have equal values in a column."""
    rows = column.counted_rows
    return sum(many * n * (n - 1) for n, many in column.fingerprint) / (rows * (rows - 1)) if rows > 1 else 1.0


def example_rows(table: CodedTable) -> tuple[tuple[Value, ...], ...]:
    """Return the first rows of a table, a value for each column."""
    rows = min(EXAMPLE_ROWS, table.rows)
    columns: list[list[Value]] = []
    for codes, marginal in zip(table.codes, table.marginals, strict=True):
        first = codes[:rows].astype(np.int64)
        values: list[Value] = [None] * rows
        there = np.flatnonzero(first)
        for place, value in zip(there.tolist(), marginal.dictionary.values(first[there] - 1), strict=True):
            values[place] = value
        columns.append(values)
    return tuple(zip(*columns, strict=True)) if columns else ()
