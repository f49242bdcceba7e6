"""A table that SQL is asked about: nothing here calls the package whose findings are checked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import duckdb


def quoted(name: str) -> str:
    """Return a name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: Any) -> str:
    """Return a text as SQL."""
    return "'" + str(value).replace("'", "''") + "'"


@dataclass
class Table:
    """A table in a DuckDB connection; ``columns`` may be some of its columns."""

    con: duckdb.DuckDBPyConnection
    name: str
    columns: Sequence[str] = field(default_factory=tuple)

    def __post_init__(self) -> None:
        if not self.columns:
            self.columns = tuple(row[0] for row in self.con.execute(f"describe {self.sql}").fetchall())

    @property
    def sql(self) -> str:
        return quoted(self.name)

    @cached_property
    def types(self) -> dict[str, str]:
        return {row[0]: row[1] for row in self.con.execute(f"describe {self.sql}").fetchall()}

    @cached_property
    def rows(self) -> int:
        return int(self.one(f"select count(*) from {self.sql}"))

    def all(self, query: str) -> list[tuple[Any, ...]]:
        return self.con.execute(query).fetchall()

    def row(self, query: str) -> tuple[Any, ...]:
        (found,) = self.all(query)
        return found

    def one(self, query: str) -> Any:
        return self.row(query)[0]

    def count(self, condition: str) -> int:
        """Return how many rows fulfil a condition."""
        return int(self.one(f"select count(*) from {self.sql} where {condition}"))

    def counts(self, columns: Iterable[str], *, complete: Iterable[str] = ()) -> list[int]:
        """Return the rows of each combination of values, of the rows where none of these or ``complete`` is NULL."""
        keys = list(dict.fromkeys(columns))
        condition = " and ".join(f"{quoted(name)} is not null" for name in dict.fromkeys([*keys, *complete])) or "true"
        names = ", ".join(quoted(name) for name in keys)
        return [row[0] for row in self.all(f"select count(*) from {self.sql} where {condition} group by {names}")]


def entropy(counts: Sequence[int]) -> float:
    """Return log2 n − (Σ c log2 c)/n in bits, 0 without rows."""
    n = sum(counts)
    return math.fsum(c / n * math.log2(n / c) for c in counts) if n else 0.0


def log2_binomial(n: float, k: float) -> float:
    return (math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)) / math.log(2)


def arrangements(counts: Sequence[int]) -> float:
    """Return the bits of a column's arrangements, at least: n·H − log2 C(n + k − 1, k − 1)."""
    n, k = sum(counts), len(counts)
    return max(0.0, n * entropy(counts) - log2_binomial(n + k - 1, k - 1)) if n else 0.0


@dataclass(frozen=True)
class Dependency:
    """What SQL says of X → Y over the rows where none of the columns is NULL."""

    rows: int
    violating: int
    repeated: int
    x: list[int]
    y: list[int]
    xy: list[int]
    pdep: float

    @classmethod
    def of(cls, table: Table, columns: Sequence[str], target: str) -> Dependency:
        names = ", ".join(quoted(name) for name in columns)
        complete = " and ".join(f"{quoted(name)} is not null" for name in (*columns, target))
        found = table.row(
            f"with c as (select {names}, {quoted(target)} as y, count(*) as n from {table.sql} where {complete} "
            f"group by all), g as (select sum(n) as s, max(n) as m, sum(n::double * n) as q from c group by {names}) "
            "select coalesce(sum(s), 0), coalesce(sum(s - m), 0), coalesce(sum(s) filter (s > 1), 0), "
            "coalesce(sum(q / s), 0) from g"
        )
        rows, violating, repeated = (int(each) for each in found[:3])
        both = (*columns, target)
        return cls(
            rows,
            violating,
            repeated,
            table.counts(columns, complete=both),
            table.counts([target], complete=both),
            table.counts(both),
            found[3] / rows if rows else 0.0,
        )

    @property
    def information(self) -> float:
        return max(0.0, entropy(self.x) + entropy(self.y) - entropy(self.xy))

    @property
    def mu_plus(self) -> float | None:
        """μ+ = max(0, 1 − (1 − pdep(Y|X))/(1 − pdep(Y)) · (n − 1)/(n − k_x)); 1 where it is exact."""
        n = self.rows
        by_itself = math.fsum((c / n) ** 2 for c in self.y)
        if len(self.y) < 2:
            return None
        if not self.violating:
            return 1.0
        return max(0.0, 1 - (1 - self.pdep) / (1 - by_itself) * (n - 1) / (n - len(self.x)))

    @property
    def saved(self) -> float:
        """Bits that a lookup of Y by X saves: log2 N − (k_x·log2 k_y + log2 C(n, v) + v·log2 k_y)."""
        width = math.log2(max(1, len(self.y)))
        code = len(self.x) * width + log2_binomial(self.rows, self.violating) + self.violating * width
        return arrangements(self.y) - code


def expected_information(x: Sequence[int], y: Sequence[int]) -> float:
    """Return E[I] in bits under random permutation, by the hypergeometric sum of Vinh, Epps & Bailey (2010).

    It is summed over the distinct counts of both sides.
    """
    from collections import Counter

    n, total = sum(x), 0.0
    for a, many_a in Counter(x).items():
        for b, many_b in Counter(y).items():
            constant = (
                math.lgamma(a + 1) + math.lgamma(b + 1) + math.lgamma(n - a + 1) + math.lgamma(n - b + 1)
            ) - math.lgamma(n + 1)
            for c in range(max(1, a + b - n), min(a, b) + 1):
                chance = math.exp(
                    constant
                    - math.lgamma(c + 1)
                    - math.lgamma(a - c + 1)
                    - math.lgamma(b - c + 1)
                    - math.lgamma(n - a - b + c + 1)
                )
                total += many_a * many_b * c / n * math.log2(n * c / (a * b)) * chance
    return total


def differs(told: float | None, found: float | None, tolerance: float = 1e-6) -> bool:
    """Whether two figures disagree."""
    if told is None or found is None:
        return (told is None) != (found is None)
    return abs(told - found) > tolerance * max(1.0, abs(found))
