"""Latent classes in words: what every renderer says alike."""

from __future__ import annotations

from colprofile.report import text
from colprofile.results.latent import Candidate, LatentClass, LatentClasses, LatentColumn, Typical

LEGEND = (
    "Within a class the columns are independent, as far as this model goes. A typical value is more frequent in the "
    "class than in the table, by the factor shown.",
    "The bounds come from the ELBO, which never exceeds the log probability of the table: a better fit and more "
    "iterations can only raise it.",
)


def shape(latent: LatentClasses) -> str:
    """Return how large the table is, and of how many of its columns the classes are."""
    used, total = len(latent.columns), len(latent.columns) + len(latent.left_out)
    columns = text.plural(total, "column") if used == total else f"{used:,} of {text.plural(total, 'column')}"
    return f"{text.plural(latent.rows, 'row')} × {columns}"


def headline(latent: LatentClasses) -> str:
    """Return the result in one line."""
    if len(latent.classes) == 1:
        return "One kind of row: no redundancy that latent classes can show"
    return f"{len(latent.classes)} kinds of rows: at least {text.bits(latent.table_redundancy)} redundant bits per row"


def size(found: LatentClass) -> str:
    """Return how many rows a class has, and how certain they belong to it."""
    certainty = "" if found.certainty is None else f", certainty {text.percent(found.certainty)}"
    return f"{text.plural(found.rows, 'row')} ({text.percent(found.share)}){certainty}"


def bounds(latent: LatentClasses) -> list[tuple[str, str, str]]:
    """Return the bounds: a label, the figure in bits per row, and what it is a bound of."""
    confidence = f"{100 * latent.confidence:g} %"
    return [
        ("Separate columns", text.bits(latent.marginal_bits), "Σ H(X), bits per row, as categories"),
        ("Together, at most", text.bits(latent.joint_bits), "−ELBO / rows, at least H(X₁, …, Xₘ)"),
        ("Redundant, at least", text.bits(latent.table_redundancy), f"in {_rows(latent)}, for certain"),
        (
            "In general, at least",
            text.bits(latent.distribution_redundancy),
            f"in the distribution behind the rows, with {confidence} confidence",
        ),
        (
            "Saved, at least",
            text.bits(latent.redundancy_bits),
            "by adaptive codes: ELBO less evidence of one class",
        ),
    ]


def _rows(latent: LatentClasses) -> str:
    """Return what the rows are that the classes were fitted to."""
    made = latent.provenance
    if made.is_sampled:
        return "the rows drawn"
    return "the rows read" if made.reading is not None and made.reading.rejected_rows else "this table"


def typical_text(typical: Typical, width: int = 30) -> str:
    """Return a typical value without its column."""
    return text.category(typical.kind, typical.value, typical.low, typical.high, width)


def explained_share(column: LatentColumn) -> float:
    """Return the share of a column's bits that the class explains; 0 for none."""
    return column.information / column.entropy if column.entropy else 0.0


def saved_share(candidate: Candidate, latent: LatentClasses) -> float:
    """Return the bits that a number of classes saves, as a share of the most that any saves; 0 for none."""
    most = max(other.redundancy_bits for other in latent.candidates)
    return max(0.0, candidate.redundancy_bits) / most if most > 0 else 0.0


def is_chosen(candidate: Candidate, latent: LatentClasses) -> bool:
    """Whether this number of classes has the highest ELBO."""
    return candidate.classes == len(latent.classes)
