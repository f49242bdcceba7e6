"""The parts of the columns table that need more than one field: the chart, badges, what is undefined, partners."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from colprofile.report import text
from colprofile.report.charts import Chart
from colprofile.report.profile.histograms import chart
from colprofile.results.column import ColumnProfile
from colprofile.results.keys import can_identify
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile

__all__ = ["badges", "chart", "figures", "first_line", "interval", "partners", "scale", "tables", "undefined"]

PARTNERS_SHOWN = 5
VALUE_WIDTH = 22
"""Characters of a value in the table of columns."""

Partner = tuple[str, PairProfile]
"""The name of another column, and the pair of both."""


def scale(drawing: Chart) -> str:
    """Return in a word or two how a small histogram is drawn where it is not as usual; its tooltip says more."""
    return ", ".join(word for word in ("zoomed", "cut off", "log scale") if word in drawing.note)


def badges(column: ColumnProfile) -> Iterable[str]:
    """Yield what a column is, in a word."""
    if column.is_key and can_identify(column):
        yield "key"
    if column.is_constant:
        yield "constant"
    if column.rows and column.nulls == column.rows and column.sampled_rows is None:
        yield "only NULL"


def interval(item: ColumnProfile | PairProfile) -> str:
    """Return the interval of a column's entropy or a pair's mutual information; empty where the figure is exact."""
    ends = item.entropy_interval if isinstance(item, ColumnProfile) else item.mutual_information_interval
    return text.interval(ends) if ends is not None and item.is_estimated else ""


def figures(column: ColumnProfile) -> list[tuple[str, str]]:
    """Return what a column's values are in up to three lines: the range with the median, or the most frequent values.

    Of text in which every value occurs once, the lengths say more than any value.
    """
    if column.kind in ("numeric", "temporal") and column.minimum is not None:
        middle = next((item.value for item in column.quantiles if item.probability == 0.5), None)
        ends = ("min", column.minimum), ("median", middle), ("max", column.maximum)
        return [(label, text.data_value(value, VALUE_WIDTH)) for label, value in ends if value is not None]
    if column.text is not None and column.top_values and column.top_values[0].count == 1:
        shape = column.text
        lengths = dict.fromkeys(f"{length:,}" for length in (shape.shortest, shape.longest))
        found = [("each once", text.data_value(column.top_values[0].value, VALUE_WIDTH)), ("length", "–".join(lengths))]
        return found + [("looks like", text.data_value(pattern, VALUE_WIDTH)) for pattern, _ in shape.patterns[:1]]
    return [(text.percent(top.share), text.data_value(top.value, VALUE_WIDTH)) for top in column.top_values[:3]]


def first_line(column: ColumnProfile) -> str:
    """Return the line above a column's details: its range, or its most frequent values."""
    if column.kind in ("numeric", "temporal") and column.minimum is not None:
        ends = dict.fromkeys(text.data_value(end, 30) for end in (column.minimum, column.maximum))
        return " … ".join(ends)
    first = [f"{text.data_value(top.value, 24)} {text.percent(top.share)}" for top in column.top_values[:3]]
    return " · ".join(first) or "no values"


def tables(column: ColumnProfile) -> Iterable[tuple[str, list[tuple[str, str]]]]:
    """Yield the small tables of a column's details, each with its title: a label and a figure in each line."""
    if column.text is not None:
        shape, rows = column.text, column.counted_rows
        lengths = ("shortest", shape.shortest), ("median", shape.median), ("longest", shape.longest)
        yield "Length, characters", [(label, text.count(length)) for label, length in lengths]
        yield (
            "Patterns of characters",
            [
                (text.visible(pattern, 40), f"{text.count(count)} ({text.percent(count / rows if rows else 0.0)})")
                for pattern, count in shape.patterns
            ],
        )
    yield "Quantiles", [(f"{100 * q.probability:g} %", text.data_value(q.value)) for q in column.quantiles]
    estimates = [(_estimator(name), text.bits(bits)) for name, bits in column.estimates.items()]
    yield "Entropy estimates, bits, if the rows are a sample", estimates


def _estimator(name: str) -> str:
    """Return an estimator's name as its authors are written.

    >>> _estimator("chao-shen"), _estimator("jackknife")
    ('Chao–Shen', 'jackknife')
    """
    return "–".join(part.capitalize() for part in name.split("-")) if "-" in name else name


def partners(profile: Profile) -> dict[str, list[Partner]]:
    """Return each column's strongest partners; the profile's pairs are sorted already."""
    found: dict[str, list[Partner]] = defaultdict(list)
    for pair in profile.pairs:
        if not pair.dependence:
            continue
        for name, other in ((pair.x, pair.y), (pair.y, pair.x)):
            if len(found[name]) < PARTNERS_SHOWN:
                found[name].append((other, pair))
    return found


def undefined(column: ColumnProfile) -> Iterable[tuple[str, str]]:
    """Yield what is undefined for each reason: (mean, standard deviation; not numeric)."""
    fields: dict[str, list[str]] = defaultdict(list)
    for name, reason in column.undefined.items():
        fields[reason].append(name.replace("_", " "))
    for reason, members in fields.items():
        yield ", ".join(members), text.visible(reason, 300)
