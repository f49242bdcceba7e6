"""The walk over the bytes of text files finds what its slow twin finds, in one piece or in many."""

from __future__ import annotations

import csv
import io

import duckdb
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given, settings

from colprofile.sources.files.text import kernel, kinds
from colprofile.sources.files.text.dialect import Dialect
from colprofile.sources.files.text.memory import address_of
from colprofile.sources.files.text.walker import Walker, cells_of
from tests.support.slow_walk import UnclosedQuote, slow_kind, slow_records

DIALECTS = [
    Dialect(","),
    Dialect(",", has_cr_ends=False),
    Dialect(",", comment="#"),
    Dialect(",", quote="", escape=""),
    Dialect(",", escape="\\", has_cr_ends=False),
    Dialect(",", skips_space=True),
    Dialect(" "),
    Dialect("||", quote="'", escape="'"),
    Dialect(""),
]
TEXTS = st.text(alphabet="a1,\"'\\\n\r #|", max_size=24)


def walk(data: bytes, walker: Walker, step: int | None = None, out: int = 0) -> bytes:
    """Walk over bytes that come ``step`` at a time, and return the copy."""
    whole, rest, copy = np.frombuffer(data, np.uint8), 0, b""
    room = np.empty(out, np.uint8) if out else None
    for stop in [*range(step, data_end, step), data_end] if step and (data_end := len(data)) else [len(data)]:
        used = -1
        while used and rest < stop:
            used = walker.feed(whole[rest:stop], stop == len(data), room)
            if room is not None:
                copy += room[: walker[kernel.WRITTEN]].tobytes()
                walker.count[kernel.WRITTEN] = 0
            rest += used
            if not out:
                break
    return copy


@pytest.mark.parametrize("dialect", DIALECTS, ids=repr)
@settings(max_examples=60)
@given(text=TEXTS, step=st.integers(1, 9))
@example(text='"a""b"\r\n,"c\rd"\r', step=1)
@example(text='x,"a"b"\n"a"b\n', step=3)
def test_records(dialect: Dialect, text: str, step: int) -> None:
    data = text.encode()
    try:
        records = slow_records(text, dialect)
    except UnclosedQuote:
        walker = Walker(dialect, 0)
        walk(data, walker, step)
        assert walker[kernel.UNCLOSED_LINE]
        return
    numbers = [-1 if x.is_comment else 0 if x.is_blank else len(x.cells) for x in records]
    for each in (None, step):
        walker = Walker(dialect, 0)
        walk(data, walker, each)
        found = walker.found
        assert found[:, [0, 3]].tolist() == [[x.line, n] for x, n in zip(records, numbers, strict=True)]
        assert [data[a:b].decode() for a, b in found[:, 1:3].tolist()] == [x.raw for x in records]
        assert walker[kernel.STRAY] == sum(x.is_stray for x in records)
        assert not walker[kernel.UNCLOSED_LINE]


@pytest.mark.parametrize("dialect", DIALECTS, ids=repr)
@settings(max_examples=60)
@given(text=TEXTS, width=st.integers(1, 3), pads=st.booleans())
def test_the_copy_is_plain_and_complete(dialect: Dialect, text: str, width: int, pads: bool) -> None:
    try:
        records = slow_records(text, dialect)
    except UnclosedQuote:
        return
    kept = [x for x in records if not x.is_comment and (not x.is_blank or width == 1)]
    kept = [x for x in kept if pads or len(x.cells) == width]
    columns = max([width, *(len(x.cells) for x in kept)])
    walker = Walker(dialect, width, columns=columns, pads=pads)
    copy = walk(text.encode(), walker, out=2 * len(text.encode()) + 4 * columns + 64).decode()
    rows = (
        list(csv.reader(io.StringIO(copy, newline="")))
        if columns > 1
        else [row or [""] for row in csv.reader(io.StringIO(copy, newline=""))]
    )
    assert rows == [x.cells + [""] * (columns - len(x.cells)) for x in kept]
    assert walker[kernel.GOOD] == len(kept)
    assert walker[kernel.GOOD] + walker[kernel.ODD] + walker[kernel.BLANK] + walker[kernel.COMMENTS] == len(records)
    assert walker[kernel.LAST_GOOD_LINE] == (kept[-1].line if kept else 0)


@settings(max_examples=100)
@given(cells=st.lists(st.text(alphabet='ab,"\n\\ ', max_size=5), min_size=1, max_size=4))
def test_cells(cells: list[str]) -> None:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    assert cells_of(line.getvalue().removesuffix("\n").encode(), Dialect(",")) == cells


FIELDS = [
    *("0", "-0", "7", "+7", "007", "-07", "9223372036854775807", "9223372036854775808", "1" * 19, "9" * 38, "1" * 39),
    *(
        "1.5",
        "-1.5e-3",
        ".5",
        "5.",
        "1e5",
        "1E+05",
        "1e301",
        "1e308",
        "9e-312",
        "1e-330",
        "01.5",
        "1,234",
        "1,234.5",
        "1,23",
        "12,345,678",
        "-",
        ".",
    ),
    *("nan", "NaN", "-inf", "Infinity", "+Infinity", "infinit", "nano", "true", "True", "TRUE", "tRUE", "FALSE", "t"),
    *("2013-01-31", "2013-1-3", "2013/01/31", "2013-02-29", "2012-02-29", "2013-13-01", "2013.01.31", "0000-01-01"),
    *("1/31/2013", "31/1/2013", "31.01.13", "31-01-13", "2/30/2013", "1/2/3", "12/31/99"),
    *("2013-01-31 05:00", "2013-01-31T05:00:00Z", "2013-01-31 05:00:00.123456789", "2013-01-31 05:00:00+01:00"),
    *("2013-01-31 05:00:00 PM", "1/31/2013 05:00:00 PM", "1/31/2013 5:00", "2013-01-31 25:00", "2013-01-31 05:00+0130"),
    *(
        "05:00",
        "5:00:00",
        "23:59:59.5",
        "24:00:00",
        "05:60",
        "05:00 PM",
        " 5 ",
        "\t",
        " ",
        " a ",
        "1 2",
        "1_000",
        "0x1F",
    ),
]


@pytest.mark.parametrize("text", FIELDS)
def test_kinds(text: str) -> None:
    assert kind_of(text) == slow_kind(text)


@settings(max_examples=400)
@given(text=st.text(alphabet="0123456789-/.:, TZ+eEnaifPM", min_size=1, max_size=24))
def test_kinds_of_what_looks_like_numbers_and_times(text: str) -> None:
    assert kind_of(text) == slow_kind(text)


def kind_of(text: str) -> int:
    data = np.frombuffer(text.encode(), np.uint8)
    address = address_of(data)
    return kinds.kind_of(address, address + data.size, ord("."), ord(",")) & 255


TYPES = {
    kinds.INTEGER: "bigint",
    kinds.LARGE_INTEGER: "hugeint",
    kinds.DECIMAL: "double",
    kinds.NOT_FINITE: "double",
    kinds.DATE: "date",
    kinds.TIMESTAMP: "timestamp_ns",
    kinds.ZONED_TIMESTAMP: "timestamptz",
    kinds.TIME: "time",
    kinds.LOWER_BOOLEAN: "boolean",
    kinds.TITLE_BOOLEAN: "boolean",
    kinds.UPPER_BOOLEAN: "boolean",
}


def test_what_has_a_kind_has_its_type_in_duckdb() -> None:
    typed = [(text, TYPES[kind_of(text)]) for text in FIELDS if kind_of(text) in TYPES and "," not in text]
    assert len(typed) > 30
    query = ", ".join(f"try_cast('{text}' as {name})" for text, name in typed)
    found = duckdb.execute(f"select {query}").fetchall()[0]
    assert [pair for pair, value in zip(typed, found, strict=True) if value is None] == []
