"""drift of random parts of flights, where nothing has drifted: the same or noise, with p-values spread evenly."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import duckdb
import numpy as np
import pytest

import colprofile
from colprofile.counting.coded import CodedTable, encode_table
from colprofile.counting.kernels import count_codes
from colprofile.counting.marginal import Marginal
from colprofile.results.column import ColumnProfile
from colprofile.results.drift import ColumnDrift
from colprofile.results.profile import Profile
from colprofile.sources.open import open_source
from colprofile.verbs.profile.columns import column_histogram
from tests.support.tables import flights_with_times


@pytest.fixture(scope="module")
def flights() -> duckdb.DuckDBPyConnection:
    return flights_with_times()


class Shuffled:
    """Flights as codes, from which profiles of random rows are made without reading them again."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.source = open_source(connection, "flights")
        self.executor = ThreadPoolExecutor(2)
        schema, batches = self.source.batches(self.source.columns)
        self.table: CodedTable = encode_table(
            batches,
            schema,
            executor=self.executor,
            memory_limit=1 << 33,
            progress=lambda rows: None,
        )
        self.whole = colprofile.profile(connection, "flights", pairs=False)

    def counts(self, rows: np.ndarray) -> list[np.ndarray]:
        """Each column's rows by code, of these rows."""
        return list(self.executor.map(lambda k: self._counts(k, rows), range(len(self.source.columns))))

    def _counts(self, k: int, rows: np.ndarray) -> np.ndarray:
        counts = np.zeros(self.table.marginals[k].counts.size + 1, np.int64)
        count_codes(self.table.codes[k][rows], counts)
        return counts

    def profile(self, counted: list[np.ndarray], like: Profile | None = None) -> Profile:
        numbers = range(len(counted))
        columns = tuple(self.executor.map(lambda k: self._column(k, counted[k], like), numbers))
        return replace(self.whole, rows=int(counted[0].sum()), columns=columns)

    def _column(self, k: int, counts: np.ndarray, like: Profile | None) -> ColumnProfile:
        marginal = self.table.marginals[k]
        part = Marginal(int(counts[0]), counts[1:], marginal.dictionary)
        histogram = None if like is None else like.columns[k].histogram
        size = int(counts.sum())
        sizes, numbers = part.fingerprint
        return replace(
            self.whole.columns[k],
            rows=size,
            nulls=part.nulls,
            distinct=part.distinct,
            fingerprint=tuple(zip(sizes.tolist(), numbers.tolist(), strict=True)),
            histogram=column_histogram(part, size, histogram, is_compared=like is not None),
        )


@pytest.fixture(scope="module")
def shuffled(flights: duckdb.DuckDBPyConnection) -> Shuffled:
    return Shuffled(flights)


def compared_parts(
    shuffled: Shuffled, seeds: int, share: float, of: float = 1.0, *, apart: bool = False
) -> list[ColumnDrift]:
    """Every column of random parts: ``share`` of the rows against the rest, of a sample of ``of`` of all rows."""
    found: list[ColumnDrift] = []
    all_rows = shuffled.counts(np.ones(shuffled.table.rows, bool))
    for seed in range(seeds):
        random = np.random.default_rng(seed)
        draw = random.random(shuffled.table.rows)
        counts = shuffled.counts(draw < share * of)
        rest = all_rows if of == 1 else shuffled.counts(draw < of)
        stale = shuffled.profile(counts)
        others = [every - part for every, part in zip(rest, counts, strict=True)]
        fresh = shuffled.profile(others, None if apart else stale)
        # tolerance 0 hands every difference to the tests
        found += colprofile.drift(stale, fresh, tolerance=0).columns
    return found


@pytest.fixture(scope="module")
def random_halves(shuffled: Shuffled) -> list[ColumnDrift]:
    """Every column of 100 random halves."""
    return compared_parts(shuffled, 100, 0.5)


def test_random_halves_of_flights_are_the_same_or_noise(random_halves: list[ColumnDrift]) -> None:
    assert len(random_halves) == 100 * 19
    assert sum(found.verdict not in ("same", "noise") for found in random_halves) <= 0.05 * len(random_halves)


@pytest.mark.parametrize(
    ("share", "of", "apart"),
    [(0.02, 1.0, False), (0.9, 1.0, False), (0.5, 0.01, False), (0.3, 0.05, True), (0.5, 1.0, True)],
    ids=["small stale", "small fresh", "both small", "bins apart", "halves, bins apart"],
)
def test_other_random_parts_are_the_same_or_noise(shuffled: Shuffled, share: float, of: float, apart: bool) -> None:
    found = compared_parts(shuffled, 15, share, of, apart=apart)
    assert sum(column.verdict not in ("same", "noise") for column in found) <= 0.05 * len(found)


@pytest.mark.parametrize("name", ["flight", "tailnum", "time_hour", "dest", "dep_time", "carrier"])
def test_p_values_are_spread_evenly_where_nothing_drifted(random_halves: list[ColumnDrift], name: str) -> None:
    """Neither too small (false alarms) nor all near 1 (a test that cannot fail)."""
    values = np.array([found.p_value for found in random_halves if found.name == name], float)
    assert (values < 0.05).mean() <= 0.09  # 5 %, and two standard errors of 100
    assert (values < 0.5).mean() >= 0.15
