"""Findings about data quality: what is probably wrong in the data, with the query that lists it and SQL that mends it.

The check of a fix returns 0 while the table still has as many such rows as were counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from colprofile.counting.dictionary import Positions
from colprofile.errors import shorten
from colprofile.results.audit import Evidence, Finding, Fix
from colprofile.results.profile import Profile
from colprofile.results.quality import QualityIssue
from colprofile.results.quality_words import SPACES, ColumnPart, ValuePart, quality_parts
from colprofile.sources.identifiers import quote_identifier, quote_literal
from colprofile.verbs.audit.audited_table import AuditedTable
from colprofile.verbs.audit.changes import name_columns
from colprofile.verbs.audit.fixes import obstacle_to_drop
from colprofile.verbs.audit.literals import is_writable, literals
from colprofile.verbs.audit.statements import NAME_WIDTH, value_text
from colprofile.verbs.profile.quality.column import Fault, QualityColumn
from colprofile.verbs.profile.quality.numbers import finite_places
from colprofile.verbs.profile.quality.times import steps_without_time
from colprofile.verbs.sql_types import DIALECTS, type_in

MOST_LITERALS = 100
"""Values that a fix names one by one."""

_NO_FIX = {
    "missing": "what is missing cannot be computed",
    "nearly_constant": "the other values may be right: look at them",
    "outliers": "only their source says what they should be",
}

_POSTGRESQL_FORMATS = {"%Y": "YYYY", "%y": "YY", "%m": "MM", "%d": "DD"}

_CONVERTS = {
    "BIGINT": r"^\s*[+-]?[0-9]+\s*$",
    "DOUBLE": r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$",
    "BOOLEAN": r"^\s*([tT]([rR][uU][eE])?|[fF]([aA][lL][sS][eE])?|[yY]([eE][sS])?|[nN]([oO])?)\s*$",
}
"""What a cast converts, in the regular expressions of DuckDB and PostgreSQL."""


def quality_findings(
    audited: AuditedTable, profile: Profile, faults: Mapping[str, Sequence[Fault]], found: Sequence[Finding]
) -> Iterator[Finding]:
    """Yield the profile's issues as findings, the most severe first.

    Columns that are NULL together are findings of another kind, and texts that repeat a column of numbers or dates are
    duplicates: neither is said twice.

    Parameters
    ----------
    faults
        The faults behind the issues, by column; without, no fix is given.
    found
        The other findings.
    """
    repeated = {finding.targets for finding in found if finding.kind in ("duplicate", "computed")}
    for issue in profile.quality:
        if issue.kind == "missing_together" or (issue.kind == "stored_as_text" and issue.columns in repeated):
            continue
        fault = _fault_of(issue, faults)
        query = fix = None
        reason = _NO_FIX.get(issue.kind, "")
        if len(audited.numbers) < len(audited.columns):
            reason = "two columns have the same name: SQL cannot distinguish them"
        elif not audited.has_codes:
            reason = "made from a profile: the values are not known; audit the source"
        elif issue.kind == "duplicate_rows":
            query, fix = _duplicates(audited, issue)
        elif fault is not None:
            writer = _Writer(audited, issue, fault)
            query, (fix, reason) = writer.query(), writer.fix()
        obstacle = _obstacle(audited, issue.columns, fix) if fix is not None else ""
        if obstacle:
            fix, reason = None, obstacle
        yield Finding(
            kind=issue.kind,
            columns=issue.columns,
            targets=(),
            statement=_statement(issue),
            evidence=Evidence(audited.rows, issue.rows, False, 0.0),
            confidence=1.0,
            query=query,
            fix=fix,
            undefined={} if fix is not None else {"fix": reason},
            severity=issue.severity,
        )


def _obstacle(audited: AuditedTable, names: Sequence[str], fix: Fix) -> str:
    """Return why the database would refuse a fix, "" where it would not."""
    standing = audited.standing
    if standing.kind == "view" and not any(change.startswith("create view") for change in fix.changes.values()):
        return obstacle_to_drop(audited, names)
    generated = [name for name in names if name in standing.generated]
    if generated and fix.changes["duckdb"].startswith(("update", "alter table")):
        return f"{shorten(generated[0], NAME_WIDTH)} is a generated column: change what it is computed from"
    if " alter column " in fix.changes["duckdb"]:
        return obstacle_to_drop(audited, names)
    return ""


def _statement(issue: QualityIssue) -> str:
    """Return the sentences on an issue, as statements show names and values."""
    shown = []
    for part in quality_parts(issue):
        if isinstance(part, ColumnPart):
            shown.append(shorten(part.name, NAME_WIDTH))
        elif isinstance(part, ValuePart):
            value = value_text(part.value)
            shown.append(f"'{value}'" if part.is_quoted and str(part.value).strip() else value)
        else:
            shown.append(part)
    return "".join(shown)


def _fault_of(issue: QualityIssue, faults: Mapping[str, Sequence[Fault]]) -> Fault | None:
    """Return the fault behind an issue of a column; None where the values are not known."""
    if len(issue.columns) != 1:
        return None
    for fault in faults.get(issue.columns[0], ()):
        if (fault.issue.kind, fault.issue.detail) == (issue.kind, issue.detail):
            return fault
    return None


def _duplicates(audited: AuditedTable, issue: QualityIssue) -> tuple[str, Fix]:
    table, columns = audited.table, name_columns([column.name for column in audited.columns])
    numbered = f"select {columns}, row_number() over (partition by {columns}) as copy from {table}"
    query = f"select * from ({numbered}) c where copy > 1"
    check = (
        f"select abs((select count(*) from {table}) - (select count(*) from (select distinct {columns} from {table}) d)"
        f" - {issue.rows})"
    )

    def delete(row: str) -> str:
        numbered = f"select {row} as r, row_number() over (partition by {columns} order by {row}) as n from {table}"
        return f"delete from {table} where {row} in (select r from ({numbered}) c where n > 1);"

    changes = {"duckdb": delete("rowid"), "postgresql": delete("ctid")}
    return query, Fix("delete the rows that repeat an earlier one", dict.fromkeys(DIALECTS, check), changes)


@dataclass(frozen=True)
class _Writer:
    """Writes the SQL on a fault of one column."""

    audited: AuditedTable
    issue: QualityIssue
    fault: Fault

    @property
    def number(self) -> int:
        return self.audited.numbers[self.issue.columns[0]]

    @property
    def name(self) -> str:
        return self.issue.columns[0]

    @property
    def column(self) -> str:
        return quote_identifier(self.name)

    @property
    def type(self) -> str:
        return self.audited.columns[self.number].type

    @property
    def is_text(self) -> bool:
        return self.audited.columns[self.number].kind in ("text", "categorical")

    def literals(self, positions: Positions) -> list[str]:
        """Return values as literals that DuckDB and PostgreSQL read alike."""
        return literals(self.audited, self.number, positions)

    def _holds(self) -> str | None:
        """Return the condition that a row holds one of the values; None where they are too many to be named."""
        positions, detail = self.fault.positions, self.issue.detail or ""
        if self.issue.kind == "leading_zeros":
            return f"length({self.column}) < {detail}" if self.is_text else f"{self.column} < {10 ** (int(detail) - 1)}"
        if self.issue.kind == "units" and detail[:1] in ("×", "÷"):
            axis = self.audited.coded.marginals[self.number].dictionary.axis
            assert axis is not None
            is_low = detail[0] == "÷"
            end = positions[[int(np.argmax(axis[positions]) if is_low else np.argmin(axis[positions]))]]
            return f"{self.column} {'<=' if is_low else '>='} {self.literals(end)[0]}"
        if not 0 < positions.size <= MOST_LITERALS or not self._is_writable(positions):
            return None
        return f"{self.column} in ({', '.join(self.literals(positions))})"

    def _is_writable(self, positions: Positions) -> bool:
        """Whether SQL can write the values."""
        return is_writable(self.audited, self.number, positions)

    def query(self) -> str | None:
        """Return the query that lists the rows; None where they cannot be named."""
        if self.issue.kind == "missing":
            return f"select * from {self.audited.table} where {self.column} is null"
        if self.issue.kind == "nearly_constant":
            positions = np.array([int(np.argmax(self.audited.coded.marginals[self.number].counts))])
            if not self._is_writable(positions):
                return None
            return f"select * from {self.audited.table} where {self.column} <> {self.literals(positions)[0]}"
        if self.issue.kind == "gap":
            return self._gaps()
        condition = self._holds()
        return f"select * from {self.audited.table} where {condition}" if condition else None

    def _gaps(self) -> str:
        times = f"select distinct {self.column} as t from {self.audited.table} where {self.column} is not null"
        following = f"select t, lead(t) over (order by t) as following from ({times}) d"
        return f"select t, following from ({following}) g where following > t + {self._step()} order by t"

    def _step(self) -> str:
        amount, _, noun = (self.issue.detail or "").rpartition(" ")
        return f"interval '{amount.replace(',', '') or 1} {noun}'"

    def fix(self) -> tuple[Fix | None, str]:
        """Return the fix, or why there is none."""
        kind, detail = self.issue.kind, self.issue.detail or ""
        if kind in _NO_FIX:
            return None, _NO_FIX[kind]
        if kind == "patterns" and detail != SPACES:
            return None, "only their source says what they should be: the query lists them"
        if kind == "patterns":
            return self._trim(), ""
        if kind == "stored_as_text":
            return self._convert()
        if kind == "gap":
            return self._every_time()
        if kind == "units" and detail[:1] not in ("×", "÷"):
            return self._split(), ""
        if self._holds() is None:
            return None, "they are too many values, or values that SQL cannot write"
        if kind in ("placeholder", "sentinel", "not_finite"):
            return self._update(f"set them in {self.name} to NULL", "null"), ""
        if kind == "variants" and self.fault.corrected is not None:
            return self._respell(self.fault.corrected), ""
        if kind == "leading_zeros":
            return self._pad(int(detail)), ""
        if kind == "units" and detail[:1] in ("×", "÷"):
            return self._rescale(detail)
        return None, "only their source says what they should be: the query lists them"

    def _update(self, action: str, value: str, dialects: dict[str, str] | None = None) -> Fix:
        """Return the fix that sets the column of the rows to a value, which some dialects write otherwise."""
        table, where = self.audited.table, self._holds()
        check = f"select abs((select count(*) from {table} where {where}) - {self.issue.rows})"
        values = dict.fromkeys(DIALECTS, value) | (dialects or {})
        changes = {d: f"update {table} set {self.column} = {values[d]} where {where};" for d in DIALECTS}
        return Fix(action, dict.fromkeys(DIALECTS, check), changes)

    def _respell(self, corrected: Positions) -> Fix:
        rare, usual = self.literals(self.fault.positions), self.literals(corrected)
        cases = " ".join(f"when {old} then {new}" for old, new in zip(rare, usual, strict=True))
        value = f"case {self.column} {cases} end"
        return self._update(f"give {self.name} one spelling for each value", value)

    def _trim(self) -> Fix:
        trimmed = f"regexp_replace({self.column}, '^\\s+|\\s+$', '', 'g')"
        where = f"{self.column} <> {trimmed}"
        check = f"select abs((select count(*) from {self.audited.table} where {where}) - {self.issue.rows})"
        change = f"update {self.audited.table} set {self.column} = {trimmed} where {where};"
        action = f"remove white space at the ends of {self.name}"
        return Fix(action, dict.fromkeys(DIALECTS, check), dict.fromkeys(DIALECTS, change))

    def _pad(self, width: int) -> Fix:
        action = f"pad {self.name} to {width} digits"
        if self.is_text:
            return self._update(action, f"lpad({self.column}, {width}, '0')")
        checks = self._update(action, "null").checks
        padded = f"lpad(cast(cast({self.column} as bigint) as varchar), {width}, '0')"
        change = f"alter table {self.audited.table} alter column {self.column} type varchar using {padded};"
        return Fix(f"store {self.name} as text of {width} digits", checks, dict.fromkeys(DIALECTS, change))

    def _rescale(self, detail: str) -> tuple[Fix | None, str]:
        factor = int(detail[1:].replace(",", ""))
        if detail[0] == "×" and self.audited.is_integer(self.number):
            return None, f"divided by {factor:,}, whole numbers would lose their fractions"
        sign = "*" if detail[0] == "÷" else "/"
        verb = "multiply" if sign == "*" else "divide"
        given = f"{self.column} {sign} {factor}"
        values = {d: f"cast({given} as {type_in(d, self.type)})" for d in DIALECTS}
        return self._update(f"{verb} them in {self.name} by {factor:,}", given, values), ""

    def _convert(self) -> tuple[Fix | None, str]:
        """Return the fix that gives a text column its type, where at most placeholders would not convert."""
        kind, _, form = (self.issue.detail or "").partition(" ")
        lost = self.fault.positions
        has_unclear = self.fault.corrected is None or self.fault.corrected.size > 0
        if lost.size > MOST_LITERALS or not self._is_writable(lost):
            return None, "too many values would not convert"
        if self.issue.rows == self.audited.coded.marginals[self.number].filled:
            return None, "no value converts as it is written"
        if form and kind != "DATE":
            return None, f"timestamps written {form} are read differently from database to database"
        given = self.column
        if lost.size:
            given = f"case when {given} in ({', '.join(self.literals(lost))}) then null else {given} end"
        given = f"trim({given})"
        if form:
            postgresql = form
            for ours, theirs in _POSTGRESQL_FORMATS.items():
                postgresql = postgresql.replace(ours, theirs)
            values = {
                "duckdb": f"cast(strptime({given}, {quote_literal(form)}) as date)",
                "postgresql": f"to_date({given}, {quote_literal(postgresql)})",
            }
        else:
            values = {d: f"cast({given} as {type_in(d, kind)})" for d in DIALECTS}
        if has_unclear:
            return self._beside(kind, values), ""
        table = self.audited.table
        changes = {
            d: f"alter table {table} alter column {self.column} type {type_in(d, kind)} using {values[d]};"
            for d in DIALECTS
        }
        return Fix(f"convert {self.name} to {kind}", self._checks(kind, form), changes), ""

    def _beside(self, kind: str, values: dict[str, str]) -> Fix:
        """Return the fix that adds a column with what converts, and leaves the texts as they are."""
        table, name = self.audited.table, f"{self.name}_{kind.lower()}"
        added = quote_identifier(name)
        lost = ", ".join(self.literals(self.fault.positions))
        check = f"select abs((select count(*) from {table} where {self.column} in ({lost})) - {self.issue.rows})"
        changes = {
            d: f"alter table {table} add column {added} {type_in(d, kind)};\nupdate {table} set {added} = {values[d]};"
            for d in DIALECTS
        }
        return Fix(f"add {name}, NULL where {self.name} does not convert", dict.fromkeys(DIALECTS, check), changes)

    def _split(self) -> Fix:
        """Return the fix that adds a column for the numbers and one for their units."""
        table, column = self.audited.table, self.column
        number, unit = (quote_identifier(f"{self.name}_{part}") for part in ("number", "unit"))
        where = f"{column} is not null and regexp_replace({column}, '[^0-9]', '', 'g') <> ''"
        check = (
            f"select count(*) from {table} where {where} and regexp_replace({column}, "
            r"'^[^0-9.+-]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)[^0-9.,]*$', '') <> ''"
        )
        changes = {}
        for dialect in DIALECTS:
            double = type_in(dialect, "DOUBLE")
            changes[dialect] = (
                f"alter table {table} add column {number} {double};\n"
                f"alter table {table} add column {unit} {type_in(dialect, 'VARCHAR')};\n"
                f"update {table} set {number} = cast(regexp_replace({column}, '[^0-9.+-]', '', 'g') as {double}), "
                f"{unit} = lower(trim(regexp_replace({column}, '[0-9.+-]', '', 'g'))) where {where};"
            )
        action = f"split {self.name} into {self.name}_number and {self.name}_unit"
        return Fix(action, dict.fromkeys(DIALECTS, check), changes)

    def _every_time(self) -> tuple[Fix | None, str]:
        """Return the fix that makes a view with a row for every time, empty where it is missing."""
        table, column, marginal = self.audited.table, self.column, self.audited.coded.marginals[self.number]
        found, _ = finite_places(QualityColumn(self.name, self.type, marginal, self.audited.rows))
        if steps_without_time(found.places) != self.issue.rows:
            return None, "load the missing times again; nights and weekends are none of them, so no view is proposed"
        ends, unit = found.positions[[0, -1]], (self.issue.detail or "step").replace(" ", "_")
        view = quote_identifier(f"{self.audited.table_name}_every_{unit}")
        others = [quote_identifier(c.name) for c in self.audited.columns if c.name != self.name]
        changes, checks = {}, {}
        for dialect in DIALECTS:
            kind = type_in(dialect, self.type)
            first, last = (f"cast({end} as timestamp)" for end in self.literals(ends))
            series = f"generate_series({first}, {last}, {self._step()}) s(t)"
            selected = ", ".join([f"cast(s.t as {kind}) as {column}", *(f"x.{name}" for name in others)])
            joined = f"left join {table} x on x.{column} = cast(s.t as {kind})"
            changes[dialect] = f"create view {view} as select {selected} from {series} {joined};"
            missing = f"select count(*) from {series} {joined} where x.{column} is null"
            checks[dialect] = f"select abs(({missing}) - {self.issue.rows})"
        return Fix(f"make a view with a row for every {self.issue.detail}", checks, changes), ""

    def _checks(self, kind: str, form: str) -> dict[str, str]:
        """Return the queries that count the rows that would not convert, placeholders aside."""
        table, column = self.audited.table, self.column
        kept = f"{column} is not null"
        if self.fault.positions.size:
            kept += f" and {column} not in ({', '.join(self.literals(self.fault.positions))})"
        if kind in _CONVERTS:
            expression = quote_literal(_CONVERTS[kind])
        elif form:
            separator = form[2]
            digits = [f"[0-9]{{{'4' if part == 'Y' else '1,2'}}}" for part in form[1::3]]
            expression = quote_literal(rf"^\s*{('[' + separator + ']').join(digits)}\s*$")
        else:
            time = (
                "" if kind == "DATE" else r"([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?( ?(Z|UTC|[+-][0-9:]+))?)?"
            )
            expression = quote_literal(rf"^\s*[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}{time}\s*$")
        return {
            "duckdb": f"select count(*) from {table} where {kept} and not regexp_matches({column}, {expression})",
            "postgresql": f"select count(*) from {table} where {kept} and {column} !~ {expression}",
        }
