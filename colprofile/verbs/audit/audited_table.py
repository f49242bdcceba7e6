"""What the parts of an audit work with: the profile, the codes where they are there, and what counts as significant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from colprofile.counting.coded import CodedTable
from colprofile.counting.dependencies.near import Thresholds
from colprofile.counting.dependencies.relation import Composite, Relation
from colprofile.errors import shorten
from colprofile.measures.determination import g3, mu_plus, pdep, rfi
from colprofile.measures.lookup import lookup_savings
from colprofile.measures.tables import entropies
from colprofile.results.audit import Evidence, Finding, FindingKind
from colprofile.results.profile import ColumnProfile, PairProfile
from colprofile.values import Value

LABEL = 60
"""Characters of a name in a sentence."""

MOST_NAMES = 8
"""Names in a sentence."""

LEVEL = 0.001
"""With at most this probability an audit of independent columns finds any dependency at all."""

EXPRESSION_BITS = 32.0
"""What naming an expression costs: which of some dozen forms, with which numbers."""

_WIDTHS = ("tinyint", "smallint", "integer", "bigint")
INTEGER_TYPES = frozenset([*_WIDTHS, *(f"u{name}" for name in _WIDTHS), "int", "int2", "int4", "int8"])


@dataclass(frozen=True)
class Expression:
    """How a column is computed from others.

    Attributes
    ----------
    text
        As people read it, the right side only.
    sql
        Dialect → SQL over the quoted columns; empty where SQL would not give exactly the stored values.
    """

    text: str
    sql: dict[str, str]


@dataclass
class Material:
    """What an audit looks at, by column number.

    Attributes
    ----------
    rows
        Rows of the table.
    columns
        The column profiles, in the table's order.
    pairs
        Pair profiles by column numbers, the smaller first.
    coded
        The codes, None where only a profile is given.
    relation
        The codes as dependencies see them, NULL made a value where that was asked for.
    most
        Determinants that were asked for.
    thresholds
        What is near for one column on the left, and strong for any number of them.
    expressions
        (determinants, target) → how the target is computed, as far as it was found.
    """

    rows: int
    columns: Sequence[ColumnProfile]
    pairs: dict[tuple[int, int], PairProfile]
    coded: CodedTable | None
    relation: Relation | None
    most: int
    thresholds: Thresholds = field(default_factory=Thresholds)
    expressions: dict[tuple[tuple[str, ...], str], Expression] = field(default_factory=dict)

    @cached_property
    def tests(self) -> int:
        """Dependencies X → Y that could be found, X having one to ``most`` columns."""
        m = len(self.columns)
        return max(1, sum(math.comb(m, k) * (m - k) for k in range(1, self.most + 1)))

    @cached_property
    def stand_ins(self) -> dict[int, int]:
        """Return for each column the one that stands for it: see ``stand_ins``."""
        from colprofile.verbs.audit.equivalent_columns import stand_ins

        return stand_ins(self)

    @property
    def needed(self) -> float:
        """Bits that a dependency must save: p ≤ 2^−saved, times the tests, is at most LEVEL (Bonferroni)."""
        return math.log2(self.tests / LEVEL)

    def confidence(self, saved: float) -> float:
        """Return one minus the bound of the probability that chance finds anything that saves so much."""
        return max(0.0, 1.0 - math.exp2(min(0.0, math.log2(self.tests) - saved)))

    def name(self, number: int) -> str:
        """Return a column's name."""
        return self.columns[number].name

    def label(self, number: int) -> str:
        """Return a column's name as a sentence shows it: cut where it is long."""
        return shorten(self.columns[number].name, LABEL)

    def where(self, rows: int) -> str:
        """Return in which rows something holds: in every one, or in those that have the values."""
        return "in every row" if rows == self.rows else f"in all {rows:,} rows where none of them is NULL"

    def names(self, numbers: Sequence[int]) -> tuple[str, ...]:
        """Return columns' names."""
        return tuple(self.columns[number].name for number in numbers)

    def is_null(self, number: int) -> npt.NDArray[np.bool_]:
        """Return which rows are NULL."""
        assert self.coded is not None
        return np.asarray(self.coded.codes[number] == 0)

    def value(self, number: int, code: int) -> Value:
        """Return the value behind a code of ``relation``."""
        assert self.coded is not None
        dictionary = self.coded.marginals[number].dictionary
        if not 1 <= code <= dictionary.size:
            return None
        return dictionary.values(np.array([code - 1]))[0]

    def evidence(self, composite: Composite) -> Evidence:
        """Return the figures of a dependency that was counted."""
        sums = composite.sums
        bits = entropies(sums)
        assert bits is not None
        saved = lookup_savings(sums) or 0.0
        violating = sums.rows - sums.best_y_by_x
        return Evidence(
            rows=sums.rows,
            violating_rows=violating,
            is_exact=violating == 0,
            bits=max(0.0, saved) / self.rows,
            repeated_rows=composite.repeated,
            mutual_information=bits.shared,
            expected_mutual_information=composite.expected,
            uncertainty_coefficient=max(0.0, 1 - bits.y_given_x / bits.y) if bits.y else None,
            rfi=rfi(sums, composite.expected),
            mu_plus=mu_plus(sums),
            g3=g3(sums),
            pdep=pdep(sums),
            log2_chance=min(0.0, 0.0 - saved),
        )

    def computed(
        self, names: tuple[str, ...], target: int, expression: Expression, evidence: Evidence, saved: float
    ) -> Finding:
        """Return the finding that several columns give another by an expression, which saves so many bits."""
        evidence = replace(evidence, bits=max(0.0, saved) / self.rows, log2_chance=-saved)
        statement = f"{self.label(target)} = {shorten(expression.text, 200)}, {self.where(evidence.rows)}."
        return Finding(
            "computed",
            names,
            (self.name(target),),
            statement,
            evidence,
            self.confidence(saved),
            expression=expression.text,
        )


def plain(kind: FindingKind, columns: Sequence[str], statement: str, rows: int, bits: float = 0.0) -> Finding:
    """Return a finding that is a plain fact of every row."""
    evidence = Evidence(rows=rows, violating_rows=0, is_exact=True, bits=bits)
    return Finding(kind, tuple(columns), (), statement, evidence, 1.0)


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them: the first few of many.

    >>> listed(["a"]), listed(["a", "b", "c"]), listed(list("abcdefghijkl"))
    ('a', 'a, b and c', 'a, b, c, d, e, f and 6 more')
    """
    shown = [shorten(name, LABEL) for name in names]
    if len(shown) > MOST_NAMES:
        shown = [*shown[: MOST_NAMES - 2], f"{len(shown) - MOST_NAMES + 2} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def shown(value: Value) -> str:
    """Return a value as a sentence shows it.

    >>> shown("x" * 100)[-2:], shown(None), shown(True), shown("")
    ('x…', 'NULL', 'true', "''")
    """
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "true", False: "false"}[value]
    return shorten(str(value) if str(value).strip() else repr(value), LABEL)
