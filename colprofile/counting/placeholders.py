"""Texts that stand for a missing value."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from colprofile.counting.saved_values import joined_texts
from colprofile.counting.texts import scan_texts

CLEAR = (
    *("", "?", "??", "???", "-", "--", "---", "–", "—", ".", "..", "...", "_", "na", "n/a", "n.a.", "n/a.", "n.a"),
    *("#n/a", "#na", "n\\a", "<na>", "(na)", "[na]", "nan", "null", "(null)", "<null>", "[null]", "\\n", "nil", "nat"),
    *("#null!", "#value!", "#ref!", "#div/0!", "#name?", "#num!", "(blank)", "<blank>", "(empty)", "<empty>"),
)
"""Texts, in small letters, that hardly mean anything else."""

POSSIBLE = (
    *("none", "(none)", "<none>", "unknown", "(unknown)", "<unknown>", "undefined", "missing", "(missing)"),
    *("not available", "not applicable", "not specified", "unspecified", "no data", "tbd", "tba", "blank", "empty"),
)
"""Texts, in small letters, that can also be a value that somebody chose."""


@cache
def placeholder_hashes() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Return the folded hashes of CLEAR and of POSSIBLE, as ``TextScan.folded`` has them, sorted."""
    clear, possible = (np.sort(scan_texts(*joined_texts(texts)).folded) for texts in (CLEAR, POSSIBLE))
    return clear, possible
