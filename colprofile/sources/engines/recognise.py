"""Recognise tables of Dask and Ray: nothing is imported for it."""

from __future__ import annotations


def is_dask(source: object) -> bool:
    """Whether an object is a DataFrame or a Series of Dask."""
    return _is_a(source, "dask.dataframe.", "DataFrame", "Series")


def is_ray(source: object) -> bool:
    """Whether an object is a Dataset of Ray."""
    return _is_a(source, "ray.data.", "Dataset")


def _is_a(source: object, package: str, *names: str) -> bool:
    return any(cls.__module__.startswith(package) and cls.__name__ in names for cls in type(source).__mro__)
