"""Whole results compared: every field, numbers within 1e-9."""

from __future__ import annotations

import math
import re
from dataclasses import fields, is_dataclass
from typing import Any

from colprofile.results.profile import Profile


def differences(a: Any, b: Any, path: str = "", found: list[str] | None = None) -> list[str]:
    """Return where two results differ: numbers by more than 1e-9, relative or absolute, all else at all."""
    found = [] if found is None else found
    if is_dataclass(a) and is_dataclass(b):
        for field in fields(a):
            differences(getattr(a, field.name), getattr(b, field.name), f"{path}.{field.name}", found)
    elif isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        for key in a:
            differences(a[key], b[key], f"{path}.{key}", found)
    elif isinstance(a, list | tuple) and isinstance(b, list | tuple) and len(a) == len(b):
        for number, (x, y) in enumerate(zip(a, b, strict=True)):
            differences(x, y, f"{path}[{number}]", found)
    elif isinstance(a, float) and isinstance(b, float):
        if not math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9):
            found.append(f"{path}: {a!r} and {b!r}")
    elif a != b or type(a) is not type(b):
        found.append(f"{path}: {a!r} and {b!r}")
    return found


def saved_differences(a: Any, b: Any) -> list[str]:
    """Return where two results of the same data differ as they are saved: in all but when and how long they ran."""
    return [found for found in differences(a, b) if not re.match(r".*\.(created|duration): ", found)]


def profile_differences(a: Profile, b: Profile) -> list[str]:
    """Return where two profiles of the same table differ: in all but provenance, notes and the order of pairs."""

    def pair_of(result: Any) -> tuple[str, str]:
        return result.x, result.y

    def by_name(profile: Profile) -> list[Any]:
        return sorted(profile.pairs, key=pair_of)

    return [
        *differences(a.rows, b.rows, "rows"),
        *differences(a.columns, b.columns, "columns"),
        *differences(by_name(a), by_name(b), "pairs"),
        *differences(a.skipped, b.skipped, "skipped"),
        *differences(a.clusters, b.clusters, "clusters"),
        *differences(sorted(a.edges, key=pair_of), sorted(b.edges, key=pair_of), "edges"),
        *differences(a.ledger, b.ledger, "ledger"),
        *differences(sorted(a.joints, key=pair_of), sorted(b.joints, key=pair_of), "joints"),
    ]
