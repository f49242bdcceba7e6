"""A profile's findings and the audit agree on which columns determine which: one place decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import sklearn.datasets
import statsmodels.datasets

import colprofile
from colprofile.measures import thresholds
from colprofile.report.profile.findings import sentence
from colprofile.results.audit import Audit
from colprofile.results.measurements import measurements
from colprofile.results.profile import Profile
from tests.support.audited_tables import MESSY_TABLES, random_table

Direction = tuple[str, str]
EXACT = ("duplicate", "computed", "bijection", "dependency")


def of_profile(profile: Profile) -> tuple[set[Direction], set[Direction]]:
    """The exact and the near dependencies among a profile's findings, mutual ones in both directions."""
    exact: set[Direction] = set()
    near: set[Direction] = set()
    for finding in profile.findings:
        for found in finding.dependencies:
            (exact if finding.kind == "exact" else near).add((found.source, found.target))
            if found.is_one_to_one:
                exact.add((found.target, found.source))
    return exact, near


def of_audit(audit: Audit) -> tuple[set[Direction], set[Direction]]:
    """The audit's findings on one column that determines another by their figures, mutual ones in both directions."""
    # That a lookup would save little, and is yet no chance, only the rows show.
    singles = [f for f in audit.findings if len(f.columns) == 1 and "would save little" not in f.statement]
    exact = {(f.columns[0], y) for f in singles for y in f.targets if f.kind in ("bijection", "dependency")}
    exact |= {(f.targets[0], f.columns[0]) for f in singles if f.kind == "bijection"}
    return exact, {(f.columns[0], f.targets[0]) for f in singles if f.kind == "near"}


def reached(audit: Audit, column: str, kinds: Iterable[str]) -> set[str]:
    """The columns to which the audit's findings lead from one column, step by step, and by way of equivalent ones."""
    found, size = {column}, 0
    while len(found) > size:
        size = len(found)
        for finding in audit.of_kind(*EXACT, "near"):
            if finding.kind in kinds and found.issuperset(finding.columns):
                found.update(finding.targets)
            # A code with variants of its label is one finding: the label determines the code in every row.
            back = finding.targets[0]
            if back in found and set(finding.columns) <= set(audit.determined_by(back)):
                found.update(finding.columns)
        for name in sorted(found):
            found.update(other for other in audit.determined_by(name) if name in audit.determined_by(other))
    return found


def check(source: Any, table: str | None = None) -> tuple[set[Direction], set[Direction]]:
    """Compare both verbs on one table, and return what the profile finds."""
    return compare(colprofile.profile(source, table), colprofile.audit(source, table), source, table)


def compare(
    profile: Profile, audit: Audit, source: Any, table: str | None = None
) -> tuple[set[Direction], set[Direction]]:
    """Compare what both verbs found in one table, and return what the profile finds."""
    exact, near = of_profile(profile)
    for x, y in exact:
        assert y in reached(audit, x, EXACT), f"the audit does not find {x} → {y}"
    for x, y in near:
        assert y in reached(audit, x, [*EXACT, "near"]), f"the audit does not find {x} → {y} nearly"
    for x, y in [*sorted(exact)[:2], *sorted(near)[:2]]:
        evidence = colprofile.evidence(source, x, y, table)
        assert evidence.is_exact == ((x, y) in exact)
        assert evidence.g3 is not None and evidence.g3 <= 0.05
    audited_exact, audited_near = of_audit(audit)
    assert audited_exact <= exact
    assert audited_near <= near
    return exact, near


def test_flights(flights_profile: Profile, flights_audit: Audit, parquet_files: Path) -> None:
    exact, near = compare(flights_profile, flights_audit, parquet_files / "flights.parquet")
    assert {("time_hour", "day"), ("sched_dep_time", "hour")} <= exact
    assert (
        ("tailnum", "carrier") in near
        and ("distance", "origin") not in near
        and ("dest", "distance") not in exact | near
    )


def test_zip_codes(zip_codes_profile: Profile, zip_codes_audit: Audit, parquet_files: Path) -> None:
    _, near = compare(zip_codes_profile, zip_codes_audit, parquet_files / "zipcodes.parquet")
    assert ("state", "timezone") in near


@pytest.mark.parametrize("name", list(MESSY_TABLES))
def test_messy_tables(name: str) -> None:
    connection = duckdb.connect()
    connection.execute("select setseed(0.5)")
    connection.execute(f"create table t as {MESSY_TABLES[name]}")
    check(connection, "t")


@pytest.mark.parametrize("seed", range(6))
def test_tables_of_chance_and_planted_dependencies(seed: int) -> None:
    frame = pd.concat([random_table(seed)] * 3, ignore_index=True)
    rng = np.random.default_rng(seed)
    frame["given"] = rng.integers(0, 12, len(frame))
    frame["planted"] = frame["given"].map(lambda value: "abc"[value % 3])
    frame["slips"] = frame["planted"].where(rng.random(len(frame)) > 0.02, "d")
    exact, near = check(frame)
    assert ("given", "planted") in exact
    assert ("given", "slips") in near


def of_sklearn(name: str) -> Any:
    return getattr(sklearn.datasets, f"load_{name}")(as_frame=True).frame


def of_statsmodels(name: str) -> Any:
    return getattr(statsmodels.datasets, name).load_pandas().data


REAL_TABLES: dict[str, Callable[[], Any]] = {
    **{name: partial(of_sklearn, name) for name in ("iris", "wine", "diabetes", "breast_cancer")},
    **{
        name: partial(of_statsmodels, name)
        for name in ("anes96", "cancer", "ccard", "copper", "fair", "grunfeld", "macrodata", "modechoice", "randhie")
    },
}


@pytest.mark.parametrize("name", [*REAL_TABLES, "zip_codes", "flights"])
def test_the_dependence_agrees_with_the_findings(name: str, request: pytest.FixtureRequest) -> None:
    """What is called exact or nearly exact has a dependence of 0.7, or of 0.2 and says that the evidence is thin."""
    is_made = name not in REAL_TABLES
    profile = request.getfixturevalue(f"{name}_profile") if is_made else colprofile.profile(REAL_TABLES[name]())
    for finding in (each for each in profile.findings if each.dependencies):
        words = sentence(profile, finding).plain()
        figures = [found.pair.dependence for found in finding.dependencies]
        assert all(figure is not None and figure >= 0.2 for figure in figures), words
        assert min(figure or 0.0 for figure in figures) >= 0.7 or "The evidence is thin" in words, words
        assert not {found.source for found in finding.dependencies} & measurements(profile.columns), words
    for audited in colprofile.audit(profile).of_kind("bijection", "dependency", "near"):
        figure = profile.pair(audited.columns[0], audited.targets[0]).dependence
        assert figure is not None and figure >= 0.2, audited.statement
        assert figure >= 0.7 or "The evidence is thin" in audited.statement


@pytest.mark.parametrize("repeated", [0.02, 0.1, 0.3])
def test_a_near_key_is_no_determinant(repeated: float) -> None:
    rng = np.random.default_rng(7)
    keys = np.arange(10_000)
    keys[: int(10_000 * repeated)] = keys[int(10_000 * repeated) : 2 * int(10_000 * repeated)]
    frame = pd.DataFrame({"first": rng.integers(0, 4, 10_000), "code": [f"k{key}" for key in keys]})
    frame["noise"] = rng.integers(0, 30, 10_000)
    assert not [finding for finding in colprofile.profile(frame).findings if finding.dependencies]


def with_violations(rows: int, violating: int) -> pd.DataFrame:
    """x determines y except for half of the rows of some values of x, so that μ+ stays high."""
    x = np.arange(rows) * 40 // rows
    y = x // 10
    y[np.flatnonzero(np.arange(rows) // (rows // 80) % 2 == 0)[:violating]] = 9
    return pd.DataFrame({"x": x, "y": y})


def with_rare_values(rows: int, violating: int) -> pd.DataFrame:
    """y is nearly constant, so that few violating rows leave little of it determined: μ+ is low while g3 is."""
    x = np.arange(rows) % 40
    y = (x == 0).astype(int)
    y[1 : 40 * violating : 40] = 1
    return pd.DataFrame({"x": x, "y": y})


def with_unique_rows(rows: int, unique: int) -> pd.DataFrame:
    """x determines y; some rows have a value of x of their own."""
    x = np.arange(rows) % 20
    x[:unique] = 1_000 + 2 * np.arange(unique)
    return pd.DataFrame({"x": x, "y": x % 2 if unique == 0 else (x * 7 // 10) % 2})


def with_few_rows(rows: int, _: int) -> pd.DataFrame:
    """x determines y in so few rows that chance may explain it."""
    x = np.arange(rows) % 4
    return pd.DataFrame({"x": x, "y": x // 2})


@pytest.mark.parametrize(
    ("make", "steps"),
    [
        (with_violations, [(2_000, violating) for violating in (98, 100, 101, 110)]),
        (with_rare_values, [(4_000, violating) for violating in range(2, 40, 9)]),
        (with_unique_rows, [(1_000, unique) for unique in range(380, 521, 40)]),
        (with_few_rows, [(rows, 0) for rows in range(8, 120, 16)]),
    ],
)
def test_both_draw_the_line_at_the_same_table(
    make: Callable[[int, int], pd.DataFrame], steps: list[tuple[int, int]]
) -> None:
    """Tables from strong to weak, one threshold at a time: both find x → y in the same ones, some and not all."""
    outcomes = []
    for rows, amount in steps:
        frame = make(rows, amount)
        exact, near = of_profile(colprofile.profile(frame))
        is_found = ("x", "y") in exact | near
        for most in (1, 3):
            audit = colprofile.audit(frame, max_determinants=most)
            is_audited = any(f.columns == ("x",) and f.targets == ("y",) for f in audit.of_kind("dependency", "near"))
            assert is_audited == is_found, (rows, amount)
        outcomes.append(is_found)
    assert set(outcomes) == {True, False}


def test_the_line_is_where_the_thresholds_say() -> None:
    """At most 5 % of the rows violate a near dependency, and it is here that 5 % is written."""
    assert thresholds.Thresholds() == thresholds.Thresholds(0.05, 0.9, 0.5, 0.5)
    for violating, is_near in ((100, True), (101, False)):
        assert (("x", "y") in of_profile(colprofile.profile(with_violations(2_000, violating)))[1]) == is_near


def test_one_threshold_moves_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same constant is used on both sides: moving it moves what the profile and the audit find."""
    import colprofile.results.single_dependencies as single_dependencies

    frame = with_violations(2_000, 80)
    assert ("x", "y") in of_profile(colprofile.profile(frame))[1]
    monkeypatch.setattr(single_dependencies, "THRESHOLDS", thresholds.Thresholds(violating_share=0.03))
    assert ("x", "y") not in of_profile(colprofile.profile(frame))[1]
    assert of_audit(colprofile.audit(frame))[1] == set()
