"""assign_classes: each row's latent class, of the table that was fitted or of fresh rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from colprofile.errors import ArgumentError, SourceError, shorten
from colprofile.results.latent import LatentClasses, LatentColumn
from colprofile.values import axis_position
from colprofile.verbs.profile.api import counted_table
from colprofile.verbs.profile.options import Counting, Reading

if TYPE_CHECKING:
    import pandas as pd

    from colprofile.counting.marginal import Marginal
    from colprofile.verbs.profile.count_table import CountedTable

Assigned = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]


def assign_classes(
    latent: LatentClasses,
    source: Any,
    table: str | None = None,
    *,
    threads: int | None = None,
    memory_limit: int | str | None = None,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Return the latent class of each row of a table, and how sure that is.

    Parameters
    ----------
    latent
        What ``latent_classes`` found, or ``LatentClasses.load`` read.
    source, table
        The same table or another one with the same columns. A value that was never seen counts to the rest of its
        column, or is left out of its row where there is none; a number between two ranges to the upper one.
    threads, memory_limit, progress
        As ``profile`` has them.

    Returns
    -------
    pandas.DataFrame
        One row a row, in the order in which the source gives them (a frame's own; a database table has none to
        promise): ``class_number`` of the most probable class, its ``probability``, and ``redundancy_bits``, what the
        row's cells say of each other: log2 q(row) − Σ log2(share of the cell in its column). Far below 0 is a row
        whose cells do not belong together.

    Raises
    ------
    SourceError, SourceNotFound, SourceBusy
        The data cannot be opened or read, or lacks a column of the classes.
    ArgumentError
        An argument is outside what is allowed; classes that were found without any column.

    Examples
    --------
    >>> import colprofile, pandas as pd
    >>> frame = pd.DataFrame({"fur": ["cat", "cat", "dog"] * 40, "says": ["meow", "meow", "woof"] * 40})
    >>> found = colprofile.latent_classes(frame)
    >>> odd = pd.DataFrame({"fur": ["cat", "dog", "dog"], "says": ["meow", "woof", "meow"]})
    >>> colprofile.assign_classes(found, odd)["class_number"].tolist()[:2]
    [1, 2]
    >>> bool(colprofile.assign_classes(found, odd)["redundancy_bits"].idxmin() == 2)
    True
    """
    import pandas as pd

    if not latent.columns:
        raise ArgumentError("these latent classes have no column to tell rows apart by: there is nothing to assign")
    counting = Counting([column.name for column in latent.columns], pairs=False, nulls=latent.provenance.nulls)
    with counted_table(source, table, counting, Reading(threads, memory_limit, progress=progress)) as counted:
        for column in counted.profile.skipped:
            raise SourceError(f"column {shorten(column.name)!r} cannot be counted here: {column.reason}")
        numbers, probabilities, bits = counted.session.run(lambda: _assigned(latent, counted))
    return pd.DataFrame({"class_number": numbers, "probability": probabilities, "redundancy_bits": bits})


def _assigned(latent: LatentClasses, counted: CountedTable) -> Assigned:
    from colprofile.counting.mixtures.model import Fit, Mixture, distinct_rows
    from colprofile.verbs.latent.categories import category_matrix

    codings = [
        _category_of(column, marginal) for column, marginal in zip(latent.columns, counted.coded.marginals, strict=True)
    ]
    matrix = category_matrix(counted.coded.codes, codings, counted.session.executor)
    sizes = np.array([len(column.categories) for column in latent.columns], np.int64)

    def check() -> None:
        counted.session.report("assigning rows", 0, None)

    rows, numbers = distinct_rows(matrix, sizes, check)
    counts = np.zeros((rows.categories, len(latent.classes)))
    seen = np.zeros((rows.categories, 1))
    for j, (offset, column) in enumerate(zip(rows.offsets, latent.columns, strict=True)):
        span = slice(int(offset) + 1, int(offset) + 1 + len(column.categories))
        counts[span] = np.array([found.counts[j] for found in latent.classes]).T
        seen[span, 0] = [category.rows for category in column.categories]
    class_rows = np.array([found.share for found in latent.classes]) * latent.rows
    model = Mixture(rows, latent.concentration, counted.session.executor, check)
    labels, certainties, gains = model.assigned(Fit(class_rows, counts, 0.0, 0.0), seen)
    return labels[numbers].astype(np.int64) + 1, certainties[numbers], gains[numbers] / np.log(2)


def _category_of(column: LatentColumn, marginal: Marginal) -> npt.NDArray[np.uint8]:
    """Return uint8[codes]: the category of each of a column's values here, 0 for none."""
    category_of = np.zeros(marginal.counts.size + 1, np.uint8)
    kinds = [category.kind for category in column.categories]
    if "rest" in kinds:
        category_of[1:] = kinds.index("rest") + 1
    if "range" in kinds:
        highs = [axis_position(category.high) for category in column.categories if category.kind == "range"]
        axis = marginal.dictionary.axis
        if axis is None:
            raise ArgumentError(f"column {column.name!r} was numeric or temporal, and is not here")
        category_of[1:] = np.searchsorted(np.array(highs[:-1]), axis) + 1
    listed = [number for number, kind in enumerate(kinds, 1) if kind == "value"]
    positions = marginal.dictionary.positions_of([column.categories[number - 1].value for number in listed])
    for number, position in zip(listed, positions.tolist(), strict=True):
        if position >= 0:
            category_of[position + 1] = number
    category_of[0] = kinds.index("null") + 1 if "null" in kinds else 0
    return category_of
