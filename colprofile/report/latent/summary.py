"""Latent classes in words: what terminal, page and notebook say alike."""

from __future__ import annotations

from colprofile.report import text
from colprofile.results.latent import LatentClasses, LatentColumn, Typical

FOOT = (
    "Within a class the columns are independent, as far as this model goes; what is typical is more frequent in the "
    "class than in the table, by the factor shown.",
    "The bounds are from the ELBO, which never exceeds the log probability of the table: better guesses and more "
    "iterations can only push it up.",
)


def headline(latent: LatentClasses) -> str:
    """Return the result in one line."""
    if len(latent.classes) == 1:
        return "One kind of row: no redundancy that latent classes can show"
    return f"{len(latent.classes)} kinds of rows: at least {text.bits(latent.table_redundancy)} bits a row said twice"


def source_name(latent: LatentClasses) -> str:
    """Return the source and its table."""
    made = latent.provenance
    shown = text.visible(made.source, 200)
    return shown if made.table is None else f"{shown} {text.visible(made.table)}"


def shape(latent: LatentClasses) -> str:
    """Return how large the table is, in words."""
    return f"{text.plural(latent.rows, 'row')} × {text.plural(len(latent.columns), 'column')}"


def bounds(latent: LatentClasses) -> list[tuple[str, str, str]]:
    """Return the bounds: a label, the figure in bits a row, and what it is a bound of."""
    sure = f"{100 * latent.confidence:g} %"
    return [
        ("Columns apart", text.bits(latent.marginal_bits), "Σ H(X), bits a row, as categories"),
        ("Together, at most", text.bits(latent.joint_bits), "−ELBO / rows, at least H(X₁, …, Xₘ)"),
        ("Redundant, at least", text.bits(latent.table_redundancy), "in this table, for certain"),
        (
            "In general, at least",
            text.bits(latent.distribution_redundancy),
            f"in the distribution behind the rows, with {sure} confidence",
        ),
        ("Saved, at least", text.bits(latent.redundancy_bits), "by codes that learn: ELBO less evidence of one class"),
    ]


def typical_text(typical: Typical, width: int = 30) -> str:
    """Return a typical value without its column."""
    if typical.kind == "null":
        return "NULL"
    if typical.kind == "rest":
        return "other values"
    if typical.kind == "value" or typical.low == typical.high:
        return text.data_value(typical.value if typical.kind == "value" else typical.low, width)
    return f"{text.data_value(typical.low, width)} … {text.data_value(typical.high, width)}"


def told(column: LatentColumn) -> float:
    """Return the share of a column's bits that the class tells; 0 for none."""
    return column.information / column.entropy if column.entropy else 0.0


def facts(latent: LatentClasses) -> list[tuple[str, str]]:
    """Return where the result comes from and how it was found."""
    made = latent.provenance
    chosen = f"1 to {latent.max_classes} classes"
    table = [] if made.table is None else [("Table", text.visible(made.table, 200))]
    return [
        ("Source", text.visible(made.source, 500)),
        *table,
        ("Search", f"{chosen}, {text.plural(latent.restarts, 'restart')}, seed {latent.seed}"),
        ("Prior", f"Dirichlet, {latent.concentration:g} rows per class and per category"),
        ("Iterations", f"{len(latent.trace):,}{'' if latent.is_converged else ', still gaining'}"),
        ("Made", text.visible(made.created)),
        ("Took", text.seconds(made.duration)),
        ("By", f"colprofile {text.visible(made.version)}"),
    ]
