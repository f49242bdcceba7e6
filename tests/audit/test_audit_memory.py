"""A memory limit changes no finding: audits whose codes are in files, one task at a time, are those in memory."""

from __future__ import annotations

import threading
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest

import colprofile
from colprofile.counting.dependencies import exact, workers
from colprofile.counting.dependencies import matrix as matrices
from colprofile.counting.dependencies.relation import Relation
from colprofile.verbs.profile.limits import Memory
from tests.support.differences import differences, saved_differences

ROWS = 4_000
NULLS: tuple[Literal["ignore", "value"], ...] = ("ignore", "value")


def table() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    shop, day = rng.integers(0, 40, ROWS), rng.integers(0, 12, ROWS)
    net = rng.integers(0, 10**6, ROWS)
    frame = pd.DataFrame(
        {
            "id": np.arange(ROWS),
            "shop": shop,
            "town": [f"town {s // 4}" for s in shop],
            "day": day,
            "price": (shop * 7 + day * 3) % 50,
            "nearly": np.where(rng.random(ROWS) < 0.004, 9, (shop * 5 + day) % 7),
            "net": net,
            "gross": net + shop,
            "amount": np.round(rng.normal(size=ROWS), 3),
        }
    )
    frame["note"] = frame["town"].where(rng.random(ROWS) < 0.8)
    return pd.concat([frame, frame.iloc[:3]], ignore_index=True)


@pytest.mark.parametrize("nulls", ["ignore", "value"])
@pytest.mark.parametrize("is_long", [False, True])
def test_a_tiny_limit_gives_the_same_audit(nulls: Any, is_long: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = table()
    if is_long:  # the searches of tables with more than 262,144 rows
        monkeypatch.setattr(matrices, "_MOST_ROWS", 100)
        monkeypatch.setattr(matrices, "_SAMPLE", 2_000)
        monkeypatch.setattr(exact, "_FIRST_ROWS", 500)
    free = colprofile.audit(frame, nulls=nulls, max_error=0.01)
    assert {"dependency", "near", "computed"} <= {finding.kind for finding in free.findings}
    running, most, lock = 0, 0, threading.Lock()
    refine = Relation.refine

    def counted(*given: Any) -> Any:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            return refine(*given)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(Relation, "refine", counted)
    monkeypatch.setattr(workers, "BYTES_A_ROW", 10**6)
    limit = Memory(process=1, counting=200_000, database=None)
    monkeypatch.setattr("colprofile.verbs.profile.session.memory_shares", lambda given: limit)
    tight = colprofile.audit(frame, nulls=nulls, max_error=0.01)
    assert most == 1
    assert saved_differences(free.to_dict(), tight.to_dict()) == []


def test_the_evidence_is_the_same_in_files(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = table()
    questions = [(["shop", "day"], "price"), (["note"], "town"), (["shop"], "note"), (["town", "day"], "nearly")]
    free = [colprofile.evidence(frame, left, target, nulls=nulls) for left, target in questions for nulls in NULLS]
    limit = Memory(process=1, counting=20_000, database=None)
    monkeypatch.setattr("colprofile.verbs.profile.session.memory_shares", lambda given: limit)
    tight = [colprofile.evidence(frame, left, target, nulls=nulls) for left, target in questions for nulls in NULLS]
    assert differences(free, tight) == []
