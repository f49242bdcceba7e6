"""latent_classes: groups of similar rows in a table, and the bits that they explain, by variational Bayes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Unpack

from colprofile.errors import ArgumentError, SourceError
from colprofile.results.latent import LatentClasses
from colprofile.sources.options import InputKeywords
from colprofile.stopping import import_whole
from colprofile.verbs.latent.options import DEFAULTS, MOST_CATEGORIES, MOST_CLASSES, Options
from colprofile.verbs.profile.api import counted_table
from colprofile.verbs.profile.options import Counting, Reading
from colprofile.verbs.profile.sampling import LARGEST_SEED


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
    sample_rows: int | str | None = None,
    threads: int | None = None,
    memory_limit: int | str | None = None,
    statement_timeout: float | None = None,
    progress: bool | None = None,
    **inputs: Unpack[InputKeywords],
) -> LatentClasses:
    """Return a table's latent classes: groups of rows within which its columns are nearly independent.

    The model is a mixture of categorical distributions with Dirichlet priors, fitted by variational Bayes. Its ELBO is
    a lower bound of log p(table), which gives three bounds in bits per row:

    * ``redundancy_bits`` = (ELBO − log evidence of one class) / rows. The evidence of one class has a closed form.
      A code that learns the mixture while it reads the rows saves at least this much over codes that learn each column
      separately.
    * ``table_redundancy`` = Σ H(X_j) + ELBO / rows. It never exceeds Σ H(X_j) − H(X_1 … X_m) of this table, as no
      mixture gives the rows a higher probability than their own frequencies do.
    * ``distribution_redundancy`` is for the distribution that the rows were drawn from independently: a sample shows
      more or less than the distribution's own Σ H(X_j) − H(X_1 … X_m). It is ``table_redundancy`` less
      log2(max_classes) / rows, for choosing the number of classes by the data, and less z·s/√rows, with z the normal
      quantile of ``confidence`` and s the standard deviation of the rows' own bits. It exceeds the distribution's
      redundancy with probability at most 1 − ``confidence``, up to the error of the normal approximation and for given
      categories. ``redundancy_bits`` has no such guarantee: it is larger by the learning cost of one-class codes, about
      Σ (categories − 1)/2 · log2(rows) / rows.

    Columns are turned into categories, which can only lower the redundancy (data-processing inequality), so all three
    are lower bounds for the columns' own values too.

    Parameters
    ----------
    source, table, columns
        As in ``profile``.
    max_classes
        Largest number of classes, 1 to 64; the number of classes with the highest ELBO is chosen.
    restarts
        Starts from different random rows. More starts can only improve the result.
    seed
        Random seed. The same seed gives the same result on any number of cores.
    nulls
        "ignore": a NULL cell is left out of its row's likelihood, and the row is assigned to its class by its other
        cells (correct where cells are missing at random given the others). "value": NULL is a category of its own, so
        that columns that are NULL together can form a class.
    bins
        Numeric and temporal columns with more than 64 values are cut into at most this many equal-mass bins.
    max_values
        Largest number of categories of other columns: the most frequent values, and one for the rest.
    concentration
        Prior rows per class and per category, as parameter of the Dirichlet priors. 0.5 is Jeffreys' prior.
    confidence
        Confidence of ``distribution_redundancy``, between 0.5 and 1.
    max_iterations
        Largest number of iterations over the whole table.
    tolerance
        Bits per row: an iteration that gains less is the last.
    sample_rows
        Fit this many random rows, or a share such as "10%", rather than all. ``table_redundancy`` and
        ``redundancy_bits`` are then of these rows; ``distribution_redundancy`` holds as it does for any sample.
    threads, memory_limit, statement_timeout, progress, inputs
        As in ``profile``. The categories take one byte per cell in addition to the codes.

    Returns
    -------
    LatentClasses
        With one class and no redundancy where the model finds nothing that columns share.

    Raises
    ------
    SourceError, SourceNotFound, SourceBusy
        The data cannot be opened or read, or has no rows.
    ArgumentError
        An argument is out of range.
    KeyboardInterrupt
        On Ctrl-C, within a second; nothing is left behind.

    Notes
    -----
    Attias (1999), "Inferring parameters and structure of latent variable models by variational Bayes"; Bishop (2006),
    chapter 10. Merging two classes where that raises the ELBO: Hughes & Sudderth (2013), "Memoized online
    variational inference". See ``docs/elbo.md``.

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
        max_classes, restarts, seed, nulls, bins, max_values, concentration, confidence, max_iterations, tolerance
    )
    _check(options)
    counting = Counting(columns, pairs=False, nulls=nulls, quality=False, sample=False)
    reading = Reading(
        threads,
        memory_limit,
        statement_timeout=statement_timeout,
        progress=progress,
        inputs=inputs,
        sample_rows=sample_rows,
        seed=seed,
    )
    import_whole("colprofile.verbs.latent.fit")
    with counted_table(source, table, counting, reading) as counted:
        if not counted.coded.rows:
            raise SourceError(f"{counted.profile.provenance.source} has no rows: there is nothing to fit classes to")
        from colprofile.verbs.latent.fit import fit_classes

        return counted.session.run(lambda: fit_classes(counted, options))


def _check(options: Options) -> None:
    """Raise ArgumentError for the first option that is out of range."""
    whole = {
        "max_classes": (1, MOST_CLASSES),
        "restarts": (1, 1000),
        "seed": (0, LARGEST_SEED),
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
