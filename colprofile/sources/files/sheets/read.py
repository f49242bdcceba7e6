"""Sheets of workbooks (.xlsx, .xls, .xlsb, .ods) as tables."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from colprofile.errors import SourceError, shorten
from colprofile.inputs import InputReading
from colprofile.sources.files.batches import BatchedFile, plain_path, stored_relation
from colprofile.sources.files.formats import format_of
from colprofile.sources.files.relation import LocalFile, Relation
from colprofile.sources.files.sheets.columns import SheetColumn, cell_text
from colprofile.sources.files.sheets.table import (
    LOOKED_AT,
    Row,
    TablePlace,
    column_letter,
    filled,
    footer_rows,
    is_empty,
    table_place,
)
from colprofile.sources.files.sheets.workbook import ChosenSheet, cell_flaws, chosen_sheet
from colprofile.sources.options import InputOptions
from colprofile.sources.workspace import Workspace
from colprofile.stopping import watched

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH_CELLS = 1 << 19
_LAST_ROWS = 50


@dataclass(frozen=True, kw_only=True)
class _SheetTable:
    """The table on a sheet: its columns, at which cells they are, and the rows that are its own.

    Attributes
    ----------
    end
        Index of the row after the last.
    empty
        How many rows among them hold nothing: they are left out.
    """

    sheet: Any
    place: TablePlace
    columns: Sequence[SheetColumn]
    positions: Sequence[int]
    end: int
    notes: int
    empty: int

    def batches(self, nulls: frozenset[str]) -> Iterator[pa.RecordBatch]:
        """Yield the rows."""
        import pyarrow as pa

        names = [column.name for column in self.columns]
        step = max(1_000, _BATCH_CELLS // max(1, len(names)))
        rows = (row for row in islice(watched(self.sheet.iter_rows()), self.place.first, self.end) if filled(row))
        while chunk := list(islice(rows, step)):
            arrays = [
                column.array((row[position] for row in chunk), nulls)
                for column, position in zip(self.columns, self.positions, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(arrays, names=names)


def read(files: Sequence[LocalFile], workspace: Workspace, options: InputOptions) -> Relation:
    """Return the relation of a sheet of each workbook."""
    nulls = frozenset(options.null_texts)
    batched: list[BatchedFile] = []
    remarks: list[str] = []
    tables: list[_SheetTable] = []
    for file in files:
        path = plain_path(file, workspace)
        chosen = chosen_sheet(path, file.shown, options.sheet)
        table = _table(chosen.sheet, options, nulls, file.shown)
        tables.append(table)
        remarks += _remarks(table, chosen, path, nulls)
        batched.append(_batched(table, nulls, file.shown))
    reading = InputReading(
        format=format_of(files[0]).name,
        reader="python-calamine",
        files=len(files),
        has_header=tables[0].place.header is not None,
        skipped_lines=sum(table.place.titles + table.notes + (options.skip or 0) for table in tables),
        guessed=("has_header",) if tables[0].place.is_guess else (),
        remarks=tuple(remarks),
    )
    return stored_relation(batched, workspace, reading)


def _batched(table: _SheetTable, nulls: frozenset[str], shown: str) -> BatchedFile:
    import pyarrow as pa

    schema = pa.schema([(column.name, column.type) for column in table.columns])
    return BatchedFile(shown=shown, schema=schema, batches=lambda: table.batches(nulls))


def _table(sheet: Any, options: InputOptions, nulls: frozenset[str], shown: str) -> _SheetTable:
    """Find the table on a sheet, and look at all of its cells."""
    place = table_place(list(islice(sheet.iter_rows(), LOOKED_AT)), options.skip or 0, options.header)
    names: Row = next(islice(sheet.iter_rows(), place.header, None)) if place.header is not None else []
    columns = [SheetColumn(_name(names, position, sheet)) for position in range(max(len(names), sheet.width))]
    last: deque[Row] = deque()  # whether these are notes is not known before the end
    end, empty = place.first, 0
    for row in islice(watched(sheet.iter_rows()), place.first, None):
        end += 1
        empty += not filled(row)
        last.append(row)
        if len(last) > _LAST_ROWS:
            _see(columns, last.popleft(), nulls)
    notes = footer_rows(last)
    for row in islice(last, len(last) - notes):
        _see(columns, row, nulls)
    kept = [
        position
        for position, column in enumerate(columns)
        if column.kinds or column.errors or (position < len(names) and not is_empty(names[position]))
    ]
    if not kept:
        raise SourceError(f"the sheet {shorten(sheet.name)!r} of {shorten(shown, 200)!r} has no columns")
    return _SheetTable(
        sheet=sheet,
        place=place,
        columns=[columns[position] for position in kept],
        positions=kept,
        end=end - notes,
        notes=notes,
        empty=empty,
    )


def _see(columns: Sequence[SheetColumn], row: Row, nulls: frozenset[str]) -> None:
    for column, cell in zip(columns, row, strict=False):
        column.see(cell, nulls)


def _name(names: Row, position: int, sheet: Any) -> str:
    """Return a column's name from its cell in the header, or from the letters of the column."""
    if position < len(names) and not is_empty(names[position]):
        return " ".join(cell_text(names[position]).split())
    left = sheet.start[1] if sheet.start else 0
    return f"column_{column_letter(position + left)}"


def _remarks(table: _SheetTable, chosen: ChosenSheet, path: str, nulls: frozenset[str]) -> Iterator[str]:
    """Yield what a person should know of how a sheet was read."""
    sheet, place = chosen.sheet, table.place
    if chosen.others:
        others = ", ".join(repr(shorten(name)) for name in chosen.others[:5])
        more = f" and {len(chosen.others) - 5:,} more" if len(chosen.others) > 5 else ""
        yield f"The sheet is {shorten(sheet.name)!r}; sheet= reads another: {others}{more}."
    if place.titles:
        yield f"{_are(place.titles, 'row')} left out above the table."
    if table.notes:
        yield f"{_are(table.notes, 'row')} left out below the table: notes."
    if place.header is None and place.is_guess:
        yield "No row has names of columns: they are called by their letters; header=True takes the first row."
    inner = table.empty - bool(table.notes)
    if inner > 0:
        yield f"{_are(inner, 'empty row')} left out of the table."
    merged = [low for (low, _), (high, _) in sheet.merged_cell_ranges or [] if high >= place.first and low < table.end]
    if merged:
        yield f"Cells are merged in {len(merged):,} places: the value is in the first of them, the others are NULL."
    flaws = cell_flaws(path, sheet.name)
    errors = flaws.errors + sum(column.errors for column in table.columns)
    if errors:
        yield f"{_are(errors, 'cell')} NULL for an error such as #N/A or #DIV/0! in it."
    if flaws.unsaved:
        yield f"{_are(flaws.unsaved, 'formula')} NULL for want of a saved result: open and save the workbook in Excel."
    yield from (column.remark for column in table.columns if column.remark)


def _are(count: int, what: str) -> str:
    """Return how many of something there are, with the verb.

    >>> _are(1, "row"), _are(2_000, "row")
    ('1 row is', '2,000 rows are')
    """
    return f"{count:,} {what} is" if count == 1 else f"{count:,} {what}s are"
