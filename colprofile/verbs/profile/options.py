"""Reading and Counting: how a source is read, and what is counted of it. The defaults stand here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from colprofile.errors import ArgumentError
from colprofile.sources.base import Fetch
from colprofile.sources.options import InputKeywords
from colprofile.verbs.profile.sampling import EVERY_ROW, Sampling

if TYPE_CHECKING:
    from colprofile.results.profile import Profile

Nulls = Literal["ignore", "value"]


@dataclass(frozen=True)
class Reading:
    """How a source is read: limits, how files are read, and of which rows.

    ``sample_rows`` are drawn before anything is counted, as ``drift`` and ``latent_classes`` want it. ``profile`` has
    its own in ``Sampling``, with intervals.
    """

    threads: int | None = None
    memory_limit: int | str | None = None
    fetch: Fetch = "auto"
    statement_timeout: float | None = None
    progress: bool | None = None
    inputs: InputKeywords = field(default_factory=InputKeywords)
    sample_rows: int | str | None = None
    seed: int = 0


@dataclass(frozen=True)
class Counting:
    """What is counted of a source: the other parameters of ``profile``.

    ``is_compared`` says that the histograms will be compared with those of ``like``, rather than merged with them; the
    source may then lack some of ``columns``. ``quality`` says whether to look for what is wrong in the data, ``sample``
    whether to keep the first rows as examples. Where pairs are bounded, those that are too many are left out rather
    than refused, and none is begun after ``pairs_until``, on the clock of ``time.monotonic``.

    Raises
    ------
    ArgumentError
        An option is outside what is allowed, or two contradict each other.
    """

    columns: Sequence[str] | None = None
    pairs: bool = True
    nulls: Nulls = "ignore"
    like: Profile | None = None
    is_compared: bool = False
    quality: bool = True
    sample: bool = True
    sampling: Sampling = EVERY_ROW
    are_pairs_bounded: bool = False
    pairs_until: float = math.inf

    def __post_init__(self) -> None:
        if self.nulls not in ("ignore", "value"):
            raise ArgumentError(f"nulls={self.nulls!r} is not allowed: give 'ignore' or 'value'")
        if isinstance(self.columns, str):
            raise ArgumentError(f"columns={self.columns!r} is a text: give a list of column names, [{self.columns!r}]")
        if not self.pairs and self.sampling.is_of_pairs:
            raise ArgumentError(
                "precision=, top_pairs= and min_dependence= are about pairs: leave out pairs=False, or them"
            )
