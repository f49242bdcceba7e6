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


def joint_dependence(x: Any, y: Any, values_x: Any, values_y: Any, types_x: Any, types_y: Any) -> Any:
    """Return the dependences of a batch of pairs of lists. Takes and returns Arrow arrays."""
    from concurrent.futures import ThreadPoolExecutor

    import pyarrow as pa

    from colprofile.counting.pairs import PairColumn, count_pairs
    from colprofile.sources.duckdb_columns import kind_of_type

    def column(values: Any, distinct: Any, type_name: str) -> PairColumn:
        found = pa.compute.fill_null(pa.compute.index_in(values, distinct), -1)
        codes = (found.to_numpy(zero_copy_only=False) + 1).astype("uint32")
        is_ordered = kind_of_type(type_name) in ("numeric", "temporal")
        return PairColumn.of_ordered(codes, len(distinct), is_ordered=is_ordered)

    found: list[float | None] = []
    with ThreadPoolExecutor(1) as executor:
        for row in zip(x, y, values_x, values_y, types_x, types_y, strict=True):
            if not all(value.is_valid for value in row):
                found.append(None)
                continue
            sides = [column(row[i].values, row[i + 2].values, row[i + 4].as_py()) for i in (0, 1)]
            pair = count_pairs(sides, [(0, 1)], executor=executor, progress=lambda done: None)[0]
            found.append(pair.strength.value)
    return pa.array(found, pa.float64())


def table_dependences(names: Any, types: Any, rows: Any) -> Any:
    """Return the pairs of a batch of tables, given as lists of names, of types and of rows. Takes Arrow arrays."""
    import pyarrow as pa

    from colprofile.sqlfunctions.pair_tables import PAIR_TYPE, pairs_of

    tables = zip(names.to_pylist(), types.to_pylist(), rows, strict=True)
    found = [None if given[0] is None or not given[2].is_valid else pairs_of(*given) for given in tables]
    return pa.array(found, pa.list_(PAIR_TYPE))


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

_PAIRS = (
    "STRUCT(column_x VARCHAR, column_y VARCHAR, row_count BIGINT, dependence DOUBLE, mutual_information DOUBLE, "
    "pearson DOUBLE, spearman DOUBLE)[]"
)

FUNCTIONS = (
    PythonFunction("fingerprint_entropy", fingerprint_entropy, ("MAP(DOUBLE, DOUBLE)", "VARCHAR"), "DOUBLE"),
    PythonFunction("entropy_bounds", entropy_bounds, ("DOUBLE[]", "BIGINT", "DOUBLE"), _BOUNDS),
    PythonFunction(
        "joint_counts_bounds",
        joint_counts_bounds,
        ("VARCHAR[]", "VARCHAR[]", "DOUBLE[]", "BIGINT", "DOUBLE"),
        _BOUNDS,
    ),
    PythonFunction(
        "joint_dependence",
        joint_dependence,
        ("VARCHAR[]", "VARCHAR[]", "VARCHAR[]", "VARCHAR[]", "VARCHAR", "VARCHAR"),
        "DOUBLE",
    ),
    PythonFunction("table_dependences", table_dependences, ("VARCHAR[]", "VARCHAR[]", "VARCHAR[][]"), _PAIRS),
)
"""Every function that Python provides; ``sql/`` describes those that users can call."""
