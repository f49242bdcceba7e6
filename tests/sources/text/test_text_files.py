"""Text files: several at once, types that are asked for, and what is said of how they were read."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from colprofile.errors import ArgumentError, ColprofileError, SourceError, SourceNotFound
from colprofile.inputs import InputReading
from colprofile.sources.open import open_source


def opened(
    folder: Path, *contents: str | bytes, **options: Any
) -> tuple[dict[str, str], list[tuple[Any, ...]], InputReading]:
    """Return types by name, rows and reading of files with these contents."""
    paths = []
    for number, content in enumerate(contents):
        paths.append(folder / f"{number}.csv")
        paths[-1].write_bytes(content if isinstance(content, bytes) else content.encode())
    with open_source(paths, **options) as source:
        rows = source.connection.sql(f"select * from {source.relation}").fetchall()  # type: ignore[attr-defined]
        assert source.reading is not None
        return {column.name: column.type for column in source.columns}, rows, source.reading


class TestSeveral:
    def test_the_same_header_makes_one_table_with_the_types_of_all(self, tmp_path: Path) -> None:
        types, rows, reading = opened(tmp_path, "a,b\n1,2\n", "a,b\n3,4.5\n")
        assert (types, rows) == ({"a": "BIGINT", "b": "DOUBLE"}, [(1, 2.0), (3, 4.5)])
        assert (reading.files, reading.records, reading.is_plain) == (2, 2, True)

    def test_each_has_its_own_dialect(self, tmp_path: Path) -> None:
        files = ("a;b\n1;é\n".encode("cp1252"), "# note\na,b\n2,y\n", gzip.compress(b"b\ta\nz\t3\n"))
        _, rows, reading = opened(tmp_path, *files)
        assert rows == [(1, "é"), (2, "y"), (3, "z")]
        assert (reading.delimiter, reading.encoding, reading.skipped_lines) == (None, None, 1)
        said = " ".join(reading.remarks)
        assert all(word in said for word in ("cp1252", "# note", "matched by name"))

    def test_other_columns_are_null_and_said(self, tmp_path: Path) -> None:
        types, rows, reading = opened(tmp_path, "a,b\n1,x\n", "a,c\n2,0.5\n")
        assert (list(types), rows) == (["a", "b", "c"], [(1, "x", None), (2, None, 0.5)])
        assert [remark for remark in reading.remarks if "'b' is in 1 of 2 files" in remark]

    def test_an_empty_one_is_said(self, tmp_path: Path) -> None:
        _, rows, reading = opened(tmp_path, "a,b\n1,2\n", "")
        assert (rows, len(reading.remarks)) == ([(1, 2)], 1)
        with pytest.raises(SourceError, match="all 2 files are empty"):
            opened(tmp_path, "", "\n")

    def test_a_value_of_one_makes_the_column_text_in_all(self, tmp_path: Path) -> None:
        types, rows, reading = opened(tmp_path, "v,w\n" + "1,2\n" * 20, "v,w\nabc,2\n")
        assert (types["v"], rows[0], rows[-1]) == ("VARCHAR", ("1", 2), ("abc", 2))
        assert "`v` is text: line 2 of" in reading.remarks[-1]
        assert "null='abc'" in reading.remarks[-1]


NUMBERS = {
    "$1,200.50": 1200.5,
    "12 %": 12.0,
    "(3)": -3.0,
    "3-": -3.0,
    "1 234.5": 1234.5,
    "−2": -2.0,
    "EUR 7": 7.0,
    "1'000": 1000.0,
    "1e3": 1000.0,
}


class TestTypes:
    @pytest.mark.parametrize("text", NUMBERS)
    def test_number(self, text: str, tmp_path: Path) -> None:
        _, rows, _ = opened(tmp_path, f'p,q\n"{text}",1\n,2\n', types={"P": "number"})
        assert rows == [(NUMBERS[text], 1), (None, 2)]

    @pytest.mark.parametrize("text", ["abc", "1,2", "1.2.3", "()", "--3", "1,2345", "12 kg"])
    def test_what_is_no_number_is_named_or_left_out(self, text: str, tmp_path: Path) -> None:
        content = f'p,q\n"5",1\n\n"{text}",2\n'
        with pytest.raises(SourceError, match=r"line 4 of .* in 'p', which is no number") as caught:
            opened(tmp_path, content, types={"p": "number"})
        assert "\n" not in str(caught.value)
        _, rows, reading = opened(tmp_path, content, types={"p": "number"}, accept_rejects=True)
        assert (rows, reading.records, reading.rejected_rows) == ([(5.0, 1)], 2, 1)

    def test_decimal_comma(self, tmp_path: Path) -> None:
        options: dict[str, Any] = {"decimal": ",", "thousands": "."}
        _, rows, _ = opened(tmp_path, "p;q\n1.234,5;x\n-2,5;y\n", **options)
        assert rows == [(1234.5, "x"), (-2.5, "y")]
        _, rows, _ = opened(tmp_path, "p;q\n1.234,5 €;x\n(2,5);y\n", types={"p": "number"}, **options)
        assert rows == [(1234.5, "x"), (-2.5, "y")]

    def test_types_of_sql(self, tmp_path: Path) -> None:
        asked = {"zip": "BIGINT", "d": "TIMESTAMP", "x": "DECIMAL(9,2)", "t": "varchar"}
        types, rows, _ = opened(tmp_path, "zip,d,x,t\n00501,2013-01-31, 1.5,7\n", types=asked)
        assert list(types.values()) == ["BIGINT", "TIMESTAMP", "DECIMAL(9,2)", "VARCHAR"]
        assert (rows[0][0], str(rows[0][2]), rows[0][3]) == (501, "1.50", "7")

    @pytest.mark.parametrize("kind", ["NOTYPE", "INTEGER) --", "INTEGER[]; select 1", "VARCHAR'"])
    def test_what_is_no_type(self, kind: str, tmp_path: Path) -> None:
        with pytest.raises(ArgumentError, match="types="):
            opened(tmp_path, "a,b\n1,2\n", types={"a": kind})

    def test_no_such_column(self, tmp_path: Path) -> None:
        with pytest.raises(SourceNotFound, match="no column: 'c'"):
            opened(tmp_path, "a,b\n1,2\n", types={"c": "DATE"})

    def test_all_text(self, tmp_path: Path) -> None:
        types, rows, _ = opened(tmp_path, 'a,b\n01,2013-01-31\n,"NA"\n', all_text=True, null="NA")
        assert (set(types.values()), rows) == ({"VARCHAR"}, [("01", "2013-01-31"), (None, None)])


REMARKS: dict[str | bytes, Any] = {
    "a,b\n1,x\n2,y\n": None,
    "a\tb\n1\tx\n2\ty\n": None,
    "a,b\n1,x\n\n2,y\n\n": None,
    "a^b\n1^x\n": "separated by '^'",
    "Title\n\na,b\n1,x\n2,y\n": "2 lines above the table were left out: 'Title'",
    "x,1\ny,2\n": "no row has names of columns",
    "a,b\nx,y\n": "the first row was taken for names",
    "a,b\n1,x\n2,y\nSource: the office\n": "1 line below the table was left out, from line 4 on: 'Source: the office'",
    "zip,b\n00501,1\n": "`zip` is text: its digits begin with zeros",
    "d,b\n1/2/2013,1\n": "`d` is a date read with the month first",
    "d,b\n1.2.2013,1\n": "`d` is a date read with the day first",
    "d,b\n13/2/2013,1\n2/13/2013,1\n": "`d` is text: its dates are partly day first, partly month first",
    "i,b\n" + "1" * 40 + ",1\n": "`i` is text: no number type holds all of its digits",
    "a,b\n1,x\r\n2,y\n": "lines end in several ways, LF and CRLF",
    'a,b\n1,"x"y\n2,z\n': "quotes are part of the values",
    'a,b\n"1","x"\n"2","x "y" z"\n"3","u"\n': "1 row has quotes inside quoted fields, from line 3 on",
    'a,b\n1,"x' + "\n" * 200 + '"\n': "the field that begins in line 2 has 201 lines",
    "a,b\n1,x\na,b\n2,y\n": "1 row repeats the header, in line 3",
    'a,b\n1,"x\n2,y\n': SourceError,
    "a,b\n1,2\n3\n": SourceError,
    b"a,b\n1,\xe9\n": "guessed to be cp1252",
    b"a,b\n\xc3\xa9,1\n\xe9,2\n": SourceError,
    b"a,b\n\xed\xa0\x80,1\n": SourceError,
}


@pytest.mark.parametrize("content", REMARKS)
def test_what_is_said(content: str | bytes, tmp_path: Path) -> None:
    """What is plain is not mentioned; what is not is in one sentence or, where rows would be lost, an error."""
    expected = REMARKS[content]
    if expected is SourceError:
        with pytest.raises(SourceError, match=r"^line [23] of "):
            opened(tmp_path, content)
        return
    _, _, reading = opened(tmp_path, content)
    assert reading.remarks == () if expected is None else expected in " ".join(reading.remarks)


def test_blank_lines_are_counted(tmp_path: Path) -> None:
    assert opened(tmp_path, "a,b\n1,2\n\n3,4\n\n")[2].skipped_lines == 2
    assert opened(tmp_path, "a\n1\n\n3\n")[1] == [(1,), (None,), (3,)]


def test_quoted_empty_texts_are_no_nulls_where_quotes_tell(tmp_path: Path) -> None:
    assert opened(tmp_path, 'a,b,n\nx,"",""\ny,,1\n')[1] == [("x", "", None), ("y", None, 1)]
    assert opened(tmp_path, 'a,n\nx,NA\n"",1\n"NA",2\n,3\n', null="NA")[1] == [
        ("x", None),
        ("", 1),
        (None, 2),
        (None, 3),
    ]
    assert opened(tmp_path, '"a","b"\n"x",""\n"y","z"\n')[1] == [("x", None), ("y", "z")]


def test_names_are_as_in_the_file(tmp_path: Path) -> None:
    _, rows, _ = opened(tmp_path, '"a\nb",A,a,,,"x ""y"""\n1,2,3,4,5,6\n')
    assert rows == [(1, 2, 3, 4, 5, 6)]
    with open_source(tmp_path / "0.csv") as source:
        assert [column.name for column in source.columns] == ["a\nb", "A", "a", "", "", 'x "y"']


def test_ragged_rows_lose_nothing_in_compressed_files_either(tmp_path: Path) -> None:
    content = gzip.compress(b"a,b\n1\n2,3,4,x\n")
    with pytest.raises(SourceError, match=r"line 2 .* has 1 field where the header has 2, as 1 more rows"):
        opened(tmp_path, content)
    types, rows, reading = opened(tmp_path, content, ragged=True)
    assert (list(types), rows) == (["a", "b", "column2", "column3"], [(1, None, None, None), (2, 3, 4, "x")])
    assert (reading.records, reading.rejected_rows, len(reading.remarks)) == (2, 0, 1)


def test_a_cut_off_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ColprofileError, match=r"cannot (unpack|read)"):
        opened(tmp_path, gzip.compress(b"a,b\n" + b"1,2\n" * 9_999)[:-9])


def test_rows_of_more_bytes_than_duckdb_takes_by_itself(tmp_path: Path) -> None:
    _, rows, _ = opened(tmp_path, "a,b\n1," + "x" * 5_000_000 + "\n2,y\n")
    assert [(number, len(text)) for number, text in rows] == [(1, 5_000_000), (2, 1)]
