"""Spearman's rank correlation of pairs, counted at every path, against scipy's over the complete rows."""

from __future__ import annotations

import datetime
import math
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import spearmanr

from colprofile.counting import pairs as counting
from colprofile.counting.coded import encode_table
from colprofile.counting.pairs import PairCount, count_pairs
from colprofile.sources.base import BaseKind, SourceColumn
from colprofile.verbs.profile.options import Nulls
from colprofile.verbs.profile.pair_columns import pair_column
from colprofile.verbs.profile.pairs import pair_profile

KINDS: dict[str, BaseKind] = {"moment": "temporal", "day": "temporal", "text": "text"}


def columns_of(rows: int, seed: int) -> dict[str, list[Any]]:
    """Columns that move together, apart and not at all, with ties, NULLs, keys, times; None is NULL."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=rows)

    def holed(values: Any, share: float) -> list[Any]:
        return [None if hole else value for value, hole in zip(values, rng.random(rows) < share, strict=True)]

    start, first = datetime.datetime(2020, 2, 28), datetime.date(1999, 12, 31)
    return {
        "few": np.clip(common.round(), -2, 2).astype(int).tolist(),
        "many": (common + rng.normal(size=rows)).round(2).tolist(),
        "holed": holed((-common).round(1).tolist(), 0.3),
        "key": (rng.permutation(rows) - rows // 2).tolist(),
        "sorted": np.sort(common).tolist(),
        "moment": holed([start + datetime.timedelta(hours=int(hours)) for hours in 100 * common], 0.1),
        "day": [first + datetime.timedelta(days=int(days)) for days in rng.integers(0, 40, rows)],
        "infinite": np.where(common > 1, math.inf, common.round(1)).tolist(),
        "unknown": np.where(common > 1, math.nan, common.round(1)).tolist(),
        "constant": [7] * rows,
        "nothing": [None] * rows,
        "text": [f"t{number:.0f}" for number in common],
    }


def expected(x: list[Any], y: list[Any]) -> float | None:
    complete = [(a, b) for a, b in zip(x, y, strict=True) if a is not None and b is not None]
    if len({a for a, _ in complete}) < 2 or len({b for _, b in complete}) < 2:
        return None
    # scipy ranks numbers: the place of each value among the values has the same ranks.
    places = [{value: place for place, value in enumerate(sorted({row[i] for row in complete}))} for i in (0, 1)]
    return float(spearmanr(*([place[row[i]] for row in complete] for i, place in enumerate(places))).statistic)


def count_all(columns: dict[str, list[Any]], nulls: Nulls) -> list[tuple[str, str, PairCount, PairCount]]:
    """Count all pairs, in both orders of the columns."""
    types = {"nothing": pa.float64()}
    table = pa.table({name: pa.array(values, types.get(name)) for name, values in columns.items()})
    names = table.column_names
    numbers = list(combinations(range(len(names)), 2))
    with (
        ThreadPoolExecutor(2) as executor,
        encode_table(
            iter(table.to_batches()),
            table.schema,
            executor=executor,
            memory_limit=10**10,
            progress=lambda rows: None,
        ) as coded,
    ):
        prepared = [
            pair_column(codes, marginal, SourceColumn(name, "", KINDS.get(name, "numeric"), name), nulls)
            for name, codes, marginal in zip(names, coded.codes, coded.marginals, strict=True)
        ]
        both = [*numbers, *((y, x) for x, y in numbers)]
        found = count_pairs(prepared, both, executor=executor, progress=lambda done: None)
    return [(names[x], names[y], found[i], found[i + len(numbers)]) for i, (x, y) in enumerate(numbers)]


@pytest.mark.parametrize("nulls", ["ignore", "value"])
@pytest.mark.parametrize("rows", [2, 5, 400, 3000])
@pytest.mark.parametrize("is_dense", [True, False])
def test_equals_scipy_at_every_path(rows: int, nulls: Nulls, is_dense: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not is_dense:
        monkeypatch.setattr(counting, "_DENSE_CELLS", 0)
        monkeypatch.setattr(counting, "_DENSE_CELLS_MOST", 0)
    columns = columns_of(rows, seed=rows)
    unranked = {"text", "unknown"} if any(math.isnan(value) for value in columns["unknown"]) else {"text"}
    defined = 0
    for x, y, pair, twin in count_all(columns, nulls):
        wanted = None if {x, y} & unranked else expected(columns[x], columns[y])
        assert pair.spearman == (None if wanted is None else pytest.approx(wanted, abs=1e-12)), (x, y)
        assert twin.spearman == (None if wanted is None else pytest.approx(wanted, abs=1e-12)), (y, x)
        defined += wanted is not None
    assert defined >= (1 if rows == 2 else 15)


def test_a_monotone_function_has_one_and_a_falling_one_minus_one() -> None:
    values = np.random.default_rng(1).normal(size=500).round(1)
    columns = {"x": values.tolist(), "up": np.exp(values).tolist(), "down": (-(values**3)).tolist()}
    found = {(x, y): pair.spearman for x, y, pair, _ in count_all(columns, "ignore")}
    assert found == {
        ("x", "up"): pytest.approx(1.0, abs=1e-12),
        ("x", "down"): pytest.approx(-1.0, abs=1e-12),
        ("up", "down"): pytest.approx(-1.0, abs=1e-12),
    }


def test_what_is_undefined_says_why() -> None:
    columns = columns_of(400, seed=3)
    kinds = {name: SourceColumn(name, "", KINDS.get(name, "numeric"), name) for name in columns}
    for x, y, pair, _ in count_all(columns, "ignore"):
        profile = pair_profile(kinds[x], kinds[y], pair)
        if "nothing" in (x, y):
            assert profile.undefined["spearman"] == "no row has a value in both columns"
        elif "text" in (x, y):
            assert profile.undefined["spearman"] == "a column is neither numeric nor temporal"
        elif "unknown" in (x, y) or "constant" in (x, y):
            assert "constant over the pair's rows" in profile.undefined["spearman"]
            assert "NaN" in profile.undefined["spearman"]
        else:
            assert profile.spearman is not None and "spearman" not in profile.undefined
