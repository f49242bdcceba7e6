"""Results as collections of their columns, and their parts in short, at a prompt and in a notebook."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest

import colprofile
from colprofile.errors import SourceNotFound
from colprofile.report.parts import _DESCRIBED
from colprofile.results.base import Result
from colprofile.results.parts import Part
from tests.golden.make_saved import FOLDER
from tests.support import database_results

HOSTILE = "<script>alert(1)</script>\n\x1b[31m' \" & | ` \u202e" + "long" * 200
BY_COLUMN = ["audit", "drift", "planner", "profile"]


def loaded(name: str) -> Any:
    return Result.load(FOLDER / f"{name}.json")


@pytest.mark.parametrize("name", BY_COLUMN)
def test_a_result_is_a_collection_of_its_columns(name: str) -> None:
    result = loaded(name)
    assert list(result) == list(result.columns)
    assert len(result) == len(result.columns) == len(result.names)
    for column in result:
        assert column in result
        assert column.name in result
        assert result[column.name] is column
    assert result.names == tuple(column.name for column in result)
    assert result._ipython_key_completions_() == list(result.names)


@pytest.mark.parametrize("name", BY_COLUMN)
def test_what_is_no_column_is_not_in_it(name: str) -> None:
    result = loaded(name)
    for other in (
        "twise",
        "",
        None,
        0,
        b"x",
        ("x",),
        ["x"],
        pd.Series(["x", "x"]),
        replace(result.columns[0], name="another"),
    ):
        assert other not in result
    with pytest.raises(SourceNotFound, match=r"no column 'twise' in the \w+\."):
        result["twise"]
    with pytest.raises(SourceNotFound, match=r"no column '0' in the \w+\."):
        result[0]


@pytest.mark.parametrize("name", [*BY_COLUMN, "latent_classes"])
def test_a_result_without_columns_is_still_true(name: str) -> None:
    result = loaded(name)
    empty = replace(result, **{"classes" if name == "latent_classes" else "columns": ()})
    assert len(empty) == 0
    assert list(empty) == []
    assert empty


def test_latent_classes_are_a_collection_of_classes() -> None:
    result = loaded("latent_classes")
    assert list(result) == list(result.classes)
    assert len(result) == 2
    assert 1 in result
    assert result[1] in result
    assert 3 not in result
    assert "fur" not in result


def test_the_module_lists_what_it_offers() -> None:
    assert dir(colprofile) == sorted({*colprofile.__all__, "__version__"})


def parts_of(value: object) -> Iterator[Part]:
    """Yield every part within a result, however deep."""
    if isinstance(value, Part):
        yield value
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from parts_of(getattr(value, field.name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from parts_of(item)
    elif isinstance(value, dict):
        yield from parts_of(list(value.values()))


def all_parts() -> list[Part]:
    results = [*(loaded(name) for name in [*BY_COLUMN, "latent_classes"]), database_results.hostile()]
    return [*parts_of(results), *parts_of(results[BY_COLUMN.index("profile")].findings)]


def test_every_part_is_one_short_line_and_a_small_table() -> None:
    found = all_parts()
    assert {type(part).__name__ for part in found} >= set(_DESCRIBED) - {"GroupStatistics"}
    for part in found:
        line = repr(part)
        assert line.startswith(f"<{type(part).__name__}") and line.endswith(">")
        assert len(line) <= 240
        assert line.isprintable()
        assert "None" not in line
        table = part._repr_html_()
        assert table.startswith("<table style=") and table.endswith("</table>")
        assert len(table) < 5000
        assert "<style" not in table, "a style sheet would reach other outputs of the notebook"


def test_lines_say_what_matters() -> None:
    profile = loaded("profile")
    assert repr(profile["x"]) == (
        "<ColumnProfile x: type BIGINT, rows 60, NULL 0 %, distinct 6, entropy 2.551 bits, minimum 0, maximum 5, "
        "most frequent 0 (20.0 %)>"
    )
    assert repr(profile.pair("x", "twice")).startswith(
        "<PairProfile x × twice: dependence 1.00, mutual information 2.551"
    )
    assert "x determines twice, twice determines x" in repr(profile.pair("x", "twice"))
    assert repr(profile["x"].histogram) == "<Histogram: rows 60, nulls 0, distinct 6, values 6, counts 6>"
    assert repr(loaded("drift")["x"]).startswith("<ColumnDrift x: verdict drifted, KL 0.911 bits")
    assert repr(loaded("audit").findings[0]).startswith(
        "<Finding computed: finding twice = 2·x + 1, in every row, bits"
    )
    assert repr(loaded("latent_classes")[1]).startswith("<LatentClass 1: share 50.0 %, rows 50,")


def test_estimated_figures_are_intervals() -> None:
    frame = pd.DataFrame({"a": range(5000), "b": [i % 7 for i in range(5000)]})
    profile = colprofile.profile(frame, sample_rows=500)
    assert "entropy" in repr(profile["b"]) and " to " in repr(profile["b"])
    assert repr(profile["b"]).endswith("estimated from 500 rows>")
    assert " to " in repr(profile.pair("a", "b"))


class Text(HTMLParser):
    """The tags and the text of a table."""

    def __init__(self, table: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(table)

    def handle_starttag(self, tag: str, attributes: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_hostile_names_and_values() -> None:
    frame = pd.DataFrame({HOSTILE: [HOSTILE, "b"] * 30, "y": [1, 2] * 30})
    profile = colprofile.profile(frame)
    for part in [*parts_of(profile), *parts_of(colprofile.audit(frame))]:
        assert repr(part).isprintable()
        assert len(repr(part)) <= 240
        table = Text(part._repr_html_())
        assert table.tags <= {"table", "caption", "tbody", "tr", "th", "td"}
        assert table.text.isprintable()


def test_parts_of_results_are_read_without_reports() -> None:
    code = (
        f"import sys, colprofile; profile = colprofile.Profile.load({str(FOLDER / 'profile.json')!r});"
        "[column.name in profile for column in profile];"
        "print(any(name.startswith('colprofile.report') for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("False\n", "")
