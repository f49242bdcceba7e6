"""Columns of one domain under different names or types; small numbers, which fit anywhere, are none."""

from __future__ import annotations

import duckdb

from colprofile.results.schema import Domain
from colprofile.verbs.schema.domains import find_domains
from tests.support.databases import foreign_key, tables_of


def domains_in(sql: str, *keys: tuple[str, str, str, str]) -> list[Domain]:
    connection = duckdb.connect()
    connection.execute(sql)
    _, tables = tables_of(connection)
    return find_domains(tables, [foreign_key(connection, *key) for key in keys], [])


NATIONS = """
    create table nations as select 'N' || chr((65 + i)::integer) || (i * i % 97) as code from range(24) t(i);
    create table people as select i as id, code as country from range(240) t(i)
        join (select code, row_number() over () - 1 as r from nations) n on n.r = i % 24;
    create table ports as select i as id, code as nation_code from range(80) t(i)
        join (select code, row_number() over () - 1 as r from nations) n on n.r = i % 20;
"""


def test_one_domain_under_three_names() -> None:
    [found] = domains_in(NATIONS)
    assert {(each.table, each.column) for each in found.columns} == {
        ("nations", "code"),
        ("people", "country"),
        ("ports", "nation_code"),
    }
    assert (found.values, found.shared, found.differs) == (24, 1.0, ("names",))


def test_what_foreign_keys_say_is_no_news() -> None:
    keys = [("people", "country", "nations", "code"), ("ports", "nation_code", "nations", "code")]
    assert domains_in(NATIONS, *keys) == []
    [found] = domains_in(NATIONS, keys[0])
    assert {each.table for each in found.columns} == {"nations", "people", "ports"}


def test_a_code_as_text_here_and_as_number_there() -> None:
    [found] = domains_in("""
        create table shops as select 1000 + i * 37 % 9000 as shop_nr from range(60) t(i);
        create table visits as select i as id, (1000 + i % 50 * 37 % 9000)::varchar as shop_nr from range(500) t(i)""")
    assert found.differs == ("types",)
    assert found.statement == (
        "shops.shop_nr and visits.shop_nr draw from one set of 60 values in different types: shops.shop_nr is BIGINT "
        "and visits.shop_nr is VARCHAR."
    )


def test_small_numbers_prove_nothing_but_by_name() -> None:
    tables = """create table a as select i as id, i % 40 as floor, i % 30 as x from range(200) t(i);
        create table b as select i as id, i % 40 as {} from range(150) t(i)"""
    assert domains_in(tables.format("seats")) == []
    assert domains_in(tables.format("floor")) == []  # one name and one type: no news
    [found] = domains_in(tables.format("seats").replace("i % 40 as seats", "(i % 40)::varchar as floor"))
    assert (found.differs, {each.column for each in found.columns}) == (("types",), {"floor"})


def test_texts_of_one_sign_that_agree_by_chance_are_no_domain() -> None:
    assert (
        domains_in("""
        create table a as select chr((65 + i % 12)::integer) as grade from range(100) t(i);
        create table b as select chr((65 + i % 4)::integer) as class from range(100) t(i)""")
        == []
    )


def test_columns_of_one_table_alone_are_no_domain() -> None:
    assert (
        domains_in("create table a as select 'x' || i as home, 'x' || (i + 1) % 90 as away from range(90) t(i)") == []
    )


def test_a_namesake_of_a_referred_column_is_no_news() -> None:
    more = "create table old_nations as from nations;"
    assert domains_in(NATIONS.replace("nation_code", "country") + more, ("people", "country", "nations", "code")) == []
