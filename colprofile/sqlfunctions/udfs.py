"""Functions that SQL cannot express, which DuckDB calls with batches of Arrow columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from colprofile.measures.bounds.api import Bounds


class PythonFunction(NamedTuple):
    """A scalar function for ``create_function``: name, the function of Arrow columns, SQL types.

    NULL reaches the function, which must give NULL for it.
    """

    name: str
    function: Callable[..., Any]
    parameters: tuple[str, ...]
    returns: str


def fingerprint_entropy(fingerprints: Any, estimators: Any) -> Any:
    """Return the estimates of a batch of fingerprints, maps of count → number of values with that count.

    Takes and returns Arrow arrays; not annotated as such, since DuckDB evaluates annotations.
    """
    import pyarrow as pa

    from colprofile.measures.estimators import entropy_estimate

    known: dict[tuple[object, ...], float | None] = {}
    bits: list[float | None] = []
    for pairs, estimator in zip(fingerprints.to_pylist(), estimators.to_pylist(), strict=True):
        if pairs is None or estimator is None:
            bits.append(None)
            continue
        # OVER (…) asks for the same fingerprint in every row of a partition.
        key = (estimator, *pairs)
        if key not in known:
            counts, many = zip(*pairs, strict=True) if pairs else ((), ())
            known[key] = entropy_estimate((counts, many), estimator)
        bits.append(known[key])
    return pa.array(bits, pa.float64())


def entropy_bounds(counts: Any, population_rows: Any, confidences: Any) -> Any:
    """Return the bounds of a batch of lists of counts. Takes and returns Arrow arrays."""
    from colprofile.measures.bounds.api import entropy_bounds

    def bounds(sample: Any, rows: int, confidence: float) -> Bounds | None:
        return entropy_bounds(sample, rows, confidence=confidence)

    return _bounds(bounds, counts, population_rows, confidences)


def joint_counts_bounds(x: Any, y: Any, counts: Any, population_rows: Any, confidences: Any) -> Any:
    """Return the bounds of a batch of joint counts, given as lists of both values and of counts."""
    from scipy.sparse import coo_array

    from colprofile.measures.bounds.api import joint_cells, mutual_information_bounds

    def bounds(xs: Any, ys: Any, rows: Any, population: int, confidence: float) -> Bounds | None:
        if not xs:
            return None
        known_x, known_y = ({value: code for code, value in enumerate(dict.fromkeys(side))} for side in (xs, ys))
        place = [known_x[value] for value in xs], [known_y[value] for value in ys]
        table = coo_array((rows, place), (len(known_x), len(known_y)))
        table.sum_duplicates()
        cells = joint_cells(table.row, table.col, table.data)
        return mutual_information_bounds(cells, population, confidence=confidence)

    return _bounds(bounds, x, y, counts, population_rows, confidences)


def _bounds(function: Callable[..., Bounds | None], *columns: Any) -> Any:
    """Return the function's bounds of each row as structs; NULL where an argument is NULL, as a constant may be."""
    import pyarrow as pa

    names = ("lower", "estimate", "upper")
    rows: list[dict[str, float | None] | None] = []
    for row in zip(*(column.to_pylist() for column in columns), strict=True):
        found = None if any(value is None for value in row) else function(*row)
        rows.append(None if found is None else {name: getattr(found, name) for name in names})
    return pa.array(rows, pa.struct([(name, pa.float64()) for name in names]))


_BOUNDS = "STRUCT(lower DOUBLE, estimate DOUBLE, upper DOUBLE)"

FUNCTIONS = (
    PythonFunction("fingerprint_entropy", fingerprint_entropy, ("MAP(DOUBLE, DOUBLE)", "VARCHAR"), "DOUBLE"),
    PythonFunction("entropy_bounds", entropy_bounds, ("DOUBLE[]", "BIGINT", "DOUBLE"), _BOUNDS),
    PythonFunction(
        "joint_counts_bounds",
        joint_counts_bounds,
        ("VARCHAR[]", "VARCHAR[]", "DOUBLE[]", "BIGINT", "DOUBLE"),
        _BOUNDS,
    ),
)
"""Every function that Python provides; ``sql/`` describes those that users can call."""
