"""A whole database in the terminal, on one screen: a line per table, and what matters most of all that was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from colprofile.report import console, text
from colprofile.report.database import kinds
from colprofile.report.database.lines import ORDER, Line, first_of_each
from colprofile.report.database.overview import Heading, TableRow
from colprofile.report.layout import Column, fitted
from colprofile.results.database import DatabaseAudit, DatabaseDrift, DatabasePlannerReport, DatabaseProfile

TABLES_SHOWN = 15
LINES_SHOWN, HIGH_SHOWN = 12, 40
"""Lines, or more if so many are of high severity."""

LINES_OF_ONE = 2
"""Lines on one table, and of one kind between tables, so that one does not fill the screen."""

SKIPPED_SHOWN = 5

Database = DatabaseProfile | DatabaseAudit | DatabaseDrift | DatabasePlannerReport


def render_terminal(result: Database, *, width: int = 100, color: bool | None = None, encoding: str = "utf-8") -> str:
    """Return a database's result as terminal text; the parameters are those of ``console.as_text``."""
    return console.as_text(lambda cells: _report(result, cells), width=width, color=color, encoding=encoding)


def _report(result: Database, width: int) -> Iterator[RenderableType]:
    kind = kinds.kind_of(result)
    yield from console.header(kinds.source(result), kinds.facts(result), width)
    stopped = kinds.incomplete(result)
    if stopped:
        yield console.statements([(Text("stopped", console.SEVERITIES["high"]), Text(stopped))])
    yield Text(kind.headline(result))
    rows = kind.rows(result)
    if rows:
        yield from (Text(), *_tables(kind.headings, rows, width))
    lines = kinds.lines(result)
    if lines:
        yield from (Text(), console.heading("What matters most"), *_lines(lines, width))
    yield from (Text(), *_next(result))
    yield from console.notes((*result.notes, *_schema_notes(result)))
    yield from _skipped(result)


def _tables(headings: Sequence[Heading], rows: list[TableRow], width: int) -> Iterator[RenderableType]:
    kept = console.kept(len(rows), TABLES_SHOWN)
    shown = kinds.most_important(rows, kept)
    columns = [
        Column(
            Text("table"),
            [console.name(row.name, text.NAME_WIDTH) for row in shown],
            is_left=True,
            least=max(6, min(24, width // 4)),
            most=40,
        )
    ]
    for number, heading in enumerate(headings):
        cells = [Text(row.figures[number].shown) for row in shown]
        least, most = (8, 28) if heading.is_text else (None, None)
        columns.append(
            Column(Text(heading.label), cells, heading.rank, heading.is_text, least, most, meaning=heading.meaning)
        )
    table = fitted(columns, width)
    yield from table.lines()
    yield from console.legend(table.legend)
    yield from console.more(len(rows), kept, "table", "those above matter most; --html shows all")


def _lines(lines: list[Line], width: int) -> Iterator[RenderableType]:
    kept = first_of_each(lines, LINES_OF_ONE)
    high = sum(line.severity == "high" for line in kept)
    shown = kept[: max(LINES_SHOWN, min(high, HIGH_SHOWN))]
    tags = [Text(line.tag, console.SEVERITIES[line.severity]) for line in shown]
    room = width - max(tag.cell_len for tag in tags) - 2
    yield console.statements((tag, _line(line, room)) for tag, line in zip(tags, shown, strict=True))
    left_out = Counter(line.severity for line in lines)
    left_out.subtract(line.severity for line in shown)
    severities = ", ".join(f"{left_out[severity]:,} {severity}" for severity in ORDER if left_out[severity])
    yield from console.more(len(lines), len(shown), "finding", kinds=f" ({severities})")


def _line(line: Line, width: int) -> Text:
    table = console.name(line.table, text.NAME_WIDTH) + Text(": ") if line.table else Text()
    bits = "" if line.bits is None else f"{text.bits(line.bits)} bits"
    parts = (line.action and f"→ {line.action}", bits)
    more = console.flowing(console.dim(*filter(None, parts)), max(1, width))
    return Text("\n").join([table + Text(line.sentence), *more])


def _next(result: Database) -> list[Text]:
    """Return what to call for more."""
    steps = ["--html report.html: everything, table by table, with a search over all columns"]
    if result.tables:
        most = kinds.most_important(kinds.kind_of(result).rows(result), 1)[0]
        steps.append(f"--table {text.visible(most.name, 40)}: one table in full")
    if isinstance(result, DatabaseAudit) and result.schema.foreign_keys:
        steps.append("--diagram schema.svg: a picture of the schema")
    return console.dim(*steps)


def _schema_notes(result: Database) -> tuple[str, ...]:
    return result.schema.notes if isinstance(result, DatabaseAudit) else ()


def _skipped(result: Database) -> list[Text]:
    lines = (
        f"skipped: {text.visible(table.name, 40)}: {text.visible(table.reason, 200)}"
        for table in result.skipped[:SKIPPED_SHOWN]
    )
    return [*console.dim(*lines), *console.more(len(result.skipped), SKIPPED_SHOWN, "skipped table")]
