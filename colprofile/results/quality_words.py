"""What a QualityIssue says, in parts: the same words in an audit's statements and in every report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from colprofile.results.base import amount
from colprofile.results.quality import QualityIssue, QualityKind
from colprofile.results.reading_options import ReadingOptions
from colprofile.values import Value

NAMES_SHOWN = 6
VALUES_SHOWN = 3
ROWS_SHOWN = 3

SPACES = "spaces"
"""The detail of "patterns" where what stands out is a space at either end."""

TYPES = {
    "BIGINT": "whole numbers",
    "DOUBLE": "numbers",
    "DATE": "dates",
    "TIMESTAMP": "timestamps",
    "BOOLEAN": "booleans",
}
"""The type with which the detail of "stored_as_text" begins, and its values in words.

Dates that are not written as ISO 8601 have their format in the letters of ``strptime`` after a space.
"""


ONE_OF_TYPE = {"BIGINT": "a number", "DOUBLE": "a number", "DATE": "a date", "TIMESTAMP": "a timestamp"}
"""The type of one value in words."""

_DATE_PARTS = {"%": "", "d": "day", "m": "month", "y": "year", "Y": "year"}


@dataclass(frozen=True, slots=True)
class ColumnPart:
    """A column's name within a sentence."""

    name: str


@dataclass(frozen=True, slots=True)
class ValuePart:
    """A value within a sentence; one of a text column is quoted."""

    value: Value
    is_quoted: bool


Part = str | ColumnPart | ValuePart


def quality_parts(issue: QualityIssue, sampled_rows: int | None = None) -> tuple[Part, ...]:
    """Return the sentences on an issue in parts: words, names of columns, values.

    Parameters
    ----------
    issue
        What is said.
    sampled_rows
        Rows of the sample that it was counted in; None where every row was counted.

    Examples
    --------
    >>> issue = QualityIssue("sentinel", "high", ("age",), 31, 0.01, ((-999, 31),))
    >>> quality_parts(issue)[:3]
    (ColumnPart(name='age'), ' holds ', ValuePart(value=-999, is_quoted=False))
    """
    rows = amount(issue.rows, "row") if sampled_rows is None else f"{issue.rows:,} of {sampled_rows:,} sampled rows"
    return tuple(part for part in (*_WORDS[issue.kind](issue, rows), *_first_rows(issue)) if part)


def _names(names: Sequence[str]) -> Iterator[Part]:
    """Yield names as a sentence lists them, a long list cut."""
    shown: list[Part] = [ColumnPart(name) for name in names[:NAMES_SHOWN]]
    if len(names) > NAMES_SHOWN:
        shown.append(f"{len(names) - NAMES_SHOWN:,} more")
    for number, part in enumerate(shown):
        if number:
            yield " and " if number == len(shown) - 1 else ", "
        yield part


def _values(issue: QualityIssue, *, is_text: bool, has_rows: bool = True) -> Iterator[Part]:
    """Yield the first values, each with its rows where there are several."""
    has_rows = has_rows and len(issue.values) > 1
    for number, (value, rows) in enumerate(issue.values[:VALUES_SHOWN]):
        if number:
            yield ", "
        yield ValuePart(value, is_text and isinstance(value, str))
        if has_rows:
            yield f" ({rows:,})"


def _first_rows(issue: QualityIssue) -> Iterator[Part]:
    """Yield where it can be seen."""
    is_written_so = issue.kind == "stored_as_text" and issue.options is not None and not issue.options.is_null_only
    if not issue.row_numbers or issue.kind == "duplicate_rows" or is_written_so:
        return
    numbers = [f"{number:,}" for number in issue.row_numbers[:ROWS_SHOWN]]
    last = f" and {numbers[-1]}" if len(numbers) > 1 else numbers[0]
    first = "First in" if issue.rows > len(numbers) else "In"
    yield f" {first} row{'s' if len(numbers) > 1 else ''} {', '.join(numbers[:-1])}{last}."


def _duplicate_rows(issue: QualityIssue, rows: str) -> Iterator[Part]:
    repeat = "repeats" if rows == "1 row" else "repeat"
    if len(issue.row_numbers) > 1:
        first, second = issue.row_numbers[:2]
        yield f"{rows} {repeat} an earlier row in every column: row {second:,} repeats row {first:,}."
    else:
        yield f"{rows} {repeat} another row in every column."


def _missing(issue: QualityIssue, rows: str) -> Iterator[Part]:
    yield from (*_names(issue.columns), f" is NULL in {rows}, {_percent(issue.share)} of all.")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share < 0.9995 else ">99.9 %"


def _missing_together(issue: QualityIssue, rows: str) -> Iterator[Part]:
    yield from (*_names(issue.columns), f" are NULL in the same {rows}.")


def _placeholder(issue: QualityIssue, rows: str) -> Iterator[Part]:
    if all(isinstance(value, str) and not value.strip() for value, _ in issue.values):
        yield from (*_names(issue.columns), f" is blank, and not NULL, in {rows}.")
        return
    yield from (*_names(issue.columns), f" holds text that stands for a missing value in {rows}: ")
    yield from _values(issue, is_text=True)
    if issue.options is not None:
        yield from ("; ", *_options(issue.options), f" reads {'it' if len(issue.values) == 1 else 'them'} as NULL")
        yield from _emptied(issue.options)
    yield "."


def _options(options: ReadingOptions) -> Iterator[Part]:
    """Yield options as they are typed on a command line and in Python."""
    yield f"{options.in_shell()} ({options.in_python()} in Python)"


def _emptied(options: ReadingOptions) -> Iterator[Part]:
    """Yield the warning that options take values away from other columns, where they do."""
    if options.emptied:
        yield from (", but takes values away from ", *_names(options.emptied), " too")


def _sentinel(issue: QualityIssue, rows: str) -> Iterator[Part]:
    yield from (*_names(issue.columns), " holds ", *_values(issue, is_text=False))
    yield f" in {rows}, far from all other values: probably a missing value."


def _stored_as_text(issue: QualityIssue, rows: str) -> Iterator[Part]:
    kind, _, form = (issue.detail or "").partition(" ")
    if issue.options is not None:
        yield from _readable(issue, issue.options, kind)
        return
    yield from (*_names(issue.columns), f" holds {TYPES.get(kind, 'values')} as text")
    if form:
        yield f", written {''.join(_DATE_PARTS.get(letter, letter) for letter in form)}"
    if issue.rows:
        yield from (f"; {rows} would not convert: ", *_values(issue, is_text=True))
    yield "."


def _readable(issue: QualityIssue, options: ReadingOptions, kind: str) -> Iterator[Part]:
    """Yield what is said of numbers or dates that a text file's options would read."""
    share = issue.converting_share or 0.0
    yield from (*_names(issue.columns), f" is {ONE_OF_TYPE.get(kind, 'a value')} in ")
    yield "every row" if share == 1 else f"{_percent(share)} of its rows"
    written = [
        "decimal commas" if options.decimal == "," else "",
        "separators of thousands" if options.thousands else "",
        "currency or percent signs" if issue.columns[0] in options.types else "",
    ]
    if any(written):
        yield f", with {' and '.join(filter(None, written))}"
    yield from ("; ", *_options(options), " reads it as one", *_emptied(options), ".")


def _variants(issue: QualityIssue, rows: str) -> Iterator[Part]:
    several = issue.detail or "1"
    yield from _names(issue.columns)
    yield " spells one value in several ways: " if several == "1" else f" spells {several} values in several ways: "
    yield from _values(issue, is_text=True)
    yield f". {rows} {'has' if rows == '1 row' else 'have'} a rarer spelling."


def _leading_zeros(issue: QualityIssue, rows: str) -> Iterator[Part]:
    yield from (*_names(issue.columns), f" has lost leading zeros in {rows}")
    if issue.values and issue.detail:
        value = issue.values[0][0]
        whole = str(value).zfill(int(issue.detail))
        yield from (": ", ValuePart(value, isinstance(value, str)), " for ", ValuePart(whole, True))
    yield "."


def _not_finite(issue: QualityIssue, rows: str) -> Iterator[Part]:
    yield from (*_names(issue.columns), " holds ", *_values(issue, is_text=False), f" in {rows}")
    yield f", beside NULL in {issue.detail}." if issue.detail else "."


def _nearly_constant(issue: QualityIssue, rows: str) -> Iterator[Part]:
    yield from (*_names(issue.columns), " is ", *_values(issue, is_text=True, has_rows=False))
    yield f" in all but {rows}."


def _patterns(issue: QualityIssue, rows: str) -> Iterator[Part]:
    if issue.detail == SPACES:
        yield from (*_names(issue.columns), f" begins or ends with white space in {rows}: ")
        yield from (*_values(issue, is_text=True, has_rows=False), ".")
        return
    yield from (*_names(issue.columns), " looks like ", ValuePart(issue.detail, False), f" in all but {rows}: ")
    yield from (*_values(issue, is_text=True, has_rows=False), ".")


def _gap(issue: QualityIssue, rows: str) -> Iterator[Part]:
    unit = issue.detail or "step"
    number, _, noun = unit.rpartition(" ")
    missing = amount(issue.rows, "time" if number else noun)
    yield from (*_names(issue.columns), f" misses {missing} of a regular series", f", {unit} apart" if number else "")
    if len(issue.values) == 2:
        (before, _), (after, _) = issue.values
        yield from ("; the longest gap is from ", ValuePart(before, False), " to ", ValuePart(after, False))
    yield "."


def _units(issue: QualityIssue, rows: str) -> Iterator[Part]:
    detail = issue.detail or ""
    if detail.startswith(("×", "÷")):
        times = f"{detail[1:]} times {'larger' if detail[0] == '×' else 'smaller'}"
        yield from (*_names(issue.columns), f" is about {times} in {rows} than in the others: ")
        yield from (*_values(issue, is_text=False, has_rows=False), ". Probably they have another unit.")
        return
    yield from (*_names(issue.columns), " mixes numbers of several units (", ValuePart(detail, False), "): ")
    yield from (*_values(issue, is_text=True, has_rows=False), ".")


def _outliers(issue: QualityIssue, rows: str) -> Iterator[Part]:
    yield from (*_names(issue.columns), " holds ", *_values(issue, is_text=False))
    yield f" in {rows}, far from all other values."


_WORDS: dict[QualityKind, Callable[[QualityIssue, str], Iterator[Part]]] = {
    "duplicate_rows": _duplicate_rows,
    "missing": _missing,
    "missing_together": _missing_together,
    "placeholder": _placeholder,
    "sentinel": _sentinel,
    "stored_as_text": _stored_as_text,
    "variants": _variants,
    "leading_zeros": _leading_zeros,
    "not_finite": _not_finite,
    "nearly_constant": _nearly_constant,
    "patterns": _patterns,
    "gap": _gap,
    "units": _units,
    "outliers": _outliers,
}
