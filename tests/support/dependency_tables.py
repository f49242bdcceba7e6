"""The tables whose dependencies are compared with other programs': flights, zip codes, and those of two packages."""

from __future__ import annotations

import importlib
import pkgutil

import pandas as pd

from tests.support.tables import flights, zip_codes


def dependency_tables() -> dict[str, pd.DataFrame]:
    """Return name → table. Lists become text; columns are text, numbers and booleans."""
    found = {"flights": flights().dropna().reset_index(drop=True), "zip_codes": _plain(zip_codes())}
    return {**found, **scikit_learn_tables(), **statsmodels_tables()}


def small_tables() -> dict[str, pd.DataFrame]:
    """The tables of the two packages alone."""
    return {**scikit_learn_tables(), **statsmodels_tables()}


def scikit_learn_tables() -> dict[str, pd.DataFrame]:
    """Return the tables that scikit-learn ships, but for digits, which is an image."""
    from sklearn import datasets

    found = {}
    for name in ("iris", "wine", "breast_cancer", "diabetes", "linnerud"):
        loaded = getattr(datasets, f"load_{name}")(as_frame=True)
        found[f"sklearn_{name}"] = _plain(loaded.frame)
    return found


def statsmodels_tables() -> dict[str, pd.DataFrame]:
    """Return every table that statsmodels ships."""
    import statsmodels.datasets as datasets

    found = {}
    for module in pkgutil.iter_modules(datasets.__path__):
        if not module.ispkg or module.name == "tests":
            continue
        package = importlib.import_module(f"statsmodels.datasets.{module.name}")
        if hasattr(package, "load_pandas"):
            data = package.load_pandas().data
            frame = data.to_frame() if isinstance(data, pd.Series) else data
            found[f"statsmodels_{module.name}"] = _plain(frame)
    return found


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose columns are named by text and hold nothing nested."""
    columns = {}
    for name in frame.columns:
        column = frame[name].reset_index(drop=True)
        is_object = column.dtype == object
        columns[str(name)] = column.map(lambda value: None if value is None else str(value)) if is_object else column
    return pd.DataFrame(columns)
