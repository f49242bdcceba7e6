"""Columns of Python objects as Arrow, by the types that all values have: nothing is guessed from a few, or coerced.

Numbers are equal by number, whatever their types; True is none of them. None, NaN, NaT and pandas' NA are missing.
Where values of different kinds meet, as in 1, '1', b'1' and True, each becomes the text in which Python would write
it, so that they stay apart; plain words stay as they are.
"""

from __future__ import annotations

import decimal
import enum
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from itertools import chain
from pathlib import PurePath
from typing import Any

import numpy as np
import pyarrow as pa

from colprofile.errors import shorten
from colprofile.sources.frames.arrow_columns import arrow_column, readable
from colprofile.sources.frames.columns import Form, InputColumn

Objects = Sequence[Any] | np.ndarray[Any, Any]
"""Python objects, one a row."""

_MOST_MEMBERS = 200
"""Dictionaries with more different keys than this become text, not a struct."""

_KINDS: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("enumeration", (enum.Enum,)),
    ("boolean", (bool, np.bool_)),
    ("numpy duration", (np.timedelta64,)),  # before the integers, of which numpy takes it for one
    ("integer", (int, np.integer)),
    ("float", (float, np.floating)),
    ("decimal", (Decimal,)),
    ("complex", (complex, np.complexfloating)),
    ("text", (str,)),
    ("blob", (bytes, bytearray, memoryview)),
    ("datetime", (datetime,)),
    ("date", (date,)),
    ("time", (time,)),
    ("numpy datetime", (np.datetime64,)),
    ("duration", (timedelta,)),
    ("uuid", (uuid.UUID,)),
    ("path", (PurePath,)),
    ("mapping", (Mapping,)),
    ("list", (list,)),
    ("tuple", (tuple,)),
    ("array", (np.ndarray,)),
    ("set", (set, frozenset)),
    ("fraction", (Fraction,)),
    ("address", (IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network)),
)

_NUMBERS = frozenset({"integer", "float", "decimal"})
_MOMENTS = frozenset({"datetime", "date"})


def kind_of(cls: type) -> str:
    """Return the kind of a class's objects; "missing" for what stands for a missing value, "" for one unknown.

    >>> [kind_of(cls) for cls in (int, np.int8, bool, bytes, type(None), object)]
    ['integer', 'integer', 'boolean', 'blob', 'missing', '']
    """
    kind = _found.get(cls)
    if kind is None:
        kind = _found[cls] = _kind(cls)
    return kind


_found: dict[type, str] = {}
"""The kinds of the classes seen so far: each value of a column asks for its own."""


def _kind(cls: type) -> str:
    package, name = cls.__module__.partition(".")[0], cls.__name__
    if cls is type(None) or (package == "pandas" and name in ("NAType", "NaTType")):
        return "missing"
    if package == "pandas" and name in ("Period", "Interval"):
        return name.lower()
    if package == "shapely":
        return "geometry"
    if cls is np.longdouble or cls is np.clongdouble:
        return ""  # no other type holds all of its values
    return next((kind for kind, classes in _KINDS if issubclass(cls, classes)), "")


def object_column(name: str, values: Objects) -> InputColumn:
    """Return the column of Python objects, or as skipped where their class does not say when two are equal."""
    column = InputColumn(name=name, type="object")
    try:
        kinds = _kinds(values)
        array, form = _array(values, kinds)
    except _Unreadable as error:
        return column.skipped(str(error))
    found = arrow_column(name, array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array]))
    remarks = []
    if len(kinds) > 1 and kinds <= _MOMENTS:
        remarks = [f"{shorten(name)!r} mixes dates and timestamps: a date is read as its midnight"]
    elif len(kinds) > 1 and not kinds <= _NUMBERS:
        remarks = [
            f"{shorten(name)!r} mixes {', '.join(sorted(kinds))} values: they are told apart as Python writes them"
        ]
    return InputColumn(
        name=name,
        type=found.type,
        data=found.data,
        reason=found.reason,
        form=form or found.form,
        is_delicate=found.is_delicate,
        remarks=tuple(remarks),
    )


class _Unreadable(Exception):
    """Values that cannot be told apart; the message says why."""


def _kinds(values: Objects) -> set[str]:
    """Return the kinds of all values that are not missing.

    Raises
    ------
    _Unreadable
        A value of an unknown class.
    """
    kinds = set()
    for cls in set(map(type, values)):
        kind = kind_of(cls)
        if not kind:
            raise _Unreadable(
                f"it holds objects of the class {shorten(f'{cls.__module__}.{cls.__qualname__}')}: "
                "convert them to text or numbers"
            )
        if kind in ("float", "decimal", "complex", "numpy datetime", "numpy duration"):
            if kind not in kinds and any(type(value) is cls and not is_missing(value) for value in values):
                kinds.add(kind)
        elif kind != "missing":
            kinds.add(kind)
    return kinds


def is_missing(value: Any) -> bool:
    """Whether an object stands for a missing value.

    >>> [is_missing(value) for value in (None, float("nan"), Decimal("nan"), np.datetime64("NaT"), 0, "")]
    [True, True, True, True, False, False]
    """
    kind = kind_of(type(value))
    if kind in ("float", "complex", "numpy datetime", "numpy duration"):
        return bool(value != value)
    return kind == "missing" or (kind == "decimal" and value.is_nan())


def _array(values: Objects, kinds: set[str]) -> tuple[Any, Form | None]:
    """Return values of these kinds as Arrow, and what they are where its type does not say it."""
    if not kinds:
        return pa.nulls(len(values)), None
    if kinds <= _NUMBERS:
        return _numbers(values, kinds)
    if kinds <= _MOMENTS or kinds == {"numpy datetime"}:
        array = _moments(values, kinds)
        return (_texts(map(_written, values)), None) if array is None else (array, None)
    if len(kinds) > 1:
        return _texts(map(_written, values)), None
    kind = next(iter(kinds))
    convert = _CONVERTERS.get(kind)
    if convert is not None:
        return convert(values), None
    if kind in ("duration", "numpy duration"):
        return _durations(values), None
    return _texts(None if is_missing(value) else str(value) for value in values), None


def _plain(values: Objects) -> pa.Array:
    """Return the members of nested values as Arrow that needs no further words."""
    array, form = _array(values, _kinds(values))
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if form is None:
        return readable(array)
    return array


def _numbers(values: Objects, kinds: set[str]) -> tuple[Any, Form | None]:
    if kinds == {"integer"}:
        for arrow_type in (pa.int64(), pa.uint64()):
            try:
                return pa.array(values, arrow_type, from_pandas=True), None
            except (OverflowError, pa.ArrowInvalid):
                continue
        integers = [None if is_missing(value) else int(value) for value in values]
        is_huge = all(value is None or -(2**127) <= value < 2**127 for value in integers)
        form = Form("HUGEINT" if is_huge else "BIGNUM", "numeric", is_integer_text=True)
        return _texts(None if value is None else str(value) for value in integers), form
    if "decimal" not in kinds:
        try:
            return pa.array(values, pa.float64(), from_pandas=True), None
        except pa.ArrowInvalid:
            pass  # an integer that no float holds
    numbers = [None if is_missing(value) else _decimal(value) for value in values]
    finite = [number for number in numbers if number is not None]
    if all(number.is_finite() for number in finite):
        scale = max(0, *(-int(number.as_tuple().exponent) for number in finite))
        digits = max(1, *(number.adjusted() + 1 for number in finite if number)) + scale if any(finite) else 1 + scale
        if digits <= 38:
            return pa.array(numbers, pa.decimal128(max(1, digits), scale)), None
    form = Form("DECIMAL", "numeric", is_decimal_text=True)
    return _texts(None if number is None else _decimal_text(number) for number in numbers), form


def _decimal(value: Any) -> Decimal:
    """Return a number as the decimal that equals it."""
    if isinstance(value, Decimal):
        return value
    return Decimal(int(value)) if isinstance(value, int | np.integer) else Decimal(float(value))


def _decimal_text(number: Decimal) -> str:
    """Return the same text for equal decimals.

    >>> [_decimal_text(Decimal(text)) for text in ("1.50", "1.5", "-0.0", "1E+3", "Infinity")]
    ['1.5', '1.5', '0', '1E+3', 'Infinity']
    """
    if not number:
        return "0"
    with decimal.localcontext() as context:
        context.prec = max(1, len(number.as_tuple().digits))
        context.Emax, context.Emin = decimal.MAX_EMAX, decimal.MIN_EMIN
        return str(number.normalize())


def _moments(values: Objects, kinds: set[str]) -> Any:
    """Return dates and timestamps as Arrow; None where some have a time zone and others none, or are too far away."""
    if kinds == {"numpy datetime"}:
        units = {np.datetime_data(value.dtype)[0] for value in values if isinstance(value, np.datetime64)}
        unit = "ns" if units & {"ns", "ps", "fs", "as"} else "us"
        stack = np.array([np.datetime64("NaT") if is_missing(value) else value for value in values], "datetime64")
        converted = stack.astype(f"datetime64[{unit}]")
        if units & {"ps", "fs", "as"} or not _same_moments(stack, converted):
            return None
        return pa.array(converted, from_pandas=True)
    if kinds == {"date"}:
        return pa.array(values, pa.date32(), from_pandas=True)
    moments = [value for value in values if isinstance(value, datetime) and not is_missing(value)]
    zoned = {value.utcoffset() is not None for value in moments}
    if len(zoned) > 1 or (zoned == {True} and "date" in kinds):
        return None
    unit = "ns" if any(getattr(value, "nanosecond", 0) for value in moments) else "us"
    if "date" in kinds:
        values = [
            datetime(value.year, value.month, value.day) if kind_of(type(value)) == "date" else value
            for value in values
        ]
    try:
        return pa.array(values, pa.timestamp(unit, "UTC" if zoned == {True} else None), from_pandas=True)
    except (pa.ArrowInvalid, OverflowError):
        return None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def _same_moments(before: np.ndarray[Any, Any], after: np.ndarray[Any, Any]) -> bool:
    return bool(((before == after) | np.isnat(before)).all())


def _durations(values: Objects) -> Any:
    unit = "ns" if any(getattr(value, "nanoseconds", 0) for value in values) else "us"
    stack: Any = values
    if any(isinstance(value, np.timedelta64) for value in values):
        stack = np.array([np.timedelta64("NaT") if is_missing(value) else value for value in values], "timedelta64")
        unit = "ns" if np.datetime_data(stack.dtype)[0] in ("ns", "ps", "fs", "as") else "us"
        stack = stack.astype(f"timedelta64[{unit}]")
    try:
        return pa.array(stack, pa.duration(unit), from_pandas=True)
    except (pa.ArrowException, OverflowError) as error:
        raise _Unreadable(f"its durations cannot be converted: {error}") from error


def _texts(texts: Iterable[str | None]) -> pa.Array:
    """Return texts as Arrow; lone surrogates, which UTF-8 does not allow, keep bytes of their own."""
    texts = texts if isinstance(texts, np.ndarray) else list(texts)
    try:
        return pa.array(texts, pa.large_string(), from_pandas=True)
    except (UnicodeEncodeError, pa.ArrowException):
        pass
    try:
        blobs = [None if is_missing(text) else text.encode("utf-8", "surrogateescape") for text in texts]  # type: ignore[union-attr]
    except UnicodeEncodeError:
        blobs = [None if is_missing(text) else text.encode("utf-8", "surrogatepass") for text in texts]  # type: ignore[union-attr]
    array = pa.array(blobs, pa.large_binary())
    return pa.Array.from_buffers(pa.large_string(), len(array), array.buffers(), array.null_count)


def _blobs(values: Objects) -> pa.Array:
    return pa.array([None if is_missing(value) else bytes(value) for value in values], pa.large_binary())


def _uuids(values: Objects) -> pa.Array:
    storage = pa.array([None if is_missing(value) else value.bytes for value in values], pa.binary(16))
    return pa.ExtensionArray.from_storage(pa.uuid(), storage)


def _times(values: Objects) -> pa.Array:
    if any(isinstance(value, time) and value.tzinfo is not None for value in values):
        return _texts(None if is_missing(value) else value.isoformat() for value in values)
    return pa.array(values, pa.time64("us"), from_pandas=True)


def _complex(values: Objects) -> pa.Array:
    return _texts(None if is_missing(value) else complex_text(complex(value)) for value in values)


def complex_text(value: complex) -> str:
    """Return the same text for equal complex numbers.

    >>> complex_text(1 - 0j), complex_text(complex(-0.0, 2.5))
    ('1+0j', '0+2.5j')
    """
    return str(value + 0).strip("()") if value.real else f"0{value.imag + 0:+}".removesuffix(".0") + "j"


def _enumerations(values: Objects) -> pa.Array:
    classes = {type(value) for value in values if isinstance(value, enum.Enum)}
    if len(classes) > 1:
        return _texts(map(_written, values))
    return _texts(None if is_missing(value) else _member_name(value) for value in values)


def _member_name(value: enum.Enum) -> str:
    return value.name if isinstance(value.name, str) else str(value)


def _periods(values: Objects) -> Iterator[str | None]:
    frequencies = {value.freqstr for value in values if not is_missing(value)}
    for value in values:
        if is_missing(value):
            yield None
        else:
            yield str(value) if len(frequencies) == 1 else f"{value} ({value.freqstr})"


def _interval(value: Any) -> str | None:
    if is_missing(value):
        return None
    left, right = "[" if value.closed_left else "(", "]" if value.closed_right else ")"
    return f"{left}{_written(value.left)}, {_written(value.right)}{right}"


def _lists(values: Objects) -> pa.Array:
    """Return lists, tuples or arrays as Arrow lists; as text where their members are of different kinds."""
    cells = [None if is_missing(value) else _members(value) for value in values]
    members = list(chain.from_iterable(cell for cell in cells if cell is not None))
    kinds = _kinds(members)
    if len(kinds) > 1 and not (kinds <= _NUMBERS or kinds <= _MOMENTS):
        return _texts(map(_written, values))
    offsets = np.concatenate([[0], np.cumsum([0 if cell is None else len(cell) for cell in cells], dtype=np.int64)])
    mask = pa.array([cell is None for cell in cells], pa.bool_())
    return pa.LargeListArray.from_arrays(pa.array(offsets, pa.int64()), _plain(members), mask=mask)


def _members(cell: Any) -> list[Any]:
    return list(cell.tolist() if isinstance(cell, np.ndarray) and cell.dtype != object else cell)


def _structs(values: Objects) -> pa.Array:
    """Return dictionaries as structs; as text where keys are no names, or members are of different kinds."""
    cells = [None if is_missing(value) else value for value in values]
    keys = list(dict.fromkeys(chain.from_iterable(cell for cell in cells if cell is not None)))
    names = {key.lower() for key in keys if isinstance(key, str)}
    if not keys or len(names) < len(keys) or "" in names or len(keys) > _MOST_MEMBERS:
        return _texts(map(_written, values))
    columns = [[None if cell is None else cell.get(key) for cell in cells] for key in keys]
    kinds = [_kinds(column) for column in columns]
    if any(len(found) > 1 and not (found <= _NUMBERS or found <= _MOMENTS) for found in kinds):
        return _texts(map(_written, values))
    mask = pa.array([cell is None for cell in cells], pa.bool_())
    return pa.StructArray.from_arrays([_plain(column) for column in columns], keys, mask=mask)


_CONVERTERS: dict[str, Callable[[Objects], pa.Array]] = {
    "boolean": lambda values: pa.array(values, pa.bool_(), from_pandas=True),
    "text": lambda values: _texts(values),
    "blob": _blobs,
    "uuid": _uuids,
    "time": _times,
    "complex": _complex,
    "enumeration": _enumerations,
    "list": _lists,
    "tuple": _lists,
    "array": _lists,
    "mapping": _structs,
    "set": lambda values: _texts(map(_written, values)),
    "period": lambda values: _texts(_periods(values)),
    "interval": lambda values: _texts(map(_interval, values)),
    "geometry": lambda values: _texts(None if is_missing(value) else value.wkt for value in values),
}

_LIKE_ANOTHER_KIND = re.compile(r"""[+-]?\.?\d|[+-]?(inf|nan)|['"\[{(<]|b['"]|(True|False|None)$|.*\(""", re.DOTALL)


def _written(value: Any) -> str | None:
    """Return the text of a value that no value of another kind has.

    >>> [_written(value) for value in (1, 1.0, Decimal("1.00"), "1", b"1", True, "n/a", [1, "x"], {"b": 1, "a": 2})]
    ['1', '1', '1', "'1'", "b'1'", 'True', 'n/a', '[1, x]', '{a: 2, b: 1}']
    """
    kind = kind_of(type(value))
    if is_missing(value):
        return None
    if kind in _NUMBERS:
        return _number_written(value)
    if kind == "text":
        return repr(str(value)) if _LIKE_ANOTHER_KIND.match(value) or "," in value else str(value)
    if kind == "blob":
        return repr(bytes(value))
    if kind == "boolean":
        return str(bool(value))
    if kind == "complex":
        return f"({complex_text(complex(value))})"
    if kind in ("datetime", "date", "time", "numpy datetime"):
        return str(value)
    if kind in ("list", "tuple", "array", "set"):
        return _written_together(value, kind)
    if kind == "mapping":
        return "{" + ", ".join(sorted(f"{_written(key)}: {_written(member)}" for key, member in value.items())) + "}"
    if not kind:
        raise _Unreadable(f"it holds objects of the class {type(value).__qualname__}: convert them to text or numbers")
    if kind == "enumeration":
        return f"{type(value).__name__}({_member_name(value)})"
    return f"{kind}({_interval(value) if kind == 'interval' else value})"


def _written_together(values: Any, kind: str) -> str:
    members = [str(_written(member)) for member in _members(values)]
    if kind == "list":
        return f"[{', '.join(members)}]"
    if kind == "set":
        return "{" + ", ".join(sorted(members)) + "}" if members else "set()"
    return f"({', '.join(members)})" if kind == "tuple" else f"array([{', '.join(members)}])"


def _number_written(value: Any) -> str:
    """Return the same text for equal numbers."""
    if isinstance(value, int | np.integer):
        return str(int(value))
    number = float(value)
    if isinstance(value, Decimal) and Decimal(number) != value:
        return f"Decimal({_decimal_text(value)})"
    return str(int(number)) if number.is_integer() else repr(number)
