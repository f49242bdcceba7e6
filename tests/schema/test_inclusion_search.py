"""The search for inclusions finds what sets of values say, and weighs them as they deserve."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colprofile.counting.sorted_hashes import count_missing, is_in
from colprofile.results.column import Quantile
from colprofile.verbs.schema.evidence import Signs, against_bits, evidence_bits, reach_bits
from colprofile.verbs.schema.inclusion_search import Included, included_columns, most_orphans
from tests.support.inclusion_columns import column_of

words = st.lists(st.integers(0, 60), max_size=40, unique=True).map(lambda found: np.array(sorted(found), np.uint64))


@given(words, words, st.integers(0, 40))
def test_missing_hashes_are_those_of_sets(
    some: npt.NDArray[np.uint64], others: npt.NDArray[np.uint64], most: int
) -> None:
    missing = len(set(some.tolist()) - set(others.tolist()))
    assert count_missing(some, others) == missing
    assert count_missing(some, others, most) == min(missing, most + 1)
    assert np.count_nonzero(~is_in(some, others)) == missing


def random_columns(seed: int) -> list[list[Any]]:
    """Columns of numbers and texts, many of them parts of others, with and without a few strangers."""
    draw = random.Random(seed)
    pools: list[list[Any]] = [
        list(range(1, 400)),
        draw.sample(range(10**6), 300),
        [f"{draw.getrandbits(40):x}" for _ in range(300)],
        [str(number) for number in range(1, 200)],
    ]
    columns = []
    for _ in range(30):
        pool = draw.choice(pools)
        chosen = draw.sample(pool, draw.choice([3, 20, 150, len(pool)]))
        strangers = draw.choice([0, 0, 1, len(chosen) // 8])
        texts = isinstance(chosen[0], str)
        chosen += [f"none {n}" if texts else -n - 1 for n in range(strangers)]
        columns.append(chosen)
    return columns


@pytest.mark.parametrize("seed", range(4))
def test_included_columns_are_those_of_sets(seed: int) -> None:
    values = random_columns(seed)
    columns = [column_of("t", f"c{number}", own) for number, own in enumerate(values)]
    sets = [{str(value) for value in own} for own in values]
    near, exact = set(), set()
    for column, own in enumerate(sets):
        for target, others in enumerate(sets):
            if column != target:
                orphans = len(own - others)
                if orphans <= most_orphans(len(own)):
                    near.add(Included(column, target, orphans))
                if not orphans:
                    exact.add(Included(column, target, 0))
    found = set(included_columns(columns, lambda _, places: np.full(places.size, 10**6)))
    # A near-inclusion is refuted by chance once in 800; none of these is.
    assert found == near
    assert set(included_columns(columns, lambda _, places: np.zeros(places.size, np.int64))) == exact
    assert not set(included_columns(columns, lambda _, places: np.full(places.size, -1)))


@pytest.mark.parametrize("seed", range(2))
def test_signs_of_many_columns_are_those_of_each(seed: int) -> None:
    columns = [column_of("t", f"c{number}", own) for number, own in enumerate(random_columns(seed))]
    signs, every = Signs(columns), np.arange(len(columns))
    for target, other in enumerate(columns):
        bits = [evidence_bits(column, other) for column in columns]
        assert signs.bits(target, every).tolist() == pytest.approx(bits, rel=1e-6, abs=1e-3)
        reach = [reach_bits(column, other) for column in columns]
        assert signs.reach(target, every).tolist() == pytest.approx(reach)


def test_evidence_depends_on_what_a_column_could_hold() -> None:
    key = column_of("artist", "id", list(range(1, 276)))
    quantity = column_of("line", "quantity", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    reference = column_of("album", "artist", [1, 17, 100, 250, 275])
    assert evidence_bits(quantity, key) == evidence_bits(reference, key) == 0
    assert against_bits(quantity, key) > 50 > against_bits(reference, key)
    assert reach_bits(reference, key) == pytest.approx(8.1, abs=0.1) and reach_bits(quantity, key) < 0.1
    orders = column_of("orders", "id", list(range(10_248, 11_078)))
    lines = column_of("lines", "of", [10_250, 10_800, 11_000])
    assert evidence_bits(lines, orders) == pytest.approx(3 * math.log2(11_000 / 753), abs=0.1)
    codes = column_of("country", "code", [f"C{n}X" for n in range(200)])
    assert evidence_bits(column_of("town", "in", ["C5X", "C70X", "C199X"]), codes) > 16
    assert evidence_bits(column_of("town", "in", [7, 9]), column_of("x", "y", list("123456789"))) == 0


def test_one_large_stranger_makes_no_evidence_of_small_numbers() -> None:
    key = column_of("key", "id", list(range(1, 101)))
    quantity = column_of("line", "quantity", [*range(1, 21), 99_999])
    profile = replace(quantity.profile, quantiles=(Quantile(0.95, 19),))
    assert evidence_bits(quantity, key, 1) > 100
    assert evidence_bits(replace(quantity, profile=profile), key, 1) == 0


def test_doubles_as_far_apart_as_they_can_be_are_no_error() -> None:
    texts, key = column_of("a", "x", ["-1", "0.5", "1"]), column_of("b", "y", ["0.5", "1.5"])
    profile = replace(texts.profile, kind="numeric", type="DOUBLE", minimum=-1e308, maximum=1e308)
    far = replace(texts, profile=profile)
    assert Signs([far, key]).bits(1, np.array([0])) == evidence_bits(far, key)
    assert math.isfinite(evidence_bits(far, key, 1))
