"""evidence(): one dependency, whatever is asked."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd
import pytest

import colprofile
from colprofile.errors import ArgumentError, SourceNotFound


class TestEvidence:
    frame = pd.DataFrame({"a": [1, 1, 2, 2, None], "b": [1, 1, 2, 3, 4], "none": [None] * 5})

    def test_it_answers_whatever_is_asked(self) -> None:
        found = colprofile.evidence(self.frame, "a", "b")
        assert (found.rows, found.violating_rows, found.g3, found.pdep) == (4, 1, 0.25, 0.75)
        assert colprofile.evidence(self.frame, "a", "b", nulls="value").rows == 5

    @pytest.mark.parametrize(("columns", "target"), [([], "a"), (["a", "a"], "b"), ("a", "a")])
    def test_columns_must_differ(self, columns: Any, target: str) -> None:
        with pytest.raises(ArgumentError, match="must be different columns"):
            colprofile.evidence(self.frame, columns, target)

    @pytest.mark.parametrize(("columns", "target"), [(None, "a"), (["a", 3], "b"), ("a", ["b"])])
    def test_names_are_texts(self, columns: Any, target: Any) -> None:
        with pytest.raises(ArgumentError, match="is not a column name: give texts"):
            colprofile.evidence(self.frame, columns, target)

    def test_a_profile_has_no_rows(self) -> None:
        with pytest.raises(ArgumentError, match="a Profile holds no rows"):
            colprofile.evidence(colprofile.profile(self.frame), "a", "b")

    def test_a_constant_needs_nothing(self) -> None:
        found = colprofile.evidence(pd.DataFrame({"a": [1, 1, 2], "b": [5, 5, 5]}), "a", "b")
        assert (found.is_exact, found.rfi, found.mu_plus, found.bits) == (True, None, None, 0.0)

    def test_rows_are_needed(self) -> None:
        with pytest.raises(ArgumentError, match="no row has a value"):
            colprofile.evidence(self.frame, "a", "none")

    rows = (
        (1, 1, 5),
        (1, 1, None),
        (1, 2, 5),
        (2, 1, None),
        (2, 1, 6),
        (None, 3, 7),
        (None, 3, 7),
        (1, 1, 8),
        (4, 4, 4),
    )

    @pytest.mark.parametrize("nulls", ["ignore", "value"])
    @pytest.mark.parametrize("left", [["a"], ["b"], ["a", "b"]])
    def test_repeated_rows_are_those_that_are_compared(self, left: list[str], nulls: Any) -> None:
        """Rows with NULL anywhere, on the right too, neither support nor contradict anything; as values, they do."""
        found = colprofile.evidence(pd.DataFrame(self.rows, columns=list("abc"), dtype="Int64"), left, "c", nulls=nulls)
        complete = [
            row for row in self.rows if nulls == "value" or None not in [row["abc".index(n)] for n in (*left, "c")]
        ]
        lefts = Counter(tuple(row["abc".index(name)] for name in left) for row in complete)
        assert found.repeated_rows == sum(count for count in lefts.values() if count > 1)
        assert found.rows == len(complete) >= found.repeated_rows

    def test_unknown_columns(self) -> None:
        with pytest.raises(SourceNotFound, match="no column 'c'"):
            colprofile.evidence(self.frame, "a", "c")
