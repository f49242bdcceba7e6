"""Numbers that overflow, vanish or are not finite: no verb lets a warning of numpy through, whatever a column holds."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import pandas as pd
import pytest

import colprofile

ROWS = 240


def hard_columns() -> dict[str, np.ndarray[Any, Any]]:
    """Columns of infinities, NaN, huge and tiny numbers, by what they are."""
    rng = np.random.default_rng(5)
    normal, grid = rng.normal(size=ROWS), rng.integers(0, 20, ROWS).astype(float)
    some = rng.random(ROWS) < 0.15
    return {
        "infinite here and there": np.where(some, np.inf, normal),
        "both infinities": np.where(some, -np.inf, np.where(normal > 1, np.inf, grid)),
        "nothing but infinity": np.full(ROWS, np.inf),
        "nothing but NaN": np.full(ROWS, np.nan),
        "NaN here and there": np.where(some, np.nan, normal),
        "huge, few": rng.choice([1e308, -1e308, 1.7e308, 0.0, 1.0], ROWS),
        "huge, all different": normal * 1e307,
        "tiny, few": rng.choice([1e-308, 5e-324, -1e-308, 0.0], ROWS),
        "tiny, all different": normal * 1e-308,
        "one huge value": np.full(ROWS, 1.7e308),
        "everything": rng.choice([np.inf, -np.inf, np.nan, 1e308, 1e-308, 0.0, -0.0, 1.5], ROWS),
        "few": grid,
    }


COLUMNS = hard_columns()

VERBS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "profile": lambda frame: colprofile.profile(frame),
    "profile of a sample": lambda frame: colprofile.profile(frame, sample_rows=100),
    "audit": lambda frame: colprofile.audit(frame, max_determinants=2),
    "audit of a profile": lambda frame: colprofile.audit(colprofile.profile(frame)),
    "latent_classes": lambda frame: colprofile.latent_classes(frame, max_classes=2, restarts=1),
    "drift": lambda frame: colprofile.drift(frame.head(ROWS // 2), frame.tail(ROWS // 2)),
}


@pytest.mark.parametrize("verb", list(VERBS))
def test_no_warning_leaks(verb: str) -> None:
    """Every pair of columns with a third that repeats, then all of them together; the reports as well."""
    pairs = [
        {"x": COLUMNS[a], "y": COLUMNS[b], "z": COLUMNS["few"]} for a, b in combinations_with_replacement(COLUMNS, 2)
    ]
    frames = [pd.DataFrame(columns) for columns in (*pairs[:: 1 if verb == "audit" else 5], COLUMNS)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for frame in [*frames, frames[-1].head(0), frames[-1].head(1)]:
            if len(frame) < 2 and verb in ("profile of a sample", "latent_classes"):
                continue  # they refuse so few rows
            result = VERBS[verb](frame)
            result.to_json(), result.to_terminal(), result.to_markdown(), result.to_html()
