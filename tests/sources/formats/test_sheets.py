"""Workbooks: the table on a sheet is found, with the types that its cells have, and what is left out is said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import xlwt

from colprofile.errors import ArgumentError, SourceError
from colprofile.sources.files.sheets.columns import SheetColumn
from colprofile.sources.files.sheets.table import footer_rows, table_place
from tests.support.opened_files import Opened, opened

DAY, NEXT = dt.date(2020, 1, 1), dt.date(2020, 2, 1)


def book(path: Path, sheets: dict[str, Sequence[Sequence[Any]]], merged: Sequence[str] = ()) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for cells in merged:
            sheet.merge_cells(cells)
    workbook.save(path)
    return path


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read(rows: Sequence[Sequence[Any]], merged: Sequence[str] = (), **options: Any) -> Opened:
        return opened(book(tmp_path / "t.xlsx", {"Data": rows}, merged), **options)

    return read


HEADER_PLACES = [
    ([["id", "name"], [1.0, "a"], [2.0, "b"]], 0, 1),
    ([[1.0, "a"], [2.0, "b"]], None, 0),
    ([["Report", ""], ["", ""], ["id", "name"], [1.0, "a"], [2.0, "b"]], 2, 3),
    ([["Report", "", ""], ["of 2024", "", ""], ["id", "a", "b"], [1.0, 2.0, 3.0]], 2, 3),
    ([["state", 2019.0, 2020.0], ["A", 1.5, 2.0], ["B", 3.0, 4.0]], 0, 1),
    ([["state", DAY, NEXT], ["A", 1.5, 2.0]], 0, 1),
    ([["day", "x"], [DAY, 1.0], [NEXT, 2.0]], 0, 1),
    ([[DAY, "x"], [NEXT, "y"]], None, 0),
    ([["a", 5.0], ["b", 6.0]], None, 0),
    ([["name", "city"], ["Ann", "Rome"], ["Bob", "Oslo"]], 0, 1),
    ([["Ann", "Rome"], ["Bob", "Rome"]], None, 0),
    ([["", "2019", "", "2020", ""], ["id", "a", "b", "a", "b"], [1.0, 2.0, 3.0, 4.0, 5.0], [2.0] * 5], 1, 2),
    ([["", "Men", "", "Women", ""], ["id", "a", "b", "c", "d"], [1.0, 2.0, 3.0, 4.0, 5.0], [2.0] * 5], 1, 2),
    ([["v"], [1.0], [2.0]], 0, 1),
    ([["a", "b", ""], [1.0, 2.0, "x"], [1.0, 2.0, ""]], 0, 1),
    ([["12", "13"], ["14", "15"]], None, 0),
    ([["a", "b"]], 0, 1),
    ([["", ""]], None, 1),
    ([], None, 0),
]


@pytest.mark.parametrize(("rows", "header", "first"), HEADER_PLACES)
def test_the_header_is_found(rows: list[list[Any]], header: int | None, first: int) -> None:
    place = table_place(rows, 0, None)
    assert (place.header, place.first, place.is_guess) == (header, first, True)


def test_a_header_that_is_given_is_no_guess() -> None:
    rows: list[list[Any]] = [[""], [1.0, 2.0], ["a", "b"], [3.0, 4.0]]
    assert table_place(rows, 0, True).header == 1
    assert table_place(rows, 0, False).header is None
    found = table_place(rows, 2, None)
    assert (found.header, found.first) == (2, 3)


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ([["a", 1], ["b", 2], ["", ""], ["Source: X", ""]], 0),  # half full, so it may be a row
        ([["a", 1, 2], ["b", 2, 3], ["", "", ""], ["Source: X", "", ""], ["Y", "", ""]], 2),
        ([["a", 1, 2], ["b", 2, 3], ["Source: X", "", ""]], 0),
        ([["a"], [""], ["b"]], 0),
        ([], 0),
    ],
)
def test_notes_below_a_table(rows: list[list[Any]], count: int) -> None:
    assert footer_rows(rows) == count


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        ([1.0, "", 2.0], "BIGINT", [1, None, 2]),
        ([1.0, 2.5, None], "DOUBLE", [1.0, 2.5, None]),
        ([True, False, None], "BOOLEAN", [True, False, None]),
        ([DAY, None, NEXT], "DATE", [DAY, None, NEXT]),
        (
            [DAY, dt.datetime(2020, 1, 1, 5), None],
            "TIMESTAMP",
            [dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 1, 5), None],
        ),
        ([dt.time(5), None, None], "TIME", [dt.time(5), None, None]),
        ([dt.timedelta(hours=30), None, None], "INTERVAL", [dt.timedelta(hours=30), None, None]),
        (["01234", None, "1"], "VARCHAR", ["01234", None, "1"]),
        ([5.0, "n/a", 0.5], "VARCHAR", ["5", "n/a", "0.5"]),
        ([5.0, True, DAY], "VARCHAR", ["5", "true", "2020-01-01"]),
        (["$1,200", " ", "é"], "VARCHAR", ["$1,200", None, "é"]),
    ],
)
def test_cells_keep_their_types(cells: list[Any], kind: str, values: list[Any], read: Any) -> None:
    found = read([["k", "v"], *(["x", cell] for cell in cells)])
    assert (found.names, found.types[1], [row[1] for row in found.rows]) == (["k", "v"], kind, values)


def test_mixed_columns_are_said_and_null_texts_mend_them(read: Any) -> None:
    rows = [["k", "v"], ["x", 5], ["y", "n/a"], ["z", 7]]
    assert "'v' is mixed (2 numbers, 1 text, such as 'n/a'): it is read as text." in read(rows).remarks
    mended = read(rows, null="n/a")
    assert (mended.types[1], mended.rows, mended.remarks) == ("BIGINT", [("x", 5), ("y", None), ("z", 7)], "")


def test_titles_notes_empty_rows_and_columns_are_left_out_and_said(read: Any) -> None:
    found = read(
        [
            [None, "Sales"],
            [],
            [None, "id", None, "name", "x"],
            [None, 1, None, "a", 2],
            [],
            [None, 2, None, "b", 3],
            [],
            [None, "Source: me"],
        ]
    )
    assert (found.names, found.rows) == (["id", "name", "x"], [(1, "a", 2), (2, "b", 3)])
    assert found.reading.skipped_lines == 2
    assert found.reading.guessed == ("has_header",)
    assert "1 row is left out above the table. 1 row is left out below the table: notes." in found.remarks
    assert "1 empty row is left out of the table." in found.remarks


def test_columns_without_a_name_have_their_letters(read: Any) -> None:
    found = read([["a", None, "a", "A"], [1, 2, 3, 4], [1, 2, 3, 4]])
    assert (found.names, found.rows[0]) == (["a", "column_B", "a", "A"], (1, 2, 3, 4))
    found = read([[1, 2], [3, 4]])
    assert (found.names, found.reading.has_header) == (["column_A", "column_B"], False)
    assert "called by their letters" in found.remarks
    assert read([["two\nlines", "b"], [1, 2]]).names == ["two lines", "b"]


def test_merged_cells_errors_and_formulas_without_results_are_said(read: Any) -> None:
    rows = [["g", "v", "w"], ["x", 1, 1], [None, "=1/0", 2], ["y", "#N/A", 3], ["z", "=SUM(B2)", 4]]
    found = read(rows, merged=["A2:A3"])
    assert found.rows == [("x", 1, 1), (None, None, 2), ("y", None, 3), ("z", None, 4)]
    assert "Cells are merged in 1 places" in found.remarks
    assert "1 cell is NULL for an error" in found.remarks
    assert "2 formulas are NULL for want of a saved result" in found.remarks


def test_the_sheet_is_chosen_by_name_number_or_content(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", {"empty": [], "One": [["a"], [1]], "2": [["b"], [2]], "Three": [["c"], [3]]})
    first = opened(path)
    assert first.names == ["a"]
    assert "The sheet is 'One'; sheet= reads another: 'empty', '2', 'Three'." in first.remarks
    assert [opened(path, sheet=sheet).names for sheet in ("Three", "three", "2", 2, 4, "4")] == [
        ["c"],
        ["c"],
        ["b"],
        ["a"],
        ["c"],
        ["c"],
    ]
    for wrong, words in ((9, "which has 4 sheets"), ("thre", "Did you mean 'Three'")):
        with pytest.raises(ArgumentError, match=words):
            opened(path, sheet=wrong)


def test_several_workbooks_are_one_table(tmp_path: Path) -> None:
    paths = [book(tmp_path / f"{i}.xlsx", {"S": [["a", "b"], [i, "x"]]}) for i in range(2)]
    assert opened(paths).rows == [(0, "x"), (1, "x")]


def test_xls_and_ods_are_read(tmp_path: Path) -> None:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("S")
    style = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for place, (number, day) in enumerate([("id", "d"), (1, dt.datetime(2020, 1, 1)), (2, dt.datetime(2020, 2, 1))]):
        sheet.write(place + 2, 1, number)
        sheet.write(place + 2, 2, day, style)
    workbook.save(str(tmp_path / "t.xls"))
    found = opened(tmp_path / "t.xls")
    assert (found.names, found.rows, found.reading.format) == (["id", "d"], [(1, DAY), (2, NEXT)], "Excel")
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None], "t": [True, False], "f": [0.5, 1.5]})
    frame.to_excel(tmp_path / "t.ods", index=False, engine="odf")
    found = opened(tmp_path / "t.ods")
    assert found.types == ["BIGINT", "VARCHAR", "BOOLEAN", "DOUBLE"]
    assert (found.rows, found.reading.format) == ([(1, "x", True, 0.5), (2, None, False, 1.5)], "OpenDocument")


def test_what_is_no_table_gives_one_line(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", {"S": []})
    with pytest.raises(SourceError, match="has no sheet with rows"):
        opened(path)
    content = book(tmp_path / "u.xlsx", {"S": [["a"], [1]]}).read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(content[:-300])
    with pytest.raises(SourceError, match="damaged or cut off"):
        opened(tmp_path / "cut.xlsx")
    with pytest.raises(ArgumentError, match="delimiter= is of no use"):
        opened(tmp_path / "u.xlsx", delimiter=",")


def test_a_header_alone_has_no_rows(read: Any) -> None:
    found = read([["a", "b"]])
    assert (found.names, found.rows) == (["a", "b"], [])


def test_errors_among_texts_are_counted() -> None:
    column = SheetColumn("a")
    for cell in ("#N/A", "x", "#DIV/0!", "-"):
        column.see(cell, frozenset(["-"]))
    assert (column.errors, column.kinds["text"]) == (2, 1)
    assert column.array(["#N/A", "x", "-"], frozenset(["-"])).to_pylist() == [None, "x", None]
