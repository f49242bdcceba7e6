"""Column names in quotes are texts: an error that says so, wherever a function would quietly be 0 or 1 otherwise."""

from __future__ import annotations

import duckdb
import pytest

from tests.support.sql_measures import IS_2, PAIR_MEASURES, one

ROWS = "(select i % 6 as zip, i % 6 // 2 as city, i % 2 as side, (i % 6)::varchar as text from range(60) as t(i))"
PAIR = r"'zip' and 'city' are texts, not columns: write zip, city or \"zip\", \"city\""
ALONE = r"'zip' is a text, not a column: write zip or \"zip\""

QUERIES = {
    **{f"{name}(x, y)": (f"select {name}('zip', 'city') from {ROWS}", PAIR) for name in PAIR_MEASURES},
    **{f"{name}, by side": (f"select {name}('zip', 'city', side) from {ROWS}", PAIR) for name in PAIR_MEASURES},
    "per group": (f"select side, mutual_information('zip', 'city') from {ROWS} group by side", PAIR),
    "filtered": (f"select mutual_information('zip', 'city') from {ROWS} where side = 1", PAIR),
    "pair_measures": (f"with t as {ROWS} from pair_measures('t', 'zip', 'city')", PAIR),
    "dependence": (f"select dependence('zip', 'city') from {ROWS}", PAIR),
    "mutual_information_bounds": (f"select mutual_information_bounds('zip', 'city', 1, 1000) from {ROWS}", PAIR),
    "perplexity": (f"select perplexity('zip') from {ROWS}", ALONE),
    "perplexity, by side": (f"select perplexity('zip', side) from {ROWS}", ALONE),
    "entropy_estimate": (f"select entropy_estimate('zip') from {ROWS}", ALONE),
    "a quote in the name": (f"select perplexity('o''neil') from {ROWS}", r"'o'neil' is a text, not a column"),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_name_in_quotes_is_an_error(con: duckdb.DuckDBPyConnection, name: str) -> None:
    query, message = QUERIES[name]
    with pytest.raises(duckdb.InvalidInputException, match=message):
        con.execute(query).fetchall()


def test_a_parameter_of_a_query_is_no_column_either(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.InvalidInputException, match=PAIR):
        con.execute(f"select mutual_information(?, ?) from {ROWS}", ["zip", "city"]).fetchall()


@pytest.mark.parametrize(
    ("expression", "bits"),
    [
        ("mutual_information('zip', city)", 0.0),
        ("mutual_information(zip, 'city')", 0.0),
        ("mutual_information(1, zip)", 0.0),
        ("mutual_information(text, text)", 2.584962500721156),
        ("mutual_information(upper('a'), text)", 0.0),
        ("mutual_information('a', null)", None),
        ("joint_entropy('zip', city)", 1.584962500721156),
        ("joint_entropy(['a'], {'k': city})", 1.584962500721156),
        ("perplexity(text)", 6.0),
    ],
)
def test_one_constant_and_columns_of_every_type_are_allowed(
    con: duckdb.DuckDBPyConnection, expression: str, bits: float | None
) -> None:
    assert one(con, f"select {expression} from {ROWS}") == (None if bits is None else pytest.approx(bits, abs=1e-9))


def test_columns_whose_names_have_quotes(con: duckdb.DuckDBPyConnection) -> None:
    table = """(values ('a', 'b'), ('b', 'a'), ('''a''', '''b'''), ('c', null)) as t("'a'", "'b'")"""
    query = f"""select mutual_information("'a'", "'b'"), perplexity("'b'") from {table} where "'b'" != 'b'"""
    assert con.execute(query).fetchall() == [(pytest.approx(1.0), pytest.approx(2.0))]


def test_tables_are_named_with_quotes_or_without(con: duckdb.DuckDBPyConnection) -> None:
    for name in ("t", "'t'"):
        assert len(con.execute(f"with t as {ROWS} from column_entropies({name})").fetchall()) == 4
        assert one(con, f"with t as {ROWS} select distinct_pairs from pair_measures({name}, zip, city)") == 6


@pytest.mark.skipif(not IS_2, reason="DuckDB 1.x has no windows over macros")
def test_windows_over_an_estimate_remain(con: duckdb.DuckDBPyConnection) -> None:
    rows = con.execute(f"select entropy_estimate(text) over (partition by side) from {ROWS}").fetchall()
    assert len(rows) == 60
    with pytest.raises(duckdb.InvalidInputException, match=ALONE):
        con.execute(f"select entropy_estimate('zip') over (partition by side) from {ROWS}").fetchall()
