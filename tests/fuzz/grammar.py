"""The grammar of DuckDB's types: random tables with a column of any type, as the SQL that makes them.

A column draws its rows from a few values, or is made of an earlier column, so that there is something to find.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from colprofile.sources.identifiers import quote_identifier
from tests.fuzz.scalars import ANY_TEXT, SCALARS, Kind, Values

DEPTH = 3
MOST_ROWS, MOST_COLUMNS = 40, 8
Kinds = st.SearchStrategy[Kind]


@dataclass(frozen=True)
class Column:
    """A column: its name, its type in SQL, and an expression for each row."""

    name: str
    type: str
    values: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Table:
    """A table, and the rows of another state of it, the table ``later``: their numbers here, from 0."""

    name: str
    columns: tuple[Column, ...]
    rows: int
    later: tuple[int, ...] = ()

    @property
    def quoted(self) -> str:
        """Its name in SQL."""
        return quote_identifier(self.name)

    def statements(self) -> list[str]:
        """Return the SQL that makes it."""
        return self._statements(self.quoted, range(self.rows))

    def later_statements(self) -> list[str]:
        """Return the SQL that makes its other state."""
        return self._statements("later", self.later)

    def _statements(self, name: str, numbers: Sequence[int]) -> list[str]:
        described = ", ".join(f"{quote_identifier(column.name)} {column.type}" for column in self.columns)
        listed = ",\n".join(f"({', '.join(column.values[i] for column in self.columns)})" for i in numbers)
        return [
            f"create or replace table {name} ({described})",
            *([f"insert into {name} values {listed}"] if listed else []),
        ]

    def __repr__(self) -> str:
        """Return the SQL, which hypothesis prints of a table that fails."""
        return ";\n".join([*self.statements(), f"-- later: {self.later}"])


COLLATIONS = ("nocase", "noaccent", "nocase.noaccent", "nfc", "de")
NO_COLUMN = ("TYPE",)
"""Types that no table can have: DuckDB refuses such a column."""

TABLE_NAMES = [
    "t",
    "t",
    "t",
    'quo"te',
    "select",
    "a.b",
    "new\nline",
    "it's",
    "t.parquet",
    "\U0001f600",
    "$check$",
    "later ",
]
"""Names of tables."""

_ODD_NAMES = [
    "a",
    "b",
    "select",
    'quo"te',
    "it's",
    "a.b",
    "new\nline",
    "<b id=hostile>",
    "x" * 300,
    "[red]",
    "\u202ea",
    "\U0001f600",
    "$1",
    "c0",
    "rank",
    "%",
    "$check$",
    "a|b",
    "`",
    "{0}",
    " ",
    "rowid_",
    "count",
    "id",
]
NAMES = st.one_of(
    st.sampled_from(_ODD_NAMES),
    ANY_TEXT.filter(lambda name: bool(name) and "\0" not in name and len(name.lower()) == len(name)),
)
"""Names of columns, members and fields."""


def _or_null(values: Values) -> Values:
    return st.one_of(values, values, values, st.just("NULL"))


@st.composite
def _lists(draw: st.DrawFn, inner: Kinds) -> Kind:
    member = draw(inner)
    sql = f"{member.sql}[]"
    return Kind(sql, st.lists(_or_null(member.values), max_size=3).map(lambda some: f"[{', '.join(some)}]::{sql}"))


@st.composite
def _arrays(draw: st.DrawFn, inner: Kinds) -> Kind:
    member, size = draw(inner), draw(st.integers(1, 3))
    sql = f"{member.sql}[{size}]"
    members = st.lists(_or_null(member.values), min_size=size, max_size=size)
    return Kind(sql, members.map(lambda some: f"[{', '.join(some)}]::{sql}"))


@st.composite
def _maps(draw: st.DrawFn, inner: Kinds) -> Kind:
    """A map of one entry or none: DuckDB refuses two equal keys, and NULL as a key."""
    key, value = draw(inner.filter(lambda kind: kind.sql != '"NULL"')), draw(inner)
    sql = f"map({key.sql}, {value.sql})"
    keys = key.values.filter(lambda given: given not in ("NULL", "(NULL)::variant"))
    entries = st.tuples(keys, _or_null(value.values)).map(lambda entry: f"map([{entry[0]}], [{entry[1]}])::{sql}")
    return Kind(sql, st.one_of(entries, entries, st.just(f"map([], [])::{sql}")))


@st.composite
def _tuples(draw: st.DrawFn, inner: Kinds) -> Kind:
    members = draw(st.lists(inner, min_size=1, max_size=3))
    sql = f"tuple({', '.join(member.sql for member in members)})"
    some = st.tuples(*(_or_null(member.values) for member in members))
    return Kind(sql, some.map(lambda values: f"row({', '.join(values)})::{sql}"))


@st.composite
def _named(draw: st.DrawFn, inner: Kinds) -> dict[str, Kind]:
    """Members by their names in SQL."""
    members = draw(st.lists(inner, min_size=1, max_size=3))
    names = draw(st.lists(NAMES, min_size=len(members), max_size=len(members), unique_by=str.lower))
    return dict(zip(map(quote_identifier, names), members, strict=True))


def _described(members: dict[str, Kind]) -> str:
    return ", ".join(f"{name} {member.sql}" for name, member in members.items())


@st.composite
def _structs(draw: st.DrawFn, inner: Kinds) -> Kind:
    members = draw(_named(inner))
    sql = f"struct({_described(members)})"

    def packed(values: tuple[str, ...]) -> str:
        return f"struct_pack({', '.join(f'{n} := {v}' for n, v in zip(members, values, strict=True))})::{sql}"

    return Kind(sql, st.tuples(*(_or_null(member.values) for member in members.values())).map(packed))


@st.composite
def _unions(draw: st.DrawFn, inner: Kinds) -> Kind:
    members = draw(_named(inner))
    sql = f"union({_described(members)})"
    tagged = st.one_of(*(st.tuples(st.just(name), member.values) for name, member in members.items()))
    return Kind(sql, tagged.map(lambda pair: f"union_value({pair[0]} := {pair[1]})::{sql}"))


@st.composite
def _variants(draw: st.DrawFn, inner: Kinds) -> Kind:
    """Values of up to three types in one column."""
    members = draw(st.lists(inner, min_size=1, max_size=3))
    return Kind("variant", st.one_of(*(member.values for member in members)).map(lambda value: f"({value})::variant"))


CONTAINERS: dict[str, Callable[[Kinds], Kinds]] = {
    "LIST": _lists,
    "ARRAY": _arrays,
    "STRUCT": _structs,
    "TUPLE": _tuples,
    "MAP": _maps,
    "UNION": _unions,
    "VARIANT": _variants,
}
"""Name in ``duckdb_types()`` → what makes its kinds of those of the values inside."""


def kinds(depth: int = DEPTH) -> Kinds:
    """Every type, with others inside it up to a depth; 0 is none inside."""
    scalars = st.sampled_from(sorted(SCALARS)).flatmap(SCALARS.__getitem__)
    if depth <= 0:
        return scalars
    containers = st.sampled_from(sorted(CONTAINERS)).flatmap(lambda name: CONTAINERS[name](kinds(depth - 1)))
    return st.one_of(scalars, scalars, containers)


@st.composite
def _columns(draw: st.DrawFn, name: str, rows: int, before: Sequence[Column]) -> Column:
    """A column of its own values, or one made of an earlier column: a copy, a text, a function of it, or nearly."""
    ways = ["own", "own", "own", *(["copy", "text", "function", "nearly", "nulls"] if before and rows else [])]
    way = draw(st.sampled_from(ways))
    if way in ("copy", "text", "nulls"):
        source = draw(st.sampled_from(list(before)))
        if way == "text":
            return Column(name, "varchar", tuple(f"({value})::varchar" for value in source.values))
        if way == "nulls":
            return Column(name, "boolean", tuple(str(value == "NULL").lower() for value in source.values))
        return Column(name, source.type, source.values)
    kind = draw(kinds())
    collation = draw(st.sampled_from(COLLATIONS)) if kind.sql == "varchar" and draw(st.booleans()) else None
    shown = f"{kind.sql} collate {collation}" if collation else kind.sql
    if way == "own":
        size = draw(st.sampled_from([1, 2, 3, 5, 12]))
        pool = [*draw(st.lists(kind.values, min_size=1, max_size=size)), *draw(st.lists(st.just("NULL"), max_size=1))]
        chosen = draw(st.lists(st.integers(0, len(pool) - 1), min_size=rows, max_size=rows))
        return Column(name, shown, tuple(pool[i] for i in chosen))
    source = draw(st.sampled_from(list(before)))
    found = list(dict.fromkeys(source.values))
    made = {value: draw(_or_null(kind.values)) for value in found}
    values = [made[value] for value in source.values]
    if way == "nearly":
        values[draw(st.integers(0, rows - 1))] = draw(kind.values)
    return Column(name, shown, tuple(values))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Tables of up to 40 rows and 8 columns, and other states of them."""
    rows = draw(st.one_of(st.integers(0, 3), st.integers(4, MOST_ROWS), st.just(MOST_ROWS)))
    names = draw(st.lists(NAMES, min_size=1, max_size=MOST_COLUMNS, unique_by=str.lower))
    columns: list[Column] = []
    for name in names:
        columns.append(draw(_columns(name, rows, columns)))
    later = draw(st.lists(st.integers(0, rows - 1), max_size=MOST_ROWS)) if rows else []
    return Table(draw(st.sampled_from(TABLE_NAMES)), tuple(columns), rows, tuple(later))
