"""An exact dependency beyond chance is never without a finding, whatever its form; permuted columns have none."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import colprofile
from colprofile.results.audit import Audit

ROWS = 400
NAMES = ("computed", "dependency", "duplicate", "bijection")

Columns = dict[str, Any]


def columns(rng: np.random.Generator, distinct: int) -> Columns:
    """Independent columns of about so many values: numbers, fractions, words, dates and times."""
    numbers = {name: rng.integers(0, distinct, ROWS) for name in "abc"}
    words = ["".join(rng.choice(list("abcdefghij"), rng.integers(3, 9))) for _ in range(distinct)]
    days = pd.to_datetime("2020-01-01") + pd.to_timedelta(rng.integers(0, distinct + 40, (2, ROWS)).ravel(), unit="D")
    return numbers | {
        "s": rng.integers(-distinct, distinct, ROWS),
        "f": np.round(rng.gamma(2, 50, ROWS), 4),
        "w": np.array(words, object)[rng.integers(0, distinct, ROWS)],
        "v": np.array([f"t{n}" for n in rng.integers(0, distinct, ROWS)], object),
        "mail": np.array(
            [f"{words[i]}@{words[j]}.org" for i, j in rng.integers(0, (distinct, min(distinct, 12)), (ROWS, 2))],
            object,
        ),
        "day": pd.Series(days[:ROWS]),
        "late": pd.Series(days[ROWS:] + pd.Timedelta(days=500)),
        "time": pd.Series(days[:ROWS] + pd.to_timedelta(rng.integers(0, 86_400, ROWS), unit="s")),
    }


def buckets(values: Any) -> Any:
    return np.array(["low", "mid", "high"], object)[np.digitize(values, np.quantile(values, [0.3, 0.7]))]


def joined(*parts: Any) -> list[str]:
    return ["-".join(map(str, each)) for each in zip(*parts, strict=True)]


def coded(*parts: Any, values: int = 40) -> list[int]:
    """A value for each combination, of no form."""
    return [zlib.crc32(repr(each).encode()) % values for each in zip(*parts, strict=True)]


Form = tuple[tuple[str, ...], Callable[[Columns], Any], int]
"""The left side, what is computed of it, and how many values the columns have."""

FORMS: dict[str, Form] = {
    "sum of two": (("a", "b"), lambda d: d["a"] + d["b"], 4000),
    "sum of three": (("a", "b", "c"), lambda d: d["a"] + d["b"] + d["c"], 4000),
    "sum of three with few values": (("a", "b", "c"), lambda d: d["a"] + d["b"] + d["c"], 9),
    "weighted sum of three": (("a", "b", "c"), lambda d: 2 * d["a"] - d["b"] + 5 * d["c"], 400),
    "product": (("a", "b"), lambda d: d["a"] * d["b"], 400),
    "ratio": (("a", "b"), lambda d: d["a"] / (d["b"] + 1), 30),
    "rounded ratio": (("a", "b"), lambda d: np.round(d["a"] / (d["b"] + 1), 2), 30),
    "the larger": (("a", "b"), lambda d: np.maximum(d["a"], d["b"]), 30),
    "distance": (("a", "b"), lambda d: np.abs(d["a"] - d["b"]), 30),
    "comparison": (("a", "b"), lambda d: d["a"] > d["b"], 12),
    "lookup by two": (("a", "b"), lambda d: coded(d["a"], d["b"]), 30),
    "lookup by three": (("a", "b", "c"), lambda d: coded(d["a"], d["b"], d["c"]), 9),
    "lookup by words": (("w", "v"), lambda d: coded(d["w"], d["v"]), 30),
    "joined": (("w", "v"), lambda d: joined(d["w"], d["v"]), 400),
    "joined with a number": (("a", "v"), lambda d: joined(d["a"], d["v"]), 400),
    "three joined": (("w", "a", "v"), lambda d: joined(d["w"], d["a"], d["v"]), 400),
    "modulo": (("a",), lambda d: d["a"] % 7, 4000),
    "sign": (("s",), lambda d: np.sign(d["s"]), 4000),
    "size": (("s",), lambda d: np.abs(d["s"]), 200),
    "rounded": (("f",), lambda d: np.round(d["f"]), 1),
    "floor": (("f",), lambda d: np.floor(d["f"]).astype(int), 1),
    "buckets": (("f",), lambda d: buckets(d["f"]), 1),
    "buckets of whole numbers": (("s",), lambda d: buckets(d["s"]), 300),
    "deciles": (("f",), lambda d: pd.qcut(d["f"], 10, labels=False), 1),
    "flag": (("f",), lambda d: d["f"] > 150, 1),
    "upper case": (("w",), lambda d: [text.upper() for text in d["w"]], 400),
    "first letter": (("w",), lambda d: [text[0] for text in d["w"]], 400),
    "substring": (("w",), lambda d: [text[1:3] for text in d["w"]], 400),
    "length": (("w",), lambda d: [len(text) for text in d["w"]], 400),
    "last letter": (("w",), lambda d: [text[-1] for text in d["w"]], 400),
    "domain": (("mail",), lambda d: [text.split("@")[1] for text in d["mail"]], 400),
    "weekday": (("day",), lambda d: d["day"].dt.day_name(), 4000),
    "short weekday": (("time",), lambda d: d["time"].dt.strftime("%a"), 4000),
    "year and month": (("day",), lambda d: d["day"].dt.strftime("%Y-%m"), 4000),
    "month": (("time",), lambda d: d["time"].dt.month_name(), 4000),
    "quarter": (("day",), lambda d: "Q" + d["day"].dt.quarter.astype(str) + " " + d["day"].dt.year.astype(str), 4000),
    "weekend": (("day",), lambda d: d["day"].dt.day_of_week >= 5, 4000),
    "season": (("day",), lambda d: np.array(list("wwsssmmmaaaw"))[d["day"].dt.month - 1], 4000),
    "German date": (("day",), lambda d: d["day"].dt.strftime("%d.%m.%Y"), 4000),
    "hour": (("time",), lambda d: d["time"].dt.strftime("%H:00"), 400),
    "half of the day": (("time",), lambda d: d["time"].dt.strftime("%p"), 400),
    "age": (("day", "late"), lambda d: (d["late"] - d["day"]).dt.days // 365, 4000),
    "days between": (("day", "late"), lambda d: (d["late"] - d["day"]).dt.days, 4000),
    "seconds between": (("time", "late"), lambda d: (d["late"] - d["time"]).dt.total_seconds().astype(int), 4000),
}


def planted(name: str) -> tuple[tuple[str, ...], pd.DataFrame]:
    left, compute, distinct = FORMS[name]
    rng = np.random.default_rng(sum(map(ord, name)))
    given = columns(rng, distinct) if distinct > 1 else columns(rng, 50)
    noise = {"noise": rng.integers(0, 9, ROWS), "words": np.array([f"q{n}" for n in rng.integers(0, 40, ROWS)], object)}
    return left, pd.DataFrame({**{each: given[each] for each in left}, **noise, "y": list(compute(given))})


def naming(audit: Audit, names: set[str], target: str) -> list[str]:
    """The sentences on a target and any of some columns."""
    return [
        finding.statement
        for finding in audit.of_kind(*NAMES)
        for left, right in finding.directions
        if target in (*left, *right) and names & {*left, *right}
    ]


@pytest.mark.parametrize("name", FORMS)
def test_a_planted_dependency_is_named(name: str) -> None:
    left, frame = planted(name)
    found = colprofile.audit(frame, max_determinants=max(1, len(left)))
    assert naming(found, set(left), "y"), [finding.statement for finding in found.findings]
    assert not naming(found, {"noise", "words"}, "y")


@pytest.mark.parametrize("block", range(6))
def test_permuted_columns_are_not(block: int) -> None:
    """The same columns, each shuffled: nothing determines anything any more."""
    rng = np.random.default_rng(block)
    chosen = list(FORMS)[block::6]
    frame = pd.DataFrame({name: rng.permutation(planted(name)[1]["y"].to_numpy()) for name in chosen})
    given = columns(rng, [12, 100, 4000][block % 3])
    frame = frame.assign(**{name: given[name] for name in ("a", "f", "w", "day")})
    found = colprofile.audit(frame, max_determinants=2)
    assert [finding.statement for finding in found.of_kind(*NAMES, "near", "group", "together")] == []


def test_left_sides_that_seldom_repeat_say_so() -> None:
    """One row in eight shares its left side with another: that all of them agree is no chance, yet saves nothing."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"a": rng.integers(0, 60, 600), "b": rng.integers(0, 60, 600)})
    frame["y"] = coded(frame["a"], frame["b"])
    found = colprofile.audit(frame).finding(("a", "b"), "y")
    assert found.kind == "dependency" and found.fix is None
    assert found.statement == (
        "a and b together determine y in every row. Chance does not explain this, though a lookup would save little."
    )
    assert found.evidence.log2_chance is not None and found.evidence.log2_chance < -20
    assert found.confidence > 0.999


def test_repeated_rows_prove_nothing() -> None:
    """A tenth of the rows is there twice, but for its number: so every column nearly a key agrees with all others."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({name: rng.integers(0, 3000, 600) for name in "abcd"})
    frame = pd.concat([frame, frame.iloc[:60]], ignore_index=True).assign(number=range(660))
    assert [f.statement for f in colprofile.audit(frame).of_kind(*NAMES)] == []


def test_a_column_that_only_makes_rows_different_is_not_on_the_left() -> None:
    """a gives y but for some rows; with any near-key beside it no row contradicts."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"a": rng.integers(0, 20, 600), "b": rng.permutation(np.arange(600) // 2)})
    frame["y"] = frame["a"] * 7 % 13
    frame.loc[rng.choice(600, 100, replace=False), "y"] = 99
    found = colprofile.audit(frame, max_determinants=2)
    assert all(set(finding.columns) != {"a", "b"} for finding in found.of_kind("dependency"))
