"""``--diagram``: the tables and foreign keys of a database as Mermaid or for Graphviz, by the file's ending."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from colprofile.cli.output import STANDARD_OUTPUT

if TYPE_CHECKING:
    from colprofile.results.database import DatabaseAudit

MERMAID, GRAPHVIZ = (".md", ".mmd", ".mermaid"), (".dot", ".gv")


def checked_diagram(target: str | None) -> str | None:
    """Return the file of ``--diagram``.

    Raises
    ------
    ArgumentError
        Its ending is that of neither language.
    """
    from colprofile.errors import ArgumentError, shorten

    if target is not None and target != STANDARD_OUTPUT and _suffix(target) not in (*MERMAID, *GRAPHVIZ):
        raise ArgumentError(
            f"diagram={shorten(target)!r} is not allowed: give a file that ends in .md or .mmd for Mermaid, or in .dot "
            "for Graphviz"
        )
    return target


def diagram_text(audit: DatabaseAudit, target: str | None) -> str:
    """Return the diagram for a file; Mermaid for standard output, and in a fence where the file is Markdown."""
    from colprofile.report.database.diagram import dot, mermaid

    if _suffix(target or "") in GRAPHVIZ:
        return dot(audit)
    text = mermaid(audit)
    return f"```mermaid\n{text.rstrip()}\n```\n" if _suffix(target or "") == ".md" else text


def _suffix(target: str) -> str:
    return PurePath(target).suffix.lower()
