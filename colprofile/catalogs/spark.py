"""Spark's catalog: what ``ANALYZE TABLE … COMPUTE STATISTICS`` saved of a table, read by public SQL alone.

``DESCRIBE EXTENDED`` is the same in a classic session and over Spark Connect.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from colprofile.errors import SourceError, SourceNotFound, did_you_mean, shorten

RowsOf: TypeAlias = Callable[[str], Sequence[Sequence[Any]]]
"""Runs a statement in the session and returns its rows; raises SourceError, or SourceNotFound for a missing table."""

Estimated = Literal["values", "distinct", "every row", "no row", "fails"]
"""How Spark estimates ``column = value``.

By positions on an axis; by the number of distinct values; it takes all rows, or none, to match; it fails to plan.
"""

_WHOLE = ("tinyint", "smallint", "int", "bigint")
_HISTOGRAMS = (*_WHOLE, "float", "double", "decimal", "date", "timestamp")
"""Types of which ANALYZE makes histograms that the estimates of filters can read."""

_ANALYZED = (*_HISTOGRAMS, "timestamp_ntz", "boolean", "string", "varchar", "char", "binary")


@dataclass(frozen=True, slots=True)
class SparkBin:
    """A bin of an equal-height histogram: its ends, both inside, as positions, and its distinct values."""

    lower: float
    upper: float
    distinct: int


@dataclass(frozen=True, slots=True)
class SparkColumn:
    """One column's saved statistics.

    Positions on the axis are the numbers that Spark compares: days since 1970 of dates, microseconds of timestamps.
    """

    name: str
    quoted: str
    type: str
    nulls: int | None = None  # None: never analysed
    distinct: int | None = None  # an estimate by HyperLogLog
    minimum: float | None = None  # None for types without, and where every row is NULL
    maximum: float | None = None
    bins: tuple[SparkBin, ...] = ()

    @property
    def is_analyzed(self) -> bool:
        """Whether anything is saved of it."""
        return self.nulls is not None and self.distinct is not None

    @property
    def base_type(self) -> str:
        """The type without length, precision or collation."""
        return re.split(r"[ (<]", self.type, maxsplit=1)[0]

    @property
    def can_be_analyzed(self) -> bool:
        """Whether ``ANALYZE`` takes its type."""
        return self.base_type in _ANALYZED

    @property
    def can_have_bins(self) -> bool:
        """Whether ``ANALYZE`` makes a histogram of its type that filters use."""
        return self.base_type in _HISTOGRAMS

    @property
    def estimated(self) -> Estimated:
        """How Spark estimates ``column = value`` (FilterEstimation.evaluateEquality)."""
        base = self.base_type
        if base == "timestamp_ntz" and self.is_analyzed:
            return "fails"
        if not self.is_analyzed or base in ("boolean", "char") or base not in _ANALYZED:
            # ``flag = true`` becomes ``flag``, and CHAR is padded: neither is an equality of a column to Spark.
            return "every row"
        if base in ("string", "varchar") and " collate " in self.type.lower():
            return "no row"
        if base in ("string", "varchar", "binary"):
            return "distinct"
        if self.minimum is None or self.maximum is None:
            return "no row"
        # A NaN counts as the largest value, and nothing is at most NaN.
        return "no row" if math.isnan(self.minimum) or math.isnan(self.maximum) else "values"


@dataclass(frozen=True, slots=True)
class SparkSettings:
    """The session's settings that decide what is saved, and whether it is used."""

    is_cbo_enabled: bool
    has_histograms: bool
    bins: int


@dataclass(frozen=True, slots=True)
class SparkTable:
    """A table's saved statistics; ``quoted`` is its whole name as SQL has it."""

    schema: str
    name: str
    quoted: str
    saved_rows: int | None
    version: str
    settings: SparkSettings
    columns: tuple[SparkColumn, ...]

    def column(self, name: str) -> SparkColumn:
        """Return the column called ``name``."""
        return next(column for column in self.columns if column.name == name)


def quote_name(name: str) -> str:
    """Return a name as Spark's SQL has it, in backticks.

    >>> quote_name("we`ird")
    '`we``ird`'
    """
    return "`" + name.replace("`", "``") + "`"


def split_name(text: str) -> list[str]:
    """Return the parts of a possibly qualified name: dots separate, backticks or double quotes protect.

    >>> split_name("db.t"), split_name("`a.b`.`c``d`"), split_name('"a.b".c')
    (['db', 't'], ['a.b', 'c`d'], ['a.b', 'c'])
    """
    parts = [""]
    pattern = r'`((?:[^`]|``)*)`|"((?:[^"]|"")*)"|([^`".]+)|(\.)|([`"])'
    for ticked, quoted, plain, dot, odd in re.findall(pattern, text, re.DOTALL):
        if dot:
            parts.append("")
        else:
            parts[-1] += plain or odd or ticked.replace("``", "`") or quoted.replace('""', '"')
    return parts


def read_spark_table(rows_of: RowsOf, table: str, columns: Sequence[str] | None = None) -> SparkTable:
    """Return what Spark has saved about a table; of its columns only those named, or all.

    Raises
    ------
    SourceNotFound
        No such table or column; the near names are given.
    SourceError
        It is a view or a table of another catalog, or Spark cannot describe it.
    """
    quoted = ".".join(map(quote_name, split_name(table)))
    try:
        described = [tuple(map(_text, row)) for row in rows_of(f"describe extended {quoted}")]
    except SourceNotFound as error:
        raise SourceNotFound(f"no table {shorten(table)!r} in Spark. {_near(rows_of, table)}") from error
    types, facts = _described(described)
    if "Name" in facts and "Table" not in facts and facts.get("Type") != "VIEW":
        form = facts.get("Provider") or "another catalog"
        raise SourceError(
            f"{shorten(table)!r} is a table of {shorten(form)}: Spark's own catalog keeps no statistics of it"
        )
    if "Table" not in facts or facts.get("Type") == "VIEW":
        raise SourceError(
            f"{shorten(table)!r} is a view: Spark keeps no statistics of it; name the table that it reads from"
        )
    for name in columns or ():
        if name not in types:
            raise SourceNotFound(f"no column {shorten(name)!r} in {quoted}. {did_you_mean(name, list(types))}")
    whole = [facts[part] for part in ("Catalog", "Database", "Table") if part in facts]
    saved = re.search(r"(\d+) rows", facts.get("Statistics", ""))
    whole_name = ".".join(map(quote_name, whole))
    wanted = [name for name in types if columns is None or name in columns]
    return SparkTable(
        schema=facts.get("Database", ""),
        name=facts["Table"],
        quoted=whole_name,
        saved_rows=int(saved[1]) if saved else None,
        version=_text(rows_of("select version()")[0][0]).split()[0],
        settings=read_settings(rows_of),
        columns=tuple(_column(rows_of, whole_name, name, types[name]) for name in wanted),
    )


def read_settings(rows_of: RowsOf) -> SparkSettings:
    """Return the session's settings about statistics."""
    values = {
        name: _text(rows_of(f"set spark.sql.{name}")[0][1])
        for name in ("cbo.enabled", "statistics.histogram.enabled", "statistics.histogram.numBins")
    }
    return SparkSettings(
        is_cbo_enabled=values["cbo.enabled"].lower() == "true",
        has_histograms=values["statistics.histogram.enabled"].lower() == "true",
        bins=int(values["statistics.histogram.numBins"]),
    )


def _described(rows: Sequence[tuple[str, ...]]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the columns with their types, and the facts about the table.

    The columns end at the first row without a type or with a heading: names such as "# x" are told from headings by
    the type "data_type" or an empty one.
    """
    types: dict[str, str] = {}
    facts: dict[str, str] = {}
    section = "columns"
    for name, value, *_ in rows:
        if section == "columns" and not (value in ("", "data_type") and (not name or name.startswith("# "))):
            types[name] = value
            continue
        section = name if name.startswith("# ") else section if section != "columns" else "none"
        if section.startswith("# Detailed Table Information") and value:
            facts.setdefault(name, value)
    return types, facts


def _column(rows_of: RowsOf, table: str, name: str, type_name: str) -> SparkColumn:
    """Return what is saved of one column."""
    quoted = quote_name(name)
    found = {_text(row[0]): _text(row[1]) for row in rows_of(f"describe extended {table} {quoted}")}
    return parse_column(name, type_name, found)


def parse_column(name: str, type_name: str, found: dict[str, str]) -> SparkColumn:
    """Return a column's statistics from the rows of ``DESCRIBE EXTENDED table column``, as names and texts."""

    def known(key: str) -> str | None:
        value = found.get(key, "NULL")
        return None if value == "NULL" else value

    nulls, distinct = known("num_nulls"), known("distinct_count")
    column = SparkColumn(name, quote_name(name), type_name.lower())
    if nulls is None or distinct is None:
        return column
    ends = [known("min"), known("max")] if column.can_have_bins else [None, None]
    lowest, highest = (None if end is None else _position(end, column.base_type) for end in ends)
    keys = sorted(filter(_is_bin, found), key=lambda key: int(key[4:])) if column.can_have_bins else []
    bins = tuple(_bin(found[key]) for key in keys)
    return replace(column, nulls=int(nulls), distinct=int(distinct), minimum=lowest, maximum=highest, bins=bins)


def _is_bin(key: str) -> bool:
    return re.fullmatch(r"bin_\d+", key) is not None


def _bin(text: str) -> SparkBin:
    lower, upper, distinct = re.findall(r": ([^,]+)", text)
    return SparkBin(float(lower), float(upper), int(distinct))


def _position(text: str, base_type: str) -> float:
    """Return a saved minimum or maximum as a position.

    >>> _position("2020-01-01", "date"), _position("2020-01-01 12:00:00.000000 +0000", "timestamp")
    (18262.0, 1577880000000000.0)
    >>> _position("2020-01-01 12:00:00.000000 -0130", "timestamp"), _position("9.99", "decimal")
    (1577885400000000.0, 9.99)
    """
    if base_type == "date":
        return float(np.datetime64(text.lstrip("+"), "D").astype(np.int64))
    if base_type != "timestamp":
        return float(text)
    day, time, zone = text.split(" ")
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    offset = (hours * 60 + minutes) * (-1 if zone.startswith("-") else 1)
    local = int(np.datetime64(f"{day.lstrip('+')}T{time}", "us").astype(np.int64))
    return float(local - offset * 60_000_000)


def _near(rows_of: RowsOf, table: str) -> str:
    parts = split_name(table)
    within = ".".join(map(quote_name, parts[:-1]))
    try:
        rows = rows_of("show tables" + (f" in {within}" if within else ""))
    except SourceError:
        return f"There is no schema {within}."
    return did_you_mean(parts[-1], [_text(row[1]) for row in rows])


def _text(value: Any) -> str:
    return "" if value is None else str(value)
