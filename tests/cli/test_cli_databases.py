"""Whole databases on the command line: targets, exit status, and what standard error says."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

import colprofile
from colprofile.cli.completion import complete_tables
from colprofile.results.schema_kinds import SCHEMA_KINDS, SCHEMA_SEVERITIES, statements_of
from tests.support.command_line import run
from tests.support.shops import SHOP, duckdb_shop, folder_shop
from tests.support.snippets import ROOT


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> str:
    return duckdb_shop(tmp_path_factory.mktemp("cli") / "shop.duckdb")


def test_an_audit_is_written_in_every_form(shop: str, tmp_path: Path) -> None:
    forms = ("html", "json", "markdown", "save", "script")
    targets = {form: tmp_path / f"audit.{form}" for form in forms} | {"diagram": tmp_path / "erd.md"}
    done = run("audit", shop, *(word for form, path in targets.items() for word in (f"--{form}", str(path))))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    audit = colprofile.DatabaseAudit.load(targets["save"])
    assert audit.provenance.command is not None and audit.provenance.command.startswith(f"colprofile audit {shop}")
    assert targets["diagram"].read_text().startswith("```mermaid\n")
    shown = run("report", str(targets["save"]))
    assert shown.returncode == 0 and all(name in shown.stdout for name in SHOP)
    assert "orders.customer_id" in shown.stdout
    script = targets["script"].read_text()
    assert script.index("Between tables") < script.index("-- Table orders:")


def test_the_fixes_between_tables_run(shop: str, tmp_path: Path) -> None:
    script = run("audit", shop, "--script", "-", "--exclude", "item").stdout
    copy = duckdb.connect()
    copy.execute(f"attach '{shop}' as shop (read_only)")
    for name in SHOP:
        copy.execute(f"create table {name} as from shop.{name}")
    between = script.partition("-- Table ")[0]
    assert "add primary key" in between
    for statement in between.split(";"):
        if not all(line.startswith("--") or not line for line in statement.splitlines()):
            copy.execute(statement)
    keys = (
        "select table_name from duckdb_constraints() where constraint_type = 'PRIMARY KEY' and database_name = 'memory'"
    )
    assert ("customer",) in copy.execute(keys).fetchall()


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        ("foreign-key-missing", 1),
        ("copied-column", 1),
        ("orphans,foreign-key-violated,key-violated,mixed-types", 0),
        ("determined", 1),
        ("high", 0),
        ("medium", 1),
        ("empty,not-finite", 0),
    ],
)
def test_findings_of_these_kinds_end_with_1(shop: str, kinds: str, status: int) -> None:
    done = run("audit", shop, "--fail-on", kinds)
    assert done.returncode == status
    assert bool(done.stderr) == bool(status)


def test_every_kind_between_tables_can_be_asked_for_and_is_documented(shop: str) -> None:
    audit = colprofile.audit(shop, tables="*")
    documented = dict(
        re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", (ROOT / "docs/databases.md").read_text(), re.MULTILINE)
    )
    assert SCHEMA_KINDS.items() <= documented.items()
    found = {kind: statements_of(audit.schema, kind) for kind in SCHEMA_KINDS}
    assert len(found["foreign-key-missing"]) == 2 and len(found["copied-column"]) == 1
    done = run("audit", shop, "--fail-on", "orphan")
    assert done.returncode == 2 and "Did you mean 'orphans'?" in done.stderr


def test_what_could_not_be_looked_for_is_not_passed(shop: str, tmp_path: Path) -> None:
    saved = str(tmp_path / "shop.json")
    colprofile.profile(shop, tables="*").save(saved)
    done = run("audit", saved, "--fail-on", "orphans")
    assert done.returncode == 2
    assert "--fail-on cannot tell all that lies between the tables: Made from profiles" in done.stderr
    assert run("audit", saved, "--fail-on", "high").returncode == 0


def test_severities_are_those_of_reports(shop: str) -> None:
    assert set(SCHEMA_SEVERITIES) == set(SCHEMA_KINDS)
    done = run("audit", shop, "--table", "item", "--script", "-", "--dialect", "mysql")
    assert (done.returncode, "--dialect 'mysql' is for fixes between several tables" in done.stderr) == (2, True)
    assert "`orders`" in run("audit", shop, "--script", "-", "--dialect", "mysql").stdout


def test_what_is_about_several_tables_is_refused_for_one(shop: str, tmp_path: Path) -> None:
    done = run("audit", shop, "--table", "item", "--fail-on", "orphans")
    assert (done.returncode, "--fail-on 'orphans' is about several tables" in done.stderr) == (2, True)
    done = run("audit", shop, "--table", "item", "--diagram", str(tmp_path / "erd.dot"))
    assert (done.returncode, "--diagram is about several tables" in done.stderr) == (2, True)


def test_a_table_that_is_left_out_is_said_with_status_2(tmp_path: Path) -> None:
    folder = folder_shop(tmp_path / "shop")
    (tmp_path / "shop" / "bad.parquet").write_bytes(b"PAR1 cut off")
    done = run("profile", folder, "--json", str(tmp_path / "found.json"))
    assert done.returncode == 2
    assert re.match(r"colprofile: bad is left out: .+; --exclude leaves out what is known\n$", done.stderr)
    assert len(colprofile.DatabaseProfile.load(tmp_path / "found.json")) == len(SHOP)
    assert run("profile", folder, "--exclude", "bad").returncode == 0


def test_messages_name_options(shop: str) -> None:
    assert "--tables: no table of" in run("profile", shop, "--tables", "ordrs").stderr
    assert "one table is named, and --exclude too" in run("profile", shop, "--table", "item", "--exclude", "x").stderr
    assert "--max-determinants 2 or 3" in run("audit", shop).stdout.replace("\n", " ")


def test_tables_are_offered_to_the_shell(shop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace
    from typing import Any

    context: Any = SimpleNamespace(params={"source": [shop]}, args=[])
    assert complete_tables(context, "item,o") == ["item,orders"]
    context.params = {"source": ["nowhere.duckdb"]}
    assert complete_tables(context, "") == []
