"""Ctrl-C in the work on a whole database: it ends at once; with ``partial`` what was finished is kept."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import duckdb
import pytest

import colprofile
from colprofile.cli import main
from colprofile.verbs.database import audits, profiles
from tests.support.interruption import interrupt
from tests.support.shops import SHOP, duckdb_shop, fill

SLOW = "select sum(sin(a.i) * cos(b.i)) as s, count(*) as n from range(3000) a(i), range(3000000) b(i)"
"""A query that takes minutes."""


def interrupted_at(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, table: str) -> None:
    """Send this process Ctrl-C when a verb comes to a table."""

    def verb(source: Any, given: str | None = None, *arguments: Any, **options: Any) -> Any:
        if given == table:
            os.kill(os.getpid(), signal.SIGINT)
        return original(source, given, *arguments, **options)

    original = getattr(module, name)
    monkeypatch.setattr(module, name, verb)


@pytest.mark.parametrize(("module", "name"), [(profiles, "profile"), (audits, "audit_and_keep")])
def test_what_was_finished_is_kept_if_asked(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    connection = fill(duckdb.connect())
    verb = colprofile.profile if name == "profile" else colprofile.audit
    names = verb(connection).names
    interrupted_at(monkeypatch, module, name, names[1])
    found: Any = verb(connection, partial=True)
    assert (found.names, found.is_complete) == (names[:1], False)
    assert [(table.name, table.reason) for table in found.skipped] == [
        (names[1], "not finished: interrupted"),
        (names[2], "not reached: interrupted"),
    ]
    with pytest.raises(KeyboardInterrupt):
        verb(connection)
    assert connection.execute("select 1").fetchall() == [(1,)]


def test_ctrl_c_between_the_tables_keeps_their_audits(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return connection.execute(SLOW).fetchall()

    connection = fill(duckdb.connect())
    monkeypatch.setattr(audits, "schema_of", slow)
    found: Any = colprofile.audit(connection, partial=True)
    assert (len(found), found.is_complete, found.skipped) == (3, False, ())
    assert found.schema.notes[0].startswith("Interrupted")


def test_the_command_line_writes_what_was_finished(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = duckdb_shop(tmp_path / "shop.duckdb")
    names = colprofile.profile(shop, pairs=False, quality=False).names
    interrupted_at(monkeypatch, profiles, "profile", names[2])
    assert main(["profile", shop, "--partial", "--json", str(tmp_path / "part.json")]) == 130
    saved = json.loads((tmp_path / "part.json").read_text())
    assert (saved["is_complete"], [table["name"] for table in saved["tables"]]) == (False, list(names[:2]))
    assert main(["profile", shop, "--json", str(tmp_path / "none.json")]) == 130
    assert not (tmp_path / "none.json").exists()


def test_ctrl_c_ends_a_query_and_leaves_nothing_behind(tmp_path: Path) -> None:
    shop = duckdb_shop(tmp_path / "shop.duckdb", {"b": SHOP["customer"]})
    with duckdb.connect(shop) as connection:
        connection.execute(f"create view a as {SLOW}")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    script = "import sys, colprofile; colprofile.profile(sys.argv[1])"
    ended = interrupt(script, shop, after="opening the data", delay=1.5, env={**os.environ, "TMPDIR": str(temporary)})
    assert ended.returncode != 0 and "KeyboardInterrupt" in ended.stderr
    assert ended.seconds < 3
    assert list(temporary.iterdir()) == []
