"""The SQL functions within larger queries: windows, filters, joins, hostile names."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import colprofile
from colprofile.sqlfunctions import functions
from tests.support.sql_measures import IS_2, PAIR_MEASURES, close, near, one

OVER = [
    "kl_divergence(p, q)",
    "kl_divergence(p, q, smoothing := 0.5)",
    "cross_entropy(p, q)",
    "js_divergence(p, q)",
    "psi(p, q)",
    "unseen_mass(p, q)",
    "vanished_mass(p, q)",
    "entropy_estimate(p)",
]


@pytest.mark.parametrize("call", OVER)
def test_over(con: duckdb.DuckDBPyConnection, call: str) -> None:
    con.execute(
        "create or replace temp table w as select i % 3 as g, 1 + i % 7 as p, 1 + i % 5 as q from range(60) as t(i)"
    )
    windowed = f"select distinct g, {call} over (partition by g) as bits from w order by g"
    if not IS_2:
        with pytest.raises(duckdb.Error, match=r"is not an aggregate function|Window function macros"):
            con.execute(windowed)
        return
    grouped = con.execute(f"select g, {call} from w group by g order by g").fetchall()
    found = con.execute(windowed).fetchall()
    assert [row[0] for row in found] == [row[0] for row in grouped]
    assert all(near(left[1], right[1]) for left, right in zip(found, grouped, strict=True))
    running = con.execute(f"select {call} over (order by p, q rows between 3 preceding and current row) from w")
    assert len(running.fetchall()) == 60


@pytest.mark.parametrize("name", PAIR_MEASURES)
def test_what_duckdb_refuses_has_a_way_round(data: duckdb.DuckDBPyConnection, name: str) -> None:
    for refused in (
        f"select {name}(dest, carrier) filter (where month = 1) from flights",
        f"select {name}(distinct dest, carrier) from flights",
        f"select {name}(dest, carrier) over (partition by month) from flights",
    ):
        with pytest.raises(duckdb.Error, match=r"Macro|macro|not an aggregate function"):
            data.execute(refused)
    january = one(data, f"select {name}(dest, carrier) from flights where month = 1")
    assert close(one(data, f"select {name}(case when month = 1 then dest end, carrier) from flights"), january)


def test_in_the_middle_of_queries(data: duckdb.DuckDBPyConnection) -> None:
    bits = one(data, "select mutual_information(origin, carrier) from flights")
    assert close(bits, 0.52102586526214)
    assert close(one(data, "with f as (from flights) select mutual_information(origin, carrier) from f"), bits)
    assert close(one(data, "select (select mutual_information(origin, carrier) from flights)"), bits)
    assert close(one(data, "select max(b) from (select mutual_information(origin, carrier) as b from flights)"), bits)
    data.execute(
        "create or replace temp view dependent as select mutual_information(origin, carrier) as b from flights"
    )
    assert close(one(data, "from dependent"), bits)
    data.execute("prepare mi as select mutual_information(origin, carrier) from flights where month = $1")
    january = one(data, "select mutual_information(origin, carrier) from flights where month = 1")
    assert close(one(data, "execute mi(1)"), january)
    assert close(one(data, "select mutual_information(origin, carrier) from flights where month = ?", [1]), january)
    over_limit = "select count(*) from (select dest from flights group by dest having perplexity(carrier) > 5)"
    assert one(data, over_limit) > 0
    ordered = data.execute(
        "select origin from flights group by origin order by conditional_entropy(dest, carrier) desc"
    ).fetchall()
    assert len(ordered) == 3
    correlated = data.execute(
        "select m, (select mutual_information(origin, carrier) from flights where month = m) from range(1, 3) as t(m)"
    ).fetchall()
    assert close(correlated[0][1], january)
    grouped = data.execute(
        "select grouping_id(origin), mutual_information(dest, carrier) from flights group by rollup (origin)"
    ).fetchall()
    assert len(grouped) == 4
    histograms = one(
        data,
        "with h as (select month, histogram(dest) as h from flights group by month)"
        " select histogram_kl(fresh.h, stale.h, smoothing := 0.5)"
        " from h as fresh, h as stale where fresh.month = 2 and stale.month = 1",
    )
    counted = one(
        data,
        "with c as (select dest, count(*) filter (where month = 2) as p, count(*) filter (where month = 1) as q"
        " from flights where month in (1, 2) group by dest) select kl_divergence(p, q, smoothing := 0.5) from c",
    )
    assert close(histograms, counted)


HOSTILE = [
    'a"b',
    "it's",
    "select",
    "x",
    "y",
    "p",
    "q",
    "c",
    "cells",
    "cell_",
    "all_",
    "share_",
    "total_",
    "bits_",
    "cells_",
    "count_",
    "colprofile_p",
    "colprofile_value",
    "partition_by",
    "smoothing",
    "n",
    "h",
    "k",
    "x_",
    "y_",
    "new\nline",
    "<script>",
    "é" * 200,
]


CALLS = (
    "mutual_information({0}, other_)",
    "variation_of_information(other_, {0})",
    "perplexity({0})",
    "kl_divergence({0}, other_, smoothing := 0.5)",
    "js_divergence(other_, {0})",
    "psi({0}, other_)",
    "unseen_mass({0} - 1, {0} - 2 + abs({0} - 2))",
    "histogram_kl(histogram({0}), histogram({0} % 2 + 1), smoothing := 0.5)",
    "histogram_js(histogram({0}), histogram(other_))",
    "histogram_entropy(histogram({0}))",
    "entropy_estimate({0})",
    "max(surprisal(1.0 / {0}))",
    "gaussian_kl(list({0}::double), list(other_::double))",
)


@pytest.fixture(scope="module")
def by_a_plain_name() -> dict[str, float]:
    """What each of ``CALLS`` gives for a column of the name ``a1``."""
    calls = ", ".join(CALLS).format("a1")
    table = "select i % 3 + 1 as a1, i % 2 + 1 as other_ from range(12) as t(i)"
    with colprofile.register(duckdb.connect()) as connection:
        [row] = connection.execute(f"select {calls} from ({table})").fetchall()
    assert None not in row
    return dict(zip(CALLS, row, strict=True))


@pytest.mark.parametrize("name", HOSTILE)
def test_column_names_do_not_meet_those_inside(
    con: duckdb.DuckDBPyConnection, by_a_plain_name: dict[str, float], name: str
) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    con.execute(
        f"create or replace temp table hostile as select i % 3 + 1 as {quoted}, i % 2 + 1 as other_"
        " from range(12) as t(i)"
    )
    plain = con.execute("select column_name from (describe hostile)").fetchall()
    assert plain == [(name,), ("other_",)]
    [row] = con.execute(f"select {', '.join(CALLS).format(quoted)} from hostile").fetchall()
    assert [call for call, found in zip(CALLS, row, strict=True) if not near(found, by_a_plain_name[call])] == []
    assert one(con, f"select mutual_information(other_, other_, {quoted}) from hostile limit 1") == 1.0
    assert one(con, f"select distinct_pairs from pair_measures('hostile', {quoted}, other_)") == 6
    con.execute(
        f"create or replace temp table maps as select histogram({quoted}) as {quoted}, histogram(other_) as m"
        " from hostile"
    )
    shared = by_a_plain_name["histogram_js(histogram({0}), histogram(other_))"]
    assert near(one(con, f"select histogram_js({quoted}, m) from maps"), shared)
    names = con.execute("select column_name from column_entropies('hostile')").fetchall()
    assert names == plain
    assert con.execute("select column_name, psi from column_drift('hostile', 'hostile')").fetchall() == [
        (name, 0.0),
        ("other_", 0.0),
    ]


def test_every_offered_function_is_tested() -> None:
    names = ("sql_equality", "sql_pairs", "sql_counts", "sql_estimates", "sql_tables", "sqlfunctions_dependence")
    files = [Path(__file__).with_name(f"test_{name}.py") for name in names]
    text = "".join(file.read_text(encoding="utf-8") for file in (Path(__file__), *files))
    text += " ".join(PAIR_MEASURES)
    assert [function.name for function in functions() if function.name not in text] == []
