"""Files with values whose type is easily mistaken."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pandas as pd

from tests.support.text_corpus.case import ANY, Case, Refusal, Table

NAN, INFINITY = float("nan"), float("inf")


def _column(*values: object, name: str = "x") -> Table:
    return Table([name], [(value,) for value in values])


def _late(number: object, last: str) -> tuple[bytes, list[str]]:
    """Return a file with a column of 30,000 equal values and another one after them, and its values."""
    values = [*[str(number)] * 30_000, last]
    return "\n".join(["x,y", *(f"{value},1" for value in values), ""]).encode(), values


_INTEGERS_THEN_TEXT, _ITS_TEXTS = _late(7, "abc")
_INTEGERS_THEN_DECIMAL, _ = _late(7, "7.25")
_INTEGERS_THEN_LARGE, _ = _late(7, "123456789012345678901234567890")
_DATES_THEN_TEXT, _ITS_DATES = _late("2020-01-31", "unknown")

NUMBERS = (
    Case(
        "decimal commas",
        b"name;price\nA;1,50\nB;12,25\nC;3,00\n",
        Table(["name", "price"], [("A", "1,50"), ("B", "12,25"), ("C", "3,00")]),
    ),
    Case(
        "decimal commas, told",
        b"name;price\nA;1,50\nB;12,25\nC;3,00\n",
        Table(["name", "price"], [("A", 1.5), ("B", 12.25), ("C", 3.0)]),
        {"decimal": ","},
    ),
    Case(
        "decimal commas and points between thousands, told",
        b"x;y\n1.234,50;a\n1.234.567,25;b\n0,5;c\n",
        Table(["x", "y"], [(1234.5, "a"), (1234567.25, "b"), (0.5, "c")]),
        {"decimal": ",", "thousands": "."},
    ),
    Case(
        "commas between thousands",
        b'x,y\n"1,234.50",a\n"12,000.00",b\n',
        Table(["x", "y"], [("1,234.50", "a"), ("12,000.00", "b")]),
    ),
    Case(
        "commas between thousands, told",
        b'x,y\n"1,234.50",a\n"12,000.00",b\n7,c\n',
        Table(["x", "y"], [(1234.5, "a"), (12000, "b"), (7, "c")]),
        {"thousands": ","},
    ),
    Case(
        "apostrophes between thousands, told",
        b"x,y\n1'234.50,a\n12'000.00,b\n",
        Table(["x", "y"], [(1234.5, "a"), (12000, "b")]),
        {"thousands": "'"},
    ),
    Case(
        "narrow spaces between thousands, told",
        "x;y\n1\u202f234,50;a\n12\u202f000,00;b\n".encode(),
        Table(["x", "y"], [(1234.5, "a"), (12000, "b")]),
        {"thousands": "\u202f", "decimal": ","},
    ),
    Case(
        "dollars, told",
        b'x,y\n"$1,200.00",a\n$3.50,b\n',
        Table(["x", "y"], [(1200, "a"), (3.5, "b")]),
        {"types": {"x": "number"}, "thousands": ","},
    ),
    Case(
        "euros after the number, told",
        "x;y\n1.200,00 €;a\n3,50 €;b\n".encode(),
        Table(["x", "y"], [(1200, "a"), (3.5, "b")]),
        {"types": {"x": "number"}, "thousands": ".", "decimal": ","},
    ),
    Case("percent", b"x,y\n12.5%,a\n3 %,b\n", Table(["x", "y"], [("12.5%", "a"), ("3 %", "b")])),
    Case(
        "percent, told",
        b"x,y\n12.5%,a\n3 %,b\n",
        Table(["x", "y"], [(12.5, "a"), (3, "b")]),
        {"types": {"x": "number"}},
    ),
    Case("a sign in front", b"x,y\n+5.5,a\n-3.0,b\n", Table(["x", "y"], [(5.5, "a"), (-3.0, "b")])),
    Case("powers of ten", b"x,y\n1.5e3,a\n2E-4,b\n", Table(["x", "y"], [(1500, "a"), (0.0002, "b")])),
    Case(
        "a number near zero",
        b"x,n\n1.5,1\n8.36066341834979e-312,2\n",
        Table(["x", "n"], [(1.5, 1), (8.36066341834979e-312, 2)]),
    ),
    Case(
        "doubles printed with 19 digits",
        b"x,n\n1.687758043408000078e-02,1\n2.678359113634000074e-02,2\n",
        Table(["x", "n"], [(1.687758043408000078e-02, 1), (2.678359113634000074e-02, 2)]),
    ),
    Case(
        "leading zeros",
        b"zip,n\n01234,1\n90210,2\n00501,3\n",
        Table(["zip", "n"], [("01234", 1), ("90210", 2), ("00501", 3)]),
    ),
    Case(
        "leading zeros in one row far below",
        b"zip,n\n" + b"90210,1\n" * 30_000 + b"01234,2\n",
        Table(["zip", "n"], [*[("90210", 1)] * 30_000, ("01234", 2)]),
    ),
    Case(
        "a zero before the point is no leading zero",
        b"x,y\n0.5,a\n0,b\n0.25,c\n",
        Table(["x", "y"], [(0.5, "a"), (0, "b"), (0.25, "c")]),
    ),
    Case(
        "codes with leading zeros, named numbers",
        b"zip,n\n01234,1\n90210,2\n",
        Table(["zip", "n"], [(1234, 1), (90210, 2)]),
        {"types": {"zip": "BIGINT"}},
    ),
    Case(
        "numbers, named texts",
        b"zip,n\n1234,1\n90210,2\n",
        Table(["zip", "n"], [("1234", 1), ("90210", 2)]),
        {"types": {"zip": "VARCHAR"}},
    ),
    Case(
        "identifiers of 20 digits",
        b"id,n\n12345678901234567890,1\n12345678901234567891,2\n",
        (
            Table(["id", "n"], [(12345678901234567890, 1), (12345678901234567891, 2)]),
            Table(["id", "n"], [("12345678901234567890", 1), ("12345678901234567891", 2)]),
        ),
    ),
    Case(
        "identifiers of 45 digits",
        b"id,n\n123456789012345678901234567890123456789012345,1\n123456789012345678901234567890123456789012346,2\n",
        (
            Table(
                ["id", "n"],
                [
                    (123456789012345678901234567890123456789012345, 1),
                    (123456789012345678901234567890123456789012346, 2),
                ],
            ),
            Table(
                ["id", "n"],
                [
                    ("123456789012345678901234567890123456789012345", 1),
                    ("123456789012345678901234567890123456789012346", 2),
                ],
            ),
        ),
    ),
    Case(
        "decimals of 17 digits",
        b"x,n\n1234567890.1234567,1\n1234567890.1234568,2\n",
        (
            Table(["x", "n"], [(Decimal("1234567890.1234567"), 1), (Decimal("1234567890.1234568"), 2)]),
            Table(["x", "n"], [("1234567890.1234567", 1), ("1234567890.1234568", 2)]),
        ),
    ),
    Case("digits with underscores", b"x,n\n1_000,1\n2_000,2\n", Table(["x", "n"], [("1_000", 1), ("2_000", 2)])),
    Case("hexadecimal codes", b"x,n\n0x1F,1\n0xA0,2\n", Table(["x", "n"], [("0x1F", 1), ("0xA0", 2)])),
    Case("versions", b"x,n\n1.9,1\n1.10,2\n1.10.1,3\n", Table(["x", "n"], [("1.9", 1), ("1.10", 2), ("1.10.1", 3)])),
    Case(
        "a number that a column of doubles would lose",
        b"x,n\n9007199254740993,1\n0.5,2\n",
        (
            Table(["x", "n"], [(Decimal(9007199254740993), 1), (Decimal("0.5"), 2)]),
            Table(["x", "n"], [("9007199254740993", 1), ("0.5", 2)]),
        ),
    ),
    Case(
        "not a number and infinities",
        b"x,n\n1.5,1\nNaN,2\ninf,3\n-inf,4\n",
        Table(["x", "n"], [(1.5, 1), (NAN, 2), (INFINITY, 3), (-INFINITY, 4)]),
    ),
    Case(
        "words without a number",
        b"x,n\nnan,1\ninf,2\nInfinity,3\n",
        (
            Table(["x", "n"], [("nan", 1), ("inf", 2), ("Infinity", 3)]),
            Table(["x", "n"], [(NAN, 1), (INFINITY, 2), (INFINITY, 3)]),
        ),
    ),
)

MISSING = (
    Case("NA among numbers", b"x,n\n1,1\nNA,2\n3,3\n", Table(["x", "n"], [("1", 1), ("NA", 2), ("3", 3)])),
    Case(
        "NA among numbers, told",
        b"x,n\n1,1\nNA,2\n3,3\n,4\n",
        Table(["x", "n"], [(1, 1), (None, 2), (3, 3), (None, 4)]),
        {"null": "NA"},
    ),
    Case(
        "several words, told",
        b"x,n\n1,NA\n--,2\n3,#N/A\n",
        Table(["x", "n"], [(1, None), (None, 2), (3, None)]),
        {"null": ["NA", "--", "#N/A"]},
    ),
    Case("None, told", b"x,y\n1.5,a\nNone,b\n", Table(["x", "y"], [(1.5, "a"), (None, "b")]), {"null": "None"}),
    Case(
        "texts NULL, NA and None are texts",
        b"x,y\nNULL,1\nNA,2\nNone,3\nnull,4\n",
        Table(["x", "y"], [("NULL", 1), ("NA", 2), ("None", 3), ("null", 4)]),
    ),
    Case(
        "the null of MySQL, told", b"x\ty\n1\ta\n\\N\tb\n", Table(["x", "y"], [(1, "a"), (None, "b")]), {"null": "\\N"}
    ),
)

LATE = (
    Case(
        "integers, then a text in line 30,002",
        _INTEGERS_THEN_TEXT,
        (Table(["x", "y"], [(value, 1) for value in _ITS_TEXTS], True), Refusal(r"line 30,?002\b.*all.text")),
    ),
    Case(
        "integers, then a text, all read as text",
        _INTEGERS_THEN_TEXT,
        Table(["x", "y"], [(value, "1") for value in _ITS_TEXTS]),
        {"all_text": True},
    ),
    Case(
        "integers, then a text, refused by a type",
        _INTEGERS_THEN_TEXT,
        Refusal(r"30,?002\b|abc"),
        {"types": {"x": "BIGINT"}},
    ),
    Case("integers, then a decimal", _INTEGERS_THEN_DECIMAL, Table(["x", "y"], [*[(7, 1)] * 30_000, (7.25, 1)])),
    Case(
        "integers, then a large one",
        _INTEGERS_THEN_LARGE,
        (
            Table(["x", "y"], [*[(7, 1)] * 30_000, (123456789012345678901234567890, 1)]),
            Table(["x", "y"], [*[("7", 1)] * 30_000, ("123456789012345678901234567890", 1)]),
        ),
    ),
    Case(
        "dates, then a text",
        _DATES_THEN_TEXT,
        (Table(["x", "y"], [(value, 1) for value in _ITS_DATES], True), Refusal("all.text")),
    ),
)

TIMES = (
    Case("dates of ISO 8601", b"x\n2020-01-31\n2020-02-29\n", _column(date(2020, 1, 31), date(2020, 2, 29))),
    Case(
        "a date that there is not",
        b"x,y\n2020-01-31,1\n2020-02-30,2\n",
        Table(["x", "y"], [("2020-01-31", 1), ("2020-02-30", 2)]),
    ),
    Case(
        "days before months",
        b"x,y\n31/01/2020,1\n01/02/2020,2\n",
        (
            Table(["x", "y"], [(date(2020, 1, 31), 1), (date(2020, 2, 1), 2)]),
            Table(["x", "y"], [("31/01/2020", 1), ("01/02/2020", 2)]),
        ),
    ),
    Case(
        "months before days",
        b"x,y\n01/31/2020,1\n02/01/2020,2\n",
        (
            Table(["x", "y"], [(date(2020, 1, 31), 1), (date(2020, 2, 1), 2)]),
            Table(["x", "y"], [("01/31/2020", 1), ("02/01/2020", 2)]),
        ),
    ),
    Case(
        "dates that can be read both ways",
        b"x,y\n01/02/2020,1\n03/04/2020,2\n05/06/2020,3\n",
        (
            Table(["x", "y"], [("01/02/2020", 1), ("03/04/2020", 2), ("05/06/2020", 3)]),
            Table(["x", "y"], [(date(2020, 2, 1), 1), (date(2020, 4, 3), 2), (date(2020, 6, 5), 3)], True),
            Table(["x", "y"], [(date(2020, 1, 2), 1), (date(2020, 3, 4), 2), (date(2020, 5, 6), 3)], True),
        ),
    ),
    Case(
        "dates in both orders",
        b"x,y\n31/01/2020,1\n01/31/2020,2\n",
        Table(["x", "y"], [("31/01/2020", 1), ("01/31/2020", 2)]),
    ),
    Case(
        "years of two digits",
        b"x,y\n31/01/20,1\n01/02/99,2\n",
        (
            Table(["x", "y"], [("31/01/20", 1), ("01/02/99", 2)]),
            Table(["x", "y"], [(date(2020, 1, 31), 1), (date(1999, 2, 1), 2)]),
        ),
    ),
    Case(
        "dates without signs",
        b"x,y\n20200131,1\n20200229,2\n",
        (
            Table(["x", "y"], [(20200131, 1), (20200229, 2)]),
            Table(["x", "y"], [(date(2020, 1, 31), 1), (date(2020, 2, 29), 2)]),
        ),
    ),
    Case(
        "names of months",
        b"x,y\n31 Jan 2020,1\n1 Feb 2020,2\n",
        (
            Table(["x", "y"], [("31 Jan 2020", 1), ("1 Feb 2020", 2)]),
            Table(["x", "y"], [(date(2020, 1, 31), 1), (date(2020, 2, 1), 2)]),
        ),
    ),
    Case(
        "timestamps with zones",
        b"x,y\n2020-01-31T10:00:00Z,1\n2020-01-31T12:30:00+02:00,2\n",
        (
            Table(
                ["x", "y"], [(datetime(2020, 1, 31, 10, tzinfo=UTC), 1), (datetime(2020, 1, 31, 10, 30, tzinfo=UTC), 2)]
            ),
            Table(["x", "y"], [("2020-01-31T10:00:00Z", 1), ("2020-01-31T12:30:00+02:00", 2)]),
        ),
    ),
    Case(
        "timestamps",
        b"x,y\n2020-01-31 10:00:00,1\n2020-01-31 10:00:00.5,2\n",
        Table(["x", "y"], [(datetime(2020, 1, 31, 10), 1), (datetime(2020, 1, 31, 10, 0, 0, 500_000), 2)]),
    ),
    Case(
        "nanoseconds",
        b"x,y\n2020-01-31 10:00:00.123456789,1\n2020-01-31 10:00:00.123456790,2\n",
        (
            Table(["x", "y"], [("2020-01-31 10:00:00.123456789", 1), ("2020-01-31 10:00:00.123456790", 2)]),
            Table(
                ["x", "y"],
                [
                    (pd.Timestamp("2020-01-31 10:00:00.123456789"), 1),
                    (pd.Timestamp("2020-01-31 10:00:00.123456790"), 2),
                ],
            ),
            Refusal("nano"),
        ),
    ),
    Case(
        "times beyond midnight", b"x,y\n23:59:00,1\n25:10:00,2\n", Table(["x", "y"], [("23:59:00", 1), ("25:10:00", 2)])
    ),
    Case("times", b"x,y\n23:59:00,1\n05:10:00,2\n", Table(["x", "y"], [(ANY, 1), (ANY, 2)])),
    Case(
        "true and false",
        b"x,y\ntrue,1\nfalse,2\nTRUE,3\n",
        (
            Table(["x", "y"], [(True, 1), (False, 2), (True, 3)]),
            Table(["x", "y"], [("true", 1), ("false", 2), ("TRUE", 3)]),
        ),
    ),
    Case(
        "yes and no",
        b"x,y\nyes,1\nno,2\nNo,3\n",
        (Table(["x", "y"], [(True, 1), (False, 2), (False, 3)]), Table(["x", "y"], [("yes", 1), ("no", 2), ("No", 3)])),
    ),
)

CASES = (*NUMBERS, *MISSING, *LATE, *TIMES)
