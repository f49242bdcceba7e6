"""A profile in the terminal: what matters first, then the columns, in 100 columns' width."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, TypeVar

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from colprofile.report import text
from colprofile.report.console import as_text
from colprofile.results.column import ColumnProfile
from colprofile.results.pair import Determination, PairProfile
from colprofile.results.profile import Profile
from colprofile.results.single_dependencies import SingleDependency
from colprofile.results.summary import (
    Summary,
    is_estimated,
    is_unseen_by_pearson,
    summarise,
)

COLUMNS_SHOWN = 30
PAIRS_SHOWN = 10
NAMES_SHOWN = 8
ENDS_SHOWN = 5
BAR_WIDTH = 10
NAME_CELLS = 24
"""Cells of a name in a list; longer ones end in an ellipsis."""

PAIR_CELLS = 67
"""Cells that the figures of a pair take, the rest is for the two names."""

INTERVAL_CELLS = 8
"""Cells that an interval takes beyond those of a figure."""

NARROW = 90
"""Below this width the tables leave out what matters less."""

ESTIMATED = "a–b: estimated from a sample, the figure lies between the two"

COLUMN_HEADINGS = (
    "name",
    "type",
    "NULL",
    "distinct",
    "bits",
    "of maximum",
    "effective",
    "floor",
    "stored",
)

Number = TypeVar("Number", int, float)

Side = Literal["left", "right"]

DIM = "dim"
NAME_STYLE = "cyan"


def render_terminal(profile: Profile, *, width: int = 100, color: bool | None = None) -> str:
    """Return a profile as terminal text: no line is wider than ``width`` cells.

    Parameters
    ----------
    width
        Cells to fill, at least 60.
    color
        Whether to use ANSI colours; None uses them where standard output is a terminal and NO_COLOR is not
        set. Without colour there is no escape sequence at all.
    """
    width = max(60, width)
    return as_text(_report(profile, width), width=width, color=color)


def _report(profile: Profile, width: int) -> Group:
    summary = summarise(profile)
    parts: list[RenderableType] = [_header(profile, summary, width), Text(), _findings(profile, summary)]
    if summary.strongest:
        parts += [Text(), _pairs_table(summary, width), *_pairs_foot(profile, summary)]
    if profile.columns:
        parts += [Text(), _columns_table(profile, width), *_columns_foot(profile)]
    parts += [Text(f"note: {text.visible(note, 300)}", style=DIM) for note in profile.notes]
    return Group(*parts)


def _header(profile: Profile, summary: Summary, width: int) -> Text:
    """Return the one line that says what was profiled, how large it is and how sure the figures are."""
    made = profile.provenance
    source = Text(text.visible(made.source, 200))
    if made.table is not None:
        source.append(f" {text.visible(made.table, 40)}")
    figures = (
        f"{text.plural(profile.rows, 'row')} × {text.plural(len(profile.columns), 'column')}",
        f"{summary.row_bits:,.2f} bits a row",
        exactness(profile),
        text.seconds(made.duration),
    )
    tail = "".join(f" · {figure}" for figure in figures)
    source.truncate(max(12, width - cell_len(tail)), overflow="ellipsis")
    source.stylize("bold")
    return source + Text(tail)


def exactness(profile: Profile) -> str:
    """Return in words whether the figures are exact."""
    made = profile.provenance
    if made.is_exact:
        return "exact"
    return "estimated" if made.sampled_rows is None else f"estimated from {made.sampled_rows:,} rows"


def _findings(profile: Profile, summary: Summary) -> Table:
    """Return the labelled lists: highest and lowest entropy, constants, keys, dependencies, skipped."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    varied = summary.by_entropy
    if len(varied) > 2 * ENDS_SHOWN:
        grid.add_row("highest entropy", _joined(_with_bits(varied[:ENDS_SHOWN])))
        grid.add_row("lowest entropy", _joined(_with_bits(varied[: -ENDS_SHOWN - 1 : -1])))
    elif varied:
        grid.add_row("entropy", _joined(_with_bits(varied)))
    if profile.ledger is not None and profile.ledger.redundant_share is not None:
        found = profile.ledger
        share = text.percent(profile.ledger.redundant_share)
        grid.add_row(
            "redundant", Text(f"at least {found.redundant_bits:,.2f} of {found.bits_apart:,.2f} bits a row ({share})")
        )
    is_sampled = any(column.sampled_rows is not None for column in profile.columns)
    if is_sampled:
        grid.add_row("keys, constants", Text("not known from a sample, nor are exact dependencies", style=DIM))
    else:
        grid.add_row("constant", _names(summary.constants))
        grid.add_row("keys", _names(summary.keys))
    if summary.empty:
        grid.add_row("only NULL", _names(summary.empty))
    if profile.has_pairs and not is_sampled:
        grid.add_row("exact dependency", _dependencies(summary.exact, summary.exact_left_out))
        if summary.near:
            grid.add_row("near dependency", _dependencies(summary.near, 0))
    elif not profile.has_pairs:
        grid.add_row("pairs", Text("not counted: ask for them with pairs=True", style=DIM))
    for skipped in profile.skipped[:NAMES_SHOWN]:
        line = _name(skipped.name) + Text(f" {text.visible(skipped.type, 30)}: {text.visible(skipped.reason, 200)}")
        grid.add_row("skipped", line)
    if len(profile.skipped) > NAMES_SHOWN:
        grid.add_row("", Text(f"… and {len(profile.skipped) - NAMES_SHOWN:,} more skipped", style=DIM))
    return grid


def _name(name: str, cells: int = NAME_CELLS) -> Text:
    """Return a column's name, visible, at most ``cells`` wide."""
    shown = Text(text.visible(name), style=NAME_STYLE)
    shown.truncate(cells, overflow="ellipsis")
    return shown


def _with_bits(columns: Iterable[ColumnProfile]) -> list[Text]:
    return [_name(column.name) + Text(f" {text.bits(column.entropy or 0.0)}") for column in columns]


def _names(columns: Sequence[ColumnProfile]) -> Text:
    """Return names in a row, a long list cut with the number left out."""
    if not columns:
        return Text("none", style=DIM)
    return _joined([_name(column.name) for column in columns[:NAMES_SHOWN]], len(columns) - NAMES_SHOWN)


def _joined(items: Sequence[Text], more: int = 0) -> Text:
    line = Text(" · ", style=DIM).join(items)
    if more > 0:
        line.append(f" … and {more:,} more", style=DIM)
    return line


def _dependencies(dependencies: Sequence[SingleDependency], left_out: int) -> Text:
    """Return dependencies in a row: ``a → b``, near ones with the rows that break them."""
    items = []
    for found in dependencies[:NAMES_SHOWN]:
        item = _name(found.source) + Text(" ↔ " if found.is_mutual else " → ") + _name(found.target)
        if not found.determination.is_exact:
            item.append(f" ({text.plural(found.determination.violating_rows, 'row')} contradict)", style=DIM)
        items.append(item)
    line = _joined(items, len(dependencies) - NAMES_SHOWN) if items else Text("none", style=DIM)
    if left_out:
        line.append(f" ({left_out:,} more left out: due to chance, or nearly keys)", style=DIM)
    return line


def _table(title: str, headings: Iterable[tuple[str, Side]]) -> Table:
    table = Table(
        box=None,
        title=Text(title, style="bold"),
        title_justify="left",
        header_style=DIM,
        padding=(0, 2, 0, 0),
    )
    table.pad_edge = False
    for heading, side in headings:
        table.add_column(heading, justify=side, no_wrap=True)
    return table


def _pairs_table(summary: Summary, width: int) -> Table:
    """Return the strongest pairs; narrow terminals see neither the planner's factor nor Pearson."""
    is_narrow = width < NARROW
    shown = summary.strongest[:PAIRS_SHOWN]
    taken = PAIR_CELLS - 18 * is_narrow + INTERVAL_CELLS * any(map(is_estimated, shown))
    name_cells = (width - taken) // 2
    middle = [] if is_narrow else ["planner", "Pearson"]
    numbers: list[tuple[str, Side]] = [(heading, "right") for heading in ("dependence", "bits", *middle)]
    table = _table("Strongest pairs", [("x", "left"), ("y", "left"), *numbers, ("determines", "left")])
    for pair in shown:
        cells = [] if is_narrow else [_figure(pair.planner_factor, text.factor), _pearson(pair)]
        table.add_row(
            _name(pair.x, name_cells),
            _name(pair.y, name_cells),
            _figure(pair.dependence, text.coefficient),
            _bits(pair.mutual_information, pair.mutual_information_interval, is_estimated(pair)),
            *cells,
            Text(_determines(pair, summary)),
        )
    return table


def _figure(value: Number | None, show: Callable[[Number], str], is_rough: bool = False) -> Text:
    """Return a figure, with ≈ where it is estimated, or a dash where it is undefined."""
    if value is None:
        return Text("–", style=DIM)
    return Text(f"{'≈' if is_rough else ''}{show(value)}")


def _bits(value: float | None, interval: tuple[float, float] | None, is_rough: bool) -> Text:
    """Return a figure in bits, its interval where it is estimated."""
    if is_rough and interval is not None:
        return Text(f"{text.bits(interval[0])}–{text.bits(interval[1])}")
    return _figure(value, text.bits)


def _pearson(pair: PairProfile) -> Text:
    shown = _figure(pair.pearson, text.coefficient)
    if is_unseen_by_pearson(pair):
        shown.stylize("bold yellow")
    return shown


def _determines(pair: PairProfile, summary: Summary) -> str:
    """Return how far one column determines the other, in a few words."""
    forward, backward = pair.x_to_y, pair.y_to_x
    if forward is None or backward is None:
        return ""
    if forward.is_exact and backward.is_exact:
        return "x ↔ y exact"
    for arrow, way in (("x → y", forward), ("y → x", backward)):
        if way.is_exact:
            return f"{arrow} exact"
    near = [
        (found.violating_rows, arrow)
        for arrow, source, target, found in (
            ("x → y", pair.x, pair.y, forward),
            ("y → x", pair.y, pair.x, backward),
        )
        if summary.is_near(source, target)
    ]
    if near:
        rows, arrow = min(near)
        return f"{arrow} except {text.plural(rows, 'row')}"
    share, arrow = max((way.uncertainty_coefficient or 0.0, arrow) for arrow, way in _ways(pair))
    return f"{arrow} {text.percent(share)}"


def _ways(pair: PairProfile) -> list[tuple[str, Determination]]:
    ways = (("x → y", pair.x_to_y), ("y → x", pair.y_to_x))
    return [(arrow, way) for arrow, way in ways if way is not None]


def _pairs_foot(profile: Profile, summary: Summary) -> list[Text]:
    lines = [
        "bits: mutual information; planner: 2^bits, how far a planner underestimates x = … AND y = …",
        *([ESTIMATED] if any(map(is_estimated, profile.pairs)) else []),
    ]
    more = len(summary.strongest) - PAIRS_SHOWN
    if more > 0:
        lines.append(f"… and {more:,} more; --html, --json or .pairs_frame() show them all")
    return [Text(line, style=DIM) for line in lines]


def _columns_table(profile: Profile, width: int) -> Table:
    """Return the first columns in the table's order; narrow terminals see neither type nor bytes."""
    has_stored = any(column.stored_bytes is not None for column in profile.columns)
    left_out = {"type", "floor", "stored"} if width < NARROW else set() if has_stored else {"stored"}
    kept = [heading for heading in COLUMN_HEADINGS if heading not in left_out]
    sides: list[tuple[str, Side]] = [
        (heading, "left" if heading in ("name", "type", "of maximum") else "right") for heading in kept
    ]
    table = _table("Columns", sides)
    scale = max((column.max_entropy or 0.0 for column in profile.columns), default=0.0)
    for column in profile.columns[:COLUMNS_SHOWN]:
        cells = dict(zip(COLUMN_HEADINGS, _columns_row(column, scale), strict=True))
        table.add_row(*(cells[heading] for heading in kept))
    return table


def _columns_row(column: ColumnProfile, scale: float) -> list[Text]:
    """Return a column's cells, one a heading of COLUMN_HEADINGS."""
    type_name = Text(text.visible(column.type, 40), style=DIM)
    type_name.truncate(12, overflow="ellipsis")
    return [
        _name(column.name, 20),
        type_name,
        Text(text.percent(column.null_share), style="" if column.nulls else DIM),
        Text(f"{'≥' if column.sampled_rows else ''}{text.count(column.distinct)}"),
        _bits(column.entropy, column.entropy_interval, is_estimated(column)),
        _bar(column, scale),
        _figure(column.perplexity, lambda value: f"{value:,.1f}" if value < 1e9 else f"{value:.3g}"),
        Text(text.size(column.floor_bytes)),
        _figure(column.stored_bytes, text.size),
    ]


def _bar(column: ColumnProfile, scale: float) -> Text:
    """Return the entropy as a bar, with the rest up to log2(distinct) shaded; all bars share one scale."""
    if column.entropy is None or not scale:
        return Text()
    full = round(BAR_WIDTH * column.entropy / scale)
    rest = max(0, round(BAR_WIDTH * (column.max_entropy or 0.0) / scale) - full)
    return Text("█" * full, style="blue") + Text("░" * rest, style=DIM)


def _columns_foot(profile: Profile) -> list[Text]:
    lines = [
        "effective: 2^bits, the effective number of values; floor: fewest bytes for rows coded one by one",
        *([ESTIMATED] if any(map(is_estimated, profile.columns)) else []),
    ]
    more = len(profile.columns) - COLUMNS_SHOWN
    if more > 0:
        lines.append(f"… and {more:,} more columns; --html, --json or .columns_frame() show them all")
    return [Text(line, style=DIM) for line in lines]
