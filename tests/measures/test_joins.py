"""Bounds of join sizes: never on the wrong side, and reached by some tables, so that none could be closer."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from collections.abc import Callable, Hashable, Sequence

import pytest

from colprofile.errors import ArgumentError
from colprofile.measures import (
    Fingerprint,
    chain_lower_bound,
    chain_upper_bound,
    degree_norm,
    fewest_shared,
    fingerprint,
    join_lower_bound,
    join_size,
    join_upper_bound,
)

Column = Sequence[int | None]
NOTHING = fingerprint([])


def of(column: Column) -> Fingerprint:
    return fingerprint(list(Counter(value for value in column if value is not None).values()))


def shared(one: Column, other: Column) -> int:
    return len((set(one) & set(other)) - {None})


def slow_join(one: Column, other: Column) -> int:
    """Rows of a join, pair by pair."""
    return sum(a is not None and a == b for a in one for b in other)


def slow_chain(first: Column, middle: Sequence[tuple[int | None, int | None]], last: Column) -> int:
    """Rows of a chain of three, row by row of the middle table."""
    return sum(first.count(x) * last.count(y) for x, y in middle if x is not None and y is not None)


def random_column(rng: random.Random) -> list[int | None]:
    """A column of few rows: empty, unique, skewed, full of ties or of NULL."""
    rows, values = rng.choice([0, 1, 2, 5, 8, 12]), rng.choice([1, 2, 3, 6, 20])
    base, power, nulls = rng.choice([0, 0, 3, 100]), rng.choice([0.5, 1, 3]), rng.choice([0, 0, 0.3, 0.9])
    drawn = [base + int(values * rng.random() ** power) for _ in range(rows)]
    if rng.random() < 0.2:
        drawn = list(dict.fromkeys(drawn))
    return [None if rng.random() < nulls else value for value in drawn]


@pytest.mark.parametrize("seed", range(10))
def test_no_bound_lies_on_the_wrong_side_of_random_tables(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(100):
        r, t, x, y = (random_column(rng) for _ in range(4))
        middle = list(itertools.zip_longest(x, y))
        rng.shuffle(middle)
        x, y = [pair[0] for pair in middle], [pair[1] for pair in middle]
        both = slow_join(r, x)
        assert join_lower_bound(of(r), of(x), shared=shared(r, x)) <= both <= join_upper_bound(of(r), of(x))
        assert both <= join_upper_bound(of(r), of(x), most_shared=shared(r, x)) <= join_upper_bound(of(r), of(x))
        star = slow_chain(r, [(value, value) for value in x], t)
        most, as_chain = join_upper_bound(of(r), of(x), of(t)), chain_upper_bound(of(r), (of(x), of(x)), of(t))
        known = shared(r, x), shared(x, t)
        assert star <= most <= as_chain
        assert chain_lower_bound(of(r), (of(x), of(x)), of(t), rows=len(x), shared=known) <= star
        chain = slow_chain(r, middle, t)
        known = shared(r, x), shared(y, t)
        assert chain_lower_bound(of(r), (of(x), of(y)), of(t), rows=len(middle), shared=known) <= chain
        assert chain <= chain_upper_bound(of(r), (of(x), of(y)), of(t))


def arrangements(degrees: Sequence[int], values: int) -> list[tuple[int, ...]]:
    """Every way of giving the degrees to values, of which some may get none."""
    room = max(values, len(degrees))
    return sorted(set(itertools.permutations([*degrees, *[0] * (room - len(degrees))])))


DEGREES = [(), (1,), (2, 2), (3, 1), (2, 1, 1), (3, 2, 1)]


@pytest.mark.parametrize("one", DEGREES)
@pytest.mark.parametrize("other", DEGREES)
def test_bounds_of_two_tables_are_reached(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    room = len(one) + len(other)
    fixed = [*other, *[0] * (room - len(other))]
    sizes: dict[int, list[int]] = {}
    for given in arrangements(one, room):
        number = sum(a > 0 and b > 0 for a, b in zip(given, fixed, strict=True))
        sizes.setdefault(number, []).append(join_size(given, fixed) if room else 0)
    assert max(max(found) for found in sizes.values()) == join_upper_bound(fingerprint(one), fingerprint(other))
    for number in range(min(len(one), len(other)) + 1):
        least = min(size for many, found in sizes.items() if many >= number for size in found)
        assert join_lower_bound(fingerprint(one), fingerprint(other), shared=number) == least
        most = max(size for many, found in sizes.items() if many <= number for size in found)
        assert join_upper_bound(fingerprint(one), fingerprint(other), most_shared=number) == most


@pytest.mark.parametrize(
    ("r", "x", "y", "t", "rows"),
    [
        ((2, 1), (2, 1), (1, 1, 1), (3, 1, 1), 3),
        ((4, 1), (3, 1), (2, 2), (1, 5), 4),
        ((1, 1), (2, 2), (3, 1), (2, 1), 4),
        ((3, 2), (2, 1), (2,), (4, 1), 4),  # one row has no x, two have no y
        ((2,), (1, 1), (2, 1), (1, 3), 3),
    ],
)
def test_bounds_of_a_chain_are_reached(
    r: tuple[int, ...], x: tuple[int, ...], y: tuple[int, ...], t: tuple[int, ...], rows: int
) -> None:
    """Over every way of giving R's and T's degrees to values, and of pairing x with y in the rows of S."""
    xs = [number for number, many in enumerate(x) for _ in range(many)]
    ys = [number for number, many in enumerate(y) for _ in range(many)]
    padded: list[int | None] = [*ys, *[None] * (rows - len(ys))]
    paired = set(itertools.permutations(padded))
    on_x, on_y = arrangements(r, len(r) + len(x)), arrangements(t, len(t) + len(y))
    sizes: dict[tuple[int, int], list[int]] = {}
    for a in {given[: len(x)] for given in on_x}:
        for b in {given[: len(y)] for given in on_y}:
            known = sum(map(bool, a)), sum(map(bool, b))
            for order in paired:
                rows_of_s = itertools.zip_longest(xs, order)
                size = sum(a[i] * b[j] for i, j in rows_of_s if i is not None and j is not None)
                sizes.setdefault(known, []).append(size)
    middle = fingerprint(x), fingerprint(y)
    assert chain_upper_bound(fingerprint(r), middle, fingerprint(t)) == max(max(found) for found in sizes.values())
    for shared_x, shared_y in itertools.product(range(min(len(r), len(x)) + 1), range(min(len(t), len(y)) + 1)):
        least = min(min(found) for (of_x, of_y), found in sizes.items() if of_x >= shared_x and of_y >= shared_y)
        found = chain_lower_bound(fingerprint(r), middle, fingerprint(t), rows=rows, shared=(shared_x, shared_y))
        assert found == least


@pytest.mark.parametrize("p", [1, 1.5, 2, 3, 10, math.inf])
def test_norms_never_bound_closer_than_the_arrangement(p: float) -> None:
    rng = random.Random(7)
    q = math.inf if p == 1 else 1.0 if p == math.inf else p / (p - 1)
    for _ in range(50):
        one, other = of(random_column(rng)), of(random_column(rng))
        assert join_upper_bound(one, other) <= degree_norm(one, p) * degree_norm(other, q) * (1 + 1e-12)


def test_norms_are_those_of_the_counts() -> None:
    counts = [5, 1, 1, 2]
    assert degree_norm(fingerprint(counts), 1) == 9
    assert degree_norm(fingerprint(counts), 3) == pytest.approx(sum(count**3 for count in counts) ** (1 / 3))
    assert degree_norm(fingerprint([10**12, 10**12]), 400) == pytest.approx(10**12 * 2 ** (1 / 400))
    assert degree_norm(NOTHING, 2) == 0.0


def test_a_foreign_key_leaves_nothing_open() -> None:
    """Each of its rows finds one row: both bounds are its rows, without one exact count."""
    key, referring = fingerprint([1] * 50), fingerprint([7, 7, 1, 30])
    assert join_upper_bound(key, referring) == join_lower_bound(key, referring, shared=4) == 45


def test_sizes_beyond_64_bits_are_exact() -> None:
    many = ([2**40], [2**10])
    assert join_upper_bound(many, many, many) == 2**130
    assert chain_upper_bound(many, (many, many), many) == 2**130
    assert chain_lower_bound(many, (many, many), many, rows=2**50, shared=(2**10, 2**10)) == 2**130
    assert join_size([2**52], [2**52], [2**52]) == 2**156


def test_empty_columns_join_to_nothing() -> None:
    assert join_upper_bound(NOTHING, NOTHING) == join_lower_bound(NOTHING, NOTHING) == 0
    assert join_upper_bound(fingerprint([3]), NOTHING) == 0
    assert chain_upper_bound(fingerprint([3]), (NOTHING, fingerprint([2])), fingerprint([1])) == 0
    assert chain_lower_bound(NOTHING, (NOTHING, NOTHING), NOTHING, rows=0) == 0
    assert join_size([], []) == 0


@pytest.mark.parametrize("seed", range(5))
def test_whole_numbers_must_share_what_does_not_fit_beside_each_other(seed: int) -> None:
    rng = random.Random(seed)
    hits = 0
    for _ in range(200):
        columns: list[set[Hashable]] = []
        ranges = []
        for _ in range(rng.choice([2, 2, 3])):
            low = rng.randrange(4)
            high = low + rng.randrange(8)
            drawn = {low, high} | {value for value in range(low, high) if rng.random() < 0.8}
            columns.append(set(drawn))
            ranges.append((low, high))
        least = fewest_shared([len(each) for each in columns], [low for low, _ in ranges], [high for _, high in ranges])
        assert least <= len(set.intersection(*columns))
        hits += least > 0
    assert hits > 20
    assert fewest_shared([], [], []) == fewest_shared([0, 5], [0, 1], [0, 5]) == 0
    assert fewest_shared([5, 5], [1, 1], [5, 5]) == 5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: join_size([1]), "1 arrays of counts given: a join needs one for each of two tables or more"),
        (lambda: join_size([1], [1, 2]), "counts of 1 and of 2 values given"),
        (lambda: join_upper_bound(([1], [1])), "1 fingerprints given"),
        (lambda: join_upper_bound(([1], [1]), ([1], [1]), most_shared=-1), "most_shared is -1: give a number"),
        (lambda: join_lower_bound(([1], [1]), ([1], [2]), shared=2), "columns of 1 and 2 values share at most 1"),
        (lambda: join_lower_bound(([1], [1]), ([1], [2]), shared=0.5), "shared is 0.5: give a number"),  # type: ignore[arg-type]
        (
            lambda: chain_lower_bound(([1], [1]), (([1], [2]), ([1], [1])), ([1], [1]), rows=1),
            "rows is 1: the middle table has at least 2 rows",
        ),
        (lambda: degree_norm(([1], [1]), 0.5), "p is 0.5: give a number of at least 1"),
        (lambda: fewest_shared([1], [1, 2], [3]), "1 numbers of values, 2 lows, 1 highs given"),
    ],
)
def test_errors_say_what_to_give(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ArgumentError) as raised:
        call()
    assert message in str(raised.value)
