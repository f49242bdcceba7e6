"""Expressions of ranges, parts and written dates: what they say, and that their SQL gives the values back."""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest

import colprofile
from colprofile.results.audit import Audit

DAY = "date '2023-01-05' + (hash(i, 3) % 900)::int"
AMOUNT = "(hash(i, 4) % 100000)::double / 100"
CASES = {
    "date": (DAY, "strftime(x, '%Y-%m')", "y is computed as x written as YYYY-MM in every row."),
    "written": (DAY, "strftime(x, '%d.%m.%Y')", "y is computed as x written as DD.MM.YYYY in every row."),
    "quarter": (DAY, "'Q' || quarter(x) || ' ' || year(x)", "y is computed as x written as Qq YYYY in every row."),
    "weekday": (DAY, "dayname(x)", "y is computed as one value for each weekday of x in every row."),
    "ranges": (
        AMOUNT,
        "case when x < 300 then 'it''s low' when x < 700 then null else 'high' end",
        None,
    ),
    "buckets": (
        AMOUNT,
        "case when x < 300 then 'it''s low' when x < 700 then 'mid' else 'high' end",
        "y is computed as it's low for x up to 2",
    ),
    "length": (
        "repeat('a', (hash(i, 5) % 9)::int + 1) || i",
        "length(x)",
        "y is computed as one value for each length",
    ),
    "domain": (
        "'p' || i || '@' || ['a', 'b', 'c'][(hash(i, 6) % 3)::int + 1] || '.org'",
        "split_part(x, '@', 2)",
        "y is computed as one value for each ",
    ),
}


def audited(given: str, computed: str) -> tuple[duckdb.DuckDBPyConnection, Audit]:
    connection = duckdb.connect()
    source = f"select i % 7 as noise, {given} as x from range(600) r(i)"
    connection.execute(f"create table t as select noise, x, {computed} as y from ({source})")
    return connection, colprofile.audit(connection, "t", max_determinants=2)


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_and_that_the_script_restores_it(name: str) -> None:
    given, computed, statement = CASES[name]
    connection, found = audited(given, computed)
    sentences = [finding.statement for finding in found.of_kind("computed", "dependency", "bijection")]
    if statement is None:  # some y is NULL where x is not
        assert not [each for each in sentences if "computed" in each and "every row" in each]
        return
    assert any(each.startswith(statement) for each in sentences), sentences
    connection.execute(found.script())
    assert [row[0] for row in connection.execute("describe t_reduced").fetchall()].count("y") == 1
    assert connection.execute("select count(*) from t_restored").fetchall() == [(600,)]


def test_values_that_alternate_are_no_ranges() -> None:
    _, found = audited(AMOUNT, "case when (x * 100)::int % 2 = 0 then 'even' else 'odd' end")
    assert not [finding for finding in found.of_kind("computed") if "ranges" in finding.statement]


def test_bytes_that_are_no_text_are_parts_that_sql_cannot_write() -> None:
    firsts = ["a", "\udcff", "é"]
    texts = [f"{firsts[n % 3]}{n:04}@{'xyz'[n % 2]}" for n in range(600)]
    kinds = [("first", "other", "last")[n % 3] for n in range(600)]
    domains = [("here", "there")[n % 2] for n in range(600)]
    found = colprofile.audit(
        pd.DataFrame({"x": pd.Series(texts, dtype=object), "kind": kinds, "domain": domains}), max_determinants=1
    )
    expressions = {each.targets: each.expression for each in found.of_kind("computed")}
    assert expressions["kind",] == "one value for each first character of x"
    assert expressions["domain",] == "one value for each last character of x"
    assert "\U0010ffff" not in found.script() and "first character" not in found.script()


def test_parts_are_refuted_by_values_beyond_the_first() -> None:
    """All but 1 of 6,000 values have one label for each part; the sample of them does not show it."""
    texts = [f"{n % 7}-{n:05}" for n in range(6_000)]
    labels = ["abcdefg"[n % 7] for n in range(6_000)]
    frame = pd.DataFrame({"x": texts, "label": labels})
    assert colprofile.audit(frame, max_determinants=1).of_kind("computed")
    frame.loc[5_999, "label"] = "z"
    assert not colprofile.audit(frame, max_determinants=1).of_kind("computed")
