"""Parts of dates and times, each a number for every value: what people have one value for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from colprofile.counting.dictionary import numbers_of
from colprofile.verbs.sql_types import DIALECTS

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """A part of a column's values: as people call it, and as SQL by dialect.

    Attributes
    ----------
    size
        How many values there are.
    numbers_at
        Returns a number for each of the values at some places: equal where their parts are, int64[places].
    literals
        Returns the part of the values at some places, as SQL literals; None where SQL cannot write them.
    """

    text: str
    size: int
    numbers_at: Callable[[Ids], Ids]
    sql: dict[str, str] = field(default_factory=dict)
    literals: Callable[[Ids], list[str] | None] = lambda places: None

    @cached_property
    def groups(self) -> tuple[Ids, Ids] | None:
        """The first place of each different part, and for every value which of them it has; None where all differ."""
        _, first, back = np.unique(self.numbers_at(np.arange(self.size)), return_index=True, return_inverse=True)
        return (first, back) if first.size < self.size else None


_PARTS = ("year", "quarter", "month", "day", "dow", "doy", "hour", "minute", "second")
_WORDS = {"day": "day of the month", "dow": "weekday", "doy": "day of the year"}
_TOGETHER = (
    (("year", "quarter"), "quarter and year"),
    (("year", "month"), "month and year"),
    (("month", "day"), "day and month"),
    (("dow", "hour"), "weekday and hour"),
    (("hour", "minute"), "time of the day in minutes"),
)


def time_parts(name: str, column: str, micros: Ids, has_zone: bool) -> Iterator[Part]:
    """Yield the parts of dates or timestamps, the shortest first; with a time zone in UTC, without SQL."""
    where = " in UTC" if has_zone else ""

    def part(words: str, numbers: Callable[[pa.Array], Ids], sql: str = "") -> Part:
        def numbers_at(places: Ids) -> Ids:
            return numbers(times_of(micros[places]))

        def literals(places: Ids) -> list[str] | None:
            return [str(number) for number in numbers_at(places).tolist()] if sql else None

        by_dialect = dict.fromkeys(DIALECTS, sql) if sql and not has_zone else {}
        return Part(f"{words} of {name}{where}", micros.size, numbers_at, by_dialect, literals)

    for parts, words in (*(((each,), _WORDS.get(each, each)) for each in _PARTS), *_TOGETHER):
        sql = " * 1000 + ".join(component_sql(each, column) for each in parts)
        yield part(words, partial(_together, parts), sql)
    yield part("ISO week", _iso_week, component_sql("week", column))
    yield part("ISO week and year", lambda times: numbers_of(pc.iso_year(times)) * 1000 + _iso_week(times))
    yield part("date", lambda times: numbers_of(times) // 86_400_000_000)


def _together(parts: tuple[str, ...], times: pa.Array) -> Ids:
    """Return parts of times as one number for each time."""
    joined = np.zeros(len(times), np.int64)
    for part in parts:
        joined = joined * 1000 + component(times, part)
    return joined


def _iso_week(times: pa.Array) -> Ids:
    return numbers_of(pc.iso_week(times))


def component_sql(part: str, column: str, of_type: str = "integer") -> str:
    """Return a part of a date or timestamp as SQL, the same in both dialects: PostgreSQL's seconds have fractions."""
    return f"cast(floor(extract({part} from cast({column} as timestamp))) as {of_type})"


def times_of(micros: Ids) -> pa.Array:
    """Return microseconds as Arrow's timestamps."""
    return pa.Array.from_buffers(pa.timestamp("us"), micros.size, [None, pa.py_buffer(np.ascontiguousarray(micros))])


def component(times: pa.Array, part: str) -> Ids:
    """Return a part of timestamps; weeks begin on Sunday, which is 0."""
    compute = {"dow": pc.day_of_week, "doy": pc.day_of_year}.get(part) or getattr(pc, part)
    found = compute(times, week_start=7) if part == "dow" else compute(times)
    return numbers_of(found)
