"""Expressions as findings write them, read as SQL by a reader of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tests.truth.asked import Table, literal, quoted
from tests.truth.pieces import of_pieces, of_texts_and_times

_PARTS = {"year", "month", "quarter", "day", "doy", "dow", "hour", "minute", "second"}


def holds(table: Table, columns: Sequence[str], target: str, expression: str) -> Iterator[str]:
    """Yield how many rows, of those with all columns, contradict ``target = expression``; or that it cannot be read."""
    pieces = of_pieces(table, columns, target, expression)
    if pieces is not None:
        yield from pieces
        return
    condition = _contradicts(table, columns, target, expression)
    if condition is None:
        yield f"the expression {expression!r} is of no known form"
        return
    complete = " and ".join(f"{quoted(name)} is not null" for name in (*columns, target))
    wrong = table.count(f"{complete} and not coalesce({condition}, false)")
    if wrong:
        yield f"{wrong} rows contradict {target} = {expression}"


def _contradicts(table: Table, columns: Sequence[str], target: str, expression: str) -> str | None:
    """Return SQL that is true where the expression gives the target."""
    y = quoted(target)
    if len(columns) == 1:
        found = _of_one(table, columns[0], target, expression)
        if found is not None:
            return found
    found = of_texts_and_times(table, columns, target, expression)
    if found is not None:
        return found
    numbers = _arithmetic(columns, expression)
    if numbers is None:
        return None
    formula, places = numbers
    largest = f"greatest(1e-300, (select max(abs(cast({y} as double))) from {table.sql}))"
    slack = f"1e-9 * {largest}"
    if places is not None:
        slack = f"greatest({slack}, 0.5000001 * 1e-{places})"
    return f"abs(({formula}) - cast({y} as double)) <= {slack}"


def _of_one(table: Table, name: str, target: str, expression: str) -> str | None:
    """Return the condition for forms that read one text, date or number."""
    x, y = quoted(name), quoted(target)
    rest = expression.replace(name, "\0", 1) if name in expression else expression
    for function in ("lower", "upper"):
        if rest == f"{function}(\0)":
            return f"{function}({x}) = {y}"
    if rest == "trim(\0)":
        return f"trim({x}, ' ') = {y}"
    characters = re.fullmatch(r"characters? (\d+)(?: to (\d+))? of \0", rest)
    if characters:
        begin = int(characters[1])
        part = f"{x}[{begin}:{int(characters[2] or begin)}]"
        return f"cast({part} as varchar) = cast({y} as varchar) or try_cast({part} as bigint) = try_cast({y} as bigint)"
    part_of = re.fullmatch(r"(\w+) of \0( in UTC)?", rest)
    if part_of and part_of[1] in _PARTS:
        return f"date_part({literal(part_of[1])}, {x}) = {y}"
    if part_of and part_of[1] == "date":
        return f"date_trunc('day', {x}) = {y}"
    epoch = re.fullmatch(r"(1000·)?epoch of \0", rest)
    if epoch:
        return f"epoch({x}) * {1000 if epoch[1] else 1} = {y}"
    shifted = re.fullmatch(r"\0 ([+-]) ([\d,]+) (day|hour|minute|second|microsecond)s?", rest)
    if shifted and re.match("date|timestamp", table.types[name].lower()):
        amount = shifted[2].replace(",", "")
        return f"{x} {shifted[1]} interval '{amount} {shifted[3]}' = {y}"
    flag = re.fullmatch(r"\0 is (not )?null", rest)
    if flag:
        return f"({x} is {flag[1] or ''}null) = {y}"
    around = re.fullmatch(r"(?:('.*?'|\".*?\") \+ )?\0(?: in (\d+) digits)?(?: \+ ('.*?'|\".*?\"))?", rest, re.DOTALL)
    if around and (around[1] or around[2] or around[3]) and table.types[target].upper() == "VARCHAR":
        import ast

        before, after = (ast.literal_eval(part) if part else "" for part in (around[1], around[3]))
        digits = f"cast({x} as varchar)"
        if around[2]:
            digits = f"lpad({digits}, {around[2]}, '0')"
        return f"concat({literal(before)}, {digits}, {literal(after)}) = {y}"
    if rest == "\0" and table.types[target].upper() == "VARCHAR":
        return f"cast({x} as varchar) = {y}"
    return None


def _arithmetic(columns: Sequence[str], expression: str) -> tuple[str, int | None] | None:
    """Return a formula of numbers as SQL, and the decimals to which it is rounded."""
    rounded = re.fullmatch(r"round\((.*?)(?:, (\d+))?\)", expression, re.DOTALL)
    text, places = (rounded[1], int(rounded[2] or 0)) if rounded else (expression, None)
    names = sorted(columns, key=len, reverse=True)
    for number, name in enumerate(names):
        text = text.replace(name, f"\0{chr(0xE000 + number)}")
    column = "\0[\ue000-\uf8ff]"
    amount = r"\d+(?:\.\d+)?(?:e[+-]?\d+)?"
    divided = re.fullmatch(rf"({column}) (//|%) (\d+)", text)
    term = rf"(?:{amount}·)?{column}(?:·{column})*|{amount}"
    if not divided and not re.fullmatch(rf"(?:- ?)?(?:{term})(?: [+-] (?:{term}))*", text):
        return None
    if divided:
        value, _, divisor = divided.groups()
        sql = (
            f"floor({value} / {divisor})" if divided[2] == "//" else f"{value} - floor({value} / {divisor}) * {divisor}"
        )
    else:
        sql = re.sub(rf"(?<![\w.])({amount})", r"cast('\1' as double)", text).replace("·", " * ")
    for number, name in enumerate(names):
        sql = sql.replace(f"\0{chr(0xE000 + number)}", f"cast({quoted(name)} as double)")
    return sql, places
