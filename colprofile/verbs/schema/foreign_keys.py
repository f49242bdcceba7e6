"""Which inclusions are foreign keys: evidence in bits, names, types, coverage, cardinality, direction, declarations."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from colprofile.results.measurements import is_measurement
from colprofile.results.schema import CandidateKey, ForeignKey, Inclusion, Status
from colprofile.sources.tables.base import Declared, Queries
from colprofile.verbs.schema.evidence import against_bits, reach_bits
from colprofile.verbs.schema.names import NAMED_ALIKE, Names, is_reference_name
from colprofile.verbs.schema.orphans import Reference
from colprofile.verbs.schema.table_values import ColumnValues, TableValues

WEIGHTS = {
    "base": -4.0,
    "evidence": 4.0,  # per 40 bits, at most 40
    "reach": 4.0,  # per 10 bits, at most 10, times the coverage
    "gap": -3.0,  # per 20 bits, at most 20
    "name": 6.0,  # times the likeness, in [0, 1]
    "reference name": 1.0,
    "coverage": 1.0,  # times the share of the target's values that occur
    "primary key": 1.0,
    "other key": -2.0,
    "table's own name": 1.0,
    "words": -0.3,  # per word of the target table's name after the first
    "own key": -5.0,
    "measurement": -2.5,
    "orphans": -2.0,  # per tenth of the values
    "type": -0.5,
}
"""Log-odds that each feature adds. See docs/schema.md for how they were chosen."""

LEAST = 0.5
"""Confidence from which on an inclusion is taken for a foreign key."""


def choose_foreign_keys(
    inclusions: Sequence[Inclusion],
    tables: Sequence[TableValues],
    keys: Sequence[CandidateKey],
    declared: Declared,
    queries: Queries,
) -> list[ForeignKey]:
    """Return the foreign keys, those of one table together, at most one target per set of columns."""
    chooser = _Chooser(tables, keys, declared, queries)
    return chooser.choose(inclusions)


_Place = tuple[str, frozenset[str]]


@dataclass(frozen=True)
class _Candidate:
    """An inclusion in a key, its log-odds, and what speaks for it."""

    inclusion: Inclusion
    odds: float
    reasons: tuple[str, ...]

    @property
    def confidence(self) -> float:
        return 1 / (1 + math.exp(-self.odds))


class _Chooser:
    def __init__(
        self, tables: Sequence[TableValues], keys: Sequence[CandidateKey], declared: Declared, queries: Queries
    ) -> None:
        self._tables = {table.name: table for table in tables}
        self._keys = {(key.table, frozenset(key.columns)): key for key in keys}
        self._declared = declared
        self._queries = queries
        self._within: set[tuple[_Place, _Place]] = set()
        self._names = Names({table.name: [c.name for c in table.columns] for table in tables})

    def choose(self, inclusions: Sequence[Inclusion]) -> list[ForeignKey]:
        self._within = {
            ((each.table, frozenset(each.columns)), (each.target, frozenset(each.target_columns)))
            for each in inclusions
            if each.is_exact
        }
        declared = {(r.table, r.columns, r.target, r.target_columns) for r in self._declared.references}
        found: list[ForeignKey] = []
        taken: set[_Place] = set()
        for each in inclusions:
            if (each.table, each.columns, each.target, each.target_columns) in declared:
                taken.add((each.table, frozenset(each.columns)))
                found.append(self._foreign_key(each, 1.0, ("It is declared.",), is_declared=True))
        rivals: dict[_Place, list[_Candidate]] = defaultdict(list)
        for each in inclusions:
            place = (each.table, frozenset(each.columns))
            if place not in taken and (each.target, frozenset(each.target_columns)) in self._keys:
                rivals[place].append(self._judged(each))
        chosen = [best for candidates in rivals.values() if (best := self._best(candidates)) is not None]
        found += [
            self._foreign_key(best.inclusion, best.confidence, best.reasons, is_declared=False)
            for best in self._without_copies(chosen)
        ]
        order = {name: number for number, name in enumerate(self._tables)}
        return sorted(found, key=lambda key: (order[key.table], key.columns, key.target))

    def _best(self, candidates: Sequence[_Candidate]) -> _Candidate | None:
        """Return the strongest of one column's candidates, less sure where others are nearly as strong.

        A target whose values are all in the best one is no rival: what refers to it refers to the best one too.
        """
        best = max(candidates, key=lambda each: each.odds)
        target = _target(best)
        rivals = [other for other in candidates if other is best or (_target(other), target) not in self._within]
        share = 1 / sum(math.exp(max(-50.0, other.odds - best.odds)) for other in rivals)
        confidence = best.confidence * share
        if confidence < LEAST:
            return None
        return replace(best, odds=math.log(confidence / (1 - confidence)) if confidence < 1 else 50.0)

    def _without_copies(self, chosen: Sequence[_Candidate]) -> Iterator[_Candidate]:
        """Yield those that do not go with another one to the same table: copied columns, and both ways of 1:1."""
        primary = {frozenset((c.inclusion.table, c.inclusion.target)) for c in chosen if self._is_primary(c.inclusion)}
        ways: dict[_Place, _Place] = {}
        for each in sorted(chosen, key=lambda each: each.odds, reverse=True):
            inclusion = each.inclusion
            if not self._is_primary(inclusion) and frozenset((inclusion.table, inclusion.target)) in primary:
                continue
            source = (inclusion.table, frozenset(inclusion.columns))
            target = (inclusion.target, frozenset(inclusion.target_columns))
            if ways.get(target) == source:
                continue
            ways[source] = target
            yield each

    def _is_primary(self, inclusion: Inclusion) -> bool:
        return self._keys[inclusion.target, frozenset(inclusion.target_columns)].is_primary

    def _judged(self, inclusion: Inclusion) -> _Candidate:
        features = dict(self._features(inclusion))
        odds = WEIGHTS["base"] + sum(WEIGHTS[name] * amount for name, (amount, _) in features.items())
        strongest = sorted(features.items(), key=lambda item: -WEIGHTS[item[0]] * item[1][0])
        reasons = [reason for name, (amount, reason) in strongest if reason and amount]
        return _Candidate(inclusion, odds, tuple(reasons))

    def _features(self, inclusion: Inclusion) -> Iterator[tuple[str, tuple[float, str]]]:
        """Yield how far each feature holds, and a sentence on it."""
        columns = [self._tables[inclusion.table].column(name) for name in inclusion.columns]
        targets = [self._tables[inclusion.target].column(name) for name in inclusion.target_columns]
        pairs = list(zip(columns, targets, strict=True))
        key = self._keys[inclusion.target, frozenset(inclusion.target_columns)]
        target = f"{inclusion.target}.{', '.join(inclusion.target_columns)}"
        certain = min(inclusion.bits, 40.0) / 40
        yield (
            "evidence",
            (
                certain,
                f"That the values are among those of {target} by chance: 2^-{inclusion.bits:.0f}.",
            ),
        )
        if len(pairs) == 1:
            yield (
                "reach",
                (min(reach_bits(*pairs[0]), 10.0) / 10 * inclusion.coverage, "Its numbers span those of the key."),
            )
            yield (
                "gap",
                (min(against_bits(*pairs[0]), 20.0) / 20 * (1 - certain), "It leaves out the key's larger numbers."),
            )
        likeness = [self._names.likeness(one.table, one.name, other.table, other.name) for one, other in pairs]
        if len(pairs) > 1:  # equal names such as "number" tell something beside those of the other columns
            likeness = [
                NAMED_ALIKE if one.name == other.name else each
                for each, (one, other) in zip(likeness, pairs, strict=True)
            ]
        share = min(each.share for each in likeness)
        yield "name", (share, f"{'; '.join(each.reason for each in likeness if each.reason)}.")
        yield "reference name", (float(all(is_reference_name(one.name) for one in columns)), "")
        yield "coverage", (inclusion.coverage, f"{inclusion.coverage:.0%} of the key's values occur.")
        name = "primary key" if key.is_primary else "other key"
        yield (
            name,
            (1.0, f"{target} is the {name} of its table." if key.is_primary else f"{target} is not the primary key."),
        )
        is_own = len(pairs) == 1 and self._names.is_own(targets[0].table, targets[0].name)
        yield "table's own name", (float(is_own), "")
        yield "words", (float(self._names.words(inclusion.target) - 1), "")
        yield (
            "own key",
            (self._is_own_key(columns, share) * (1 - certain), f"It identifies the rows of {inclusion.table} itself."),
        )
        is_measured = len(columns) == 1 and _is_measured(columns[0])
        yield "measurement", (float(is_measured), "It looks like a measurement.")
        orphans = inclusion.orphan_values / inclusion.values if inclusion.values else 0.0
        yield "orphans", (min(1.0, orphans * 10), f"{inclusion.orphan_rows:,} rows refer to no row.")
        is_other = any(
            (one.low is None) != (other.low is None) or one.profile.kind != other.profile.kind for one, other in pairs
        )
        yield "type", (float(is_other), "The types differ.")

    def _is_own_key(self, columns: Sequence[ColumnValues], share: float) -> float:
        """Return whether columns are the key of their own table, less where they are named after the target."""
        key = self._keys.get((columns[0].table, frozenset(column.name for column in columns)))
        if key is None or len(columns) > 1:
            return 0.0
        column = columns[0]
        if self._names.is_own(column.table, column.name):
            return 1.0
        return 1.0 - share if key.is_primary else 0.0

    def _foreign_key(
        self, inclusion: Inclusion, confidence: float, reasons: tuple[str, ...], *, is_declared: bool
    ) -> ForeignKey:
        columns = [self._tables[inclusion.table].column(name) for name in inclusion.columns]
        targets = [self._tables[inclusion.target].column(name) for name in inclusion.target_columns]
        reference = Reference(self._queries, columns, targets)
        status: Status = "found" if not is_declared else "violated" if inclusion.orphan_rows else "declared"
        left, right = ", ".join(inclusion.columns), ", ".join(inclusion.target_columns)
        statement = f"{inclusion.table} ({left}) refers to {inclusion.target} ({right})"
        if inclusion.orphan_rows:
            statement += f", but for {inclusion.orphan_rows:,} of {inclusion.rows:,} rows"
        indexes = None if self._declared.indexes is None else self._declared.indexes.get(inclusion.table, ())
        return ForeignKey(
            inclusion,
            status,
            confidence,
            reasons,
            inclusion.rows == inclusion.values,
            None if indexes is None else any(set(index[: len(columns)]) == set(inclusion.columns) for index in indexes),
            f"{statement}.",
            reference.proof,
            reference.orphan_query,
        )


def _target(candidate: _Candidate) -> _Place:
    return candidate.inclusion.target, frozenset(candidate.inclusion.target_columns)


def _is_measured(column: ColumnValues) -> bool:
    return column.profile.kind == "numeric" and is_measurement(column.profile, is_first=column.number == 0)
