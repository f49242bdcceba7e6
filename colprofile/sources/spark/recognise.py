"""Recognise what is of Spark, classic or of Spark Connect: objects, and addresses. Nothing is imported for it."""

from __future__ import annotations

import os

from colprofile.sources.urls import scheme_of


def is_spark(source: object) -> bool:
    """Whether an object is a DataFrame or a session of Spark."""
    return _is_a(source, "DataFrame") or is_spark_session(source)


def is_spark_session(source: object) -> bool:
    """Whether an object is a session of Spark."""
    return _is_a(source, "SparkSession")


def is_spark_catalog(given: object) -> bool:
    """Whether a catalog of Spark is given: a session, or the address of one."""
    return is_spark_session(given) or (isinstance(given, str | os.PathLike) and names_spark(os.fsdecode(given)))


def is_connect(source: object) -> bool:
    """Whether a DataFrame or a session is of Spark Connect."""
    return type(source).__module__.startswith("pyspark.sql.connect.")


def names_spark(url: str) -> bool:
    """Whether a text is the address of a Spark server.

    >>> names_spark("sc://localhost:15002"), names_spark("spark://h:7077"), names_spark("postgresql://h/d")
    (True, True, False)

    That of Databricks has at most the name of a profile: with a host it is a database URL of SQLAlchemy.

    >>> names_spark("databricks://DEFAULT"), names_spark("databricks://token:t@host?http_path=/sql/1")
    (True, False)
    """
    scheme, rest = scheme_of(url), url.partition("://")[2]
    return scheme in ("sc", "spark") or (scheme == "databricks" and not {*rest} & {*"@?./:"})


def _is_a(source: object, name: str) -> bool:
    return any(cls.__module__.startswith("pyspark.sql.") and cls.__name__ == name for cls in type(source).__mro__)
