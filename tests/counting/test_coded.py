"""CodedTable: one pass in memory and spilled gives the same codes; pairs of all shapes equal DuckDB's own SQL."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from colprofile.counting.correlation import pearson_of_rows, standardised
from colprofile.counting.pairs import CodedCut, PairColumn, PairCount, count_pairs
from colprofile.measures.cuts import FINEST, equal_mass_bins
from tests.support.coded_tables import encoded


def table_of(rows: int, seed: int = 0) -> pa.Table:
    """Columns of every shape: constant, tiny, NULLs, key, near-key, many values, determined."""
    rng = np.random.default_rng(seed)
    many = rng.integers(0, rows // 3 + 1, rows)
    return pa.table(
        {
            "constant": np.ones(rows, np.int64),
            "tiny": rng.integers(0, 3, rows),
            "some": pa.array(rng.integers(0, 300, rows), mask=rng.random(rows) < 0.1),
            "key": rng.permutation(rows),
            "near_key": np.where(rng.random(rows) < 0.01, 0, np.arange(rows)),
            "many": many,
            "of_many": many % 97,
            "text": pa.array([f"value {v}" for v in many * 3 % 701], mask=rng.random(rows) < 0.5),
            "nothing": pa.nulls(rows, pa.int64()),
        }
    )


def test_codes_take_the_narrowest_type_and_decode() -> None:
    table = table_of(5000)
    with encoded(table) as coded:
        assert [codes.dtype.itemsize for codes in coded.codes] == [1, 1, 2, 2, 2, 2, 1, 2, 1]
        for column, codes, marginal in zip(table.columns, coded.codes, coded.marginals, strict=True):
            values = marginal.dictionary.values(np.arange(marginal.counts.size))
            assert [values[code - 1] if code else None for code in codes] == column.to_pylist()
            assert marginal.counts.tolist() == np.bincount(codes, minlength=marginal.counts.size + 1)[1:].tolist()


def test_codes_and_values_in_files_are_the_same_and_leave_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    table = table_of(5000)
    with encoded(table) as whole, encoded(table, memory_limit=20_000) as spilled:
        assert any(marginal.dictionary.scratch is not None for marginal in spilled.marginals)
        assert any(marginal.dictionary.scratch is None for marginal in spilled.marginals)
        for number, (first, second) in enumerate(zip(whole.codes, spilled.codes, strict=True)):
            assert first.dtype == second.dtype
            values, others = (
                [None, *coded.marginals[number].dictionary.values(np.arange(coded.marginals[number].counts.size))]
                for coded in (whole, spilled)
            )
            assert [values[code] for code in first] == [others[code] for code in second]
    assert list(tmp_path.iterdir()) == []


def test_no_batches() -> None:
    table = table_of(100).slice(0, 0)
    with encoded(table) as coded:
        assert coded.rows == 0
        assert [codes.size for codes in coded.codes] == [0] * table.num_columns


SUMS_SQL = """
with joint as (select x, y, count(*)::double as c from data where x is not null and y is not null group by all),
mx as (select x, sum(c) as n, max(c) as best, sum(c * c) as sq from joint group by x),
my as (select y, sum(c) as n, max(c) as best, sum(c * c) as sq from joint group by y)
select coalesce((select sum(n) from mx), 0), (select count(*) from mx), (select count(*) from my),
  (select count(*) from joint), coalesce((select sum(c * log2(c)) from joint), 0),
  coalesce((select sum(n * log2(n)) from mx), 0), coalesce((select sum(n * log2(n)) from my), 0),
  coalesce((select sum(sq / n) from mx), 0), coalesce((select sum(sq / n) from my), 0),
  coalesce((select sum(n * n) from mx), 0), coalesce((select sum(n * n) from my), 0),
  coalesce((select sum(best) from mx), 0), coalesce((select sum(best) from my), 0)
"""


@pytest.mark.parametrize("rows", [1, 50, 20_000])
def test_all_pairs_equal_duckdbs_sums(rows: int) -> None:
    table = table_of(rows)
    connection = duckdb.connect()
    connection.register("source", table)
    numbers = list(combinations(range(table.num_columns), 2))
    with encoded(table) as coded, ThreadPoolExecutor(2) as executor:
        columns = [
            PairColumn(codes, np.concatenate([[m.nulls], m.counts]))
            for codes, m in zip(coded.codes, coded.marginals, strict=True)
        ]
        counted = count_pairs(columns, numbers, executor=executor, progress=lambda done: None)
    for (x, y), found in zip(numbers, counted, strict=True):
        names = table.column_names
        select = f'"{names[x]}" as x, "{names[y]}" as y'
        connection.execute(f"create or replace temp view data as select {select} from source")
        expected = connection.execute(SUMS_SQL).fetchall()[0]
        sums = found.sums
        given = [getattr(sums, name) for name in sums.__dataclass_fields__]
        assert given == pytest.approx(expected, rel=1e-12, abs=1e-9), (names[x], names[y])


def test_a_failing_pair_stops_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise MemoryError("no more")

    monkeypatch.setattr("colprofile.counting.pairs.count_dense", fail)
    columns = [PairColumn(np.array([1, 2, 1], np.uint8), np.array([0, 2, 1])) for _ in range(20)]
    with ThreadPoolExecutor(2) as executor, pytest.raises(MemoryError, match="no more"):
        count_pairs(columns, list(combinations(range(20), 2)), executor=executor, progress=lambda done: None)


def test_pearson_equals_pandas_with_nulls_constants_and_huge_values() -> None:
    rng = np.random.default_rng(3)
    rows = 3000
    base = rng.normal(size=rows).round(2)
    table = pa.table(
        {
            "a": pa.array(base, mask=rng.random(rows) < 0.2),
            "b": pa.array(base * 2 + rng.normal(size=rows).round(1), mask=rng.random(rows) < 0.3),
            "huge": 1e300 * (base + rng.normal(size=rows).round(1)),
            "offset": 1e9 + rng.integers(0, 5, rows),
            "constant": np.full(rows, 7.0),
        }
    )
    numbers = list(combinations(range(table.num_columns), 2))
    r = np.ones((table.num_columns, table.num_columns))
    with encoded(table) as coded, ThreadPoolExecutor(2) as executor:
        columns = [
            PairColumn(codes, np.concatenate([[m.nulls], m.counts]), axis=standardised(m.dictionary.axis, m.counts))
            for codes, m in zip(coded.codes, coded.marginals, strict=True)
        ]
        counted = count_pairs(columns, numbers, executor=executor, progress=lambda done: None)
        for (x, y), found in zip(numbers, counted, strict=True):
            r[x, y] = r[y, x] = math.nan if found.pearson is None else found.pearson
            axis_x, axis_y = columns[x].axis, columns[y].axis
            assert axis_x is not None and axis_y is not None
            straight = pearson_of_rows(coded.codes[x], coded.codes[y], axis_x, axis_y)
            assert straight == pytest.approx(found.pearson, abs=1e-12)
    frame = table.to_pandas()
    frame["huge"] /= 1e300
    frame["offset"] -= 1e9
    expected = frame.corr().to_numpy(copy=True)
    np.fill_diagonal(expected, 1.0)
    np.testing.assert_allclose(r, expected, atol=1e-10)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("is_null_a_value", [False, True])
def test_dependence_is_the_same_folded_from_a_table_and_counted_from_rows(
    seed: int, is_null_a_value: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(seed)
    rows = 20_000  # tables of up to 10,000 cells are folded
    common = rng.random(rows)
    columns = []
    for width, is_cut in ((7, False), (40, True), (90, True), (200, True), (3, False), (1000, True)):
        noise = rng.random(rows) * rng.choice([0.1, 1, 10])
        codes = ((common + noise) / (1 + noise.max()) * width).astype(np.uint16)
        counts = np.bincount(codes, minlength=width).astype(np.int64)
        cut = None
        if is_cut:
            lookup = np.append(0, equal_mass_bins(np.cumsum(counts[1:]), counts[1:], FINEST) + 1)
            if is_null_a_value:
                codes, counts = np.where(codes == 0, width, codes), np.append(0, [*counts[1:], counts[0]])
                lookup = np.append(lookup, lookup.max() + 1)
            cut = CodedCut.of(codes.astype(np.uint16), counts, lookup, has_null_bin=is_null_a_value)
        columns.append(PairColumn(codes.astype(np.uint16), counts, cut))
    pairs = [*combinations(range(len(columns)), 2), (3, 1), (2, 0)]

    def count() -> list[PairCount]:
        with ThreadPoolExecutor(2) as executor:
            return count_pairs(columns, pairs, executor=executor, progress=lambda _: None)

    folded = count()
    monkeypatch.setattr("colprofile.counting.pairs._ROWS_PER_FOLDED_CELL", rows + 1)
    assert folded == count()
    assert any(pair.strength.bins_x or pair.strength.bins_y for pair in folded)
    for pair, twin in zip(folded[-2:], (folded[pairs.index((1, 3))], folded[pairs.index((0, 2))]), strict=True):
        assert pair == twin.exchanged()
