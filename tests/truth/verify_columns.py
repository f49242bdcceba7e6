"""Findings about single columns, about NULL and about groups of columns: is it so?"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence

from colprofile.results.audit import Finding
from tests.truth.asked import Table, arrangements, differs, entropy, expected_information, log2_binomial, quoted
from tests.truth.verify_dependencies import number

Wrong = Iterator[str]

_COSTLY = 3_000_000  # terms of the sum over two marginals


def empty(table: Table, finding: Finding) -> Wrong:
    """A column that holds nothing but NULL."""
    (name,) = finding.columns
    filled = table.count(f"{quoted(name)} is not null")
    if filled or not table.rows:
        yield f"{filled} rows have a value"


def constant(table: Table, finding: Finding) -> Wrong:
    """A column with one value in every row, or in every row where it has one."""
    (name,) = finding.columns
    filled = table.counts([name])
    if len(filled) != 1:
        yield f"it has {len(filled)} values"
        return
    told = re.search(r" in ([\d,]+) of ([\d,]+) rows and NULL in the others", finding.statement)
    rows = (number(told[1]), number(told[2])) if told else (table.rows, table.rows)
    if rows != (filled[0], table.rows) or finding.evidence.rows != filled[0]:
        yield f"{filled[0]} of {table.rows} rows have it"
    value = table.one(
        f"select distinct cast({quoted(name)} as varchar) from {table.sql} where {quoted(name)} is not null"
    )
    told_value = finding.statement[len(name) + 4 : -len(" in every row.")] if not told else None
    is_short = len(name) < 60 and len(value) < 60 and value.strip()
    if told_value is not None and is_short and told_value != value and not _same_number(told_value, value):
        yield f"its value is {value!r}"


def _same_number(a: str, b: str) -> bool:
    try:
        return float(a) == float(b)
    except ValueError:
        return a.removesuffix(" 00:00:00") == b.removesuffix(" 00:00:00")


def missingness(table: Table, finding: Finding) -> Wrong:
    """Columns that are NULL in the same rows, or wherever another is; a column that says where another is NULL."""
    (x,), targets, n = finding.columns, finding.targets, table.rows
    a = quoted(x)
    few = table.count(f"{a} is null")
    same = re.search(r"are NULL in the same ([\d,]+) rows\.$", finding.statement)
    wherever = re.search(
        r"NULL wherever .* is \(([\d,]+) rows\), and in ([\d,]+) more\.$", finding.statement, re.DOTALL
    )
    mask = entropy([few, n - few])
    if same:
        for target in targets:
            apart = table.count(f"({a} is null) <> ({quoted(target)} is null)")
            if apart:
                yield f"{apart} rows have a NULL in one of {x} and {target} only"
        if number(same[1]) != few:
            yield f"SQL counts {few}"
        bits, saved = len(targets) * mask, arrangements([few, n - few])
    elif wherever:
        many = table.count(f"{quoted(targets[0])} is null")
        for target in targets:
            if table.count(f"{a} is null and {quoted(target)} is not null"):
                yield f"{target} has values where {x} is NULL"
            if table.count(f"{quoted(target)} is null") != many:
                yield f"{target} is NULL in another number of rows"
        if (number(wherever[1]), number(wherever[2])) != (few, many - few):
            yield f"SQL counts {few}, and {many - few} more"
        joint = [each for each in (few, many - few, n - many) if each]
        bits = mask + entropy([many, n - many]) - entropy(joint)
        saved = log2_binomial(n, few) - log2_binomial(many, few)
    else:
        (target,) = targets
        y = quoted(target)
        inside, outside = (
            table.row(
                f"select count(distinct {y}), min(cast({y} as varchar)), count(*) - count({y}) from {table.sql} {where}"
            )
            for where in (f"where {a} is null", f"where {a} is not null")
        )
        if inside[0] != 1 or outside[0] != 1 or inside[2] or outside[2]:
            yield f"{target} has {inside[0]} and {outside[0]} values there"
        if (
            f" is {inside[1]} where " not in finding.statement
            or f", and {outside[1]} elsewhere." not in finding.statement
        ):
            yield f"its values are {inside[1]!r} and {outside[1]!r}"
        bits, saved = mask, arrangements([few, n - few])
    if differs(finding.evidence.bits, bits):
        yield f"{finding.evidence.bits} bits, but SQL says {bits}"
    if differs(finding.evidence.log2_chance, -saved):
        yield f"log2_chance = {finding.evidence.log2_chance}, but SQL says {-saved}"


# ---- groups


def _shared(table: Table, names: Sequence[str]) -> dict[tuple[str, str], float | None]:
    """Return the bits per row that each pair shares beyond chance; None where chance is costly to sum."""
    found: dict[tuple[str, str], float | None] = {}
    for x, y in itertools.combinations(names, 2):
        of_x, of_y = table.counts([x], complete=[y]), table.counts([y], complete=[x])
        information = entropy(of_x) + entropy(of_y) - entropy(table.counts([x, y]))
        terms = sum(min(a, b) for a in set(of_x) for b in set(of_y))
        beyond = information - expected_information(of_x, of_y) if terms < _COSTLY else None
        found[x, y] = None if beyond is None else max(0.0, beyond) * sum(of_x) / table.rows
    return found


def _tree(names: Sequence[str], weights: dict[tuple[str, str], float]) -> float:
    """Return the weight of the maximum spanning tree, by Prim."""
    inside, total = {names[0]}, 0.0
    while len(inside) < len(names):
        weight, new = max(
            (weights.get((x, y), weights.get((y, x), 0.0)), y) for x in inside for y in names if y not in inside
        )
        total += weight
        inside.add(new)
    return total


def group(table: Table, finding: Finding) -> Wrong:
    """Columns that share information: what they share along the best tree."""
    names = finding.columns
    shared = _shared(table, names)
    known = {pair: bits for pair, bits in shared.items() if bits is not None}
    if len(known) == len(shared):
        bits = _tree(names, known)
        if differs(finding.evidence.bits, bits, 1e-3):
            yield f"{finding.evidence.bits} bits, but SQL says {bits}"
    rows = min(sum(table.counts(pair)) for pair in itertools.combinations(names, 2))
    if finding.evidence.rows != rows:
        yield f"evidence of {finding.evidence.rows} rows, but {rows} are complete"


def _axis(table: Table, name: str) -> str:
    kind = table.types[name].lower()
    x = quoted(name)
    if kind.startswith(("date", "timestamp")):
        return f"epoch_us(cast({x} as timestamp))::double"
    if kind.startswith("time"):
        return f"epoch_us({x})::double"
    return f"cast({x} as double)"


def correlations(table: Table, x: str, y: str) -> tuple[float | None, float | None, int]:
    """Return Pearson's r, Spearman's ρ and the rows that have both."""
    a, b = _axis(table, x), _axis(table, y)
    found = table.row(
        f"with v as (select {a} as a, {b} as b from {table.sql} "
        f"where {quoted(x)} is not null and {quoted(y)} is not null), "
        "f as (from v where not isnan(a) and not isnan(b)), "
        "r as (select a, b, rank() over (order by a) + (count(*) over (partition by a) - 1) / 2 as ra, "
        "rank() over (order by b) + (count(*) over (partition by b) - 1) / 2 as rb from f), "
        "m as (select avg(a) as ma, avg(b) as mb from r where isfinite(a) and isfinite(b)) "
        "select case when bool_and(isfinite(a) and isfinite(b)) then corr(a - ma, b - mb) end, corr(ra, rb), count(*) "
        "from r, m"
    )
    r, rank, rows = found
    return (*(None if each is None or math.isnan(each) else float(each) for each in (r, rank)), int(rows))  # type: ignore[return-value]


def _told(statement: str, name: str) -> tuple[float, float] | None:
    """Return the range of a figure in a statement, in size."""
    amount = r"(−?[\d.]+\d\+?)"
    found = re.search(rf"[:,] \|?{name}\|? {amount}(?: to {amount})?", statement)
    if found is None:
        return None
    given = [each for each in found.groups() if each is not None]
    ends = [0.9975 if each.endswith("+") else abs(float(each.replace("−", "-"))) for each in given]
    return ends[0], ends[-1]


def together(table: Table, finding: Finding) -> Wrong:
    """Numbers and times that rise together, or of which one falls as the other rises."""
    members = [(name, 1) for name in finding.columns] + [(name, -1) for name in finding.targets]
    linear, ranked, strengths, opposed = [], [], [], []
    for (x, up_x), (y, up_y) in itertools.combinations(members, 2):
        r, rank, _ = correlations(table, x, y)
        best = max((each for each in (r, rank) if each is not None), key=abs, default=0.0)
        strengths.append(abs(best))
        if abs(best) > 0.3 and best * up_x * up_y < 0:
            opposed.append(f"{x} and {y} have a correlation of {best:.3f}")
        linear += [] if r is None else [abs(r)]
        ranked += [] if rank is None else [abs(rank)]
    if opposed:
        yield f"{opposed[0]}, and so {len(opposed)} pairs"
    if sum(strengths) / len(strengths) < 0.75:
        yield f"their correlation is {sum(strengths) / len(strengths):.3f} on average"
    for name, found in (("r", linear), ("rank correlation", ranked)):
        told = _told(finding.statement, name)
        if told is None:
            continue
        if not found or told[1] > max(found) + 0.0051 or told[0] < min(found) - 0.0051:
            yield f"{name} is said to be {told}, but SQL says {sorted(found)}"
        elif len(members) == 2 and abs(told[0] - found[0]) > 0.0051:
            yield f"{name} is said to be {told[0]}, but SQL says {found[0]}"
