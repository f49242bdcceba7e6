"""Columns that move together: signs, groups, significance, and the figures in the sentence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn import datasets

import colprofile
from colprofile.report.profile.findings import sentences
from colprofile.results.profile import Profile
from colprofile.results.together import Together, columns_together, correlation, in_words

RNG = np.random.default_rng(8)


def together(frame: pd.DataFrame) -> tuple[Together, ...]:
    profile = colprofile.profile(frame)
    return columns_together(profile.columns, profile.pairs)


def test_signs_and_groups() -> None:
    x, y = RNG.normal(size=(2, 800))
    frame = pd.DataFrame(
        {"x": x, "falls": 3 - x + RNG.normal(size=800) / 9, "y": y, "up": x + RNG.normal(size=800) / 9}
    )
    frame["other"] = y * 2 + RNG.normal(size=800) / 5
    found = together(frame)
    assert {(group.rising, group.falling) for group in found} == {(("x", "up"), ("falls",)), (("y", "other"), ())}
    assert all(abs(correlation(pair) or 0.0) > 0.9 for group in found for pair in group.pairs)
    said = [sentence.plain() for sentence in sentences(colprofile.profile(frame)) if sentence.kind == "together"]
    assert any(line.startswith("x and up rise together, and falls falls as they rise: |r| 0.9") for line in said)
    assert any(line.startswith("y and other rise together: r 0.9") for line in said)
    audit = colprofile.audit(frame)
    assert {(finding.columns, finding.targets) for finding in audit.of_kind("together")} == {
        (("x", "up"), ("falls",)),
        (("y", "other"), ()),
    }
    assert {finding.statement for finding in audit.of_kind("together")} == set(said)


def test_one_falls_as_the_other_rises() -> None:
    x = RNG.normal(size=500)
    (group,) = together(pd.DataFrame({"x": x, "y": -x + RNG.normal(size=500) / 10}))
    assert (group.rising, group.falling) == (("x",), ("y",))
    assert in_words("x", "y", (1, 1), group.pairs).startswith("y falls as x rises: r −0.9")


def test_times_that_rise_with_a_number() -> None:
    frame = pd.DataFrame({"at": pd.date_range("2024-01-01", periods=300, freq="h"), "id": np.arange(300)})
    profile = colprofile.profile(frame)
    if profile.pairs[0].spearman is not None:
        assert [group.rising for group in columns_together(profile.columns, profile.pairs)] == [("at", "id")]


def test_rank_correlation_decides_where_it_is_known() -> None:
    """One pair of values far out makes Pearson's correlation 1: nothing moves together but these two."""
    x, y = RNG.normal(size=(2, 300))
    x[0] = y[0] = 1e6
    profile = colprofile.profile(pd.DataFrame({"x": x, "y": y}))
    (pair,) = profile.pairs
    assert (pair.pearson or 0.0) > 0.99
    assert columns_together(profile.columns, (replace(pair, spearman=0.02),)) == ()
    assert len(columns_together(profile.columns, (replace(pair, spearman=0.98),))) == 1


def test_few_rows_and_few_values_are_no_evidence() -> None:
    assert together(pd.DataFrame({"x": np.arange(8), "y": [1, 0, 3, 2, 5, 4, 7, 6]})) == ()
    x = RNG.integers(0, 3, 500)
    assert together(pd.DataFrame({"x": x, "y": x * 10})) == ()


def test_independent_columns_do_not_move_together() -> None:
    for seed in range(30):
        rng = np.random.default_rng(seed)
        assert together(pd.DataFrame(rng.normal(size=(rng.integers(5, 60), 8)), columns=list("abcdefgh"))) == ()


def test_dozens_of_pairs_are_groups() -> None:
    base = RNG.normal(size=(600, 50))
    frame = pd.DataFrame({f"{j}a": base[:, j] for j in range(50)})
    frame = pd.concat(
        [frame, pd.DataFrame({f"{j}b": base[:, j] + RNG.normal(size=600) / 25 for j in range(50)})], axis=1
    )
    profile = colprofile.profile(frame)
    found = [finding for finding in profile.findings if finding.kind == "together"]
    assert sorted(finding.columns for finding in found) == sorted((f"{j}a", f"{j}b") for j in range(50))
    assert not [finding for finding in profile.findings if finding.kind == "key"]
    said = [sentence.plain() for sentence in sentences(profile) if sentence.kind == "together"]
    assert len(said) == 5 and said[-1] == "46 more groups of columns move together."
    audit = colprofile.audit(profile)
    assert len(audit.of_kind("together")) == 50
    for shown in (audit.to_terminal(), audit.to_markdown(), audit.to_html()):
        assert shown.count("rise together") == 6 and "44 more groups of columns move together." in shown


@pytest.fixture(scope="module")
def breast_cancer() -> Profile:
    return colprofile.profile(datasets.load_breast_cancer(as_frame=True).frame)


def test_breast_cancer(breast_cancer: Profile) -> None:
    groups = [set(finding.columns) for finding in breast_cancer.findings if finding.kind == "together"]
    assert any({"mean radius", "mean perimeter", "mean area", "worst radius"} <= group for group in groups)
    assert not [finding for finding in breast_cancer.findings if finding.kind in ("key", "exact")]
    audit = colprofile.audit(breast_cancer)
    assert len(audit.of_kind("together")) == len(groups) >= 4
    assert "Nothing is redundant" not in audit.to_terminal()


def test_a_column_below_the_threshold_with_the_first_one_still_falls_with_the_others() -> None:
    """That two columns of a group are hardly correlated says nothing of their direction: the others show it."""
    rng = np.random.default_rng(1)
    base = rng.normal(size=2000)
    frame = pd.DataFrame({"first": -base + rng.normal(size=2000) * 0.5})
    frame["weak"] = base + rng.normal(size=2000) * 0.55
    for number in range(19):
        frame[f"y{number}"] = base + rng.normal(size=2000) / 20
    assert -0.8 < frame["first"].corr(frame["weak"], method="spearman") < -0.6
    (group,) = together(frame)
    assert group.rising == ("first",)
    assert set(group.falling) == set(frame.columns) - {"first"}


def test_a_dependence_of_too_few_rows_is_not_shown() -> None:
    """Sixteen rows with a correlation of 1: that chance may explain what they share does not deny it."""
    frame = pd.DataFrame({"x": [i + i % 3 / 10 for i in range(16)], "y": [2.5 * i + i % 5 / 10 for i in range(16)]})
    profile = colprofile.profile(frame)
    (group,) = columns_together(profile.columns, profile.pairs)
    assert group.pairs[0].dependence == 0.0
    assert in_words("x", "y", (2, 0), group.pairs) == "x rise together: r 0.99+, rank correlation 1.00."
