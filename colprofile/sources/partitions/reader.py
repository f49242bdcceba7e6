"""Reader: what the columns that workers send are here, as the source of a table of the same kind would read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from colprofile.inputs import InputReading
from colprofile.sources.files.relation import Relation
from colprofile.sources.frames.arrow_columns import arrow_relation, is_plain

if TYPE_CHECKING:
    from colprofile.sources.workspace import Workspace


class Reader(Protocol):
    """Reads some columns of an engine, by their numbers in its schema."""

    def relation(self, table: pa.Table, numbers: Sequence[int], workspace: Workspace) -> Relation:
        """Return the relation of values of these columns as workers send them."""
        ...

    def is_plain(self, number: int, kind: pa.DataType) -> bool:
        """Whether a column is counted as workers send it: DuckDB would not change any value."""
        ...

    def depends_on_values(self, number: int, kind: pa.DataType) -> bool:
        """Whether a column's type here, or whether it can be read, depends on its values."""
        ...


class ArrowReader:
    """Reads columns of Arrow, as an Arrow table is read.

    Parameters
    ----------
    reading
        How results say that they were read.
    looks_first
        Whether columns whose types depend on their values are looked at first. Not so where the engine has no such
        values, as Spark, whose times are of microseconds and whose maps have no key twice.
    """

    def __init__(self, reading: InputReading, *, looks_first: bool = False) -> None:
        self._reading, self._looks_first = reading, looks_first

    def relation(self, table: pa.Table, numbers: Sequence[int], workspace: Workspace) -> Relation:
        """Return the relation of the columns."""
        return arrow_relation(table, workspace, self._reading)

    def is_plain(self, number: int, kind: pa.DataType) -> bool:
        """Whether a column is counted as it is."""
        return is_plain(kind)

    def depends_on_values(self, number: int, kind: pa.DataType) -> bool:
        """Whether a column's type depends on its values."""
        return self._looks_first and depends_on_values(kind)


def depends_on_values(kind: pa.DataType) -> bool:
    """Whether the type of an Arrow column in DuckDB, or whether it can be read there, depends on its values.

    Times of whole microseconds are none of nanoseconds; some times with a zone, intervals and maps cannot be read.

    >>> [depends_on_values(kind) for kind in (pa.int64(), pa.timestamp("us", "UTC"), pa.list_(pa.string()))]
    [False, False, False]
    >>> [depends_on_values(kind) for kind in (pa.timestamp("ns", "UTC"), pa.duration("s"), pa.list_(pa.time64("ns")))]
    [True, True, True]
    """
    types = pa.types
    if types.is_dictionary(kind) or types.is_run_end_encoded(kind):
        return depends_on_values(kind.value_type)
    if isinstance(kind, pa.BaseExtensionType):
        return depends_on_values(kind.storage_type)
    if types.is_map(kind) or types.is_union(kind) or types.is_interval(kind):
        return True
    if types.is_nested(kind):
        inner = [kind.field(i).type for i in range(kind.num_fields)]
        return any(_is_inexact_time(some) or depends_on_values(some) for some in inner)
    return _is_inexact_time(kind) and not is_plain(kind)


def _is_inexact_time(kind: pa.DataType) -> bool:
    """Whether times of a type may be beyond what DuckDB's types hold where they have a zone or are inside of others."""
    types = pa.types
    return bool((types.is_timestamp(kind) or types.is_duration(kind) or types.is_time64(kind)) and kind.unit != "us")
