"""What each verb takes beside its source and table, as keyword arguments."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Literal, TypedDict

from colprofile.results.profile import Profile
from colprofile.sources.options import InputKeywords

Fetch = Literal["auto", "always", "never"]
Nulls = Literal["ignore", "value"]


class ReadingKeywords(InputKeywords, total=False):
    """What all verbs that read data take."""

    threads: int | None
    memory_limit: int | str | None
    statement_timeout: float | None
    progress: bool | None


class ProfileKeywords(ReadingKeywords, total=False):
    """The options of ``profile``."""

    columns: Sequence[str] | None
    pairs: bool
    nulls: Nulls
    fetch: Fetch
    quality: bool
    example_rows: bool
    like: Profile | str | os.PathLike[str] | None
    precision: float | None
    top_pairs: int | None
    min_dependence: float | None
    sample_rows: int | str | None
    confidence: float
    seed: int


class AuditKeywords(ReadingKeywords, total=False):
    """The options of ``audit``."""

    columns: Sequence[str] | None
    max_determinants: int | None
    max_error: float
    nulls: Nulls
    partial: bool
    max_seconds: float | None
    latent_classes: bool


class DriftKeywords(ReadingKeywords, total=False):
    """The options of ``drift``."""

    columns: Sequence[str] | None
    tolerance: float
    significance: float
    smoothing: float
    sample_rows: int | str | None
    seed: int
    fetch: Fetch


class PlannerKeywords(TypedDict, total=False):
    """The options of ``planner``."""

    columns: Sequence[str] | None
    pairs: bool
    min_bits: float
    examine: int
    explain: bool
    verify: bool
    predicates: int
    longest_list: int
    budget: int
    fetch: Fetch
    statement_timeout: float | None
    lock_timeout: float
    progress: bool | None
