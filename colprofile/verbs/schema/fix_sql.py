"""The SQL of fixes between tables, in each dialect: quoted names, names of what is made, checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from colprofile.errors import one_line, shorten
from colprofile.sources.identifiers import quote_literal
from colprofile.sources.tables.base import Tables
from colprofile.verbs.sql_types import DOUBLE_TYPES, INTEGER_TYPES

FIX_DIALECTS = ("postgresql", "duckdb", "mysql")
"""The dialects of ``SchemaFix``; MariaDB reads what MySQL does."""

_LONGEST_PART = 24
"""Bytes of a table's name, and of an ending, in the name of what is made; both fit PostgreSQL's 63."""


def quoted(dialect: str, *parts: str) -> str:
    """Return a name, with what qualifies it before it, as a dialect quotes it.

    >>> quoted("postgresql", "sales", 'a"b'), quoted("mysql", "a`b")
    ('"sales"."a""b"', '`a``b`')
    """
    mark = "`" if dialect == "mysql" else '"'
    return ".".join(mark + part.replace(mark, 2 * mark) + mark for part in parts)


def literal(dialect: str, text: str) -> str:
    r"""Return a text as a dialect writes it: in MySQL a backslash begins another sign, and stands for itself twice.

    >>> print(literal("mysql", "a\\b's"), literal("duckdb", "a\\b's"))
    'a\\b''s' 'a\b''s'
    """
    return quote_literal(text.replace("\\", "\\\\") if dialect in ("mysql", "mariadb") else text)


def quoted_list(dialect: str, names: Sequence[str], alias: str = "") -> str:
    """Return names, separated by commas, of a table's alias where one is given."""
    return ", ".join(f"{alias}{'.' if alias else ''}{quoted(dialect, name)}" for name in names)


def shown(*parts: str) -> str:
    """Return a name for a sentence: in one line, not too long."""
    return shorten(one_line(".".join(parts)), 60)


def shown_list(names: Sequence[str]) -> str:
    """Return names for a sentence; of several in parentheses."""
    listed = ", ".join(map(shown, names))
    return f"({listed})" if len(names) > 1 else listed


def in_all(dialects: Sequence[str], write: Callable[[str], str]) -> dict[str, str]:
    """Return what is written for each of some dialects."""
    return {dialect: write(dialect) for dialect in dialects}


class MadeNames:
    """Names for what fixes make: short, printable, and none twice."""

    def __init__(self, taken: Sequence[str] = ()) -> None:
        self._taken = {name.lower() for name in taken}

    def new(self, table: str, ending: str) -> str:
        """Return a name of a table and an ending such as ``_rows``."""
        stem = _cut(table)
        name, number = stem + ending, 1
        while name.lower() in self._taken:
            number += 1
            name = f"{stem}{number}{ending}"
        self._taken.add(name.lower())
        return name


def _cut(name: str) -> str:
    """Return a name made printable and cut at a character."""
    text = "".join(c if c.isprintable() else "_" for c in name)
    return text.encode("utf-8", "replace")[:_LONGEST_PART].decode("utf-8", "ignore")


def repeated_keys(dialect: str, table: str, columns: Sequence[str]) -> str:
    """Return an expression for how many values of some columns occur in several rows; NULL is a value."""
    keys = quoted_list(dialect, columns)
    return f"(select count(*) from (select {keys} from {table} group by {keys} having count(*) > 1) a)"


def null_rows(dialect: str, table: str, columns: Sequence[str]) -> str:
    """Return an expression for how many rows have NULL in one of some columns."""
    condition = " or ".join(f"{quoted(dialect, name)} is null" for name in columns)
    return f"(select count(*) from {table} where {condition})"


def differs(dialect: str, left: str, right: str) -> str:
    """Return the condition that two values differ, where NULL equals NULL."""
    return f"not ({left} <=> {right})" if dialect == "mysql" else f"{left} is distinct from {right}"


def equal_columns(
    dialect: str,
    columns: Sequence[str],
    targets: Sequence[str],
    *,
    as_text: Mapping[int, bool] | None = None,
    aliases: tuple[str, str] = ("r", "s"),
) -> str:
    """Return the condition that columns equal targets, as texts where ``as_text`` says that their types differ."""
    kind = "char" if dialect == "mysql" else "varchar"
    sides = []
    for number, pair in enumerate(zip(columns, targets, strict=True)):
        left, right = (f"{alias}.{quoted(dialect, name)}" for alias, name in zip(aliases, pair, strict=True))
        if as_text and as_text.get(number):
            left, right = f"cast({left} as {kind})", f"cast({right} as {kind})"
        sides.append(f"{right} = {left}")
    return " and ".join(sides)


Column = tuple[str, str]
"""A table's name and a column's."""


class FixContext:
    """What all fixes need to know.

    Parameters
    ----------
    source
        Where the tables are.
    types
        The types of all columns, as the source names them.
    frozen
        Tables that DuckDB does not let be altered, as they have indexes.

    Attributes
    ----------
    names
        The names of what is made so far.
    """

    def __init__(self, source: Tables, types: Mapping[Column, str], frozen: frozenset[str]) -> None:
        self.source = source
        self.frozen = frozen
        self.names = MadeNames([source.parts(name)[-1] for name in source.known])
        self._types = types

    def table(self, dialect: str, name: str) -> str:
        """Return a table's name quoted, with its schema."""
        return quoted(dialect, *self.source.parts(name))

    def sibling(self, table: str, ending: str) -> tuple[str, ...]:
        """Return the parts of a new name beside a table."""
        *schema, name = self.source.parts(table)
        return (*schema, self.names.new(name, _cut(ending)))

    def type_of(self, table: str, column: str) -> str:
        """Return a column's type, "" where it is not known."""
        return self._types.get((table, column), "")

    def is_other_kind(self, left: Column, right: Column) -> bool:
        """Whether two columns cannot be compared as they are, such as a text and a number."""
        return not are_comparable(self.type_of(*left), self.type_of(*right))


_INTEGERS = INTEGER_TYPES | {"mediumint", "serial", "bigserial"}
_DECIMALS = frozenset({"decimal", "numeric", "number", "hugeint", "uhugeint"})
_TEXTS = frozenset(
    {"varchar", "text", "char", "character varying", "character", "bpchar", "string", "nvarchar", "nchar"}
)


def family(kind: str) -> str:
    """Return what a type is a kind of: foreign keys go between types of one family.

    >>> [family(kind) for kind in ("INTEGER", "DECIMAL(9,2)", "VARCHAR(3)", "TEXT", "DATE")]
    ['integer', 'decimal', 'text', 'text', 'date']
    """
    name = kind.lower().partition("(")[0].partition(" collate ")[0].removesuffix(" unsigned").strip()
    if name in _INTEGERS:
        return "integer"
    if name in _DECIMALS:
        return "decimal"
    return "text" if name in _TEXTS else "float" if name in DOUBLE_TYPES | {"float", "real"} else name


def are_comparable(left: str, right: str) -> bool:
    """Whether values of two types can be compared as they are, rather than as texts.

    >>> are_comparable("INTEGER", "DECIMAL(9,2)"), are_comparable("INTEGER", "VARCHAR")
    (True, False)
    """
    numbers = {"integer", "decimal", "float"}
    return family(left) == family(right) or {family(left), family(right)} <= numbers
