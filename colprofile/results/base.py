"""Result: the base class of what verbs return, with everything that results have in common."""

from __future__ import annotations

import dataclasses
import importlib
import os
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from colprofile.errors import one_line
from colprofile.results import serialize
from colprofile.results.files import write_atomically
from colprofile.results.provenance import Provenance
from colprofile.standard import is_terminal, opened

if TYPE_CHECKING:
    import pandas as pd

WIDTH, WIDEST = 100, 200
"""Characters of a line where there is no terminal, and in the widest one."""


class Result:
    """Base of what the verbs return: Profile, Drift, Audit, PlannerReport and LatentClasses.

    Each is a frozen dataclass with a published JSON schema, in the module that is named like its verb; its renderers
    are the modules ``html``, ``terminal`` and ``markdown`` of the folder of that name in ``colprofile.report``.
    """

    words: ClassVar[dict[str, type]] = {}
    """What its JSON has beside its fields, for readers: name → the class of its items. It is ignored when loaded."""

    def to_dict(self) -> dict[str, Any]:
        """Return the result as a dict that JSON can hold, as the published schema of its class describes it.

        Raises
        ------
        ResultError
            A figure is NaN or infinite.
        """
        return serialize.to_dict(self, self._in_words())

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Return the result that ``to_dict`` described. Unknown fields are ignored.

        Raises
        ------
        ResultError
            Another value, another kind of result, a newer version, a missing field, or a value that is not allowed.
        """
        return serialize.from_dict(cls, data)

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the result as JSON: versioned, never NaN or Infinity.

        Raises
        ------
        ResultError
            A figure is NaN or infinite.
        """
        return serialize.to_json(self, self._in_words(), indent=indent)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the result as JSON to ``path``: for ``load``, ``colprofile report``, and the verbs that take it.

        Raises
        ------
        ResultError
            The file cannot be written, or is the data that the result was made from, or a database or other data. A
            file that was there is kept.
        """
        write_atomically(path, self.to_json(), self._inputs())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a result of this class from a file that ``save``, or a command's ``--save``, wrote.

        Raises
        ------
        ResultError
            No such file, not JSON, another kind of result, damaged, or from a newer version.
        """
        return serialize.load(cls, path)

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the report as one self-contained HTML page, and write it to ``path`` if given.

        Raises
        ------
        ResultError
            The file cannot be written, as for ``save``.
        """
        return self._page(path)

    def to_markdown(self) -> str:
        """Return the report as Markdown for a pull request, in GitHub's flavour."""
        return self._rendered("markdown", "markdown")

    def to_terminal(self, *, width: int = 100, color: bool | None = None, encoding: str = "utf-8") -> str:
        """Return the report as text for a terminal.

        Parameters
        ----------
        width
            Characters in a line, at least 20. The wider, the more columns its tables show.
        color
            Whether to write ANSI colours. By default only if standard output is a terminal that shows them.
        encoding
            What the terminal can show. Of names and values that it lacks the escape is shown, and ASCII for bars.
        """
        return self._rendered("terminal", "terminal", width=width, color=color, encoding=encoding)

    def show(self) -> None:
        """Print the terminal report, as wide as the terminal: see ``terminal_width``. Closed, it is left alone."""
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        if (stream := opened(sys.stdout)) is not None:
            print(self.to_terminal(width=terminal_width(), encoding=encoding), end="", file=stream)

    def _repr_html_(self) -> str:
        """Return the compact report that a notebook shows."""
        return self._rendered("html", "fragment")

    def __repr__(self) -> str:
        """Return one line: the class, the source and how many parts there are of each kind."""
        return f"<{type(self).__name__} {one_line(self._describe(), 200)}>"

    def _in_words(self) -> dict[str, list[Any]]:
        """Return what the JSON has beside the fields: see ``words``."""
        return {}

    def _describe(self) -> str:
        """Return the part of ``repr`` after the class's name."""
        raise NotImplementedError

    def _frame_of(self, cls: type, items: Sequence[Any], **options: Any) -> pd.DataFrame:
        """Return a data frame of the items: see ``frame_of``, imported now because pandas is slow to import."""
        from colprofile.results.frames import frame_of

        return frame_of(cls, items, **options)

    def _page(self, path: str | os.PathLike[str] | None, **options: Any) -> str:
        page = self._rendered("html", "html", **options)
        if path is not None:
            write_atomically(path, page, self._inputs())
        return page

    def _inputs(self) -> list[str]:
        """Return what the result was made from, as far as it is known: sources, and tables that may be queries."""
        values = (getattr(self, field.name) for field in dataclasses.fields(self))  # type: ignore[arg-type]
        origins = [value for value in values if isinstance(value, Provenance)]
        read = [origin.reading for origin in origins if origin.reading is not None]
        named = [given for origin in origins for given in (origin.source, origin.table) if given]
        queries = [reading.query for reading in read if reading.query is not None]
        return [*named, *queries, *(path for reading in read for path in reading.paths)]

    def _rendered(self, module: str, what: str, **options: Any) -> str:
        """Return what ``render_<what>`` of a report module makes of the result."""
        return str(getattr(self._report(module), f"render_{what}")(self, **options))

    def _report(self, module: str) -> Any:
        """Return a report module of the result's class.

        It is looked up when it is needed: results know no reports, and a report is slow to import.
        """
        verb = type(self).__module__.rpartition(".")[2]
        return importlib.import_module(f"colprofile.report.{verb}.{module}")


def terminal_width() -> int:
    """Return the characters of a terminal's line, at most 200; 100 where standard output is not a terminal.

    The environment variable COLUMNS, if set, counts in either case.
    """
    is_known = "COLUMNS" in os.environ or is_terminal(sys.stdout)
    return min(WIDEST, shutil.get_terminal_size((WIDTH, 24)).columns) if is_known else WIDTH


def amount(number: int, noun: str) -> str:
    """Return a number of things in words.

    >>> amount(1, "column"), amount(336_776, "row"), amount(2, "class")
    ('1 column', '336,776 rows', '2 classes')
    """
    plural = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{plural}"
