"""exactness_bits against all arrangements: it never claims less probability than there is."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from colprofile.measures.exactness import exactness_bits


def probability(groups: list[int], values: list[int], parents: list[int]) -> float:
    """The share of the arrangements within parents whose values are constant within groups, one by one."""
    rows = range(len(groups))
    arrangements = [
        [values[place] for place in order]
        for order in itertools.permutations(rows)
        if all(parents[row] == parents[place] for row, place in zip(rows, order, strict=True))
    ]
    constant = [each for each in arrangements if len({*zip(groups, each, strict=True)}) == len({*groups})]
    return len(constant) / len(arrangements)


@pytest.mark.parametrize("seed", range(60))
def test_it_bounds_the_share_of_arrangements(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(2, 7))
    groups = rng.integers(0, rng.integers(1, rows + 1), rows)
    values = rng.integers(0, rng.integers(1, 4), rows)[groups]
    parents = rng.integers(0, 2, rows)[groups] if seed % 2 else np.zeros(rows, int)
    found = exactness_bits(groups, values, parents)
    true = -math.log2(probability(groups.tolist(), values.tolist(), parents.tolist()))
    assert 0 <= found <= true + 1e-9
    assert found == pytest.approx(exactness_bits(groups * 7 + 3, -values, parents), abs=1e-9)


@pytest.mark.parametrize(
    ("groups", "values"),
    [([], []), ([1, 2, 3], [5, 5, 6]), ([1, 1, 2, 2], [4, 4, 4, 4]), ([1, 1, 1], [2, 2, 2])],
    ids=["no rows", "nothing repeats", "one value", "one group"],
)
def test_nothing_is_proven_by(groups: list[int], values: list[int]) -> None:
    assert exactness_bits(groups, values) == 0.0


def test_pairs_among_many_different_values_are_no_chance() -> None:
    """15 pairs of equal left sides among 600, and each pair agrees about one of 585 values: 2^−202 at most."""
    groups = np.concatenate([np.repeat(np.arange(15), 2), np.arange(15, 585)])
    assert exactness_bits(groups, groups) > 200


def test_what_the_parent_explains_proves_nothing() -> None:
    parents = np.repeat([0, 1], 50)
    groups = np.arange(100) // 2
    assert exactness_bits(groups, parents, parents) == 0.0
    assert exactness_bits(groups, parents) > 40
