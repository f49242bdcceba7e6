"""Findings that columns determine others, repeat others, or identify rows: is it so?"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence

from colprofile.results.audit import Alternative, Evidence, Finding
from tests.truth.asked import Dependency, Table, differs, entropy, expected_information, literal, quoted
from tests.truth.expressions import holds

Wrong = Iterator[str]

_COSTLY = 3_000_000  # terms of the sum over two marginals


def number(text: str) -> int:
    return int(text.replace(",", ""))


def _figures(table: Table, columns: Sequence[str], target: str, told: Evidence) -> Wrong:
    """Yield the figures of the evidence that SQL counts otherwise."""
    found = Dependency.of(table, columns, target)
    if (told.rows, told.violating_rows) != (found.rows, found.violating):
        yield f"{told.violating_rows} of {told.rows} rows violate it, but SQL counts {found.violating} of {found.rows}"
        return
    if told.is_exact != (found.violating == 0):
        yield f"is_exact={told.is_exact}, but {found.violating} rows violate it"
    if told.repeated_rows is not None and told.repeated_rows != found.repeated:
        yield f"{told.repeated_rows} rows share their left side, but SQL counts {found.repeated}"
    bits = entropy(found.y)
    if told.mutual_information is not None and differs(told.mutual_information, found.information):
        yield f"I = {told.mutual_information}, but SQL says {found.information}"
    explained = found.information / bits if bits else None
    if told.uncertainty_coefficient is not None and differs(told.uncertainty_coefficient, explained):
        yield f"I/H(Y) = {told.uncertainty_coefficient}, but SQL says {explained}"
    if told.g3 is not None and differs(told.g3, found.violating / max(1, found.rows)):
        yield f"g3 = {told.g3}, but SQL says {found.violating / max(1, found.rows)}"
    if told.pdep is not None and differs(told.pdep, found.pdep):
        yield f"pdep = {told.pdep}, but SQL says {found.pdep}"
    if told.mu_plus is not None and differs(told.mu_plus, found.mu_plus):
        yield f"μ+ = {told.mu_plus}, but SQL says {found.mu_plus}"
    terms = sum(min(a, b) for a in set(found.x) for b in set(found.y))
    if told.expected_mutual_information is not None and terms < _COSTLY:
        chance = expected_information(found.x, found.y)
        if differs(told.expected_mutual_information, chance, 1e-4):
            yield f"E[I] = {told.expected_mutual_information}, but the sum gives {chance}"
        reliable = (found.information - chance) / bits if bits else None
        if told.rfi is not None and reliable is not None and differs(told.rfi, max(0.0, reliable), 1e-4):
            yield f"RFI = {told.rfi}, but SQL says {reliable}"


def _saved(table: Table, finding: Finding | Alternative, evidence: Evidence) -> Wrong:
    """Yield whether the bits of a lookup are counted otherwise."""
    saved = [Dependency.of(table, finding.columns, target).saved for target in finding.targets]
    bits = sum(max(0.0, each) for each in saved) / table.rows
    if differs(evidence.bits, bits):
        yield f"{evidence.bits} bits per row, but SQL says {bits}"
    # Beyond chance by another count: of what few rows share their left side.
    is_weak = "a lookup would save little" in finding.statement
    if evidence.log2_chance is not None and not is_weak and differs(-evidence.log2_chance, max(0.0, min(saved))):
        yield f"log2_chance = {evidence.log2_chance}, but SQL says {-min(saved)}"


def _exactly(table: Table, columns: Sequence[str], targets: Sequence[str], statement: str) -> Wrong:
    """Yield which targets are not determined in all the rows that a statement names."""
    for target in targets:
        found = Dependency.of(table, columns, target)
        if found.violating:
            yield f"{found.violating} of {found.rows} rows contradict {columns} → {target}"
        named = re.search(r"in all ([\d,]+) rows where none of them is NULL", statement)
        rows = number(named[1]) if named else table.rows if "in every row" in statement else None
        if rows is not None and len(targets) == 1 and rows != found.rows:
            yield f"it is said of {rows} rows, but {found.rows} have all of {columns} and {target}"


def dependency(table: Table, finding: Finding) -> Wrong:
    """Columns that determine others in every row."""
    yield from _exactly(table, finding.columns, finding.targets, finding.statement)
    if len(finding.targets) == 1:
        yield from _figures(table, finding.columns, finding.targets[0], finding.evidence)
    if "one to one" not in finding.statement:
        yield from _saved(table, finding, finding.evidence)
    if "determine the remaining one" in finding.statement:
        members = (*finding.columns, *finding.targets)
        for target in members:
            yield from _exactly(table, [name for name in members if name != target], [target], "")
    # No smaller left side does it: otherwise that should have been said.
    for part in itertools.combinations(finding.columns, len(finding.columns) - 1):
        for target in finding.targets if part else ():
            found = Dependency.of(table, part, target)
            if not found.violating and found.rows == Dependency.of(table, finding.columns, target).rows:
                yield f"{part} alone determine {target}"


def near(table: Table, finding: Finding) -> Wrong:
    """Columns that determine another except in a few rows; or a code and its label with variants."""
    (target,) = finding.targets
    yield from _figures(table, finding.columns, target, finding.evidence)
    yield from _saved(table, finding, finding.evidence)
    told = re.search(r"except for ([\d,]+) of ([\d,]+) rows", finding.statement)
    if not told or (number(told[1]), number(told[2])) != (finding.evidence.violating_rows, finding.evidence.rows):
        yield "the statement does not say how many rows contradict it"
    if "a code and its label" in finding.statement:
        yield from _exactly(table, (target,), finding.columns, "")
    assert finding.query is not None
    listed = len(table.all(finding.query))
    if listed != finding.evidence.violating_rows:
        yield f"the query lists {listed} rows"
    for example in finding.examples:
        same = " and ".join(
            f"cast({quoted(name)} as varchar) = cast({literal(value)} as varchar)"
            for name, value in zip(finding.columns, example.determinants, strict=True)
        )
        if any(isinstance(value, float | bool) or value is None for value in example.determinants):
            continue  # its text differs from database to database
        rows = table.all(
            f"select count(*) from {table.sql} where {same} and {quoted(target)} is not null "
            f"group by {quoted(target)} order by 1 desc"
        )
        if tuple(row[0] for row in rows)[: len(example.counts)] != example.counts:
            yield f"example {example}, but SQL counts {rows}"


def bijection(table: Table, finding: Finding) -> Wrong:
    """Two columns that determine each other."""
    (x,), (y,) = finding.columns, finding.targets
    yield from _exactly(table, [x], [y], finding.statement)
    yield from _exactly(table, [y], [x], finding.statement)
    yield from _figures(table, [x], y, finding.evidence)
    yield from _saved(table, finding, finding.evidence)
    if "where none of them is NULL" not in finding.statement:
        apart = table.count(f"({quoted(x)} is null) <> ({quoted(y)} is null)")
        if apart:
            yield f"{apart} rows have a NULL in one of the two only"


def duplicate(table: Table, finding: Finding) -> Wrong:
    """A column with the values of another, as they are or after a cast."""
    (x,), (y,) = finding.columns, finding.targets
    a, b = quoted(x), quoted(y)
    has_cast = finding.statement.endswith("after a cast.")
    if has_cast != (table.types[x] != table.types[y]):
        yield f"a cast from {table.types[x]} to {table.types[y]} is not said"
    equal = f"{a} is not distinct from {b}"
    if has_cast:
        numbers = f"try_cast({a} as double) = try_cast({b} as double)"
        times = f"try_cast({a} as timestamp) = try_cast({b} as timestamp)"
        same = f"coalesce({numbers}, {times}, cast({a} as varchar) = cast({b} as varchar), false)"
        equal = f"(({a} is null and {b} is null) or {same})"
    different = table.count(f"not ({equal})")
    if different:
        yield f"{different} rows have different values"
    if ("NULL included" in finding.statement) != bool(table.count(f"{a} is null")):
        yield "whether NULL is among them is not said"
    filled = Dependency.of(table, [x], y)
    if differs(finding.evidence.bits, entropy(filled.y) * filled.rows / table.rows):
        yield f"{finding.evidence.bits} bits per row"


def computed(table: Table, finding: Finding) -> Wrong:
    """A column that can be computed from others."""
    assert finding.expression is not None
    for expression, target in zip(_parts(finding.expression, len(finding.targets)), finding.targets, strict=True):
        yield from holds(table, finding.columns, target, expression)
        yield from _exactly(table, finding.columns, [target], finding.statement)
    if len(finding.targets) == 1:
        yield from _figures(table, finding.columns, finding.targets[0], finding.evidence)
    most = sum(entropy(table.counts([target], complete=finding.columns)) for target in finding.targets)
    if not 0 <= finding.evidence.bits <= most + 1e-9:
        yield f"{finding.evidence.bits} bits per row, of {most} that the target has"


def _parts(expression: str, amount: int) -> list[str]:
    """Return the expressions of several targets; a name may hold a semicolon."""
    parts = expression.split("; ") if amount > 1 else [expression]
    return parts if len(parts) == amount else [expression] * amount


def alternative(table: Table, finding: Finding) -> Wrong:
    """The other way round of a finding."""
    for other in finding.alternatives:
        if finding.kind == "duplicate":
            yield from duplicate(table, Finding("duplicate", other.columns, other.targets, *_rest(finding, other)))
        elif other.expression is not None:
            for expression, target in zip(_parts(other.expression, len(other.targets)), other.targets, strict=True):
                yield from holds(table, other.columns, target, expression)
        else:
            yield from _exactly(table, other.columns, other.targets, other.statement)


def _rest(finding: Finding, other: Alternative) -> tuple[str, Evidence, float]:
    return other.statement, finding.evidence, finding.confidence


def key(table: Table, finding: Finding) -> Wrong:
    """Columns that identify every row, none of which can be left out, and none of which is NULL."""
    names = ", ".join(map(quoted, finding.columns))
    with_null = re.search(r" if NULL counts as a value: no primary key, as .* in ([\d,]+) of", finding.statement)
    if int(table.one(f"select count(*) from (select distinct {names} from {table.sql})")) != table.rows:
        yield "rows share it"
    holding = [table.count(f"{quoted(name)} is null") for name in finding.columns]
    if number(with_null[1]) not in holding if with_null else any(holding):
        yield f"{holding} rows hold NULL"
    for part in itertools.combinations(finding.columns, len(finding.columns) - 1):
        if part and not any(holding) and len(table.counts(part)) == table.rows:
            yield f"{part} alone identify every row"
    told = finding.evidence.log2_chance
    if told is not None and not with_null:
        n = table.rows
        shares = [sum(c * (c - 1) for c in table.counts([name])) / (n * (n - 1)) for name in finding.columns]
        pairs = n * (n - 1) / 2 * math.prod(shares)
        if differs(told, -pairs / math.log(2)):
            yield f"log2_chance = {told}, but SQL says {-pairs / math.log(2)}"
