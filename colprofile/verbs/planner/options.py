"""PlannerOptions: what ``planner`` was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from colprofile.errors import ArgumentError
from colprofile.sources.base import Fetch

MOST_DRAWN = 10_000
"""The most combinations and predicates that are drawn; all are taken where there are no more."""


@dataclass(frozen=True, kw_only=True)
class PlannerOptions:
    """The parameters of ``planner``, checked, with their defaults.

    Raises
    ------
    ArgumentError
        One is outside what is allowed.
    """

    columns: Sequence[str] | None = None
    pairs: bool = True
    min_bits: float = 0.1
    examine: int = 50
    explain: bool = False
    verify: bool = False
    predicates: int = 500
    longest_list: int = 1000
    budget: int = 10
    fetch: Fetch = "auto"
    statement_timeout: float | None = None
    lock_timeout: float = 5.0

    def __post_init__(self) -> None:
        if isinstance(self.columns, str):
            raise ArgumentError(f"columns={self.columns!r} is a text: give a list of column names")
        timeout = self.statement_timeout
        allowed = {
            "min_bits": (0 < self.min_bits < 100, "bits above 0, such as 0.1"),
            "examine": (self.examine >= 0, "a number of pairs, 0 for none"),
            "predicates": (1 <= self.predicates <= MOST_DRAWN, f"1 to {MOST_DRAWN:,}"),
            "budget": (self.budget >= 0, "a number of statistics, 0 for none"),
            "longest_list": (1 <= self.longest_list <= 10_000, "1 to 10,000"),
            "lock_timeout": (self.lock_timeout >= 0, "seconds, 0 or more"),
            "statement_timeout": (timeout is None or timeout > 0, "seconds above 0"),
        }
        for name, (is_allowed, wanted) in allowed.items():
            if not is_allowed:
                raise ArgumentError(f"{name}={getattr(self, name)!r} is not allowed: give {wanted}")

    @property
    def draws(self) -> int:
        """Predicates to draw of each column; 0 where EXPLAIN is not asked."""
        return self.predicates if self.explain else 0
