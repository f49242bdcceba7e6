"""assign_classes: the latent class of each row, of the fitted table or of fresh rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import numpy.typing as npt

from colprofile.errors import ArgumentError
from colprofile.results.latent import LatentClasses, LatentColumn
from colprofile.sources.options import InputKeywords
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
    **inputs: Unpack[InputKeywords],
) -> pd.DataFrame:
    """Return the latent class of each row of a table, and its probability.

    Parameters
    ----------
    latent
        The result of ``latent_classes`` or ``LatentClasses.load``.
    source, table
        The same table or another one with the same columns. A value that was never seen belongs to the category of
        the rest, or is left out where the column has none. A number between two ranges belongs to the upper one.
    threads, memory_limit, progress, inputs
        As in ``profile``.

    Returns
    -------
    pandas.DataFrame
        One row for each row of the source, in the source's order (a database table has no guaranteed order):
        ``class_number`` of the most probable class, its ``probability``, and ``redundancy_bits``, the information that
        the row's cells share: log2 q(row) − Σ log2(share of the cell in its column). It is far below 0 for a row whose
        cells do not fit together.

    Raises
    ------
    SourceError, SourceNotFound, SourceBusy
        The data cannot be opened or read, or a column of the classes is missing or cannot be counted.
    ArgumentError
        An argument is out of range; the latent classes use no column.

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
        raise ArgumentError("these latent classes use no column: there is nothing to assign rows by")
    counting = Counting(
        [column.name for column in latent.columns],
        pairs=False,
        nulls=latent.provenance.nulls,
        quality=False,
        sample=False,
    )
    reading = Reading(threads, memory_limit, progress=progress, inputs=inputs)
    with counted_table(source, table, counting, reading) as counted:
        counted.check_columns()
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
    """Return uint8[codes]: the category of each code of a column of this table, 0 for none."""
    category_of = np.zeros(marginal.counts.size + 1, np.uint8)
    kinds = [category.kind for category in column.categories]
    if "rest" in kinds:
        category_of[1:] = kinds.index("rest") + 1
    if "range" in kinds:
        highs = [axis_position(category.high) for category in column.categories if category.kind == "range"]
        axis = marginal.dictionary.axis
        if axis is None:
            raise ArgumentError(f"column {column.name!r} is not numeric or temporal, as it was in the fitted table")
        category_of[1:] = np.searchsorted(np.array(highs[:-1]), axis) + 1
    listed = [number for number, kind in enumerate(kinds, 1) if kind == "value"]
    positions = marginal.dictionary.positions_of([column.categories[number - 1].value for number in listed])
    for number, position in zip(listed, positions.tolist(), strict=True):
        if position >= 0:
            category_of[position + 1] = number
    category_of[0] = kinds.index("null") + 1 if "null" in kinds else 0
    return category_of
