"""Combinations of columns: groups, evidence, minimal dependencies, near dependencies, against loops over the rows."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colprofile.counting.dependencies import groups as grouping
from colprofile.counting.dependencies import matrix
from colprofile.counting.dependencies import relation as composites
from colprofile.counting.dependencies.agreements import Agreements
from colprofile.counting.dependencies.exact import Dependencies, ExactSearch, minimal_dependencies
from colprofile.counting.dependencies.near import NearDependencies, near_dependencies
from colprofile.counting.dependencies.relation import Relation, measure
from colprofile.counting.dependencies.savings import LookupSavings
from colprofile.counting.dependencies.workers import SearchedLevel, SearchOver, Workers
from colprofile.measures.chance import expected_mutual_information
from colprofile.measures.determination import g3, mu_plus, pdep
from colprofile.measures.lookup import arrangement_bits, log2_binomial, lookup_savings, table_savings
from colprofile.measures.thresholds import Thresholds
from tests.golden import make_afd_measures
from tests.support.dependency_tables import small_tables

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
TABLE = np.ndarray[Any, Any]


def relation_of(table: TABLE) -> Relation:
    """A table of codes, shape (rows, columns), 0 being NULL."""
    codes = [np.ascontiguousarray(column).astype(np.uint16) for column in table.T]
    return Relation(codes, [np.bincount(column, minlength=2).astype(np.int64) for column in codes])


def relation_of_frame(frame: pd.DataFrame, *, is_null_value: bool = False) -> Relation:
    columns = []
    for name in frame.columns:
        labels, _ = pd.factorize(frame[name], use_na_sentinel=not is_null_value)
        columns.append(labels + 1)
    return relation_of(np.column_stack(columns)) if len(frame) < 65_000 else _wide(columns)


def _wide(columns: list[Any]) -> Relation:
    codes = [column.astype(np.uint32) for column in columns]
    return Relation(codes, [np.bincount(column, minlength=2).astype(np.int64) for column in codes])


def workers(executor: ThreadPoolExecutor) -> Workers:
    return Workers(executor, threading.Event(), lambda what, done, total: None)


def search(relation: Relation, most: int = 3) -> Dependencies:
    with ThreadPoolExecutor(2) as executor:
        return minimal_dependencies(relation, most, workers(executor))


def pairs_of(found: Dependencies) -> set[tuple[tuple[int, ...], int]]:
    return {(columns, target) for columns, targets in found.determined.items() for target in targets}


def slow_groups(table: TABLE, columns: tuple[int, ...], more: tuple[int, ...] = ()) -> dict[Any, list[int]]:
    """Rows by their values in some columns, those with NULL in these or ``more`` left out."""
    groups: dict[Any, list[int]] = defaultdict(list)
    for number, row in enumerate(table):
        if all(row[j] for j in (*columns, *more)):
            groups[tuple(int(row[j]) for j in columns)].append(number)
    return groups


def slow_holds(table: TABLE, columns: tuple[int, ...], target: int) -> bool:
    groups = slow_groups(table, columns, (target,))
    return all(len({table[row, target] for row in rows}) == 1 for rows in groups.values())


def slow_dependencies(table: TABLE, most: int) -> set[tuple[tuple[int, ...], int]]:
    found: set[tuple[tuple[int, ...], int]] = set()
    width = table.shape[1]
    constant = {j for j in range(width) if len(set(table[:, j]) - {0}) <= 1}
    useless = {j for j in range(width) if len(set(table[:, j])) <= 1}  # the same, NULL or not, in every row
    for target in range(width):
        if target in constant:
            found.add(((), target))
            continue
        for size in range(1, most + 1):
            for columns in combinations([j for j in range(width) if j != target and j not in useless], size):
                is_minimal = not any((part, target) in found for k in range(size) for part in combinations(columns, k))
                if is_minimal and slow_holds(table, columns, target):
                    found.add((columns, target))
    return found


tables = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.tuples(*[st.integers(0, 3) for _ in range(width)]), min_size=2, max_size=14).map(
        lambda rows: np.array(rows, np.int64)
    )
)


class TestGroups:
    @given(tables)
    @settings(max_examples=60, deadline=None)
    def test_groups_are_those_of_a_loop(self, table: TABLE) -> None:
        relation = relation_of(table)
        for columns in combinations(range(table.shape[1]), 2):
            groups = relation.groups(columns)
            expected = slow_groups(table, columns)
            assert groups.size == len(expected)
            found = [groups.members[a:b].tolist() for a, b in pairwise(groups.offsets.tolist())]
            assert sorted(found) == sorted(rows for rows in expected.values() if len(rows) > 1)
            assert groups.singles.tolist() == sorted(rows[0] for rows in expected.values() if len(rows) == 1)
            numbered = [set(groups.numbers[rows].tolist()) for rows in expected.values()]
            assert sorted(min(each) for each in numbered) == list(range(1, groups.size + 1))
            assert all(len(each) == 1 for each in numbered)
            assert np.count_nonzero(groups.numbers) == groups.rows
            chosen = table[:, 0] != 2
            firsts = [next((row for row in rows if chosen[row]), None) for rows in expected.values()]
            assert groups.one_of_each(chosen).tolist() == sorted(row for row in firsts if row is not None)
            assert groups.rows == sum(map(len, expected.values()))
            assert groups.repeated == sum(len(rows) for rows in expected.values() if len(rows) > 1)
            assert groups.is_unique == all(len(rows) == 1 for rows in expected.values())

    def test_blocks_of_rows_change_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        table = np.random.default_rng(1).integers(0, 12, (2_000, 4))
        relation = relation_of(table)
        whole = relation.groups((0, 1, 2))
        figures = whole.sums(3), whole.violating_rows(3, 2_000), whole.violation(relation.codes[3]), whole.rows
        monkeypatch.setattr(composites, "BLOCK", 50)
        monkeypatch.setattr(grouping, "BLOCK", 50)
        monkeypatch.setattr(composites, "_BLOCK", 70)
        parts = relation.groups((0, 1, 2))
        assert (parts.members == whole.members).all() and (parts.offsets == whole.offsets).all()
        assert figures == (
            parts.sums(3),
            parts.violating_rows(3, 2_000),
            parts.violation(relation.codes[3]),
            parts.rows,
        )

    def test_neighbours_are_two_rows_of_one_group(self) -> None:
        table = np.random.default_rng(3).integers(0, 9, (500, 2))
        groups = relation_of(table).groups((0, 1))
        for limit in (1, 20, 1_000):
            first, second = groups.neighbours(limit)
            assert 0 < first.size <= limit
            assert (table[first] == table[second]).all() and (first < second).all()

    def test_grouping_ends_when_the_check_says_so(self) -> None:
        relation = relation_of(np.random.default_rng(3).integers(1, 9, (500, 3)))

        def check() -> None:
            raise SearchOver

        with pytest.raises(SearchOver):
            relation.groups((0, 1), check)
        with pytest.raises(SearchOver):
            relation.refine(relation.groups((0,)), 1, check)

    @given(tables)
    @settings(max_examples=40, deadline=None)
    def test_sums_are_those_of_a_crosstab(self, table: TABLE) -> None:
        relation = relation_of(table)
        columns, target = tuple(range(table.shape[1] - 1)), table.shape[1] - 1
        rows = [number for members in slow_groups(table, columns, (target,)).values() for number in members]
        found = measure(relation, columns, target)
        lefts = [tuple(table[row, list(columns)]) for row in rows]
        cells = Counter(zip(lefts, table[rows, target], strict=True))
        assert (found.sums.rows, found.sums.cells) == (len(rows), len(cells))
        assert found.sums.distinct_x == len(set(lefts))
        assert found.repeated == sum(count for count in Counter(lefts).values() if count > 1)
        best = {left: max(count for (other, _), count in cells.items() if other == left) for left in set(lefts)}
        assert found.sums.best_y_by_x == sum(best.values())
        if rows:
            expected = expected_mutual_information(
                list(Counter(lefts).values()), list(Counter(table[rows, target].tolist()).values())
            )
            assert found.expected == pytest.approx(expected, abs=1e-9)

    @given(tables, st.integers(0, 14))
    @settings(max_examples=60, deadline=None)
    def test_violating_rows_stops_only_beyond_the_limit(self, table: TABLE, limit: int) -> None:
        relation = relation_of(table)
        groups = relation.groups((0,))
        whole = groups.violating_rows(1, len(table))
        sums, _ = groups.sums(1)
        assert whole == sums.rows - sums.best_y_by_x == groups.violating_by_group(1).sum()
        assert groups.violating_rows(1, limit) == (whole if whole <= limit else None)

    def test_a_violation_is_two_rows_that_disagree(self) -> None:
        table = np.array([[1, 0], [1, 2], [2, 1], [1, 2], [1, 3]])
        relation = relation_of(table)
        assert relation.groups((0,)).violation(relation.codes[1]) == (1, 4)
        assert relation.groups((1,)).violation(relation.codes[1]) is None

    def test_a_sample_keeps_the_rows_together(self) -> None:
        rng = np.random.default_rng(2)
        left = rng.integers(0, 50, 4_000)
        relation = relation_of(np.column_stack([left, left * 7 % 50 + 1]))
        some = relation.sample(500)
        assert some.rows == 500
        assert some.has_nulls(0) and not some.has_nulls(1)
        assert some.groups((1,)).violation(some.codes[0]) is None


def test_few_tasks_of_a_long_table_run_at_once_where_memory_is_short() -> None:
    with ThreadPoolExecutor(3) as executor:
        short = workers(executor)
        short.memory = 48_000_000
        assert [short.at_once(rows) for rows in (0, 1_000_000, 2_000_000, 10_000_000)] == [1024, 3, 1, 1]
        running, most = 0, 0
        lock = threading.Lock()

        def task() -> None:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.002)
            with lock:
                running -= 1

        short.run("working", [task] * 9, 10_000_000)
        assert most == 1


class TestAgreements:
    @given(tables)
    @settings(max_examples=60, deadline=None)
    def test_what_is_refuted_does_not_hold(self, table: TABLE) -> None:
        relation = relation_of(table)
        none = Agreements.none(relation.codes)
        first, second = np.array(list(combinations(range(len(table)), 2))).T
        half = first.size // 2
        parts = [none.compared(first[:half], second[:half]), none.compared(first[half:], second[half:])]
        evidence = none.with_pairs(parts)
        width = table.shape[1]
        for prefix in [(), *((j,) for j in range(width))]:
            lasts = [j for j in range(width) if j not in prefix]
            wanted = np.ones((len(lasts), width), np.bool_)
            refuted, is_shared, _ = evidence.refuted(evidence.within(prefix), lasts, wanted)
            for n, last in enumerate(lasts):
                left = (*prefix, last)
                others = [j for j in range(width) if j not in left]
                # all pairs are in evidence, so that it refutes all that is to be refuted
                assert [bool(refuted[n, j]) for j in others] == [not slow_holds(table, left, j) for j in others]
                assert is_shared[n] == any(len(rows) > 1 for rows in slow_groups(table, left).values())

    def test_only_wanted_targets_are_looked_at(self) -> None:
        relation = relation_of(np.array([[1, 1, 1], [1, 2, 2]]))
        evidence = Agreements.none(relation.codes)
        evidence = evidence.with_pairs([evidence.compared(np.array([0]), np.array([1]))])
        wanted = np.array([[False, False, True]])
        assert evidence.refuted(evidence.within(()), [0], wanted)[0].tolist() == [[False, False, True]]


def slow_wrong_rows(table: TABLE, columns: tuple[int, ...], target: int) -> int:
    """The fewest rows to remove so that columns determine a target."""
    groups = slow_groups(table, columns, (target,)).values()
    return sum(len(rows) - max(Counter(int(table[row, target]) for row in rows).values()) for rows in groups)


class TestMatrix:
    """The kernel that tests many targets at once, against loops over the rows."""

    @given(tables, st.integers(0, 3), st.sampled_from([0.0, 0.5]))
    @settings(max_examples=120, deadline=None)
    def test_it_is_that_of_a_loop(self, table: TABLE, allowed: int, least_repeated: float) -> None:
        relation = relation_of(table)
        width = table.shape[1]
        boundless = np.full(width, np.inf)
        limits = matrix.Limits(0.0, least_repeated, boundless, boundless, allowed / len(table))
        for prefix in [(), (0,)]:
            lasts = [j for j in range(width) if j not in prefix]
            wanted = np.array([[j not in (*prefix, last) for j in range(width)] for last in lasts])
            tested = matrix.Matrix.of(relation).test(relation.groups(prefix), lasts, wanted, limits)
            for n, last in enumerate(lasts):
                left = (*prefix, last)
                groups = slow_groups(table, left)
                rows, repeated = (sum(len(g) for g in groups.values() if len(g) > k) for k in (0, 1))
                assert (tested.groups[n], tested.rows[n], tested.repeated[n]) == (len(groups), rows, repeated)
                for target in np.flatnonzero(wanted[n]):
                    is_within = slow_wrong_rows(table, left, int(target)) <= allowed
                    assert tested.holds[n, target] == (is_within and repeated >= least_repeated * rows)

    @pytest.mark.parametrize("seed", range(4))
    def test_rare_values_are_counted_from_their_rows(self, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        """Columns that are nearly always the same are looked at where they are not: the same answers as without."""
        rng = np.random.default_rng(seed)
        table = np.column_stack([rng.integers(1, 4, (300, 3)), *(1 + (rng.random((4, 300)) < 0.04) * (1 + seed % 2))])
        relation = relation_of(table)
        wanted = np.ones((3, 7), np.bool_)
        limits = matrix.Limits(0.02, 0.0, np.full(7, np.inf), np.full(7, np.inf))
        found = matrix.Matrix(relation).test(relation.groups((6,)), [0, 1, 5], wanted, limits).holds
        monkeypatch.setattr(matrix, "_RARE", -1.0)
        assert (matrix.Matrix(relation).test(relation.groups((6,)), [0, 1, 5], wanted, limits).holds == found).all()
        assert found[:, 3:].any() and not found.all()
        expected = [
            [slow_wrong_rows(table, tuple({6, last}), j) <= 6 if j not in (6, last) else True for j in range(7)]
            for last in (0, 1, 5)
        ]
        assert found.tolist() == expected

    def test_too_many_groups_end_the_count(self) -> None:
        relation = relation_of(np.array([[1, 1, 1], [1, 2, 1], [2, 3, 2], [2, 3, 2]]))
        wanted = np.array([[False, False, True]])
        for most, holds, rows in ((2.0, False, -1), (3.0, True, 4)):
            limits = matrix.Limits(0.0, 0.0, np.array([9.0, 9.0, most]), np.full(3, np.inf))
            tested = matrix.Matrix(relation).test(relation.groups((0,)), [1], wanted, limits)
            assert (tested.holds[0, 2], tested.rows[0]) == (holds, rows)

    def test_a_null_further_on_keeps_the_count_going(self) -> None:
        relation = relation_of(np.array([[1, 1, 1], [1, 2, 1], [2, 3, 2], [2, 0, 2]]))
        limits = matrix.Limits(0.0, 0.0, np.full(3, 1.0), np.full(3, np.inf))
        tested = matrix.Matrix(relation).test(relation.groups((0,)), [1], np.array([[False, False, True]]), limits)
        assert (tested.groups[0], tested.rows[0], bool(tested.holds[0, 2])) == (3, 3, True)


class TestMinimalDependencies:
    @given(tables)
    @settings(max_examples=150, deadline=None)
    def test_they_are_those_of_a_loop(self, table: TABLE) -> None:
        found = search(relation_of(table))
        assert pairs_of(found) == slow_dependencies(table, 3)
        for columns in found.unique:
            assert all(len(rows) == 1 for rows in slow_groups(table, columns).values())
            for part in combinations(columns, len(columns) - 1):
                assert not part or any(len(rows) > 1 for rows in slow_groups(table, part).values())

    def test_evidence_of_few_rows_is_completed_by_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """With hardly any evidence to begin with, every candidate is checked on all rows."""
        monkeypatch.setattr("colprofile.counting.dependencies.exact._FIRST_ROWS", 2)
        monkeypatch.setattr("colprofile.counting.dependencies.exact._MORE_PAIRS", 1)
        rng = np.random.default_rng(3)
        table = rng.integers(1, 4, (60, 5))
        table[:, 3] = table[:, 0] * 3 + table[:, 1]
        assert pairs_of(search(relation_of(table))) == slow_dependencies(table, 3)

    def test_more_than_64_columns(self) -> None:
        rng = np.random.default_rng(4)
        base = rng.integers(1, 6, (300, 70))
        base[:, 69] = base[:, 0] % 3 + 1
        found = search(relation_of(base), 1)
        assert pairs_of(found) == {((0,), 69)}

    def test_long_tables_are_checked_column_by_column(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where the table is no matrix, what pairs of rows cannot refute is checked on all rows, and refutes more."""
        monkeypatch.setattr(matrix, "_MOST_ROWS", 1)
        monkeypatch.setattr(matrix, "_SAMPLE", 2)
        monkeypatch.setattr("colprofile.counting.dependencies.exact._FIRST_ROWS", 2)
        rng = np.random.default_rng(3)
        for _ in range(20):
            table = rng.integers(0, 4, (30, 5))
            table[:, 3] = table[:, 0] * 3 + table[:, 1]
            assert pairs_of(search(relation_of(table))) == slow_dependencies(table, 3)

    def test_work_that_is_used_up_ends_the_search_in_the_same_place(self) -> None:
        """Combinations of the first columns in order of their values come first, with any number of threads."""
        table = np.random.default_rng(5).integers(1, 5, (50, 24))
        relation = relation_of(table)
        levels = []
        for threads in (1, 4):
            with ThreadPoolExecutor(threads) as executor:
                bounded = workers(executor)
                bounded.steps = 50_000.0
                found = minimal_dependencies(relation, 3, bounded)
            levels.append((found.levels, sorted(found.determined)))
        assert levels[0] == levels[1]
        first, second, third = levels[0][0]
        assert (first, second) == (SearchedLevel(1, 24, 24), SearchedLevel(2, 276, 276))
        assert 0 < third.looked_at < third.combinations == 2024
        assert found.searched == 2

    def test_a_stopped_search_says_so(self) -> None:
        with ThreadPoolExecutor(1) as executor:
            stopped = workers(executor)
            stopped.stop.set()
            found = minimal_dependencies(relation_of(np.array([[1, 1], [2, 2], [1, 1]])), 2, stopped)
        assert (found.searched, found.determined) == (0, {})
        assert found.levels == [SearchedLevel(1, 2, 0), SearchedLevel(2, 1, 0)]

    def test_a_deadline_ends_the_search(self) -> None:
        with ThreadPoolExecutor(1) as executor:
            late = workers(executor)
            late.deadline = 0.0
            assert minimal_dependencies(relation_of(np.array([[1, 1], [2, 2], [1, 1]])), 1, late).searched == 0

    @pytest.mark.parametrize("rows", [0, 1])
    def test_tables_of_no_and_one_row(self, rows: int) -> None:
        found = search(relation_of(np.ones((rows, 2), np.int64)))
        assert pairs_of(found) == {((), 0), ((), 1)}

    def test_closure(self) -> None:
        found = search(relation_of(np.array([[1, 1, 1], [2, 2, 1], [3, 2, 2], [1, 1, 1]])))
        assert found.closure([0]) == {0, 1, 2}
        assert found.closure([1]) == {1}


@pytest.fixture(scope="module")
def hyfd() -> dict[str, Any]:
    saved: dict[str, Any] = json.loads((GOLDEN / "dependencies.json").read_text(encoding="utf-8"))
    return saved


class TestHyFD:
    """The same dependencies as Desbordante's HyFD, as tests/golden/make_dependencies.py has written them down."""

    def test_small_tables(self, hyfd: dict[str, Any]) -> None:
        for name, frame in small_tables().items():
            self.check(hyfd[name], frame)

    @pytest.mark.parametrize("name", ["flights", "zip_codes"])
    def test_large_tables(self, hyfd: dict[str, Any], name: str) -> None:
        from tests.support.dependency_tables import dependency_tables

        self.check(hyfd[name], dependency_tables()[name])

    def check(self, expected: dict[str, Any], frame: pd.DataFrame) -> None:
        assert (expected["rows"], expected["columns"]) == (len(frame), list(frame.columns))
        found = pairs_of(search(relation_of_frame(frame, is_null_value=True)))
        assert found == {(tuple(columns), target) for columns, target in expected["dependencies"]}


def test_mu_plus_g3_and_pdep_are_those_of_afd_measures() -> None:
    """As tests/golden/make_afd_measures.py has written them down."""
    expected = json.loads((GOLDEN / "afd_measures.json").read_text(encoding="utf-8"))
    for name, (frame, _) in make_afd_measures.chosen().items():
        relation = relation_of_frame(frame)
        places = {column: j for j, column in enumerate(frame.columns)}
        assert len(expected[name]) > 5
        for left, right, strength, share, agreement in expected[name]:
            columns = tuple(places[column] for column in left)
            sums = measure(relation, columns, places[right]).sums
            assert (mu_plus(sums), g3(sums), pdep(sums)) == pytest.approx((strength, share, agreement), abs=1e-9)


class TestNear:
    def found(
        self, relation: Relation, thresholds: Thresholds, savings: LookupSavings | None = None
    ) -> NearDependencies:
        with ThreadPoolExecutor(2) as executor:
            exact = ExactSearch(relation, workers(executor))
            for level in (1, 2, 3):
                exact.search(level)
            return near_dependencies(exact, [], savings, 3, thresholds)

    def table(self, rows: int, broken: int) -> TABLE:
        rng = np.random.default_rng(6)
        a, b, c = rng.integers(1, 8, (3, rows))
        y = (a * 3 + b * 5) % 7 + 1
        y[rng.choice(rows, broken, replace=False)] = 8
        return np.column_stack([a, b, c, y])

    def test_a_planted_dependency_of_two_columns(self) -> None:
        found = self.found(relation_of(self.table(3_000, 40)), Thresholds()).found
        assert [(composite.columns, composite.target) for composite in found] == [((0, 1), 3), ((0, 3), 1), ((1, 3), 0)]
        assert found[0].sums.rows - found[0].sums.best_y_by_x == 40

    def test_the_sample_rules_out_nothing_that_holds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        table = self.table(60_000, 900)
        whole = self.found(relation_of(table), Thresholds()).found
        monkeypatch.setattr(matrix, "_MOST_ROWS", 1)
        monkeypatch.setattr(matrix, "_SAMPLE", 4_000)
        monkeypatch.setattr("colprofile.counting.dependencies.near._TOLERANCE", 0.06)
        assert self.found(relation_of(table), Thresholds()).found == whole
        assert len(whole) == 3

    def test_key_like_left_sides_are_left_out(self) -> None:
        rng = np.random.default_rng(7)
        table = np.column_stack([np.arange(1, 401), rng.integers(1, 4, 400), rng.integers(1, 4, 400)])
        table[0, 0] = 2
        assert self.found(relation_of(table), Thresholds()).found == []

    @given(
        st.lists(st.tuples(*[st.integers(1, 3) for _ in range(4)]), min_size=4, max_size=24),
        st.sampled_from([0.0, 0.3, 0.7, 0.95]),
        st.sampled_from([0.05, 0.2, 1.0]),
    )
    @settings(max_examples=80, deadline=None)
    def test_all_that_are_strong_enough_are_found(self, rows: list[Any], strength: float, share: float) -> None:
        """Every pair of columns is measured by itself; none that passes may have been ruled out early."""
        relation = relation_of(np.array(rows))
        thresholds = Thresholds(violating_share=share, mu_plus=strength, repeated_share=0.0)
        found = {(c.columns, c.target) for c in self.found(relation, thresholds).found if len(c.columns) == 2}
        exact = search(relation)
        expected = set()
        for columns in combinations(range(4), 2):
            known = exact.closure(columns)
            if exact.has_unique_part(columns) or any(exact.closure([j]) & set(columns) - {j} for j in columns):
                continue
            if any(relation.distinct[j] < 2 for j in columns):
                continue
            for composite in (measure(relation, columns, j) for j in range(4) if j not in known):
                sums = composite.sums
                value = mu_plus(sums)
                if value is not None and value >= strength and (sums.rows - sums.best_y_by_x) / sums.rows <= share:
                    expected.add((columns, composite.target))
        assert found == expected

    def test_a_third_column_must_say_more(self) -> None:
        """a and b determine y except for 400 rows; with c fewer rows contradict it, but no more bits are saved."""
        relation = relation_of(self.table(3_000, 400))
        thresholds = Thresholds(violating_share=0.2, mu_plus=0.5)
        without = {(c.columns, c.target) for c in self.found(relation, Thresholds(0.1, 0.5)).found}
        judged = {(c.columns, c.target) for c in self.found(relation, thresholds, LookupSavings(relation, 20.0)).found}
        assert ((0, 1), 3) in judged
        assert all(len(columns) == 2 for columns, _ in judged)
        assert any(len(columns) == 3 for columns, _ in without)


class TestLookup:
    def test_chance_of_an_exact_dependency_is_bounded(self) -> None:
        """Shuffle Y: the share of shuffles that X determines is at most 2^−saved."""
        rng = np.random.default_rng(8)
        x = np.repeat(np.arange(6), 3)
        y = np.repeat([0, 1], 9)
        sums = measure(relation_of(np.column_stack([x + 1, y + 1])), (0,), 1).sums
        saved = lookup_savings(sums)
        assert saved is not None and saved > 0
        hits = 0
        for _ in range(2_000):
            shuffled = rng.permutation(y)
            hits += all(len(set(shuffled[x == value])) == 1 for value in range(6))
        assert hits / 2_000 <= 2.0**-saved

    @given(st.integers(1, 60), st.integers(1, 60))
    def test_binomials(self, n: int, k: int) -> None:
        import math

        expected = math.log2(math.comb(n, k)) if k <= n else -math.inf
        assert log2_binomial(n, k) == pytest.approx(expected, abs=1e-9)

    @given(st.lists(st.integers(1, 20), min_size=1, max_size=6))
    def test_arrangements_are_bounded_from_below(self, counts: list[int]) -> None:
        import math

        from colprofile.measures.entropy import entropy

        rows = sum(counts)
        exact = math.lgamma(rows + 1) - sum(math.lgamma(count + 1) for count in counts)
        bits = arrangement_bits(rows, len(counts), entropy(counts) or 0.0)
        assert 0 <= bits <= exact / math.log(2) + 1e-9

    def test_a_table_that_says_nothing_saves_nothing(self) -> None:
        assert table_savings(1_000, 10, 10, 100, 3.3, 3.3) < 0
        assert table_savings(0, 1, 1, 0, 0.0, 0.0) == 0.0

    def test_without_rows_there_is_nothing_to_save(self) -> None:
        assert lookup_savings([[0, 0]]) is None
