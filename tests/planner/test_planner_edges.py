"""What real tables are like: never analysed, empty, forbidden, partitioned, oddly named, wide, or gone meanwhile."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from colprofile import planner
from colprofile.cli import main
from colprofile.errors import ArgumentError, SourceError, SourceNotFound
from tests.support.postgres_tables import connected, run_all, snapshot

HOSTILE = 'a "b"\n; drop table "victim"; -- 100%(values)s <script>'
HOSTILE_SQL = HOSTILE.replace('"', '""')


@pytest.fixture(scope="module")
def url(new_postgres_database: Callable[[], sa.URL]) -> sa.URL:
    made = new_postgres_database()
    run_all(
        made,
        [
            "select setseed(0.2)",
            "create table never as select i % 7 as x, i % 7 as y, i as id from generate_series(1, 5000) i",
            "create table empty (x int, y text)",
            "create table blank as select null::int as x, null::int as y from generate_series(1, 100)",
            "analyze blank",
            "create table bare ()",
            "create table odd as select point(i, i) as place, '{}'::json as document, i % 3 as x, "
            "txid_current_snapshot() as page from generate_series(1, 300) i",
            "analyze odd",
            "create table parts (k int, v int) partition by list (k)",
            *(f"create table parts_{k} partition of parts for values in ({k})" for k in range(4)),
            "insert into parts select i % 4, i % 4 * 10 + i % 3 from generate_series(1, 8000) i",
            "analyze parts",
            "create table parent (x int)",
            "create table child () inherits (parent)",
            "insert into child select i % 5 from generate_series(1, 1000) i",
            "insert into parent select 9 from generate_series(1, 1000) i",
            "analyze parent",
            "create view looks as select * from never",
            "create materialized view kept as select i % 5 as x, i % 5 as y from generate_series(1, 4000) i",
            "analyze kept",
            "create table victim (x int)",
            f'create table "Select ""Me""" ("{HOSTILE_SQL}" int, "select" int, "ID" int unique)',
            'insert into "Select ""Me""" select i % 50, i % 50, i from generate_series(1, 20000) i',
            'analyze "Select ""Me"""',
            "create table wide (" + ", ".join(f"c{i} int" for i in range(300)) + ")",
            "insert into wide select "
            + ", ".join(f"i % {2 + i % 9}" for i in range(300))
            + " from generate_series(1, 500) i",
            "analyze wide",
            "create role half_reader login",
            "create table secret (x int, hidden int, y int)",
            "insert into secret select i % 4, i, i % 4 from generate_series(1, 4000) i",
            "analyze secret",
            "grant select (x, y) on secret to half_reader",
            "create table fenced as select 1 as x",
            "alter table fenced enable row level security",
            "grant select on fenced to half_reader",
            "create table closed as select 1 as x",
            "create table virtual (x int, twice int generated always as (x * 2) virtual)",
            "insert into virtual select i % 10 from generate_series(1, 5000) i",
            "analyze virtual",
            "create table many as select case when i % 2 = 0 then i % 100 else 1000 + (random() * 60000)::int end as x "
            "from generate_series(1, 300000) i",
            "analyze many",
        ],
    )
    return made


def quiet(url: sa.URL, table: str, **options: object) -> object:
    return planner(url, table, progress=False, **options)  # type: ignore[call-overload]


def test_a_table_that_was_never_analysed_gets_one_statement_that_cures_it(url: sa.URL) -> None:
    report = planner(url, "never", explain=True, progress=False)
    assert {column.verdict for column in report.columns} == {"never analysed"}
    assert report.statements[-1].sql == "ANALYZE public.never"
    assert report["x"].undefined["saved_distinct"] == "it was never analysed"
    for column in report.columns:
        assert column.measured is not None
        assert column.measured.error == pytest.approx(column.measured.predicted or 0.0, abs=0.01)
    assert report.saved_rows is None and report.last_analyzed is None


def test_an_empty_table_has_nothing_to_say(url: sa.URL) -> None:
    report = planner(url, "empty", verify=True, progress=False)
    assert report.rows == 0 and report.pairs == () and report.statements == ()
    assert "empty" in report.notes[0]
    assert report["x"].undefined["kl_divergence"] == "the table has no rows"
    assert report.script().endswith("-- Nothing to do.\n")


def test_columns_of_nothing_but_null_are_fine(url: sa.URL) -> None:
    report = planner(url, "blank", verify=True, progress=False)
    assert {column.verdict for column in report.columns} == {"fine"}
    assert report["x"].undefined["kl_divergence"] == "every row is NULL"


def test_a_table_without_columns(url: sa.URL) -> None:
    assert planner(url, "bare", verify=True, progress=False).columns == ()


def test_types_that_cannot_be_compared_are_named_with_the_reason(url: sa.URL) -> None:
    report = planner(url, "odd", explain=True, progress=False)
    assert {column.name for column in report.skipped} == {"place", "document", "page"}
    assert all("cannot be compared" in column.reason for column in report.skipped)
    assert [column.name for column in report.columns] == ["x"]


def test_a_partitioned_table_is_taken_as_a_whole_and_says_what_that_means(url: sa.URL) -> None:
    earlier = snapshot(url)
    report = planner(url, "parts", verify=True, progress=False)
    assert report.kind == "partitioned table" and report.rows == 8000
    assert report["k"].verdict == "fine"
    assert "partition by partition" in report.notes[0]
    assert snapshot(url) == earlier


def test_a_table_that_others_inherit_from_is_counted_with_them(url: sa.URL) -> None:
    report = planner(url, "parent", progress=False)
    assert report.rows == 2000 and report["x"].distinct == 6
    assert report["x"].verdict == "fine"


def test_a_materialized_view_has_statistics_too(url: sa.URL) -> None:
    earlier = snapshot(url)
    report = planner(url, "kept", verify=True, progress=False)
    assert report.kind == "materialized view"
    pair = report.pair("x", "y")
    assert pair.verdict == "advised" and pair.measured_after is not None
    assert abs(pair.measured_after.error) < 0.1
    assert snapshot(url) == earlier


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        ("looks", SourceError, "'looks' is a view"),
        ("nver", SourceNotFound, "Did you mean 'never'"),
        ("other.never", SourceNotFound, "no table 'other.never'"),
    ],
)
def test_what_has_no_statistics_is_one_clear_line(
    url: sa.URL, table: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        quiet(url, table)
    assert message in str(raised.value) and "\n" not in str(raised.value)


def test_hostile_names_are_quoted_in_every_statement(url: sa.URL) -> None:
    earlier = snapshot(url)
    report = planner(url, '"Select ""Me"""', verify=True, progress=False)
    pair = report.pair(HOSTILE, "select")
    assert pair.verdict == "advised"
    assert pair.measured_after is not None and abs(pair.measured_after.error) < 0.1
    assert snapshot(url) == earlier
    created = next(item for item in report.statements if item.kind == "create statistics")
    assert f'"{HOSTILE_SQL}"' in created.sql and '"select"' in created.sql
    assert report["ID"].verdict == "fine"
    for line in report.script().split("\n\n"):
        assert line.startswith("--")


def test_the_script_of_hostile_names_runs(url: sa.URL) -> None:
    import psycopg

    report = planner(url, '"Select ""Me"""', progress=False)
    with psycopg.connect(url.set(drivername="postgresql").render_as_string(False), autocommit=True) as driver:
        driver.execute(report.script().encode())
        found = driver.execute("select count(*) from pg_statistic_ext where stxname like 'select_me%'").fetchone()
        assert found == (1,)
        assert driver.execute("select count(*) from victim").fetchone() == (0,)
    again = planner(url, '"Select ""Me"""', progress=False)
    assert again.pair(HOSTILE, "select").verdict == "covered"
    assert again.statements == ()


def test_three_hundred_columns(url: sa.URL) -> None:
    report = planner(url, "wide", examine=3, progress=False)
    assert len(report.columns) == 300 and report.skipped == ()
    assert len(report.pairs) + report.pairs_left_out == 300 * 299 // 2
    assert sum(pair.evidence is not None for pair in report.pairs) == 3


def test_a_column_without_permission_is_skipped_with_the_reason(url: sa.URL) -> None:
    report = planner(url.set(username="half_reader"), "secret", explain=True, progress=False)
    assert [(column.name, column.reason.split(":")[0]) for column in report.skipped] == [("hidden", "no permission")]
    assert report["x"].verdict == "fine" and report["x"].measured is not None
    assert report.pair("x", "y").mutual_information == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        ("closed", {}, "permission denied for table closed"),
        ("fenced", {}, "row security hides rows"),
        ("secret", {"verify": True}, "only its owner may"),
    ],
)
def test_what_is_forbidden_is_one_clear_line(url: sa.URL, table: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(SourceError) as raised:
        quiet(url.set(username="half_reader"), table, **options)
    assert message in str(raised.value) and "\n" not in str(raised.value)


def test_extended_statistics_are_not_advised_where_the_server_refuses_them(url: sa.URL) -> None:
    report = planner(url, "virtual", verify=True, progress=False)
    assert report.pair("x", "twice").verdict == "no help"
    assert "virtual generated" in report.pair("x", "twice").reason


def test_distinct_values_that_analyze_cannot_see_are_set_by_hand(url: sa.URL) -> None:
    report = planner(url, "many", pairs=False, progress=False)
    column = report["x"]
    assert column.distinct_factor is not None and column.distinct_factor < 0.5
    assert column.verdict == "distinct"
    setting = next(item.sql for item in report.statements if item.kind == "set n_distinct")
    assert setting.startswith("ALTER TABLE public.many ALTER COLUMN x SET (n_distinct = -0.")
    assert column.distinct > 50_000


def test_another_database_is_refused(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with pytest.raises(ArgumentError, match="planner reads the statistics of PostgreSQL"):
        planner(engine, "t")
    engine.dispose()


def test_a_lock_that_another_holds_is_waited_for_only_so_long(url: sa.URL) -> None:
    with connected(url) as connection:
        connection.exec_driver_sql("begin")
        connection.exec_driver_sql("lock table never in share update exclusive mode")
        with pytest.raises(SourceError, match="lock timeout"):
            quiet(url, "never", verify=True, lock_timeout=0.2)
        connection.exec_driver_sql("rollback")


def test_a_table_dropped_meanwhile_is_one_clear_line(url: sa.URL, monkeypatch: pytest.MonkeyPatch) -> None:
    run_all(url, ["create table doomed as select 1 as x"])
    from colprofile.catalogs import explain

    real = explain.planned_rows

    def drop_first(connection: sa.Connection, table: object, condition: str | None = None) -> int:
        run_all(url, ["drop table if exists doomed"])
        return real(connection, table, condition)  # type: ignore[arg-type]

    monkeypatch.setattr(explain, "planned_rows", drop_first)
    with pytest.raises(SourceError) as raised:
        quiet(url, "doomed")
    assert 'relation "public.doomed" does not exist' in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_password_is_never_shown(url: sa.URL, capsys: pytest.CaptureFixture[str]) -> None:
    given = url.set(password="hunter2").render_as_string(hide_password=False)
    report = planner(url.set(password="hunter2"), "never", columns=["x"], progress=False)
    assert "hunter2" not in report.to_json() + report.to_html() + report.script()
    assert main(["planner", given, "no such table"]) == 2
    assert "hunter2" not in capsys.readouterr().err


def test_a_server_that_goes_away_in_mid_run_is_one_line_and_leaves_no_file(
    url: sa.URL, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The backend that serves us is terminated while it works: what a restart of the server does."""
    run_all(
        url, ["create table if not exists long as select i % 1000 as x, i % 999 as y from generate_series(1, 400000) i"]
    )
    stopped = threading.Event()

    def terminate() -> None:
        with connected(url) as connection:
            while not stopped.is_set():
                connection.exec_driver_sql(
                    "select pg_terminate_backend(pid) from pg_stat_activity "
                    "where pid <> pg_backend_pid() and query like '%%with counted%%' and state = 'active'"
                )
                time.sleep(0.01)

    thread = threading.Thread(target=terminate)
    thread.start()
    try:
        status = main(["planner", url.render_as_string(False), "long", "--json", str(tmp_path / "out.json")])
    finally:
        stopped.set()
        thread.join()
    shown = capsys.readouterr()
    assert status == 2
    assert shown.out == ""
    assert shown.err.count("\n") == 1 and "Traceback" not in shown.err
    assert "lost the connection" in shown.err or "terminating connection" in shown.err
    assert list(tmp_path.iterdir()) == []


def test_no_server_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["planner", f"postgresql://nobody@/x?host={tmp_path}", "t"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("colprofile: cannot connect to postgresql") and shown.count("\n") == 1


def test_ctrl_c_while_verifying_leaves_nothing_behind(url: sa.URL, monkeypatch: pytest.MonkeyPatch) -> None:
    from colprofile.verbs.planner import explain

    earlier = snapshot(url)
    real = explain.measure
    calls: list[int] = []

    def interrupted(*arguments: object) -> object:
        calls.append(1)
        if len(calls) == 2:  # the second is with the advice applied
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(explain, "measure", interrupted)
    with pytest.raises(KeyboardInterrupt):
        quiet(url, "never", verify=True)
    assert len(calls) == 2
    assert snapshot(url) == earlier
