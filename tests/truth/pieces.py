"""Expressions that give one value for each part or range of a column, and those of texts and times, read as SQL."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from tests.truth.asked import Table, literal, quoted

_TIMES = {
    **{part: [part] for part in ("year", "quarter", "month", "hour", "minute", "second")},
    "day of the month": ["day"],
    "weekday": ["dow"],
    "day of the year": ["doy"],
    "quarter and year": ["year", "quarter"],
    "month and year": ["year", "month"],
    "day and month": ["month", "day"],
    "weekday and hour": ["dow", "hour"],
    "time of the day in minutes": ["hour", "minute"],
    "ISO week": ["week"],
    "ISO week and year": ["isoyear", "week"],
}
_WRITTEN = {
    "YYYY": "%Y",
    "MM": "%m",
    "M": "%-m",
    "DD": "%d",
    "D": "%-d",
    "HH": "%H",
    "H": "%-H",
    "MI": "%M",
    "SS": "%S",
}
_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400, "weeks": 604_800}


def of_pieces(table: Table, columns: Sequence[str], target: str, expression: str) -> Iterator[str] | None:
    """Return what contradicts an expression that is one value for each part or range; None where it is none."""
    if len(columns) != 1:
        return None
    (name,) = columns
    counted = re.fullmatch(rf"one value for each of ([\d,]+) ranges of {re.escape(name)}", expression)
    if counted:
        return _ranges(table, name, target, int(counted[1].replace(",", "")), [])
    bounds = re.findall(rf" for {re.escape(name)} up to (.+?)(?=, )", expression)
    if bounds and expression.endswith(" above"):
        return _ranges(table, name, target, len(bounds) + 1, bounds)
    part = re.fullmatch(rf"one value for each (.+) of {re.escape(name)}(?: in UTC)?", expression, re.DOTALL)
    found = _parts(quoted(name), part[1]) if part else []
    return _each_part(table, name, target, found, expression) if found else None


def _ranges(table: Table, name: str, target: str, amount: int, bounds: Sequence[str]) -> Iterator[str]:
    x, y = quoted(name), quoted(target)
    rows = table.all(
        f"with d as (select distinct {x} as v, {y} as w from {table.sql} where {x} is not null and {y} is not null), "
        "r as (select v, w is distinct from lead(w) over o as ends, lead(v) over o as after from d "
        "window o as (order by v)) "
        "select v from r where ends or after is null order by v"
    )
    if len(rows) != amount:
        yield f"{target} has {len(rows)} ranges of {name}, not {amount}"
    for bound, (last,) in zip(bounds, rows, strict=False):
        if not table.row(
            f"select cast({literal(bound)} as {table.types[name]}) = cast({literal(last)} as {table.types[name]})"
        )[0]:
            yield f"a range of {name} ends at {last}, not at {bound}"


def _parts(x: str, words: str) -> list[str]:
    """Return what a part may be in SQL, all ways in which its words can be read."""
    if words in _TIMES:
        return ["(" + ", ".join(f"date_part({literal(part)}, {x})" for part in _TIMES[words]) + ", 0)"]
    ends = re.fullmatch(r"(first|last) (?:(\d+) )?characters?", words)
    if ends:
        return [f"{'left' if ends[1] == 'first' else 'right'}({x}, {ends[2] or 1})"]
    divided = re.fullmatch(r"part (before|after) the first (.+)", words, re.DOTALL)
    if divided:
        sign = literal(" " if divided[2] == "space" else divided[2])
        after = [f"split_part({x}, {sign}, 2)", f"split_part({x}, {sign}, -1)"]
        return [f"split_part({x}, {sign}, 1)"] if divided[1] == "before" else after
    return {"length": [f"length({x})"], "date": [f"date_trunc('day', {x})"]}.get(words, [])


def _each_part(table: Table, name: str, target: str, parts: Sequence[str], expression: str) -> Iterator[str]:
    x, y = quoted(name), quoted(target)
    wrong = [
        table.one(
            f"select count(*) from (select {part} from {table.sql} where {x} is not null and {y} is not null "
            f"group by all having count(distinct {y}) > 1)"
        )
        for part in parts
    ]
    if min(wrong):
        yield f"{min(wrong)} parts have several values: {target} = {expression}"


def of_texts_and_times(table: Table, columns: Sequence[str], target: str, expression: str) -> str | None:
    """Return the condition for texts put together, times written as text, and the time between two others."""
    y = quoted(target)
    between = re.fullmatch(r"(.+) from (.+) to (.+)", expression, re.DOTALL)
    if between and len(columns) == 2 and set(between.groups()[1:]) == set(columns):
        first, last = (f"cast({quoted(between[place])} as timestamp)" for place in (2, 3))
        return _between(between[1], first, last, y)
    if len(columns) == 1 and expression.startswith(f"{columns[0]} written as "):
        form = expression.removeprefix(f"{columns[0]} written as ").replace("'", "''")
        form = re.sub(r"YYYY|MI|MM|M|DD|D|HH|H|SS", lambda sign: _WRITTEN[sign[0]], form)
        return f"strftime(cast({quoted(columns[0])} as timestamp), '{form}') = {y}"
    tokens = re.findall(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|" + "|".join(map(re.escape, columns)), expression)
    if len(columns) < 2 or " + ".join(tokens) != expression or table.types[target].upper() != "VARCHAR":
        return None
    parts = [f"cast({quoted(t)} as varchar)" if t in columns else literal(ast.literal_eval(t)) for t in tokens]
    return f"concat({', '.join(parts)}) = {y}"


def _between(words: str, first: str, last: str, y: str) -> str | None:
    seconds = f"(epoch_us({last}) - epoch_us({first})) / 1e6"
    unit = words.removesuffix(" and their fractions")
    if unit in _SECONDS:
        amount = f"{seconds} / {_SECONDS[unit]}"
        return f"floor({amount}) = {y}" if unit == words else f"abs({amount} - {y}) < 1e-9 * greatest(1, abs({y}))"
    if words == "full years":
        return f"date_sub('year', {first}, {last}) = {y}"
    length = re.fullmatch(r"full years of ([\d.]+) days", words)
    return f"floor({seconds} / 86400 / {length[1]}) = {y}" if length else None
