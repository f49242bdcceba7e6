"""``--diagram``: the tables and foreign keys of a database, in the language that the file's ending names."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from colprofile.cli.output import STANDARD_OUTPUT

if TYPE_CHECKING:
    from colprofile.results.database import DatabaseAudit


def checked_diagram(target: str | None) -> str | None:
    """Return the file of ``--diagram``.

    Raises
    ------
    ArgumentError
        Its ending names no language of diagrams.
    """
    from colprofile.errors import ArgumentError, shorten
    from colprofile.results.database import DIAGRAM_ENDINGS

    if target is not None and target != STANDARD_OUTPUT and _ending(target) not in DIAGRAM_ENDINGS:
        raise ArgumentError(
            f"diagram={shorten(target)!r} is not allowed: give a file that ends in .md or .mmd for Mermaid, .dot for "
            "Graphviz, or .svg"
        )
    return target


def diagram_text(audit: DatabaseAudit, target: str | None) -> str:
    """Return the diagram for a file: Mermaid for standard output, in a block of code where the file is Markdown."""
    from colprofile.results.database import DIAGRAM_ENDINGS

    ending = "" if target is None or target == STANDARD_OUTPUT else _ending(target)
    text = audit.to_diagram(format=DIAGRAM_ENDINGS[ending])
    return f"```mermaid\n{text}```\n" if ending == ".md" else text


def _ending(target: str) -> str:
    return PurePath(target).suffix.lower()
