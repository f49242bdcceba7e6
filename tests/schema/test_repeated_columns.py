"""Columns that a foreign key's path has too: found, counted as SQL counts them, and told apart from look-alikes."""

from __future__ import annotations

import duckdb
import pytest

from colprofile.results.schema import ForeignKey, RepeatedColumn
from colprofile.verbs.schema.differing_rows import are_spellings
from colprofile.verbs.schema.repeated_columns import find_repeated_columns
from tests.support.databases import foreign_key, tables_of


def silent(_what: str, _done: int, _steps: int | None) -> None:
    pass


def found_in(
    connection: duckdb.DuckDBPyConnection, *keys: tuple[str, str, str, str]
) -> dict[tuple[str, str], RepeatedColumn]:
    source, tables = tables_of(connection)
    given: list[ForeignKey] = [foreign_key(connection, *key) for key in keys]
    with source.queries() as queries:
        return {(each.table, each.column): each for each in find_repeated_columns(tables, given, queries, silent)}


SHOP = """
    create table customers as
        select i as id, 'city ' || (i * 7 % 40) as city, i % 3 as grade, i % 2 = 0 as active
        from range(200) t(i);
    create table orders as
        select i as id, (i * 13 % 200)::integer as customer_id, date '2020-01-01' + i::integer as day,
            (i * i % 3)::integer as grade, 'open' as status
        from range(2000) t(i);
    alter table orders add column bill_city varchar;
    update orders set bill_city = (select city from customers c where c.id = customer_id);
"""
KEY = ("orders", "customer_id", "customers", "id")


@pytest.fixture
def shop() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(SHOP)
    return connection


def test_a_copy_is_found_and_what_only_looks_alike_is_not(shop: duckdb.DuckDBPyConnection) -> None:
    found = found_in(shop, KEY)
    assert set(found) == {("orders", "bill_city")}
    copy = found["orders", "bill_city"]
    assert (copy.kind, copy.target_column, copy.rows, copy.equal_rows) == ("copy", "city", 2000, 2000)
    assert (copy.differing, copy.query) == ((), None)
    assert copy.statement == "orders.bill_city repeats customers.city (by customer_id) in every row."
    assert 0.9 * 5.32 < copy.bits < 5.33  # log2(40), less what the bound of its arrangements leaves


def test_a_customer_who_moved_looks_like_history(shop: duckdb.DuckDBPyConnection) -> None:
    shop.execute("""update orders set bill_city = 'city ' || ((customer_id + 5) % 40)
        where customer_id < 30 and day < date '2022-01-01'""")
    copy = found_in(shop, KEY)["orders", "bill_city"]
    [(differing,)] = shop.execute(f"select count(*) from ({copy.query})").fetchall()
    assert (copy.rows - copy.equal_rows, len(set(copy.differing))) == (differing, 5)
    assert copy.statement.endswith(
        "looks like history: in all 30 values of customer_id that have both, the rows that differ are the older ones "
        "by day."
    )


def test_a_customer_without_a_newer_order_says_one_thing_in_all_rows(shop: duckdb.DuckDBPyConnection) -> None:
    shop.execute("update customers set city = 'elsewhere' where id < 10")
    copy = found_in(shop, KEY)["orders", "bill_city"]
    assert copy.statement.endswith(
        "100 rows differ: all of them where customers.city is 'elsewhere', "
        "for all 10 values of customer_id whose rows all differ, the copy has one value: the original may have changed."
    )


def test_differences_in_no_order_are_said_to_be_in_none(shop: duckdb.DuckDBPyConnection) -> None:
    shop.execute("update orders set bill_city = 'city ' || (hash(id) % 40) where hash(id) % 12 = 0")
    copy = found_in(shop, KEY)["orders", "bill_city"]
    assert "by day they are in no particular order" in copy.statement
    assert "looks like" not in copy.statement


def test_rows_that_differ_without_any_sign_are_said_to_have_none(shop: duckdb.DuckDBPyConnection) -> None:
    shop.execute("update orders set bill_city = 'city ' || (hash(id) % 20 + 50) where customer_id < 10")
    copy = found_in(shop, KEY)["orders", "bill_city"]
    assert copy.statement.endswith("100 rows differ. Neither history nor misspelling is evident.")


def test_the_time_of_an_order_line_is_its_orders() -> None:
    connection = duckdb.connect()
    connection.execute("""
        create table products as select i as id, hash(i) % 500 as price from range(60) t(i);
        create table orders as select i as id, date '2020-01-01' + i::integer as day from range(800) t(i);
        create table lines as select hash(o.i) % 800 as order_id, p.id as product, p.price as price
            from range(3000) o(i) join products p on p.id = hash(o.i + 7) % 60;
        update products set price = price + 1000 where id < 20;
        update lines set price = price + 1000 where product < 20 and order_id > 600;
    """)
    keys = [("lines", "product", "products", "id"), ("lines", "order_id", "orders", "id")]
    copy = found_in(connection, *keys)["lines", "price"]
    assert copy.statement.endswith("the rows that differ are the older ones by orders.day.")


def test_without_anything_that_tells_the_time_the_statement_says_so(shop: duckdb.DuckDBPyConnection) -> None:
    shop.execute("update orders set bill_city = 'city ' || (hash(id) % 40) where hash(id) % 12 = 0")
    shop.execute("alter table orders drop column day; alter table orders drop column id")
    copy = found_in(shop, KEY)["orders", "bill_city"]
    assert copy.statement.endswith("rows differ: orders has no column that orders its rows in time.")


def test_spellings_look_like_errors(shop: duckdb.DuckDBPyConnection) -> None:
    shop.execute("update orders set bill_city = upper(bill_city) || ' ' where id % 100 = 7")
    copy = found_in(shop, KEY)["orders", "bill_city"]
    assert "20 rows differ, which looks like errors: 20 of them by spelling alone, such as" in copy.statement
    reference, own, other = copy.differing[0]
    assert (own, other) == (f"{str(other).upper()} ", f"city {int(str(reference)) * 7 % 40}")


def test_what_is_equal_in_most_rows_because_of_one_value_is_no_copy() -> None:
    connection = duckdb.connect()
    connection.execute("""
        create table customers as select i as id, case when i % 50 = 0 then 'no' else 'yes' end as active
            from range(500) t(i);
        create table orders as select i as id, i % 500 as customer_id,
            case when i % 47 = 0 then 'no' else 'yes' end as paid from range(5000) t(i);
    """)
    [(equal,)] = connection.execute(
        "select count(*) from orders o join customers c on c.id = customer_id where paid = active"
    ).fetchall()
    assert equal > 4700
    assert found_in(connection, KEY) == {}


def test_a_grandparent_is_repeated_once_at_the_shortest_way(shop: duckdb.DuckDBPyConnection) -> None:
    shop.execute("""create table lines as
        select l.i as id, o.id as order_id, o.bill_city as town, c.active as is_active
        from range(6000) l(i) join orders o on o.id = l.i % 2000 join customers c on c.id = o.customer_id""")
    found = found_in(shop, KEY, ("lines", "order_id", "orders", "id"))
    assert {place: each.join.tables for place, each in found.items() if each.kind == "copy"} == {
        ("orders", "bill_city"): ("orders", "customers"),
        ("lines", "town"): ("lines", "orders"),
        ("lines", "is_active"): ("lines", "orders", "customers"),
    }


def test_what_a_reference_determines_belongs_to_its_table(shop: duckdb.DuckDBPyConnection) -> None:
    shop.execute("alter table orders add column discount integer")
    shop.execute("update orders set discount = hash(customer_id) % 5")
    found = found_in(shop, KEY)["orders", "discount"]
    assert (found.kind, found.target_column, found.rows, found.equal_rows) == ("determined", None, 2000, 2000)
    assert found.statement == (
        "orders.customer_id determines orders.discount: customers has no such column; it could hold it."
    )
    assert found.query is None


def test_rows_of_what_is_determined_have_both(shop: duckdb.DuckDBPyConnection) -> None:
    shop.execute("alter table orders add column discount integer")
    shop.execute("update orders set discount = hash(customer_id) % 5 where id % 10 <> 3")
    shop.execute("update orders set customer_id = null where id % 10 = 4")
    [(both,)] = shop.execute(
        "select count(*) from orders where customer_id is not null and discount is not null"
    ).fetchall()
    found = found_in(shop, KEY)["orders", "discount"]
    assert (found.kind, found.rows, found.equal_rows) == ("determined", both, both)
    assert both == 1600


def test_a_reference_that_is_a_key_determines_nothing_of_note() -> None:
    connection = duckdb.connect()
    connection.execute("""
        create table people as select i as id, 'p' || i as name from range(300) t(i);
        create table badges as select i as person_id, hash(i) % 7 as colour from range(300) t(i);
    """)
    assert found_in(connection, ("badges", "person_id", "people", "id")) == {}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("New York", "new-york", True),
        ("Zürich", "Zuerich", False),
        ("Frankfurt", "Frankfrut", True),
        ("", "", True),
        ("A1", "A2", False),
        ("Paris", "Berlin", False),
        ("12 High Street", "21 High Street", False),
    ],
)
def test_spellings_of_one_text(one: str, other: str, same: bool) -> None:
    assert are_spellings(one, other) is same
