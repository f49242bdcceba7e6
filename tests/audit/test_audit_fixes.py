"""The SQL that an audit proposes, run on copies in DuckDB and PostgreSQL: nothing is lost, and false claims stop it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import duckdb
import pytest
import sqlalchemy as sa

import colprofile
from colprofile.results.audit import Audit
from colprofile.sources.identifiers import quote_identifier
from tests.support.table_copies import copy_of, postgres_copy, rows_of, run_postgres
from tests.support.tables import flights_connection

PLANTED = """
create table planted as
select
    i as id,
    (hash(i) % 60)::integer as zip,
    'city ' || (hash(i) % 60) // 4 as city,
    'state ' || (hash(i) % 60) // 20 as state,
    7 as constant,
    null::varchar as nothing,
    (hash(i, 'a') % 9)::integer as a,
    (hash(i, 'b') % 8)::bigint as b,
    (hash((hash(i, 'a') % 9), (hash(i, 'b') % 8)) % 1000)::integer as ab,
    (hash(i, 'a') % 9)::integer * 3 - 5 as affine,
    ((hash(i, 'a') % 9)::integer)::varchar as a_text,
    (hash(i, 'b') % 8)::double as b_double,
    case when hash(i, 'n') % 5 > 0 then (hash(i, 'c') % 11)::integer end as gappy,
    case when hash(i, 'n') % 5 > 0 then 'g' || hash(hash(i, 'c') % 11) % 1000 end as gappy_label,
    case when hash(i, 'n') % 5 > 0 then 'no. ' || lpad((hash(i, 'c') % 11)::varchar, 3, '0') end as gappy_text,
    hash(i, 'n') % 5 = 0 as is_gap,
    timestamp '2021-03-04' + to_minutes((hash(i, 't') % 500000)::integer) as moment,
    extract(month from timestamp '2021-03-04' + to_minutes((hash(i, 't') % 500000)::integer))::integer as month,
    (hash(i, 'd') % 7)::double / 8 as score,
    (hash(i, 'd') % 7)::double / 8 * 2.5 + 1 as scaled,
    (hash(i, 'e') % 700)::integer as cents,
    ((hash(i, 'e') % 700) / 100)::decimal(10, 2) as euros,
    round((hash(i, 'e') % 700) * 0.62137 + 32.5, 1) as converted,
    ((hash(i, 'e') % 700) / 100 + (hash(i, 'b') % 8))::decimal(10, 2) as both,
    ((hash(i, 'a') % 9) * (hash(i, 'b') % 8))::integer as product,
    timestamp '2021-03-04' + to_minutes((hash(i, 't') % 500000)::integer) + interval 90 minute as later,
    (epoch(timestamp '2021-03-04') + 60 * (hash(i, 't') % 500000))::bigint as unix,
    ('2021-03-04'::date + (hash(i, 't') % 90)::integer) as day,
    ('2021-03-04'::date + (hash(i, 't') % 90)::integer)::varchar as day_text,
    ('2021-03-04'::date + (hash(i, 't') % 90)::integer)::timestamp as midnight,
    'DE-' || lpad((hash(i, 'f') % 300)::varchar, 3, '0') || '-x' as code,
    lpad((hash(i, 'f') % 300)::varchar, 3, '0')[1] as area,
    lower('DE-' || lpad((hash(i, 'f') % 300)::varchar, 3, '0') || '-x') as small,
    hash(i, 'g') % 3 = 0 as flag,
    (hash(i, 'g') % 3 = 0)::bigint as flag_number
from range(3000) r(i)
order by i
"""

HOSTILE = """
create table hostile as
select
    (hash(i) % 30)::integer as "zip ""code""; drop table x; --",
    'l' || (hash(i) % 30) // 3 as "city
of $check$ it's 100 %",
    (hash(i, 1) % 12)::integer as "select",
    (hash(i, 1) % 12)::integer as "from"
from range(800) r(i)
"""


@pytest.fixture(scope="module")
def planted() -> tuple[duckdb.DuckDBPyConnection, Audit]:
    connection = duckdb.connect()
    connection.execute(PLANTED)
    return connection, colprofile.audit(connection, "planted")


class TestPlanted:
    def test_what_is_planned(self, planted: tuple[duckdb.DuckDBPyConnection, Audit]) -> None:
        _, audit = planted
        actions = {finding.fix.action for finding in audit.findings if finding.fix is not None}
        assert actions >= {
            "drop constant",
            "drop nothing",
            "make affine a generated column",
            "drop a_text",
            "drop b_double",
            "move city into a lookup table by zip",
            "move state into a lookup table by city",
            "move ab into a lookup table by a and b",
            "move gappy_label into a lookup table by gappy",
            "make is_gap a generated column",
            "make month a generated column",
            "make scaled a generated column",
            "make gappy_text a generated column",
            "make euros a generated column",
            "make converted a generated column",
            "make both a generated column",
            "make product a generated column",
            "make later a generated column",
            "make unix a generated column",
            "drop day_text",
            "drop midnight",
            "make area a generated column",
            "make small a generated column",
            "drop flag_number",
            "make id the primary key",
        }

    def test_every_check_returns_0(self, planted: tuple[duckdb.DuckDBPyConnection, Audit]) -> None:
        connection, audit = planted
        for finding in audit.findings:
            if finding.fix is not None:
                assert connection.execute(finding.fix.checks["duckdb"]).fetchall() == [(0,)], finding.statement

    def test_every_check_sees_a_row_that_breaks_it(self, planted: tuple[duckdb.DuckDBPyConnection, Audit]) -> None:
        """One value in 3,000 is changed, or added: each check counts something then."""
        connection, audit = planted
        for finding in audit.findings:
            if finding.fix is None or finding.kind == "key" or finding.severity is not None:
                continue
            copy = copy_of(connection, "planted")
            target = quote_identifier((finding.targets or finding.columns)[0])
            kind = copy.execute(f"select typeof({target}) from planted limit 1").fetchall()[0][0]
            other = {"VARCHAR": "'other'", "BOOLEAN": f"not {target}", "TIMESTAMP": "now()"}.get(kind, "-99")
            copy.execute(f"update planted set {target} = {other} where id = 2718")
            assert copy.execute(finding.fix.checks["duckdb"]).fetchall()[0][0] > 0, finding.statement

    def test_each_change_alone(self, planted: tuple[duckdb.DuckDBPyConnection, Audit]) -> None:
        connection, audit = planted
        for finding in audit.findings:
            if finding.fix is not None:
                copy = copy_of(connection, "planted")
                copy.execute(finding.fix.changes["duckdb"])
                left = [row[0] for row in copy.execute("describe planted").fetchall()]
                assert (
                    finding.kind == "key"
                    or finding.severity is not None
                    or (finding.targets or finding.columns)[0] not in left
                )

    def test_the_script_gives_the_original_back(self, planted: tuple[duckdb.DuckDBPyConnection, Audit]) -> None:
        connection, audit = planted
        copy = copy_of(connection, "planted")
        copy.execute(audit.script("duckdb"))
        original = copy.execute("from planted order by id").fetchall()
        assert copy.execute("from planted_restored order by id").fetchall() == original
        assert connection.execute("from planted order by id").fetchall() == original
        assert copy.execute("describe planted_restored").fetchall()[0][:2] == ("id", "BIGINT")
        types = [row[:2] for row in copy.execute("describe planted").fetchall()]
        assert [row[:2] for row in copy.execute("describe planted_restored").fetchall()] == types
        stored = [row[0] for row in copy.execute("describe planted_reduced").fetchall()]
        assert {"city", "state", "constant", "nothing", "a_text", "b_double", "ab"}.isdisjoint(stored)
        constraints = copy.execute("select constraint_type, table_name from duckdb_constraints()").fetchall()
        assert ("PRIMARY KEY", "planted_reduced") in constraints
        assert sum(kind == "FOREIGN KEY" for kind, _ in constraints) >= 2

    def test_the_script_in_postgresql(
        self, planted: tuple[duckdb.DuckDBPyConnection, Audit], new_postgres_database: Callable[[], sa.URL]
    ) -> None:
        connection, audit = planted
        engine = postgres_copy(new_postgres_database(), connection, "planted")
        run_postgres(engine, audit.script("postgresql"))
        assert rows_of(engine, "select * from planted_restored") == rows_of(engine, "select * from planted")
        inspector = sa.inspect(engine)
        assert inspector.get_pk_constraint("planted_reduced")["constrained_columns"] == ["id"]
        assert len(inspector.get_foreign_keys("planted_reduced")) >= 2
        computed = {c["name"] for c in inspector.get_columns("planted_reduced") if c.get("computed")}
        assert {"affine", "month", "is_gap", "scaled", "gappy_text", "euros", "converted", "later"} <= computed
        engine.dispose()

    def test_each_change_alone_in_postgresql(
        self, planted: tuple[duckdb.DuckDBPyConnection, Audit], new_postgres_database: Callable[[], sa.URL]
    ) -> None:
        connection, audit = planted
        engine = postgres_copy(new_postgres_database(), connection, "planted")
        for finding in audit.findings:
            if finding.fix is None:
                continue
            with engine.connect() as opened, opened.begin() as transaction:
                cursor = opened.connection.cursor()
                cursor.execute(finding.fix.checks["postgresql"])
                assert cursor.fetchall() == [(0,)], finding.statement
                cursor.execute(finding.fix.changes["postgresql"])
                transaction.rollback()
        engine.dispose()

    def test_a_claim_that_is_no_longer_true_stops_the_script(
        self, planted: tuple[duckdb.DuckDBPyConnection, Audit], new_postgres_database: Callable[[], sa.URL]
    ) -> None:
        connection, audit = planted
        copy = copy_of(connection, "planted")
        copy.execute("update planted set city = 'elsewhere' where id = 5")
        with pytest.raises(duckdb.Error, match="no longer true: zip determines city in every row"):
            copy.execute(audit.script("duckdb"))
        copy.execute("rollback")
        assert copy.execute("show tables").fetchall() == [("planted",)]
        engine = postgres_copy(new_postgres_database(), copy, "planted")
        with pytest.raises(Exception, match="no longer true: zip determines city in every row"):
            run_postgres(engine, audit.script("postgresql"))
        engine.dispose()


class TestOthers:
    def test_hostile_names(self, new_postgres_database: Callable[[], sa.URL]) -> None:
        connection = duckdb.connect()
        connection.execute(HOSTILE)
        audit = colprofile.audit(connection, "hostile")
        assert len(audit.of_kind("dependency")) == len(audit.of_kind("duplicate")) == 1
        copy = copy_of(connection, "hostile")
        copy.execute(audit.script("duckdb"))
        assert Counter(copy.execute("from hostile_restored").fetchall()) == Counter(
            connection.execute("from hostile").fetchall()
        )
        engine = postgres_copy(new_postgres_database(), connection, "hostile")
        run_postgres(engine, audit.script("postgresql"))
        assert rows_of(engine, "select * from hostile_restored") == rows_of(engine, "select * from hostile")
        engine.dispose()

    def test_flights_come_back_row_for_row(self, flights_audit: Audit) -> None:
        copy = copy_of(flights_connection(), "flights")
        copy.execute("set enable_progress_bar = false")
        copy.execute(flights_audit.script("duckdb"))
        difference = "select count(*) from (from flights except all from flights_restored)"
        assert copy.execute(difference).fetchall() == [(0,)]
        assert copy.execute("select count(*) from flights_restored").fetchall() == [(336_776,)]
        kept = [row[0] for row in copy.execute("describe flights_reduced").fetchall()]
        assert "year" not in kept and "month" not in kept

    def test_nothing_to_fix(self) -> None:
        connection = duckdb.connect()
        connection.execute("create table t as select (hash(i) % 5) as a, (hash(i, 1) % 5) as b from range(300) r(i)")
        assert colprofile.audit(connection, "t").script() == '-- Nothing to fix in "t".\n'

    def test_a_chain_of_dependencies_keeps_its_determinants(self) -> None:
        """a → b → c: whatever is dropped comes back from a column that is still there."""
        connection = duckdb.connect()
        connection.execute(
            "create table t as select (hash(i) % 80)::int as a, (hash(i) % 80 // 4)::int * 7 % 41 as b, "
            "'c' || (hash(i) % 80 // 16) as c from range(2000) r(i)"
        )
        audit = colprofile.audit(connection, "t")
        copy = copy_of(connection, "t")
        copy.execute(audit.script())
        assert Counter(copy.execute("from t_restored").fetchall()) == Counter(connection.execute("from t").fetchall())
        assert len(copy.execute("describe t_reduced").fetchall()) < 3
