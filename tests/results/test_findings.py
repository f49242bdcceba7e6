"""A profile's findings: severities in one order, the same words in every report and JSON, partial lists that say so."""

from __future__ import annotations

import html
import itertools
import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest

import colprofile
from colprofile.report.profile.findings import sentences
from colprofile.results.json_schema import schema_path
from colprofile.results.profile import Profile

ROWS = 2_000


def orders() -> pd.DataFrame:
    """Orders with a key, a customer with two other names, a city by zip with slips, a constant and nothing."""
    rng = np.random.default_rng(4)
    customer, product = rng.integers(1, 90, ROWS), rng.integers(0, 25, ROWS)
    prices = np.round(rng.uniform(2, 200, 25), 2)
    frame = pd.DataFrame(
        {
            "order_id": np.arange(ROWS) + 10_001,
            "customer_id": customer,
            "customer_name": [f"name {value * 7919 % 1009}" for value in customer],
            "account": [f"A{value * 31 % 997:03d}" for value in customer],
            "zip": [f"{value % 40:05d}" for value in customer],
            "product": [f"SKU-{value:03d}" for value in product],
            "price": prices[product],
            "currency": "EUR",
            "note": pd.Series([None] * ROWS, dtype=object),
        }
    )
    frame["city"] = [f"city {int(value) // 4}" for value in frame["zip"]]
    frame.loc[rng.choice(ROWS, 9, replace=False), "city"] = "elsewhere"
    return frame


@pytest.fixture(scope="module")
def profile() -> Profile:
    return colprofile.profile(orders())


def kinds(profile: Profile) -> dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]:
    found: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for finding in profile.findings:
        found.setdefault(finding.kind, []).append((finding.columns, finding.targets))
    return found


def test_what_is_found(profile: Profile) -> None:
    found = kinds(profile)
    assert found["key"] == [(("order_id",), ())]
    assert found["empty"] == [(("note",), ())] and found["constant"] == [(("currency",), ())]
    # Columns that determine each other are one finding, and one of them stands for all in the others.
    assert (("customer_id", "customer_name", "account"), ()) in found["exact"]
    assert (("customer_id",), ("zip",)) in found["exact"]
    # Two products may cost the same: the price is what follows.
    assert (("product",), ("price",)) in found["exact"]
    assert not any("price" in columns for columns, _ in found["exact"])
    assert (("zip",), ("city",)) in found["near"]


def test_severities_order_the_findings_and_kinds_stay_together(profile: Profile) -> None:
    severities = [finding.severity for finding in profile.findings]
    assert severities == sorted(severities, key=["high", "medium", "low"].index)
    assert set(severities) == {"medium", "low"} or "high" in severities
    for severity in set(severities):
        order = [finding.kind for finding in profile.findings if finding.severity == severity]
        assert len([1 for a, b in itertools.pairwise(order) if a != b]) == len(set(order)) - 1


def test_bad_data_is_among_the_findings(profile: Profile) -> None:
    issues = [finding.issue for finding in profile.findings if finding.kind == "quality"]
    assert sorted(map(repr, issues)) == sorted(map(repr, profile.quality))
    assert all(finding.severity == finding.issue.severity for finding in profile.findings if finding.issue is not None)


def test_the_same_words_everywhere(profile: Profile, tmp_path: Path) -> None:
    said = [sentence.plain() for sentence in sentences(profile)]
    terminal = " ".join(profile.to_terminal(width=400, color=False).split())
    page, plain = html.unescape(profile.to_html()), profile.to_markdown().replace("`", "").replace("\\", "")
    for sentence in said:
        assert sentence in terminal
        assert sentence in html.unescape(plain)
    data = profile.to_dict()["findings"]
    assert [each["sentence"] for each in data][: len(said)] == said
    assert [each["severity"] for each in data] == [finding.severity for finding in profile.findings]
    assert {each["kind"] for each in data} == {finding.word for finding in profile.findings}
    assert all(f">{finding.word}<" in page for finding in profile.findings)
    profile.save(tmp_path / "profile.json")
    assert json.loads((tmp_path / "profile.json").read_text("utf-8"))["findings"] == data
    jsonschema.validate(profile.to_dict(), json.loads(schema_path("colprofile.profile").read_text("utf-8")))


def test_words_are_ignored_when_a_profile_is_loaded(profile: Profile, tmp_path: Path) -> None:
    data = profile.to_dict()
    data["findings"] = [{"kind": "made up"}]
    assert Profile.from_dict(data) == profile
    (tmp_path / "old.json").write_text(json.dumps({key: value for key, value in data.items() if key != "findings"}))
    assert Profile.load(tmp_path / "old.json") == profile


@pytest.mark.parametrize("options", [{"top_pairs": 2}, {"min_dependence": 0.9}, {"min_dependence": 0.999999}])
def test_partial_lists_say_that_they_are_partial(options: dict[str, Any]) -> None:
    profile = colprofile.profile(orders(), columns=["customer_id", "account", "zip", "city"], **options)
    (found,) = [sentence for sentence in sentences(profile) if sentence.kind == "partial"]
    assert "of 6 pairs of columns" in found.plain() or "None of the 6 pairs" in found.plain()
    for shown in (profile.to_terminal(width=300), profile.to_markdown(), html.unescape(profile.to_html())):
        assert found.plain() in shown
        assert "no dependency" not in shown


def test_without_pairs_nothing_is_said_of_them() -> None:
    profile = colprofile.profile(pd.DataFrame({"a": [1, 2, 2], "b": [1, 1, 2]}), pairs=False)
    assert [sentence.plain() for sentence in sentences(profile)] == [
        "Pairs of columns were not counted: nothing is said of them."
    ]
    assert "no dependency" not in profile.to_terminal()


def test_a_whole_list_does_not_say_that_it_is_partial(profile: Profile) -> None:
    assert "partial" not in kinds(profile)
    assert "partial" not in kinds(colprofile.profile(pd.DataFrame({"a": [1, 2]}), pairs=False))


def test_files_say_what_knowing_a_column_saves() -> None:
    rng = np.random.default_rng(1)
    street = rng.integers(0, 60, 3_000)
    frame = pd.DataFrame({"street": [f"street {value}" for value in street]})
    frame["district"] = [f"d{value // 10 if rng.random() < 0.8 else rng.integers(0, 6)}" for value in street]
    profile = colprofile.profile(frame)
    assert kinds(profile).get("shared") == [(("street", "district"), ())]
    (said,) = [sentence.plain() for sentence in sentences(profile) if sentence.kind == "shared"]
    assert said.startswith("Knowing street saves 1.") and said.endswith("sorted by street, district compresses better.")
    assert "planner" not in said
