"""latent_classes() end to end: known mixtures, their redundancy and its bounds, NULLs, hostile tables, saving."""

from __future__ import annotations

import doctest
import itertools
import json
import math
import os
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import numpy as np
import pandas as pd
import pytest
from scipy.special import digamma

import colprofile
from colprofile.errors import ArgumentError, ResultError, SourceError, SourceNotFound
from colprofile.results.json_schema import result_schema, schema_path, schema_text
from tests.support.interruption import interrupt
from tests.support.mixtures import Truth, table_redundancy, urn_log_evidence
from tests.support.tables import every_type, flights, hostile_table

ROUNDING = 1e-9


def frame_of(codes: Any) -> pd.DataFrame:
    return pd.DataFrame({f"c{j}": [f"v{value}" for value in column] for j, column in enumerate(codes.T)})


@pytest.fixture(scope="module")
def truth() -> Truth:
    return Truth.random(4, 8, 5, seed=11)


@pytest.fixture(scope="module")
def of_four(truth: Truth) -> colprofile.LatentClasses:
    return colprofile.latent_classes(frame_of(truth.draw(20_000, 1)[0]))


@pytest.fixture(scope="module")
def of_flights() -> colprofile.LatentClasses:
    columns = ["month", "carrier", "origin", "dest", "distance", "air_time", "dep_delay", "arr_delay", "year"]
    return colprofile.latent_classes(flights(), columns=columns, restarts=1, max_classes=6)


class TestFourClasses:
    def test_it_finds_four(self, of_four: colprofile.LatentClasses, truth: Truth) -> None:
        assert len(of_four.classes) == 4
        assert [found.number for found in of_four.classes] == [1, 2, 3, 4]
        assert [found.share for found in of_four.classes] == pytest.approx(sorted(truth.shares)[::-1], abs=0.02)
        assert sum(found.rows for found in of_four.classes) == of_four.rows == 20_000
        assert of_four.is_converged
        assert of_four.notes == ()

    def test_its_redundancy_is_within_ten_per_cent_and_not_above(
        self, of_four: colprofile.LatentClasses, truth: Truth
    ) -> None:
        redundancy = truth.redundancy()
        for bound in (of_four.redundancy_bits, of_four.table_redundancy, of_four.distribution_redundancy):
            assert 0.9 * redundancy < bound
        assert of_four.distribution_redundancy <= redundancy
        assert of_four.distribution_redundancy < of_four.table_redundancy <= of_four.redundancy_bits

    def test_the_bounds_are_what_they_say(self, of_four: colprofile.LatentClasses, truth: Truth) -> None:
        codes = truth.draw(20_000, 1)[0]
        sizes = [np.unique(column).size for column in codes.T]
        ranked = np.stack([np.unique(column, return_inverse=True)[1] for column in codes.T], axis=1)
        evidence = urn_log_evidence(ranked.tolist(), sizes, 0.5) / math.log(2)
        assert of_four.independent_evidence == pytest.approx(evidence, rel=1e-12)
        assert of_four.redundancy_bits == pytest.approx((of_four.elbo - evidence) / 20_000, rel=1e-9)
        profile = colprofile.profile(frame_of(codes), pairs=False)
        apart = sum(column.entropy or 0.0 for column in profile.columns)
        assert of_four.marginal_bits == pytest.approx(apart, rel=1e-12)
        assert of_four.table_redundancy == pytest.approx(apart + of_four.elbo / 20_000, rel=1e-9)
        assert of_four.table_redundancy <= table_redundancy(list(map(tuple, codes.tolist())))
        assert of_four.joint_bits == pytest.approx(apart - of_four.table_redundancy)

    def test_the_trace_never_falls_and_ends_at_the_elbo(self, of_four: colprofile.LatentClasses) -> None:
        for before, after in itertools.pairwise(of_four.trace):
            assert after >= before - ROUNDING * abs(before)
        assert of_four.trace[-1] * of_four.rows == pytest.approx(of_four.elbo)
        chosen = {candidate.classes: candidate.elbo for candidate in of_four.candidates}
        assert max(chosen, key=lambda classes: chosen[classes]) == 4
        assert chosen[4] == pytest.approx(of_four.trace[-1], rel=1e-12)
        assert chosen[1] == pytest.approx(of_four.independent_evidence / of_four.rows)
        assert list(chosen) == list(range(1, 11))

    def test_what_is_typical_is_what_the_class_makes(self, of_four: colprofile.LatentClasses, truth: Truth) -> None:
        order = np.argsort(-truth.shares)
        for found, k in zip(of_four.classes, order, strict=True):
            assert found.typical
            for typical in found.typical:
                table = truth.tables[int(typical.column[1:])]
                value = int(str(typical.value)[1:])
                assert typical.kind == "value"
                assert typical.share == pytest.approx(table[k, value], abs=0.03)
                assert typical.table_share == pytest.approx(float(truth.shares @ table[:, value]), abs=0.02)
                assert typical.lift == pytest.approx(typical.share / typical.table_share)
                assert typical.bits == pytest.approx(typical.share * math.log2(typical.lift))
            bits = [typical.bits for typical in found.typical]
            assert bits == sorted(bits, reverse=True)

    def test_information_is_that_of_class_and_column(self, of_four: colprofile.LatentClasses, truth: Truth) -> None:
        for column, table in zip(of_four.columns, truth.tables, strict=True):
            within = sum(
                share * -np.sum(line[line > 0] * np.log2(line[line > 0]))
                for share, line in zip(truth.shares, table, strict=True)
            )
            whole = truth.shares @ table
            expected = -np.sum(whole[whole > 0] * np.log2(whole[whole > 0])) - within
            assert column.information == pytest.approx(float(expected), abs=0.05)
            assert column.information <= column.entropy

    def test_the_expected_rows_add_up(self, of_four: colprofile.LatentClasses) -> None:
        for number, column in enumerate(of_four.columns):
            sums = np.sum([found.counts[number] for found in of_four.classes], axis=0)
            assert sums == pytest.approx([category.rows for category in column.categories])

    def test_the_same_seed_gives_the_same_result(self, of_four: colprofile.LatentClasses, truth: Truth) -> None:
        again = colprofile.latent_classes(frame_of(truth.draw(20_000, 1)[0]), threads=1)
        assert (again.classes, again.trace, again.candidates) == (of_four.classes, of_four.trace, of_four.candidates)


def test_the_distributions_bound_holds_as_often_as_it_says() -> None:
    """100 tables of a mixture: the bound is above the truth at most as often as its confidence allows."""
    truth = Truth.random(3, 4, 3, seed=5)
    redundancy = truth.redundancy()
    confidence, misses, table_misses = 0.8, 0, 0
    bounds = []
    for seed in range(100):
        codes = truth.draw(1500, 100 + seed)[0]
        found = colprofile.latent_classes(
            frame_of(codes), max_classes=4, restarts=1, confidence=confidence, tolerance=1e-5, threads=1
        )
        bounds.append(found.distribution_redundancy)
        misses += found.distribution_redundancy > redundancy
        table_misses += found.table_redundancy > table_redundancy(list(map(tuple, codes.tolist()))) + 1e-9
    assert table_misses == 0
    # 20 misses are allowed on average; more than 33 in 100 would have a chance below 0.001.
    assert misses <= 33
    assert np.mean(bounds) > 0.5 * redundancy


def test_independent_columns_have_one_class_and_no_redundancy() -> None:
    codes = np.random.default_rng(0).integers(0, 4, (3000, 5))
    found = colprofile.latent_classes(frame_of(codes))
    assert len(found.classes) == 1
    assert found.redundancy_bits == found.table_redundancy == found.distribution_redundancy == 0.0
    assert found.classes[0].typical == ()
    assert found.classes[0].certainty == 1.0
    assert any("the distribution behind the rows is 0 bits" in note for note in found.notes)


class TestNulls:
    def frame(self) -> pd.DataFrame:
        """Two kinds of rows; a third of the cells of b and c is missing, always together."""
        generator = np.random.default_rng(2)
        kind = generator.integers(0, 2, 3000)
        a = np.where(generator.random(3000) < 0.9, kind, 1 - kind)
        b = np.where(generator.random(3000) < 0.9, kind, 1 - kind)
        is_missing = generator.random(3000) < 1 / 3
        text = [None if gone else f"b{value}" for value, gone in zip(b, is_missing, strict=True)]
        other = [None if gone else f"c{value}" for value, gone in zip(kind, is_missing, strict=True)]
        return pd.DataFrame({"a": [f"a{v}" for v in a], "b": text, "c": other, "d": [f"d{v}" for v in kind]})

    def test_missing_cells_are_left_out(self) -> None:
        frame = self.frame()
        found = colprofile.latent_classes(frame)
        assert len(found.classes) == 2
        assert [column.missing for column in found.columns] == [0, *2 * [int(frame["b"].isna().sum())], 0]
        assert not any(category.kind == "null" for column in found.columns for category in column.categories)
        rows = [tuple(row) for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False)]
        assert 1.0 < found.table_redundancy <= table_redundancy(rows) + 1e-9
        assert any("NULL cells are left out" in note for note in found.notes)

    def test_null_can_be_a_value(self) -> None:
        frame = self.frame()
        found = colprofile.latent_classes(frame, nulls="value")
        assert [column.missing for column in found.columns] == [0] * 4
        assert [column.categories[-1].kind for column in found.columns] == ["value", "null", "null", "value"]
        assert len(found.classes) > 2
        assert any(typical.kind == "null" for one in found.classes for typical in one.typical)
        rows = [tuple(row) for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False)]
        assert found.table_redundancy <= table_redundancy(rows) + 1e-9
        assert found.table_redundancy > colprofile.latent_classes(frame).table_redundancy + 0.5

    def test_a_column_of_nulls_is_left_out_with_its_reason(self) -> None:
        frame = pd.DataFrame({"a": ["x", "y"] * 20, "gone": pd.Series([None] * 40, dtype="str"), "one": ["k"] * 40})
        found = colprofile.latent_classes(frame)
        assert {column.name: column.reason for column in found.left_out} == {
            "gone": "every row is NULL",
            "one": "it has only one value",
        }
        with pytest.raises(SourceNotFound, match="column 'gone' was left out: every row is NULL"):
            found.column("gone")


class TestCategories:
    def test_ranges_are_the_equal_mass_bins(self) -> None:
        frame = pd.DataFrame({"x": np.arange(1000) ** 2, "y": ["p", "q"] * 500})
        column = colprofile.latent_classes(frame, bins=5).column("x")
        assert [(c.kind, c.low, c.high, c.rows, c.distinct) for c in column.categories] == [
            ("range", (200 * i) ** 2, (200 * i + 199) ** 2, 200, 200) for i in range(5)
        ]
        assert column.entropy == pytest.approx(math.log2(5))

    def test_neighbouring_ranges_are_joined(self) -> None:
        kind = np.arange(4000) % 2
        x = np.random.default_rng(0).uniform(0, 1, 4000) + kind
        frame = pd.DataFrame({"x": x, "kind": np.where(kind, "high", "low"), "again": np.where(kind, "H", "L")})
        found = colprofile.latent_classes(frame)
        assert len(found.classes) == 2
        for one in found.classes:
            (typical,) = (item for item in one.typical if item.column == "x")
            assert (typical.kind, round(typical.share, 2), round(typical.lift, 1)) == ("range", 1.0, 2.0)
            assert isinstance(typical.low, float) and isinstance(typical.high, float)
            assert typical.high - typical.low == pytest.approx(1, abs=0.01)

    def test_rare_values_are_one(self) -> None:
        values = [f"v{i}" for i in range(10) for _ in range(20 - i)] + [f"rare{i}" for i in range(5)]
        frame = pd.DataFrame({"x": values, "y": ["p"] * 100 + ["q"] * (len(values) - 100)})
        column = colprofile.latent_classes(frame, max_values=6).column("x")
        assert [category.value for category in column.categories[:-1]] == ["v0", "v1", "v2", "v3", "v4"]
        rest = column.categories[-1]
        assert (rest.kind, rest.rows, rest.distinct) == ("rest", len(values) - 90, 10)
        assert len(colprofile.latent_classes(frame, max_values=15).column("x").categories) == 15

    def test_keys_have_nothing_typical(self) -> None:
        frame = pd.DataFrame({"key": [f"k{i}" for i in range(200)], "a": ["x", "y"] * 100, "b": ["x", "y"] * 100})
        found = colprofile.latent_classes(frame)
        assert [(c.name, c.reason) for c in found.left_out] == [("key", "every value occurs only once")]
        assert len(found.classes) == 2


class TestFlights:
    def test_classes_of_flights(self, of_flights: colprofile.LatentClasses) -> None:
        assert of_flights.rows == 336_776
        assert [column.name for column in of_flights.left_out] == ["year"]
        assert sum(one.rows for one in of_flights.classes) == 336_776
        assert of_flights.table_redundancy > 4
        assert of_flights.distribution_redundancy > 4
        typical = of_flights.classes[0].typical[0]
        assert typical.lift > 1.5

    def test_the_joint_bits_are_above_what_chow_liu_cannot_beat(self, of_flights: colprofile.LatentClasses) -> None:
        """Both are bounds from the same side: −ELBO and the tree are at least the joint entropy of the categories."""
        assert of_flights.joint_bits < of_flights.marginal_bits
        lowest = max(column.entropy for column in of_flights.columns if not column.missing)
        assert of_flights.joint_bits > lowest

    def test_saving_and_loading(self, of_flights: colprofile.LatentClasses, tmp_path: Path) -> None:
        path = tmp_path / "latent.json"
        of_flights.save(path)
        assert colprofile.LatentClasses.load(path) == of_flights
        jsonschema.validate(json.loads(path.read_text()), result_schema("colprofile.latent_classes"))
        with pytest.raises(ResultError, match="latent_classes"):
            colprofile.Profile.load(path)

    def test_the_published_schema_is_up_to_date(self) -> None:
        name = "colprofile.latent_classes"
        assert schema_path(name).read_text("utf-8") == schema_text(name)

    def test_frames(self, of_flights: colprofile.LatentClasses) -> None:
        classes = of_flights.classes_frame()
        assert classes["rows"].sum() == 336_776
        assert classes.index.tolist() == [one.number for one in of_flights.classes]
        typical = of_flights.typical_frame()
        assert len(typical) == sum(len(one.typical) for one in of_flights.classes)
        assert typical.loc[typical["number"] == 1, "column"].iloc[0] == of_flights[1].typical[0].column
        columns = of_flights.columns_frame()
        assert columns.loc["dest", "information"] == of_flights.column("dest").information
        assert of_flights.candidates_frame()["redundancy_bits"].max() == pytest.approx(of_flights.redundancy_bits)
        with pytest.raises(SourceNotFound, match="numbered from 1 to"):
            of_flights[99]
        with pytest.raises(SourceNotFound, match="Did you mean 'dest'"):
            of_flights.column("dset")


class TestAnyTable:
    def test_every_type(self) -> None:
        with duckdb.connect() as connection:
            names = every_type(connection)
            found = colprofile.latent_classes(connection, "types", max_classes=3, restarts=1)
        seen = {column.name for column in found.columns} | {column.name for column in found.left_out}
        assert seen == set(names)
        assert colprofile.LatentClasses.__name__ in type(found).__name__
        json.dumps(found.to_dict(), allow_nan=False)

    def test_hostile_names(self) -> None:
        table = hostile_table()
        found = colprofile.latent_classes(table, max_classes=2, nulls="value")
        assert {column.name for column in found.columns} == set(table.column_names)

    def test_nothing_to_say(self) -> None:
        found = colprofile.latent_classes(pd.DataFrame({"a": [1, 1], "b": ["x", "x"]}))
        assert (len(found.classes), found.columns, found.redundancy_bits, found.rows) == (1, (), 0.0, 2)

    def test_one_row_and_one_column(self) -> None:
        assert len(colprofile.latent_classes(pd.DataFrame({"a": [1]})).classes) == 1
        found = colprofile.latent_classes(pd.DataFrame({"a": ["x", "y"] * 100}))
        assert (len(found.classes), found.table_redundancy) == (1, 0.0)

    def test_no_rows(self) -> None:
        with pytest.raises(SourceError, match="has no rows"):
            colprofile.latent_classes(pd.DataFrame({"a": pd.Series([], dtype="str")}))

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"max_classes": 0}, "max_classes=0 is not allowed: give a whole number from 1 to 64"),
            ({"max_classes": 2.5}, "max_classes=2.5"),
            ({"restarts": 0}, "restarts=0"),
            ({"seed": -1}, "seed=-1"),
            ({"bins": 1}, "bins=1"),
            ({"max_values": 255}, "max_values=255"),
            ({"concentration": 0}, "concentration=0 is not allowed: give a number between 0 and"),
            ({"confidence": 1.0}, "confidence=1.0"),
            ({"tolerance": True}, "tolerance=True"),
            ({"nulls": "keep"}, "nulls='keep'"),
        ],
    )
    def test_bad_options_are_refused(self, options: dict[str, Any], message: str) -> None:
        with pytest.raises(ArgumentError, match=message):
            colprofile.latent_classes(pd.DataFrame({"a": [1, 2]}), **options)

    def test_too_few_iterations_are_said(self, truth: Truth) -> None:
        codes = Truth.random(6, 6, 4, 3, 1.5).draw(60_000, 0)[0]
        found = colprofile.latent_classes(frame_of(codes), max_iterations=1, restarts=1, max_classes=5, tolerance=1e-12)
        assert not found.is_converged
        assert any("iterations that still gained" in note for note in found.notes)

    def test_more_classes_wanted_is_said(self, truth: Truth) -> None:
        found = colprofile.latent_classes(frame_of(truth.draw(5000, 3)[0]), max_classes=2)
        assert len(found.classes) == 2
        assert any("raise max_classes" in note for note in found.notes)


def test_ctrl_c_is_prompt() -> None:
    script = (
        "import numpy as np, pandas as pd, colprofile\n"
        "r = np.random.default_rng(0)\n"
        "frame = pd.DataFrame({f'c{j}': r.integers(0, 9, 200_000) for j in range(30)})\n"
        "colprofile.latent_classes(frame, max_classes=40, restarts=50)\n"
    )
    found = interrupt(script, after="trying classes on a sample", delay=0.1)
    assert found.seconds < 5
    assert found.returncode != 0
    assert found.stderr.strip().endswith("KeyboardInterrupt")


def test_it_runs_on_a_file(tmp_path: Path, truth: Truth) -> None:
    path = tmp_path / "rows.parquet"
    frame_of(truth.draw(2000, 4)[0]).to_parquet(path)
    found = colprofile.latent_classes(path, columns=["c1", "c0"], memory_limit="400MB")
    assert [column.name for column in found.columns] == ["c1", "c0"]
    assert found.provenance.source == os.fspath(path)
    assert not found.provenance.is_exact


class TestAssigning:
    def test_the_fitted_table_gets_its_own_classes(
        self, of_four: colprofile.LatentClasses, truth: Truth, tmp_path: Path
    ) -> None:
        codes, classes = truth.draw(20_000, 1)
        of_four.save(tmp_path / "latent.json")
        loaded = colprofile.LatentClasses.load(tmp_path / "latent.json")
        assigned = colprofile.assign_classes(loaded, frame_of(codes))
        assert assigned["class_number"].value_counts().to_dict() == {one.number: one.rows for one in of_four.classes}
        for one in of_four.classes:
            mean = assigned.loc[assigned["class_number"] == one.number, "probability"].mean()
            assert mean == pytest.approx(one.certainty)
        order = np.argsort(-truth.shares)
        expected = np.argsort(order)[classes] + 1
        assert (assigned["class_number"] == expected).mean() > 0.9

    def test_the_rows_bits_are_those_of_the_true_mixture(self, of_four: colprofile.LatentClasses, truth: Truth) -> None:
        codes, _ = truth.draw(2000, 77)
        assigned = colprofile.assign_classes(of_four, frame_of(codes))
        apart = sum(np.log2(truth.shares @ table)[codes[:, j]] for j, table in enumerate(truth.tables))
        exact = np.log2(truth.probability(codes)) - apart
        assert np.corrcoef(assigned["redundancy_bits"], exact)[0, 1] > 0.995

    def test_the_figures_are_a_slow_loops(self, of_four: colprofile.LatentClasses, truth: Truth) -> None:
        codes, _ = truth.draw(60, 78)
        assigned = colprofile.assign_classes(of_four, frame_of(codes))
        a = of_four.concentration
        for i, row in enumerate(codes):
            logits = [digamma(one.share * of_four.rows + a) for one in of_four.classes]
            logits = [x - digamma(of_four.rows + a * len(logits)) for x in logits]
            apart = 0.0
            for j, column in enumerate(of_four.columns):
                at = [category.value for category in column.categories].index(f"v{row[j]}")
                apart += math.log(column.categories[at].rows / of_four.rows)
                for k, one in enumerate(of_four.classes):
                    counts = one.counts[j]
                    logits[k] += digamma(counts[at] + a) - digamma(sum(counts) + a * len(counts))
            whole = math.log(sum(math.exp(x) for x in logits))
            assert assigned["redundancy_bits"][i] == pytest.approx((whole - apart) / math.log(2), abs=1e-9)
            assert assigned["probability"][i] == pytest.approx(math.exp(max(logits) - whole), abs=1e-9)
            assert assigned["class_number"][i] == 1 + int(np.argmax(logits))

    def test_ranges_rest_nulls_and_fresh_values(self) -> None:
        frame = pd.DataFrame(
            {
                "x": np.arange(400) / 4,
                "rare": [f"v{i % 90 if i % 2 else 0}" for i in range(400)],
                "side": ["low" if i < 200 else "high" for i in range(400)],
            }
        )
        found = colprofile.latent_classes(frame, bins=4, max_values=5, nulls="value")
        fresh = pd.DataFrame(
            {"x": [-5.0, 1e9, 49.6, None], "rare": ["new", None, "v0", "v0"], "side": ["low", "high", None, "never"]}
        )
        of_low = int(colprofile.assign_classes(found, frame)["class_number"].iloc[0])
        numbers = colprofile.assign_classes(found, fresh)["class_number"]
        assert numbers[0] == numbers[2] == of_low
        assert numbers[1] != of_low
        between = pd.DataFrame({"x": [49.8], "rare": ["v0"], "side": [None]}).astype({"side": "str"})
        assert colprofile.assign_classes(found, between)["class_number"].tolist() != [of_low]
        assert np.isfinite(colprofile.assign_classes(found, fresh)["redundancy_bits"]).all()

    def test_what_cannot_be_assigned_is_refused(self, of_four: colprofile.LatentClasses) -> None:
        with pytest.raises(SourceNotFound, match="no column 'c0'"):
            colprofile.assign_classes(of_four, pd.DataFrame({"other": [1]}))
        nothing = colprofile.latent_classes(pd.DataFrame({"a": [1, 1]}))
        with pytest.raises(ArgumentError, match="nothing to assign"):
            colprofile.assign_classes(nothing, pd.DataFrame({"a": [1]}))
        ranges = colprofile.latent_classes(pd.DataFrame({"x": np.arange(500) / 2, "y": np.arange(500) / 3}))
        with pytest.raises(ArgumentError, match="column 'x' is not numeric or temporal"):
            colprofile.assign_classes(ranges, pd.DataFrame({"x": ["a"], "y": [1.0]}))


def test_an_audits_ledger_shows_the_latent_classes_beside_the_tree(truth: Truth) -> None:
    frame = frame_of(truth.draw(5000, 8)[0])
    plain = colprofile.audit(frame, max_determinants=1)
    assert plain.ledger.latent_class_bits is None
    ledger = colprofile.audit(frame, max_determinants=1, latent_classes=True).ledger
    saved = colprofile.latent_classes(frame).table_redundancy
    assert ledger.latent_class_bits == pytest.approx(ledger.bits_apart - saved)
    assert ledger.latent_class_bits is not None and ledger.tree_bits is not None
    assert ledger.latent_class_bits < ledger.tree_bits
    assert "latent_class_bits" not in ledger.undefined
    with pytest.raises(ArgumentError, match="no rows to fit latent classes to"):
        colprofile.audit(colprofile.profile(frame), latent_classes=True)


def test_the_examples_of_the_documentation_run() -> None:
    path = Path(__file__).resolve().parents[2] / "docs" / "elbo.md"
    done = doctest.testfile(str(path), module_relative=False)
    assert done.attempted > 5
    assert done.failed == 0
