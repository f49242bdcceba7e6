"""What the reports of whole databases need to know of each verb: its words, and its figures of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from colprofile.report import reading, text
from colprofile.report.database import audits, drifts, planners, profiles
from colprofile.report.database.lines import Line, by_severity
from colprofile.report.database.overview import ColumnLine, Heading, TableRow
from colprofile.report.page import Tile
from colprofile.results.provenance import Provenance


@dataclass(frozen=True, slots=True)
class Kind:
    """The words and figures of a verb's result of a database.

    Attributes
    ----------
    verb
        The verb, as the command line has it.
    title
        What the report is called before its source.
    done
        What was done to the tables.
    headings
        Of the table of tables.
    rows, lines, headline, facts
        Functions of the result: a line per table, what was found, a sentence, and a few facts.
    columns
        A function of a table: its columns, for the search.
    tiles
        A function of the result: the figures at the top of its page.
    """

    verb: str
    title: str
    done: str
    headings: Sequence[Heading]
    rows: Callable[[Any], list[TableRow]]
    lines: Callable[[Any], list[Line]]
    headline: Callable[[Any], str]
    facts: Callable[[Any], list[str]]
    columns: Callable[[Any], list[ColumnLine]]
    tiles: Callable[[Any], list[Tile]]


def _kind(verb: str, title: str, done: str, module: Any) -> Kind:
    return Kind(
        verb,
        title,
        done,
        module.HEADINGS,
        module.rows,
        module.lines,
        module.headline,
        module.facts,
        module.columns,
        module.tiles,
    )


_KINDS = {
    "DatabaseProfile": _kind("profile", "Profile", "profiled", profiles),
    "DatabaseAudit": _kind("audit", "Audit", "audited", audits),
    "DatabaseDrift": _kind("drift", "Drift", "compared", drifts),
    "DatabasePlannerReport": _kind("planner", "Planner report", "examined", planners),
}


def kind_of(result: Any) -> Kind:
    """Return the words and figures for the class of a result."""
    return _KINDS[type(result).__name__]


def facts(result: Any) -> list[str]:
    """Return what a reader should know first, each fact in a few words."""
    kind, made = kind_of(result), result.provenance
    tables = f"{text.plural(len(result.tables), 'table')} {kind.done} in {text.seconds(made.duration)}"
    left_out = [f"{len(result.skipped):,} skipped"] if result.skipped else []
    return [", ".join([tables, *left_out]), *kind.facts(result)]


def lines(result: Any) -> list[Line]:
    """Return all that was found, the most severe first: of how tables were read, between them, and in them."""
    return by_severity([*_readings(result), *kind_of(result).lines(result)])


def _readings(result: Any) -> Iterator[Line]:
    """Yield what has to be known of how each table was read."""
    for table in result.tables:
        stale, fresh = getattr(table.result, "stale", None), getattr(table.result, "fresh", None)
        sides = [("stale input", stale), ("fresh input", fresh)] if stale else [("input", table.result.provenance)]
        for warning in reading.warnings(*((word, made) for word, made in sides if made is not None)):
            yield Line(warning.word, warning.severity, warning.sentence, table.name)


def incomplete(result: Any) -> str:
    """Return what has to be known of a result that was stopped; empty for a complete one."""
    if result.is_complete:
        return ""
    left_out = len(result.skipped)
    verb = "was" if left_out == 1 else "were"
    return f"before the end: {text.plural(left_out, 'table')} {verb} not reached or left out"


def source(result: Any, width: int = 200) -> str:
    """Return where the data come from, a drift's sides with an arrow."""
    made: Provenance = result.provenance
    stale: Provenance | None = getattr(result, "stale", None)
    fresh = text.source_name(made, width)
    return fresh if stale is None else f"{text.source_name(stale, width)} → {fresh}"


def most_important(rows: list[TableRow], most: int) -> list[TableRow]:
    """Return the rows that weigh most, at most ``most``, in the order in which they are."""
    chosen = sorted(range(len(rows)), key=lambda i: rows[i].weight, reverse=True)[:most]
    return [rows[i] for i in sorted(chosen)]
