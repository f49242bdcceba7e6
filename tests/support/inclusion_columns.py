"""Columns as an audit keeps them, made of their values alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from colprofile.counting.dictionary import IntegerDictionary, LabelDictionary
from colprofile.counting.marginal import Marginal
from colprofile.counting.value_hashes import hashed_values
from colprofile.results.column import ColumnProfile
from colprofile.verbs.schema.table_values import ColumnValues


def column_of(table: str, name: str, values: Sequence[Any], number: int = 0) -> ColumnValues:
    """Return a column of whole numbers or texts, None being NULL."""
    counts = Counter(value for value in values if value is not None)
    is_number = all(isinstance(value, int) for value in counts)
    ordered = sorted(counts)
    dictionary = IntegerDictionary(ordered) if is_number else LabelDictionary(ordered)
    marginal = Marginal(values.count(None), np.array([counts[value] for value in ordered], np.int64), dictionary)
    known: dict[str, Any] = dict.fromkeys(field.name for field in fields(ColumnProfile))
    known |= {"name": name, "type": "BIGINT" if is_number else "VARCHAR", "kind": "numeric" if is_number else "text"}
    known |= {"rows": len(values), "nulls": values.count(None), "distinct": len(counts)}
    known |= {"minimum": ordered[0] if ordered else None, "maximum": ordered[-1] if ordered else None}
    known |= {"quantiles": (), "top_values": (), "fingerprint": ()}
    hashed = hashed_values(marginal)
    return ColumnValues(
        table, number, ColumnProfile(**known), hashed.hashes, marginal.fingerprint, hashed.low, hashed.high
    )
