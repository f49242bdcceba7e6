"""The dependences of all pairs of a table that a SQL function gave as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from colprofile.verbs.profile.api import profile

PAIR_TYPE = pa.struct(
    [
        ("column_x", pa.string()),
        ("column_y", pa.string()),
        ("row_count", pa.int64()),
        *((name, pa.float64()) for name in ("dependence", "mutual_information", "pearson", "spearman")),
    ]
)
"""What is returned of each pair."""


def pairs_of(names: Sequence[str], types: Sequence[str], rows: Any) -> list[dict[str, Any]]:
    """Return the pairs of a table, the strongest dependence first.

    Parameters
    ----------
    names, types
        The columns' names and their types as SQL writes them.
    rows
        An Arrow list of rows, each a list of values as text.
    """
    import duckdb

    cells = rows.values.flatten()
    texts = pa.table({f"c{i}": cells.take(pa.array(range(i, len(cells), len(names)))) for i in range(len(names))})
    with duckdb.connect() as own:
        own.register("texts", texts)
        typed = (f"c{i}::{type_name} as c{i}" for i, type_name in enumerate(types))
        own.execute(f"create temp table typed as select {', '.join(typed)} from texts")
        found = profile(own, "typed", threads=1, progress=False, quality=False, example_rows=False)
    name_of = {f"c{i}": name for i, name in enumerate(names)}
    return [
        {
            "column_x": name_of[pair.x],
            "column_y": name_of[pair.y],
            "row_count": pair.rows,
            **{name: getattr(pair, name) for name in ("dependence", "mutual_information", "pearson", "spearman")},
        }
        for pair in found.pairs
    ]
