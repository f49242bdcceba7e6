"""Part: what results consist of, shown short; ByColumn: a result that is a collection of its columns."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from typing import ClassVar, Generic, Protocol, TypeVar

from colprofile.errors import SourceNotFound, did_you_mean, shorten


class Part:
    """Base of the larger parts of results: one line in Python, a small table in a notebook.

    What the lines say is in ``colprofile.report.parts``, which is looked up when it is called.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        """Return one line: the class, what it is about, and its main figures."""
        return str(importlib.import_module("colprofile.report.parts").render_line(self))

    def _repr_html_(self) -> str:
        """Return the table of the same figures that a notebook shows."""
        return str(importlib.import_module("colprofile.report.parts").render_table(self))


class Named(Protocol):
    """Anything with a name."""

    @property
    def name(self) -> str:
        """The name."""
        ...


Column = TypeVar("Column", bound=Named)


class ByColumn(Generic[Column]):
    """A result as the collection of its columns: they are looked up by name, and iterated in the result's order."""

    _place: ClassVar[str]
    """What messages call the result."""

    columns: tuple[Column, ...]

    def __getitem__(self, name: str) -> Column:
        """Return the column called ``name``; SourceNotFound with similar names if there is none."""
        return column_named(self.columns, name, self._place)

    def __iter__(self) -> Iterator[Column]:
        """Iterate over the columns themselves, as over ``columns``."""
        return iter(self.columns)

    def __len__(self) -> int:
        """Return the number of columns."""
        return len(self.columns)

    def __contains__(self, column: object) -> bool:
        """Whether there is a column of this name; each column of the result is in it too."""
        return any(column is known or (isinstance(column, str) and column == known.name) for known in self.columns)

    def __bool__(self) -> bool:
        """Return True: a result without columns is a result too."""
        return True

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in the same order."""
        return tuple(column.name for column in self.columns)

    def _ipython_key_completions_(self) -> list[str]:
        """Return what IPython and notebooks offer after ``result["``."""
        return list(self.names)


def column_named(columns: Iterable[Column], name: str, place: str) -> Column:
    """Return the column called ``name``; SourceNotFound with similar names if there is none in this place."""
    known = {column.name: column for column in columns}
    if name not in known:
        given = str(name)
        raise SourceNotFound(f"no column {shorten(given)!r} in the {place}. {did_you_mean(given, known)}")
    return known[name]
