"""Latent classes as pandas data frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from colprofile.results.latent import LatentClasses

if TYPE_CHECKING:
    import pandas as pd

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
