"""A profile in the terminal: what matters first, then the columns, in 100 columns' width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from colprofile.report import console, text
from colprofile.results.column import ColumnProfile
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile
from colprofile.results.single_dependencies import SingleDependency
from colprofile.results.summary import Summary, is_unseen_by_pearson, summarise

COLUMNS_SHOWN = 30
PAIRS_SHOWN = 10
NAMES_SHOWN = 8
ENDS_SHOWN = 5
BAR_CELLS = 10
NAME_CELLS = 20

PAIR_CELLS = 70
"""Cells that the figures of a pair take, the rest is for the two names."""

INTERVAL_CELLS = 8
"""Cells that an interval takes beyond those of a figure."""

ESTIMATED = "a–b: estimated from a sample; the figure lies in this interval"

COLUMN_HEADINGS = ("name", "type", "NULL", "distinct", "bits", "of maximum", "effective", "floor", "stored")


def render_terminal(profile: Profile, *, width: int = 100, color: bool | None = None) -> str:
    """Return a profile as terminal text; ``width`` and ``color`` are those of ``console.as_text``."""
    return console.as_text(lambda cells: _report(profile, cells), width=width, color=color)


def _report(profile: Profile, width: int) -> Iterator[RenderableType]:
    summary = summarise(profile)
    made = profile.provenance
    facts = (
        text.shape(profile.rows, len(profile.columns)),
        f"{summary.row_bits:,.2f} bits per row",
        exactness(profile),
        text.seconds(made.duration),
    )
    yield from (console.header(text.source_name(made), facts, width), Text())
    yield _findings(profile, summary)
    if summary.strongest:
        yield Text()
        yield _pairs_table(summary, width)
        yield from _pairs_foot(profile, summary)
    if profile.columns:
        yield Text()
        yield _columns_table(profile, width)
        yield from _columns_foot(profile)
    yield from console.notes(profile.notes)


def exactness(profile: Profile) -> str:
    """Return in words whether the figures are exact."""
    made = profile.provenance
    if made.is_exact:
        return "exact"
    return "estimated" if made.sampled_rows is None else f"estimated from {made.sampled_rows:,} rows"


def _findings(profile: Profile, summary: Summary) -> Table:
    """Return the headlines: highest and lowest entropy, constants, keys, dependencies, skipped."""
    grid = console.grid("label", "text")
    varied = summary.by_entropy
    if len(varied) > 2 * ENDS_SHOWN:
        grid.add_row("highest entropy", _with_bits(varied[:ENDS_SHOWN]))
        grid.add_row("lowest entropy", _with_bits(varied[: -ENDS_SHOWN - 1 : -1]))
    elif varied:
        grid.add_row("entropy", _with_bits(varied))
    ledger = profile.ledger
    if ledger is not None and ledger.redundant_share is not None:
        share = text.percent(ledger.redundant_share)
        grid.add_row(
            "redundant", f"at least {ledger.redundant_bits:,.2f} of {ledger.bits_apart:,.2f} bits per row ({share})"
        )
    is_sampled = any(column.sampled_rows is not None for column in profile.columns)
    if is_sampled:
        grid.add_row("keys, constants", Text("a sample shows neither, nor exact dependencies", "dim"))
    else:
        grid.add_row("constant", _names(summary.constants))
        grid.add_row("keys", _names(summary.keys))
    if summary.empty:
        grid.add_row("only NULL", _names(summary.empty))
    if not profile.has_pairs:
        grid.add_row("pairs", Text("not counted", "dim"))
    elif not is_sampled:
        grid.add_row("exact dependency", _dependencies(summary.exact, summary.exact_left_out))
        if summary.near:
            grid.add_row("near dependency", _dependencies(summary.near, 0))
    for skipped in profile.skipped[:NAMES_SHOWN]:
        reason = f" {text.visible(skipped.type, 30)}: {text.visible(skipped.reason, 200)}"
        grid.add_row("skipped", console.name(skipped.name) + Text(reason))
    for line in console.more(len(profile.skipped), NAMES_SHOWN, "skipped columns"):
        grid.add_row("", line)
    return grid


def _with_bits(columns: Sequence[ColumnProfile]) -> Text:
    return console.joined([console.name(c.name) + Text(f" {text.bits(c.entropy or 0.0)}") for c in columns])


def _names(columns: Sequence[ColumnProfile]) -> Text:
    """Return names in a row, a long list cut with the number left out."""
    return console.joined([console.name(c.name) for c in columns[:NAMES_SHOWN]], len(columns) - NAMES_SHOWN)


def _dependencies(dependencies: Sequence[SingleDependency], left_out: int) -> Text:
    """Return dependencies in a row: ``a → b``, near ones with the rows that contradict them."""
    items = []
    for found in dependencies[:NAMES_SHOWN]:
        item = console.name(found.source) + Text(" ↔ " if found.is_mutual else " → ") + console.name(found.target)
        if not found.determination.is_exact:
            item.append(f" (except for {text.plural(found.determination.violating_rows, 'row')})", "dim")
        items.append(item)
    line = console.joined(items, len(dependencies) - NAMES_SHOWN)
    return line.append(f" ({left_out:,} more left out: due to chance, or nearly keys)", "dim") if left_out else line


def _pairs_table(summary: Summary, width: int) -> Table:
    """Return the strongest pairs; narrow terminals see neither the planner's factor nor Pearson."""
    is_narrow = width < console.NARROW
    pairs = summary.strongest[:PAIRS_SHOWN]
    taken = PAIR_CELLS - 18 * is_narrow + INTERVAL_CELLS * any(pair.is_estimated for pair in pairs)
    name_cells = (width - taken) // 2
    middle = [] if is_narrow else ["planner", "Pearson"]
    headings = ["x", "y", "dependence", "bits", *middle, "determines"]
    table = console.table(headings, left=("x", "y", "determines"), title="Strongest pairs")
    for pair in pairs:
        figures = [] if is_narrow else [console.figure(pair.planner_factor, text.factor), _pearson(pair)]
        table.add_row(
            console.name(pair.x, name_cells),
            console.name(pair.y, name_cells),
            console.figure(pair.dependence, text.coefficient),
            _bits(pair.mutual_information, pair.mutual_information_interval, pair.is_estimated),
            *figures,
            _determines(pair, summary),
        )
    return table


def _bits(value: float | None, interval: tuple[float, float] | None, is_rough: bool) -> Text:
    """Return a figure in bits, its interval where it is estimated."""
    if is_rough and interval is not None:
        return Text(text.interval(interval, "–"))
    return console.figure(value, text.bits)


def _pearson(pair: PairProfile) -> Text:
    figure = console.figure(pair.pearson, text.coefficient)
    if is_unseen_by_pearson(pair):
        figure.stylize("bold yellow")
    return figure


def _determines(pair: PairProfile, summary: Summary) -> str:
    """Return what one column says about the other, in a few words."""
    if pair.x_to_y is None or pair.y_to_x is None:
        return ""
    directions = [("x → y", pair.x_to_y, (pair.x, pair.y)), ("y → x", pair.y_to_x, (pair.y, pair.x))]
    exact = [arrow for arrow, found, _ in directions if found.is_exact]
    if exact:
        return "x ↔ y exact" if len(exact) == 2 else f"{exact[0]} exact"
    near = [(found.violating_rows, arrow) for arrow, found, names in directions if summary.is_near(*names)]
    if near:
        rows, arrow = min(near)
        return f"{arrow} except {text.plural(rows, 'row')}"
    share, arrow = max((found.uncertainty_coefficient or 0.0, arrow) for arrow, found, _ in directions)
    return f"{arrow} {text.percent(share)}"


def _pairs_foot(profile: Profile, summary: Summary) -> list[Text]:
    return [
        *console.dim("bits: mutual information; planner: 2^bits, how far a planner underestimates x = … AND y = …"),
        *console.dim(*([ESTIMATED] if any(pair.is_estimated for pair in profile.pairs) else [])),
        *console.more(len(summary.strongest), PAIRS_SHOWN, where="--html, --json or .pairs_frame() show them all"),
    ]


def _columns_table(profile: Profile, width: int) -> Table:
    """Return the first columns in the table's order; narrow terminals see neither type nor bytes."""
    has_stored = any(column.stored_bytes is not None for column in profile.columns)
    left_out = {"type", "floor", "stored"} if width < console.NARROW else set() if has_stored else {"stored"}
    kept = [heading for heading in COLUMN_HEADINGS if heading not in left_out]
    table = console.table(kept, left=("name", "type", "of maximum"), title="Columns")
    scale = max((column.max_entropy or 0.0 for column in profile.columns), default=0.0) or 1.0
    for column in profile.columns[:COLUMNS_SHOWN]:
        cells = dict(zip(COLUMN_HEADINGS, _columns_row(column, scale), strict=True))
        table.add_row(*(cells[heading] for heading in kept))
    return table


def _columns_row(column: ColumnProfile, scale: float) -> list[Text]:
    """Return a column's cells, one per heading of COLUMN_HEADINGS; the bars of all columns share one scale."""
    type_name = Text(text.visible(column.type, 40), "dim")
    type_name.truncate(12, overflow="ellipsis")
    return [
        console.name(column.name, NAME_CELLS),
        type_name,
        Text(text.percent(column.null_share), "" if column.nulls else "dim"),
        Text(f"{'≥' if column.sampled_rows else ''}{text.count(column.distinct)}"),
        _bits(column.entropy, column.entropy_interval, column.is_estimated),
        console.bar((column.entropy or 0.0) / scale, BAR_CELLS, (column.max_entropy or 0.0) / scale),
        console.figure(column.perplexity, text.effective),
        Text(text.size(column.floor_bytes)),
        console.figure(column.stored_bytes, text.size),
    ]


def _columns_foot(profile: Profile) -> list[Text]:
    return [
        *console.dim(
            "effective: 2^bits, the effective number of values; floor: fewest bytes to code rows independently"
        ),
        *console.dim(*([ESTIMATED] if any(column.is_estimated for column in profile.columns) else [])),
        *console.more(len(profile.columns), COLUMNS_SHOWN, "columns", console.IN_FRAME),
    ]
