"""The table under audit: its profile, its codes where they are at hand, and what counts as significant in it."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from colprofile.counting.coded import CodedTable
from colprofile.counting.dependencies.relation import MeasuredDependency, Relation
from colprofile.errors import shorten
from colprofile.measures.determination import g3, mu_plus, pdep, rfi
from colprofile.measures.lookup import lookup_savings
from colprofile.measures.tables import entropies
from colprofile.measures.thresholds import needed_bits, possible_dependencies
from colprofile.results.audit import Dependence, Evidence, Finding, FindingKind
from colprofile.results.column import ColumnProfile
from colprofile.results.ledger import TreeEdge
from colprofile.results.pair import PairProfile
from colprofile.values import Value
from colprofile.verbs.audit.equivalent_columns import representatives
from colprofile.verbs.audit.sql_types import DIALECTS, INTEGER_TYPES
from colprofile.verbs.audit.statements import NAME_WIDTH
from colprofile.verbs.profile import structure

if TYPE_CHECKING:
    from colprofile.verbs.profile.count_table import CountedTable

EXPRESSION_BITS = 32.0
"""What naming an expression costs: which of a few dozen forms, with which numbers."""


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

    @classmethod
    def portable(cls, text: str, sql: str = "") -> Expression:
        """Return an expression whose SQL is the same in every dialect; "" where there is none."""
        return cls(text, dict.fromkeys(DIALECTS, sql) if sql else {})


@dataclass
class AuditedTable:
    """What an audit looks at, by column number.

    Attributes
    ----------
    rows
        Rows of the table.
    columns
        The column profiles, in the table's order.
    pairs
        Pair profiles by column numbers, the smaller first.
    max_determinants
        Columns on the left side that were asked for.
    coded
        The codes, None where only a profile is given.
    relation
        The codes as dependencies see them, NULL made a value where that was asked for.
    expressions
        (determinants, target) → how the target is computed, as far as it was found.
    """

    rows: int
    columns: Sequence[ColumnProfile]
    pairs: dict[tuple[int, int], PairProfile]
    max_determinants: int
    coded: CodedTable | None = None
    relation: Relation | None = None
    expressions: dict[tuple[tuple[str, ...], str], Expression] = field(default_factory=dict)

    @cached_property
    def tests(self) -> int:
        """Dependencies that the table can have: significance is corrected for all of them."""
        return possible_dependencies(len(self.columns))

    @property
    def needed_bits(self) -> float:
        """Bits that a dependency must save to be more than chance."""
        return needed_bits(self.tests)

    @cached_property
    def representatives(self) -> dict[int, int]:
        """For each column the one that represents its equivalent columns."""
        return representatives(self.columns, self.pairs)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The columns' numbers by name."""
        return {column.name: j for j, column in enumerate(self.columns)}

    def name(self, number: int) -> str:
        """Return a column's name."""
        return self.columns[number].name

    def names(self, numbers: Sequence[int]) -> tuple[str, ...]:
        """Return columns' names."""
        return tuple(self.columns[number].name for number in numbers)

    def label(self, number: int) -> str:
        """Return a column's name as a sentence shows it: cut where it is long."""
        return shorten(self.columns[number].name, NAME_WIDTH)

    def is_integer(self, *numbers: int) -> bool:
        """Whether columns are of an integer type."""
        return all(self.columns[number].type.lower() in INTEGER_TYPES for number in numbers)

    def in_which_rows(self, rows: int) -> str:
        """Return in which rows something holds: in every one, or in those that have the values."""
        return "in every row" if rows == self.rows else f"in all {rows:,} rows where none of them is NULL"

    def is_null(self, number: int) -> npt.NDArray[np.bool_]:
        """Return which rows are NULL."""
        assert self.coded is not None
        return np.asarray(self.coded.codes[number] == 0)

    def value(self, number: int, code: int) -> Value:
        """Return the value behind a code of ``relation``."""
        assert self.coded is not None
        dictionary = self.coded.marginals[number].dictionary
        return dictionary.values(np.array([code - 1]))[0] if 1 <= code <= dictionary.size else None

    def confidence(self, saved: float) -> float:
        """Return one minus the bound of the probability that chance finds anything that saves this many bits."""
        return max(0.0, 1.0 - math.exp2(min(0.0, math.log2(self.tests) - saved)))

    def finding(
        self,
        kind: FindingKind,
        columns: Sequence[int],
        targets: Sequence[int],
        statement: str,
        evidence: Evidence,
        **details: Any,
    ) -> Finding:
        """Return a finding about columns by number, its confidence taken from the chance of its evidence."""
        chance = evidence.log2_chance
        confidence = 1.0 if chance is None else self.confidence(-chance)
        return Finding(kind, self.names(columns), self.names(targets), statement, evidence, confidence, **details)

    def computed_finding(
        self, columns: Sequence[int], target: int, expression: Expression, evidence: Evidence, where: str
    ) -> Finding:
        """Return the finding that an expression of columns gives another, and keep the expression for its fix."""
        self.expressions[self.names(columns), self.name(target)] = expression
        statement = f"{self.label(target)} is computed as {shorten(expression.text, 200)} {where}."
        return self.finding("computed", columns, [target], statement, evidence, expression=expression.text)

    def evidence(self, measured: MeasuredDependency) -> Evidence:
        """Return the figures of a dependency that was counted."""
        sums = measured.sums
        bits = entropies(sums)
        assert bits is not None
        saved = lookup_savings(sums) or 0.0
        return Evidence(
            rows=sums.rows,
            violating_rows=measured.violating_rows,
            is_exact=measured.violating_rows == 0,
            bits=max(0.0, saved) / self.rows,
            repeated_rows=measured.repeated,
            mutual_information=bits.shared,
            expected_mutual_information=measured.expected,
            uncertainty_coefficient=max(0.0, 1 - bits.y_given_x / bits.y) if bits.y else None,
            rfi=rfi(sums, measured.expected),
            mu_plus=mu_plus(sums),
            g3=g3(sums),
            pdep=pdep(sums),
            log2_chance=min(0.0, 0.0 - saved),
        )

    def spanning_tree(self, among: Collection[int] | None = None) -> tuple[TreeEdge, ...]:
        """Return the Chow–Liu tree of all or some columns, chance left out, most bits first."""
        pairs = self.pairs.items()
        chosen = (pair for (x, y), pair in pairs if among is None or (x in among and y in among))
        return structure.spanning_tree(chosen, self.rows)

    def dependences(self) -> tuple[Dependence, ...]:
        """Return the pairs with a dependence above 0, strongest first."""
        pairs = self.pairs.items()
        found = [Dependence(self.name(x), self.name(y), pair.dependence) for (x, y), pair in pairs if pair.dependence]
        return tuple(sorted(found, key=lambda item: -item.dependence))


def audited_table(counted: CountedTable, max_determinants: int) -> AuditedTable:
    """Return a counted table by column numbers, NULL made a value where that was asked for."""
    from colprofile.verbs.profile.pair_columns import nulls_as_value

    codes, counts = [], []
    for column_codes, marginal in zip(counted.coded.codes, counted.coded.marginals, strict=True):
        if counted.profile.provenance.nulls == "value" and marginal.nulls:
            codes.append(nulls_as_value(column_codes, marginal.counts.size + 1))
            counts.append(np.concatenate([[0], marginal.counts, [marginal.nulls]]))
        else:
            codes.append(column_codes)
            counts.append(np.concatenate([[marginal.nulls], marginal.counts]))
    profile = counted.profile
    pairs = structure.numbered([column.name for column in profile.columns], profile.pairs)
    return AuditedTable(profile.rows, profile.columns, pairs, max_determinants, counted.coded, Relation(codes, counts))
