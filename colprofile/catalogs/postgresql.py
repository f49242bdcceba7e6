"""PostgreSQL's catalog: what ``ANALYZE`` saved of a table, as facts and as Histograms.

The queries are the files ``postgresql_*.sql`` of ``colprofile.sql``.
"""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from colprofile.catalogs.parsing import parse_dependencies, parse_distinct, parse_place, parse_value
from colprofile.catalogs.statistics import RelationKind, SavedColumn, SavedExtended, SavedTable
from colprofile.errors import SourceError, SourceNotFound, did_you_mean, shorten
from colprofile.results.histogram import Histogram
from colprofile.sources.identifiers import split_identifier

if TYPE_CHECKING:
    import sqlalchemy as sa

_KINDS: dict[str, RelationKind] = {
    "r": "table",
    "p": "partitioned table",
    "m": "materialized view",
    "f": "foreign table",
}
_OTHERS = {"v": "a view", "S": "a sequence", "i": "an index", "I": "an index", "c": "a composite type"}
_EXTENDED_KINDS = {"d": "ndistinct", "f": "dependencies", "m": "mcv"}
_TEMPORAL = {"date", "time", "timestamp", "timestamptz"}
_NUMERIC = {"int2", "int4", "int8", "oid", "float4", "float8", "numeric"}


@functools.cache
def catalog_query(name: str) -> str:
    """Return the text of ``sql/postgresql_<name>.sql``."""
    return importlib.resources.files("colprofile.sql").joinpath(f"postgresql_{name}.sql").read_text("utf-8")


def read_table(connection: sa.Connection, table: str) -> SavedTable:
    """Return what the database has saved about a table.

    Parameters
    ----------
    connection
        To PostgreSQL 14 or later.
    table
        A name, with its schema before a dot where it is not on the search path; double quotes protect. A name that
        is not found as given is tried in lower case, as SQL would take it.

    Raises
    ------
    SourceNotFound
        No such table; the near names are given.
    SourceError
        It is a view or something else without statistics of its own.
    """
    import sqlalchemy as sa

    found = _find(connection, table)
    if found["kind"] not in _KINDS:
        what = _OTHERS.get(found["kind"], "no table")
        raise SourceError(
            f"{shorten(table)!r} is {what}: the planner keeps no statistics of it; name the table it reads from"
        )
    inherited = bool(found["has_children"])
    about = {"oid": found["oid"], "inherited": inherited}
    columns = connection.execute(sa.text(catalog_query("columns")), about).mappings().all()
    extended = connection.execute(sa.text(catalog_query("extended")), about).mappings().all()
    names = {int(row["number"]): str(row["name"]) for row in columns}
    return SavedTable(
        oid=found["oid"],
        schema=found["schema"],
        name=found["name"],
        quoted=found["quoted"],
        quoted_schema=found["quoted_schema"],
        kind=_KINDS[found["kind"]],
        has_children=inherited,
        saved_rows=None if found["saved_rows"] < 0 else float(found["saved_rows"]),
        last_analyzed=found["last_analyzed"],
        modified_rows=found["modified_rows"],
        is_owned=found["is_owned"],
        is_row_secured=found["is_row_secured"],
        server_version=found["server_version"],
        default_target=found["default_target"],
        columns=tuple(_column(row) for row in columns),
        extended=tuple(_extended(row, names) for row in extended),
    )


def _find(connection: sa.Connection, table: str) -> sa.RowMapping:
    """Return the relation that a name stands for."""
    import sqlalchemy as sa

    parts = split_identifier(table)
    lowered = [] if '"' in table else [[part.lower() for part in parts]]
    query = sa.text(catalog_query("table"))
    for spelling in (parts, *lowered, [table]):
        if len(spelling) > 2:
            continue
        schema = spelling[0] if len(spelling) == 2 else None
        rows = connection.execute(query, {"name": spelling[-1], "schema": schema}).mappings().all()
        if rows:
            return rows[0]
    others = connection.execute(sa.text(catalog_query("tables"))).mappings().all()
    near = [row["name"] if row["is_visible"] else f"{row['schema']}.{row['name']}" for row in others]
    raise SourceNotFound(f"no table {shorten(table)!r} in the database. {did_you_mean(table, near)}")


def _column(row: sa.RowMapping) -> SavedColumn:
    override = row["distinct_override"]
    return SavedColumn(
        number=row["number"],
        name=row["name"],
        quoted=row["quoted"],
        type=row["type"],
        base_type=row["base_type"],
        category=row["category"],
        collation=row["collation"],
        is_readable=row["is_readable"],
        is_generated=row["generated"] == "v",
        target=row["target"],
        distinct_override=None if override is None else float(override),
        is_unique=row["is_unique"],
        is_analyzed=row["is_analyzed"],
        null_share=row["null_share"] or 0.0,
        distinct=row["distinct_saved"] or 0.0,
        values=tuple(row["values"] or ()),
        frequencies=tuple(row["frequencies"] or ()),
        bounds=tuple(row["bounds"] or ()),
        correlation=row["correlation"],
    )


def _extended(row: sa.RowMapping, names: Mapping[int, str]) -> SavedExtended:
    return SavedExtended(
        name=row["name"],
        quoted=row["quoted"],
        columns=tuple(row["columns"]),
        kinds=tuple(_EXTENDED_KINDS[kind] for kind in row["kinds"] if kind in _EXTENDED_KINDS),
        target=row["target"],
        distinct=parse_distinct(row["distinct_saved"], names),
        dependencies=parse_dependencies(row["dependencies"], names),
        # A combination that holds expressions too says nothing of its columns alone.
        values=() if row["has_expressions"] else _combinations(row["values"], row["value_nulls"]),
        frequencies=() if row["has_expressions"] else tuple(row["frequencies"] or ()),
        base_frequencies=() if row["has_expressions"] else tuple(row["base_frequencies"] or ()),
    )


def _combinations(
    values: Sequence[Sequence[str]] | None, nulls: Sequence[Sequence[bool]] | None
) -> tuple[tuple[str | None, ...], ...]:
    if not values or not nulls:
        return ()
    return tuple(
        tuple(None if is_null else value for value, is_null in zip(items, flags, strict=True))
        for items, flags in zip(values, nulls, strict=True)
    )


def saved_distinct(column: SavedColumn, rows: float) -> float | None:
    """Return the distinct values that a column's statistics stand for in a table of ``rows``; None where unknown.

    ``n_distinct`` below 0 is minus a share of the rows.
    """
    if not column.is_analyzed or column.distinct == 0:
        return None
    return column.distinct if column.distinct > 0 else -column.distinct * rows


def saved_histogram(column: SavedColumn, rows: float) -> Histogram | None:
    """Return a column's saved statistics as the Histogram that ``drift`` compares; None if it was never analysed.

    Most common values with their rows, then what is neither NULL nor among them: in equi-depth bins where the column
    is numeric or temporal and has bounds, else in one bucket, since the statistics tell nothing of where it lies.
    Every bin holds an equal share of the rows and of the distinct values.

    Parameters
    ----------
    column
        Saved statistics.
    rows
        Rows of the table that they speak of: ``SavedTable.saved_rows``.
    """
    if not column.is_analyzed:
        return None
    total = round(rows)
    nulls = min(total, round(column.null_share * rows))
    counts = _whole([share * rows for share in column.frequencies], total - nulls)
    rest = total - nulls - sum(counts)
    distinct = max(len(counts), round(saved_distinct(column, rows) or 0))
    others = max(distinct - len(counts), min(rest, 1))
    edges = _edges(column)
    bins = len(edges) - 1 if rest > 0 and len(edges) > 1 else 0
    one = rest > 0 and not bins
    return Histogram(
        rows=total,
        nulls=nulls,
        distinct=len(counts) + (others if rest else 0),
        values=tuple(parse_value(text, column.base_type) for text in column.values),
        counts=tuple(counts),
        edges=edges if bins else (),
        bin_counts=_shared(rest, bins),
        bin_distinct=_shared(others, bins),
        bucket_counts=(rest,) if one else (),
        bucket_distinct=(others,) if one else (),
    )


def _edges(column: SavedColumn) -> tuple[float, ...]:
    """Return the bounds on the axis, empty where any has no place on it."""
    if column.base_type not in _TEMPORAL | _NUMERIC:
        return ()
    places = [parse_place(text, column.base_type) for text in column.bounds]
    known = [place for place in places if place is not None]
    return tuple(known) if len(known) == len(places) else ()


def _whole(amounts: Sequence[float], most: int) -> list[int]:
    """Return amounts as whole rows of at least one, no more than ``most`` together."""
    whole = [max(1, round(amount)) for amount in amounts]
    excess = sum(whole) - most
    for place, amount in enumerate(whole):
        if excess <= 0:
            break
        taken = min(excess, amount)
        whole[place] -= taken
        excess -= taken
    return whole


def _shared(amount: int, bins: int) -> tuple[int, ...]:
    """Return an amount spread over the bins as evenly as whole numbers can be.

    >>> _shared(7, 3)
    (2, 2, 3)
    """
    return tuple((index + 1) * amount // bins - index * amount // bins for index in range(bins))
