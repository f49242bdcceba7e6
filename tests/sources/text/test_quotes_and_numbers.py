"""Quotes that protect delimiters, numbers in other notations, and types that a value does not fit exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import colprofile
from colprofile.errors import SourceError
from colprofile.sources.open import open_source


def read(tmp_path: Path, text: str, **options: Any) -> tuple[list[str], list[tuple[Any, ...]], tuple[str, ...]]:
    path = tmp_path / "t.csv"
    path.write_text(text, "utf-8")
    with open_source(path, **options) as source:
        _, batches = source.batches(source.columns)
        rows = [tuple(row.values()) for batch in batches for row in batch.to_pylist()]
        assert source.reading is not None
        return [column.name for column in source.columns], rows, source.reading.remarks


@pytest.mark.parametrize("value", ["{i},{i}00", "0.{i},0.25", "{i},5", "1,{i}00,000"])
@pytest.mark.parametrize("header", ["amount", None])
def test_commas_within_quotes_split_nothing(value: str, header: str | None, tmp_path: Path) -> None:
    values = [value.format(i=i) for i in range(1, 60)]
    text = "".join(f'"{each}"\n' for each in values)
    names, rows, _ = read(tmp_path, text if header is None else f"{header}\n{text}")
    assert names == [header or "column0"] and rows == [(each,) for each in values]


def test_a_quoted_title_is_no_header(tmp_path: Path) -> None:
    table = "".join(f"{i},{i * i}\n" for i in range(50))
    names, rows, remarks = read(tmp_path, f'"Report, 2020"\n\nid,v\n{table}')
    assert names == ["id", "v"] and rows == [(i, i * i) for i in range(50)]
    assert any("above the table" in remark for remark in remarks)


def test_inches_are_no_quotes(tmp_path: Path) -> None:
    names, rows, _ = read(tmp_path, "part,size\n" + "".join(f'p{i},{i}" pipe\n' for i in range(20)))
    assert names == ["part", "size"] and rows[3] == ("p3", '3" pipe')


@pytest.mark.parametrize("decimal", [None, ","])
def test_one_column_of_decimal_commas_is_one(decimal: str | None, tmp_path: Path) -> None:
    names, rows, _ = read(tmp_path, "a\n" + "".join(f"{i},5\n" for i in range(50)), decimal=decimal)
    assert names == ["a"] and rows[2] == (2.5 if decimal else "2,5",) and len(rows) == 50


@pytest.mark.parametrize("row", ["{i},5;0,{i}5", "${i};{i}%"])
def test_numbers_in_any_notation_are_no_names(row: str, tmp_path: Path) -> None:
    names, rows, _ = read(tmp_path, "".join(row.format(i=i) + "\n" for i in range(50)))
    assert names == ["column0", "column1"] and len(rows) == 50


@pytest.mark.parametrize(
    ("kind", "fits", "differs"),
    [
        ("INTEGER", "3", "1.6"),
        ("DECIMAL(9,2)", "1.25", "1.239"),
        ("FLOAT", "0.1", "1234567.89"),
        ("DATE", "2024-01-31", "2024-01-31 10:00:00"),
        ("HUGEINT", "123456789012345678901234567890", "0.5"),
    ],
)
def test_no_type_changes_a_value(kind: str, fits: str, differs: str, tmp_path: Path) -> None:
    _, rows, _ = read(tmp_path, f"a\n{fits}\n{fits}\n", types={"a": kind})
    assert len(rows) == 2 and rows[0][0] is not None
    with pytest.raises(SourceError, match=f"line 3 of .* which is no {kind.partition('(')[0]}"):
        read(tmp_path, f"a\n{fits}\n{differs}\n", types={"a": kind})


def test_ragged_rows_are_no_footer(tmp_path: Path) -> None:
    text = "id,n\n" + "".join(f"k{i},{i}\n" for i in range(50)) + "\nk99\n"
    _, rows, remarks = read(tmp_path, text)
    assert len(rows) == 50 and any("below the table" in remark for remark in remarks)
    _, rows, _ = read(tmp_path, text, ragged=True)
    assert len(rows) == 51 and rows[-1] == ("k99", None)


def test_columns_of_the_same_name_are_said(tmp_path: Path) -> None:
    names, _, remarks = read(tmp_path, "a,a,b\n1,2,3\n4,5,6\n")
    assert names == ["a", "a", "b"] and any("same name, `a`" in remark for remark in remarks)


def test_a_reader_that_was_read_is_no_empty_table() -> None:
    reader = pa.table({"a": [1, 2]}).to_reader()
    assert colprofile.profile(reader).rows == 2
    with pytest.raises(SourceError, match="was read before"):
        colprofile.audit(reader)
