"""What a profile says of its data: planted faults are found with their rows, clean tables draw no serious remark."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from dataclasses import replace
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa

import colprofile
from colprofile.report.profile.quality import quality_sentences
from colprofile.results.profile import Profile
from colprofile.results.quality import QUALITY_KINDS, MissingPattern, QualityIssue
from tests.support.dependency_tables import scikit_learn_tables
from tests.support.dirty_tables import clean_table, dirty_table
from tests.support.tables import flights_with_times


def profile(data: Any, **options: Any) -> Profile:
    """A profile without pairs."""
    found: Profile = colprofile.profile(data, pairs=False, progress=False, **options)
    return found


def serious(found: Profile) -> list[str]:
    """What is said with a severity above low."""
    return [each.plain() for each in quality_sentences(found) if each.issue.severity != "low"]


@pytest.mark.parametrize("rows", [200, 2000])
def test_every_planted_fault_is_found_in_as_many_rows(rows: int) -> None:
    kinds = set()
    for seed in range(4):
        frame, planted = dirty_table(seed, rows)
        found = profile(frame)
        said: dict[tuple[str, str], QualityIssue] = {
            (issue.kind, column): issue for issue in found.quality for column in issue.columns or ("",)
        }
        assert len(said) == len(planted), [set(said) ^ {(p.kind, p.column) for p in planted}]
        for fault in planted:
            kinds.add(fault.kind)
            issue = said[fault.kind, fault.column]
            copied = 7 if fault.kind != "duplicate_rows" else 0
            if fault.kind not in ("stored_as_text", "leading_zeros", "gap", "variants"):
                assert fault.rows <= issue.rows <= fault.rows + copied, issue
        assert found.duplicate_rows == 7
    assert kinds == set(QUALITY_KINDS)


def test_row_numbers_are_those_of_the_table() -> None:
    frame, _ = dirty_table(1, 1500)
    found = profile(frame)
    for issue in found.quality:
        if (
            issue.columns != ("born",)
            and issue.kind in ("sentinel", "placeholder", "outliers", "patterns")
            and len(issue.values) == 1
        ):
            for number in issue.row_numbers:
                value = frame[issue.columns[0]].iloc[number - 1]
                assert str(value) == str(issue.values[0][0]), issue
            holds = frame[issue.columns[0]].astype(str) == str(issue.values[0][0])
            assert issue.row_numbers == tuple((np.flatnonzero(holds)[:5] + 1).tolist())
            assert issue.rows == holds.sum()
    [repeated] = [issue for issue in found.quality if issue.kind == "duplicate_rows"]
    first, second = repeated.row_numbers[:2]
    assert frame.iloc[first - 1].astype(str).tolist() == frame.iloc[second - 1].astype(str).tolist()


def test_rows_keep_their_numbers_beside_columns_that_only_the_database_can_order() -> None:
    """Ranking lists, structs and intervals sorts the rows of the query."""
    places = [7, 19, 20_003]
    frame = pd.DataFrame(
        {"name": [f"n{i % 900}" for i in range(30_000)], "tags": [[(7 * i) % 31] for i in range(30_000)]}
    )
    frame.loc[[place - 1 for place in places], "name"] = "N/A"
    for _ in range(3):
        found = profile(frame)
        assert [issue.row_numbers for issue in found.quality if issue.kind == "placeholder"] == [tuple(places)]
        assert [row[0] for row in found.example_rows] == frame["name"][:10].tolist()


def test_the_most_severe_come_first() -> None:
    found = profile(dirty_table(2)[0])
    severities = [issue.severity for issue in found.quality]
    assert severities == sorted(severities, key=["high", "medium", "low"].index)
    assert len(set(severities)) == 3


@pytest.mark.parametrize("rows", [60, 300, 2000])
def test_clean_tables_draw_no_serious_remark(rows: int) -> None:
    for seed in range(6):
        assert serious(profile(clean_table(seed, rows))) == []


def test_real_tables_draw_no_serious_remark() -> None:
    for name, frame in scikit_learn_tables().items():
        assert serious(colprofile.profile(frame, progress=False)) == [], name


REALLY_REPEATED = ["3 rows repeat an earlier row in every column: row 161 repeats row 160."]
"""In Engel's budgets a few households have the same income and the same expense, to the tenth digit."""


def test_tables_of_statsmodels_draw_no_serious_remark() -> None:
    import statsmodels.datasets as datasets

    looked_at = 0
    for module in pkgutil.iter_modules(datasets.__path__):
        loaded = importlib.import_module(f"statsmodels.datasets.{module.name}")
        if not module.ispkg or not hasattr(loaded, "load_pandas") or module.name in ("template_data", "co2"):
            continue
        frame = loaded.load_pandas().data.reset_index(drop=True)
        frame.columns = [str(column) for column in frame.columns]
        expected = REALLY_REPEATED if module.name == "engel" else []
        assert serious(profile(frame)) == expected, module.name
        looked_at += 1
    assert looked_at > 15


def test_flights() -> None:
    found = profile(flights_with_times(), table="flights")
    assert [each.plain() for each in quality_sentences(found)] == [
        "arr_delay and air_time are NULL in the same 9,430 rows. First in rows 472, 478 and 616.",
        "dep_time and dep_delay are NULL in the same 8,255 rows. First in rows 839, 840 and 841.",
    ]
    assert found.duplicate_rows == 0
    assert found.missing_patterns[0] == MissingPattern((), 327_346)
    assert sum(pattern.rows for pattern in found.missing_patterns) == 336_776
    text = found["tailnum"].text
    assert text is not None and (text.shortest, text.median, text.longest) == (5, 6, 6)
    assert text.patterns == (("A9A", 259_050), ("A9", 75_214))


def test_zip_codes(zip_codes_profile: Profile) -> None:
    """Blanks, numbers as text and counties in two spellings are really there."""
    said = {(issue.kind, issue.columns[0]): issue for issue in zip_codes_profile.quality}
    assert said["placeholder", "county"].values == (("", 977),)
    assert said["stored_as_text", "lat"].detail == "DOUBLE"
    assert said["variants", "county"].values == (("Baltimore City", 27), ("Baltimore city", 21))
    assert not any(column == "zip_code" for _, column in said)


def test_the_same_from_every_source(tmp_path: Any) -> None:
    frame, _ = dirty_table(3, 500)
    expected = profile(frame)
    path = tmp_path / "t.parquet"
    frame.to_parquet(path)
    connection = duckdb.connect()
    connection.execute("create table t as from frame")
    for other in (profile(path), profile(connection, table="t"), profile(pa.Table.from_pandas(frame))):
        assert other.quality == expected.quality
        assert other.missing_patterns == expected.missing_patterns
        assert other.example_rows == expected.example_rows
        assert [column.text for column in other.columns] == [column.text for column in expected.columns]


@pytest.mark.parametrize("rows", [700, 12_000])
def test_counted_in_the_database_it_is_the_same(tmp_path: Any, rows: int) -> None:
    """Of columns with more than 10,000 values less is looked at, which a note says."""
    frame, _ = dirty_table(4, rows)
    engine = sa.create_engine(f"sqlite:///{tmp_path}/t.db")
    frame.to_sql("t", engine, index=False)
    here = profile(engine, table="t", fetch="always")
    there = profile(engine, table="t", fetch="never")
    engine.dispose()
    few = {column.name for column in here.columns if column.distinct <= 10_000}

    def said(found: Profile) -> set[QualityIssue]:
        return {
            replace(issue, row_numbers=()) for issue in found.quality if set(issue.columns) <= few and issue.columns
        }

    assert said(there) == said(here)
    assert not any(issue.row_numbers for issue in there.quality)
    assert there.duplicate_rows == here.duplicate_rows == 7
    assert there.missing_patterns == here.missing_patterns
    assert there.example_rows == here.example_rows
    assert any("10,000 values" in note for note in there.notes) == (rows > 10_000)
    assert {c.name for c in there.columns if c.text == here[c.name].text} >= few


def test_a_sample_shows_its_own_rows() -> None:
    frame, _ = dirty_table(5, 4000)
    found = profile(frame, sample_rows=1000)
    assert found.duplicate_rows is None
    assert sum(pattern.rows for pattern in found.missing_patterns) == 1000
    assert found.quality and not any(issue.row_numbers for issue in found.quality)
    [age] = [each for each in quality_sentences(found) if each.issue.columns == ("age",)]
    assert f"in {age.issue.rows} of 1,000 sampled rows" in age.plain()
    assert len(found.example_rows) == 10
    rows = {tuple(map(str, row)) for row in profile(frame, example_rows=True).example_rows}
    assert len(rows) == 10


def test_example_rows_and_how_to_leave_them_out() -> None:
    frame = pd.DataFrame(
        {"a": [1.5, None, float("inf")], "b": ["x", None, "z"], "c": pd.to_datetime(["2020-01-01"] * 3)}
    )
    found = profile(pa.Table.from_pandas(frame))
    assert found.example_rows == (
        (1.5, "x", "2020-01-01 00:00:00"),
        (None, None, "2020-01-01 00:00:00"),
        ("inf", "z", "2020-01-01 00:00:00"),
    )
    assert profile(frame, example_rows=False).example_rows == ()
    assert profile(frame.iloc[:0]).example_rows == ()


def test_it_can_be_left_out() -> None:
    found = profile(dirty_table(6, 300)[0], quality=False)
    assert (found.quality, found.missing_patterns, found.duplicate_rows) == ((), (), None)
    assert all(column.text is None and "text" in column.undefined for column in found.columns)


def test_chosen_columns_have_no_duplicate_rows() -> None:
    """Rows that are equal in two of three columns repeat nothing."""
    frame = pd.DataFrame({"a": [1, 1], "b": [2, 2], "c": [3, 4]})
    assert profile(frame, columns=["a", "b"]).duplicate_rows is None
    assert profile(frame).duplicate_rows == 0
    assert profile(frame[["a", "b"]]).duplicate_rows == 1


@pytest.mark.parametrize(
    ("copies", "severity"), [("ids", "high"), ("pairs", "high"), ("codes", "low"), ("measurements", "medium")]
)
def test_severity_of_duplicate_rows(copies: str, severity: str) -> None:
    rng = np.random.default_rng(7)
    rows = 400
    frame = {
        "ids": pd.DataFrame({"id": np.arange(rows), "x": rng.integers(0, 3, rows)}),
        "pairs": pd.DataFrame({"day": np.repeat(np.arange(rows // 4), 4), "shop": np.tile([1, 2, 3, 4], rows // 4)}),
        "codes": pd.DataFrame(rng.integers(0, 5, (rows, 3)), columns=list("abc")),
        "measurements": pd.DataFrame(rng.integers(0, 60, (rows, 6)), columns=list("abcdef")),
    }[copies]
    if copies != "codes":
        frame = pd.concat([frame, frame.iloc[:9]])
    found = colprofile.profile(frame, progress=False)
    [issue] = [issue for issue in found.quality if issue.kind == "duplicate_rows"]
    assert issue.severity == severity
    assert issue.rows == found.duplicate_rows == int(frame.duplicated().sum())


def test_null_equals_null_in_rows() -> None:
    frame = pd.DataFrame({"a": [1.0, None, None], "b": ["x", None, None]})
    assert profile(frame).duplicate_rows == 1


@pytest.mark.parametrize("rows", [0, 1])
def test_tables_with_hardly_a_row(rows: int) -> None:
    found = profile(dirty_table(8, 300)[0].iloc[:rows])
    assert found.duplicate_rows == 0
    assert [issue for issue in found.quality if issue.severity != "low"] == []


def test_saved_and_loaded_it_is_the_same(tmp_path: Any) -> None:
    found = profile(dirty_table(9, 300)[0])
    found.save(tmp_path / "p.json")
    assert Profile.load(tmp_path / "p.json") == found


def test_hostile_names_and_values() -> None:
    name = "<script>\x1b[2J\n|`"
    frame = pd.DataFrame({name: ["a\x00b\u202e", "  ", "NA", "b"] * 30, "x": np.arange(120)})
    found = profile(frame)
    [issue] = [issue for issue in found.quality if issue.kind == "placeholder"]
    assert Counter(dict(issue.values)) == {"  ": 30, "NA": 30}
    for each in quality_sentences(found):
        assert "\x1b" not in each.plain() and "\n" not in each.plain() and "\x00" not in each.plain()
