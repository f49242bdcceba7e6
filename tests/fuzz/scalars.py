"""DuckDB's types that hold no others: their names in SQL and their values, the odd ones first.

A value is an SQL expression, so that what is stored is what DuckDB makes of it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hypothesis import strategies as st

from colprofile.sources.identifiers import quote_literal

Values = st.SearchStrategy[str]


@dataclass(frozen=True)
class Kind:
    """A type as SQL writes it, and expressions of its values, none of which is NULL."""

    sql: str
    values: Values


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


def _float(kind: str, width: Literal[32, 64]) -> Kind:
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
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_TEXTS = st.one_of(st.sampled_from(_PLAIN), st.sampled_from(_HOSTILE), ANY_TEXT)


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
    "NULL": _some(Kind('"NULL"', st.just("NULL"))),
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
