"""latent_classes: the kinds of rows that a table has, and the bits that they explain, by variational Bayes."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from colprofile.errors import ArgumentError, SourceError
from colprofile.results.latent import LatentClasses
from colprofile.results.profile import Profile
from colprofile.results.provenance import SkippedColumn
from colprofile.verbs.latent.options import DEFAULTS, MOST_CATEGORIES, MOST_CLASSES, Options
from colprofile.verbs.profile.api import counted_table
from colprofile.verbs.profile.options import Counting, Reading

if TYPE_CHECKING:
    from colprofile.verbs.latent.fit import Found
    from colprofile.verbs.profile.count_table import CountedTable


def latent_classes(
    source: Any,
    table: str | None = None,
    *,
    columns: Sequence[str] | None = None,
    max_classes: int = DEFAULTS.max_classes,
    restarts: int = DEFAULTS.restarts,
    seed: int = DEFAULTS.seed,
    nulls: Literal["ignore", "value"] = DEFAULTS.nulls,
    bins: int = DEFAULTS.bins,
    max_values: int = DEFAULTS.max_values,
    concentration: float = DEFAULTS.concentration,
    confidence: float = DEFAULTS.confidence,
    max_iterations: int = DEFAULTS.max_iterations,
    tolerance: float = DEFAULTS.tolerance,
    threads: int | None = None,
    memory_limit: int | str | None = None,
    statement_timeout: float | None = None,
    progress: bool | None = None,
) -> LatentClasses:
    """Return the kinds of rows that a table has: classes within which its columns are as good as independent.

    A mixture of categorical distributions with Dirichlet priors, fitted by variational Bayes. Its ELBO is a lower bound
    of log p(table), so that three bounds in bits a row follow:

    * ``redundancy_bits`` = (ELBO − log evidence of one class) / rows. The evidence of one class is a closed form.
      A code that learns the mixture as it goes saves at least this much over codes that learn each column by itself.
    * ``table_redundancy`` = Σ H(X_j) + ELBO / rows. Never above Σ H(X_j) − H(X_1 … X_m) of this very table, without any
      probability: no mixture gives the rows more than their own empirical distribution does.
    * ``distribution_redundancy``: rows drawn independently from a distribution show more or less than its own
      Σ H(X_j) − H(X_1 … X_m). From ``table_redundancy`` it takes log2(max_classes) / rows, which pays for choosing the
      number of classes by the data, and z·s/√rows with z the normal quantile of ``confidence`` and s the spread of the
      rows' own bits. It exceeds the distribution's redundancy with probability at most 1 − ``confidence``, up to the
      error of the normal approximation, the categories taken as given. ``redundancy_bits`` has no such promise: it is
      larger by what one-class codes pay for learning, about Σ (categories − 1)/2 · log2(rows) / rows.

    Columns are seen as categories, which can only lower the redundancy (data-processing inequality): all three bound
    that of the columns' own values too.

    Parameters
    ----------
    source, table, columns
        As ``profile`` has them.
    max_classes
        The most classes to look for, 1 to 64; the ELBO chooses among 1 … max_classes.
    restarts
        First guesses from different random rows. More find a better maximum, never a worse one.
    seed
        Of the random rows; the same seed gives the same result, whatever the cores.
    nulls
        "ignore": a NULL cell is left out of its row's likelihood, and the row goes to its class by its other cells
        (as is right where cells are missing at random given the others). "value": NULL is a category of its own, so
        that missing together can make a class.
    bins
        Numeric and temporal columns with over 64 values are cut into at most this many equal-mass bins.
    max_values
        Of other columns this many values count at most: the most frequent ones, and the rest as one.
    concentration
        Rows that the priors count for in advance, per class and per category. 0.5 is Jeffreys' choice.
    confidence
        Of ``distribution_redundancy``, between 0.5 and 1.
    max_iterations
        Iterations over the whole table, at most.
    tolerance
        Bits a row: an iteration that gains less is the last.
    threads, memory_limit, statement_timeout, progress
        As ``profile`` has them. The categories take one byte a cell beside the codes.

    Returns
    -------
    LatentClasses
        With one class and no redundancy where no two columns share anything that this model can say.

    Raises
    ------
    SourceError, SourceNotFound, SourceBusy
        The data cannot be opened or read, or has no rows.
    ArgumentError
        An argument is outside what is allowed.
    KeyboardInterrupt
        On Ctrl-C, within a second; nothing is left behind.

    Notes
    -----
    Attias (1999), "Inferring parameters and structure of latent variable models by variational Bayes"; Bishop (2006),
    chapter 10. Merging two classes where that raises the ELBO is of Hughes & Sudderth (2013), "Memoized online
    variational inference". ``docs/elbo.md`` tells more.

    Examples
    --------
    >>> import colprofile, pandas as pd
    >>> fur, says = ["cat", "cat", "dog"] * 40, ["meow", "meow", "woof"] * 40
    >>> frame = pd.DataFrame({"fur": fur, "says": says, "day": range(120)})
    >>> result = colprofile.latent_classes(frame, columns=["fur", "says"])
    >>> [(found.rows, found.typical[0].value, round(found.typical[0].lift, 2)) for found in result.classes]
    [(80, 'cat', 1.5), (40, 'dog', 3.0)]
    >>> result.table_redundancy < 1.0
    True
    """
    options = Options(
        max_classes,
        restarts,
        seed,
        nulls,
        bins,
        max_values,
        concentration,
        confidence,
        max_iterations,
        tolerance,
    )
    _check(options)
    counting = Counting(columns, pairs=False, nulls=nulls)
    reading = Reading(threads, memory_limit, statement_timeout=statement_timeout, progress=progress)
    with counted_table(source, table, counting, reading) as counted:
        described = counted.profile
        if not described.rows:
            raise SourceError(f"{described.provenance.source} has no rows: there is nothing to put into classes")
        return _result(described, counted.session.run(lambda: _fitted(counted, options)), options)


def _fitted(counted: CountedTable, options: Options) -> Found:
    from colprofile.verbs.latent.fit import fit_classes

    return fit_classes(counted, options)


def _result(described: Profile, found: Found, options: Options) -> LatentClasses:
    rows, z = described.rows, statistics.NormalDist().inv_cdf(options.confidence)
    table_redundancy = found.marginal_bits + found.elbo / rows
    price = math.log2(options.max_classes) / rows + z * found.spread / math.sqrt(rows)
    unreadable = {column.name: column for column in described.skipped}
    reasons = {**found.left_out}
    left_out = [SkippedColumn(c.name, c.type, reasons[c.name]) for c in described.columns if c.name in reasons]
    return LatentClasses(
        rows=rows,
        columns=found.columns,
        classes=found.classes,
        candidates=found.candidates,
        trace=found.trace,
        elbo=found.elbo,
        independent_evidence=found.independent_evidence,
        redundancy_bits=max(0.0, (found.elbo - found.independent_evidence) / rows),
        marginal_bits=found.marginal_bits,
        table_redundancy=max(0.0, table_redundancy),
        distribution_redundancy=max(0.0, table_redundancy - price),
        confidence=options.confidence,
        is_converged=found.is_converged,
        max_classes=options.max_classes,
        restarts=options.restarts,
        seed=options.seed,
        concentration=options.concentration,
        left_out=(*left_out, *unreadable.values()),
        provenance=replace(described.provenance, is_exact=False),
        notes=_notes(found, options, table_redundancy - price),
    )


def _notes(found: Found, options: Options, distribution_redundancy: float) -> tuple[str, ...]:
    notes = []
    if len(found.classes) == options.max_classes > 1:
        notes.append(
            f"The ELBO is highest with the {options.max_classes} classes allowed: more may explain more; "
            "raise max_classes."
        )
    if not found.is_converged:
        notes.append(
            f"Stopped after {options.max_iterations} iterations, still gaining; the bounds hold as they are, more "
            "iterations push them up."
        )
    if distribution_redundancy <= 0:
        notes.append(
            "The bound for the distribution behind the rows is empty: 0 bits are always safe. More rows, or fewer "
            "columns, would be needed."
        )
    if options.nulls == "value":
        notes.append("NULL is a category of its own.")
    elif any(column.missing for column in found.columns):
        notes.append("NULL cells are left out: a row goes to its class by its other cells.")
    if any(category.kind == "range" for column in found.columns for category in column.categories):
        notes.append(f"Numeric and temporal columns with many values are cut into at most {options.bins} ranges.")
    return tuple(notes)


def _check(options: Options) -> None:
    """Raise ArgumentError for the first option that is outside what is allowed."""
    whole = {
        "max_classes": (1, MOST_CLASSES),
        "restarts": (1, 1000),
        "seed": (0, 2**63),
        "bins": (2, MOST_CATEGORIES),
        "max_values": (2, MOST_CATEGORIES),
        "max_iterations": (1, 100_000),
    }
    for name, (low, high) in whole.items():
        given = getattr(options, name)
        if type(given) is not int or not low <= given <= high:
            raise ArgumentError(f"{name}={given!r} is not allowed: give a whole number from {low} to {high}")
    between = {"concentration": (0.0, 1e6), "confidence": (0.5, 1.0), "tolerance": (0.0, 1.0)}
    for name, (lowest, highest) in between.items():
        given = getattr(options, name)
        if isinstance(given, bool) or not isinstance(given, int | float) or not lowest < given < highest:
            raise ArgumentError(f"{name}={given!r} is not allowed: give a number between {lowest:g} and {highest:g}")
