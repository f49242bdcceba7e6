"""What is true of a table, asked of DuckDB in the plainest way and then counted row by row in Python.

Each value is replaced by the number of the first row with an equal one, as ``partition by`` sees it: with that, every
figure of a profile, an audit or a drift is a count of numbers. No step is shared with what is checked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

import duckdb

from colprofile.sources.identifiers import quote_identifier

Code = int | None


@dataclass(frozen=True)
class Truth:
    """The rows of a table: by column, codes of equal values, their ranks in DuckDB's order, and their texts.

    ``ordered`` is None for a column whose values DuckDB cannot sort.
    """

    names: tuple[str, ...]
    rows: int
    codes: tuple[tuple[Code, ...], ...]
    ranks: tuple[tuple[Code, ...], ...]
    texts: tuple[tuple[str | None, ...], ...]

    def column(self, name: str) -> int:
        """Return a column's number."""
        return self.names.index(name)

    def taken(self, rows: Sequence[int]) -> Truth:
        """Return the truth of some of the rows, by their numbers."""

        def of(columns: tuple[tuple[Any, ...], ...]) -> tuple[tuple[Any, ...], ...]:
            return tuple(tuple(column[i] for i in rows) for column in columns)

        return Truth(self.names, len(rows), of(self.codes), of(self.ranks), of(self.texts))

    def with_null_as_value(self) -> Truth:
        """Return the same rows with NULL as a value of its own."""
        codes = tuple(tuple(-1 if code is None else code for code in column) for column in self.codes)
        return Truth(self.names, self.rows, codes, self.ranks, self.texts)

    def filled(self, j: int) -> list[int]:
        """Return the codes of a column that are not NULL."""
        return [code for code in self.codes[j] if code is not None]

    def complete(self, columns: Sequence[int]) -> list[Any]:
        """Return the codes of some columns in the rows where none of them is NULL."""
        rows = zip(*(self.codes[j] for j in columns), strict=True)
        return [row for row in rows if None not in row]

    def pairs(self, left: Sequence[int], target: int) -> list[tuple[Any, Any]]:
        """Return (left side, target) of the rows where none of these is NULL."""
        return [(row[:-1], row[-1]) for row in self.complete([*left, target])]

    def holds(self, left: Sequence[int], target: int) -> bool:
        """Whether equal left sides have equal targets, in the rows where none of them is NULL."""
        seen: dict[Any, Any] = {}
        return all(seen.setdefault(x, y) == y for x, y in self.pairs(left, target))

    def is_unique(self, columns: Sequence[int]) -> bool:
        """Whether no two rows without NULL are equal in these columns."""
        found = self.complete(columns)
        return len(set(found)) == len(found)

    def value_classes(self, j: int, kind: str) -> dict[Any, int]:
        """Return value → code, of every value of a column as a result writes it."""
        return {
            plain(text, kind): code
            for text, code in zip(self.texts[j], self.codes[j], strict=True)
            if text is not None and code is not None
        }

    def minimal_dependencies(self, most: int) -> set[tuple[frozenset[int], int]]:
        """Return the minimal exact dependencies with up to ``most`` columns on the left.

        Columns with one value or none are determined by nothing. One value and NULL can determine others: those that do
        not vary beside it.
        """
        width = range(len(self.names))
        sizes = [len(set(self.filled(j))) for j in width]
        able = [j for j in width if sizes[j] > 1 or (sizes[j] and None in self.codes[j])]
        found: set[tuple[frozenset[int], int]] = {(frozenset(), j) for j in width if sizes[j] <= 1}
        for size in range(1, most + 1):
            for left in combinations(able, size):
                for target in (j for j in width if sizes[j] > 1 and j not in left):
                    parts = (frozenset(part) for n in range(size) for part in combinations(left, n))
                    if not any((part, target) in found for part in parts) and self.holds(left, target):
                        found.add((frozenset(left), target))
        return found


def truth_of(connection: duckdb.DuckDBPyConnection, table: str, names: Sequence[str]) -> Truth:
    """Ask DuckDB for the truth of a table, given as SQL."""
    number = '"number of the row"'
    asked = []
    for column in map(quote_identifier, names):
        asked.append(f"case when {column} is not null then min({number}) over (partition by {column}) end")
        asked.append(f"case when {column} is not null then dense_rank() over (order by {column}) end")
        asked.append(f"{column}::varchar")
    numbered = f"select *, row_number() over () as {number} from {table}"
    found = connection.execute(f"select {', '.join(asked)} from ({numbered}) order by {number}").fetchall()
    columns = list(zip(*found, strict=True)) if found else [()] * len(asked)
    return Truth(tuple(names), len(found), tuple(columns[0::3]), tuple(columns[1::3]), tuple(columns[2::3]))


_BEFORE_CHRIST = re.compile(r"^(\d+)(-\d\d-\d\d.*?) \(BC\)(.*)$")


def plain(value: Any, kind: str) -> Any:
    """Return a value of a result, or its text in DuckDB, in one form: numbers as fractions, years before 1 as below 1.

    >>> plain("0.10", "numeric") == plain(0.1, "numeric"), plain("0002-01-01 (BC)", "temporal")
    (True, '-0001-01-01')
    """
    text = str(value)
    if kind == "boolean":
        return text.lower()
    if kind == "numeric":
        try:
            return Fraction(text)
        except ValueError:
            return "nan" if "na" in text else text  # DuckDB writes a NaN with a sign as "-na"
    found = _BEFORE_CHRIST.match(text) if kind == "temporal" else None
    if found is None:
        return text
    year = int(found[1]) - 1
    return f"{'-' if year else ''}{year:04}{found[2]}{found[3]}"


def counts(codes: Sequence[Any]) -> list[int]:
    """Return how many rows hold each value, most first."""
    return sorted(Counter(codes).values(), reverse=True)
