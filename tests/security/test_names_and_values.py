"""Names and values are data: no verb runs them, no message and no output is changed by them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import colprofile
from tests.support.command_line import run

DROP = "drop table other"
NAMES = (
    f'"; {DROP}; --',
    f"'); {DROP}; --",
    f"$$; {DROP}; --",
    f"/* {DROP}; */ --",
    f"\\'; {DROP}; --",
    "{0} {name} %s %(x)s :x ? $1",
    f"a\n{DROP};\nb",
    f"a\r{DROP};\r\u2028{DROP};",
)
CONTROL = "\x1b]0;owned\x07\x1b[2J\r\n\x00\u202egnp.exe\u2066\u200b\x9b31m"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def hostile(table: str) -> duckdb.DuckDBPyConnection:
    """Return a connection with a table whose names and values try to drop another one."""
    con = duckdb.connect()
    con.execute("create table other as select 1 as x")
    columns = ", ".join(f"i // {place + 1} % 40 as {quoted(name)}" for place, name in enumerate(NAMES))
    con.execute(
        f"create table {quoted(table)} as select {columns}, ? || i % 8 as v, i as id from range(400) r(i)", [NAMES[0]]
    )
    return con


VERBS: dict[str, Callable[[duckdb.DuckDBPyConnection, str], object]] = {
    "profile": lambda con, table: colprofile.profile(con, table, progress=False),
    "audit": lambda con, table: colprofile.audit(con, table, progress=False),
    "drift": lambda con, table: colprofile.drift(con, con, table=table, progress=False),
    "latent": lambda con, table: colprofile.latent_classes(con, table, max_classes=2, progress=False),
    "evidence": lambda con, table: colprofile.evidence(con, NAMES[0], NAMES[1], table=table, progress=False),
    "sample": lambda con, table: colprofile.profile(con, table, sample_rows=100, progress=False),
}


_ALL_QUOTED = re.compile(r""""(?:[^"]|"")*"|'(?:[^']|'')*'|--[^\n\r]*""")
"""Identifiers, texts and comments; in PostgreSQL a carriage return ends a comment too."""


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_runs_a_name_or_a_value(verb: str) -> None:
    for table in NAMES[:3]:
        con = hostile(table)
        before = con.execute(f"from {quoted(table)}").fetchall()
        VERBS[verb](con, table)
        assert con.execute("select count(*) from other").fetchall() == [(1,)]
        assert con.execute(f"from {quoted(table)}").fetchall() == before


def test_the_script_of_such_a_table_changes_nothing_else() -> None:
    table = NAMES[0]
    con = hostile(table)
    audit = colprofile.audit(con, table, progress=False)
    assert len(audit.findings) > 3
    con.execute(audit.script("duckdb"))
    for dialect in ("duckdb", "postgresql"):
        script = audit.script(dialect)
        assert DROP in script
        assert DROP not in _ALL_QUOTED.sub("", script)
    assert con.execute("select count(*) from other").fetchall() == [(1,)]
    for finding in audit.findings:
        if finding.query is not None:
            con.execute(finding.query)
        if finding.fix is not None:
            assert con.execute(finding.fix.checks["duckdb"]).fetchall()[0][0] == 0
    assert con.execute("select count(*) from other").fetchall() == [(1,)]


def dangerous(text: str) -> set[str]:
    """Return the characters that move a cursor, hide, or turn the direction of text."""
    return {sign for sign in text if sign != "\n" and unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp")}


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    name = CONTROL.replace("\x00", "")
    path = tmp_path_factory.mktemp("strange") / f"{name}.parquet"
    column = f"c{name}"
    frame = pd.DataFrame({column: [f"{name}{i % 3}" for i in range(60)], "k": [i % 3 for i in range(60)]})
    frame.to_parquet(path)
    return path


@pytest.mark.parametrize("verb", ["profile", "audit", "latent"])
def test_no_terminal_output_holds_control_characters(strange: Path, verb: str) -> None:
    finished = run(verb, str(strange))
    assert finished.returncode == 0
    assert dangerous(finished.stdout + finished.stderr) == set()


REFUSED = (
    ("profile", f"no{CONTROL[:8]}file.csv"),
    ("profile", "STRANGE", "--columns", f"no{CONTROL.replace(chr(0), '')}"),
    ("profile", "STRANGE", "--table", f"no{CONTROL.replace(chr(0), '')}"),
    ("profile", "STRANGE", "--query", f"select {CONTROL.replace(chr(0), '')} from data"),
    ("profile", "STRANGE", "--where", f"'{CONTROL.replace(chr(0), '')}' = nothing"),
    ("profile", f"postgresql://{CONTROL[:8]}@127.0.0.1:1/x", "--table", "t"),
    ("show", "STRANGE"),
    (f"no{CONTROL[:8]}verb",),
)


@pytest.mark.parametrize("arguments", REFUSED, ids=range(len(REFUSED)))
def test_no_message_holds_control_characters(strange: Path, arguments: tuple[str, ...]) -> None:
    finished = run(*(str(strange) if each == "STRANGE" else each for each in arguments))
    assert finished.returncode == 2
    assert finished.stderr.strip()
    assert dangerous(finished.stdout + finished.stderr) == set()
