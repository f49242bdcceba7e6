"""What all results have in common: one line of text, every form, and one place that knows the kinds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import colprofile
from colprofile.errors import ResultError, SourceNotFound
from colprofile.results.base import Result
from colprofile.results.serialize import FORMATS, format_of, result_class, saved_format
from tests.golden.make_saved import FOLDER
from tests.support import profiles

NAMES = [name.removeprefix("colprofile.") for name in FORMATS]


def loaded(name: str) -> Result:
    return Result.load(FOLDER / f"{name}.json")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("audit", "<Audit of pandas DataFrame: 60 rows, 7 columns, 5 findings>"),
        ("database_audit", "<DatabaseAudit of the DuckDB connection: 3 tables>"),
        (
            "database_planner",
            "<DatabasePlannerReport of postgresql+psycopg://localhost/shop public.t: 2 tables, 2 skipped>",
        ),
        (
            "drift",
            "<Drift from pandas DataFrame to pandas DataFrame: 8 columns, "
            "1 broken, 1 drifted, 1 added, 1 explained, 4 same>",
        ),
        ("latent_classes", "<LatentClasses of pandas DataFrame: 100 rows, 3 columns, 2 classes>"),
        (
            "planner",
            "<PlannerReport of postgresql+psycopg://localhost/shop public.t: 40,000 rows, 4 columns, 1 pair, "
            "2 statements advised>",
        ),
        ("profile", "<Profile of pandas DataFrame: 60 rows, 6 columns, 15 pairs>"),
    ],
)
def test_repr_is_one_short_line(name: str, line: str) -> None:
    assert repr(loaded(name)) == line


def test_repr_of_hostile_names_is_one_line_without_control_characters() -> None:
    profile = profiles.flights_like(20)
    hostile = replace(profile.provenance, source="a\nb\x1b[31m" + "long" * 500)
    shown = repr(replace(profile, provenance=hostile))
    assert len(shown) < 250
    assert shown.isprintable()


def test_every_public_result_has_the_same_methods_and_a_format() -> None:
    classes = [value for name in colprofile.__all__ if is_result(value := getattr(colprofile, name))]
    assert {format_of(cls) for cls in classes} == set(FORMATS)
    assert {result_class(name) for name in FORMATS} == set(classes)
    for cls in classes:
        for method in (
            "to_dict",
            "to_json",
            "to_markdown",
            "to_terminal",
            "show",
            "save",
            "load",
            "_repr_html_",
            "__repr__",
        ):
            assert getattr(cls, method).__qualname__ == f"Result.{method}"


def is_result(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Result)


@pytest.mark.parametrize("name", NAMES)
def test_show_prints_the_terminal_report(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = loaded(name)
    result.show()
    assert capsys.readouterr().out == result.to_terminal(width=80)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_written_and_returned(name: str, tmp_path: Path) -> None:
    page = loaded(name).to_html(tmp_path / "page.html")
    assert page == (tmp_path / "page.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")


@pytest.mark.parametrize("name", NAMES)
def test_a_file_tells_its_kind(name: str) -> None:
    path = FOLDER / f"{name}.json"
    assert saved_format(path) == f"colprofile.{name}"
    assert type(Result.load(path)) is result_class(f"colprofile.{name}")
    other = colprofile.Drift if name != "drift" else colprofile.Audit
    with pytest.raises(ResultError, match=f"it holds 'colprofile.{name}', not '{format_of(other)}'"):
        other.load(path)


def test_an_unknown_kind_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ResultError, match=r"it holds 'colprofile\.recipe', not one of colprofile\.audit, "):
        Result.from_dict({"format": "colprofile.recipe", "version": 1})


def test_a_column_that_is_not_there_is_named_with_similar_ones() -> None:
    with pytest.raises(SourceNotFound, match=r"no column 'twise' in the profile\. Did you mean 'twice'"):
        colprofile.Profile.load(FOLDER / "profile.json")["twise"]
    with pytest.raises(SourceNotFound, match=r"no column 'twise' in the comparison\. Did you mean 'twice'"):
        colprofile.Drift.load(FOLDER / "drift.json")["twise"]
