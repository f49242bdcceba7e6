"""What thousands of composite dependencies explain of each other is asked once each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import colprofile
from colprofile.verbs.audit import findings_composites


def test_no_closure_is_computed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, ...]] = []
    slow = findings_composites._closure

    def counted(exact: Any, columns: Any, without: int) -> frozenset[int]:
        asked.append((columns, without))
        return slow(exact, columns, without)

    monkeypatch.setattr(findings_composites, "_closure", counted)
    x = np.arange(600) % 37
    colprofile.audit(pd.DataFrame({f"c{i}": x * (i + 1) % 37 % (30 - i) for i in range(12)}))
    assert len(asked) > 100 and len(asked) == len(set(asked))
