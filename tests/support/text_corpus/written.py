"""Frames with hostile values as pandas, polars and the csv module write them: the bytes, and what they say."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import hypothesis.strategies as st
import pandas as pd
import polars as pl
from hypothesis import assume

from tests.support.text_corpus.oracle import split_records

_SIGNS = ",;|\t:\"'\\ \n\r#%$-.+_=/()" + "ab1230ZéÅß" + "\u00a0\u2028\x85\x1c\x0b\x00€–中\N{GRINNING FACE}"
_WORDS = [
    "",
    "NA",
    "null",
    "None",
    "nan",
    "inf",
    "-inf",
    "--",
    "true",
    "FALSE",
    "t",
    "no",
    "#N/A",
    '"',
    "''",
    "\\N",
    "\\",
]
_NUMBERS = [
    "007",
    "+5",
    "-0",
    "0.10",
    "1.",
    ".5",
    "1e5",
    "1E-3",
    "1_000",
    "0x1F",
    "1,234",
    "1,5",
    "12 %",
    "$3",
    "٣",
    " 7",
    "7 ",
]
_LARGE = ["12345678901234567890", "9007199254740993", "1234567890.1234567", "0.1234567890123456789", "9" * 45, "1e400"]
_DATES = ["2020-01-31", "2020-02-30", "31/01/2020", "01/31/2020", "01/02/2020", "1.2.20", "2020-01-31 10:00:00"]
_TIMES = ["2020-01-31T10:00:00Z", "2020-01-31 10:00:00.123456789", "10:30", "23:59:60", "2020-01-31 10:00:00+02:00"]

hostile = st.one_of(
    st.text(st.sampled_from(_SIGNS), max_size=8),
    st.sampled_from([*_WORDS, *_NUMBERS, *_LARGE, *_DATES, *_TIMES]),
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=False).map(repr),
)
"""Texts that a reader may mistake."""

columns_of_texts = st.one_of(
    st.just(hostile),
    st.just(st.sampled_from(_NUMBERS)),
    st.just(st.sampled_from([*_DATES, ""])),
    st.just(st.sampled_from(_TIMES)),
    st.just(st.integers(-1000, 1000).map(str)),
    st.just(st.one_of(st.integers(0, 99).map(str), st.sampled_from(["", "NA", "7.5", "08"]))),
    st.just(st.floats(-1e6, 1e6).map(repr)),
    st.just(st.text(st.sampled_from("abcXYZ é"), max_size=5)),
    st.just(st.dates().map(str)),
    st.just(st.sampled_from(["true", "false", ""])),
)
"""Columns whose values have something in common, or nothing."""


@dataclass(frozen=True)
class Written:
    """A file that somebody wrote.

    Attributes
    ----------
    data
        Its bytes.
    names
        The names in its first row; None without a header.
    rows
        The texts in its other rows.
    options
        What a reader is told.
    by
        Who wrote it, and how.
    """

    data: bytes
    names: list[str] | None
    rows: list[list[str]]
    options: dict[str, Any]
    by: str


@st.composite
def tables(draw: st.DrawFn, least_columns: int = 1) -> tuple[list[str], list[list[str]]]:
    """Draw names and rows of texts."""
    width = draw(st.integers(least_columns, 4))
    rows = draw(st.integers(0, 6))
    name = st.one_of(
        st.text(st.sampled_from("abcxyzé ,;\"'\n1"), min_size=1, max_size=5), st.sampled_from(["id", "2021", "a", "A"])
    )
    columns = [draw(st.lists(draw(columns_of_texts), min_size=rows, max_size=rows)) for _ in range(width)]
    return draw(st.lists(name, min_size=width, max_size=width)), [list(row) for row in zip(*columns, strict=True)]


@st.composite
def by_csv(draw: st.DrawFn) -> Written:
    """Draw a file of the csv module in any dialect that no reader has to be told more of than its signs.

    Blanks are no delimiters here: runs of them align columns, so that an empty field between them leaves no trace.
    """
    names, rows = draw(tables())
    delimiter, quote = draw(st.sampled_from(list(",;|\t:^~"))), draw(st.sampled_from('""\''))
    ending, has_header = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"])), draw(st.booleans())
    quoting: Any = draw(
        st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC, csv.QUOTE_NONE])
    )
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252"]))
    text = io.StringIO()
    try:
        writer = csv.writer(text, delimiter=delimiter, quotechar=quote, quoting=quoting, lineterminator=ending)
        writer.writerows([names, *rows] if has_header else rows)
        data = text.getvalue().encode(encoding)
    except (csv.Error, UnicodeEncodeError):
        assume(False)
    if ending == "\r" and quoting != csv.QUOTE_ALL:  # it leaves an LF within a field without quotes
        assume("\n" not in text.getvalue())
    options: dict[str, Any] = {"delimiter": delimiter, "header": has_header, "encoding": encoding}
    options["quote"] = "" if quoting == csv.QUOTE_NONE else quote
    by = f"csv {delimiter!r} {quote} {quoting} {ending!r} {encoding} header={has_header}"
    return Written(data, names if has_header else None, rows, options, by)


@st.composite
def by_pandas(draw: st.DrawFn) -> Written:
    """Draw a file of pandas, whose columns are texts, numbers, dates and missing values."""
    names, rows = draw(tables())
    frame = pd.DataFrame(rows, columns=names, dtype=object)
    frame[len(names)] = pd.Series(draw(_numbers(len(rows))), dtype="float64")
    frame["when"] = pd.to_datetime(pd.Series(draw(_days(len(rows)))))
    separator, quote = draw(st.sampled_from(list(",;|\t"))), draw(st.sampled_from('""\''))
    decimal = draw(st.sampled_from(".,")) if separator != "," else "."
    ending, has_header, has_index = draw(st.sampled_from(["\n", "\r\n"])), draw(st.booleans()), draw(st.booleans())
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]))
    text = frame.to_csv(
        sep=separator,
        quotechar=quote,
        quoting=quoting,
        lineterminator=ending,
        header=has_header,
        index=has_index,
        decimal=decimal,
    )
    try:
        data = text.encode(encoding)
    except UnicodeEncodeError:
        assume(False)
    records = split_records(text, separator, quote, ending)
    options: dict[str, Any] = {
        "delimiter": separator,
        "header": has_header,
        "encoding": encoding,
        "quote": quote,
        "decimal": decimal,
    }
    by = f"pandas {separator!r} {quote} {quoting} {ending!r} {encoding} header={has_header} index={has_index} {decimal}"
    return Written(data, records[0] if has_header else None, records[int(has_header) :], options, by)


def _numbers(rows: int) -> st.SearchStrategy[list[float | None]]:
    return st.lists(st.one_of(st.floats(), st.none(), st.integers(-99, 99).map(float)), min_size=rows, max_size=rows)


def _days(rows: int) -> st.SearchStrategy[list[Any]]:
    day = st.one_of(
        st.none(), st.datetimes(pd.Timestamp(1700, 1, 1).to_pydatetime(), pd.Timestamp(2200, 1, 1).to_pydatetime())
    )
    return st.lists(day, min_size=rows, max_size=rows)


@st.composite
def by_polars(draw: st.DrawFn) -> Written:
    """Draw a file of polars, whose columns are texts, numbers, dates, booleans and missing values."""
    names, rows = draw(tables())
    columns: list[pl.Series] = [pl.Series(str(j), [row[j] for row in rows], pl.String) for j in range(len(names))]
    count = len(rows)
    more = {
        "number": (st.floats(), pl.Float64),
        "small": (st.floats(width=32), pl.Float32),
        "whole": (st.integers(-(2**63), 2**63 - 1), pl.Int64),
        "day": (st.dates(), pl.Date),
        "moment": (st.datetimes(), pl.Datetime),
        "flag": (st.booleans(), pl.Boolean),
        "word": (hostile, pl.String),
    }
    for name in draw(st.lists(st.sampled_from(sorted(more)), max_size=3, unique=True)):
        values, kind = more[name]
        columns.append(
            pl.Series(name, draw(st.lists(st.one_of(st.none(), values), min_size=count, max_size=count)), kind)
        )
    separator, quote = draw(st.sampled_from(",;|\t")), draw(st.sampled_from('""\''))
    style: Any = draw(st.sampled_from(["necessary", "always", "non_numeric"]))
    ending, has_header, has_mark = draw(st.sampled_from(["\n", "\r\n"])), draw(st.booleans()), draw(st.booleans())
    null = draw(st.sampled_from(["", "", "NULL", "NA"]))
    data = pl.DataFrame(columns).write_csv(
        separator=separator,
        quote_char=quote,
        quote_style=style,
        line_terminator=ending,
        include_header=has_header,
        include_bom=has_mark,
        null_value=null,
    )
    records = split_records(data.removeprefix("\ufeff"), separator, quote, ending)
    options: dict[str, Any] = {"delimiter": separator, "header": has_header, "encoding": "utf-8", "quote": quote}
    by = f"polars {separator!r} {quote} {style} {ending!r} header={has_header} bom={has_mark} null={null}"
    return Written(data.encode(), records[0] if has_header else None, records[int(has_header) :], options, by)


_CLEAR = st.one_of(
    st.just(st.integers(0, 10**6).map(str)),
    st.just(st.floats(-1e6, 1e6).map(repr)),
    st.just(st.dates().map(str)),
    st.just(
        st.sampled_from(["Rome", "São Paulo", "a, b; c", 'the "x"', "two\nlines", "O'Brien", "tab\there", "a|b", ""])
    ),
    st.just(st.one_of(st.integers(0, 99).map(str), st.sampled_from(["", "NA", "--"]))),
    st.just(st.sampled_from(["007", "0123", "42"])),
)
"""Columns such as people have."""


@st.composite
def untold(draw: st.DrawFn) -> Written:
    """Draw a file such as people have, with a column of numbers, of which a reader is told nothing."""
    rows = draw(st.integers(2, 30))
    columns = [[str(number) for number in range(draw(st.integers(0, 1000)), 2000)][:rows]]
    kinds = draw(st.lists(_CLEAR, min_size=1, max_size=4))
    columns += [draw(st.lists(values, min_size=rows, max_size=rows)) for values in kinds]
    names = ["id", "price", "Größe", "first name", "2021"][: len(columns)]
    delimiter, ending = draw(st.sampled_from(",;|\t")), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    quoting: Any = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    if ending == "\r":
        quoting = csv.QUOTE_ALL  # else it leaves an LF within a field without quotes
    encoding, has_header = draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16"])), draw(st.booleans())
    text, body = io.StringIO(), list(zip(*columns, strict=True))
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=ending)
    writer.writerows([names, *body] if has_header else body)
    by = f"csv {delimiter!r} {quoting} {ending!r} {encoding} header={has_header}"
    return Written(text.getvalue().encode(encoding), names if has_header else None, [list(row) for row in body], {}, by)
