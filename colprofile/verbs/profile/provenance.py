"""provenance_now: where a result comes from that is made now, by this version."""

from __future__ import annotations

from datetime import UTC, datetime

from colprofile import __version__
from colprofile.inputs import InputReading
from colprofile.results.provenance import Provenance
from colprofile.verbs.profile.options import Nulls


def provenance_now(
    source: str,
    table: str | None,
    *,
    is_exact: bool = True,
    sampled_rows: int | None = None,
    nulls: Nulls = "ignore",
    duration: float = 0.0,
    reading: InputReading | None = None,
) -> Provenance:
    """Return the provenance of a result that is made now; the parameters are its attributes."""
    return Provenance(
        source=source,
        table=table,
        is_exact=is_exact,
        sampled_rows=sampled_rows,
        nulls=nulls,
        version=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        duration=duration,
        reading=reading,
    )
