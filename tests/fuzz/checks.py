"""Compare what every verb says of a table with the truth."""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from scipy import stats

from colprofile.results.audit import Audit, Evidence
from colprofile.results.base import Result
from colprofile.results.column import ColumnProfile
from colprofile.results.drift import Drift
from colprofile.results.latent import LatentClasses
from colprofile.results.pair import Determination
from colprofile.results.profile import Profile
from colprofile.sources.identifiers import quote_identifier, quote_literal
from tests.fuzz.grammar import Table
from tests.fuzz.oracle import Truth, counts, plain
from tests.support import slow_twins

CLOSE = 1e-9


def is_close(found: float | None, expected: float | None) -> bool:
    """Whether two figures are the same to nine digits, or both undefined."""
    if found is None or expected is None:
        return found is expected
    return math.isclose(found, expected, rel_tol=CLOSE, abs_tol=CLOSE)


# Profile


def check_profile(profile: Profile, truth: Truth, *, nulls: str = "ignore") -> None:
    """Every figure of every column and pair."""
    assert profile.rows == truth.rows
    assert not profile.skipped
    assert [column.name for column in profile.columns] == list(truth.names)
    counted = truth.with_null_as_value() if nulls == "value" else truth
    for j, column in enumerate(profile.columns):
        _check_column(column, j, truth, counted)
    for pair in profile.pairs:
        x, y = truth.column(pair.x), truth.column(pair.y)
        rows: list[Any] = counted.complete([x, y])
        what = (pair.x, pair.y)
        assert pair.rows == len(rows), what
        if not rows:
            assert pair.mutual_information is None and pair.x_to_y is None, what
            continue
        assert is_close(pair.joint_entropy, slow_twins.entropy(rows)), what
        assert is_close(pair.mutual_information, slow_twins.mutual_information(rows)), what
        assert is_close(pair.entropy_x, slow_twins.entropy(row[0] for row in rows)), what
        assert is_close(pair.entropy_y_given_x, slow_twins.conditional_entropy(rows)), what
        assert pair.distinct_pairs == len(set(rows)), what
        _check_determination(pair.x_to_y, rows)
        _check_determination(pair.y_to_x, [(b, a) for a, b in rows])
        assert pair.dependence is None or 0 <= pair.dependence <= 1, what
        if pair.spearman is not None and nulls == "ignore":
            assert math.isclose(pair.spearman, _spearman(truth, x, y), abs_tol=1e-9), what
    _check_quality(profile, truth)
    assert profile.findings is not None


def _check_column(column: ColumnProfile, j: int, truth: Truth, counted: Truth) -> None:
    filled, what = truth.filled(j), column.name
    codes = counted.filled(j)
    expected = counts(filled)
    assert (column.rows, column.nulls, column.distinct) == (truth.rows, truth.rows - len(filled), len(expected)), what
    assert is_close(column.entropy, slow_twins.entropy(codes) if codes else None), what
    assert sorted(counts(codes)) == sorted(c for c, n in column.fingerprint for _ in range(n)), what
    assert column.is_key == (bool(filled) and len(expected) == truth.rows), what
    assert column.is_constant == (len(expected) == 1 and len(filled) == truth.rows), what
    assert [top.count for top in column.top_values] == expected[:10], what
    histogram = column.histogram
    assert sum(histogram.counts) + sum(histogram.bin_counts) + sum(histogram.bucket_counts) == len(filled), what
    classes, sizes = truth.value_classes(j, column.kind), Counter(filled)
    assert (
        Counter({classes[plain(v, column.kind)]: n for v, n in zip(histogram.values, histogram.counts, strict=True)})
        == sizes
    )
    for top in column.top_values:
        assert sizes[classes[plain(top.value, column.kind)]] == top.count, (what, top)
    if column.kind == "nested" or not filled:
        assert column.minimum is None and column.maximum is None, what
        return
    ranks = sorted((rank, code) for rank, code in zip(truth.ranks[j], truth.codes[j], strict=True) if rank is not None)
    for value, place in ((column.minimum, 0), (column.maximum, -1)):
        assert classes[plain(value, column.kind)] == ranks[place][1], (what, value)
    for quantile in column.quantiles:
        place = max(1, math.ceil(quantile.probability * len(ranks) - 1e-12)) - 1
        assert classes[plain(quantile.value, column.kind)] == ranks[place][1], (what, quantile)
    if column.kind == "numeric":
        texts = [text for text in truth.texts[j] if text is not None]
        if column.type == "FLOAT":  # the shortest text of a float is not the number that it holds
            texts = [text if "na" in text else str(float(np.float32(text))) for text in texts]
        _check_moments(column, [plain(text, "numeric") for text in texts])


def _check_moments(column: ColumnProfile, numbers: list[Any]) -> None:
    if any(isinstance(number, str) for number in numbers):
        assert column.mean is None and "NaN or infinite" in column.undefined["mean"], column.name
        return
    mean = sum(numbers) / len(numbers)
    spread = max(abs(number) for number in numbers)
    if column.mean is None:
        assert column.undefined["mean"] and spread > 1e300, column.name
    else:
        assert abs(column.mean - mean) <= max(CLOSE * max(abs(mean), spread * 1e-3), 5e-324), (
            column.name,
            column.mean,
            float(mean),
        )
    if len(numbers) > 1:
        variance = sum((number - mean) ** 2 for number in numbers) / (len(numbers) - 1)
        if column.standard_deviation is None:
            assert column.undefined["standard_deviation"] and spread > 1e150, column.name
        else:
            error = abs(column.standard_deviation - slow_root(variance))
            assert error <= 1e-7 * float(spread) + 5e-324, (column.name, column.standard_deviation)


def slow_root(square: Any) -> float:
    """Return the square root of a fraction that no double may hold."""
    scale = 10**400
    return math.isqrt(int(square * scale * scale)) / scale if square else 0.0


def _spearman(truth: Truth, x: int, y: int) -> float:
    ranks = [pair for pair in zip(truth.ranks[x], truth.ranks[y], strict=True) if None not in pair]
    return float(stats.spearmanr(*zip(*ranks, strict=True)).statistic)


def _check_determination(found: Determination | None, rows: list[Any]) -> None:
    assert found is not None
    violating = slow_twins.violating_rows(rows)
    assert (found.violating_rows, found.is_exact) == (violating, violating == 0)
    assert is_close(found.g3, violating / len(rows))
    assert is_close(found.mu_plus, slow_twins.mu_plus(rows))


def _check_quality(profile: Profile, truth: Truth) -> None:
    for issue in profile.quality:
        assert (issue.rows or issue.kind == "stored_as_text") and all(
            1 <= number <= truth.rows for number in issue.row_numbers
        ), issue
        if issue.kind == "duplicate_rows":
            whole = list(zip(*truth.codes, strict=True))
            assert issue.rows == len(whole) - len(set(whole)), issue
        elif issue.kind == "missing":
            assert issue.rows == truth.rows - len(truth.filled(truth.column(issue.columns[0]))), issue
        elif issue.kind in ("placeholder", "sentinel", "not_finite"):
            j = truth.column(issue.columns[0])
            kind = profile.columns[j].kind
            classes, sizes = truth.value_classes(j, kind), Counter(truth.filled(j))
            for value, rows in issue.values:
                assert sizes[classes[plain(value, kind)]] == rows, issue


# Audit


def check_audit(connection: duckdb.DuckDBPyConnection, audit: Audit, truth: Truth, *, nulls: str = "ignore") -> None:
    """Dependencies, keys and findings, and the SQL that each finding carries."""
    judged = truth.with_null_as_value() if nulls == "value" else truth
    found = {(frozenset(map(truth.column, d.columns)), truth.column(d.target)) for d in audit.dependencies}
    if audit.search.is_complete and truth.rows:
        expected = judged.minimal_dependencies(audit.search.exact_determinants)
        assert found == expected, (sorted(map(str, found - expected)), sorted(map(str, expected - found)))
    for key in audit.keys:
        members = [truth.column(name) for name in key]
        assert judged.is_unique(members) and all(None not in truth.codes[j] for j in members), key
    for finding in audit.findings:
        _check_finding(finding, judged, truth)
        for fix in [finding.fix, *(other.fix for other in finding.alternatives)]:
            if fix is not None and "duckdb" in fix.checks:
                assert connection.execute(fix.checks["duckdb"]).fetchall() == [(0,)], finding.statement
        if finding.query is not None:
            listed = connection.execute(f"select count(*) from ({finding.query.rstrip().rstrip(';')})").fetchall()[0][0]
            assert listed == finding.evidence.violating_rows, (finding.statement, listed)


def _check_finding(finding: Any, judged: Truth, truth: Truth) -> None:
    columns = [truth.column(name) for name in finding.columns]
    targets = [truth.column(name) for name in finding.targets]
    what = finding.statement
    if finding.kind == "empty":
        assert not truth.filled(columns[0]), what
    elif finding.kind == "constant":
        assert len(set(truth.filled(columns[0]))) == 1, what
    elif finding.kind == "key":
        assert judged.is_unique(columns) and len(judged.complete(columns)) == truth.rows, what
    elif finding.kind in ("duplicate", "computed", "bijection", "dependency", "near") and columns:
        for target in targets:
            violating = slow_twins.violating_rows(judged.pairs(columns, target))
            assert (violating == 0) == finding.evidence.is_exact or len(targets) > 1, what
            if len(targets) == 1:
                assert violating == finding.evidence.violating_rows, what
                assert len(judged.pairs(columns, target)) == finding.evidence.rows, what
            if finding.kind == "bijection":
                assert judged.holds([target], columns[0]), what


def check_script(script: str, table: Table) -> None:
    """The script runs on a copy of the table, and the view that it makes has every row as it was, as text too."""
    with duckdb.connect() as copy:
        for statement in table.statements():
            copy.execute(statement)
        before = _texts(copy, table.quoted)
        copy.execute(script)
        assert _texts(copy, table.quoted) == before
        restored = f"{table.name}_restored"
        if restored in {row[0] for row in copy.execute("show tables").fetchall()}:
            assert _texts(copy, quote_identifier(restored)) == before


def _texts(connection: duckdb.DuckDBPyConnection, table: str) -> Counter[Any]:
    """How often each row is in a table, as texts, but for the signs of 0.0 and of NaN."""
    rows = connection.execute(f"select columns(*)::varchar from {table}").fetchall()
    return Counter(tuple(text and _unsigned(text) for text in row) for row in rows)


def _unsigned(text: str) -> str:
    """Return a text without the signs of 0.0 and of NaN, which DuckDB cuts off behind its "a"."""
    return re.sub(r"-0\.0(?!\d)", "0.0", re.sub(r"-na[n\0]", "nan", text))


def check_evidence(found: Evidence, truth: Truth, left: Sequence[int], target: int) -> None:
    """The figures of one dependency."""
    rows = truth.pairs(left, target)
    violating, groups = slow_twins.violating_rows(rows), Counter(x for x, _ in rows)
    assert (found.rows, found.violating_rows, found.is_exact) == (len(rows), violating, violating == 0)
    assert found.repeated_rows == sum(count for count in groups.values() if count > 1)
    assert is_close(found.g3, violating / len(rows))
    assert is_close(found.mutual_information, slow_twins.mutual_information(rows))
    assert is_close(found.pdep, slow_twins.pdep(rows))
    if len({y for _, y in rows}) > 1:
        assert is_close(found.mu_plus, slow_twins.mu_plus(rows))


# Drift


def check_no_drift(drift: Drift) -> None:
    """A table is the same as itself."""
    for column in drift.columns:
        assert column.verdict == "same", (column.name, column.verdict, column.reasons)
        for figure in (column.kl_divergence, column.js_divergence, column.unseen_mass, column.null_bits):
            assert figure is None or figure == 0, column.name


def check_drift(drift: Drift, stale: Truth, fresh: Truth) -> None:
    """Divergences of every column, counted from equal values of both states."""
    assert (drift.stale_rows, drift.fresh_rows) == (stale.rows, fresh.rows)
    for j, column in enumerate(drift.columns):
        assert column.name == stale.names[j]
        old, new = Counter(stale.filled(j)), Counter(fresh.filled(j))
        cells = sorted(old | new)
        p, q = [new[cell] for cell in cells], [old[cell] for cell in cells]
        if not sum(p) or not sum(q):
            assert column.kl_divergence is None, column.name
            continue
        assert not column.is_lower_bound and not column.is_interpolated, column.name
        assert is_close(column.js_divergence, slow_twins.js(p, q)), column.name
        assert is_close(column.unseen_mass, sum(a for a, b in zip(p, q, strict=True) if not b) / sum(p)), column.name
        assert is_close(column.vanished_mass, sum(b for a, b in zip(p, q, strict=True) if not a) / sum(q)), column.name
        if "kl_divergence" not in column.smoothed:
            assert is_close(column.kl_divergence, slow_twins.kl(p, q)), column.name


# SQL


def check_sql(connection: duckdb.DuckDBPyConnection, table: str, truth: Truth, pair: tuple[int, int]) -> None:
    """The SQL functions over one table, and over one pair of its columns."""
    found = connection.execute(
        f"select column_name, row_count, nulls, distinct_values, entropy from column_entropies({quote_literal(table)})"
    ).fetchall()
    assert [row[0] for row in found] == list(truth.names)
    for j, (name, rows, nulls, distinct, bits) in enumerate(found):
        filled = truth.filled(j)
        assert (rows, nulls, distinct) == (truth.rows, truth.rows - len(filled), len(set(filled))), name
        assert is_close(bits, slow_twins.entropy(filled) if filled else None), name
    x, y = (quote_identifier(truth.names[j]) for j in pair)
    rows = truth.complete(pair)
    shared, joint, left, effective = connection.execute(
        f"select mutual_information({x}, {y}), joint_entropy({x}, {y}), conditional_entropy({x}, {y}), perplexity({x}) "
        f"from {table}"
    ).fetchall()[0]
    assert is_close(shared, slow_twins.mutual_information(rows) if rows else None), (x, y)
    assert is_close(joint, slow_twins.entropy(rows) if rows else None), (x, y)
    assert is_close(left, slow_twins.conditional_entropy([(b, a) for a, b in rows]) if rows else None), (x, y)
    alone = truth.filled(pair[0])
    assert is_close(effective, 2 ** slow_twins.entropy(alone) if alone else None), x
    asked = "row_count, distinct_x, distinct_y, distinct_pairs, mutual_information, g3_x_to_y"
    measured = connection.execute(f"select {asked} from pair_measures({quote_literal(table)}, {x}, {y})").fetchall()[0]
    if not rows:
        assert measured == (0, None, None, None, None, None)
        return
    assert measured[:4] == (len(rows), len({a for a, _ in rows}), len({b for _, b in rows}), len(set(rows)))
    assert is_close(measured[4], slow_twins.mutual_information(rows)), (x, y)
    assert is_close(measured[5], slow_twins.violating_rows(rows) / len(rows)), (x, y)


def check_sql_drift(connection: duckdb.DuckDBPyConnection, table: str, stale: Truth, fresh: Truth) -> None:
    """column_drift between a table and ``later``."""
    found = connection.execute(
        "select column_name, kl_divergence, js_divergence, unseen_mass, stale_values, fresh_values "
        f"from column_drift({quote_literal(table)}, 'later')"
    ).fetchall()
    assert [row[0] for row in found] == list(stale.names)
    for j, (name, kl, js, unseen, old_rows, new_rows) in enumerate(found):
        old, new = Counter(stale.filled(j)), Counter(fresh.filled(j))
        assert (old_rows, new_rows) == (sum(old.values()), sum(new.values())), name
        if not old or not new:
            continue
        cells = sorted(old | new)
        p, q = [new[cell] for cell in cells], [old[cell] for cell in cells]
        expected = slow_twins.kl(p, q)
        assert is_close(kl, None if math.isinf(expected) else expected), (name, kl, expected)
        assert is_close(js, slow_twins.js(p, q)), (name, js)
        assert is_close(unseen, sum(a for a, b in zip(p, q, strict=True) if not b) / sum(p)), name


def check_latent(found: LatentClasses, truth: Truth) -> None:
    """The bound is no more than what the columns share, NULL being a value."""
    counted = truth.with_null_as_value()
    assert found.rows == truth.rows
    apart = math.fsum(slow_twins.entropy(column) for column in counted.codes)
    shared = apart - slow_twins.entropy(zip(*counted.codes, strict=True))
    assert found.table_redundancy <= shared + CLOSE


# Faces


MARKUP = ("<hostile", "<script>hostile", "<b id=hostile")
"""How markup begins that is in values and names of the tables, and in no page as it is."""


def check_faces(result: Result, path: Path) -> None:
    """HTML, Markdown, text and JSON of a result: nothing in a value or a name is taken for markup, nothing is lost."""
    for page in (result.to_html(), result._repr_html_()):
        assert not [each for each in MARKUP if each in page.lower()]
    _check_markdown(result.to_markdown())
    for encoding in ("utf-8", "ascii"):
        text = result.to_terminal(color=False, encoding=encoding)
        text.encode(encoding)
        assert not {c for c in text if unicodedata.category(c) == "Cc"} - {"\n"}
    assert repr(result).isprintable()
    result.save(path)
    assert type(result).load(path) == result


def _check_markdown(text: str) -> None:
    """Rows of a table have as many cells as its heading, and no value begins a tag."""
    assert not re.search(r"(?<!\\)<(?!/?(details|summary)>)", _CODE.sub("", text)), text
    lines = text.split("\n")
    for before, line in itertools.pairwise(lines):
        if before.startswith("|") and line.startswith("|"):
            assert len(_CELL_ENDS.findall(line)) == len(_CELL_ENDS.findall(before)), line


_CODE = re.compile(r"(?<![`\\])(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_CELL_ENDS = re.compile(r"(?<!\\)\|")
