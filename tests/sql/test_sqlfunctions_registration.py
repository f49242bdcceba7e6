"""register and unregister: idempotent, temporary, for every cursor and thread, and clean at exit."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

import colprofile
from colprofile.errors import ArgumentError, SourceError
from colprofile.sqlfunctions import functions, register, unregister
from colprofile.sqlfunctions.catalogue import PYTHON_GROUPS, macro_names
from colprofile.sqlfunctions.registration import MARK, SQL_GROUPS

BITS = "select mutual_information(x, x % 2), entropy_estimate(x) from range(8) as t(x)"


def ours(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the names of our macros, as their comments and the helpers' names tell."""
    rows = con.execute(
        "select function_name from duckdb_functions()"
        f" where comment like '%{MARK}%' or starts_with(function_name, 'colprofile_')"
    ).fetchall()
    return sorted({name for (name,) in rows})


def answer(con: duckdb.DuckDBPyConnection) -> object:
    row = con.execute(BITS).fetchone()
    assert row is not None
    return row[0]


def test_it_returns_the_connection_and_can_be_repeated() -> None:
    with duckdb.connect() as con:
        assert register(con) is con
        first = con.execute("select function_name, comment from duckdb_functions() order by all").fetchall()
        assert register(con) is con
        assert con.execute("select function_name, comment from duckdb_functions() order by all").fetchall() == first
        assert ours(con) == sorted(macro_names())
        assert answer(con) == 1.0


def test_a_part_that_was_dropped_comes_back() -> None:
    with duckdb.connect() as con:
        register(con)
        con.execute("drop macro psi")
        con.execute("drop macro colprofile_kl")
        register(con)
        assert ours(con) == sorted(macro_names())


def test_unregister_takes_all_back() -> None:
    with duckdb.connect() as con:
        before = con.execute("select count(*) from duckdb_functions()").fetchall()
        register(con)
        assert unregister(con) is con
        assert con.execute("select count(*) from duckdb_functions()").fetchall() == before
        for function in functions():
            with pytest.raises(duckdb.Error, match="does not exist"):
                con.execute(function.example)
        unregister(con)
        register(con)
        assert answer(con) == 1.0


def test_unregister_leaves_what_is_the_users() -> None:
    with duckdb.connect() as con:
        con.execute("create temp macro psi(a) as a + 1")
        con.execute("create macro perplexity(a) as a + 2")
        unregister(con)
        assert con.execute("select psi(1), perplexity(1)").fetchall() == [(2, 3)]


def test_a_macro_of_the_users_is_not_overwritten() -> None:
    with duckdb.connect() as con:
        con.execute("create temp macro psi(a) as a + 1")
        with pytest.raises(ArgumentError, match="has a macro 'psi' that is not ours: drop it"):
            register(con)
        assert con.execute("select psi(1)").fetchall() == [(2,)]
        assert ours(con) == []
        con.execute("drop macro temp.psi")
        register(con)
        assert answer(con) == 1.0


def test_a_lasting_macro_of_the_users_is_hidden_for_a_while() -> None:
    with duckdb.connect() as con:
        con.execute("create macro psi(a, b) as 'mine'")
        register(con)
        assert con.execute("select psi(1, 1)").fetchall() == [(0.0,)]
        unregister(con)
        assert con.execute("select psi(1, 1)").fetchall() == [("mine",)]


def test_cursors_register_for_themselves() -> None:
    with duckdb.connect() as con:
        register(con)
        with con.cursor() as cursor:
            with pytest.raises(duckdb.CatalogException):
                answer(cursor)
            register(cursor)
            assert answer(cursor) == 1.0
        assert answer(con) == 1.0


def test_a_cursor_that_registered_first_may_close_first() -> None:
    with duckdb.connect() as con:
        with con.cursor() as cursor:
            register(cursor)
            assert answer(cursor) == 1.0
        register(con)
        assert answer(con) == 1.0
        register(con)


def test_threads_at_once() -> None:
    found: list[object] = []
    with duckdb.connect() as con:

        def work() -> None:
            with con.cursor() as cursor:
                for _ in range(3):
                    register(cursor)
                    found.append(answer(cursor))

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [1.0] * 18


def test_a_read_only_database_and_nothing_written(tmp_path: Path) -> None:
    path = tmp_path / "t.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create table t as select range as x from range(8)")
    before = path.read_bytes()
    with duckdb.connect(str(path), read_only=True) as con:
        register(con)
        assert con.execute("select perplexity(x) from t").fetchall() == [(8.0,)]
        assert len(con.execute("from column_entropies('t')").fetchall()) == 1
    assert path.read_bytes() == before
    with duckdb.connect(str(path)) as con:
        register(con)
        assert answer(con) == 1.0
    with duckdb.connect(str(path)) as con:
        assert con.execute("select count(*) from duckdb_functions() where not internal").fetchall() == [(0,)]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["t.duckdb"]


def test_the_file_is_free_again_after_close(tmp_path: Path) -> None:
    path = str(tmp_path / "t.duckdb")
    con = register(duckdb.connect(path))
    con.close()
    code = f"import duckdb; duckdb.connect({path!r}).close()"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_file_is_free_again_when_the_connection_is_forgotten(tmp_path: Path) -> None:
    path = str(tmp_path / "t.duckdb")
    con = register(duckdb.connect(path))
    assert answer(con) == 1.0
    del con
    code = f"import duckdb; duckdb.connect({path!r}).close()"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_view_on_a_function_needs_it_registered(tmp_path: Path) -> None:
    path = str(tmp_path / "t.duckdb")
    with duckdb.connect(path) as con:
        register(con)
        con.execute("create table t as select range as x from range(8)")
        con.execute("create view v as select perplexity(x) as values from t")
        assert con.execute("from v").fetchall() == [(8.0,)]
    with duckdb.connect(path) as con:
        register(con)
        assert con.execute("from v").fetchall() == [(8.0,)]


def kept(con: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """Return the names of our macros by database: 'temp' for those of the connection."""
    found: dict[str, set[str]] = {}
    for database, name in con.execute(
        "select database_name, function_name from duckdb_functions() where not internal and function_type like '%macro'"
    ).fetchall():
        found.setdefault(database, set()).add(name)
    return found


def test_persistent_macros_work_without_colprofile(tmp_path: Path) -> None:
    path = str(tmp_path / "t.duckdb")
    with duckdb.connect(path) as con:
        assert register(con, persistent=True) is con
        con.execute("create table t as select range % 8 as x, range % 2 as y from range(80)")
        con.execute("create view v as select mutual_information(x, y), perplexity(x) from t")
        con.execute("create view estimated as select entropy_estimate(x) > 3 from t")
        assert kept(con) == {"t": set(macro_names(SQL_GROUPS)), "temp": set(macro_names(PYTHON_GROUPS))}
        assert con.execute("from estimated").fetchall() == [(True,)]
    code = f"""
import duckdb, sys
con = duckdb.connect({path!r}, read_only=True)
print(con.execute("from v").fetchall(), con.execute("select distinct_pairs from pair_measures('t', x, y)").fetchall())
try:
    con.execute("from estimated")
except duckdb.CatalogException as error:
    print(str(error).splitlines()[0])
print("colprofile" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "[(1.0, 8.0)] [(8,)]",
        "Catalog Error: Scalar Function with name entropy_estimate does not exist!",
        "False",
    ]
    with duckdb.connect() as con:
        con.execute(f"attach '{path}' as other (read_only)")
        assert con.execute("from other.v").fetchall() == [(1.0, 8.0)]


def test_persistent_macros_are_created_once_and_dropped_again(tmp_path: Path) -> None:
    path = tmp_path / "t.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create macro mine(a) as a + 1")
        for persistent in (False, True, True, False, True):
            register(con, persistent=persistent)
        assert kept(con) == {"t": {"mine", *macro_names(SQL_GROUPS)}, "temp": set(macro_names())}
        first = con.execute(
            "select function_oid from duckdb_functions() where database_name = 't' order by 1"
        ).fetchall()
        register(con, persistent=True)
        assert (
            con.execute("select function_oid from duckdb_functions() where database_name = 't' order by 1").fetchall()
            == first
        )
        unregister(con)
        assert kept(con) == {"t": {"mine", *macro_names(SQL_GROUPS)}}
        assert con.execute("select perplexity(x) from range(8) as t(x)").fetchall() == [(8.0,)]
    with duckdb.connect(str(path)) as con:
        assert kept(con) == {"t": {"mine", *macro_names(SQL_GROUPS)}}
        register(con)
        unregister(con, persistent=True)
        assert kept(con) == {"t": {"mine"}}


def test_persistent_macros_of_another_version_are_replaced() -> None:
    with duckdb.connect() as con:
        register(con, persistent=True)
        con.execute(f"create or replace macro psi(a) as 'old'; comment on macro psi is 'old {MARK} 0.0.1]'")
        register(con, persistent=True)
        assert con.execute("select psi(1, 1)").fetchall() == [(0.0,)]


def test_a_persistent_macro_of_the_users_is_never_replaced_or_dropped() -> None:
    with duckdb.connect() as con:
        con.execute("create macro psi(a) as a + 1")
        with pytest.raises(
            ArgumentError, match="the database has a macro 'psi' that is not ours: drop it, or register"
        ):
            register(con, persistent=True)
        assert kept(con) == {"memory": {"psi"}}
        unregister(con, persistent=True)
        assert con.execute("select psi(1)").fetchall() == [(2,)]


def test_persistent_macros_go_to_the_current_schema(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        con.execute(f'attach \'{tmp_path / "a b.duckdb"}\' as "a b"; create schema "a b"."in"; use "a b"."in"')
        register(con, persistent=True)
        query = "select distinct database_name, schema_name from duckdb_functions() where function_name = 'perplexity'"
        assert con.execute(query).fetchall() == [("a b", "in")]
        assert answer(con) == 1.0
        unregister(con, persistent=True)
        assert con.execute(query).fetchall() == []


def test_a_read_only_database_takes_no_macros(tmp_path: Path) -> None:
    path = str(tmp_path / "t.duckdb")
    duckdb.connect(path).close()
    with duckdb.connect(path, read_only=True) as con:
        with pytest.raises(SourceError, match="the database is read-only, so macros cannot be created in it: register"):
            register(con, persistent=True)
        assert kept(con) == {}
        register(con)
        assert answer(con) == 1.0


def test_persistent_macros_belong_to_the_users_transaction() -> None:
    with duckdb.connect() as con:
        con.execute("begin")
        register(con, persistent=True)
        assert answer(con) == 1.0
        con.execute("rollback")
        assert kept(con) == {}


def test_a_transaction_of_the_users_stays_theirs() -> None:
    with duckdb.connect() as con:
        register(con)
        unregister(con)
    with duckdb.connect() as con:
        con.execute("create table t (x integer)")
        with con.cursor() as other:
            register(other)
        con.execute("begin")
        con.execute("insert into t values (1)")
        register(con)
        assert answer(con) == 1.0
        con.execute("rollback")
        assert con.execute("select count(*) from t").fetchall() == [(0,)]
        register(con)
        assert answer(con) == 1.0


def test_the_first_to_register_is_in_a_transaction() -> None:
    with duckdb.connect() as con:
        con.execute("create table t (x integer)")
        con.execute("begin")
        con.execute("insert into t values (1)")
        register(con)
        assert answer(con) == 1.0
        con.execute("rollback")
        register(con)
        assert answer(con) == 1.0


def test_what_is_no_connection() -> None:
    for given in (None, "t.duckdb", object(), Path("t.duckdb")):
        with pytest.raises(ArgumentError, match=r"is not a connection to DuckDB: give the one that duckdb\.connect"):
            register(given)


def test_a_closed_connection() -> None:
    con = duckdb.connect()
    con.close()
    with pytest.raises(SourceError, match="cannot register the functions of colprofile"):
        register(con)
    with pytest.raises(SourceError, match="cannot unregister the functions of colprofile"):
        unregister(con)


def test_it_is_offered_by_the_package() -> None:
    assert colprofile.register is register
    assert colprofile.unregister is unregister


LEAKS = {
    "a connection that stays open": "con = colprofile.register(duckdb.connect())\ncon.execute(BITS).fetchall()",
    "and a cursor": (
        "con = colprofile.register(duckdb.connect())\n"
        "cursor = colprofile.register(con.cursor())\ncursor.execute(BITS).fetchall()"
    ),
    "a cursor alone": (
        "con = duckdb.connect()\ncursor = colprofile.register(con.cursor())\ncursor.execute(BITS).fetchall()"
    ),
    "the default connection": "colprofile.register(duckdb)\nduckdb.sql(BITS).fetchall()",
    "a closed connection": "con = colprofile.register(duckdb.connect())\ncon.execute(BITS).fetchall()\ncon.close()",
    "a forgotten connection": "con = colprofile.register(duckdb.connect())\ncon.execute(BITS).fetchall()\ndel con",
    "unregistered": "con = colprofile.register(duckdb.connect())\ncolprofile.unregister(con)",
    "a half read result": (
        "con = colprofile.register(duckdb.connect())\n"
        "con.execute('select perplexity(range), range from range(100000) group by range')\ncon.fetchone()"
    ),
    "in a function": (
        "def work():\n    con = colprofile.register(duckdb.connect())\n    return con.sql(BITS)\n"
        "relation = work()\nrelation.fetchall()"
    ),
    "in a cycle": (
        "class Holder: pass\nholder = Holder()\nholder.me = holder\n"
        "holder.con = colprofile.register(duckdb.connect())\nholder.con.execute(BITS).fetchall()"
    ),
    "a script that leaves": (
        "con = colprofile.register(duckdb.connect())\ncon.execute(BITS).fetchall()\nraise SystemExit(0)"
    ),
    "threads": (
        "import threading\ncon = duckdb.connect()\n"
        "def work(): colprofile.register(con.cursor()).execute(BITS).fetchall()\n"
        "threads = [threading.Thread(target=work) for _ in range(4)]\n"
        "[t.start() for t in threads]\n[t.join() for t in threads]"
    ),
}


# One process imports numba and forks a child for each case, which runs it as a script and ends as Python does. The
# children import DuckDB: 1.x starts a thread when it is imported, which a child would not have.
CHILDREN = """
import json, os, sys, numba
cases, found = json.loads(sys.argv[1]), {}
for case, code in cases.items():
    source, target = os.pipe()
    if not (child := os.fork()):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(target, 2)
        os.close(source), os.close(target)
        break
    os.close(target)
    with open(source) as said:
        errors = said.read()
    found[case] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), errors
else:
    print(json.dumps(found))
    sys.exit()
exec(code)
"""


def test_nothing_is_said_at_exit() -> None:
    cases = {
        case: f"import duckdb, colprofile\nBITS = {BITS!r}\n{code}\n"
        for case, code in {**LEAKS, "a fault": "1 / 0"}.items()
    }
    command = [sys.executable, "-c", CHILDREN, json.dumps(cases)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    status, said = found.pop("a fault")
    assert status == 1 and "ZeroDivisionError" in said
    assert found == {case: [0, ""] for case in LEAKS}
