"""Files of SAS, Stata and SPSS: values and types come back, missing ones are NULL, what is left out is said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from colprofile.errors import ArgumentError, SourceError
from tests.support.opened_files import opened

DAYS = [dt.date(2020, 1, 1), None, dt.date(2020, 1, 3)]
MOMENTS = [dt.datetime(2020, 1, 1, 1, 2, 3), None, dt.datetime(2020, 1, 2)]
FRAME = pd.DataFrame(
    {
        "id": [1, 2, 3],
        "x": [1.5, None, 99.0],
        "s": ["a", "", "b"],
        "d": DAYS,
        "t": pd.to_datetime(pd.Series(MOMENTS)),
        "c": [dt.time(1, 2, 3), None, dt.time(1)],
    }
)
ROWS = [
    (1, 1.5, "a", DAYS[0], MOMENTS[0], dt.time(1, 2, 3)),
    (2, None, None, None, None, None),
    (3, 99.0, "b", DAYS[2], MOMENTS[2], dt.time(1)),
]

WRITERS: dict[str, tuple[str, Callable[[pd.DataFrame, str], None]]] = {
    "t.sav": ("SPSS", pyreadstat.write_sav),
    "t.zsav": ("SPSS", lambda frame, path: pyreadstat.write_sav(frame, path, compress=True)),
    "t.por": ("SPSS", lambda frame, path: pyreadstat.write_por(frame.rename(columns=str.upper), path)),
    "t.dta": ("Stata", pyreadstat.write_dta),
    "old.dta": ("Stata", lambda frame, path: pyreadstat.write_dta(frame, path, version=10)),
    "t.xpt": ("SAS", lambda frame, path: pyreadstat.write_xport(frame, path, file_format_version=8)),
    "old.xpt": ("SAS", lambda frame, path: pyreadstat.write_xport(frame, path, file_format_version=5)),
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("cells", [1 << 20, 1])
def test_values_and_types_come_back(name: str, cells: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("colprofile.sources.files.statistics._PIECE_CELLS", cells)
    format_name, write = WRITERS[name]
    write(FRAME, str(tmp_path / name))
    found = opened(tmp_path / name)
    assert found.types == ["BIGINT", "DOUBLE", "VARCHAR", "DATE", "TIMESTAMP", "TIME"]
    assert found.rows == ROWS
    assert (found.reading.format, found.reading.reader) == (format_name, "pyreadstat")
    assert [column.lower() for column in found.names] == list(FRAME.columns)
    assert found.remarks.startswith("1 empty text is NULL")
    assert found.reading.records == (None if name.endswith(("xpt", "por")) else 3)


def test_missing_values_that_users_defined_are_null_and_said(tmp_path: Path) -> None:
    frame = FRAME[["id", "x"]]
    pyreadstat.write_sav(frame, str(tmp_path / "t.sav"), missing_ranges={"x": [99]})
    found = opened(tmp_path / "t.sav")
    assert [row[1] for row in found.rows] == [1.5, None, None]
    assert "User-defined missing values are NULL, in 'x'." in found.remarks


def test_codes_stay_codes(tmp_path: Path) -> None:
    labels: dict[str, dict[int | float, str]] = {"b": {1: "yes", 2: "no"}}
    pyreadstat.write_sav(pd.DataFrame({"b": [1, 2]}), str(tmp_path / "t.sav"), variable_value_labels=labels)
    assert opened(tmp_path / "t.sav").rows == [(1,), (2,)]


def test_dates_are_found_however_late_and_in_many_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("colprofile.sources.files.statistics._PIECE_CELLS", 1)
    days = pd.to_datetime(pd.Series([None] * 2_500 + ["2020-01-01"]))
    frame = pd.DataFrame({"d": days, "n": np.arange(2_501) / 2, "empty": np.full(2_501, np.nan)})
    pyreadstat.write_sav(frame, str(tmp_path / "t.sav"))
    found = opened(tmp_path / "t.sav")
    assert found.types == ["TIMESTAMP", "DOUBLE", "DOUBLE"]
    assert len(found.rows) == 2_501
    assert found.rows[-1] == (dt.datetime(2020, 1, 1), 1250.0, None)


def test_short_floats_and_integers_keep_their_types(tmp_path: Path) -> None:
    frame = pd.DataFrame({"f": np.array([0.1, 2.5], np.float32), "i": np.array([1, 2], np.int8)})
    frame.to_stata(tmp_path / "t.dta", write_index=False)
    found = opened(tmp_path / "t.dta")
    assert (found.types, [row[1] for row in found.rows]) == (["FLOAT", "BIGINT"], [1, 2])


def test_no_rows(tmp_path: Path) -> None:
    pyreadstat.write_sav(pd.DataFrame({"a": np.array([], np.float64)}), str(tmp_path / "t.sav"))
    assert opened(tmp_path / "t.sav").rows == []


def test_an_encoding_may_be_given(tmp_path: Path) -> None:
    pyreadstat.write_dta(pd.DataFrame({"s": ["é", "b"]}), str(tmp_path / "t.dta"), version=10)
    assert opened(tmp_path / "t.dta", encoding="utf-8").rows == [("é",), ("b",)]
    pyreadstat.write_por(pd.DataFrame({"S": ["a"]}), str(tmp_path / "t.por"))
    with pytest.raises(ArgumentError, match="encoding= is of no use"):
        opened(tmp_path / "t.por", encoding="utf-8")


def test_a_transport_file_of_several_data_sets_says_so(tmp_path: Path) -> None:
    pyreadstat.write_xport(pd.DataFrame({"a": [1.0]}), str(tmp_path / "t.xpt"), file_format_version=5)
    content = (tmp_path / "t.xpt").read_bytes()
    (tmp_path / "t.xpt").write_bytes(content + content[content.index(b"HEADER RECORD*******MEMBER") :])
    assert "has 2 data sets: the first is read." in opened(tmp_path / "t.xpt").remarks


@pytest.mark.parametrize("name", ["t.sav", "t.dta"])
def test_a_file_that_is_cut_off_gives_one_line(name: str, tmp_path: Path) -> None:
    frame: Any = pd.DataFrame({"a": np.arange(5_000) / 7})
    WRITERS[name][1](frame, str(tmp_path / name))
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(SourceError, match="cannot read") as caught:
        opened(tmp_path / name)
    assert "\n" not in str(caught.value)
