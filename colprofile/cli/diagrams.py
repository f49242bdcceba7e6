"""``--diagram``: the tables and foreign keys of a database as a drawing, by the file's ending."""

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
        Its ending is that of no format.
    """
    if target is None or target == STANDARD_OUTPUT:
        return target
    from colprofile.errors import ArgumentError, shorten
    from colprofile.results.database import DIAGRAM_ENDINGS

    if _suffix(target) not in DIAGRAM_ENDINGS:
        raise ArgumentError(
            f"diagram={shorten(target)!r} is not allowed: give a file that ends in .svg, in .md or .mmd for Mermaid, "
            "or in .dot for Graphviz"
        )
    return target


def diagram_text(audit: DatabaseAudit, target: str) -> str:
    """Return the diagram for a file; Mermaid for standard output, and with its legend where the file is Markdown."""
    from colprofile.results.database import DIAGRAM_ENDINGS

    if _suffix(target) == ".md":
        from colprofile.report.database.diagram import mermaid_block

        return mermaid_block(audit)
    return audit.to_diagram(format=DIAGRAM_ENDINGS.get(_suffix(target), "mermaid"))


def _suffix(target: str) -> str:
    return PurePath(target).suffix.lower()
