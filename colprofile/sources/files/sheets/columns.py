"""SheetColumn: what kinds of values a column of a sheet holds, and its Arrow type."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from colprofile.errors import shorten
from colprofile.sources.files.sheets.table import is_empty

if TYPE_CHECKING:
    import pyarrow as pa

ERRORS = frozenset(["#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA", "#SPILL!"])
"""What stands in a cell whose formula failed."""

_EXACT = 1 << 53
_WORDS = {
    "bool": ("boolean", "booleans"),
    "number": ("number", "numbers"),
    "date": ("date", "dates"),
    "datetime": ("date and time", "dates and times"),
    "time": ("time of day", "times of day"),
    "timedelta": ("duration", "durations"),
    "text": ("text", "texts"),
}


@dataclass
class SheetColumn:
    """A column of a sheet, as far as its cells have been seen.

    Attributes
    ----------
    name
        From the header, or the column's letters.
    kinds
        How many cells there are of each kind.
    errors
        How many cells hold an error.
    is_whole
        Whether all numbers are integers that a float holds.
    examples
        Some of the texts.
    """

    name: str
    kinds: Counter[str] = field(default_factory=Counter)
    errors: int = 0
    is_whole: bool = True
    examples: dict[str, None] = field(default_factory=dict)

    def see(self, cell: Any, nulls: frozenset[str]) -> None:
        """Count a cell. Texts among ``nulls`` stand for a missing value."""
        if is_empty(cell):
            return
        if isinstance(cell, str):
            if cell.strip() in ERRORS:
                self.errors += 1
            elif cell.strip() not in nulls:
                self.kinds["text"] += 1
                if len(self.examples) < 3:
                    self.examples[cell] = None
        elif isinstance(cell, bool):
            self.kinds["bool"] += 1
        elif isinstance(cell, int | float):
            self.kinds["number"] += 1
            self.is_whole &= abs(cell) < _EXACT and cell == int(cell)
        else:
            self.kinds[type(cell).__name__] += 1

    @property
    def type(self) -> pa.DataType:
        """The Arrow type that holds all values as they are; text where they are of several kinds."""
        import pyarrow as pa

        kinds = set(self.kinds)
        if not kinds:
            return pa.null()
        if kinds == {"number"}:
            return pa.int64() if self.is_whole else pa.float64()
        if kinds <= {"date", "datetime"}:
            return pa.date32() if kinds == {"date"} else pa.timestamp("us")
        single = {"bool": pa.bool_(), "time": pa.time64("us"), "timedelta": pa.duration("us")}
        return single[kinds.pop()] if len(kinds) == 1 and kinds <= set(single) else pa.string()

    @property
    def remark(self) -> str:
        """A sentence where values are of several kinds; else "" ."""
        if len(self.kinds) < 2 or set(self.kinds) <= {"date", "datetime"}:
            return ""
        listed = ", ".join(f"{count:,} {_WORDS[kind][count > 1]}" for kind, count in self.kinds.most_common())
        texts = ", ".join(repr(shorten(text, 20)) for text in self.examples)
        example = f", such as {texts}" if texts and self.kinds.most_common(1)[0][0] != "text" else ""
        return f"{shorten(self.name)!r} is mixed ({listed}{example}): it is read as text."

    def array(self, cells: Iterable[Any], nulls: frozenset[str]) -> pa.Array:
        """Return cells as an Arrow array of the column's type; empty ones, errors and ``nulls`` are NULL."""
        import pyarrow as pa

        kind = self.type
        values = [
            None if is_empty(cell) or (isinstance(cell, str) and (cell.strip() in nulls or cell.strip() in ERRORS))
            else cell
            for cell in cells
        ]  # fmt: skip
        if pa.types.is_null(kind):
            return pa.nulls(len(values))
        if pa.types.is_string(kind):
            values = [None if value is None else cell_text(value) for value in values]
        elif pa.types.is_integer(kind):
            values = [None if value is None else int(value) for value in values]
        elif pa.types.is_timestamp(kind):
            values = [_moment(value) for value in values]
        return pa.array(values, kind)


def _moment(value: Any) -> Any:
    is_day = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    return dt.datetime.combine(value, dt.time()) if is_day else value


def cell_text(value: Any) -> str:
    """Return a cell as text: whole numbers without a point, dates as ISO 8601 has them.

    >>> cell_text(5.0), cell_text(0.5), cell_text(True), cell_text(dt.date(2024, 1, 2)), cell_text("a")
    ('5', '0.5', 'true', '2024-01-02', 'a')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and abs(value) < _EXACT and value == int(value):
        return str(int(value))
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)
