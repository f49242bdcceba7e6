"""The grammar of DuckDB's types: random tables with a column of any type, as the SQL that makes them.

A value is an SQL expression, so that what is stored is what DuckDB makes of it. A column draws its rows from a few
values, or is made of an earlier column, so that there is something to find.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from colprofile.sources.identifiers import quote_identifier, quote_literal

DEPTH = 3
MOST_ROWS, MOST_COLUMNS = 40, 8
Values = st.SearchStrategy[str]


@dataclass(frozen=True)
class Kind:
    """A type as SQL writes it, and expressions of its values, none of which is NULL."""

    sql: str
    values: Values


@dataclass(frozen=True)
class Column:
    """A column: its name, its type in SQL, and an expression for each row."""

    name: str
    type: str
    values: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Table:
    """A table, and the rows of another state of it: their numbers here, from 0."""

    columns: tuple[Column, ...]
    rows: int
    later: tuple[int, ...] = ()

    def statements(self, name: str = "t", rows: Sequence[int] | None = None) -> list[str]:
        """Return the SQL that makes it under a quoted name, with all rows or with these."""
        described = ", ".join(f"{quote_identifier(column.name)} {column.type}" for column in self.columns)
        numbers = range(self.rows) if rows is None else rows
        listed = ",\n".join(f"({', '.join(column.values[i] for column in self.columns)})" for i in numbers)
        return [
            f"create or replace table {name} ({described})",
            *([f"insert into {name} values {listed}"] if listed else []),
        ]

    def __repr__(self) -> str:
        """Return the SQL, which hypothesis prints of a table that fails."""
        return ";\n".join([*self.statements(), f"-- later: {self.later}"])


def text_literal(text: str) -> str:
    """Return a text in SQL. The parser ends at a NUL, which therefore comes from a function.

    >>> text_literal("it's"), text_literal("a\\0b")
    ("'it''s'", "('a'||chr(0)||'b')")
    """
    parts = [quote_literal(part) for part in text.split("\0")]
    return parts[0] if len(parts) == 1 else f"({'||chr(0)||'.join(parts)})"


def _cast(texts: st.SearchStrategy[Any], kind: str) -> Kind:
    return Kind(kind, texts.map(lambda value: f"{text_literal(str(value))}::{kind}"))


def _of(kind: str, *texts: str) -> Kind:
    return _cast(st.sampled_from(texts), kind)


def _integer(kind: str, lowest: int, highest: int) -> Kind:
    edges = st.sampled_from([lowest, lowest + 1, highest - 1, highest])
    small = st.integers(max(lowest, -3), 9)
    return _cast(st.one_of(small, edges, st.integers(lowest, highest)), kind)


def _float(kind: str, width: int) -> Kind:
    tiny, huge = (5e-324, 1.7976931348623157e308) if width == 64 else (1e-45, 3.4028234663852886e38)
    odd = ["nan", "-nan", "inf", "-inf", "-0.0", "0.0", repr(tiny), repr(-tiny), repr(huge), repr(-huge), "1.0", "0.1"]
    some = st.floats(width=width, allow_nan=False, allow_infinity=False).map(repr)
    return _cast(st.one_of(st.sampled_from(odd), some, st.integers(-9, 9).map(lambda n: repr(n / 4))), kind)


@st.composite
def _decimals(draw: st.DrawFn) -> Kind:
    width = draw(st.sampled_from([1, 4, 9, 10, 18, 19, 38]))
    scale = draw(st.sampled_from(sorted({0, 1, min(2, width), width // 2, width})))
    most = 10**width - 1

    def shown(unscaled: int) -> str:
        digits = str(abs(unscaled)).rjust(scale + 1, "0")
        whole, part = digits[: len(digits) - scale], digits[len(digits) - scale :]
        return f"{'-' if unscaled < 0 else ''}{whole}{'.' if part else ''}{part}"

    numbers = st.one_of(
        st.integers(-min(most, 9), min(most, 9)), st.sampled_from([most, -most]), st.integers(-most, most)
    )
    return _cast(numbers.map(shown), f"decimal({width}, {scale})")


_PLAIN = ["", " ", "a", "A", "b", "á", "a\u0301", "ß", "SS", "NA", "1", "01", "2020-01-01", "true", "N/A ", "null"]
_HOSTILE = [
    "'",
    '"',
    '"; drop table t; --',
    "$check$",
    "%s {0} \\n",
    "a\nb",
    "\t",
    "\0",
    "\x1b[31m",
    "\u202ea",
    "\ufeff",
    "\U0001f600",
    "<script>hostile()</script>",
    "</script><hostile>",
    "|`*_[x](y)",
    "x" * 3000,
    "\U000e0001",
    "\u2028",
    "=1+1",
]
_ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_TEXTS = st.one_of(st.sampled_from(_PLAIN), st.sampled_from(_HOSTILE), _ANY_TEXT)


@st.composite
def _enums(draw: st.DrawFn) -> Kind:
    members = draw(st.lists(_TEXTS.filter(lambda text: "\0" not in text), min_size=1, max_size=5, unique=True))
    kind = f"enum({', '.join(map(quote_literal, members))})"
    return _cast(st.sampled_from(members), kind)


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(allow_nan=False, allow_infinity=False), _TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(_TEXTS, inner, max_size=2)),
    max_leaves=4,
).map(lambda value: json.dumps(value, ensure_ascii=bool(hash(str(value)) & 1)))

_DATES = (
    "infinity",
    "-infinity",
    "1970-01-01",
    "1969-12-31",
    "2024-02-29",
    "5881580-07-10",
    "5877642-06-25 (BC)",
    "0001-01-01",
    "1900-01-01",
    "9999-12-31",
)
_TIMES = ("00:00:00", "24:00:00", "23:59:59.999999", "12:30:00", "12:30:00.000001", "01:02:03")
_FAR = (
    "infinity",
    "-infinity",
    "1970-01-01",
    "1969-12-31 23:59:59",
    "2024-02-29 12:30:00",
    "294247-01-10 04:00:54",
    "290309-12-22 (BC) 00:00:00",
    "0001-01-01",
)
_NEAR = ("infinity", "-infinity", "1970-01-01", "1677-09-22 00:12:44", "2262-04-11 23:47:16", "2024-02-29 12:30:00")
_INTERVALS = (
    "0 days",
    "1 month",
    "30 days",
    "720 hours",
    "-1 month",
    "1 year",
    "12 months",
    "360 days",
    "1 microsecond",
    "1 day",
    "24 hours",
    "-178956970 years",
    "178000000 years",
    "1 month -30 days",
)


def _some(*kinds: Kind) -> st.SearchStrategy[Kind]:
    return st.sampled_from(kinds)


def _moments(kind: str, odd: Sequence[str], *more: str) -> Kind:
    return _cast(
        st.one_of(st.sampled_from([*odd, *more]), st.integers(0, 40).map(lambda d: f"2024-03-{d % 28 + 1:02}")), kind
    )


SCALARS: dict[str, st.SearchStrategy[Kind]] = {
    "BOOLEAN": _some(_of("boolean", "true", "false")),
    **{
        f"{prefix}{name}": _some(
            _integer(f"{prefix}{name}", *((0, 2**bits - 1) if prefix else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)))
        )
        for name, bits in {"TINYINT": 8, "SMALLINT": 16, "INTEGER": 32, "BIGINT": 64, "HUGEINT": 128}.items()
        for prefix in ("", "U")
    },
    "DECIMAL": _decimals(),
    "FLOAT": _some(_float("float", 32)),
    "DOUBLE": _some(_float("double", 64)),
    "BIGNUM": _some(
        _cast(
            st.one_of(st.integers(-3, 9), st.sampled_from([10**60, -(10**60), 2**127, 2**64]), st.integers()), "bignum"
        )
    ),
    "VARCHAR": _some(_cast(_TEXTS, "varchar")),
    "BLOB": _some(
        Kind(
            "blob",
            st.one_of(
                st.sampled_from([b"", b"\0", b"a", b"A", b"\xff\xfe", b"'", b"\\x41"]), st.binary(max_size=6)
            ).map(lambda blob: f"unhex('{blob.hex()}')"),
        )
    ),
    "BIT": _some(
        _cast(
            st.one_of(
                st.sampled_from(["0", "1", "00", "01", "000000001", "1" * 70]), st.text("01", min_size=1, max_size=20)
            ),
            "bit",
        )
    ),
    "DATE": _some(_cast(st.one_of(st.sampled_from(_DATES), st.dates().map(str)), "date")),
    "TIME": _some(_of("time", *_TIMES)),
    "TIME_NS": _some(_of("time_ns", *_TIMES, "00:00:00.000000001", "23:59:59.999999999")),
    "TIME WITH TIME ZONE": _some(
        _of(
            "timetz",
            "00:00:00+00",
            "01:00:00+01",
            "00:00:00-15:59:59",
            "24:00:00+00",
            "00:00:00+15:59:59",
            "12:30:00+05:30",
            "07:00:00+00",
        )
    ),
    "TIMESTAMP": _some(_moments("timestamp", _FAR, "2024-02-29 12:30:00.000001")),
    "TIMESTAMP_S": _some(_moments("timestamp_s", _FAR)),
    "TIMESTAMP_MS": _some(_moments("timestamp_ms", _FAR, "2024-02-29 12:30:00.001")),
    "TIMESTAMP_NS": _some(_moments("timestamp_ns", _NEAR, "2024-02-29 12:30:00.000000001")),
    "TIMESTAMP WITH TIME ZONE": _some(
        _moments("timestamptz", _FAR, "2024-02-29 12:30:00+05:30", "2024-02-29 07:00:00+00")
    ),
    "TIMESTAMPTZ_NS": _some(_moments("timestamptz_ns", _NEAR, "2024-02-29 12:30:00.000000001")),
    "INTERVAL": _some(_of("interval", *_INTERVALS)),
    "UUID": _some(
        _cast(
            st.one_of(
                st.sampled_from(["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"]),
                st.uuids(),
            ),
            "uuid",
        )
    ),
    "ENUM": _enums(),
    "JSON": _some(_cast(_JSON, "json")),
    "GEOMETRY": _some(
        _of(
            "geometry",
            "POINT(1 2)",
            "POINT EMPTY",
            "LINESTRING(0 0, 1 1)",
            "POINT(1 2.0)",
            "POINT(-0 0)",
            "POINT(0 0)",
            "POLYGON((0 0, 1 0, 1 1, 0 0))",
            "GEOMETRYCOLLECTION EMPTY",
        )
    ),
}
"""Name in ``duckdb_types()`` → its kinds. What holds other types is made by ``kinds``."""

COLLATIONS = ("nocase", "noaccent", "nocase.noaccent", "nfc", "de")
CONTAINERS = ("LIST", "ARRAY", "STRUCT", "TUPLE", "MAP", "UNION", "VARIANT")
NO_COLUMN = {"TYPE": "a table cannot have such a column"}
"""Types that no table can have."""


def _or_null(values: Values) -> Values:
    return st.one_of(values, values, values, st.just("NULL"))


@st.composite
def _container(draw: st.DrawFn, name: str, depth: int) -> Kind:
    inner = kinds(depth - 1)
    if name == "VARIANT":
        return Kind(
            "variant",
            st.lists(inner, min_size=1, max_size=3).flatmap(
                lambda some: st.one_of(*(each.values.map(lambda value: f"({value})::variant") for each in some))
            ),
        )
    first = draw(inner)
    if name == "LIST":
        kind = f"{first.sql}[]"
        return Kind(kind, st.lists(_or_null(first.values), max_size=3).map(lambda some: f"[{', '.join(some)}]::{kind}"))
    if name == "ARRAY":
        size = draw(st.integers(1, 3))
        kind = f"{first.sql}[{size}]"
        return Kind(
            kind,
            st.lists(_or_null(first.values), min_size=size, max_size=size).map(
                lambda some: f"[{', '.join(some)}]::{kind}"
            ),
        )
    if name == "MAP":
        kind = f"map({first.sql}, {(second := draw(inner)).sql})"
        pairs = st.one_of(st.just([]), st.tuples(first.values, _or_null(second.values)).map(lambda pair: [pair]))
        return Kind(
            kind,
            pairs.map(
                lambda some: f"map([{', '.join(k for k, _ in some)}], [{', '.join(v for _, v in some)}])::{kind}"
            ),
        )
    members = [first, *draw(st.lists(inner, max_size=2))]
    if name == "TUPLE":
        kind = f"tuple({', '.join(each.sql for each in members)})"
        return Kind(
            kind,
            st.tuples(*(_or_null(each.values) for each in members)).map(lambda some: f"row({', '.join(some)})::{kind}"),
        )
    names = draw(st.lists(NAMES, min_size=len(members), max_size=len(members), unique_by=str.lower))
    listed = ", ".join(f"{quote_identifier(each)} {kind.sql}" for each, kind in zip(names, members, strict=True))
    if name == "STRUCT":
        kind = f"struct({listed})"
        packed = st.tuples(*(_or_null(each.values) for each in members))
        return Kind(
            kind,
            packed.map(
                lambda some: (
                    "struct_pack("
                    + ", ".join(f"{quote_identifier(n)} := {v}" for n, v in zip(names, some, strict=True))
                    + f")::{kind}"
                )
            ),
        )
    kind = f"union({listed})"
    tagged = [
        each.values.map(lambda value, tag=tag: f"union_value({quote_identifier(tag)} := {value})::{kind}")
        for tag, each in zip(names, members, strict=True)
    ]
    return Kind(kind, st.one_of(*tagged))


def kinds(depth: int = DEPTH) -> st.SearchStrategy[Kind]:
    """Every type, with others inside it up to a depth; 0 is none inside."""
    scalars = st.sampled_from(sorted(SCALARS)).flatmap(SCALARS.__getitem__)
    if depth <= 0:
        return scalars
    containers = st.sampled_from(CONTAINERS).flatmap(lambda name: _container(name, depth))
    return st.one_of(scalars, scalars, containers)


_ODD_NAMES = [
    "a",
    "b",
    "select",
    'quo"te',
    "it's",
    "a.b",
    "new\nline",
    "<b id=hostile>",
    "x" * 300,
    "[red]",
    "\u202ea",
    "\U0001f600",
    "$1",
    "c0",
    "rank",
    "%",
    "$check$",
    "a|b",
    "`",
    "{0}",
    " ",
    "rowid_",
    "count",
    "id",
]
NAMES = st.one_of(
    st.sampled_from(_ODD_NAMES),
    _ANY_TEXT.filter(lambda name: bool(name) and "\0" not in name and len(name.lower()) == len(name)),
)
"""Names of columns, members and fields."""


@st.composite
def _columns(draw: st.DrawFn, name: str, rows: int, before: Sequence[Column]) -> Column:
    """A column of its own values, or one made of an earlier column: a copy, a text, a function of it, or nearly."""
    ways = ["own", "own", "own", *(["copy", "text", "function", "nearly", "nulls"] if before and rows else [])]
    way = draw(st.sampled_from(ways))
    if way in ("copy", "text", "nulls"):
        source = draw(st.sampled_from(list(before)))
        if way == "text":
            return Column(name, "varchar", tuple(f"({value})::varchar" for value in source.values))
        if way == "nulls":
            return Column(name, "boolean", tuple(str(value == "NULL").lower() for value in source.values))
        return Column(name, source.type, source.values)
    kind = draw(kinds())
    collation = draw(st.sampled_from(COLLATIONS)) if kind.sql == "varchar" and draw(st.booleans()) else None
    shown = f"{kind.sql} collate {collation}" if collation else kind.sql
    if way == "own":
        size = draw(st.sampled_from([1, 2, 3, 5, 12]))
        pool = [*draw(st.lists(kind.values, min_size=1, max_size=size)), *draw(st.lists(st.just("NULL"), max_size=1))]
        chosen = draw(st.lists(st.integers(0, len(pool) - 1), min_size=rows, max_size=rows))
        return Column(name, shown, tuple(pool[i] for i in chosen))
    source = draw(st.sampled_from(list(before)))
    found = list(dict.fromkeys(source.values))
    made = {value: draw(_or_null(kind.values)) for value in found}
    values = [made[value] for value in source.values]
    if way == "nearly":
        values[draw(st.integers(0, rows - 1))] = draw(kind.values)
    return Column(name, shown, tuple(values))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Tables of up to 40 rows and 8 columns, and other states of them."""
    rows = draw(st.one_of(st.integers(0, 3), st.integers(4, MOST_ROWS), st.just(MOST_ROWS)))
    names = draw(st.lists(NAMES, min_size=1, max_size=MOST_COLUMNS, unique_by=str.lower))
    columns: list[Column] = []
    for name in names:
        columns.append(draw(_columns(name, rows, columns)))
    later = draw(st.lists(st.integers(0, rows - 1), max_size=MOST_ROWS)) if rows else []
    return Table(tuple(columns), rows, tuple(later))
