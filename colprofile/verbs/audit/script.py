"""The script: all fixes that go together, as checks, smaller tables and a view that restores the original."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from colprofile.errors import one_line
from colprofile.results.audit import Finding
from colprofile.sources.identifiers import quote_identifier, quote_literal
from colprofile.sources.standing import ROWS
from colprofile.verbs.audit.audited_table import AuditedTable
from colprofile.verbs.audit.changes import Change, name_columns, refused_key
from colprofile.verbs.audit.fixes import cut, key_fix, lookup_name, lookup_query
from colprofile.verbs.sql_types import is_comparable, type_in


@dataclass
class Plan:
    """Changes that can be made together: columns that go, each with how it comes back; where from stays.

    ``lookups`` has left side → (name of the lookup table, its other columns). ``key`` is the primary key of what is
    left, None where no key is left.
    """

    changes: dict[str, Change] = field(default_factory=dict)
    lookups: dict[tuple[str, ...], tuple[str, list[str]]] = field(default_factory=dict)
    key: tuple[str, ...] | None = None


def make_plan(audited: AuditedTable, changes: Sequence[Change], keys: Sequence[Finding], dialect: str) -> Plan:
    """Return the changes that save most and go together: constants first, then by all that a left side saves.

    ``keys`` come with the most plausible first. What the dialect would refuse is left out.
    """
    plan = Plan()
    types = {column.name: column.type for column in audited.columns}
    needed: set[str] = set()
    saved: dict[tuple[str, ...], float] = {}
    changes = [change for change in changes if not change.refusal(dialect, types)]
    for change in changes:
        saved[change.columns] = saved.get(change.columns, 0.0) + change.finding.evidence.bits
    for change in sorted(changes, key=lambda change: (bool(change.columns), -saved[change.columns])):
        is_free = change.target not in plan.changes and change.target not in needed
        if is_free and plan.changes.keys().isdisjoint(change.columns):
            plan.changes[change.target] = change
            needed.update(change.columns)
            if not change.values:
                plan.lookups.setdefault(change.columns, ("", []))[1].append(change.target)
    names = {name.lower() for name in _made_names(audited)}
    for columns, (_, targets) in plan.lookups.items():
        name = base = lookup_name(columns, targets)
        while name.lower() in names:
            name = f"{base}_{len(names)}"
        names.add(name.lower())
        plan.lookups[columns] = (name, targets)
    for finding in keys:
        is_refused = refused_key(dialect, [types[name] for name in finding.columns])
        if plan.changes.keys().isdisjoint(finding.columns) and not is_refused:
            plan.key = finding.columns
            break
    return plan


def _made_names(audited: AuditedTable) -> tuple[str, str]:
    """Return the names of the smaller table and of the view, short enough for PostgreSQL."""
    name = cut(audited.table_name, 63 - len("_restored"))
    return f"{name}_reduced", f"{name}_restored"


def script(audited: AuditedTable, plan: Plan, found: Sequence[Finding], dialect: str) -> str:
    """Return the plan as one SQL script; the alternatives of its findings are comments."""
    names = [name for name, _ in audited.all_columns]
    if len(set(names)) < len(names):
        return "-- Two columns have the same name. SQL cannot distinguish them: there is no script.\n"
    if dialect == "duckdb" and len({name.lower() for name in names}) < len(names):
        return "-- Some column names differ only in case. DuckDB cannot create such a table: there is no script.\n"
    if not plan.changes and plan.key is None:
        return f"-- Nothing to fix in {one_line(audited.table)}.\n"
    writer = _Writer(audited, plan, dialect)
    amount = f"{len(plan.changes)} redundant column{'' if len(plan.changes) == 1 else 's'} removed"
    parts = [
        f"-- {one_line(audited.table)}: {amount}, for {dialect}. The script stops at the first check that fails.",
        "-- The original table is not changed. Drop it once the view that restores it is all you need.",
        *_remarks(audited),
        "begin;",
        *writer.checks(),
        *writer.alternatives(found),
        *writer.lookups(),
        *writer.reduced(),
        *writer.restored(),
        "commit;",
    ]
    return "\n".join(parts) + "\n"


def _remarks(audited: AuditedTable) -> Iterator[str]:
    """Yield comments on what has to be known before the script is run."""
    if audited.standing.kind == "view":
        yield f"-- {one_line(audited.table)} is a view: the smaller tables are made from its rows."
    if audited.standing.kind == ROWS:
        yield f"-- {one_line(audited.table)} stands for the audited rows: create a table of this name from them first."
    others = len(audited.all_columns) - len(audited.columns)
    if others:
        verb = " was" if others == 1 else "s were"
        yield f"-- {others:,} column{verb} not audited: kept as in the original."


class _Writer:
    """Writes the parts of a script."""

    def __init__(self, audited: AuditedTable, plan: Plan, dialect: str) -> None:
        self.made = audited.made
        self.plan = plan
        self.dialect = dialect
        self.columns = audited.all_columns
        self.audited = frozenset(audited.numbers)
        self.kept = [name for name, _ in self.columns if name not in plan.changes]
        self.types = {name: type_in(dialect, kind) for name, kind in self.columns}
        self.table = audited.table
        self.smaller, self.view = map(audited.made, _made_names(audited))

    def checks(self) -> list[str]:
        changes, key = self.plan.changes.values(), self.plan.key
        checks = [(change.check(self.dialect, self.table), change.finding.statement) for change in changes]
        if key is not None:
            checks.append((key_fix(key, self.table).checks[self.dialect], f"{', '.join(key)} is a key."))
        return [self._stop_unless_zero(*check) for check in checks]

    def alternatives(self, found: Sequence[Finding]) -> list[str]:
        """Return as comments what could be done instead of what the script does."""
        lines = []
        for finding in found:
            if self.plan.changes.keys() >= set(finding.targets):
                for other in finding.alternatives:
                    if self.dialect not in other.fix.changes:
                        continue
                    lines.append(f"\n-- Instead, {one_line(other.fix.action)}: {one_line(other.statement)}")
                    changes = map(one_line, other.fix.changes[self.dialect].split("\n"))
                    lines += [f"-- {line.removeprefix('-- ')}" for line in changes]
        return lines

    def _stop_unless_zero(self, check: str, claim: str, failure: str = "") -> str:
        claim = one_line(claim)
        message = quote_literal(failure or f"no longer true: {claim}")
        if self.dialect == "duckdb":
            return f"\n-- {claim}\nselect case when ({check}) > 0 then error({message}) end;"
        tag = "check"
        while f"${tag}$" in check + message:
            tag += "k"
        message = message.replace("%", "%%")
        return f"\n-- {claim}\ndo ${tag}$ begin if ({check}) > 0 then raise exception {message}; end if; end ${tag}$;"

    def lookups(self) -> list[str]:
        lines = []
        for columns, (name, targets) in self.plan.lookups.items():
            lookup = self.made(name)
            keys = name_columns(columns)
            query = lookup_query(lookup, columns, targets, self.table)
            if self.dialect == "duckdb":  # a foreign key needs a primary key that was created with the table
                types = [f"{quote_identifier(column)} {self.types[column]}" for column in [*columns, *targets]]
                lines.append(f"\ncreate table {lookup} ({', '.join(types)}, primary key ({keys}));")
                lines.append(query.replace(f"create table {lookup} as", f"insert into {lookup}", 1))
            else:
                lines.append(f"\n{query}")
                lines.append(f"alter table {lookup} add primary key ({keys});")
        return lines

    def reduced(self) -> list[str]:
        """Return the statements that make the smaller table with its constraints."""
        kept = name_columns(self.kept)
        if not kept:
            return []
        constraints = []
        if self.plan.key is not None:
            constraints.append(f"primary key ({name_columns(self.plan.key)})")
        for columns, (name, _) in self.plan.lookups.items():
            keys = name_columns(columns)
            constraints.append(f"foreign key ({keys}) references {self.made(name)} ({keys})")
        generated = [
            f"{quote_identifier(change.target)} {self.types[change.target]} generated always as "
            f"({change.values[self.dialect]})"
            for change in self.plan.changes.values()
            if change.is_generated
        ]
        if self.dialect == "duckdb":
            stored = [f"{quote_identifier(name)} {self.types[name]}" for name in self.kept]
            body = ",\n    ".join([*stored, *(f"{column} virtual" for column in generated), *constraints])
            create = f"\ncreate table {self.smaller} (\n    {body}\n);"
            return [create, f"insert into {self.smaller} ({kept}) select {kept} from {self.table};"]
        lines = [f"\ncreate table {self.smaller} as select {kept} from {self.table};"]
        lines += [f"alter table {self.smaller} add column {column} stored;" for column in generated]
        return lines + [f"alter table {self.smaller} add {constraint};" for constraint in constraints]

    def restored(self) -> list[str]:
        """Return the view that restores the original, and the proof that it does."""
        if not self.kept:
            return []
        aliases = {columns: f"l{i}" for i, columns in enumerate(self.plan.lookups)}
        selected = ",\n    ".join(self._column(name, aliases) for name, _ in self.columns)
        joins = "".join(
            f"\nleft join {self.made(name)} {aliases[columns]} on "
            + " and ".join(f"r.{quote_identifier(c)} = {aliases[columns]}.{quote_identifier(c)}" for c in columns)
            for columns, (name, _) in self.plan.lookups.items()
        )
        view = f"\ncreate view {self.view} as select\n    {selected}\nfrom {self.smaller} r{joins};"
        compared = ", ".join(map(self._compared, self.columns))
        first, second = (f"select {compared} from {name}" for name in (self.table, self.view))
        difference = f"select count(*) from (({first} except all {second}) union all ({second} except all {first})) d"
        failure = "the view does not restore the original, row for row"
        return [view, self._stop_unless_zero(difference, "The view restores the original, row for row.", failure)]

    def _compared(self, column: tuple[str, str]) -> str:
        """Return a column as the proof compares it: as text where PostgreSQL might not tell which values are equal."""
        name, kind = quote_identifier(column[0]), column[1]
        is_known = self.dialect == "duckdb" or column[0] in self.audited
        return name if is_known and is_comparable(self.dialect, kind) else f"cast({name} as text)"

    def _column(self, name: str, aliases: dict[tuple[str, ...], str]) -> str:
        column = quote_identifier(name)
        change = self.plan.changes.get(name)
        if change is None or change.is_generated:
            return f"r.{column}"
        if change.values:
            value = change.values[self.dialect]
            for given in map(quote_identifier, change.columns):
                value = value.replace(given, f"r.{given}")
            return f"{value} as {column}"
        return f"{aliases[change.columns]}.{column}"
