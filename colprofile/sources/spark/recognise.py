"""Recognise objects of Spark, classic or of Spark Connect: nothing is imported for it."""

from __future__ import annotations


def is_spark(source: object) -> bool:
    """Whether an object is a DataFrame or a session of Spark."""
    return _is_a(source, "DataFrame") or is_spark_session(source)


def is_spark_session(source: object) -> bool:
    """Whether an object is a session of Spark."""
    return _is_a(source, "SparkSession")


def _is_a(source: object, name: str) -> bool:
    return any(cls.__module__.startswith("pyspark.sql.") and cls.__name__ == name for cls in type(source).__mro__)
