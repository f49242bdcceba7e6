"""Figures and names as people read them: bits, bytes, shares, and hostile names made visible."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from colprofile.report import characters
from colprofile.results.words import coefficient
from colprofile.values import Value

if TYPE_CHECKING:
    from colprofile.results.provenance import Provenance

__all__ = ["coefficient"]  # used here and by results themselves

Given = TypeVar("Given")

NAME_WIDTH = 60
"""Characters of a name or value that a report shows; a longer one ends in an ellipsis."""

ROUNDING = 1e-12
"""Bits below this are what rounding left of zero."""

_PLAIN = re.compile(r"[!-~]([ -~]*[!-~])?")
_TIME = re.compile(
    r"(?P<date>\d{4,}-\d\d-\d\d)?(?:(?:(?<=\d)[ T])?(?P<clock>\d\d:\d\d(?::\d\d)?)"
    r"(?:\.\d+)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?"
)
_ENDS = re.compile(r"^ +| +\Z")
_BYTE_UNITS = ("kB", "MB", "GB", "TB", "PB", "EB")


def visible(text: str, width: int = NAME_WIDTH) -> str:
    r"""Return ``text`` on one line, with everything that is invisible or moves the cursor replaced by an escape.

    Control characters, direction overrides, zero-width characters and lone surrogates become what a programmer would
    write for them (``\n``, ``\x1b``, ``\u202e``), spaces at the ends ``\x20``, and an empty text ``""``. ASCII, so that
    no font lacks it.

    >>> print(visible("two\nlines"), visible("\x1b[31m"), visible("\u202eabc"), visible(" x"), visible(""))
    two\nlines \x1b[31m \u202eabc \x20x ""
    >>> visible("abcdef", 4)
    'abc…'
    """
    cut = text[: width + 1]
    if not cut:
        return '""'
    line = cut
    if not _PLAIN.fullmatch(cut):
        line = characters.escaped(_ENDS.sub(lambda spaces: r"\x20" * len(spaces[0]), cut))
    return line if len(line) <= width else line[: width - 1] + "…"


def visible_lines(text: str, width: int = 10_000) -> str:
    r"""Return a text of several lines, such as SQL, with each of its lines made visible, and their indents.

    >>> visible_lines("select 1;\n\n  \x1b[2J")
    'select 1;\n\n  \\x1b[2J'
    """
    return "\n".join(_indented(line, width) for line in text.split("\n"))


def _indented(line: str, width: int) -> str:
    shown = line.lstrip(" ")
    if not shown:
        return visible(line, width) if line else ""
    return line[: len(line) - len(shown)] + visible(shown, width)


def bits(value: float) -> str:
    """Return bits with three decimals; a tiny positive figure is not shown as zero.

    >>> bits(1.62063), bits(0.0), bits(0.00001), bits(-1.5)
    ('1.621', '0', '<0.001', '−1.500')
    """
    if abs(value) < ROUNDING:
        return "0"
    if 0 < value < 0.0005:
        return "<0.001"
    return f"{value:.3f}".replace("-0.000", "0.000").replace("-", "−")


def interval(ends: tuple[float, float], dash: str = " to ") -> str:
    """Return an interval of bits.

    >>> interval((1.0, 1.25)), interval((1.0, 1.25), "–")
    ('1.000 to 1.250', '1.000–1.250')
    """
    return f"{bits(ends[0])}{dash}{bits(ends[1])}"


def count(value: int) -> str:
    """Return a whole number with thousands separated.

    >>> count(336776)
    '336,776'
    """
    return f"{value:,}"


def size(value: int) -> str:
    """Return bytes in decimal units, three significant digits.

    >>> size(999), size(1_234_567), size(25_300_000), size(999_999)
    ('999 B', '1.23 MB', '25.3 MB', '1.00 MB')
    """
    if value < 1000:
        return f"{value} B"
    amount = float(value)
    for unit in _BYTE_UNITS:
        amount /= 1000
        if amount < 999.5 or unit == _BYTE_UNITS[-1]:
            break
    decimals = 2 if amount < 9.995 else 1 if amount < 99.95 else 0
    return f"{amount:.{decimals}f} {unit}"


def percent(share: float) -> str:
    """Return a share in per cent; what is not all or nothing is never shown as all or nothing.

    >>> percent(0), percent(0.0001), percent(0.1234), percent(0.99999), percent(1)
    ('0 %', '<0.1 %', '12.3 %', '>99.9 %', '100 %')
    """
    if share in (0, 1):
        return f"{share:.0%}".replace("%", " %")
    if 0 < share < 0.0005:
        return "<0.1 %"
    if 0.9995 < share < 1:
        return ">99.9 %"
    return f"{100 * share:.1f} %"


def factor(value: float) -> str:
    """Return a factor with its sign of multiplication.

    >>> factor(1.0), factor(49.73), factor(123456.0), factor(2.0**40)
    ('1.0×', '49.7×', '123,456×', '1.1e+12×')
    """
    if value < 100:
        return f"{value:.1f}×"
    return f"{value:,.0f}×" if value < 1e9 else f"{value:.2g}×"


def power_of_two(bits: float) -> str:
    """Return 2^bits as a factor.

    >>> power_of_two(1.0), power_of_two(5000.0)
    ('2.0×', '∞×')
    """
    return factor(2.0**bits) if bits < 1024 else "∞×"


def effective(value: float) -> str:
    """Return a perplexity, an effective number of values.

    >>> effective(1234.56), effective(2.0**40)
    ('1,234.6', '1.1e+12')
    """
    return f"{value:,.1f}" if value < 1e9 else f"{value:.3g}"


def number(value: float) -> str:
    """Return a number with six significant digits, or all digits of a whole one.

    >>> number(1234567), number(3.14159265), number(1e-9), number(2.0), number(1e300)
    ('1,234,567', '3.14159', '1e-09', '2', '1e+300')
    """
    if isinstance(value, int):
        return f"{value:,}" if abs(value) < 10**18 else f"{value}"
    if value.is_integer() and abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:,.6g}" if abs(value) < 1e15 else f"{value:.6g}"


def short_number(value: float) -> str:
    """Return a number as short as a table can bear: four significant digits, thousands separated from 10,000 on.

    >>> [short_number(value) for value in (2013, 336776, 1400.0, 3.14159, 12345.678, 0.00001234, -0.5, 10**18)]
    ['2013', '336,776', '1400', '3.142', '12,345.7', '1.234e-05', '−0.5', '1.000e+18']
    """
    if abs(value) >= 1e15:
        digits = str(abs(value)) if isinstance(value, int) else ""
        shown = f"{digits[0]}.{digits[1:4]}e+{len(digits) - 1}" if digits else f"{abs(value):.4g}"
    elif abs(value) >= 10_000:
        shown = f"{abs(value):,.1f}".removesuffix(".0")
    elif abs(value) >= 1000:
        shown = f"{abs(value):.1f}".removesuffix(".0")
    else:
        shown = f"{abs(value):.4g}"
    return f"−{shown}" if value < 0 else shown


def short_time(value: str) -> str:
    """Return a date or time without the parts that say nothing: midnight, zero seconds, fractions of seconds.

    >>> short_time("2013-01-01 00:00:00"), short_time("2013-01-01T05:30:00Z"), short_time("05:30:12.25")
    ('2013-01-01', '2013-01-01 05:30', '05:30:12')
    >>> short_time("infinity")
    'infinity'
    """
    found = _TIME.fullmatch(value)
    if not value or found is None:
        return visible(value, 24)
    date, clock = found["date"] or "", found["clock"] or ""
    if date and clock in ("00:00", "00:00:00"):
        clock = ""
    return f"{date} {clock.removesuffix(':00') if clock.count(':') == 2 else clock}".strip()


def short_value(value: Value, width: int = 24) -> str:
    """Return one value of a column for a narrow place: numbers and times short, text visible and cut.

    >>> short_value(1234567), short_value("2013-01-01 05:00:00"), short_value(None), short_value("abc", 2)
    ('1,234,567', '2013-01-01 05:00', 'NULL', 'a…')
    """
    if value is None or isinstance(value, bool):
        return data_value(value)
    if isinstance(value, str):
        return short_time(value) if value and _TIME.fullmatch(value) else visible(value, width)
    return short_number(value)


def seconds(value: float) -> str:
    """Return a duration.

    >>> seconds(0.0123), seconds(0.35), seconds(75.0)
    ('12 ms', '0.35 s', '75 s')
    """
    if value < 0.1:
        return f"{1000 * value:.0f} ms"
    return f"{value:.2f} s" if value < 10 else f"{value:.0f} s"


def data_value(value: Value, width: int = NAME_WIDTH) -> str:
    """Return one value of a column: years and codes stay without separators, text is made visible.

    >>> data_value(2013), data_value(True), data_value(None), data_value("a"), data_value(0.25)
    ('2013', 'true', 'NULL', 'a', '0.25')
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return visible(value, width)
    return visible(str(value) if isinstance(value, int) else f"{value:.10g}", width)


def plural(amount: int, noun: str) -> str:
    """Return an amount with its noun.

    >>> plural(1, "row"), plural(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{amount:,} {noun}" if amount == 1 else f"{amount:,} {noun}s"


def or_dash(value: Given | None, show: Callable[[Given], str]) -> str:
    """Return a figure as ``show`` has it, a dash where there is none.

    >>> or_dash(0.5, percent), or_dash(None, percent)
    ('50.0 %', '–')
    """
    return "–" if value is None else show(value)


def shape(rows: int, columns: int) -> str:
    """Return how large a table is.

    >>> shape(1000, 1)
    '1,000 rows × 1 column'
    """
    return f"{plural(rows, 'row')} × {plural(columns, 'column')}"


def source_name(made: Provenance, width: int = 200) -> str:
    """Return where data come from: the source, and its table if there is one."""
    source = visible(made.source, width)
    return source if made.table is None else f"{source} {visible(made.table)}"


def category(kind: str, value: Value, low: Value, high: Value, width: int, rest: str = "other values") -> str:
    """Return what a category of a column holds, each value in ``width`` characters.

    >>> category("range", None, 1, 3, 20), category("range", None, 2.5, 2.5, 20), category("value", "a", None, None, 20)
    ('1 … 3', '2.5', 'a')
    >>> category("null", None, None, None, 20), category("rest", None, None, None, 20, "4 other values")
    ('NULL', '4 other values')
    """
    if kind == "null":
        return "NULL"
    if kind == "rest":
        return rest
    if kind == "value" or low == high:
        return data_value(value if kind == "value" else low, width)
    return f"{data_value(low, width)} … {data_value(high, width)}"
