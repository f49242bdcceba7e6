"""Any frame that pandas, polars or the csv module writes comes back with the same rows and values, or with an error."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from colprofile.errors import ColprofileError
from tests.support.text_corpus.oracle import are_merged, says, split_records
from tests.support.text_corpus.reading import read
from tests.support.text_corpus.written import Written, by_csv, by_pandas, by_polars, untold

WRITERS = {"csv": by_csv, "pandas": by_pandas, "polars": by_polars, "untold": untold}


def silent_differences(written: Written) -> list[str]:
    """Return how what is read differs from what was written, and nothing where it is refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "data.csv")
        path.write_bytes(written.data)
        try:
            names, rows, reading = read(path, written.options)
        except ColprofileError as error:
            assert "\n" not in str(error), error
            return []
    if any("in several ways" in remark for remark in reading.remarks):
        return []  # a CR or LF in a field that is not quoted cannot be told from the end of a line
    if written.names is not None and names != written.names:
        return [f"names {names} instead of {written.names}"]
    if len(rows) != len(written.rows):
        return [f"{len(rows)} rows instead of {len(written.rows)}"]
    decimal = written.options.get("decimal", ".")
    if any("blanks only" in remark for remark in reading.remarks):
        written = replace(written, rows=[["" if text.isspace() else text for text in row] for row in written.rows])
    if rows and len(rows[0]) != len(written.rows[0]):
        return [f"{len(rows[0])} columns instead of {len(written.rows[0])}"]
    columns = zip(zip(*written.rows, strict=True), zip(*rows, strict=True), strict=True)
    merged = [texts for texts, values in columns if are_merged(list(texts), list(values), decimal)]
    return [f"different numbers are one: {texts}" for texts in merged] + [
        f"row {number}: {found} instead of {texts}"
        for number, (texts, found) in enumerate(zip(written.rows, rows, strict=True))
        if len(texts) != len(found) or not all(says(*pair, decimal) for pair in zip(texts, found, strict=True))
    ]


@pytest.mark.parametrize("writer", WRITERS)
@settings(max_examples=20, derandomize=True, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(data=st.data())
def test_a_file_comes_back_or_is_refused(writer: str, data: st.DataObject) -> None:
    written = data.draw(WRITERS[writer]())
    assert silent_differences(written) == [], (written.by, written.data)


def file(text: str, header: bool = False, **options: str) -> Written:
    """A file that the slow reader reads as one of the csv module in the dialect that a reader is told."""
    told: dict[str, Any] = {"delimiter": ",", "quote": '"', "encoding": "utf-8", "header": header, **options}
    ending = "\r\n" if "\r\n" in text else "\n"
    records = split_records(text.removeprefix("\ufeff"), told["delimiter"], told["quote"], ending)
    return Written(text.encode(told["encoding"]), records[0] if header else None, records[int(header) :], told, "")


FOUND = {
    "a byte order mark where the encoding is named utf-8-sig": file("x,y\n1,a\n", True, encoding="utf-8-sig"),
    "a byte order mark before quotes": file('"x","y"\n"1","a"\n', True, encoding="utf-8-sig"),
    "a byte order mark where the encoding is named utf-8": file("\ufeffx,y\n1,a\n", True),
    "quoted fields between spaces": file('"2020-01-31 10:00:00" "-0.5"\n"a" "b"\n', delimiter=" "),
    "a CR at the beginning of lines that end with LF": file("\r/,,\n\r/,,\n"),
    "rows of quoted empty texts": file('""\t""\n""\t""\n""\t""\n', delimiter="\t"),
    "twenty digits beside doubles": file("x,y\n12345678901234567890,1\n-9.673545565885292e-142,2\n0.5,3\n", True),
    "a first row that begins with a sign of comments": file("#.;a\nnull;b\n#.;c\n1;d\n", delimiter=";"),
    "a first row that is empty but for its last field": file(
        '""|""|0002-08-18\n""|0|x\n0|""|0523-11-13\n', delimiter="|"
    ),
    "a first row that has its first field alone": file("a||\n1|2|3\n4|5|6\n", delimiter="|"),
    "a line of a blank in a single column": file(' \n""\na \nb\n'),
}
"""Files that a version of the reader read wrongly, without a word."""


@pytest.mark.parametrize("name", FOUND)
def test_files_that_were_once_read_wrongly(name: str) -> None:
    assert silent_differences(FOUND[name]) == []


def test_the_slow_reader() -> None:
    text = 'a;"b;""c"\r\n;"two\nlines"\r\n""\r\n'
    assert split_records(text, ";", '"', "\r\n") == [["a", 'b;"c'], ["", "two\nlines"], [""]]
    assert [says("1.50", 1.5), says("01", 1), says("1.5", "1.5"), says("9007199254740993", 9007199254740992.0)] == [
        True,
        False,
        True,
        False,
    ]
