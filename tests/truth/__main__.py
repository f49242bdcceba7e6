"""Verify everything that is said of all real tables: ``make truth``, or ``python -m tests.truth NAME …`` for some."""

from __future__ import annotations

import sys
import time
from collections import Counter

import duckdb

import colprofile
from tests.truth.asked import Table
from tests.truth.corpora import Corpus, corpora, opened
from tests.truth.verifiers import contradictions
from tests.truth.verify_figures import audit_figures, halves, is_small, profile_figures, scripts

_SECONDS = 30.0
_LATENT_CELLS = 20_000


def verified(corpus: Corpus, kinds: Counter[str], compared: Counter[str]) -> list[str]:
    """Return what is wrong in what is said of a table; its findings are counted by kind, and columns of halves."""
    con = opened(corpus)
    table = Table(con, corpus.name)
    audit = colprofile.audit(con, corpus.name, progress=False, max_seconds=_SECONDS)
    kinds.update(finding.kind for finding in audit.findings)
    wrong = [*contradictions(table, audit), *audit_figures(table, audit)]
    wrong += profile_figures(table, colprofile.profile(con, corpus.name, pairs=False, progress=False))
    if table.rows >= 50:
        compared.update(columns=len(table.columns))
        if differences := list(halves(table)):
            compared.update(differ=len(differences))
            print(*differences, sep="\n", flush=True)
    if is_small(table):
        wrong += scripts(table, audit, lambda: opened(corpus))
    if table.rows * len(table.columns) <= _LATENT_CELLS and len(table.columns) > 1:
        latent = colprofile.latent_classes(con, corpus.name, max_classes=4, progress=False)
        shares = sum(each.share for each in latent.classes)
        if latent.classes and abs(shares - 1) > 1e-6:
            wrong.append(f"{corpus.name}: the classes' shares add up to {shares}")
        wrong += [
            f"{corpus.name}.{column.name}: a class says {column.information} of {column.entropy} bits"
            for column in latent.columns
            if not -1e-9 <= column.information <= column.entropy + 1e-9
        ]
    con.close()
    return wrong


def main(names: list[str]) -> int:
    """Print what is wrong, table by table, and return 1 if anything is."""
    kinds: Counter[str] = Counter()
    compared: Counter[str] = Counter()
    tables = failures = 0
    for corpus in corpora():
        if names and not any(name in corpus.name for name in names):
            continue
        begun = time.monotonic()
        try:
            opened(corpus).close()
        except (duckdb.Error, ValueError) as error:
            print(f"{corpus.name}: no table: {str(error).splitlines()[0]}", flush=True)
            continue
        wrong = verified(corpus, kinds, compared)
        tables += 1
        failures += len(wrong)
        print(f"{corpus.name}: {time.monotonic() - begun:.1f} s", *wrong, sep="\n  WRONG ", flush=True)
    print(f"{tables} tables, {kinds.total():,} findings: {', '.join(f'{n} {kind}' for kind, n in kinds.most_common())}")
    print(f"{compared['differ']} of {compared['columns']:,} columns differ between random halves, it is said")
    print(f"{failures} contradictions")
    # A test at the 1 % level may reject a few of a thousand columns.
    return int(failures > 0 or compared["differ"] > max(2, compared["columns"] // 100))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
