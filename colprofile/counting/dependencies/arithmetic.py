"""Which numbers may be sums or products of two others: a kernel rules out nearly all threes of columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from colprofile.compiled import compiled


@compiled
def possible_sums_and_products(values: Any, first: Any, seconds: Any, targets: Any, gaps: Any, fewest: Any) -> Any:
    """Return (second, target) where the sum or the product of ``first`` and ``second`` may be the target, int64[n, 2].

    ``values`` is float64[columns, rows], NaN where there is none; all are column numbers. A target is ruled out where a
    row differs by more than its gap (float64[targets]), or fewer than ``fewest`` rows have all three values. Then the
    steps: about how many rows were looked at.
    """
    found = []
    steps = 0
    for second in seconds:
        for t in range(targets.size):
            target = targets[t]
            if target in (first, second):
                continue
            for is_product in (False, True):
                filled = 0
                agrees = True
                for row in range(values.shape[1]):
                    a = values[first, row]
                    b = values[second, row]
                    computed = a * b if is_product else a + b
                    wanted = values[target, row]
                    if np.isfinite(computed) and np.isfinite(wanted):
                        if abs(computed - wanted) > gaps[t]:
                            agrees = False
                            break
                        filled += 1
                    steps += 1
                steps += 1
                if agrees and filled >= fewest:
                    found.append((second, target))
                    break
    result = np.empty((len(found), 2), np.int64)
    for n in range(len(found)):
        result[n, 0] = found[n][0]
        result[n, 1] = found[n][1]
    return result, steps
