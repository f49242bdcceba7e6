"""Columns of Python objects as Arrow, by the types that all values have: nothing is guessed from a few, or coerced.

Numbers are equal by number, whatever their types; True is none of them. None, NaN, NaT and pandas' NA are missing.
Where values of different kinds meet, as in 1, '1', b'1' and True, each becomes the text in which Python would write
it, so that they stay apart; plain words stay as they are.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, time
from decimal import Decimal
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from colprofile.errors import shorten
from colprofile.sources.frames.arrow_columns import arrow_column, readable
from colprofile.sources.frames.columns import Form, InputColumn
from colprofile.sources.frames.object_texts import (
    MOMENTS,
    NUMBERS,
    UnreadableObjects,
    complex_text,
    decimal_text,
    interval_text,
    is_missing,
    kind_of,
    member_name,
    members_of,
    unknown_class,
    written,
)

Objects = Sequence[Any] | np.ndarray[Any, Any]
"""Python objects, one a row."""

_MOST_MEMBERS = 200
"""Dictionaries with more different keys than this become text, not a struct."""


def object_column(name: str, values: Objects) -> InputColumn:
    """Return the column of Python objects, or as skipped where their class does not say when two are equal."""
    column = InputColumn(name=name, type="object")
    try:
        kinds = _kinds(values)
        array, form = _array(values, kinds)
    except UnreadableObjects as error:
        return column.skipped(str(error))
    found = arrow_column(name, array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array]))
    remarks = []
    if len(kinds) > 1 and kinds <= MOMENTS:
        remarks = [f"{shorten(name)!r} mixes dates and timestamps: a date is read as its midnight"]
    elif len(kinds) > 1 and not kinds <= NUMBERS:
        listed = ", ".join(sorted(kinds))
        remarks = [f"{shorten(name)!r} mixes values of several kinds ({listed}), told apart as Python writes them"]
    return InputColumn(
        name=name,
        type=found.type,
        data=found.data,
        reason=found.reason,
        form=form or found.form,
        is_delicate=found.is_delicate,
        remarks=tuple(remarks),
    )


def _kinds(values: Objects) -> set[str]:
    """Return the kinds of all values that are not missing.

    Raises
    ------
    UnreadableObjects
        A value of an unknown class.
    """
    kinds = set()
    for cls in set(map(type, values)):
        kind = kind_of(cls)
        if not kind:
            raise UnreadableObjects(unknown_class(cls))
        if kind in ("float", "decimal", "complex", "numpy datetime", "numpy duration"):
            if kind not in kinds and any(type(value) is cls and not is_missing(value) for value in values):
                kinds.add(kind)
        elif kind != "missing":
            kinds.add(kind)
    return kinds


def _array(values: Objects, kinds: set[str]) -> tuple[Any, Form | None]:
    """Return values of these kinds as Arrow, and what they are where its type does not say it."""
    if not kinds:
        return pa.nulls(len(values)), None
    if kinds <= NUMBERS:
        return _numbers(values, kinds)
    if kinds <= MOMENTS or kinds == {"numpy datetime"}:
        array = _moments(values, kinds)
        return (_texts(map(written, values)), None) if array is None else (array, None)
    if len(kinds) > 1:
        return _texts(map(written, values)), None
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
    return _texts(None if number is None else decimal_text(number) for number in numbers), form


def _decimal(value: Any) -> Decimal:
    """Return a number as the decimal that equals it."""
    if isinstance(value, Decimal):
        return value
    return Decimal(int(value)) if isinstance(value, int | np.integer) else Decimal(float(value))


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
        raise UnreadableObjects(f"its durations cannot be converted: {error}") from error


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


def _enumerations(values: Objects) -> pa.Array:
    classes = {type(value) for value in values if isinstance(value, enum.Enum)}
    if len(classes) > 1:
        return _texts(map(written, values))
    return _texts(None if is_missing(value) else member_name(value) for value in values)


def _periods(values: Objects) -> Iterator[str | None]:
    frequencies = {value.freqstr for value in values if not is_missing(value)}
    for value in values:
        if is_missing(value):
            yield None
        else:
            yield str(value) if len(frequencies) == 1 else f"{value} ({value.freqstr})"


def _lists(values: Objects) -> pa.Array:
    """Return lists, tuples or arrays as Arrow lists; as text where their members are of different kinds."""
    cells = [None if is_missing(value) else members_of(value) for value in values]
    members = list(chain.from_iterable(cell for cell in cells if cell is not None))
    kinds = _kinds(members)
    if len(kinds) > 1 and not (kinds <= NUMBERS or kinds <= MOMENTS):
        return _texts(map(written, values))
    offsets = np.concatenate([[0], np.cumsum([0 if cell is None else len(cell) for cell in cells], dtype=np.int64)])
    mask = pa.array([cell is None for cell in cells], pa.bool_())
    return pa.LargeListArray.from_arrays(pa.array(offsets, pa.int64()), _plain(members), mask=mask)


def _structs(values: Objects) -> pa.Array:
    """Return dictionaries as structs; as text where keys are no names, or members are of different kinds."""
    cells = [None if is_missing(value) else value for value in values]
    keys = list(dict.fromkeys(chain.from_iterable(cell for cell in cells if cell is not None)))
    names = {key.lower() for key in keys if isinstance(key, str)}
    if not keys or len(names) < len(keys) or "" in names or len(keys) > _MOST_MEMBERS:
        return _texts(map(written, values))
    columns = [[None if cell is None else cell.get(key) for cell in cells] for key in keys]
    kinds = [_kinds(column) for column in columns]
    if any(len(found) > 1 and not (found <= NUMBERS or found <= MOMENTS) for found in kinds):
        return _texts(map(written, values))
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
    "set": lambda values: _texts(map(written, values)),
    "period": lambda values: _texts(_periods(values)),
    "interval": lambda values: _texts(map(interval_text, values)),
    "geometry": lambda values: _texts(None if is_missing(value) else value.wkt for value in values),
}
