"""``--fail-on`` of an audit: kinds of findings in a table and between tables, and severities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from colprofile.cli.output import REJECTED, complain

if TYPE_CHECKING:
    from colprofile.results.audit import Audit
    from colprofile.results.database import DatabaseAudit


@dataclass(frozen=True)
class Wanted:
    """What ends the command with status 1."""

    kinds: tuple[str, ...]
    between: tuple[str, ...]
    severities: tuple[str, ...]

    @classmethod
    def of(cls, fail_on: str | None) -> Wanted:
        """Return what the option lists; ArgumentError where an item is none of it."""
        from colprofile.results.audit_kinds import checked_kinds
        from colprofile.results.quality import SEVERITIES
        from colprofile.results.schema_kinds import SCHEMA_KINDS

        given = tuple(kind.strip() for kind in fail_on.split(",")) if fail_on is not None else ()
        between = tuple(kind for kind in given if kind in SCHEMA_KINDS)
        severities = tuple(kind for kind in given if kind in SEVERITIES)
        kinds = tuple(kind for kind in given if kind not in (*between, *severities))
        checked_kinds(kinds, more=SCHEMA_KINDS)
        return cls(kinds, between, severities)

    def in_table(self, audit: Audit) -> list[str]:
        """Return the findings of a table that are meant, a sentence each."""
        found = [*(audit.of_kind(*self.kinds) if self.kinds else ())]
        found += [finding for severity in self.severities for finding in audit.of_severity(severity)]
        return [finding.statement for finding in found]

    def in_database(self, audit: DatabaseAudit) -> list[str]:
        """Return the findings that are meant, those between tables first."""
        from colprofile.report.text import visible
        from colprofile.results.schema_kinds import severe_kinds, statements_of

        severe = (kind for severity in self.severities for kind in severe_kinds(severity))
        kinds = dict.fromkeys((*self.between, *severe))
        found = [statement for kind in kinds for statement in statements_of(audit.schema, kind)]
        for table in audit.tables:
            found += [f"{visible(table.name, 60)}: {statement}" for statement in self.in_table(table.result)]
        return found

    def status_of_database(self, audit: DatabaseAudit) -> int:
        """Return the exit status, and say what was found; 2 where what is meant was not looked for to the end."""
        from colprofile.results.schema import EVERYTHING

        status, missing = self.status(self.in_database(audit)), audit.schema.unfinished
        if self.between or (self.severities and EVERYTHING not in missing):
            if missing:
                why = audit.schema.notes[0] if audit.schema.notes else missing[0]
                complain(f"--fail-on cannot tell all that lies between the tables: {why}")
            return REJECTED if missing else status
        return status

    def check_one_table(self, diagram: str | None, dialect: str | None) -> None:
        """Raise ArgumentError where something between tables is asked of one table; ``dialect`` is its script's."""
        from colprofile.errors import ArgumentError

        if dialect == "mysql":
            raise ArgumentError(
                "dialect='mysql' is for fixes between several tables, and this is one: give duckdb or postgresql"
            )
        asked = f"fail_on={self.between[0]!r}" if self.between else "diagram=" if diagram is not None else None
        if asked is not None:
            raise ArgumentError(f"{asked} is about several tables, and this is one: leave it out")

    def status(self, found: list[str]) -> int:
        """Return the exit status, and say what was found."""
        if not found:
            return 0
        more = f" (and {len(found) - 1:,} more)" if len(found) > 1 else ""
        complain(found[0] + more)
        return 1
