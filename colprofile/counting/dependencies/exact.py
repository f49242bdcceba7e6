"""The minimal exact dependencies and keys of a table, up to a number of determinants.

Level by level: pairs of rows refute most candidates (see ``agreements``), and the rest is checked on all rows. What a
part of a combination determines or identifies is not checked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from colprofile.counting.dependencies.agreements import Agreements, Bools, Rows, Words, neighbouring_rows
from colprofile.counting.dependencies.groups import Groups
from colprofile.counting.dependencies.matrix import Limits, Matrix
from colprofile.counting.dependencies.parts import EVERYTHING, KnownOfParts, mask_of, matrix_of, proper_parts
from colprofile.counting.dependencies.relation import Relation
from colprofile.counting.dependencies.workers import Combination, SearchedLevel, SearchOver, Workers

_FIRST_ROWS = 1 << 15  # rows whose neighbours in each column are the first evidence
_MOST_BITS = 1 << 26  # of the first evidence: pairs of rows, times columns
_MORE_PAIRS = 1 << 9  # pairs of rows of a combination that the first evidence could not refute


@dataclass
class Dependencies:
    """What holds exactly, over the rows where none of the columns involved is NULL.

    ``determined`` has for each left side the columns that it determines and no part of it does; () determines the
    constant columns. ``unique`` are the minimal combinations that no two rows share, also those with NULL among their
    columns, which are no keys. ``levels`` says how far was searched, from one column on the left on.
    """

    determined: dict[Combination, frozenset[int]] = field(default_factory=dict)
    unique: list[Combination] = field(default_factory=list)
    levels: list[SearchedLevel] = field(default_factory=list)

    @property
    def searched(self) -> int:
        """Up to how many columns on the left everything was looked at."""
        return max((level.determinants for level in self.levels if level.is_complete), default=0)

    def determined_by_parts(self, combination: Combination) -> frozenset[int]:
        """Return the columns that proper parts of a combination determine, the empty one among them."""
        parts = ((), *proper_parts(combination))
        return frozenset().union(*(self.determined.get(part, frozenset()) for part in parts))

    def closure(self, columns: Iterable[int]) -> frozenset[int]:
        """Return the columns that these and their parts determine, themselves included."""
        chosen = tuple(sorted(columns))
        return frozenset(chosen) | self.determined_by_parts(chosen) | self.determined.get(chosen, frozenset())

    def has_unique_part(self, combination: Combination) -> bool:
        """Whether the combination or a part of it is shared by no two rows."""
        given = set(combination)
        return any(given.issuperset(part) for part in self.unique)


def minimal_dependencies(relation: Relation, most: int, workers: Workers) -> Dependencies:
    """Return all minimal exact dependencies and unique combinations with at most ``most`` columns on the left.

    To count NULL as a value, give it a code of its own in ``relation``.
    """
    search = ExactSearch(relation, workers)
    for level in range(1, most + 1):
        search.search(level)
    return search.found


@dataclass
class _Found:
    """What a prefix with further columns determines: left sides with targets, their groups, rows and repeated rows."""

    looked_at: int = 0
    steps: int = 0
    lefts: list[tuple[Combination, frozenset[int], tuple[int, int, int]]] = field(default_factory=list)
    evidence: list[tuple[Words, Words]] = field(default_factory=list)


class ExactSearch:
    """A search level by level: the evidence so far, and what was found on lower levels."""

    def __init__(self, relation: Relation, workers: Workers) -> None:
        self.relation = relation
        self.workers = workers
        self.found = Dependencies()
        self.known = KnownOfParts()
        """The columns that each left side determines; all of them where no two rows share it."""
        self.repeated_share: dict[Combination, float] = {}
        """Of the left sides in ``found.determined`` the share of their rows that share them with another row."""
        constants = frozenset(j for j, values in enumerate(relation.distinct) if values <= 1)
        if constants:
            self.found.determined[()] = constants
            self.known.add((), mask_of(constants))
        # Where some rows of a constant are NULL, the others may still determine what varies elsewhere.
        varied = [j for j, values in enumerate(relation.distinct) if values > 1 or (values and relation.has_nulls(j))]
        self.columns = sorted(varied, key=lambda j: (relation.distinct[j], j))
        self._evidence = Agreements.none(relation.codes)
        self._matrix = Matrix.of(relation)
        self._limits = Limits.exact(len(relation.codes))

    def search(self, determinants: int) -> list[Combination]:
        """Look at all left sides with so many columns; return those that determine something that no part does."""
        if determinants > len(self.columns):
            return []
        if not self._evidence.agreeing.size:
            self._gather()
        found: list[Combination] = []

        def collect(results: list[_Found]) -> None:
            for left, targets, (groups, rows, repeated) in (each for result in results for each in result.lefts):
                if targets:
                    self.found.determined[left] = targets
                    self.known.add(left, mask_of(targets))
                    self.repeated_share[left] = repeated / max(1, rows)
                    found.append(left)
                if groups == rows:
                    self.found.unique.append(left)
                    self.known.add(left, EVERYTHING)
            self._evidence = self._evidence.with_pairs(pairs for result in results for pairs in result.evidence)

        what = f"looking for dependencies on {_columns(determinants)}, combination"
        rows = self.relation.rows
        level = self.workers.search(what, self.columns, determinants, rows, self._extend, collect)
        self.found.levels.append(level)
        self.found.unique.sort()
        return found

    def _gather(self) -> None:
        """Take the first evidence: rows that are neighbours in each column, among rows drawn at random."""
        rows, columns = self.relation.rows, len(self.relation.codes)
        if rows < 2 or not self.columns or self.workers.is_ended():
            return
        each = min(_FIRST_ROWS, max(2, _MOST_BITS // columns**2))
        chosen = [self.relation.codes[j] for j in self.columns]
        tasks = [
            lambda pairs=pairs: self._evidence.compared(*pairs()) for pairs in neighbouring_rows(chosen, rows, each)
        ]
        self._evidence = self._evidence.with_pairs(self.workers.run("comparing rows, column", tasks))

    def _extend(self, prefix: Combination, lasts: Sequence[int]) -> _Found:
        """Return what a prefix determines with each of some further columns."""
        result = _Found()
        lasts = [last for last in lasts if last not in prefix]
        within = self._evidence.within(prefix)
        learned: list[tuple[Words, Words]] = []
        groups: Groups | None = None
        for chunk in self._matrix.chunks(lasts):
            if self.workers.is_over():
                break
            result.looked_at += len(chunk)
            known = self.known.of_parts(prefix, chunk)
            chosen = [(last, mask) for last, mask in zip(chunk, known, strict=True) if mask != EVERYTHING]
            if not chosen:
                continue
            numbers = [last for last, _ in chosen]
            wanted = ~matrix_of([mask | mask_of((*prefix, last)) for last, mask in chosen], len(self.relation.codes))
            refuted, is_shared, steps = self._evidence.refuted(within, numbers, wanted)
            result.steps += steps
            wanted &= ~refuted
            open_ = np.flatnonzero(wanted.any(axis=1) | ~is_shared)
            if not open_.size:
                continue
            try:
                groups = groups or self.relation.groups(sorted(prefix), self.workers.check)
                if self._matrix.relation is self.relation:
                    self._test(prefix, groups, [numbers[n] for n in open_], wanted[open_], result)
                    continue
                for n in open_:
                    refined = self.relation.refine(groups, numbers[n], self.workers.check)
                    self._check(refined, wanted[n], learned, result)
            except SearchOver:
                result.looked_at -= len(chunk)
                break
        result.evidence = learned
        return result

    def _test(self, prefix: Combination, groups: Groups, lasts: Sequence[int], wanted: Bools, result: _Found) -> None:
        """Test candidates on all rows of a table that is one matrix."""
        tested = self._matrix.test(groups, lasts, wanted, self._limits)
        result.steps += tested.steps
        for n in np.flatnonzero(tested.holds.any(axis=1) | (tested.groups == tested.rows)).tolist():
            left = tuple(sorted((*prefix, lasts[n])))
            targets = frozenset(np.flatnonzero(tested.holds[n]).tolist())
            figures = int(tested.groups[n]), int(tested.rows[n]), int(tested.repeated[n])
            result.lefts.append((left, targets, figures))

    def _check(self, groups: Groups, wanted: Bools, learned: list[tuple[Words, Words]], result: _Found) -> None:
        """Check candidates one by one, on all rows of a long table; what refutes one may refute others, too."""
        rows = self.relation.rows
        left, figures = groups.columns, (groups.size, groups.rows, groups.repeated)
        result.steps += rows
        if groups.is_unique:
            result.lefts.append((left, frozenset(np.flatnonzero(wanted).tolist()), figures))
            return
        for agreeing, differing in learned:
            wanted = wanted & ~_refuted(left, agreeing, differing)
        if np.count_nonzero(wanted) > 2:
            wanted = wanted & ~self._learn(left, learned, *groups.neighbours(_MORE_PAIRS))
        held = []
        for target in np.flatnonzero(wanted).tolist():
            if not wanted[target]:
                continue
            result.steps += rows
            violation = groups.violation(self.relation.codes[target], self.workers.check)
            if violation is None:
                held.append(target)
            else:
                wanted = wanted & ~self._learn(left, learned, np.array(violation[:1]), np.array(violation[1:]))
        if held:
            result.lefts.append((left, frozenset(held), figures))

    def _learn(self, left: Combination, learned: list[tuple[Words, Words]], first: Rows, second: Rows) -> Bools:
        """Keep pairs of rows as evidence for later; return which targets they refute of a left side, bool[columns]."""
        compared = self._evidence.compared(first, second)
        learned.append(compared)
        return _refuted(left, *compared)


def _refuted(left: Combination, agreeing: Words, differing: Words) -> Bools:
    """Return which targets some pairs refute, bool[columns]."""
    both = np.bitwise_and.reduce(agreeing[list(left)], axis=0)
    return np.asarray((differing & both).any(axis=1))


def _columns(determinants: int) -> str:
    return "one column" if determinants == 1 else f"{determinants} columns"
