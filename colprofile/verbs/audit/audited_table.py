"""The table under audit: its profile, its codes where they are at hand, and what counts as significant in it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.counting.coded import CodedTable
from colprofile.counting.dependencies.relation import MeasuredDependency, Relation
from colprofile.counting.scratch import Scratch
from colprofile.errors import shorten
from colprofile.measures.determination import g3, mu_plus, pdep, rfi
from colprofile.measures.lookup import lookup_savings
from colprofile.measures.tables import entropies
from colprofile.measures.thresholds import needed_bits, possible_dependencies
from colprofile.results.audit import Evidence, Finding
from colprofile.results.audit_kinds import FindingKind
from colprofile.results.column import ColumnProfile
from colprofile.results.measurements import is_measurement
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile
from colprofile.sources.identifiers import is_query, quote_identifier
from colprofile.sources.standing import ROWS, Standing
from colprofile.values import Value
from colprofile.verbs.audit.computed.time_parts import Part
from colprofile.verbs.audit.equivalent_columns import representatives
from colprofile.verbs.audit.statements import NAME_WIDTH
from colprofile.verbs.profile.structure import numbered
from colprofile.verbs.sql_types import DIALECTS, INTEGER_TYPES

_BEYOND_WORDS = re.compile(r"[^\w\s]|\d|\bfrom\b|^\s*table\b", re.IGNORECASE)
"""What a query has and a name in words has not."""

EXPRESSION_BITS = 32.0
"""What naming an expression costs: which of a few dozen forms, with which numbers."""


@dataclass(frozen=True)
class Expression:
    """How a column is computed from others: the right side as people read it, and as SQL over the quoted columns.

    ``sql`` is by dialect, and empty where SQL would not give exactly the stored values. ``cost`` are the bits that it
    takes to name the expression among all that were tried.
    """

    text: str
    sql: dict[str, str]
    cost: float = EXPRESSION_BITS

    @classmethod
    def portable(cls, text: str, sql: str = "") -> Expression:
        """Return an expression whose SQL is the same in every dialect; "" where there is none."""
        return cls(text, dict.fromkeys(DIALECTS, sql) if sql else {})


@dataclass
class AuditedTable:
    """What an audit looks at, by column number.

    ``table_name`` is what SQL calls the table. ``pairs`` are by their columns' numbers, the smaller first. ``coded``
    has no columns where only a profile is given. In ``relation`` NULL is a value where that was asked for.
    ``standing`` says what it is in its database.
    ``expressions`` has (determinants, target) → how the target is computed, as far as it was found.
    ``single_expressions`` has (x, y) → what ``single_expression`` found, and ``parts`` the parts of a column's values,
    as far as they were asked for. ``primary_key`` is the most plausible key that was found.
    """

    table_name: str
    rows: int
    columns: Sequence[ColumnProfile]
    pairs: dict[tuple[int, int], PairProfile]
    max_determinants: int
    coded: CodedTable
    relation: Relation
    standing: Standing = field(default_factory=lambda: Standing(ROWS))
    expressions: dict[tuple[tuple[str, ...], str], Expression] = field(default_factory=dict)
    single_expressions: dict[tuple[int, int], Expression | None] = field(default_factory=dict)
    parts: dict[int, list[Part]] = field(default_factory=dict)
    primary_key: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """The table's name as SQL."""
        return self.made(self.table_name)

    def made(self, name: str) -> str:
        """Return the name of a table or view beside this one as SQL."""
        return self.standing.prefix + quote_identifier(name)

    @property
    def all_columns(self) -> tuple[tuple[str, str], ...]:
        """Names and types of all columns of the table, also of those that were not audited."""
        return self.standing.columns or tuple((column.name, column.type) for column in self.columns)

    @property
    def has_codes(self) -> bool:
        """Whether the rows are known, and not only a profile of them."""
        return bool(self.coded.codes)

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
        return representatives(self.columns, self.pairs, self.measured)

    @cached_property
    def measured(self) -> frozenset[int]:
        """The columns that are measurements: they are no keys, and what they determine is no finding."""
        return frozenset(j for j, column in enumerate(self.columns) if is_measurement(column, is_first=j == 0))

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
        return np.asarray(self.coded.codes[number] == 0)

    def numeric_values(self, number: int, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return a column's numbers in some rows, NaN where it is NULL or no number."""
        axis = self.coded.marginals[number].dictionary.axis
        if axis is None:
            return np.full(rows.size, np.nan)
        codes = self.coded.codes[number][rows].astype(np.int64)
        return np.where(codes > 0, np.asarray(axis, np.float64)[codes - 1], np.nan)

    def value(self, number: int, code: int) -> Value:
        """Return the value behind a code of ``relation``."""
        dictionary = self.coded.marginals[number].dictionary
        return dictionary.values(np.array([code - 1]))[0] if 1 <= code <= dictionary.size else None

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
        confidence = 1.0 if chance is None else max(0.0, 1.0 - math.exp2(min(0.0, math.log2(self.tests) + chance)))
        return Finding(kind, self.names(columns), self.names(targets), statement, evidence, confidence, **details)

    def computed_finding(
        self, columns: Sequence[int], target: int, expression: Expression, evidence: Evidence
    ) -> Finding:
        """Return the finding that an expression of columns gives another, and keep the expression for its fix."""
        is_equivalent = len(columns) == 1 and self.representatives[columns[0]] == self.representatives[target]
        where = "in every row" if is_equivalent else self.in_which_rows(evidence.rows)
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


def audited_table(
    profile: Profile,
    max_determinants: int,
    coded: CodedTable | None = None,
    standing: Standing | None = None,
    scratch: Scratch | None = None,
) -> AuditedTable:
    """Return a profile and its codes, if there are any, by column numbers; NULL made a value where asked for.

    Codes with NULL as a value are kept in ``scratch`` where there is one.
    """
    from colprofile.verbs.profile.pair_columns import nulls_as_value

    made = profile.provenance
    coded = coded or CodedTable(profile.rows, [], [])
    codes, counts = [], []
    for column_codes, marginal in zip(coded.codes, coded.marginals, strict=True):
        if made.nulls == "value" and marginal.nulls:
            codes.append(nulls_as_value(column_codes, marginal.counts.size + 1, scratch))
            counts.append(np.concatenate([[0], marginal.counts, [marginal.nulls]]))
        else:
            codes.append(column_codes)
            counts.append(np.concatenate([[marginal.nulls], marginal.counts]))
    columns, relation = profile.columns, Relation(codes, counts)
    pairs = numbered([column.name for column in columns], profile.pairs)
    standing = standing or Standing(ROWS)
    name = _table_name(made.source, made.table, standing)
    return AuditedTable(name, profile.rows, columns, pairs, max_determinants, coded, relation, standing)


def _table_name(description: str, table: str | None, standing: Standing) -> str:
    """Return what the script calls the table: its own name, or that of the file.

    >>> _table_name("data/flights.parquet", None, Standing(ROWS))
    'flights'
    >>> _table_name("the DuckDB connection", "select 1 as x", Standing(ROWS))
    'data'
    >>> _table_name("the DuckDB connection", "Select list", Standing(ROWS))
    'Select list'
    """
    if standing.name:
        return standing.name
    if table is not None:
        return "data" if is_query(table) and _BEYOND_WORDS.search(table) else table
    stem = Path(description).name.split(".")[0]
    return stem if "." in description and stem and len(stem) < 50 else "data"
