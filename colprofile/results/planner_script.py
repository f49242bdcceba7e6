"""The advice of a planner report as one SQL script."""

from __future__ import annotations

from colprofile.results.planner import PlannerReport


def script(report: PlannerReport) -> str:
    """Return the advice as SQL that psql or any client runs; comments alone where there is none."""
    made = report.provenance
    head = [
        f"Advice for {report.quoted} by colprofile {made.version}, {made.created}.",
        "Takes SHARE UPDATE EXCLUSIVE locks on the table: queries and changes of rows go on, VACUUM, ANALYZE and other",
        "changes of the table wait.",
    ]
    if not report.statements:
        return "\n".join(map(_comment, [head[0], "Nothing to do."])) + "\n"
    parts = ["\n".join(map(_comment, head))]
    for statement in report.statements:
        bits = f" [{statement.bits:.2f} bits]" if statement.bits >= 0.005 else ""
        parts.append(f"{_comment(statement.reason + bits)}\n{statement.sql};")
    return "\n\n".join(parts) + "\n"


def _comment(text: str) -> str:
    r"""Return text as one comment: a name with a line break in it must not begin a statement.

    >>> _comment("a; drop\ntable")
    '-- a; drop table'
    """
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return f"-- {line[:500]}"
