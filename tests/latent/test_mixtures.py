"""Variational Bayes on categories against enumerated evidence, Pólya's urns and the textbook row by row."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colprofile.counting.mixtures.model import Fit, Mixture, Rows, distinct_rows
from colprofile.counting.mixtures.search import search_classes
from tests.support.mixtures import Row, Truth, exact_log_evidence, slow_steps, table_redundancy, urn_log_evidence

ROUNDING = 1e-9
"""The ELBO never falls by more than this share of itself: what floating point makes of equal numbers."""


@pytest.fixture(scope="module")
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


def nothing(*_: Any) -> None:
    pass


def as_rows(rows: list[Row], sizes: list[int]) -> Rows:
    matrix = np.array([[0 if value is None else value + 1 for value in row] for row in rows], np.uint8)
    return distinct_rows(matrix, np.array(sizes, np.int64), nothing)[0]


def searched(rows: Rows, executor: Executor, **options: Any) -> Any:
    given = {"max_classes": 6, "restarts": 2, "seed": 0, "concentration": 0.5, "tolerance": 1e-7, "max_iterations": 500}
    return search_classes(rows, executor=executor, check=nothing, progress=nothing, **{**given, **options})


SIZES = [3, 2, 2]
cells = st.tuples(*[st.none() | st.integers(0, size - 1) for size in SIZES])


class TestDistinctRows:
    @settings(deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=60))
    def test_they_are_counted_as_in_a_dict(self, given: list[tuple[int, int]]) -> None:
        rows, numbers = distinct_rows(np.array(given, np.uint8), np.array([2, 2]), nothing)
        counts: dict[tuple[int, int], int] = {}
        for row in given:
            counts[row] = counts.get(row, 0) + 1
        assert [tuple(row) for row in rows.matrix.tolist()] == list(counts)
        assert rows.weights.tolist() == list(counts.values())
        assert rows.matrix[numbers].tolist() == [list(row) for row in given]

    def test_many_rows(self) -> None:
        matrix = np.random.default_rng(1).integers(0, 4, (200_000, 9), np.uint8)
        rows, numbers = distinct_rows(matrix, np.full(9, 3), nothing)
        expected, inverse = np.unique(matrix, axis=0, return_inverse=True)
        order = np.lexsort(rows.matrix.T[::-1])
        assert np.array_equal(rows.matrix[order], expected)
        assert np.array_equal(np.bincount(inverse), rows.weights[order])
        assert np.array_equal(rows.matrix[numbers], matrix)

    def test_a_sample_holds_that_many_rows_of_the_table(self) -> None:
        rows = Rows(np.array([[1], [2]], np.uint8), np.array([90.0, 10.0]), np.array([2]))
        drawn = [rows.sampled(50, np.random.default_rng(seed)) for seed in range(200)]
        assert {sample.total for sample in drawn} == {50.0}
        assert all(np.all(sample.weights <= [90, 10][: sample.weights.size]) for sample in drawn)
        assert np.mean([sample.weights[0] for sample in drawn]) == pytest.approx(45, abs=0.6)
        assert rows.sampled(100, np.random.default_rng(0)) is rows


class TestOneClass:
    @settings(deadline=None)
    @given(st.lists(cells, min_size=1, max_size=20), st.sampled_from([0.1, 0.5, 1.0, 7.0]))
    def test_the_elbo_is_the_log_evidence(self, executor: Executor, rows: list[Row], a: float) -> None:
        one = Mixture(as_rows(rows, SIZES), a, executor, nothing).one_class()
        assert one.elbo == pytest.approx(urn_log_evidence(rows, SIZES, a), abs=1e-9)
        assert one.entropy == 0.0


class TestBound:
    @settings(deadline=None, max_examples=40)
    @given(st.lists(cells, min_size=1, max_size=6), st.integers(2, 3), st.integers(0, 5))
    def test_the_elbo_never_exceeds_the_enumerated_evidence(
        self, executor: Executor, rows: list[Row], classes: int, seed: int
    ) -> None:
        exact = {k: exact_log_evidence(rows, SIZES, 0.5, k) for k in range(1, classes + 1)}
        model = Mixture(as_rows(rows, SIZES), 0.5, executor, nothing)
        fit = model.seeded(classes, np.random.default_rng(seed))
        for _ in range(12):
            assert fit.elbo <= exact[fit.classes] + 1e-9
            fit = model.step(fit)
        found = searched(as_rows(rows, SIZES), executor, max_classes=classes, seed=seed)
        for k, elbo in found.candidates.items():
            assert elbo <= exact[k] + 1e-9
        assert found.fit.elbo == max(found.candidates.values()) >= exact[1] - 1e-9

    def test_the_bound_is_near_where_the_classes_are_plain(self, executor: Executor) -> None:
        rows: list[Row] = [*[(0, 0, 0)] * 5, *[(1, 1, 1)] * 5]
        found = searched(as_rows(rows, SIZES), executor, max_classes=2)
        exact = exact_log_evidence(rows, SIZES, 0.5, 2)
        # The two ways to name the classes are one mode each: the bound sees one of them.
        assert exact - math.log(2) - 0.1 < found.fit.elbo <= exact

    @settings(deadline=None, max_examples=40)
    @given(st.lists(cells, min_size=2, max_size=40), st.integers(0, 3))
    def test_no_mixture_promises_more_than_the_tables_own_redundancy(
        self, executor: Executor, rows: list[Row], seed: int
    ) -> None:
        found = searched(as_rows(rows, SIZES), executor, seed=seed)
        apart = 0.0
        for column in zip(*rows, strict=True):
            held = [value for value in column if value is not None]
            apart += sum(math.log(len(held) / held.count(value)) for value in held)
        assert (apart + found.fit.elbo) / len(rows) / math.log(2) <= table_redundancy(list(map(tuple, rows))) + 1e-9


class TestSteps:
    @pytest.mark.parametrize("seed", range(4))
    def test_each_iteration_is_the_textbooks(self, executor: Executor, seed: int) -> None:
        generator = np.random.default_rng(seed)
        rows: list[Row] = [
            tuple(None if generator.random() < 0.2 else int(generator.integers(size)) for size in SIZES)
            for _ in range(40)
        ]
        r = generator.dirichlet([1, 1, 1], len(rows))
        model = Mixture(as_rows(rows, SIZES), 0.5, executor, nothing)
        slow = slow_steps(rows, SIZES, 0.5, r)
        counts = np.zeros((model.rows.categories, 3))
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                if value is not None:
                    counts[model.rows.offsets[j] + value + 1] += r[i]
        fit = Fit(r.sum(axis=0), counts, 0.0, -math.inf)
        next(slow)
        for _ in range(15):
            fit = model.step(fit)
            r, elbo = next(slow)
            assert fit.elbo == pytest.approx(elbo, abs=1e-8)
            assert fit.class_rows == pytest.approx(r.sum(axis=0), abs=1e-8)

    @pytest.mark.parametrize("seed", range(6))
    def test_the_elbo_never_falls(self, executor: Executor, seed: int) -> None:
        codes, _ = Truth.random(3, 6, 5, seed).draw(3000, seed)
        model = Mixture(as_rows(codes.tolist(), [5] * 6), 0.5, executor, nothing)
        fit = model.seeded(8, np.random.default_rng(seed))
        elbos = [fit.elbo]
        for _ in range(150):
            fit = model.step(fit)
            elbos.append(fit.elbo)
        assert all(after >= before - ROUNDING * abs(before) for before, after in itertools.pairwise(elbos))
        assert elbos[-1] > elbos[0]

    def test_weights_are_repeated_rows(self, executor: Executor) -> None:
        codes, _ = Truth.random(2, 3, 2, 5).draw(500, 5)
        matrix = (codes + 1).astype(np.uint8)
        repeated = Rows(matrix, np.ones(500), np.array([2, 2, 2]))
        merged, _ = distinct_rows(matrix, repeated.sizes, nothing)
        assert merged.weights.size <= 8
        start = Mixture(merged, 0.5, executor, nothing).seeded(2, np.random.default_rng(0))
        one, other = (Mixture(rows, 0.5, executor, nothing).step(start) for rows in (repeated, merged))
        assert one.elbo == pytest.approx(other.elbo, rel=1e-12)
        assert np.allclose(one.counts, other.counts)

    def test_merging_scores_what_it_says(self, executor: Executor) -> None:
        """The merged fit's ELBO is that of responsibilities added up, computed row by row."""
        codes, _ = Truth.random(3, 3, 3, 2).draw(60, 2)
        rows = codes.tolist()
        model = Mixture(as_rows(rows, [3, 3, 3]), 0.5, executor, nothing)
        fit = model.converged(model.seeded(4, np.random.default_rng(1)), 1e-6, 20)
        merged = model.merged(fit)
        assert merged.classes == fit.classes - 1
        table, log_weights = model.tables(fit)
        logits = np.array(
            [log_weights + sum(table[model.rows.offsets[j] + v + 1] for j, v in enumerate(row)) for row in rows]
        )
        r = np.exp(logits - logits.max(axis=1, keepdims=True))
        r /= r.sum(axis=1, keepdims=True)
        best = -math.inf
        for a, b in itertools.combinations(range(fit.classes), 2):
            left = [k for k in range(fit.classes) if k not in (a, b)]
            joined = np.concatenate([r[:, left], r[:, [a]] + r[:, [b]]], axis=1)
            best = max(best, next(slow_steps(rows, [3, 3, 3], 0.5, joined))[1])
        assert merged.elbo == pytest.approx(best, abs=1e-6)


class TestSearch:
    @pytest.mark.parametrize("seed", range(3))
    def test_it_finds_the_four_classes(self, executor: Executor, seed: int) -> None:
        codes, classes = Truth.random(4, 10, 5, seed).draw(8000, seed)
        rows = as_rows(codes.tolist(), [5] * 10)
        found = searched(rows, executor, max_classes=9)
        assert found.fit.classes == 4
        assert found.is_converged
        labels = Mixture(rows, 0.5, executor, nothing).assigned(found.fit)[0]
        _, numbers = distinct_rows((codes + 1).astype(np.uint8), rows.sizes, nothing)
        table = np.zeros((4, 4))
        np.add.at(table, (classes, labels[numbers]), 1)
        assert table.max(axis=1).sum() / 8000 > 0.95
        assert sorted(table.argmax(axis=1)) == [0, 1, 2, 3]

    def test_independent_columns_are_one_class(self, executor: Executor) -> None:
        codes = np.random.default_rng(3).integers(0, 4, (5000, 6))
        found = searched(as_rows(codes.tolist(), [4] * 6), executor)
        assert found.fit.classes == 1
        assert found.fit.elbo == found.candidates[1]
        assert found.fit.trace == (found.fit.elbo,)

    def test_a_large_table_is_searched_on_a_sample_and_fitted_whole(self, executor: Executor) -> None:
        codes, _ = Truth.random(4, 8, 6, 7).draw(120_000, 7)
        matrix = (codes + 1).astype(np.uint8)
        rows, _ = distinct_rows(matrix, np.full(8, 6), nothing)
        found = searched(rows, executor, max_classes=8)
        assert found.fit.classes == 4
        assert float(found.fit.class_rows.sum()) == pytest.approx(120_000)
        trace = found.fit.trace
        assert all(after >= before - ROUNDING * abs(before) for before, after in itertools.pairwise(trace))

    def test_a_seed_gives_one_result_whatever_the_threads(self) -> None:
        codes, _ = Truth.random(3, 12, 5, 9).draw(80_000, 9)
        rows, _ = distinct_rows((codes + 1).astype(np.uint8), np.full(12, 5), nothing)
        found = []
        for threads in (1, 3):
            with ThreadPoolExecutor(threads) as executor:
                found.append(searched(rows, executor, seed=4))
        assert found[0].fit.trace == found[1].fit.trace
        assert np.array_equal(found[0].fit.counts, found[1].fit.counts)

    def test_giving_up_stops_the_work(self, executor: Executor) -> None:
        codes, _ = Truth.random(3, 12, 5, 9).draw(80_000, 9)
        rows, _ = distinct_rows((codes + 1).astype(np.uint8), np.full(12, 5), nothing)
        calls = iter(range(25))

        def check() -> None:
            if next(calls, None) is None:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            search_classes(
                rows,
                max_classes=6,
                restarts=2,
                seed=0,
                concentration=0.5,
                tolerance=1e-9,
                max_iterations=500,
                executor=executor,
                check=check,
                progress=nothing,
            )
