"""Descriptions, the reference page, the script and `colprofile sql`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from colprofile.errors import ArgumentError
from colprofile.sqlfunctions import GROUPS, functions, register
from colprofile.sqlfunctions.catalogue import PYTHON_GROUPS, group_blocks, is_of_duckdb_1, macro_names, needed_groups
from colprofile.sqlfunctions.reference import render_reference
from colprofile.sqlfunctions.script import list_text, script_text

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sql.md"

DESIGNED = {
    *("joint_entropy", "conditional_entropy", "mutual_information", "normalized_mutual_information"),
    *("uncertainty_coefficient", "variation_of_information", "perplexity", "entropy_estimate"),
    *("kl_divergence", "cross_entropy", "js_divergence", "psi", "unseen_mass", "vanished_mass"),
    *("histogram_entropy", "histogram_kl", "histogram_cross_entropy", "histogram_js", "histogram_psi"),
    *("surprisal", "gaussian_kl", "column_entropies", "column_drift"),
    *("entropy_bounds", "mutual_information_bounds"),
}


@pytest.mark.skipif(is_of_duckdb_1(), reason="the page is made with DuckDB 2")
def test_the_reference_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_reference(), "docs/sql.md is old: run `make docs`"


def test_every_function_of_the_design_is_there() -> None:
    assert {function.name for function in functions()} >= DESIGNED


@pytest.mark.parametrize("function", functions(), ids=lambda function: function.name)
def test_every_function_is_described(function: object) -> None:
    for field in ("description", "nulls", "example", "unit", "returns"):
        assert getattr(function, field), field
    name, _, arguments = function.signature.partition("(")  # type: ignore[attr-defined]
    assert name == function.name  # type: ignore[attr-defined]
    described = ", ".join(names for names, _ in function.arguments).replace(" ", "").split(",")  # type: ignore[attr-defined]
    listed = [part.strip(" []").partition(" ")[0] for part in arguments.rstrip(")").replace("[", "").split(",")]
    assert [part.rstrip("]") for part in listed] == described


def test_the_signatures_are_those_of_the_macros() -> None:
    with duckdb.connect() as con:
        register(con)
        for function in functions():
            if function.name not in macro_names():
                continue
            rows = con.execute(
                "select parameters, comment from duckdb_functions() where function_name = ?", [function.name]
            ).fetchall()
            most = max((parameters for parameters, _ in rows), key=len)
            described = ", ".join(names for names, _ in function.arguments).split(", ")
            assert most == described, function.name
            assert rows[0][1].startswith(f"{function.signature} -> {function.returns}, {function.unit}. ")


def test_the_page_says_of_every_function_what_it_is_made_of() -> None:
    page = PAGE.read_text(encoding="utf-8")
    made = {function.name: function for function in functions()}
    assert page.count("- **Made of.** ") == len(made)
    for function in made.values():
        entry = page.partition(f'<a name="{function.name}"></a>')[2].partition("<a name=")[0]
        assert f"- **Made of.** A {function.made_of}" in entry
        assert (function.made_of == "Python UDF") is (function.name not in macro_names())
        assert bool(function.reason) is function.is_python, "why Python, and only where it is"
    assert made["mutual_information"].made_of == "macro over `count`, `entropy`"
    assert made["kl_divergence"].made_of == "macro over `list`"
    assert made["surprisal"].made_of == made["histogram_kl"].made_of == "scalar macro"
    assert made["pair_measures"].made_of == "table macro"
    assert made["pair_dependences"].made_of == "table macro over `table_dependences`"
    assert made["entropy_estimate"].made_of == "macro over `fingerprint_entropy`, `histogram`"


def test_entropy_is_left_to_duckdb() -> None:
    assert "entropy" not in macro_names()
    with duckdb.connect() as con:
        register(con)
        found = con.execute(
            "select entropy(x) filter (where x > 0), entropy(distinct x) from (values (0), (1), (2), (2)) as t(x)"
        ).fetchone()
    assert found == (pytest.approx(0.9182958340544896), pytest.approx(1.584962500721156))


@pytest.mark.parametrize("group", [group for group in GROUPS if group not in PYTHON_GROUPS])
def test_each_group_works_alone_without_python(group: str) -> None:
    with duckdb.connect() as con:
        con.execute(script_text((group,)))
        for function in functions():
            if function.group == group:
                assert con.execute(function.example).fetchall()


def test_the_whole_script_and_register_agree() -> None:
    with duckdb.connect() as script, duckdb.connect() as registered:
        script.execute(script_text())
        register(registered)
        for function in functions():
            if not function.is_python:
                wanted = registered.execute(function.example).fetchall()
                assert script.execute(function.example).fetchall() == wanted
        register(script)
        assert script.execute("select entropy_estimate(x) > 2 from range(8) as t(x)").fetchall() == [(True,)]


def test_the_script_lists_what_needs_python() -> None:
    head = script_text().split("\n\n")[0]
    assert "entropy_estimate(x" in head
    assert "fingerprint_entropy(" in head
    assert "create or replace temp macro entropy_estimate" not in script_text()


def test_groups_bring_what_they_call() -> None:
    assert needed_groups("histograms") == {"histograms", "counts"}
    assert needed_groups("tables") == {"tables", "counts", "pairs", "columns"}
    assert needed_groups("pairs") == {"pairs", "columns"}


def test_unknown_and_python_groups_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"no group 'pair' of SQL functions\. Did you mean 'pairs'"):
        script_text(("pair",))
    with pytest.raises(ArgumentError, match=r"'samples' .* needs Python: call colprofile\.register"):
        script_text(("samples",))
    with pytest.raises(ArgumentError, match="no group 'x' of SQL functions"):
        list_text(("x",))


def test_helpers_are_not_offered() -> None:
    helpers = {name for name in macro_names() if name.startswith("colprofile_")}
    assert helpers
    assert not helpers & {function.name for function in functions()}
    assert set(macro_names()) - helpers <= {function.name for function in functions()}
    for group in GROUPS:
        assert not group_blocks(group)[0].statement


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "colprofile", "sql", *arguments], capture_output=True, text=True, timeout=120
    )


def test_the_command_prints_the_script() -> None:
    done = command()
    assert (done.returncode, done.stdout, done.stderr) == (0, script_text(), "")


def test_the_command_prints_groups() -> None:
    done = command("--group", "latent", "--group", "columns")
    assert (done.returncode, done.stdout, done.stderr) == (0, script_text(("columns", "latent")), "")


def test_the_command_lists() -> None:
    done = command("--list")
    assert (done.returncode, done.stdout, done.stderr) == (0, list_text(), "")
    assert "  perplexity(x, [partition_by]) -> without unit\n" in done.stdout


def test_the_command_refuses_in_one_line() -> None:
    done = command("--group", "pair")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "colprofile: there is no group 'pair' of SQL functions. Did you mean 'pairs'?\n"
