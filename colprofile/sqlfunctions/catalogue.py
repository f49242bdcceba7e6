"""The catalogue: what each SQL function takes and returns, read from its comment in ``sql/*.sql``.

A file is one group. Blank lines separate its blocks: the group's own comment, then one block per function, its comment
above its statement. A comment without a statement describes a function that Python provides. Helpers, whose names
begin with ``colprofile_``, are created like the others but are not offered to users.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from colprofile.errors import ArgumentError, did_you_mean

GROUPS = ("columns", "pairs", "counts", "histograms", "latent", "tables", "samples", "dependence")
"""The files of ``sql/`` with macros, in the order in which they are shown."""

PYTHON_GROUPS = frozenset({"samples", "dependence"})
"""Groups whose macros call functions that only Python provides."""

AGGREGATES = frozenset({"any_value", "count", "entropy", "histogram", "list"})
"""DuckDB's aggregates that the macros use outside subqueries."""

HELPER = "colprofile_"
"""Prefix of macros that only other macros call."""

_CREATED = re.compile(r"create or replace temp macro (\w+)")
_SIGNATURE = re.compile(r"(?P<signature>(?P<name>\w+)\(.*\)) -> (?P<returns>\w+), (?P<unit>.+)")


@dataclass(frozen=True, slots=True)
class Function:
    """One SQL function, as its comment describes it.

    Attributes
    ----------
    name, signature
        The signature has optional arguments in brackets.
    group
        The file of ``sql/`` that it is in.
    returns, unit
        SQL type and unit of the result.
    description
        What it returns, in one paragraph.
    arguments
        (names, meaning) of each argument or group of arguments.
    nulls
        What it returns for NULL and empty input.
    example
        A query that runs by itself.
    is_table
        Whether it is used after FROM.
    is_python
        Whether it needs Python.
    is_macro
        Whether it is a macro; a function of Python otherwise.
    calls
        The aggregates of DuckDB and the functions of Python that the macro calls, itself or in its helpers.
    reason
        Why it needs Python, empty where it does not.
    """

    name: str
    signature: str
    group: str
    returns: str
    unit: str
    description: str
    arguments: tuple[tuple[str, str], ...]
    nulls: str
    example: str
    is_table: bool
    is_python: bool
    is_macro: bool
    calls: tuple[str, ...]
    reason: str

    @property
    def made_of(self) -> str:
        """What the function is: a macro, and over what, or a UDF of Python."""
        if not self.is_macro:
            return "Python UDF"
        over = ", ".join(f"`{name}`" for name in self.calls)
        kind = "table macro" if self.is_table else "macro" if over else "scalar macro"
        return f"{kind} over {over}" if over else kind


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a file: the lines of its comment, and its statement without comments, if any."""

    comment: tuple[str, ...]
    statement: str

    @property
    def name(self) -> str:
        """Name of the macro that the statement creates, empty without one."""
        created = _CREATED.search(self.statement)
        return created[1] if created else ""


@cache
def group_text(group: str) -> str:
    """Return the SQL of one group with its comments; ArgumentError if there is no such group.

    It suits the DuckDB that is installed: 1.x has no function that gives the same for equal values of a VARIANT.
    """
    if group not in GROUPS:
        raise ArgumentError(f"there is no group {group!r} of SQL functions. {did_you_mean(group, GROUPS)}")
    text = files("colprofile.sql").joinpath(f"{group}.sql").read_text(encoding="utf-8")
    return _for_duckdb_1(text) if is_of_duckdb_1() else text


def _for_duckdb_1(text: str) -> str:
    """Return SQL in which a value is its own ``equality_key``, and a text stands for what a VARIANT is compared by."""
    text = re.sub(r"(macro equality_key\(x\) as)\n.*?;", r"\1 x;", text, flags=re.DOTALL)
    return text.replace("hex(variant_comparator(x::variant))", "x::varchar")


def is_of_duckdb_1() -> bool:
    """Whether the DuckDB that is installed is 1.x."""
    import duckdb

    return duckdb.__version__.startswith("1.")


@cache
def group_blocks(group: str) -> tuple[Block, ...]:
    """Return the blocks of one group, its own comment first."""
    return tuple(_block(part) for part in re.split(r"\n\s*\n", group_text(group).strip()))


@cache
def functions() -> tuple[Function, ...]:
    """Return every function that users can call, by group in the order of ``GROUPS``.

    >>> [function.name for function in functions() if function.group == "columns"]
    ['equality_key', 'perplexity', 'surprisal']
    """
    return tuple(
        _function(block, group)
        for group in GROUPS
        for block in group_blocks(group)[1:]
        if not block.name.startswith(HELPER)
    )


def statements(group: str) -> list[str]:
    """Return the statements that create a group's macros, including helpers, without comments."""
    return [block.statement for block in group_blocks(group) if block.statement]


def macro_names(groups: Iterable[str] = GROUPS) -> list[str]:
    """Return the names of all macros of some groups, including helpers."""
    return [block.name for group in groups for block in group_blocks(group) if block.name]


@cache
def needed_groups(group: str) -> frozenset[str]:
    """Return the groups whose macros a group calls, including itself."""
    used = set(re.findall(r"\w+(?=\()", " ".join(statements(group))))
    direct = {other for other in GROUPS if other != group and used & set(macro_names([other]))}
    return frozenset({group}).union(*(needed_groups(other) for other in direct))


def _block(text: str) -> Block:
    lines = text.splitlines()
    heading = tuple(line.removeprefix("--").strip() for line in lines if line.startswith("--"))
    code = "\n".join(line for line in lines if not line.lstrip().startswith("--"))
    return Block(heading, code)


def _function(block: Block, group: str) -> Function:
    heading, *rest = block.comment
    signature = _SIGNATURE.fullmatch(heading)
    if signature is None:
        raise ValueError(f"sql/{group}.sql: {heading!r} is not the signature of a function")
    parts = [line.partition(": ") for line in rest[1:]]
    named = {name: text for name, _, text in parts}
    return Function(
        name=signature["name"],
        signature=signature["signature"],
        group=group,
        returns=signature["returns"],
        unit=signature["unit"],
        description=rest[0],
        arguments=tuple((name, text) for name, _, text in parts if name not in ("NULL", "Example", "Python")),
        nulls=named["NULL"],
        example=named["Example"],
        is_table=signature["returns"] == "TABLE",
        is_python=group in PYTHON_GROUPS,
        is_macro=bool(block.statement),
        calls=_calls(block.statement),
        reason=named.get("Python", ""),
    )


def _calls(statement: str) -> tuple[str, ...]:
    """Return the aggregates of DuckDB and the functions of Python that a macro's statement comes down to.

    What a subquery aggregates, in a table macro or a scalar one, is its own matter.
    """
    macros, python = _names()
    found: set[str] = set()
    seen: set[str] = set()
    unread = [statement] if statement else []
    while unread:
        body = re.split(r"\bas\b", unread.pop(), maxsplit=1)[1]
        names = set(re.findall(r"\w+(?=\()", body)) - seen
        seen |= names
        found |= names & python
        if not re.search(r"\bselect\b", body):
            found |= names & AGGREGATES
            unread += [macros[name] for name in names if name in macros]
    return tuple(sorted(found))


@cache
def _names() -> tuple[dict[str, str], frozenset[str]]:
    """Return the statements of all macros by name, and the names of the functions that Python provides."""
    blocks = [block for group in GROUPS for block in group_blocks(group)[1:]]
    python = (block.comment[0].partition("(")[0] for block in blocks if not block.statement)
    return {block.name: block.statement for block in blocks if block.name}, frozenset(python)
