"""Upper bounds of a dependence from a sample: beside the exact figure, for columns of every kind, NULLs among them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest
from scipy import stats

from colprofile.counting.pairs import PairColumn, count_pairs
from colprofile.counting.sampling import pair_cells
from colprofile.counting.strength import finest_halving
from colprofile.measures.bounds.dependence import PairMarginals, SampledTable, bits_at, dependence_upper
from colprofile.measures.bounds.distributions import Distribution
from colprofile.measures.resolutions import coefficient

ROWS = 6_000


class Pair(NamedTuple):
    """Two columns as dependence sees them, and the dependence."""

    x: PairColumn
    y: PairColumn
    exact: float | None

    def upper(self, seed: int, size: int, delta: float, wanted: float = 0.0) -> float:
        rows = np.random.default_rng(seed).choice(self.x.codes.size, size, replace=False)
        cuts = []
        if self.x.cut is not None and self.y.cut is not None:
            cuts.append(self.table(rows, 0, 0, is_scaled=True))
        if (level := halving(self.x, self.y)) is not None:
            cuts.append(self.table(rows, level, None))
        if (level := halving(self.y, self.x)) is not None:
            cuts.append(self.table(rows, None, level))
        return dependence_upper(self.table(rows, None, None), cuts, delta, wanted)

    def table(self, rows: np.ndarray, level_x: int | None, level_y: int | None, **options: bool) -> SampledTable:
        codes, distributions, nulls = [], [], []
        for column, level in ((self.x, level_x), (self.y, level_y)):
            seen = column.codes.astype(np.int64)
            if level is not None:
                assert column.coded_cut is not None
                seen = column.coded_cut.rows_at(level)[0](slice(None)).astype(np.int64)
            counts = np.bincount(seen)
            codes.append(seen[rows])
            distributions.append(Distribution.of_counts(np.append(0, counts[1:])))
            nulls.append(int(counts[0]))
        known = PairMarginals.of(
            seen.size, (nulls[0], nulls[1]), (distributions[0], distributions[1]), int(np.all(codes, axis=0).sum())
        )
        widths = [distribution.shares.size for distribution in distributions]
        return SampledTable(partial(pair_cells, *codes, *widths), known, **options)


def halving(column: PairColumn, other: PairColumn) -> int | None:
    """Return the halving that dependence begins with beside another column as it is."""
    return None if column.cut is None else finest_halving(column.cut, other.width, column.codes.size)


def column_of(values: np.ndarray, is_ordered: bool) -> PairColumn:
    drawn, codes = np.unique(np.append(0, values), return_inverse=True)
    return PairColumn.of_ordered(codes[1:].astype(np.uint32), drawn.size - 1, is_ordered=is_ordered)


def pair_of(x: np.ndarray, y: np.ndarray, is_x_ordered: bool = False, is_y_ordered: bool = False) -> Pair:
    columns = column_of(x, is_x_ordered), column_of(y, is_y_ordered)
    with ThreadPoolExecutor(1) as executor:
        [found] = count_pairs(columns, [(0, 1)], executor=executor, progress=lambda done: None)
    return Pair(*columns, found.strength.value)


def near(rng: np.random.Generator, noise: float) -> tuple[np.ndarray, np.ndarray]:
    x = rng.integers(1, 13, ROWS)
    return x, np.where(rng.random(ROWS) < noise, rng.integers(1, 5, ROWS), (x + 2) // 3)


def ranks(values: np.ndarray) -> np.ndarray:
    return np.argsort(np.argsort(values)) + 1


def with_nulls(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """NULL is likelier where the values are large, and in different rows of the two."""
    is_small = y <= np.quantile(y, 0.25)
    return np.where(rng.random(ROWS) < 0.3 * x / x.max(), 0, x), np.where(is_small & (rng.random(ROWS) < 0.5), 0, y)


def made(kind: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, bool, bool]:
    """Return two columns of a kind, and whether each is ordered."""
    values = rng.normal(size=ROWS)
    noise = rng.normal(size=ROWS)
    few = rng.integers(1, 31, ROWS)
    match kind:
        case "few":
            return *near(rng, 0.3), False, False
        case "normal":
            return ranks(values), ranks(0.6 * values + 0.8 * noise), True, True
        case "normal, rounded":
            return (
                np.round(30 * values).astype(int) + 300,
                np.round(30 * (values + noise)).astype(int) + 300,
                True,
                True,
            )
        case "square":
            return ranks(values), np.round(9 * values**2 + noise).astype(int) + 9, True, True
        case "text by number":
            return few, ranks(few % 5 + 2 * noise), False, True
        case "times":
            hours = rng.integers(1, 2_001, ROWS)
            return hours, hours % 24 + 1, True, True
        case "near key":
            return rng.integers(1, 20 * ROWS, ROWS), few, False, False
        case "near keys":
            return rng.integers(1, 20 * ROWS, ROWS), rng.integers(1, ROWS, ROWS), True, False
        case "wide text":
            return rng.integers(1, 400, ROWS), rng.integers(1, 300, ROWS), False, False
        case "key":
            return np.arange(1, ROWS + 1), np.arange(ROWS) // 1_000 + few, True, False
        case _:
            return rng.integers(1, 400, ROWS), rng.integers(1, 40, ROWS), True, True


KINDS = (
    *("few", "normal", "normal, rounded", "square", "text by number", "times"),
    *("near key", "near keys", "wide text", "key", "independent"),
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("has_nulls", [False, True])
@pytest.mark.parametrize("size", [60, 1_500])
def test_the_exact_dependence_is_missed_no_more_often_than_promised(kind: str, has_nulls: bool, size: int) -> None:
    rng = np.random.default_rng([5, len(kind)])
    x, y, *is_ordered = made(kind, rng)
    pair = pair_of(*(with_nulls(x, y, rng) if has_nulls else (x, y)), *is_ordered)
    exact = pair.exact or 0.0
    delta, trials = 0.4, 40
    missed = np.zeros(2, int)
    for seed in range(trials):
        wanted = max(0.02, exact) * (0.5 + seed % 3 / 2)
        missed += [pair.upper(seed, size, delta, least) < exact - 1e-9 for least in (0.0, wanted)]
    assert (missed <= stats.binom.ppf(0.9999, trials, delta)).all()


def test_bounds_are_of_use() -> None:
    weak, strong = (pair_of(*near(np.random.default_rng(7), noise)) for noise in (1.0, 0.02))
    assert weak.exact == 0.0 and strong.exact is not None and strong.exact > 0.9
    assert weak.upper(1, 3_000, 0.01) < 0.25
    assert strong.exact <= strong.upper(1, 3_000, 0.01) < 1.0


@pytest.mark.parametrize("kind", ["near key", "near keys", "wide text"])
def test_columns_with_many_values_are_ruled_out(kind: str) -> None:
    """Though they share many bits: what chance explains of them is known."""
    x, y, *is_ordered = made(kind, np.random.default_rng(2))
    pair = pair_of(x, y, *is_ordered)
    assert pair.exact == 0.0 and pair.upper(1, 3_000, 0.01, 0.6) < 0.6


def test_a_bound_that_is_surely_below_what_is_wanted_is_not_pursued() -> None:
    """But it does fall below, however little is wanted: a pair whose bound stays at the threshold is never dropped."""
    x = np.repeat(np.arange(1, 9), 100_000)
    pair = pair_of(x, np.tile(np.arange(1, 3), 400_000))
    best = pair.upper(3, 300_000, 0.05)
    for wanted in (1.1 * best, 0.3):
        assert best <= pair.upper(3, 300_000, 0.05, wanted) < wanted - 1e-9


def test_what_the_marginals_tell_needs_no_sample() -> None:
    """A constant has no dependence, and a key none as it is, even if some of its rows are NULL."""
    numbers = np.arange(1, ROWS + 1)
    some = (numbers % 7) + 1
    for x in (numbers, np.ones(ROWS, np.int64), np.where(numbers % 3 == 0, 0, numbers)):
        pair = pair_of(x, some)
        assert not pair.exact and pair.upper(1, 10, 0.1) == 0.0
    cut = pair_of(numbers, numbers // 10 + 1, True, True)
    assert cut.exact is not None and cut.exact > 0.95 and cut.upper(1, 2_000, 0.1) >= cut.exact


def test_no_complete_row() -> None:
    numbers = np.arange(100)
    pair = pair_of(np.where(numbers < 97, 0, numbers % 2 + 5), np.where(numbers < 97, numbers % 3 + 1, 0))
    assert pair.exact is None and pair.upper(1, 50, 0.1) == 1.0


@pytest.mark.parametrize("smaller", [0.01, 1.0, 6.0, 40.0])
@pytest.mark.parametrize("is_scaled", [False, True])
def test_bits_at_a_dependence_show_it(smaller: float, is_scaled: bool) -> None:
    for wanted in (0.0, 0.001, 0.5, 0.99, 1.0):
        assert float(coefficient(bits_at(wanted, smaller, is_scaled), smaller, is_scaled)) == pytest.approx(wanted)
