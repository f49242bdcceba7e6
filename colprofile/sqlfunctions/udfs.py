"""What SQL cannot say: functions that DuckDB calls with batches of Arrow columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


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

    Arrow arrays in and out; not annotated as such, since DuckDB evaluates annotations.
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


FUNCTIONS = (PythonFunction("fingerprint_entropy", fingerprint_entropy, ("MAP(DOUBLE, DOUBLE)", "VARCHAR"), "DOUBLE"),)
"""Every function that Python provides; each has its description in ``sql/``."""
