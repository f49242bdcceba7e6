"""Measurements are no keys and determine nothing; identifiers stay what they are; keys come by plausibility."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import colprofile
from colprofile.results.keys import keys
from colprofile.results.measurements import is_assigned, is_id_name, is_measurement, measurements

RNG = np.random.default_rng(3)
ROWS = 1_500

MEASURED: dict[str, Any] = {
    "height": RNG.normal(170, 10, ROWS),
    "price": np.round(RNG.lognormal(3, 1, ROWS), 2),
    "pop": (10 ** RNG.uniform(4, 9, ROWS)).astype(int),
    "income in hundreds": (RNG.lognormal(8, 1.2, ROWS)).astype(int) * 100,
    "area, some infinite": np.where(np.arange(ROWS) % 50 == 0, np.inf, RNG.lognormal(0, 1, ROWS)),
    "weight of few": np.round(RNG.normal(60, 3, ROWS), 1),
    "big decimals": [f"{value:.3f}" for value in RNG.lognormal(3, 1, ROWS)],
}

IDENTIFYING: dict[str, Any] = {
    "serial": np.arange(ROWS) + 1_000,
    "steps": RNG.permutation(ROWS) * 10,
    "shuffled": RNG.permutation(ROWS * 2)[:ROWS],
    "customer": RNG.integers(1, 600, ROWS),
    "sparse": RNG.choice(10**7, ROWS, replace=False),
    "skewed_id": (10 ** RNG.uniform(4, 9, ROWS)).astype(int),
    "zip": RNG.choice([*range(1_000, 99_000, 37)], ROWS),
    "rate": RNG.choice([0.07, 0.19, 0.0], ROWS),
    "epoch": 1_600_000_000 + np.arange(ROWS) * 3_600,
    "text": [f"A{value:05d}" for value in range(ROWS)],
    "flag": RNG.random(ROWS) < 0.5,
}


def frame_of(columns: dict[str, Any]) -> pd.DataFrame:
    """The columns behind a first one that says nothing: the first column may be an identifier for its place alone."""
    return pd.DataFrame({"first": np.arange(ROWS) % 7, **columns})


@pytest.mark.parametrize("name", list(MEASURED))
def test_measurements(name: str) -> None:
    column = colprofile.profile(frame_of({name: pd.to_numeric(MEASURED[name])}), pairs=False)[name]
    assert is_measurement(column)
    assert not is_assigned(column)


@pytest.mark.parametrize("name", list(IDENTIFYING))
def test_identifiers_and_categories(name: str) -> None:
    column = colprofile.profile(frame_of({name: IDENTIFYING[name]}), pairs=False)[name]
    assert not is_measurement(column)


def test_the_first_column_is_no_measurement_if_it_is_whole() -> None:
    frame = pd.DataFrame({"pop": MEASURED["pop"], "height": MEASURED["height"]})
    profile = colprofile.profile(frame, pairs=False)
    assert measurements(profile.columns) == {"height"}
    assert measurements(profile.columns[::-1]) == {"pop", "height"}


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("id", True), ("ID", True), ("order_id", True), ("orderId", True), ("orderID", True), ("customerid", True),
        ("Zip Code", True), ("passport number", True), ("no", True), ("number_of_rooms", False), ("humid", False),
        ("width", False), ("grid", False), ("", False), ("日本", False), ("body mass", False), ("uuid4", True),
    ],
)  # fmt: skip
def test_names_of_identifiers(name: str, is_one: bool) -> None:
    assert is_id_name(name) == is_one


class TestKeys:
    def test_a_composite_key_of_categories_and_no_unique_measurement(self) -> None:
        rows = [(f"country {c}", year) for c in range(100) for year in range(1952, 2008, 5)]
        frame = pd.DataFrame(rows, columns=["country", "year"])
        frame["pop"] = np.unique((10 ** RNG.uniform(4, 9, 2_000)).astype(int))[: len(frame)]
        frame["gdp"] = RNG.lognormal(8, 1, len(frame))
        profile = colprofile.profile(frame)
        assert profile["pop"].is_key and profile["gdp"].is_key
        assert [key.columns for key in keys(profile)] == [("country", "year")]
        (found,) = [finding for finding in profile.findings if finding.kind == "key"]
        assert found.columns == ("country", "year")
        audit = colprofile.audit(frame)
        assert audit.keys == (("country", "year"),)
        assert [finding.columns for finding in audit.of_kind("key")] == [("country", "year")]

    def test_the_time_is_the_key_of_a_time_series(self) -> None:
        frame = pd.DataFrame({"temperature": RNG.normal(size=900), "pressure": RNG.normal(1_000, 5, 900)})
        frame["time"] = pd.date_range("2024-01-01", periods=900, freq="h")
        assert [key.columns for key in keys(colprofile.profile(frame))] == [("time",)]
        assert colprofile.audit(frame).keys == (("time",),)

    def test_the_most_plausible_comes_first_and_becomes_the_primary_key(self) -> None:
        frame = pd.DataFrame(
            {
                "note": [f"{'x' * 60} {i}" for i in range(400)],
                "created": pd.date_range("2024-01-01", periods=400, freq="37min"),
                "ticket": [f"T-{i:04d}" for i in RNG.permutation(400)],
                "order_id": RNG.permutation(400) + 1_000,
            }
        )
        profile = colprofile.profile(frame)
        assert [key.columns for key in keys(profile)] == [("order_id",), ("ticket",), ("created",)]
        audit = colprofile.audit(frame)
        found = audit.of_kind("key")
        assert [finding.columns[0] for finding in found] == ["order_id", "ticket", "created"]
        actions = [finding.fix.action for finding in found if finding.fix is not None]
        assert actions == ["make order_id the primary key", "make ticket unique", "make created unique"]
        assert 'primary key ("order_id")' in audit.script()

    def test_a_unique_pair_that_chance_explains_is_no_key(self) -> None:
        frame = pd.DataFrame({"a": RNG.integers(0, 5_000, 60), "b": RNG.integers(0, 5_000, 60)})
        frame.loc[1, "a"], frame.loc[3, "b"] = frame.loc[0, "a"], frame.loc[2, "b"]
        assert keys(colprofile.profile(frame)) == ()

    def test_null_and_samples_make_no_key(self) -> None:
        frame = pd.DataFrame({"a": [*range(99), None], "b": [i % 10 for i in range(100)]})
        assert keys(colprofile.profile(frame)) == ()
        grid = pd.DataFrame([(i, j) for i in range(60) for j in range(60)], columns=["i", "j"])
        assert [key.columns for key in keys(colprofile.profile(grid))] == [("i", "j")]
        assert keys(colprofile.profile(grid, sample_rows=500)) == ()
