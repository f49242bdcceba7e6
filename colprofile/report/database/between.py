"""What was found between the tables of a database, in words: the same for every renderer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from colprofile.report import text
from colprofile.report.database.lines import Line
from colprofile.results.quality import Severity
from colprofile.results.schema import (
    ForeignKey,
    Inclusion,
    Join,
    JoinError,
    RepeatedColumn,
    Schema,
    TableRelation,
)
from colprofile.results.schema_kinds import RELATION_KINDS, SCHEMA_SEVERITIES
from colprofile.values import Value

SENTENCE = 400
"""Characters of a statement."""

NAME = 40
"""Characters of a name in a sentence."""

LISTED = 6
"""Names in a sentence that lists some."""

LEAST_JOIN_BITS = 0.1
"""Below this a join is estimated well enough to be no finding."""

SEVERE_JOIN_BITS = 1.0

LEAST_SIZE_FACTOR = 2.0
"""A join whose size is estimated closer is no finding."""

RELATION_TAGS = {
    "equal": "equal tables",
    "contained": "contained table",
    "partitions": "parts of one table",
    "lookup": "nothing new",
    "one-to-one": "one to one",
}


DIALECTS = {"duckdb": "DuckDB", "postgresql": "PostgreSQL", "mysql": "MySQL"}
"""Dialects of fixes, and how they are written."""

STATUS = {"declared": "declared", "violated": "declared, violated", "found": "not declared"}


def place(table: str, columns: Sequence[str]) -> str:
    """Return columns of a table: "orders.customer", "partsupp (ps_partkey, ps_suppkey)"."""
    names = [text.visible(column, NAME) for column in columns]
    shown = text.visible(table, NAME)
    return f"{shown}.{names[0]}" if len(names) == 1 else f"{shown} ({', '.join(names)})"


def reference(found: ForeignKey | Inclusion) -> str:
    """Return what refers to what: "orders.customer → customers.id"."""
    return f"{place(found.table, found.columns)} → {place(found.target, found.target_columns)}"


def path(join: Join) -> str:
    """Return the way of a join, table by table: "a.x → b.x, y → c.y" leaves b by another column than it came by."""
    shown = [place(join.tables[0], join.columns[0])]
    for step, (table, targets) in enumerate(zip(join.tables[1:], join.targets, strict=True)):
        leaving = join.columns[step + 1] if step + 1 < len(join.columns) else targets
        way_out = "" if leaving == targets else f", {', '.join(text.visible(name, NAME) for name in leaving)}"
        shown.append(f"{place(table, targets)}{way_out}")
    return " → ".join(shown)


def values(row: Sequence[Value]) -> str:
    """Return a tuple of values."""
    return ", ".join(text.data_value(value, 24) for value in row)


def place_of(columns: Sequence[str]) -> str:
    """Return columns without their table."""
    return ", ".join(text.visible(column, NAME) for column in columns)


def orphans(found: Inclusion) -> str:
    """Return how many rows refer to none, with examples; empty for none."""
    if not found.orphan_rows:
        return ""
    shown = "; ".join(values(row) for row in found.orphans)
    many = found.orphan_values > len(found.orphans)
    examples = f" ({shown}{'; …' if many else ''})" if shown else ""
    verb = "refers" if found.orphan_rows == 1 else "refer"
    return f"{text.plural(found.orphan_rows, 'row')} of {found.rows:,} {verb} to none{examples}"


def lines(schema: Schema) -> list[Line]:
    """Return everything that was found between tables, in the order of its kinds."""
    return [
        *_foreign_keys(schema, "violated", "violated foreign key", SCHEMA_SEVERITIES["foreign-key-violated"]),
        *_violated_keys(schema),
        *_foreign_keys(schema, "found", "orphans", SCHEMA_SEVERITIES["orphans"]),
        *_undeclared_keys(schema),
        *_undeclared_foreign_keys(schema),
        *map(_repeated, schema.repeated_columns),
        *_relations(schema),
        *_domains(schema),
        *_joins(schema),
        *_join_sizes(schema),
    ]


def _foreign_keys(schema: Schema, status: str, tag: str, severity: Severity) -> Iterator[Line]:
    for key in schema.foreign_keys:
        if key.status == status and (key.inclusion.orphan_rows or status == "violated"):
            found = orphans(key.inclusion)
            yield Line(tag, severity, f"{reference(key)}: {found}" if found else reference(key))


def _undeclared_foreign_keys(schema: Schema) -> Iterator[Line]:
    found = [reference(key) for key in schema.foreign_keys if key.status == "found" and not key.inclusion.orphan_rows]
    if found:
        what = "1 foreign key is" if len(found) == 1 else f"{len(found):,} foreign keys are"
        them = "it" if len(found) == 1 else "them"
        sentence = f"{what} not declared, though no row breaks {them}: {_listed(found, '; ')}"
        tag = "foreign key" if len(found) == 1 else "foreign keys"
        yield Line(tag, SCHEMA_SEVERITIES["foreign-key-missing"], sentence)


def _listed(names: Sequence[str], between: str = ", ") -> str:
    """Return the first names of a list, and how many more there are."""
    more = f" and {len(names) - LISTED:,} more" if len(names) > LISTED + 1 else ""
    return between.join(names[:LISTED] if more else names) + more


def _violated_keys(schema: Schema) -> Iterator[Line]:
    for key in schema.keys:
        if key.status == "violated":
            rows = text.plural(key.violating_rows, "row")
            sentence = f"{place(key.table, key.columns)} is declared a key, but {rows} of {key.rows:,} break it"
            yield Line("violated key", SCHEMA_SEVERITIES["key-violated"], sentence)


def _undeclared_keys(schema: Schema) -> Iterator[Line]:
    declared = {key.table for key in schema.keys if key.status != "found"}
    found = [place(k.table, k.columns) for k in schema.keys if k.is_primary and k.table not in declared]
    if found:
        what = "1 table has" if len(found) == 1 else f"{len(found):,} tables have"
        yield Line(
            "undeclared key" if len(found) == 1 else "undeclared keys",
            "medium",
            f"{what} a key that is not declared: {_listed(found)}",
        )


def _repeated(found: RepeatedColumn) -> Line:
    sentence = text.visible(found.statement, SENTENCE)
    severity = SCHEMA_SEVERITIES["copied-column" if found.kind == "copy" else "determined-column"]
    return Line(repeated_tag(found), severity, sentence, bits=found.bits)


def _relations(schema: Schema) -> Iterator[Line]:
    severities = {relation: SCHEMA_SEVERITIES[kind] for kind, relation in RELATION_KINDS.items()}
    for found in schema.table_relations:
        yield Line(RELATION_TAGS[found.kind], severities[found.kind], text.visible(found.statement, SENTENCE))


def _domains(schema: Schema) -> Iterator[Line]:
    for found in schema.domains:
        if "types" in found.differs:
            yield Line("types differ", SCHEMA_SEVERITIES["mixed-types"], text.visible(found.statement, SENTENCE))


def _joins(schema: Schema) -> Iterator[Line]:
    """Yield the worst attribute of each reference, with the others that are misjudged; columns of one kind once."""
    unique = {(key.table, *key.columns) for key in schema.keys if len(key.columns) == 1}
    ways = Counter((key.table, key.target) for key in schema.foreign_keys)
    by_join: dict[str, list[JoinError]] = {}
    for error in schema.join_errors:
        if error.error >= LEAST_JOIN_BITS:
            by_join.setdefault(path(error.join), []).append(error)
    for errors in by_join.values():
        worst = max(errors, key=lambda error: error.error)
        table = worst.join.tables[-1]
        is_unique = (table, worst.attribute) in unique
        others = [
            text.visible(error.attribute, NAME)
            for error in errors
            if error is not worst and not (is_unique and (table, error.attribute) in unique)
        ]
        also = f"; also underestimated: {_listed(others)}" if others else ""
        by = place_of(worst.join.columns[0]) if ways[worst.join.tables[0], table] > 1 else ""
        severity: Severity = "medium" if worst.error >= SEVERE_JOIN_BITS else "low"
        yield Line("join estimate", severity, f"{_join_error(worst, is_unique, by)}{also}")


def _join_sizes(schema: Schema) -> Iterator[Line]:
    """Yield joins that are estimated badly; a composite key once, and not in every join that it is a part of."""
    for found in schema.join_sizes:
        is_composite = any(len(columns) > 1 for columns in found.join.columns)
        if (found.factor or 1.0) >= LEAST_SIZE_FACTOR and (len(found.join.tables) == 2 or not is_composite):
            why = " takes the columns as independent, and" if is_composite else ""
            rows, expected = text.plural(found.rows or 0, "row"), f"{found.estimate:,.0f}"
            yield Line("join size", "medium", f"{path(found.join)} has {rows}; a planner{why} expects {expected}")


def _join_error(error: JoinError, is_unique: bool, by: str) -> str:
    """Return in a sentence how wrong a planner is about a joined attribute.

    ``is_unique`` says that it is a key of its table; ``by`` names the columns where the two tables join in other ways.
    """
    first, table = (text.visible(name, NAME) for name in (error.join.tables[0], error.join.tables[-1]))
    column = f"each unique column of {table}" if is_unique else text.visible(error.attribute, NAME)
    way = f" by {by}" if by else ""
    average = f"{text.bits(error.error)} bits ({text.power_of_two(error.error)}) on average"
    worst = ""
    if error.worst_factor:
        high = "" if error.worst_factor >= 1 else f"{text.factor(1 / error.worst_factor)} overestimated"
        of = f"{text.visible(error.attribute, NAME)} " if is_unique else ""
        worst = f"; worst: {of}{text.data_value(error.worst_value, 30)}, {high or text.factor(error.worst_factor)}"
    return f"The rows of {first} joined to {table}{way} with {column} = … are underestimated by {average}{worst}"


def in_short(key: ForeignKey) -> str:
    """Return what a line on a foreign key says before it is opened: its orphans, or the strongest reasons for it."""
    reasons = " ".join(f"{text.visible(reason, 150).rstrip('.')}." for reason in key.reasons[:2])
    parts = [f"{orphans(key.inclusion)}." if key.inclusion.orphan_rows else reasons]
    parts += ["One row each."] if key.is_one_to_one else []
    parts += ["No index."] if key.is_indexed is False else []
    return " ".join(filter(None, parts)) or text.visible(key.statement, SENTENCE)


def evidence(bits: float) -> str:
    """Return bits of evidence, which need no decimals.

    >>> evidence(0.0), evidence(0.24), evidence(12.5), evidence(13_000.0)
    ('none', '0.2', '12', '13,000')
    """
    return "none" if bits < 0.05 else f"{bits:.1f}" if bits < 10 else f"{bits:,.0f}"


def differing_headings(found: RepeatedColumn) -> list[str]:
    """Return what stands above rows that differ: the reference, the column, and the one that it repeats."""
    target = [] if found.target_column is None else [place(found.join.tables[-1], [found.target_column])]
    return [place_of(found.join.columns[0]), place(found.table, [found.column]), *target]


def differing_cells(found: RepeatedColumn, row: Sequence[Value]) -> list[str]:
    """Return a row that differs as cells: the reference's values in one."""
    size = len(found.join.columns[0])
    return [values(row[:size]), *(text.data_value(value, 24) for value in row[size:])]


def agreement(found: RepeatedColumn) -> str:
    """Return in how many rows a column agrees with what it repeats."""
    share = text.percent(found.equal_rows / found.rows) if found.rows else "none"
    return f"equal in {found.equal_rows:,} of {text.plural(found.rows, 'row')} ({share})"


def repeated_tag(found: RepeatedColumn) -> str:
    """Return what kind of repetition it is."""
    return "copied column" if found.kind == "copy" else "determined column"


def per_row(found: TableRelation) -> str:
    """Return the bits per repeated row of tables that say the same; empty without any."""
    return text.bits(found.bits / found.rows) if found.rows and found.bits else ""


def factor(value: float) -> str:
    """Return true over estimated rows, from very small to very large.

    >>> factor(2.5), factor(0.125)
    ('2.5×', '1/8.0')
    """
    if value >= 1:
        return text.factor(value)
    return f"1/{text.factor(1 / value).removesuffix('×')}" if value else "0"


def rows(value: float) -> str:
    """Return an estimated number of rows."""
    return f"{value:,.0f}"


def two_decimals(value: float) -> str:
    """Return bits per row of a table."""
    return f"{value:,.2f}"


def size(value: float) -> str:
    """Return bytes that are computed."""
    return text.size(round(value))


def dialects_of(source: str) -> list[str]:
    """Return the dialects of fixes, that of a source first: of files it is DuckDB's.

    >>> dialects_of("mysql+pymysql://localhost/shop"), dialects_of("shop.duckdb")
    (['mysql', 'duckdb', 'postgresql'], ['duckdb', 'postgresql', 'mysql'])
    """
    scheme = source.partition("://")[0].partition("+")[0].lower() if "://" in source else ""
    own = {"mariadb": "mysql", "postgres": "postgresql"}.get(scheme, scheme)
    return sorted(DIALECTS, key=lambda dialect: dialect != own)


def dialect_names(dialects: Sequence[str], of: Collection[str]) -> str:
    """Return the names of those dialects that something is there for."""
    return ", ".join(DIALECTS[dialect] for dialect in dialects if dialect in of)


def roles(schema: Schema, table: str) -> dict[str, str]:
    """Return what columns of a table are for: key, part of a key, and what they refer to."""
    found: dict[str, list[str]] = {}
    for key in schema.keys:
        if key.table == table and key.is_primary:
            for column in key.columns:
                found.setdefault(column, []).append("key" if len(key.columns) == 1 else "part of the key")
    for reference_ in schema.foreign_keys:
        if reference_.table == table:
            for column, target in zip(reference_.columns, reference_.target_columns, strict=True):
                found.setdefault(column, []).append(f"→ {place(reference_.target, [target])}")
    return {column: ", ".join(dict.fromkeys(parts)) for column, parts in found.items()}


def referring(schema: Schema, table: str) -> list[str]:
    """Return the columns of other tables, or of itself, that refer to a table."""
    return [place(key.table, key.columns) for key in schema.foreign_keys if key.target == table]
