"""Which inclusions are chosen as foreign keys, what is declared of them, and the SQL that comes with them."""

from __future__ import annotations

import duckdb

from colprofile.results.schema import ForeignKey
from colprofile.sources.tables.base import Declared, DeclaredKey, DeclaredReference
from colprofile.sources.tables.duckdb import DuckDBTables
from colprofile.verbs.schema.api import schema_of
from colprofile.verbs.schema.foreign_keys import choose_foreign_keys
from colprofile.verbs.schema.inclusions import find_inclusions
from colprofile.verbs.schema.keys import candidate_keys
from tests.support.databases import tables_of
from tests.support.equal_databases import kept_of
from tests.support.sample_databases import Reference, SampleDatabase, references, score
from tests.support.sample_northwind import northwind
from tests.support.sample_variants import snake


def foreign_keys_of(connection: duckdb.DuckDBPyConnection, declared: Declared | None = None) -> list[ForeignKey]:
    """Return the foreign keys of a connection; what their SQL says of them is true."""
    source, tables = tables_of(connection)
    declared = declared or Declared()
    with source.queries() as queries:
        keys = candidate_keys(tables, declared, queries)
        inclusions, _ = find_inclusions(tables, keys, declared, queries, lambda *_: None)
        found = choose_foreign_keys(inclusions, tables, keys, declared, queries)
        for each in found:
            assert queries.rows(each.proof) == [(each.inclusion.orphan_rows,)]
            assert len(queries.rows(each.orphan_query)) == each.inclusion.orphan_rows
            assert 0.5 <= each.confidence <= 1 and each.reasons and each.statement.endswith(".")
    return found


def made(sql: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(sql)
    return connection


def places(found: list[ForeignKey]) -> set[Reference]:
    return {Reference(each.table, each.columns, each.target, each.target_columns) for each in found}


def french_northwind() -> SampleDatabase:
    """Northwind with keys in French."""
    tables = {
        "Customers": "clients",
        "Orders": "commandes",
        "Products": "produits",
        "Employees": "employes",
        "Suppliers": "fournisseurs",
        "Categories": "catégories",
        "Shippers": "transporteurs",
        "Region": "régions",
        "Territories": "territoires",
    }
    columns = {
        "CustomerID": "code_client",
        "OrderID": "no_commande",
        "ProductID": "ref_produit",
        "EmployeeID": "no_employé",
        "SupplierID": "no_fournisseur",
        "CategoryID": "code_catégorie",
        "ShipperID": "no_transporteur",
        "ShipVia": "transporteur",
        "ReportsTo": "supérieur",
        "RegionID": "région",
        "TerritoryID": "code_territoire",
        "Quantity": "quantité",
    }
    return northwind().renamed(
        lambda table: tables.get(table, snake(table)), lambda _, column: columns.get(column, snake(column))
    )


def test_a_sample_in_another_language() -> None:
    database = french_northwind()
    with duckdb.connect() as connection:
        database.write_duckdb(connection)
        result = score(foreign_keys_of(connection), database.references)
    assert result.precision >= 0.9, result.false
    assert result.recall >= 0.9, result.missed


TRADE = """
create table region as select range as r_regionkey, 'region ' || range as r_name from range(5);
create table nation as select range as n_nationkey, 'nation ' || range as n_name, range % 5 as n_regionkey
    from range(25);
create table supplier as select range + 1 as s_suppkey, 'supplier ' || range as s_name, range * 7 % 25 as s_nationkey
    from range(100);
create table part as select range + 1 as p_partkey, 'part ' || range as p_name, 1 + range % 50 as p_size
    from range(2000);
create table partsupp as select p.range + 1 as ps_partkey, 1 + (p.range + s.range * 25) % 100 as ps_suppkey,
    1 + (p.range * 997 + s.range * 31) % 9999 as ps_availqty from range(2000) p, range(4) s;
create table customer as select range + 1 as c_custkey, 'customer ' || range as c_name, range * 11 % 25 as c_nationkey
    from range(1500);
create table orders as select 4 * (range // 8 * 8) + range % 8 as o_orderkey, 'O' as o_orderstatus,
    1 + range * 7 % 1000 // 2 * 3 as o_custkey from range(5000);
create table lineitem as select 4 * (o // 8 * 8) + o % 8 as l_orderkey, l + 1 as l_linenumber,
    1 + (o * 13 + l * 7) % 2000 as l_partkey, 1 + ((o * 13 + l * 7) % 2000 + (o + l) % 4 * 25) % 100 as l_suppkey,
    1 + (o * 17 + l) % 50 as l_quantity from (select o.range as o, l.range as l from range(5000) o, range(7) l
    where l.range <= o.range % 7);
"""


def test_orders_lines_and_parts() -> None:
    expected = references(
        """
        nation(n_regionkey) region(r_regionkey)
        supplier(s_nationkey) nation(n_nationkey)
        customer(c_nationkey) nation(n_nationkey)
        partsupp(ps_partkey) part(p_partkey)
        partsupp(ps_suppkey) supplier(s_suppkey)
        orders(o_custkey) customer(c_custkey)
        lineitem(l_orderkey) orders(o_orderkey)
        lineitem(l_partkey) part(p_partkey)
        lineitem(l_suppkey) supplier(s_suppkey)
        lineitem(l_partkey, l_suppkey) partsupp(ps_partkey, ps_suppkey)
        """
    )
    assert places(foreign_keys_of(made(TRADE))) == set(expected)


STAFF = """
create table staff as select range + 1 as staff_id, nullif(range % 3, 0) as reports_to, range % 2 + 1 as store_id
    from range(12);
create table store as select range + 1 as store_id, range + 4 as manager_staff_id, 'street ' || range as street
    from range(2);
create table store_detail as select store_id, street, 'plan ' || store_id as plan from store;
create table sale as select range + 1 as sale_id, 1 + range * 5 % 12 as clerk, 1 + range % 9 as quantity,
    1 + range % 12 as month from range(900);
create table sale_store as select 1 + range * 7 % 900 as sale_id, 1 + range % 2 as store_id from range(600);
create table later as select * from sale_store where false;
"""


def test_roles_own_rows_one_to_one_and_counts() -> None:
    found = foreign_keys_of(made(STAFF))
    assert places(found) == set(
        references(
            """
            staff(reports_to) staff(staff_id)
            staff(store_id) store(store_id)
            store(manager_staff_id) staff(staff_id)
            store_detail(store_id) store(store_id)
            sale(clerk) staff(staff_id)
            sale_store(sale_id) sale(sale_id)
            sale_store(store_id) store(store_id)
            """
        )
    )
    assert {each.table for each in found if each.is_one_to_one} == {"store", "store_detail", "sale_store"}
    assert {each.status for each in found} == {"found"}


ORPHANS = """
create table client as select 1000 + range * 37 as client_no, 'client ' || range as name from range(400);
create table bill as select range as bill_no, case when range % 100 = 7 then 7 when range % 250 = 9 then 8
    else 1000 + range * 11 % 400 * 37 end as client_no, 'paid' as state from range(1000);
"""


def test_orphans_are_counted_and_shown() -> None:
    (found,) = foreign_keys_of(made(ORPHANS))
    assert (found.inclusion.orphan_rows, found.inclusion.orphan_values) == (14, 2)
    assert found.inclusion.orphans == ((7,), (8,))
    assert found.statement == "bill (client_no) refers to client (client_no), except for 14 of 1,000 rows."


def test_what_is_declared_is_meant() -> None:
    declared = Declared(
        keys=(DeclaredKey("client", ("client_no",), is_primary=True),),
        references=(
            DeclaredReference("bill", ("client_no",), "client", ("client_no",)),
            DeclaredReference("bill", ("bill_no",), "client", ("client_no",)),
            DeclaredReference("note", ("bill",), "bill", ("bill_no",)),
            DeclaredReference("bill", ("bill_no",), "elsewhere", ("id",)),
        ),
        indexes={"bill": (("client_no", "state"),), "note": (("day", "bill"),)},
    )
    found = foreign_keys_of(made(f"{ORPHANS} create table note (day date, bill bigint)"), declared)
    shown = [(each.table, each.columns, each.status, each.confidence, each.is_indexed) for each in found]
    assert shown == [
        ("bill", ("bill_no",), "violated", 1.0, False),
        ("bill", ("client_no",), "violated", 1.0, True),
        ("note", ("bill",), "declared", 1.0, False),
    ]


def test_text_and_numbers_are_one_domain_in_sql_too() -> None:
    found = foreign_keys_of(
        made(
            """
            create table item as select (100 + range * 13)::double as item_id, 'item ' || range as name from range(200);
            create table used as select (100 + range * 7 % 200 * 13)::varchar as item_id from range(900);
            """
        )
    )
    assert places(found) == set(references("used(item_id) item(item_id)"))


def test_hostile_names_stay_names() -> None:
    found = foreign_keys_of(
        made(
            """
            create table "a ""b"" 'c'; --" as select range * 91 as "i""d;", 'x' || range as "n'" from range(300);
            create table "R\n2" as select range * 7 % 300 * 91 as "to ""it"" " from range(900);
            """
        )
    )
    assert places(found) == {Reference("R\n2", ('to "it" ',), "a \"b\" 'c'; --", ('i"d;',))}
    assert "\n" not in found[0].statement + "".join(found[0].reasons)


def test_views_repeat_what_their_tables_refer_to() -> None:
    view = "create view sold as select sale_id, clerk, store_id from sale join sale_store using (sale_id)"
    connection = made(f"{STAFF} {view}")
    tables = DuckDBTables(connection, "the DuckDB connection")
    schema = schema_of(tables, kept_of(tables), lambda *_: None)
    assert "sold" not in {key.table for key in schema.keys} | {each.table for each in schema.inclusions}
    assert "sold" not in {key.table for key in schema.foreign_keys}
    assert len(schema.foreign_keys) == 7


def test_several_columns_refer_to_rows_of_their_own_table() -> None:
    """Within each tree, nodes have their parents; the size of a node is no reference, small as it is."""
    nodes = ", ".join(
        f"({tree}, {node}, {'null' if node == 1 else node * 7 // 9}, {node % 5 + 1})"
        for tree in range(4001, 4021)
        for node in range(1, 12 + tree % 9)
    )
    found = foreign_keys_of(
        made(f"""
        create table nodes (tree_id integer, node_id integer, parent_node_id integer, size integer);
        insert into nodes values {nodes}""")
    )
    assert places(found) == {Reference("nodes", ("tree_id", "parent_node_id"), "nodes", ("tree_id", "node_id"))}


def test_reasons_say_what_the_data_say() -> None:
    """Towns lack one code; the columns are called differently, and the code is no coincidence."""
    found = foreign_keys_of(
        made("""
        create table countries as select 'C' || i * 17 || 'X' as code, i as size from range(200) t(i);
        create table towns as
        select 1000 + i as id, case when i = 7 then 'none' else 'C' || i % 199 * 17 || 'X' end as country_code
        from range(600) t(i)""")
    )
    assert [each.reasons for each in found] == [
        (
            "country_code is named after countries.",
            "All but 1 of the 200 different values are among the key's, which is no coincidence.",
            "code is the primary key of countries.",
            "99.5 % of the key's values occur.",
        )
    ]


def test_the_database_has_the_last_word_on_what_is_exact() -> None:
    """Rows that go after the tables were counted stand for values that a database does not take for equal."""
    connection = made("""
        create table parts as select 'P' || i * 17 as code, i as size from range(300) t(i);
        create table lines as select i as id, 'P' || i % 300 * 17 as part_code from range(900) t(i);
        create table tools as select 'T' || i * 17 as code, i as size from range(300) t(i);
        create table uses as select i as id, 'T' || i % 300 * 17 as tool_code from range(900) t(i)""")
    source, tables = tables_of(connection)
    connection.execute("delete from parts where size < 2; delete from tools where size < 200")
    with source.queries() as queries:
        keys = candidate_keys(tables, Declared(), queries)
        inclusions, _ = find_inclusions(tables, keys, Declared(), queries, lambda *_: None)
        assert {each.table for each in inclusions if each.is_exact} >= {"lines", "uses"}
        [found] = choose_foreign_keys(inclusions, tables, keys, Declared(), queries)
    assert (found.table, found.inclusion.orphan_values, found.inclusion.orphan_rows) == ("lines", 2, 6)
    assert found.inclusion.orphans == (("P0",), ("P17",))
    assert found.statement.endswith("except for 6 of 900 rows.")
