"""The documentation tells the truth: the snippets of every page run and print what is shown below them."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from colprofile import __all__ as PUBLIC
from tests.support.snippets import NOT_RUN, ROOT, Session, check, snippets

PAGES = sorted((ROOT / "docs").glob("*.md"))
SHOWN_ONLY = {
    # What a server prints, from a random sample of ANALYZE.
    "planner.md",
    # tests/audit/test_docs_audit.py compares it with audits that other tests need too.
    "audit.md",
}
"""Pages with ``text`` that no snippet prints."""

SPARK = "sc://localhost:15002"

FEW_FLIGHTS = {
    "flights[flights.month <= 6]": "flights[(flights.month <= 6) & (flights.day == 1)]",
    "flights[flights.month > 6]": "flights[(flights.month > 6) & (flights.day == 1)]",
}
"""What docs/planner.md loads, but for one day of each month, so that a test takes seconds."""


@pytest.fixture(autouse=True)
def written_flights(parquet_files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The flights, copied where a page writes them. tests/house/test_readme.py really writes them."""
    monkeypatch.setenv("COLPROFILE_TESTS_FLIGHTS", str(parquet_files / "flights.parquet"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_snippets_run_and_print_what_is_shown(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    text = page.read_text(encoding="utf-8")
    addresses = {}
    if "postgresql+psycopg://localhost/nyc" in text:
        make: Callable[[], sa.URL] = request.getfixturevalue("new_postgres_database")
        url = make().render_as_string(hide_password=False)
        shown = {"postgresql+psycopg://localhost/nyc": url, "postgresql://localhost/nyc": url}
        addresses = {**shown, **FEW_FLIGHTS}
    if SPARK in text:
        addresses[SPARK] = request.getfixturevalue("spark_url")
    check(page, Session(tmp_path, addresses))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_text_is_printed_by_the_snippet_above_it(page: Path) -> None:
    found = snippets(page.read_text(encoding="utf-8"))
    unprinted = [snippet for snippet in found if snippet.language == "text" and not snippet.is_output]
    assert not unprinted or page.name in SHOWN_ONLY


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "sql.md"], ids=lambda page: page.stem)
def test_what_is_not_run_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"(?:^|`)make ([a-z0-9-]+)", text, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for listed in re.findall(r"'(?:\.|colprofile)\[([\w,]+)\]'", text):
        assert set(listed.split(",")) <= set(extras)
    for snippet in snippets(text):
        if snippet.language == "yaml":
            assert yaml.safe_load(snippet.text)
        elif snippet.language == "sh":
            unrun = [line for line in snippet.text.splitlines() if NOT_RUN.match(line)]
            assert all(line.split()[0] in {"pip", "make"} for line in unrun), unrun


def test_a_snippet_that_prints_something_else_fails(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    for snippet in ("python\nprint(1)", "sh\necho 1"):
        page.write_text(f"```{snippet}\n```\n\n```text\n1\n```\n")
        check(page, Session(tmp_path))
        for shown in ("2", "…"):
            page.write_text(f"```{snippet}\n```\n\n```text\n{shown}\n```\n")
            with pytest.raises(AssertionError, match=r"page\.md, line 6"):
                check(page, Session(tmp_path))
    for wrong in (
        "python\n1 + 1  # 3",
        "pycon\n>>> 1 + 1\n3",
        "python\nnonsense",
        "sh\nfalse",
        "sh\ncolprofile report nothing.json",
    ):
        page.write_text(f"```{wrong}\n```\n")
        with pytest.raises(AssertionError, match=r"page\.md, line 2"):
            check(page, Session(tmp_path))


def test_every_page_is_in_the_navigation() -> None:
    listed = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    assert set(re.findall(r"[\w-]+\.md", listed)) == {page.name for page in PAGES} | {"command-line.md"}


def test_the_python_reference_has_every_public_name() -> None:
    named = set(re.findall(r"^::: colprofile\.(\w+)$", (ROOT / "docs" / "python.md").read_text(), re.MULTILINE))
    errors = set(re.findall(r"^        - (\w+)$", (ROOT / "docs" / "python.md").read_text(), re.MULTILINE))
    assert named - {"errors"} | errors == set(PUBLIC)


def test_the_command_line_reference_has_every_option() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import command_line; print(command_line.render())"],
        cwd=ROOT / "docs",
        capture_output=True,
        text=True,
        check=True,
    )
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", done.stdout, re.DOTALL | re.MULTILINE))
    assert list(sections)[1:] == ["profile", "audit", "drift", "latent", "planner", "report", "sql"]
    assert "| `--nulls <ignore\\|value>` |" in sections["profile"]
    assert "| `STALE` |" in sections["drift"]
    assert all("| `--html FILE` |" in sections[name] for name in ("profile", "drift", "audit", "planner", "latent"))


def test_contributing_names_targets_and_folders_that_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^\| `make ([a-z-]+)` \|", text, re.MULTILINE)
    assert len(targets) > 5
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []
    paths = re.findall(r"`((?:colprofile|tests|sql|bench|docs)/[\w/.]*)`", text) + re.findall(r"tests/[\w/]+\.py", text)
    assert len(paths) > 12
    assert [path for path in paths if not (ROOT / path).exists()] == []
    packages = {path.parent.name for path in (ROOT / "colprofile").glob("*/__init__.py")}
    assert {path.split("/")[1] for path in paths if path.startswith("colprofile/") and path.count("/") > 1} >= packages


def test_what_a_page_would_load_from_elsewhere_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    import importlib.util
    from types import SimpleNamespace

    spec = importlib.util.spec_from_file_location("external", ROOT / "docs" / "external.py")
    assert spec is not None and spec.loader is not None
    external = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(external)
    page = SimpleNamespace(file=SimpleNamespace(src_uri="page.md"))
    harmless = '<a href="https://a.org"><link rel="canonical" href="https://b.org"><script src="../x.js"></script>'
    external.on_post_page(harmless, page, None)
    assert caplog.messages == []
    for loaded in (
        '<script src="https://c.org/x.js">',
        "<img src=https://c.org/x.js>",
        '<link href="https://c.org/x.js">',
    ):
        external.on_post_page(harmless + loaded, page, None)
        assert caplog.messages == ["page.md loads https://c.org/x.js from another server"]
        caplog.clear()
