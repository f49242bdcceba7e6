"""Log-odds that an inclusion in a key is a reference that is meant, from features that a person can check."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from colprofile.errors import one_line
from colprofile.results.measurements import is_measurement
from colprofile.results.schema import CandidateKey, Inclusion
from colprofile.verbs.schema.compared import family
from colprofile.verbs.schema.evidence import against_bits, reach_bits
from colprofile.verbs.schema.names import NAMED_ALIKE, NO_LIKENESS, Likeness, Names, is_reference_name
from colprofile.verbs.schema.table_values import ColumnValues, TableValues

WEIGHTS = {
    "base": -4.0,
    "name": 6.0,
    "reference name": 1.0,
    "shared name": 4.0,
    "evidence": 4.0,
    "reach": 4.0,
    "coverage": 1.0,
    "primary key": 1.0,
    "other key": -2.0,
    "named table": 1.0,
    "longer name": -0.3,
    "gap": -3.0,
    "own key": -5.0,
    "measurement": -2.5,
    "orphans": -2.0,
    "kind": -0.5,
}
"""What each feature adds, by its name, if it holds fully.

Of a hundred inclusions in a key of a usual schema few are meant: e^−4 is one in fifty. A name, or evidence beyond
chance with the key that is the primary one, makes it likely; a short name, a role or one sign alone leaves it open.
What identifies its own table's rows hardly refers to others, unless values or names say so.
"""

Keys = Mapping[tuple[str, frozenset[str]], CandidateKey]
"""Candidate keys by table and columns."""

_CERTAIN, _SPANNED, _GAP = 40.0, 10.0, 20.0
"""Bits of evidence, of reach, and of a gap that count fully."""

_TOLD = 0.2
"""Features that change the log-odds by less are no reason to tell."""


class _Feature(NamedTuple):
    """A feature, how far it holds, and a sentence that says so."""

    name: str
    amount: float
    reason: str = ""


@dataclass(frozen=True)
class Judgement:
    """How likely an inclusion is meant, as log-odds, and why: what speaks for it, and then what speaks against it."""

    inclusion: Inclusion
    odds: float
    reasons: tuple[str, ...]

    @property
    def confidence(self) -> float:
        """The probability, in (0, 1)."""
        return 1 / (1 + math.exp(-self.odds))


class Judge:
    """What judges inclusions in the keys of some tables.

    Parameters
    ----------
    tables, keys
        By name, and by table and columns.
    """

    def __init__(self, tables: Mapping[str, TableValues], keys: Keys) -> None:
        self._tables, self._keys = tables, keys
        self._names = Names({name: [column.name for column in table.columns] for name, table in tables.items()})

    def judge(self, inclusion: Inclusion) -> Judgement:
        """Return how likely an inclusion in one of the keys is a reference that is meant."""
        features = [(WEIGHTS[each.name] * each.amount, each.reason) for each in self._features(inclusion)]
        told = sorted((each for each in features if each[1] and abs(each[0]) >= _TOLD), reverse=True)
        reasons = [reason if weight > 0 else f"Against it: {reason}" for weight, reason in told]
        return Judgement(inclusion, WEIGHTS["base"] + sum(weight for weight, _ in features), tuple(reasons))

    def _features(self, inclusion: Inclusion) -> Iterator[_Feature]:
        columns = [self._tables[inclusion.table].column(name) for name in inclusion.columns]
        targets = [self._tables[inclusion.target].column(name) for name in inclusion.target_columns]
        key = self._keys[inclusion.target, frozenset(inclusion.target_columns)]
        table, target = one_line(inclusion.table, 80), one_line(inclusion.target, 80)
        certain = min(inclusion.bits, _CERTAIN) / _CERTAIN
        likeness = self._likeness(columns, targets)
        yield _Feature("name", likeness.share, f"{likeness.reason}.")
        yield _Feature("reference name", float(all(is_reference_name(column.name) for column in columns)))
        yield _Feature("evidence", certain, f"chance would put all values into the key once in 2^{inclusion.bits:.0f}.")
        yield _Feature("coverage", inclusion.coverage, f"{inclusion.coverage:.0%} of the key's values occur.")
        own = max(self._own_key(column, likeness.share) for column in columns)
        own *= 1.0 if len(columns) > 1 else 1 - certain
        yield _Feature("own key", own, f"it identifies the rows of {table} itself.")
        if len(columns) == 1:
            yield from self._of_one(columns[0], targets[0], inclusion, certain)
            is_named = self._names.is_own(targets[0].table, targets[0].name)
            yield _Feature("named table", float(is_named))
        if key.is_primary:
            yield _Feature("primary key", 1.0, f"it is the primary key of {target}.")
        else:
            yield _Feature("other key", 1.0, f"it is not the primary key of {target}.")
        yield _Feature("longer name", self._names.words(inclusion.target) - 1.0)
        share = inclusion.orphan_values / inclusion.values if inclusion.values else 0.0
        # The evidence in bits counts the orphans too.
        orphans = min(1.0, 10 * share) * (1 - certain / 2)
        yield _Feature("orphans", orphans, f"{inclusion.orphan_rows:,} rows refer to no row.")
        is_other = any(family(one) != family(other) for one, other in zip(columns, targets, strict=True))
        yield _Feature("kind", float(is_other), "the types are of different kinds.")

    def _likeness(self, columns: list[ColumnValues], targets: list[ColumnValues]) -> Likeness:
        """Return the likeness of the columns' names that is least."""
        found = []
        for one, other in zip(columns, targets, strict=True):
            likeness = self._names.likeness(one.table, one.name, other.table, other.name)
            # Equal names such as "number" tell something beside those of the other columns.
            found.append(NAMED_ALIKE if len(columns) > 1 and one.name == other.name else likeness)
        return min(found, key=lambda each: each.share, default=NO_LIKENESS)

    def _own_key(self, column: ColumnValues, share: float) -> float:
        """Return whether a column is the key of its own table, less where it is named after the target."""
        key = self._keys.get((column.table, frozenset([column.name])))
        if key is None:
            return 0.0
        if self._names.is_own(column.table, column.name):
            return 1.0
        return 1.0 - share if key.is_primary else 0.0

    def _of_one(
        self, column: ColumnValues, target: ColumnValues, inclusion: Inclusion, certain: float
    ) -> Iterator[_Feature]:
        """Yield the features of a single column's values.

        A key that numbers the rows of its own table ends where it likes: its reach says nothing, and smaller numbers
        alone say twice that it refers to none.
        """
        key = self._keys.get((column.table, frozenset([column.name])))
        is_own = key is not None and self._names.is_own(column.table, column.name)
        reach = 0.0 if is_own else min(reach_bits(column, target), _SPANNED) / _SPANNED
        yield _Feature("reach", reach * inclusion.coverage, "its numbers span the key's.")
        gap = min(against_bits(column, target), _GAP) / _GAP * (2 if key is not None and key.is_primary else 1)
        yield _Feature("gap", gap * (1 - certain), "it has the key's smaller numbers alone.")
        is_measured = column.profile.kind == "numeric" and is_measurement(column.profile, is_first=column.number == 0)
        is_count = inclusion.orphan_values > 0 and _is_count(column, target)
        yield _Feature("measurement", float(is_measured or is_count), "it looks like a measurement.")


def _is_count(column: ColumnValues, target: ColumnValues) -> bool:
    """Whether numbers that no name calls a reference begin at 0, and the key after it."""
    return column.low == 0 and (target.low or 0) > 0 and not is_reference_name(column.name)
