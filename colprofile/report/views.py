"""What the templates print: figures as text with a key to sort by, and the reason where there is none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeVar

from colprofile.report import text
from colprofile.report.charts import Chart, column_chart
from colprofile.results.column import ColumnProfile
from colprofile.results.pair import Determination, PairProfile
from colprofile.results.profile import Profile
from colprofile.results.summary import Summary, is_estimated, is_unseen_by_pearson

PARTNERS_SHOWN = 5
TITLE_WIDTH = 1000
"""Characters of a long name that its tooltip shows."""

Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class NameView:
    """A column's name: as shown, in full where it was cut, and the anchor of its row."""

    shown: str
    full: str | None
    anchor: str | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as text. ``key`` sorts it; where that is None, ``reason`` says why there is none."""

    shown: str
    key: float | None
    reason: str | None = None
    interval: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A label with a figure, and the width of its bar in per cent."""

    label: str
    shown: str
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class Partner:
    """A column's strongest partner."""

    name: NameView
    dependence: str
    bits: str


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One row of the columns table with its details. Widths are per cent of the table's largest maximum."""

    name: NameView
    type: str
    kind: str
    badges: tuple[str, ...]
    chart: Chart | None
    entropy: Figure
    entropy_width: float
    maximum_width: float
    efficiency: Figure
    perplexity: Figure
    distinct: Figure
    nulls: Figure
    floor: Figure
    stored: Figure
    glimpse: str
    facts: tuple[tuple[str, Figure], ...]
    top_values: tuple[Item, ...]
    top_values_cover: str
    quantiles: tuple[Item, ...]
    estimates: tuple[Item, ...]
    partners: tuple[Partner, ...]
    reasons: tuple[tuple[str, str], ...]
    drawing: str


@dataclass(frozen=True, slots=True)
class Way:
    """How far one column determines the other: a figure, a short remark, and the details for the tooltip."""

    figure: Figure
    remark: str
    details: str
    is_exact: bool


@dataclass(frozen=True, slots=True)
class PairView:
    """One row of the pairs table."""

    x: NameView
    y: NameView
    anchor: str
    rows: Figure
    dependence: Figure
    dependence_width: float
    dependence_note: str
    bits: Figure
    chance: Figure
    planner: Figure
    pearson: Figure
    is_curve: bool
    ways: tuple[Way, Way]
    picture: str = ""


class Names:
    """The names of a profile's columns as views, made once each."""

    def __init__(self, profile: Profile, *, has_anchors: bool) -> None:
        self._views: dict[str, NameView] = {}
        for index, column in enumerate(profile.columns):
            self._views[column.name] = name_view(column.name, f"c{index}" if has_anchors else None)

    def __getitem__(self, name: str) -> NameView:
        """Return the view of a name, without anchor if it is no column of the profile."""
        return self._views.get(name) or name_view(name, None)


def name_view(name: str, anchor: str | None = None) -> NameView:
    """Return a name as shown: visible, on one line, cut where it is too long."""
    shown = text.visible(name)
    is_cut = len(name) > text.NAME_WIDTH
    return NameView(shown, text.visible(name, TITLE_WIDTH) if is_cut else None, anchor)


def figure(
    value: Number | None, show: Callable[[Number], str], reason: str | None, interval: str | None = None
) -> Figure:
    """Return a figure's view; a dash with the reason where the figure is None."""
    if value is None:
        return Figure("–", None, text.visible(reason or "not known", 300))
    return Figure(f"≈{show(value)}" if interval else show(value), float(value), None, interval)


def column_views(profile: Profile, names: Names, drawings: Sequence[str] = ()) -> list[ColumnView]:
    """Return the rows of the columns table, in the table's order.

    ``drawings`` names each column's drawing, empty for none; it may be left out.
    """
    scale = max((column.max_entropy or 0.0 for column in profile.columns), default=0.0)
    partners = _partners(profile)
    return [
        _column_view(column, scale, partners[column.name], names, drawing)
        for column, drawing in zip_longest(profile.columns, drawings, fillvalue="")
        if not isinstance(column, str)
    ]


def _partners(profile: Profile) -> dict[str, list[tuple[str, PairProfile]]]:
    """Return each column's strongest partners; the profile's pairs are sorted already."""
    partners: dict[str, list[tuple[str, PairProfile]]] = defaultdict(list)
    for pair in profile.pairs:
        if not pair.dependence:
            continue
        for name, other in ((pair.x, pair.y), (pair.y, pair.x)):
            if len(partners[name]) < PARTNERS_SHOWN:
                partners[name].append((other, pair))
    return partners


def _column_view(
    column: ColumnProfile, scale: float, partners: list[tuple[str, PairProfile]], names: Names, drawing: str
) -> ColumnView:
    why = column.undefined
    rough = interval_text(column.entropy_interval) if is_estimated(column) else None
    return ColumnView(
        name=names[column.name],
        type=text.visible(column.type),
        kind=column.kind,
        badges=tuple(_badges(column)),
        chart=column_chart(column),
        entropy=figure(column.entropy, text.bits, why.get("entropy"), rough),
        entropy_width=_width(column.entropy, scale),
        maximum_width=_width(column.max_entropy, scale),
        efficiency=figure(column.efficiency, text.percent, why.get("efficiency")),
        perplexity=figure(column.perplexity, effective, why.get("perplexity")),
        distinct=figure(column.distinct, text.count, None),
        nulls=Figure(text.percent(column.null_share), column.null_share),
        floor=figure(column.floor_bytes, text.size, why.get("floor_bytes")),
        stored=figure(column.stored_bytes, text.size, why.get("stored_bytes")),
        glimpse=_glimpse(column),
        facts=tuple(_facts(column)),
        top_values=_top_values(column),
        top_values_cover=_cover(column),
        quantiles=tuple(Item(f"{100 * q.probability:g} %", text.data_value(q.value)) for q in column.quantiles),
        estimates=tuple(Item(_estimator(name), text.bits(bits)) for name, bits in column.estimates.items()),
        partners=tuple(_partner(other, pair, names) for other, pair in partners),
        reasons=tuple(_reasons(why)),
        drawing=drawing,
    )


def _width(value: float | None, scale: float) -> float:
    return round(100 * value / scale, 1) if value and scale else 0.0


def effective(value: float) -> str:
    """Return a perplexity: an effective number of values."""
    return f"{value:,.1f}" if value < 1e9 else f"{value:.3g}"


def interval_text(interval: tuple[float, float] | None) -> str | None:
    """Return an interval of bits as text."""
    return None if interval is None else f"{text.bits(interval[0])} to {text.bits(interval[1])}"


def _badges(column: ColumnProfile) -> Iterable[str]:
    if column.is_key:
        yield "key"
    if column.is_constant:
        yield "constant"
    if column.rows and column.nulls == column.rows and column.sampled_rows is None:
        yield "only NULL"


def _glimpse(column: ColumnProfile) -> str:
    """Return the line above a column's details: its range, or its most frequent values."""
    if column.kind in ("numeric", "temporal") and column.minimum is not None:
        ends = dict.fromkeys(text.data_value(end, 30) for end in (column.minimum, column.maximum))
        return " … ".join(ends)
    first = [f"{text.data_value(top.value, 24)} {text.percent(top.share)}" for top in column.top_values[:3]]
    return " · ".join(first) or "no values"


def _facts(column: ColumnProfile) -> Iterable[tuple[str, Figure]]:
    why = column.undefined
    yield "rows", figure(column.rows, text.count, None)
    yield "NULL rows", figure(column.nulls, text.count, None)
    yield "maximum entropy, bits", figure(column.max_entropy, text.bits, why.get("max_entropy"))
    for label, name in (("minimum", "minimum"), ("maximum", "maximum")):
        value = getattr(column, name)
        reason = text.visible(why.get(name, "not known"), 300)
        yield label, Figure("–", None, reason) if value is None else Figure(text.data_value(value), 0.0)
    yield "mean", figure(column.mean, text.number, why.get("mean"))
    yield "standard deviation", figure(column.standard_deviation, text.number, why.get("standard_deviation"))


def _top_values(column: ColumnProfile) -> tuple[Item, ...]:
    most = max((top.share for top in column.top_values), default=0.0)
    return tuple(
        Item(text.data_value(top.value), f"{top.count:,} ({text.percent(top.share)})", _width(top.share, most))
        for top in column.top_values
    )


def _cover(column: ColumnProfile) -> str:
    more = column.distinct - len(column.top_values)
    return f"and {text.plural(more, 'more value')}" if more > 0 else ""


def _estimator(name: str) -> str:
    """Return an estimator's name as its authors are written.

    >>> _estimator("chao-shen"), _estimator("jackknife")
    ('Chao–Shen', 'jackknife')
    """
    return "–".join(part.capitalize() for part in name.split("-")) if "-" in name else name


def _partner(other: str, pair: PairProfile, names: Names) -> Partner:
    return Partner(
        names[other],
        text.coefficient(pair.dependence or 0.0),
        text.bits(pair.mutual_information or 0.0),
    )


def _reasons(undefined: dict[str, str]) -> Iterable[tuple[str, str]]:
    """Yield what is undefined for each reason: (mean, standard deviation; not numeric)."""
    fields: dict[str, list[str]] = defaultdict(list)
    for name, reason in undefined.items():
        fields[reason].append(name.replace("_", " "))
    for reason, members in fields.items():
        yield ", ".join(members), text.visible(reason, 300)


def pair_view(pair: PairProfile, index: int, names: Names, summary: Summary, picture: str = "") -> PairView:
    """Return one row of the pairs table; ``picture`` is the anchor of its joint distribution, if it is drawn."""
    why = pair.undefined
    rough = interval_text(pair.mutual_information_interval) if is_estimated(pair) else None
    return PairView(
        x=names[pair.x],
        y=names[pair.y],
        anchor=f"p{index}",
        rows=figure(pair.rows, text.count, None),
        dependence=figure(pair.dependence, text.coefficient, why.get("dependence")),
        dependence_width=_width(pair.dependence, 1.0),
        dependence_note=_dependence_note(pair),
        bits=figure(pair.mutual_information, text.bits, why.get("mutual_information"), rough),
        chance=figure(pair.expected_mutual_information, text.bits, why.get("expected_mutual_information")),
        planner=figure(pair.planner_factor, text.factor, why.get("planner_factor"), rough and "as the bits"),
        pearson=figure(pair.pearson, text.coefficient, why.get("pearson")),
        is_curve=is_unseen_by_pearson(pair),
        ways=(
            _way(pair, pair.x_to_y, "x_to_y", summary.is_near(pair.x, pair.y)),
            _way(pair, pair.y_to_x, "y_to_x", summary.is_near(pair.y, pair.x)),
        ),
        picture=picture,
    )


def _dependence_note(pair: PairProfile) -> str:
    """Return how the dependence was made, for its tooltip."""
    notes = [f"{side} cut into {bins} bins" for side, bins in (("x", pair.bins_x), ("y", pair.bins_y)) if bins]
    if pair.dependence_is_clipped:
        notes.append("negative after the correction for chance, shown as 0")
    return "; ".join(notes)


def _way(pair: PairProfile, way: Determination | None, name: str, is_near: bool) -> Way:
    if way is None:
        return Way(figure(None, text.percent, pair.undefined.get(name)), "", "", is_exact=False)
    share = way.uncertainty_coefficient
    reason = pair.undefined.get(f"{name}.uncertainty_coefficient", "the other column is constant")
    mu_plus = "undefined" if way.mu_plus is None else text.coefficient(way.mu_plus)
    details = f"{text.plural(way.violating_rows, 'row')} contradict it (g3 {text.percent(way.g3)}), μ+ {mu_plus}"
    if share is None:
        remark = ""
    elif way.is_exact:
        remark = "exact"
    elif is_near:
        remark = f"except {text.plural(way.violating_rows, 'row')}"
    else:
        remark = ""
    return Way(figure(share, text.percent, reason), remark, details, way.is_exact and share is not None)
