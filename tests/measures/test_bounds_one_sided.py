"""One-sided bounds from two halves: whatever they return is refused by the capital that the true distribution makes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from colprofile.counting.sampling import pair_cells
from colprofile.measures.bounds import betting, one_sided
from colprofile.measures.bounds.distributions import Distribution
from colprofile.measures.bounds.models import JointCells
from colprofile.measures.bounds.one_sided import (
    Population,
    information_lower_alone,
    information_upper,
    information_upper_alone,
    lowest_surprisal,
)


class Refusals:
    """Checks each call of ``surprisal_mean`` against the distribution of its groups that is set."""

    def __init__(self) -> None:
        self.distributions: list[np.ndarray] = []
        self.beyond_floor = 0

    def __call__(self, counts: np.ndarray, offsets: np.ndarray, floor: float, delta: float, **options: Any) -> float:
        found = betting.surprisal_mean(counts, offsets, floor, delta, **options)
        if options.get("multiplicities") is not None:
            return found
        groups = options.get("groups")
        index = np.arange(counts.size) if groups is None else groups
        size = int(index.max()) + 1
        [distribution] = [distribution for distribution in self.distributions if distribution.size == size]
        weights, caps = (np.ones(size) if options.get(name) is None else options[name] for name in ("weights", "caps"))
        figures = -np.log(distribution[index]) - offsets
        assert (distribution <= caps + 1e-12).all()
        assert figures.min() >= floor - 1e-9
        if found > floor and (weights * distribution).sum() <= 1 + 1e-12:
            sizes, level = betting.shares(float(counts.sum()), delta)
            capitals = [
                counts @ np.log(1 + share * (figures - found)) for share in sizes if share * (found - floor) < 1
            ]
            assert max(capitals) >= level - 1e-7
            self.beyond_floor += 1
        return found


@pytest.fixture
def refusals(monkeypatch: pytest.MonkeyPatch) -> Iterator[Refusals]:
    checks = Refusals()
    monkeypatch.setattr(one_sided, "surprisal_mean", checks)
    yield checks
    assert checks.beyond_floor > 20


def columns(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two columns from 1, 0 being NULL: few values or many, one dominant, near keys; NULL depends on the values."""
    rows = int(rng.choice([12, 60, 400, 2_000]))
    x = (rng.zipf(rng.uniform(1.2, 3), rows) - 1) % rng.integers(2, rows) + 1
    y = np.where(rng.random(rows) < rng.random(), (x - 1) // rng.integers(1, 5), rng.integers(0, 9, rows)) + 1
    if rng.random() < 0.5:
        x, y = np.where((y == 1) & (rng.random(rows) < 0.7), 0, x), np.where(rng.random(rows) < 0.2, 0, y)
    return x, y


def sampled(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> JointCells:
    rows = rng.choice(x.size, int(rng.integers(4, x.size)), replace=False)
    return pair_cells(x[rows], y[rows], int(x.max()) + 1, int(y.max()) + 1)


def joint(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Complete rows of each pair of values."""
    table = np.zeros((int(x.max()) + 1, int(y.max()) + 1))
    np.add.at(table, (x, y), (x > 0) & (y > 0))
    return table


def cases(count: int) -> Iterator[tuple[np.random.Generator, np.ndarray, np.ndarray, JointCells, np.ndarray, float]]:
    for seed in range(count):
        rng = np.random.default_rng(seed)
        x, y = columns(rng)
        cells = sampled(x, y, rng)
        if cells.first.sum() and cells.second.sum():
            yield rng, x, y, cells, joint(x, y), float(rng.choice([0.01, 0.2, 0.8]))


def test_surprisal_with_and_without_offsets(refusals: Refusals) -> None:
    for rng, _, _, cells, table, delta in cases(120):
        distribution = (table / table.sum())[cells.x, cells.y]
        whole = Population(int(table.sum()), int(table.sum()))
        enough = float(rng.choice([math.inf, rng.uniform(0, 4)]))
        for offsets in (np.zeros(distribution.size), rng.normal(0, 1, distribution.size)):
            refusals.distributions = [distribution]
            floor = -float(offsets.max())
            lowest_surprisal(cells.first, cells.second, offsets, None, None, floor, whole, delta, enough)


def test_an_upper_bound_of_information(refusals: Refusals) -> None:
    for rng, x, y, cells, table, delta in cases(160):
        nulls = int((x == 0).sum()), int((y == 0).sum())
        least = max(x.size - sum(nulls), int(cells.counts.sum()))
        distributions = [Distribution.of_counts(np.bincount(column[column > 0])) for column in (x, y)]
        refusals.distributions = [(table / table.sum())[cells.x, cells.y]]
        information_upper(
            cells,
            Population(least, x.size - max(nulls)),
            (distributions[0], distributions[1]),
            (x.size - min(nulls)) / least,
            delta,
            float(rng.choice([-math.inf, rng.uniform(0, 2)])),
        )


def test_bounds_of_information_from_the_sample_alone(refusals: Refusals) -> None:
    for seed, (_, _, _, cells, table, delta) in enumerate(cases(160)):
        whole = Population(int(table.sum()), int(table.sum()))
        rest = table.copy()
        np.subtract.at(rest, (cells.x, cells.y), cells.first)
        rest /= rest.sum()
        judged = cells.second > 0
        refusals.distributions = [rest[cells.x, cells.y][judged]]
        information_upper_alone(cells, whole, delta, seed)
        sides = [rest.sum(axis=0)[np.unique(cells.y[judged])], rest.sum(axis=1)[np.unique(cells.x[judged])]]
        if sides[0].size != sides[1].size:
            refusals.distributions = sides
            information_lower_alone(cells, whole, None, delta)
