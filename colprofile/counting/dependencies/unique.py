"""The minimal combinations of columns that no two rows share, without a search for what they determine.

Most combinations have too few values to tell all rows apart, pairs of rows refute most others (see ``agreements``), and
the few that are left are checked on all rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from colprofile.counting.dependencies.agreements import Agreements, Rows, neighbouring_rows
from colprofile.counting.dependencies.groups import Groups
from colprofile.counting.dependencies.relation import Relation, expected_equal_pairs
from colprofile.counting.dependencies.workers import Combination

_FIRST_ROWS = 1 << 13  # rows whose neighbours in each column, and in the table, are the first evidence
_MOST_BITS = 1 << 25  # of the first evidence: pairs of rows, times columns
_MORE_PAIRS = 1 << 9  # pairs of rows of a combination that the evidence so far could not refute
_MOST_STEPS = 3e9  # looks at a word of evidence or a row: some seconds
_A_PREFIX = 2e4  # steps that calls of the kernels are worth
_A_COMBINATION = 2e3  # steps that the look at its values is worth


@dataclass(frozen=True)
class UniqueCombinations:
    """The minimal combinations that no two rows share, ascending; and whether all were looked at."""

    combinations: list[Combination]
    is_complete: bool


def unique_combinations(
    relation: Relation,
    columns: Sequence[int],
    most: int = 3,
    *,
    distinct_pairs: Mapping[tuple[int, int], int] | None = None,
    least_equal_pairs: float = 0.0,
    check: Callable[[], None] = lambda: None,
) -> UniqueCombinations:
    """Return the minimal combinations of up to ``most`` of some columns that no two rows share.

    Rows with NULL in one of the columns do not count. In a table of fewer than two rows there are none.

    Parameters
    ----------
    relation, columns
        The table, and the columns of it that a combination may have. Constant ones never are in one.
    most
        Most columns of a combination.
    distinct_pairs
        For pairs of columns (ascending) how many different ones there are over the rows without NULL, as far as that is
        known: it saves looks at the rows.
    least_equal_pairs
        Leave out combinations of several columns that independent columns with the same counts would share among fewer
        pairs of rows: these are unique by chance.
    check
        Called now and then; it may raise.
    """
    search = _Search(relation, distinct_pairs or {}, least_equal_pairs, check)
    able = [j for j in columns if relation.distinct[j] > 1]
    able.sort(key=lambda j: (-relation.distinct[j], j))
    if relation.rows > 1:
        for size in range(1, most + 1):
            search.level(able, size)
    return UniqueCombinations(sorted(search.found), search.steps < _MOST_STEPS)


class _Search:
    """What was found so far, the evidence, and the groups of the last prefix."""

    def __init__(
        self,
        relation: Relation,
        distinct_pairs: Mapping[tuple[int, int], int],
        least_equal_pairs: float,
        check: Callable[[], None],
    ) -> None:
        self.relation, self.check = relation, check
        self.found: list[Combination] = []
        self.steps = 0.0
        self._distinct_pairs, self._least_equal_pairs = distinct_pairs, least_equal_pairs
        self._nulls = [int(counts[0]) for counts in relation.counts]
        self._evidence: Agreements | None = None
        self._equal_shares: dict[int, float] = {}
        self._groups: dict[Combination, Groups] = {}

    def level(self, able: Sequence[int], size: int) -> None:
        """Look at all combinations of so many columns, which are ordered by their values, most first."""
        for prefix, lasts in self._prefixes(able, size):
            if self.steps >= _MOST_STEPS:
                return
            self.check()
            self.steps += _A_PREFIX + _A_COMBINATION * len(lasts)
            self._extend(prefix, [last for last in lasts if self._may_be((*prefix, last))])

    def _prefixes(self, able: Sequence[int], size: int) -> Iterator[tuple[Combination, Sequence[int]]]:
        """Yield prefixes with the columns after them, as far as there are enough values for all rows."""
        distinct = [self.relation.distinct[j] for j in able]
        least = self.relation.rows - sum(sorted((self._nulls[j] for j in able), reverse=True)[:size])

        def within(prefix: Combination, begin: int, values: int) -> Iterator[tuple[Combination, Sequence[int]]]:
            missing = size - len(prefix)
            if missing == 1:
                end = next((n for n in range(begin, len(able)) if values * distinct[n] < least), len(able))
                if begin < end:
                    yield prefix, able[begin:end]
                return
            for n in range(begin, len(able) - missing + 1):
                if values * math.prod(distinct[n : n + missing]) < least:
                    return
                yield from within((*prefix, able[n]), n + 1, values * distinct[n])

        return within((), 0, 1)

    def _may_be(self, combination: Combination) -> bool:
        """Whether a combination has enough values, no part of it is known to be unique, and it would be no chance."""
        given, relation = set(combination), self.relation
        rows = relation.rows - sum(self._nulls[j] for j in combination)
        if self._most_values(combination) < rows or any(given.issuperset(part) for part in self.found):
            return False
        if len(combination) == 1 or not self._least_equal_pairs:
            return True
        pairs = relation.rows * (relation.rows - 1) / 2
        return pairs * math.prod(map(self._equal_share, combination)) >= self._least_equal_pairs

    def _equal_share(self, column: int) -> float:
        """Return the share of the pairs of rows that are equal in a column."""
        if column not in self._equal_shares:
            rows = self.relation.rows
            equal = expected_equal_pairs([self.relation.counts[column][1:]], rows)
            self._equal_shares[column] = equal / (rows * (rows - 1) / 2)
        return self._equal_shares[column]

    def _most_values(self, combination: Combination) -> int:
        """Return how many different values a combination has at most."""
        distinct = self.relation.distinct
        most = math.prod(distinct[j] for j in combination)
        for n, a in enumerate(combination):
            for b in combination[n + 1 :]:
                pairs = self._distinct_pairs.get((min(a, b), max(a, b)))
                if pairs is not None:
                    most = min(most, pairs * math.prod(distinct[j] for j in combination if j not in (a, b)))
        return most

    def _extend(self, prefix: Combination, lasts: Sequence[int]) -> None:
        """Keep what is unique of a prefix with one more column each."""
        if not prefix:
            rows, distinct = self.relation.rows, self.relation.distinct
            self.found += [(last,) for last in lasts if distinct[last] == rows - self._nulls[last]]
            return
        open_ = self._not_refuted(prefix, lasts)
        if not open_:
            return
        before = self._groups_of(prefix)
        self._learn(before)
        for last in self._not_refuted(prefix, open_):
            if not self._not_refuted(prefix, [last]):
                continue  # by what was learned of another column
            self.steps += 2 * before.repeated
            groups = self.relation.refine(before, last, self.check)
            if groups.is_unique:
                self.found.append(groups.columns)
            else:
                self._learn(groups)

    def _not_refuted(self, prefix: Combination, lasts: Sequence[int]) -> list[int]:
        """Return which columns may make a prefix unique, as far as the evidence says."""
        if not lasts:
            return []
        evidence = self._evidence = self._evidence or self._first_evidence()
        nothing = np.zeros((len(lasts), 0), np.bool_)
        _, is_shared, steps = evidence.refuted(evidence.within(prefix), lasts, nothing)
        self.steps += steps + evidence.agreeing.shape[1]
        return [last for last, shared in zip(lasts, is_shared.tolist(), strict=True) if not shared]

    def _groups_of(self, prefix: Combination) -> Groups:
        """Return the groups of a prefix; those of the last one and of its parts are kept."""
        self._groups = {part: groups for part, groups in self._groups.items() if prefix[: len(part)] == part}
        if prefix not in self._groups:
            before = self._groups_of(prefix[:-1]) if len(prefix) > 1 else self.relation.groups(())
            self.steps += 2 * self.relation.rows
            self._groups[prefix] = self.relation.refine(before, prefix[-1], self.check)
        return self._groups[prefix]

    def _first_evidence(self) -> Agreements:
        """Return rows that are neighbours in a column, among rows drawn at random; and in the table."""
        relation = self.relation
        evidence, rows = Agreements.none(relation.codes), relation.rows
        each = min(_FIRST_ROWS, max(2, _MOST_BITS // len(relation.codes) ** 2))
        drawn = np.unique(np.linspace(0, rows - 2, min(each, rows - 1)).astype(np.int64))
        pairs: list[tuple[Rows, Rows]] = [(drawn, drawn + 1)]
        pairs += [neighbours() for neighbours in neighbouring_rows(relation.codes, rows, each)]
        first, second = (np.concatenate(side) for side in zip(*pairs, strict=True))
        return evidence.with_pairs([evidence.compared(first, second)])

    def _learn(self, groups: Groups) -> None:
        """Keep pairs of rows that share a group as evidence."""
        assert self._evidence is not None
        if groups.repeated:
            compared = self._evidence.compared(*groups.neighbours(_MORE_PAIRS))
            self._evidence = self._evidence.with_pairs([compared])
