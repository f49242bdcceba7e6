"""Parts of dates and times, each a number for every value: what people have one value for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from colprofile.verbs.sql_types import DIALECTS

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """A part of a column's values: as people call it, a number for each value, and as SQL by dialect."""

    text: str
    numbers: Ids
    sql: dict[str, str] = field(default_factory=dict)
    literals: Callable[[Ids], list[str] | None] = lambda places: None
    """The part of the values at these places, as SQL literals."""


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
    times = pa.array(micros, pa.timestamp("us"))
    numbers = {part: component(times, part) for part in _PARTS}
    where = " in UTC" if has_zone else ""
    for parts, words in (*(((part,), _WORDS.get(part, part)) for part in _PARTS), *_TOGETHER):
        joined = np.zeros_like(micros)
        for part in parts:
            joined = joined * 1000 + numbers[part]
        sql = " * 1000 + ".join(component_sql(part, column) for part in parts)
        yield Part(f"{words} of {name}{where}", joined, {} if has_zone else dict.fromkeys(DIALECTS, sql), _of(joined))
    yield from _weeks_and_days(name, column, micros, times, has_zone)


def _weeks_and_days(name: str, column: str, micros: Ids, times: pa.Array, has_zone: bool) -> Iterator[Part]:
    where = " in UTC" if has_zone else ""
    weeks = pc.iso_week(times).to_numpy().astype(np.int64)
    sql = {} if has_zone else dict.fromkeys(DIALECTS, component_sql("week", column))
    yield Part(f"ISO week of {name}{where}", weeks, sql, _of(weeks))
    years = pc.iso_year(times).to_numpy().astype(np.int64) * 1000 + weeks
    yield Part(f"ISO week and year of {name}{where}", years)
    yield Part(f"date of {name}{where}", micros // 86_400_000_000)


def component_sql(part: str, column: str, of_type: str = "integer") -> str:
    """Return a part of a date or timestamp as SQL, the same in both dialects: PostgreSQL's seconds have fractions."""
    return f"cast(floor(extract({part} from cast({column} as timestamp))) as {of_type})"


def component(times: pa.Array, part: str) -> Ids:
    """Return a part of timestamps; weeks begin on Sunday, which is 0."""
    compute = {"dow": pc.day_of_week, "doy": pc.day_of_year}.get(part) or getattr(pc, part)
    found = compute(times, week_start=7) if part == "dow" else compute(times)
    return np.asarray(found.to_numpy(), np.int64)


def _of(numbers: Ids) -> Callable[[Ids], list[str]]:
    return lambda places: [str(number) for number in numbers[places].tolist()]
