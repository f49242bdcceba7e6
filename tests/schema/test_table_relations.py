"""Tables that say the same: equal, contained, parts of one, lookups, one to one; and tables that only look it."""

from __future__ import annotations

import duckdb
import pytest

from colprofile.results.schema import TableRelation
from colprofile.verbs.schema.repeated_columns import find_repeated_columns
from colprofile.verbs.schema.table_relations import find_table_relations
from tests.support.databases import foreign_key, tables_of


def silent(_what: str, _done: int, _steps: int | None) -> None:
    pass


def related_in(sql: str, *keys: tuple[str, str, str, str]) -> tuple[duckdb.DuckDBPyConnection, list[TableRelation]]:
    connection = duckdb.connect()
    connection.execute(sql)
    source, tables = tables_of(connection)
    given = [foreign_key(connection, *key) for key in keys]
    with source.queries() as queries:
        repeated = find_repeated_columns(tables, given, queries, silent)
        return connection, find_table_relations(tables, given, repeated, queries, silent)


PEOPLE = "create table people as select i as id, 'n' || (i * 37 % 101) as name, i % 7 as team from range(500) t(i);"


def test_equal_tables_with_other_columns_order_and_types() -> None:
    connection, [found] = related_in(
        PEOPLE + "create table people_backup as select team, id::varchar as id, name from people order by name"
    )
    assert (found.kind, found.tables, found.columns) == ("equal", ("people_backup", "people"), ("team", "id", "name"))
    assert found.statement == "people_backup and people have the same 500 rows."
    assert found.rows == 500
    assert found.bits == pytest.approx(500 * (8.966 + 6.658 + 2.807), rel=1e-3)
    assert found.query is not None
    assert connection.execute(found.query).fetchall() == []


def test_equal_tables_under_other_names_drifted_apart() -> None:
    connection, [found] = related_in(
        PEOPLE
        + """create table staff as select id as nr, case when id < 4 then 'x' else name end as called, team as unit
        from people"""
    )
    assert (found.kind, found.rows) == ("equal", 496)
    assert "except for 8 rows" in found.statement
    assert "under other names" in found.statement
    assert found.query is not None
    assert len(connection.execute(found.query).fetchall()) == 4


def test_null_is_equal_to_null_in_equal_tables() -> None:
    _, [found] = related_in("""
        create table a as select i as id, nullif(i % 9, 0) as x, null::varchar as y from range(90) t(i);
        create table b as from a""")
    assert (found.kind, found.rows) == ("equal", 90)


def test_three_equal_tables_are_one_relation() -> None:
    _, [found] = related_in(PEOPLE + "create table people_1 as from people; create table people_2 as from people")
    assert (found.kind, found.rows, found.tables[-1]) == ("equal", 1000, "people")


def test_contained_in_the_smallest_alone() -> None:
    _, found = related_in(
        PEOPLE + "create table half as from people where id < 300; create table few as from people where id < 50"
    )
    assert {(each.kind, each.tables, each.rows) for each in found} == {
        ("contained", ("few", "half"), 50),
        ("contained", ("half", "people"), 300),
    }


def test_small_numbers_are_in_any_table_by_chance() -> None:
    _, found = related_in("""
        create table grades as select i as id, i % 2 as x from range(3) t(i);
        create table many as select i as id, j as x from range(50) t(i), range(50) u(j)""")
    assert found == []


def test_parts_by_year_and_by_region() -> None:
    years = ";".join(
        f"""create table sales_{year} as
        select {year} * 1000 + i as id, date '{year}-01-01' + (i % 365)::integer as day,
        hash(i * {year}) % 900 as amount from range(400) t(i)"""
        for year in (2020, 2021, 2022)
    )
    regions = ";".join(
        f"create table stock_{name} as select i as item, '{name}' as region, hash(i || '{name}') % 50 as n "
        f"from range(80) t(i)"
        for name in ("north", "south")
    )
    connection, found = related_in(f"{years};{regions}")
    assert {(each.kind, each.tables) for each in found} == {
        ("partitions", ("sales_2020", "sales_2021", "sales_2022")),
        ("partitions", ("stock_north", "stock_south")),
    }
    by_year = next(each for each in found if "sales_2020" in each.tables)
    assert by_year.statement == (
        "sales_2020, sales_2021 and sales_2022 are 3 parts of one table with 1,200 rows: they have the same columns, "
        "and day tells them apart."
    )
    assert by_year.query is not None
    assert connection.execute(by_year.query).fetchall()[1][:2] == ("sales_2021", 400)


def test_tables_of_one_shape_that_refer_to_each_other_are_no_parts() -> None:
    levels = [
        f"create table level_{n} as select {n} * 100 + i as id, ({n} - 1) * 100 + i % 40 as parent from range(60) t(i);"
        for n in (1, 2, 3)
    ]
    keys = [(f"level_{n}", "parent", f"level_{n - 1}", "id") for n in (2, 3)]
    assert [each.kind for each in related_in("".join(levels))[1]] == ["partitions"]
    assert related_in("".join(levels), *keys)[1] == []


def test_tables_of_one_shape_with_the_same_keys_are_no_parts() -> None:
    _, found = related_in("""
        create table names_1 as select i as id, 'a' || hash(i) as name from range(50) t(i);
        create table names_2 as select i as id, 'b' || hash(i) as name from range(50) t(i)""")
    assert found == []


def test_a_lookup_that_holds_nothing_new() -> None:
    connection, found = related_in(
        """create table countries as select 'c' || i as code, 'country ' || hash(i) as name from range(30) t(i);
        create table towns as select i as id, 'c' || (i % 30) as country, null::varchar as country_name
            from range(900) t(i);
        update towns set country_name = (select name from countries where code = country)""",
        ("towns", "country", "countries", "code"),
    )
    [lookup] = [each for each in found if each.kind == "lookup"]
    assert (lookup.tables, lookup.columns, lookup.rows) == (("countries", "towns"), ("code", "name"), 30)
    assert lookup.query is not None
    assert connection.execute(lookup.query).fetchall() == []


def test_a_lookup_with_a_value_that_none_refers_to_is_needed() -> None:
    _, found = related_in(
        """create table colours as select 'c' || i as code from range(9) t(i);
        create table cars as select i as id, 'c' || (i % 8) as colour from range(90) t(i)""",
        ("cars", "colour", "colours", "code"),
    )
    assert found == []


def test_two_tables_of_one_key() -> None:
    _, [found] = related_in(
        """create table people as select i as id, 'p' || hash(i) as name from range(64) t(i);
        create table photos as select i as person, hash(i + 1) as image from range(64) t(i)""",
        ("photos", "person", "people", "id"),
    )
    assert (found.kind, found.tables, found.columns, found.rows) == (
        "one-to-one",
        ("photos", "people"),
        ("person",),
        64,
    )
    assert found.bits == pytest.approx(64 * 6)


def test_hostile_names_of_columns_and_tables() -> None:
    _, [found] = related_in("""
        create table "a b'; drop table x --" as select i as "x.'y", 'v' || i as "Select" from range(50) t(i);
        create table "copy
of" as from "a b'; drop table x --" """)
    assert (found.kind, found.rows) == ("equal", 50)
    assert found.statement == "a b'; drop table x -- and copy of have the same 50 rows."


def test_nested_values_are_compared_as_text() -> None:
    _, [found] = related_in("""
        create table notes as select i as id, [i, i % 7] as tags, {'a': i % 5} as more from range(80) t(i);
        create table notes_old as from notes""")
    assert (found.kind, found.rows) == ("equal", 80)


def test_rows_count_as_often_as_they_occur() -> None:
    """Other rows are there twice in each of the larger tables: they are not equal, though each row is in both."""
    _, found = related_in(
        PEOPLE
        + """create table twice as select * from people union all select * from people where team = 3;
        create table other as select * from people union all select * from people where team = 4"""
    )
    assert [(each.kind, each.tables) for each in found] == [
        ("contained", ("people", "other")),
        ("contained", ("people", "twice")),
    ]


def test_a_row_that_one_of_equal_tables_has_twice_is_listed() -> None:
    connection, [found] = related_in(
        PEOPLE + "create table people_again as select * from people union all select * from people where id = 3"
    )
    assert (found.kind, found.tables, found.rows) == ("equal", ("people_again", "people"), 500)
    assert "except for 1 row." in found.statement
    assert found.query is not None
    assert connection.execute(found.query).fetchall() == [(3, "n10", 3)]


def test_parts_without_a_shared_key_are_told_by_all_of_their_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys are random; the last of one part is in another in the second case. Hashes are sorted in ranges."""
    monkeypatch.setattr("colprofile.verbs.schema.partitions.AT_ONCE", 256)
    parts = "".join(
        f"create table log_{name} as select hash(i + {begin}) as id, i % 7 as size from range(500) t(i);"
        for name, begin in (("north", 0), ("south", 500), ("west", 1000))
    )
    _, [found] = related_in(parts)
    assert (found.kind, found.tables) == ("partitions", ("log_north", "log_south", "log_west"))
    assert "no two share a key" in found.statement
    assert related_in(parts + "update log_west set id = hash(499) where id = hash(1499)")[1] == []
