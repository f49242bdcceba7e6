"""Every kind of finding with the function that asks SQL whether it is so."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from colprofile.results.audit import Audit, Finding
from tests.truth import verify_columns, verify_dependencies, verify_quality
from tests.truth.asked import Table

VERIFIERS: dict[str, Callable[[Table, Finding], Iterator[str]]] = {
    "empty": verify_columns.empty,
    "constant": verify_columns.constant,
    "missingness": verify_columns.missingness,
    "group": verify_columns.group,
    "together": verify_columns.together,
    "duplicate": verify_dependencies.duplicate,
    "computed": verify_dependencies.computed,
    "bijection": verify_dependencies.bijection,
    "dependency": verify_dependencies.dependency,
    "near": verify_dependencies.near,
    "key": verify_dependencies.key,
    "duplicate_rows": verify_quality.duplicate_rows,
    "missing": verify_quality.missing,
    "placeholder": verify_quality.placeholder,
    "sentinel": verify_quality.sentinel,
    "stored_as_text": verify_quality.stored_as_text,
    "variants": verify_quality.variants,
    "leading_zeros": verify_quality.leading_zeros,
    "not_finite": verify_quality.not_finite,
    "nearly_constant": verify_quality.nearly_constant,
    "patterns": verify_quality.patterns,
    "gap": verify_quality.gap,
    "units": verify_quality.units,
    "outliers": verify_quality.outliers,
}


def contradictions(table: Table, audit: Audit) -> Iterator[str]:
    """Yield what SQL says against the findings of an audit; a kind that nobody verifies is one."""
    for finding in audit.findings:
        verifier = VERIFIERS.get(finding.kind)
        if verifier is None:
            yield f"{table.name}: no function verifies {finding.kind!r}: {finding.statement}"
            continue
        found = list(verifier(table, finding))
        found += verify_dependencies.alternative(table, finding)
        for wrong in found:
            yield f"{table.name}: {finding.kind}: {finding.statement} -- {wrong}"
