"""Findings about data quality: are there as many such rows, and do they show what is said of them?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from colprofile.results.audit import Finding
from tests.truth.asked import Table, quoted
from tests.truth.verify_dependencies import number

Wrong = Iterator[str]

_MEANS_MISSING = re.compile(
    r"|[?.\-_–—]{1,3}|#?n[/\\]?a|n\.a\.?|[<(\[]?(na|null|none|nil|nan|nat|blank|empty|unknown|missing)[>)\]]?"
    r"|undefined|not (available|applicable|specified)|unspecified|no data|tbd|tba|#(null|value|ref|name|num)[!?]|\\n",
    re.IGNORECASE,
)


def _rows(finding: Finding) -> int | None:
    """Return the rows that a statement names."""
    found = re.search(
        r"(?:in|but|of) ([\d,]+) rows?\b|^([\d,]+) rows? repeat|\. ([\d,]+) rows? ha(?:s|ve) a rarer", finding.statement
    )
    return number(next(each for each in found.groups() if each)) if found else None


def _listed(table: Table, finding: Finding) -> Wrong:
    """Yield whether the query lists another number of rows, or other rows first."""
    if finding.query is None:
        return
    listed = [row[0] for row in table.all(finding.query.replace("select * from", "select rowid + 1 from", 1))]
    if len(listed) != finding.evidence.violating_rows:
        yield f"the query lists {len(listed)} rows, the evidence says {finding.evidence.violating_rows}"
    first = re.search(r"(?:First in|In) rows? ([\d, and]+)\.$", finding.statement)
    if first:
        told = [number(each) for each in re.findall(r"\d{1,3}(?:,\d{3})*", first[1])]
        if told != sorted(listed)[: len(told)]:
            yield f"the first rows are {sorted(listed)[:3]}"


def _values(table: Table, finding: Finding) -> list[tuple[object, int]]:
    """Return the values of the rows that the query lists, with their rows."""
    assert finding.query is not None
    x = quoted(finding.columns[0])
    return [
        (row[0], row[1])
        for row in table.all(f"select {x}, count(*) from ({finding.query}) q group by 1 order by 2 desc")
    ]


def duplicate_rows(table: Table, finding: Finding) -> Wrong:
    """Rows that repeat an earlier row in every column."""
    names = ", ".join(map(quoted, table.columns))
    repeated = table.rows - int(table.one(f"select count(*) from (select distinct {names} from {table.sql})"))
    if not _rows(finding) == finding.evidence.violating_rows == repeated:
        yield f"SQL counts {repeated}"
    pair = re.search(r"row ([\d,]+) repeats row ([\d,]+)\.", finding.statement)
    if pair:
        places = ", ".join(str(number(each) - 1) for each in pair.groups())
        distinct = table.one(
            f"select count(*) from (select distinct {names} from {table.sql} where rowid in ({places}))"
        )
        if distinct != 1 or number(pair[1]) <= number(pair[2]):
            yield f"rows {pair[1]} and {pair[2]} differ"
    assert finding.query is not None
    if len(table.all(finding.query)) != repeated:
        yield "the query lists another number of rows"


def missing(table: Table, finding: Finding) -> Wrong:
    """A column that is NULL in a large share of the rows."""
    nulls = table.count(f"{quoted(finding.columns[0])} is null")
    if not _rows(finding) == finding.evidence.violating_rows == nulls:
        yield f"SQL counts {nulls}"
    share = re.search(r", (>?)([\d.]+) % of all", finding.statement)
    if not share or abs(float(share[2]) - 100 * nulls / table.rows) > 0.0501:
        yield f"it is {100 * nulls / table.rows} %"
    yield from _listed(table, finding)


def placeholder(table: Table, finding: Finding) -> Wrong:
    """Text that stands for a missing value."""
    x = quoted(finding.columns[0])
    if "is blank, and not NULL" in finding.statement:
        blank = table.count(f"regexp_full_match({x}, '\\s*')")
        if not _rows(finding) == finding.evidence.violating_rows == blank:
            yield f"SQL counts {blank}"
    for value, _ in _values(table, finding) if finding.query else ():
        if not _MEANS_MISSING.fullmatch(str(value).strip()):
            yield f"{value!r} stands for nothing missing"
    yield from _listed(table, finding)


def sentinel(table: Table, finding: Finding) -> Wrong:
    """A number or date that stands for a missing value: far from all other values."""
    yield from _far(table, finding)
    yield from _listed(table, finding)


def outliers(table: Table, finding: Finding) -> Wrong:
    """Numbers far from all others."""
    yield from _far(table, finding)
    yield from _listed(table, finding)


def _far(table: Table, finding: Finding) -> Wrong:
    """Yield which of the values lie as near to the others as these to their median."""
    if finding.query is None:
        return
    x, query = quoted(finding.columns[0]), finding.query
    axis = (
        f"epoch({x})" if table.types[finding.columns[0]].lower().startswith(("date", "timestamp")) else f"{x}::double"
    )
    near = table.row(
        f"with odd as (select distinct {axis} as v from ({query}) q), "
        f"rest as (select {axis} as v from {table.sql} where isfinite({axis}) and {axis} not in (select v from odd)), "
        "m as (select min(v) as low, max(v) as high, median(v) as middle from rest) "
        "select count(*) filter (v between low and high), "
        "min(case when v > high then (v - high) / greatest(1e-300, high - middle) "
        "else (low - v) / greatest(1e-300, middle - low) end) from odd, m"
    )
    if near[1] is None:
        yield "there are no such values"
    elif near[0] or near[1] < 1:
        yield f"{near[0]} values lie among the others; the nearest is {near[1]} times as far from them as their median"


def stored_as_text(table: Table, finding: Finding) -> Wrong:
    """Numbers, dates or booleans in a text column."""
    x = quoted(finding.columns[0])
    if table.types[finding.columns[0]] != "VARCHAR":
        yield f"it is of type {table.types[finding.columns[0]]}"
        return
    found = re.search(
        r"holds (whole numbers|numbers|dates|timestamps|booleans) as text(?:, written (\S+?))?[;.]", finding.statement
    )
    if found is None:
        yield "the statement names no type"
        return
    given = f"trim({x})"
    kind = {"whole numbers": "bigint", "numbers": "double", "dates": "date", "timestamps": "timestamp"}.get(
        found[1], "boolean"
    )
    value = f"try_cast({given} as {kind})"
    if kind == "boolean":
        value = f"regexp_full_match(lower({given}), 'true|false|t|f|yes|no|y|n') or null"
    elif found[2]:
        form = re.sub(
            r"[A-Za-z]+", lambda part: {"day": "%d", "month": "%m", "year": "%Y"}.get(part[0], part[0]), found[2]
        )
        value = f"coalesce(try_strptime({given}, '{form}'), try_strptime({given}, '{form.replace('%Y', '%y')}'))"
    failing = table.count(f"{x} is not null and ({value}) is null")
    told = re.search(r"; ([\d,]+) rows? would not convert", finding.statement)
    if (number(told[1]) if told else 0) != failing or finding.evidence.violating_rows != failing:
        yield f"{failing} rows do not convert"


def variants(table: Table, finding: Finding) -> Wrong:
    """One value in several spellings, which differ in case or white space."""
    x = quoted(finding.columns[0])
    several = re.search(r" spells (one value|([\d,]+) values) in several ways: ", finding.statement)
    amount = number(several[2]) if several and several[2] else 1
    spaced = f"trim(regexp_replace({x}, '\\s+', ' ', 'g'))"
    counted = [
        table.row(
            f"with s as (select {folded} as f, {x} as v, count(*) as n from {table.sql} "
            f"where {x} is not null group by all), "
            "g as (select count(*) as k, sum(n) - max(n) as rare from s group by f having count(*) > 1) "
            "select count(*), coalesce(sum(rare), 0)::bigint from g"
        )
        for folded in (f"lower({spaced})", spaced)
    ]
    told = (amount, finding.evidence.violating_rows)
    if told not in counted or _rows(finding) != finding.evidence.violating_rows:
        yield f"{told[0]} values, {told[1]} rows, but SQL counts {counted}"
    yield from _listed(table, finding)


def leading_zeros(table: Table, finding: Finding) -> Wrong:
    """Codes of digits that have lost leading zeros in some rows."""
    x = f"cast({quoted(finding.columns[0])} as varchar)"
    whole = re.search(r" for '?(\d+)'?", finding.statement)
    width = len(whole[1]) if whole else 0
    short = table.count(f"regexp_full_match({x}, '[0-9]+') and length({x}) < {width}")
    if not _rows(finding) == finding.evidence.violating_rows == short:
        yield f"{short} rows have fewer than {width} digits"
    yield from _listed(table, finding)


def not_finite(table: Table, finding: Finding) -> Wrong:
    """Infinities or NaN."""
    x = quoted(finding.columns[0])
    rows = table.count(f"not isfinite({x})")
    if not _rows(finding) == finding.evidence.violating_rows == rows:
        yield f"SQL counts {rows}"
    yield from _listed(table, finding)


def nearly_constant(table: Table, finding: Finding) -> Wrong:
    """One value in nearly every row."""
    counts = table.counts(finding.columns)
    others = sum(counts) - max(counts)
    if not _rows(finding) == finding.evidence.violating_rows == others:
        yield f"SQL counts {others}"
    if others > 0.0101 * sum(counts):
        yield f"{others} of {sum(counts)} rows have another value"
    yield from _listed(table, finding)


def patterns(table: Table, finding: Finding) -> Wrong:
    """A few texts that look different from all others, or white space at the ends."""
    x = quoted(finding.columns[0])
    if "begins or ends with white space" in finding.statement:
        rows = table.count(f"regexp_matches({x}, '^\\s|\\s$')")
    else:
        looks = re.search(r" looks like (.*?) in all but ", finding.statement, re.DOTALL)
        assert looks is not None
        signs = {"9": "\\d+", "A": "\\p{Lu}+", "a": "[\\p{Ll}\\p{Lo}]+"}
        form = "".join(signs.get(sign, re.escape(sign)) for sign in looks[1]).replace("'", "''")
        rows = table.count(f"not regexp_full_match({x}, '{form}')")
    if not finding.evidence.violating_rows == _rows(finding) == rows:
        yield f"SQL counts {rows}"
    yield from _listed(table, finding)


def gap(table: Table, finding: Finding) -> Wrong:
    """Times missing in a regular series."""
    x = quoted(finding.columns[0])
    told = re.search(
        r" misses ([\d,]+) \w+ of a regular series(?:, ([\d,]+) (\w+?)s? apart)?"
        r"(?:; the longest gap is from (.+) to (.+))?\.$",
        finding.statement,
    )
    noun = re.search(r" misses [\d,]+ (\w+?)s? of", finding.statement)
    if told is None or noun is None:
        yield "the statement does not say what is missing"
        return
    step = f"interval '{number(told[2])} {told[3]}'" if told[2] else f"interval '1 {noun[1]}'"
    expected, there = table.row(
        f"select (select count(*) from generate_series((select min({x})::timestamp from {table.sql}), "
        f"(select max({x})::timestamp from {table.sql}), {step})), count(distinct {x}) from {table.sql}"
    )
    missing_times = expected - there
    if not 0 < number(told[1]) <= missing_times:
        yield f"{number(told[1])} are said to be missing, SQL counts {missing_times} with nights and weekends"
    if number(told[1]) != finding.evidence.violating_rows:
        yield f"the evidence says {finding.evidence.violating_rows}"
    if told[4]:
        first, last = (f"'{told[n]}'::timestamp" for n in (4, 5))
        between = table.count(f"{x}::timestamp > {first} and {x}::timestamp < {last}")
        ends = len(table.all(f"select distinct {x} from {table.sql} where {x}::timestamp in ({first}, {last})"))
        if between or ends != 2:
            yield f"between {told[4]} and {told[5]} are {between} rows"


def units(table: Table, finding: Finding) -> Wrong:
    """Numbers with different units in one column."""
    if finding.query is None:
        return
    x, query = quoted(finding.columns[0]), finding.query
    factor = re.search(r" is about ([\d,]+) times (larger|smaller) in ", finding.statement)
    if factor:
        others = f"from {table.sql} except all ({query})"
        middle = table.one(f"select (select median({x}) from ({query}) q) / (select median({x}) from ({others}) r)")
        wanted = number(factor[1]) if factor[2] == "larger" else 1 / number(factor[1])
        if not 0.75 < middle / wanted < 1.34:
            yield f"their median is {middle} times that of the others"
    yield from _listed(table, finding)
