"""Profiles as pandas data frames: one row a column, one row a pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

import pandas as pd

from colprofile.results.audit import Audit, Dependency, Finding
from colprofile.results.convert import SCALARS, field_hints, members
from colprofile.results.drift import ColumnDrift, Contribution, Drift
from colprofile.results.histogram import Value
from colprofile.results.latent import LatentClasses
from colprofile.results.profile import ColumnProfile, PairProfile, Profile

if TYPE_CHECKING:
    import pandas as pd

PLAIN_DTYPES: dict[type, str] = {bool: "bool", int: "int64", float: "float64", str: "str"}
NULLABLE_DTYPES: dict[type, str] = {bool: "boolean", int: "Int64", float: "Float64", str: "str"}


def columns_frame(profile: Profile) -> pd.DataFrame:
    """Return one row a column in the table's order, indexed by name.

    The scalar fields of ColumnProfile in their order; ``entropy_interval`` as ``entropy_lower`` and
    ``entropy_upper``, in bits. What is undefined is missing (``pd.NA``), in nullable dtypes; ``minimum`` and
    ``maximum`` are objects, as each column has values of its own type.
    """
    return dataclass_frame(ColumnProfile, profile.columns).set_index("name")


def pairs_frame(profile: Profile) -> pd.DataFrame:
    """Return one row a pair in the profile's order, strongest dependence first.

    The scalar fields of PairProfile in their order; ``mutual_information_interval`` as
    ``mutual_information_lower`` and ``…_upper``, in bits; each Determination's fields with the prefix
    ``x_to_y_`` or ``y_to_x_``. What is undefined is missing (``pd.NA``), in nullable dtypes.
    """
    return dataclass_frame(PairProfile, profile.pairs)


def drift_frame(drift: Drift) -> pd.DataFrame:
    """Return one row a compared column in the comparison's order, indexed by name.

    The scalar fields of ColumnDrift in their order; each Side's fields with the prefix ``stale_`` or ``fresh_``;
    ``reasons`` as one text. What is undefined is missing (``pd.NA``), in nullable dtypes.
    """
    frame = dataclass_frame(ColumnDrift, drift.columns)
    frame["reasons"] = pd.Series(["; ".join(column.reasons) for column in drift.columns], dtype=object)
    return frame.set_index("name")


def findings_frame(audit: Audit) -> pd.DataFrame:
    """Return one row a finding, most bits first: its scalar fields, those of its evidence with ``evidence_`` before.

    ``columns`` and ``targets`` are tuples of names. What is undefined is missing (``pd.NA``), in nullable dtypes.
    """
    frame = dataclass_frame(Finding, audit.findings)
    for place, name in enumerate(("columns", "targets"), start=1):
        frame.insert(place, name, pd.Series([getattr(finding, name) for finding in audit.findings], dtype=object))
    return frame


def dependencies_frame(audit: Audit) -> pd.DataFrame:
    """Return one row a minimal exact dependency: ``columns`` (a tuple of names), target, is_by_key, is_finding."""
    frame = dataclass_frame(Dependency, audit.dependencies)
    frame.insert(0, "columns", pd.Series([item.columns for item in audit.dependencies], dtype=object))
    return frame


def contributions_frame(drift: Drift) -> pd.DataFrame:
    """Return one row a contribution: the column's ``name``, then the fields of Contribution; largest bits first."""
    found = [(column.name, part) for column in drift.columns for part in column.contributions]
    found.sort(key=lambda item: -item[1].bits)
    parts = [part for _, part in found]
    frame = dataclass_frame(Contribution, parts)
    frame.insert(0, "name", pd.Series([name for name, _ in found], dtype=object))
    for end in ("low", "high"):
        frame[end] = pd.Series([getattr(part, end) for part in parts], dtype=object)
    return frame


def dataclass_frame(cls: type, items: Sequence[Any]) -> pd.DataFrame:
    """Return one row an item, one column a scalar field of the dataclass ``cls``."""
    columns: dict[str, pd.Series] = {}
    for name, hint in field_hints(cls).items():
        columns.update(_columns(name, hint, [getattr(item, name) for item in items]))
    return pd.DataFrame(columns)


def _columns(name: str, hint: Any, values: list[Any]) -> dict[str, pd.Series]:
    """Return a field's columns: none for a list, two for an interval, several for a dataclass."""
    kinds = [member for member in members(hint) if member is not type(None)]
    if hint == Value:
        return {name: pd.Series(values, dtype=object)}
    if len(kinds) > 1:
        return {}
    kind = kinds[0]
    is_optional = len(kinds) < len(members(hint))
    if kind in SCALARS:
        return {name: _series(values, kind, is_optional)}
    if get_origin(kind) is Literal:
        return {name: _series(values, str, is_optional)}
    if get_args(kind) == (float, float) and name.endswith("_interval"):
        stem = name.removesuffix("_interval")
        ends = [value or (None, None) for value in values]
        return {
            f"{stem}_{end}": _series([pair[index] for pair in ends], float, is_optional)
            for index, end in enumerate(("lower", "upper"))
        }
    if is_dataclass(kind) and isinstance(kind, type) and _is_flat(kind):
        return _nested_columns(name, kind, values, is_optional)
    return {}


def _is_flat(cls: type) -> bool:
    """Whether a dataclass has scalar fields only, so that it fits a row."""
    return all(member in SCALARS for hint in field_hints(cls).values() for member in members(hint))


def _nested_columns(name: str, cls: type, values: list[Any], is_optional: bool) -> dict[str, pd.Series]:
    """Return a flat dataclass's fields as columns ``name_field``; all missing where the dataclass is None."""
    columns: dict[str, pd.Series] = {}
    for field, hint in field_hints(cls).items():
        inner = [None if value is None else getattr(value, field) for value in values]
        columns.update(_columns(f"{name}_{field}", hint | None if is_optional else hint, inner))
    return columns


def _series(values: list[Any], kind: type, is_optional: bool) -> pd.Series:
    """Return the values with the dtype of their kind, nullable where None can be.

    Text that no UTF-8 can hold (lone surrogates in a name) stays in Python objects.
    """
    dtype = (NULLABLE_DTYPES if is_optional else PLAIN_DTYPES)[kind]
    if kind is str:
        try:
            return pd.Series(values, dtype=dtype)
        except UnicodeEncodeError:
            return pd.Series(values, dtype=object)
    return pd.Series(values, dtype=dtype)


_TYPICAL = ("column", "kind", "value", "low", "high", "share", "table_share", "lift", "bits")


def classes_frame(latent: LatentClasses) -> pd.DataFrame:
    """Return one row a class, the largest first, indexed by number; certainty is missing without rows."""
    import pandas as pd

    found = latent.classes
    return pd.DataFrame(
        {
            "share": pd.Series([item.share for item in found], dtype="float64"),
            "rows": pd.Series([item.rows for item in found], dtype="int64"),
            "certainty": pd.Series([item.certainty for item in found], dtype="Float64"),
        }
    ).set_index(pd.Index([item.number for item in found], name="number", dtype="int64"))


def typical_frame(latent: LatentClasses) -> pd.DataFrame:
    """Return one row a typical value, by class and then most bits first; values are objects of their own types."""
    import pandas as pd

    found = [(item.number, typical) for item in latent.classes for typical in item.typical]
    columns = {"number": pd.Series([number for number, _ in found], dtype="int64")}
    for name in _TYPICAL:
        is_figure = name in ("share", "table_share", "lift", "bits")
        values = [getattr(typical, name) for _, typical in found]
        columns[name] = pd.Series(values, dtype="float64" if is_figure else object)
    return pd.DataFrame(columns)


def latent_columns_frame(latent: LatentClasses) -> pd.DataFrame:
    """Return one row a column in the table's order, indexed by name."""
    import pandas as pd

    found = latent.columns
    return pd.DataFrame(
        {
            "type": pd.Series([item.type for item in found], dtype=object),
            "missing": pd.Series([item.missing for item in found], dtype="int64"),
            "categories": pd.Series([len(item.categories) for item in found], dtype="int64"),
            "entropy": pd.Series([item.entropy for item in found], dtype="float64"),
            "information": pd.Series([item.information for item in found], dtype="float64"),
        }
    ).set_index(pd.Index([item.name for item in found], name="name", dtype=object))


def candidates_frame(latent: LatentClasses) -> pd.DataFrame:
    """Return one row a number of classes, ascending, indexed by it: bits a row."""
    import pandas as pd

    found = latent.candidates
    return pd.DataFrame(
        {
            "elbo": pd.Series([item.elbo for item in found], dtype="float64"),
            "redundancy_bits": pd.Series([item.redundancy_bits for item in found], dtype="float64"),
        }
    ).set_index(pd.Index([item.classes for item in found], name="classes", dtype="int64"))
