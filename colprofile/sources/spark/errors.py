"""What Spark raises, as one line."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from colprofile.errors import ColprofileError, SourceError
from colprofile.sources.spark.causes import cause_of


@contextlib.contextmanager
def readable_errors(description: str) -> Iterator[None]:
    """Turn what Spark raises into one SourceError line."""
    try:
        yield
    except (ColprofileError, MemoryError):
        raise
    except Exception as error:  # of pyspark, py4j or gRPC
        raise SourceError(f"cannot read {description}: {cause_of(error)}") from error
