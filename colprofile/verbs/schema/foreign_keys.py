"""Which inclusions are foreign keys: evidence in bits, names, types, coverage, cardinality, direction, declarations."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from colprofile.errors import one_line
from colprofile.results.schema import CandidateKey, ForeignKey, Inclusion, Status
from colprofile.sources.tables.base import Declared, Queries
from colprofile.verbs.schema.evidence import evidence_bits
from colprofile.verbs.schema.inclusion_search import most_orphans
from colprofile.verbs.schema.orphans import Orphans, Reference
from colprofile.verbs.schema.reference_odds import WEIGHTS, Judge, Judgement
from colprofile.verbs.schema.refused import Refused
from colprofile.verbs.schema.report import Report
from colprofile.verbs.schema.sentences import place
from colprofile.verbs.schema.shared_names import Words, shared_endings, shared_words
from colprofile.verbs.schema.table_values import TableValues

LEAST = 0.5
"""Confidence from which on an inclusion is taken for a foreign key."""

_Place = tuple[str, frozenset[str]]
"""A table and some of its columns."""


def choose_foreign_keys(
    inclusions: Sequence[Inclusion],
    tables: Sequence[TableValues],
    keys: Sequence[CandidateKey],
    declared: Declared,
    queries: Queries,
    report: Report = lambda *_: None,
    notes: list[str] | None = None,
) -> list[ForeignKey]:
    """Return the foreign keys, those of one table together, at most one target per set of columns.

    What is declared is meant. Of the other inclusions in a candidate key, ``reference_odds`` says how likely each is
    meant; of those of one column the likeliest counts, with its share of the odds of all: where several keys would
    do as well, none is likely. What is too unlikely by itself may refer to the key that columns of its name in other
    tables refer to. A key whose values are all in the likeliest one is no rival: what refers to a rental's
    customer refers to the customer. Where two tables are linked, columns that are equal too are copies, and where each
    of two keys has the other's values, the likelier direction counts. Columns without values have no evidence: they
    refer to nothing unless it is declared.

    Those of single columns that hashes say are exact are verified by a query each: where the database sees orphans, as
    by its collations, its figures count. Queries that it refuses are added to ``notes``.
    """
    refused = Refused("Foreign keys are known by hashes of their values alone", notes)
    chooser = _Chooser(inclusions, tables, keys, declared, queries, report, refused)
    order = {table.name: number for number, table in enumerate(tables)}
    found = sorted(chooser.chosen(), key=lambda key: (order[key.table], key.columns, key.target))
    refused.tell()
    return found


class _Chooser:
    """One choice among the inclusions of a database."""

    def __init__(
        self,
        inclusions: Sequence[Inclusion],
        tables: Sequence[TableValues],
        keys: Sequence[CandidateKey],
        declared: Declared,
        queries: Queries,
        report: Report,
        refused: Refused,
    ) -> None:
        self._inclusions = inclusions
        self._tables = {table.name: table for table in tables}
        self._keys = {(key.table, frozenset(key.columns)): key for key in keys}
        self._declared, self._queries = declared, queries
        self._report, self._refused = report, refused
        self._within = {(_source(each), _target(each)) for each in inclusions if each.is_exact}

    def chosen(self) -> Iterator[ForeignKey]:
        """Yield the declared foreign keys, and those that are likely meant."""
        declared = {
            (each.table, each.target, frozenset(zip(each.columns, each.target_columns, strict=False)))
            for each in self._declared.references
        }
        judge = Judge(self._tables, self._keys)
        rivals: dict[_Place, list[Judgement]] = defaultdict(list)
        taken = set()
        for each in self._inclusions:
            pairs = frozenset(zip(each.columns, each.target_columns, strict=True))
            if (each.table, each.target, pairs) in declared:
                taken.add(_source(each))
                yield self._foreign_key(self._verified(each), 1.0, ("It is declared.",), is_declared=True)
            elif _target(each) in self._keys:
                rivals[_source(each)].append(judge.judge(each))
        best = self._agreed({place: judged for place, judged in rivals.items() if place not in taken})
        for found in self._without_copies([each for each in best if each.confidence >= LEAST]):
            inclusion = self._verified(found.inclusion)
            final = found if inclusion is found.inclusion else judge.judge(inclusion)
            if final.confidence >= LEAST and inclusion.orphan_values <= most_orphans(inclusion.values):
                yield self._foreign_key(inclusion, final.confidence, final.reasons, is_declared=False)

    def _verified(self, inclusion: Inclusion) -> Inclusion:
        """Return an inclusion with the database's figures, if it was not counted there and is not exact there."""
        reference = self._reference(inclusion)
        if len(inclusion.columns) > 1 or not inclusion.is_exact or not reference.is_plain:
            return inclusion
        self._report("verifying foreign keys", 0, None)
        orphans: Orphans | None = None
        with self._refused.at(place(inclusion.table, *inclusion.columns)):
            [(rows,)] = self._queries.rows(reference.proof)
            orphans = reference.count() if rows else None
        if orphans is None:
            return inclusion
        known = orphans.values - orphans.orphan_values
        return replace(
            inclusion,
            rows=orphans.rows,
            values=orphans.values,
            orphan_rows=orphans.orphan_rows,
            orphan_values=orphans.orphan_values,
            orphans=orphans.examples,
            bits=evidence_bits(reference.columns[0], reference.targets[0], orphans.orphan_values),
            coverage=min(1.0, known / inclusion.target_values) if inclusion.target_values else 0.0,
        )

    def _reference(self, inclusion: Inclusion) -> Reference:
        columns = [self._tables[inclusion.table].column(name) for name in inclusion.columns]
        targets = [self._tables[inclusion.target].column(name) for name in inclusion.target_columns]
        return Reference(self._queries, columns, targets)

    def _agreed(self, rivals: Mapping[_Place, Sequence[Judgement]]) -> list[Judgement]:
        """Return the likeliest of each column's inclusions; columns of one name refer to one key."""
        best = {place: self._best(judged) for place, judged in rivals.items()}
        targets: dict[Words, set[_Place]] = defaultdict(set)
        for each in best.values():
            words = shared_words(each.inclusion.columns[0]) if len(each.inclusion.columns) == 1 else None
            if words is not None and each.confidence >= LEAST:
                targets[words].add(_target(each.inclusion))
        for source, judged in rivals.items():
            if best[source].confidence < LEAST:
                best[source] = self._best([_with_name(each, targets) for each in judged])
        return list(best.values())

    def _best(self, judged: Sequence[Judgement]) -> Judgement:
        """Return the likeliest of one column's inclusions, less likely where others are nearly as likely."""
        best = max(judged, key=lambda each: each.odds)
        target = _target(best.inclusion)
        others = [each for each in judged if each is not best and (_target(each.inclusion), target) not in self._within]
        # P = σ(odds) · 1 / (1 + Σ e^(odds of others − odds)), as log-odds again.
        among = sum(math.exp(max(-50.0, each.odds - best.odds)) for each in others)
        against = among + math.exp(-best.odds) * (1 + among)
        return Judgement(best.inclusion, -math.log(against), best.reasons)

    def _without_copies(self, chosen: Sequence[Judgement]) -> Iterator[Judgement]:
        """Yield those that are no copies between tables that are linked, and of a pair of keys one direction."""
        linked = {_tables(each.inclusion) for each in chosen if self._is_primary(each.inclusion)}
        ways: dict[_Place, _Place] = {}
        for each in sorted(chosen, key=lambda each: each.odds, reverse=True):
            source, target = _source(each.inclusion), _target(each.inclusion)
            is_copy = not self._is_primary(each.inclusion) and _tables(each.inclusion) in linked
            if not is_copy and ways.get(target) != source:
                ways[source] = target
                yield each

    def _is_primary(self, inclusion: Inclusion) -> bool:
        return self._keys[_target(inclusion)].is_primary

    def _foreign_key(
        self, inclusion: Inclusion, confidence: float, reasons: tuple[str, ...], *, is_declared: bool
    ) -> ForeignKey:
        reference = self._reference(inclusion)
        status: Status = "found" if not is_declared else "violated" if inclusion.orphan_rows else "declared"
        return ForeignKey(
            inclusion,
            status,
            confidence,
            reasons,
            0 < inclusion.rows == inclusion.values,
            self._is_indexed(inclusion),
            _statement(inclusion),
            reference.proof,
            reference.orphan_query,
        )

    def _is_indexed(self, inclusion: Inclusion) -> bool | None:
        indexes = self._declared.indexes
        if indexes is None:
            return None
        columns = set(inclusion.columns)
        return any(set(index[: len(columns)]) == columns for index in indexes.get(inclusion.table, ()))


def _with_name(judged: Judgement, targets: Mapping[Words, set[_Place]]) -> Judgement:
    """Return a judgement that is likelier if all columns of its column's name refer to its key."""
    inclusion = judged.inclusion
    if len(inclusion.columns) > 1:
        return judged
    (name,) = inclusion.columns
    meant = [targets[words] for words in shared_endings(name) if words in targets]
    if not meant or any(keys != {_target(inclusion)} for keys in meant):
        return judged
    reason = f"{_shown(name)} of other tables refers to {_shown(inclusion.target)}."
    return Judgement(inclusion, judged.odds + WEIGHTS["shared name"], (reason, *judged.reasons))


def _statement(inclusion: Inclusion) -> str:
    left = f"{_shown(inclusion.table)} ({', '.join(map(_shown, inclusion.columns))})"
    right = f"{_shown(inclusion.target)} ({', '.join(map(_shown, inclusion.target_columns))})"
    if not inclusion.orphan_rows:
        return f"{left} refers to {right}."
    return f"{left} refers to {right}, except for {inclusion.orphan_rows:,} of {inclusion.rows:,} rows."


def _shown(name: str) -> str:
    return one_line(name, 80)


def _source(inclusion: Inclusion) -> _Place:
    return inclusion.table, frozenset(inclusion.columns)


def _target(inclusion: Inclusion) -> _Place:
    return inclusion.target, frozenset(inclusion.target_columns)


def _tables(inclusion: Inclusion) -> frozenset[str]:
    return frozenset((inclusion.table, inclusion.target))
