"""A profile in the terminal: plain facts, findings, the columns and the strongest pairs, as wide as the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from colprofile.report import console, text
from colprofile.report.layout import Cell, Column, fitted
from colprofile.report.profile.facts import ends_of, facts, is_range
from colprofile.report.profile.findings import NOTHING, Name, Sentence, sentences
from colprofile.report.profile.pairs import determines
from colprofile.results.column import ColumnProfile
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile
from colprofile.results.summary import Summary, is_unseen_by_pearson

FINDINGS_SHOWN = 15
COLUMNS_SHOWN = 30
PAIRS_SHOWN = 10
NAME_CELLS = 28
BAR_CELLS = 10
VALUE_CELLS = 20
ENOUGH_CELLS = 26
"""Cells that the most frequent values get at least, and before less important columns are shown."""

MOST_CELLS = 60
"""Cells that the most frequent values take, however wide the terminal."""

MORE_COLUMNS = "--columns A,B shows those that you name, --html and --json all"
MORE_PAIRS = "--html, --json or .pairs_frame() show them all"


def render_terminal(profile: Profile, *, width: int = 100, color: bool | None = None, encoding: str = "utf-8") -> str:
    """Return a profile as terminal text; the parameters are those of ``console.as_text``."""
    return console.as_text(lambda cells: _report(profile, cells), width=width, color=color, encoding=encoding)


def _report(profile: Profile, width: int) -> Iterator[RenderableType]:
    summary, made = profile.summary, profile.provenance
    *known, counted = facts(profile)
    known.append(f"{counted} in {text.seconds(made.duration)}")
    yield from (
        *console.header(text.source_name(made), known, width),
        *console.reading_warnings(("input", made)),
        Text(),
    )
    found = sentences(profile)
    if found:
        kept = console.kept(len(found), FINDINGS_SHOWN)
        yield from (console.heading("Findings"), _findings(found[:kept]))
        yield from console.more(len(found), kept, "finding", "--html, --json or .findings show them all")
    else:
        yield from console.dim(NOTHING)
    if profile.columns:
        yield from (Text(), *_columns(profile, width))
    if summary.strongest:
        yield from (Text(), *_pairs(profile, summary, width))
    if profile.skipped or profile.notes:
        yield Text()
    yield from console.skipped(profile.skipped)
    yield from console.notes(profile.notes)


def _findings(found: Sequence[Sentence]) -> RenderableType:
    rows = ((Text(sentence.severity, console.SEVERITIES[sentence.severity]), _line(sentence)) for sentence in found)
    return console.statements(rows)


def _line(sentence: Sentence) -> Text:
    parts = (console.name(p.name, text.NAME_WIDTH) if isinstance(p, Name) else Text(p) for p in sentence.parts)
    return Text().join(parts)


def _columns(profile: Profile, width: int) -> Iterator[RenderableType]:
    """Yield the first columns in the table's order, a legend of what is shown, and how many more there are."""
    shown = profile.columns[: console.kept(len(profile.columns), COLUMNS_SHOWN)]
    is_sampled = any(column.sampled_rows is not None for column in shown)
    table = fitted(_column_table(shown, width), width)
    yield console.heading("Columns, as in the sample" if is_sampled else "Columns")
    yield from table.lines()
    marks = [("≈, ≥", "estimated; at least")] if is_sampled else []
    if any(column.is_estimated for column in shown):
        marks.append(("a–b", "the bits of all rows lie in this interval"))
    yield from console.legend([*table.legend, *marks])
    yield from console.more(len(profile.columns), len(shown), "column", MORE_COLUMNS)


def _column_table(columns: Sequence[ColumnProfile], width: int) -> list[Column]:
    """Return everything that may be said of columns, plain facts before bits."""
    scale = max((column.max_entropy or 0.0 for column in columns), default=0.0) or 1.0
    stored = [console.figure(column.stored_bytes, text.size) for column in columns]
    pictures = [console.bars(c.distribution.counts, BAR_CELLS) if c.distribution else Text() for c in columns]
    entropies = [_bits(c.entropy, c.entropy_interval if c.is_estimated else None) for c in columns]
    shares = [console.bar((c.entropy or 0.0) / scale, BAR_CELLS, (c.max_entropy or 0.0) / scale) for c in columns]
    names = [console.name(column.name, text.NAME_WIDTH) for column in columns]
    moments = {"mean": [c.mean for c in columns], "std": [c.standard_deviation for c in columns]}
    made = [
        Column(Text("column"), names, is_left=True, least=max(8, min(NAME_CELLS, width // 4)), most=40),
        Column(Text("type"), [Text(text.visible(c.type, 40), "dim") for c in columns], 4, True, 9, 24),
        Column(Text("missing"), [_missing(column) for column in columns], 1),
        Column(Text("distinct"), [_distinct(column) for column in columns], 2),
        _values(columns),
        Column(Text("histogram"), pictures, 6, True) if any(picture.plain for picture in pictures) else None,
        *(
            Column(Text(heading), [Text("" if value is None else text.short_number(value)) for value in values], 7)
            for heading, values in moments.items()
            if any(value is not None for value in values)
        ),
        Column(Text("bits"), entropies, 5, meaning="entropy per row that is not NULL"),
        Column(Text("of maximum"), shares, 9, True, meaning="bits, and shaded those of equally frequent values"),
        Column(
            Text("effective"),
            [console.figure(column.perplexity, text.effective) for column in columns],
            8,
            meaning="2^bits, the number of equally frequent values with as many bits",
        ),
        Column(
            Text("floor"),
            [Text(text.size(column.floor_bytes)) for column in columns],
            10,
            meaning="fewest bytes to code rows independently; sorted or correlated data can take less",
        ),
        Column(Text("stored"), stored, 11) if any(column.stored_bytes is not None for column in columns) else None,
    ]
    return [column for column in made if column is not None]


def _missing(column: ColumnProfile) -> Text:
    share = text.percent(column.null_share)
    return Text(f"≈{share}" if column.sampled_rows is not None else share, "" if column.nulls else "dim")


def _distinct(column: ColumnProfile) -> Text:
    return Text(f"{'≥' if column.sampled_rows is not None else ''}{text.count(column.distinct)}")


def _bits(value: float | None, interval: tuple[float, float] | None) -> Text:
    """Return a figure in bits, its interval where it is estimated."""
    return console.figure(value, text.bits) if interval is None else Text(text.interval(interval, "–"))


def _values(columns: Sequence[ColumnProfile]) -> Column:
    """Return what the columns hold: minimum, median and maximum of numbers and times, else the most frequent values."""
    numbers = {index: ends_of(column) for index, column in enumerate(columns) if column.kind == "numeric"}
    ends = [found for found in numbers.values() if found is not None]
    titles = ("min", "median", "max")
    widths = [max(len(title), *(len(end[i]) for end in ends)) if ends else 0 for i, title in enumerate(titles)]

    def aligned(items: Sequence[str]) -> str:
        return "  ".join(item.rjust(width) for item, width in zip(items, widths, strict=True))

    cells: list[Cell] = []
    for index, column in enumerate(columns):
        found = numbers.get(index) or (ends_of(column) if column.kind == "temporal" else None)
        if found is None:
            cells.append(_most_frequent(column))
        elif index in numbers:
            cells.append([Text(aligned(found)), Text(_range((found[0], found[2])))])
        else:
            days = [end[:10] for end in (found[0], found[2])]
            cells.append([Text(_range(found)), Text(_range((found[0], found[2]))), Text(_range(days))])
    others = any(index not in numbers for index in range(len(columns)))
    heads = ["most frequent"] if not ends else [aligned(titles), "min … max"]
    if ends and others:
        heads = [f"{aligned(titles)}, or most frequent", *heads]
    ranges = [
        cell[-1].cell_len for cell, c in zip(cells, columns, strict=True) if not isinstance(cell, Text) and ends_of(c)
    ]
    least = max([VALUE_CELLS if len(ranges) < len(columns) else 0, *ranges])
    enough = max(sum(widths) + 4 if ends else 0, ENOUGH_CELLS if others else 0)
    return Column([Text(head) for head in heads], cells, 3, True, least, MOST_CELLS, max(least, enough))


def _range(values: Sequence[str]) -> str:
    return " … ".join(dict.fromkeys(values))


def _most_frequent(column: ColumnProfile) -> Cell:
    """Return the most frequent values with their shares, as many as there is room for; a range where all are rare."""
    top = column.top_values
    if not top:
        return Text("–", "dim")
    if is_range(column):
        ends = [[text.data_value(end, width) for end in (column.minimum, column.maximum)] for width in (30, 12, 8)]
        return [Text(_range(values)) for values in ends]
    about = "≈" if column.sampled_rows is not None else ""
    items = [_with_share(text.data_value(value.value, 30), f"{about}{text.percent(value.share)}") for value in top]
    lists = [console.joined(items[:amount]) for amount in range(len(items), 0, -1)]
    short = [_with_share(text.data_value(top[0].value, width), text.percent(top[0].share)) for width in (16, 8)]
    return [*lists, *short]


def _with_share(value: str, share: str) -> Text:
    return Text(value) + Text(f" {share}", "dim")


def _pairs(profile: Profile, summary: Summary, width: int) -> Iterator[RenderableType]:
    """Yield the strongest pairs, a legend of what is shown, and how many more there are."""
    pairs = summary.strongest[: console.kept(len(summary.strongest), PAIRS_SHOWN)]
    table = fitted(_pair_table(profile, pairs, summary, width), width)
    yield console.heading("Strongest pairs")
    yield from table.lines()
    is_estimated = any(pair.is_estimated for pair in pairs)
    yield from console.legend([*table.legend, *([("a–b", "it lies in this interval")] if is_estimated else [])])
    yield from console.more(len(summary.strongest), len(pairs), "pair", MORE_PAIRS)


def _pair_table(profile: Profile, pairs: Sequence[PairProfile], summary: Summary, width: int) -> list[Column]:
    sides = [
        [console.name(name, text.NAME_WIDTH) for name in names]
        for names in zip(*((p.x, p.y) for p in pairs), strict=True)
    ]
    shared = [
        _bits(pair.mutual_information, pair.mutual_information_interval if pair.is_estimated else None)
        for pair in pairs
    ]
    ranks = [console.figure(pair.spearman, text.coefficient) for pair in pairs]
    determined = [Text(determines(pair, summary)) for pair in pairs]
    factors = [console.figure(pair.planner_factor, text.factor) for pair in pairs]
    least = max(3, min(14, (width - 14) // 2))
    is_linear = any(pair.pearson is not None for pair in pairs)
    return [
        *(Column(Text(side), names, 0, True, least, 40) for side, names in zip("xy", sides, strict=True)),
        Column(
            Text("dependence"),
            [console.figure(pair.dependence, text.coefficient) for pair in pairs],
            meaning="0 is none, 1 is full, in whatever form, on the scale of a correlation",
        ),
        *([Column(Text("Pearson"), [_pearson(pair) for pair in pairs], 2)] if is_linear else []),
        *([Column(Text("Spearman"), ranks, 3)] if any(pair.spearman is not None for pair in pairs) else []),
        *([Column(Text("determines"), determined, 1, True)] if any(cell.plain for cell in determined) else []),
        Column(Text("bits"), shared, 4, meaning="mutual information"),
        *(
            [Column(Text("planner"), factors, 5, meaning="2^bits, how far a planner underestimates x = … AND y = …")]
            if profile.provenance.table is not None
            else []
        ),
    ]


def _pearson(pair: PairProfile) -> Text:
    figure = console.figure(pair.pearson, text.coefficient)
    if is_unseen_by_pearson(pair):
        figure.stylize("bold yellow")
    return figure
