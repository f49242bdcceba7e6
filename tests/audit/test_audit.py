"""audit() of made-up tables: every kind of finding, NULL, profiles, results, hostile names, interruption."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import duckdb
import numpy as np
import pandas as pd
import pytest

import colprofile
from colprofile.errors import ArgumentError, ResultError, SourceNotFound
from colprofile.report.audit import summary
from colprofile.results.audit import Audit, Finding
from colprofile.results.audit_kinds import KINDS, RedundancyKind
from colprofile.results.quality import QUALITY_KINDS
from colprofile.results.search import SearchedLevel
from colprofile.verbs.audit.search import FROM_PROFILE
from colprofile.verbs.profile.bounded_pairs import bounded_pairs, pairs_in_order
from tests.support.tables import every_type


def one(frame: pd.DataFrame, *kinds: str, **options: Any) -> Finding:
    """The only finding of some kinds."""
    found: tuple[Finding, ...] = colprofile.audit(frame, **options).of_kind(*kinds)
    assert len(found) == 1, [finding.statement for finding in found]
    return found[0]


class TestKinds:
    rng = np.random.default_rng(1)
    x = rng.integers(0, 40, 500)

    def test_empty_and_constant(self) -> None:
        frame = pd.DataFrame({"x": self.x, "none": pd.Series([None] * 500, dtype=object), "same": ["a"] * 500})
        found = colprofile.audit(frame)
        assert found.finding("none").kind == "empty"
        assert found.finding("same").statement == "same is a in every row."

    def test_duplicate(self) -> None:
        found = one(pd.DataFrame({"x": self.x, "copy": self.x}), "duplicate", "bijection", "computed")
        assert (found.kind, found.columns, found.targets) == ("duplicate", ("x",), ("copy",))
        assert found.evidence.is_exact

    def test_duplicate_after_a_cast_keeps_the_number(self) -> None:
        found = one(pd.DataFrame({"label": self.x.astype(str), "x": self.x}), "duplicate", "bijection")
        assert (found.columns, found.targets) == (("x",), ("label",))
        assert found.statement == "label repeats x in every row, after a cast."

    def test_a_duplicate_of_a_key(self) -> None:
        frame = pd.DataFrame({"id": range(300), "again": range(300), "x": self.x[:300]})
        assert one(frame, "duplicate").targets == ("again",)

    def test_one_row_that_differs_is_no_duplicate(self) -> None:
        again = self.x.copy()
        again[17] = 99
        found = colprofile.audit(pd.DataFrame({"x": self.x, "again": again}))
        assert found.of_kind("duplicate") == ()
        assert found.finding("x", "again").evidence.violating_rows == 1

    @pytest.mark.parametrize(
        ("make", "expression"),
        [
            (lambda x: 3 * x + 7, "3·x + 7"),
            (lambda x: -x, "- x"),
            (lambda x: 100 - 2 * x, "- 2·x + 100"),
            (lambda x: x * 0.5, "0.5·x"),
            (lambda x: x * 1.609344, "1.609344·x"),
            (lambda x: x * 1.8 + 32, "1.8·x + 32"),
            (lambda x: x // 10, "x // 10"),
            (lambda x: x % 7, "x % 7"),
        ],
    )
    def test_computed(self, make: Any, expression: str) -> None:
        found = one(pd.DataFrame({"x": self.x, "y": make(self.x)}), "computed", "bijection", "dependency")
        assert (found.kind, found.columns, found.targets) == ("computed", ("x",), ("y",))
        assert found.expression == expression

    def test_a_sum_of_numbers_that_are_all_different(self) -> None:
        net, tax = np.round(np.random.default_rng(2).lognormal(5, 2, (2, 500)), 4)
        frame = pd.DataFrame({"id": range(500), "net": net, "tax": tax, "gross": net + tax, "again": net})
        audit = colprofile.audit(frame)
        assert audit.finding(("net", "tax"), "gross").expression == "net + tax"
        assert audit.finding("net", "again").kind == "duplicate"

    @pytest.mark.parametrize("part", ["year", "month", "day", "hour", "minute", "dow"])
    def test_parts_of_a_date(self, part: str) -> None:
        connection = duckdb.connect()
        connection.execute(
            f"create table t as select moment, extract({part} from moment)::int as y from (select timestamp "
            "'2020-01-31' + to_minutes((hash(i) % 2000000)::int) as moment from range(400) r(i))"
        )
        assert one_of(connection, "computed").expression == f"{part} of moment"

    def test_the_date_of_a_timestamp(self) -> None:
        connection = duckdb.connect()
        connection.execute(
            "create table t as select moment, moment::date as day from (select timestamp '2020-01-31' + "
            "to_minutes((hash(i) % 90000)::int) as moment from range(2000) r(i))"
        )
        assert one_of(connection, "computed").expression == "date of moment"

    def test_bijection(self) -> None:
        names = np.array([f"n{value * 7919 % 101}" for value in range(40)])
        found = one(pd.DataFrame({"code": self.x, "label": names[self.x]}), "bijection", "dependency")
        assert (found.kind, found.columns, found.targets) == ("bijection", ("code",), ("label",))

    def test_missing_where_another_is(self) -> None:
        rng = np.random.default_rng(2)
        gone = rng.random(500) < 0.2
        a = np.where(gone, np.nan, rng.integers(0, 9, 500))
        b = np.where(gone | (rng.random(500) < 0.1), np.nan, rng.integers(0, 9, 500))
        frame = pd.DataFrame({"a": a, "b": b, "cancelled": gone})
        found = colprofile.audit(frame).of_kind("missingness")
        assert {finding.columns + finding.targets for finding in found} == {("a", "b"), ("a", "cancelled")}
        assert "cancelled is true where a is NULL, and false elsewhere." in [finding.statement for finding in found]

    def test_a_composite_key_is_minimal(self) -> None:
        frame = pd.DataFrame([(i, j, (i * 5 + j) % 4) for i in range(30) for j in range(20)], columns=["i", "j", "k"])
        found = colprofile.audit(frame)
        assert found.keys == (("i", "j"),)
        assert [finding.columns for finding in found.of_kind("key")] == [("i", "j")]

    def test_a_unique_combination_that_chance_explains_is_no_finding(self) -> None:
        rng = np.random.default_rng(3)
        frame = pd.DataFrame({"a": rng.integers(0, 10**5, 60), "b": rng.integers(0, 10**5, 60)})
        frame.loc[0, "a"] = frame.loc[1, "a"]
        frame.loc[2, "b"] = frame.loc[3, "b"]
        found = colprofile.audit(frame)
        assert found.keys == (("a", "b"),)
        assert found.of_kind("key") == ()

    def test_group(self) -> None:
        rng = np.random.default_rng(4)
        base = rng.integers(0, 6, 2_000)
        frame = pd.DataFrame(
            {name: np.where(rng.random(2_000) < 0.12, rng.integers(0, 6, 2_000), base) for name in ("a", "b", "c")}
        )
        frame["apart"] = rng.integers(0, 6, 2_000)
        assert sorted(one(frame, "group").columns) == ["a", "b", "c"]


def one_of(connection: duckdb.DuckDBPyConnection, *kinds: str) -> Finding:
    found = colprofile.audit(connection, "t").of_kind(*kinds)
    assert len(found) == 1, [finding.statement for finding in found]
    return found[0]


class TestNulls:
    def test_a_dependency_is_over_the_rows_without_null(self) -> None:
        x = np.tile(np.arange(20), 30).astype(float)
        y = x % 4
        y[:15] = np.nan
        frame = pd.DataFrame({"x": x, "y": y})
        ignored, counted = colprofile.audit(frame), colprofile.audit(frame, nulls="value")
        assert ignored.determined_by("x") == ("y",)
        assert counted.determined_by("x") == ()
        assert counted.finding("x", "y").evidence.violating_rows == 15
        assert any("none of its columns is NULL" in note for note in ignored.notes)
        assert any("NULL is counted as a value" in note for note in counted.notes)

    def test_nothing_is_dropped_that_would_be_lost(self) -> None:
        x = np.tile(np.arange(20), 30).astype(float)
        y = x * 3 % 11
        y[:15] = np.nan
        found = colprofile.audit(pd.DataFrame({"x": x, "y": y})).finding("x", "y")
        assert found.fix is None
        assert "NULL" in found.undefined["fix"]

    def test_a_key_holds_no_null(self) -> None:
        values: list[float | None] = [*range(99), None]
        found = colprofile.audit(pd.DataFrame({"x": values, "y": [i % 3 for i in range(100)]}))
        assert found.keys == ()


class TestOfProfile:
    def test_columns_and_pairs_are_judged(self, flights_audit: Audit, flights_profile: colprofile.Profile) -> None:
        found = colprofile.audit(flights_profile)
        assert found.notes[0] == FROM_PROFILE
        assert found.finding("tailnum", "carrier").evidence.violating_rows == 203
        assert found.finding("time_hour", "month").kind == "dependency"
        assert found.ledger.bits_apart == pytest.approx(flights_audit.ledger.bits_apart)
        assert found.ledger.redundant_bits == pytest.approx(flights_audit.ledger.redundant_bits)
        assert found.dependencies == () and found.scripts == {}
        assert found.edges == flights_audit.edges

    def test_pairs_are_needed(self) -> None:
        with pytest.raises(ArgumentError, match="made without pairs"):
            colprofile.audit(colprofile.profile(pd.DataFrame({"a": [1]}), pairs=False))

    def test_a_sample_is_refused(self) -> None:
        frame = pd.DataFrame({"a": np.arange(5_000) % 70, "b": np.arange(5_000) % 7})
        with pytest.raises(ArgumentError, match="of a sample"):
            colprofile.audit(colprofile.profile(frame, sample_rows=500))

    def test_reading_options_are_refused(self) -> None:
        with pytest.raises(ArgumentError, match="already counted"):
            colprofile.audit(colprofile.profile(pd.DataFrame({"a": [1]})), columns=["a"])


class TestResult:
    def test_json_and_back(self, flights_audit: Audit, tmp_path: Path) -> None:
        flights_audit.save(tmp_path / "audit.json")
        assert Audit.load(tmp_path / "audit.json") == flights_audit
        with pytest.raises(ResultError, match=r"colprofile\.audit"):
            colprofile.Profile.load(tmp_path / "audit.json")

    def test_it_follows_the_published_schema(self, flights_audit: Audit, zip_codes_audit: Audit) -> None:
        import jsonschema

        from colprofile.results.json_schema import schema_path, schema_text

        published = schema_path("colprofile.audit").read_text("utf-8")
        assert published == schema_text("colprofile.audit"), "run python -m colprofile.results.json_schema"
        for found in (flights_audit, zip_codes_audit):
            jsonschema.validate(json.loads(found.to_json()), json.loads(published))

    def test_frames(self, flights_audit: Audit) -> None:
        frame = flights_audit.findings_frame()
        assert len(frame) == len(flights_audit.findings)
        row = frame[frame["columns"] == ("origin", "dest")].iloc[0]
        assert (row["kind"], row["evidence_violating_rows"]) == ("near", 95)
        dependencies = flights_audit.dependencies_frame()
        assert list(dependencies.columns) == ["columns", "target", "is_by_key", "is_finding"]
        assert len(dependencies) == len(flights_audit.dependencies)

    def test_unknown_names(self, flights_audit: Audit) -> None:
        with pytest.raises(SourceNotFound, match="Did you mean 'tailnum'"):
            flights_audit.finding("tailnumm")
        with pytest.raises(ArgumentError, match=r"'nearr' is not a kind of finding\. Did you mean 'near'"):
            flights_audit.of_kind("nearr")
        with pytest.raises(ArgumentError, match="no script for 'oracle'"):
            flights_audit.script("oracle")

    def test_every_kind_is_explained(self) -> None:
        assert set(Finding.__annotations__) >= {"kind", "evidence", "fix"}
        assert set(KINDS) == set(get_args(RedundancyKind)) | set(QUALITY_KINDS) - {"missing_together"}


class TestHostile:
    def test_every_type(self) -> None:
        connection = duckdb.connect()
        names = every_type(connection)
        found = colprofile.audit(connection, "types")
        assert len(found.columns) + len(found.skipped) == len(names)
        json.loads(found.to_json())

    @pytest.mark.parametrize(("rows", "kinds"), [(0, []), (1, []), (2, ["duplicate", "key"])])
    def test_small_tables(self, rows: int, kinds: list[str]) -> None:
        found = colprofile.audit(pd.DataFrame({"a": range(rows), "b": range(rows)}))
        assert found.rows == rows
        assert [finding.kind for finding in found.findings if finding.kind not in ("constant", "empty")] == kinds

    def test_names_that_break_things(self) -> None:
        names = [
            '"',
            "a\nb",
            "<script>alert(1)</script>",
            "select",
            "x" * 10_000,
            "'; drop table t; --",
            "$check$",
            "%s",
        ]
        values = {name: np.arange(200) % (5 + i) for i, name in enumerate(names)}
        values["copy of " + names[0]] = values[names[0]]
        found = colprofile.audit(pd.DataFrame(values))
        assert found.of_kind("duplicate")[0].targets == ('copy of "',)
        assert all(len(finding.statement) < 2_000 for finding in found.findings)

    def test_columns_with_the_same_name(self) -> None:
        frame = pd.DataFrame(np.arange(300).reshape(100, 3) % 7, columns=["a", "a", "b"])
        found = colprofile.audit(frame)
        assert [column.name for column in found.columns] == ["a", "a", "b"]

    def test_names_that_differ_in_case_alone(self) -> None:
        x = np.arange(400) % 23
        found = colprofile.audit(pd.DataFrame({"a": x, "A": x}))
        assert found.of_kind("duplicate")[0].targets == ("A",)
        assert "differ only in case" in found.script("duckdb")
        assert "create table" in found.script("postgresql")

    def test_arguments(self) -> None:
        with pytest.raises(ArgumentError, match="1, 2 or 3"):
            colprofile.audit(pd.DataFrame({"a": [1]}), max_determinants=4)
        with pytest.raises(ArgumentError, match=r"max_error=0\.5 is not allowed: give a share"):
            colprofile.audit(pd.DataFrame({"a": [1]}), max_error=0.5)

    def test_more_rows_may_break_a_rule_of_several_columns_when_asked(self) -> None:
        rng = np.random.default_rng(6)
        a, b = rng.integers(0, 12, (2, 4_000))
        y = (a * 5 + b * 7 + a * b) % 13
        y[rng.choice(4_000, 120, replace=False)] = 20
        frame = pd.DataFrame({"a": a, "b": b, "y": y})
        assert colprofile.audit(frame).of_kind("near") == ()
        found = colprofile.audit(frame, max_error=0.05).finding(("a", "b"), "y")
        assert (found.kind, found.evidence.violating_rows) == ("near", 120)


class TestBounds:
    """A search that would take long ends early, and says what it left out."""

    def frame(self) -> pd.DataFrame:
        rng = np.random.default_rng(5)
        frame = pd.DataFrame(rng.integers(0, 5, (150, 30)), columns=[f"c{j}" for j in range(30)])
        return frame.assign(c29=frame["c0"], c28=(frame["c1"] + frame["c2"]) % 5)

    def test_work_ends_it_in_the_same_place_every_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("colprofile.verbs.audit.search.MOST_STEPS", 1_000_000.0)
        found = colprofile.audit(self.frame(), threads=1)
        assert found.of_kind("duplicate")[0].columns == ("c0",)
        assert found.finding(("c1", "c28"), "c2").kind == "dependency"
        assert (found.search.ended_by, found.search.is_complete) == ("work", False)
        assert (found.search.exact_determinants, found.search.near_determinants) == (3, 2)
        near = found.search.levels[-1]
        assert (near.kind, near.determinants, near.combinations) == ("near", 3, 3654)
        assert 0 < near.looked_at < 3654
        assert any("as all of it would take long" in note for note in found.notes)
        again = colprofile.audit(self.frame(), threads=3)
        assert (again.search, again.findings, again.dependencies) == (found.search, found.findings, found.dependencies)

    def test_seconds_end_it_before_the_first_pair(self) -> None:
        found = colprofile.audit(self.frame(), max_seconds=1e-9)
        assert (found.search.ended_by, found.search.exact_determinants) == ("time", 0)
        assert found.search.levels[0] == SearchedLevel("pairs", 1, 435, 0)
        assert all(level.looked_at == 0 for level in found.search.levels)
        (note,) = (note for note in found.notes if "--max-seconds" in note)
        assert note.startswith("The search ended when its time was up") and "no threes of columns on the left" in note

    @pytest.mark.parametrize("seconds", [None, 600])
    def test_too_many_pairs_are_left_out_not_refused(self, seconds: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("colprofile.verbs.profile.session.MOST_PAIRS", 36)
        rng = np.random.default_rng(5)
        frame = pd.DataFrame(rng.integers(0, 5, (150, 9)), columns=[f"c{j}" for j in range(9)])
        frame = frame.assign(wide=rng.integers(0, 90, 150), again=frame["c0"], constant=1)
        found = colprofile.audit(frame, max_determinants=1, max_seconds=seconds)
        assert found.search.levels[0] == SearchedLevel("pairs", 1, 66, 36)
        assert (found.search.ended_by, found.search.is_complete) == ("work", False)
        pairs = {name for each in found.dependences for name in (each.x, each.y)}
        assert "wide" not in pairs and "constant" not in pairs
        (note,) = (note for note in found.notes if note.startswith("The search ended"))
        assert "36 of 66 pairs, those of the columns with the fewest values" in note
        assert summary.warnings(found)[0].sentence == note
        assert colprofile.audit(frame, max_determinants=1, columns=["c0", "again"]).search.is_complete

    def test_pairs_leave_half_of_the_time_to_the_search(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now = 0.0
        monkeypatch.setattr("colprofile.verbs.profile.bounded_pairs.time", SimpleNamespace(monotonic=lambda: now))
        sizes: list[int] = []

        def count(pairs: Any, begun: int = 0, total: int | None = None) -> Any:
            nonlocal now
            assert (begun, total) == (sum(sizes), 4950)
            sizes.append(len(pairs))
            now += len(pairs) / 100
            return list(pairs)

        found: list[Any] = bounded_pairs(range(2, 102), 10_000, 40.0, count)
        assert sizes[0] == 64 and max(sizes) > 64 and sizes[-1] == 8
        assert found == sorted(found) and 3900 < len(found) == sum(sizes) < 4100
        assert set(found) == set(islice(pairs_in_order(range(2, 102)), len(found)))

    def test_seconds_replace_the_bound_of_work(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("colprofile.verbs.audit.search.MOST_STEPS", 1.0)
        found = colprofile.audit(self.frame().iloc[:, :6], max_seconds=600)
        assert (found.search.is_complete, found.search.ended_by) == (True, None)
        assert all(level.is_complete for level in found.search.levels)

    @pytest.mark.parametrize("seconds", [0, -1, float("nan")])
    def test_seconds_that_are_none(self, seconds: float) -> None:
        with pytest.raises(colprofile.ArgumentError, match="give seconds above 0"):
            colprofile.audit(self.frame(), max_seconds=seconds)

    def test_a_sum_among_more_than_sixty_columns(self) -> None:
        """Amounts of money hardly repeat: no search for dependencies finds their sum."""
        rng = np.random.default_rng(7)
        frame = pd.DataFrame(rng.integers(0, 10**6, (120, 61)), columns=[f"c{j}" for j in range(61)])
        frame["total"] = frame["c3"] + frame["c41"]
        found = colprofile.audit(frame, max_determinants=2)
        assert found.finding(("c3", "c41"), "total").expression == "c3 + c41"
        assert any(level.kind == "arithmetic" and level.combinations == 1891 for level in found.search.levels)


def test_a_key_holds_no_null_even_where_null_is_a_value() -> None:
    """Every row has another value, but a primary key must not be NULL."""
    frame = pd.DataFrame({"a": [1, 2, 3, None, 5, 6, 7, 8], "b": [1, 1, 2, 2, 3, 3, 4, 4], "c": [1, 2] * 4})
    assert colprofile.audit(frame, nulls="value").keys == (("b", "c"),)


class TestInterruption:
    def test_partial_keeps_what_was_found(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Ctrl-C comes while near dependencies are searched: the exact ones are there, and it says that it stopped."""
        from colprofile.counting.dependencies.near import NearSearch

        def interrupted(search: NearSearch, determinants: int) -> None:
            if determinants == 2:
                os.kill(os.getpid(), signal.SIGINT)
                assert search.workers.stop.wait(10)
            original(search, determinants)

        original = NearSearch.search
        monkeypatch.setattr(NearSearch, "search", interrupted)
        assert threading.current_thread() is threading.main_thread()
        x = np.arange(600) % 30
        frame = pd.DataFrame({"x": x, "y": x * 7 % 13, "z": np.arange(600) % 7})
        found = colprofile.audit(frame, partial=True)
        assert (found.search.is_complete, found.search.ended_by) == (False, "interrupt")
        assert found.determined_by("x") == ("y",)
        assert found.finding("x", "y").kind == "dependency"
        assert any("Interrupted" in note for note in found.notes)

    def test_without_partial_it_is_an_interruption(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from colprofile.counting.dependencies.near import NearSearch

        def interrupted(search: NearSearch, determinants: int) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            for _ in range(500):
                time.sleep(0.02)
                search.workers.progress("x", 0, 1)
            raise AssertionError("nobody stopped it")

        monkeypatch.setattr(NearSearch, "search", interrupted)
        with pytest.raises(KeyboardInterrupt):
            colprofile.audit(pd.DataFrame({"x": [1, 2, 2], "y": [1, 2, 3]}))


def test_importing_the_verb_loads_nothing_heavy() -> None:
    code = "import colprofile.verbs.audit.api, sys; print(*{'numba', 'pandas', 'scipy', 'networkx'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
