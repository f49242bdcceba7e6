"""audit() of tables of chance: independent columns give no finding, and a planted dependency is found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import colprofile
from tests.support.audited_tables import random_table

DETERMINATIONS = ("duplicate", "computed", "bijection", "dependency", "near", "group", "missingness")


@pytest.mark.parametrize("block", range(8))
def test_independent_columns_give_no_finding(block: int) -> None:
    for seed in range(15 * block, 15 * block + 15):
        frame = random_table(seed)
        found = colprofile.audit(frame, nulls="value" if seed % 5 == 0 else "ignore")
        statements = [finding.statement for finding in found.of_kind(*DETERMINATIONS)]
        assert statements == [], f"seed {seed}"
        assert found.search.near_determinants == 3


def test_a_planted_dependency_among_columns_of_chance_is_found() -> None:
    """So that the test above can fail: the same tables, with one column made a function of another."""
    rng = np.random.default_rng(0)
    for seed in range(20):
        frame = random_table(seed)
        frame = pd.concat([frame] * 4, ignore_index=True)
        frame["given"] = rng.integers(0, 12, len(frame))
        frame["planted"] = frame["given"].map(lambda value: "abc"[value % 3])
        assert colprofile.audit(frame).finding("given", "planted").kind in ("dependency", "computed")
