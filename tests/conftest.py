"""Fixtures that several test modules share."""

from __future__ import annotations

import signal

import hypothesis

from tests.support.browser import browser, open_file
from tests.support.equal_databases import new_url
from tests.support.garbage import collect_less, usual_garbage_collection
from tests.support.postgres_tables import stale_flights
from tests.support.servers import mariadb_url, new_postgres_database, postgres_engine, postgres_url
from tests.support.spark_servers import spark_url
from tests.support.tables import flights_audit, flights_profile, parquet_files, zip_codes_audit, zip_codes_profile

__all__ = [
    "browser",
    "flights_audit",
    "flights_profile",
    "mariadb_url",
    "new_postgres_database",
    "new_url",
    "open_file",
    "parquet_files",
    "postgres_engine",
    "postgres_url",
    "spark_url",
    "stale_flights",
    "usual_garbage_collection",
    "zip_codes_audit",
    "zip_codes_profile",
]

# A shell starts what runs in its background with Ctrl-C ignored, and Python leaves it so: tests of Ctrl-C need it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The first example of a test may compile kernels: how long one takes says nothing.
# Others come in every run: half as many as usual each time.
hypothesis.settings.register_profile("colprofile", deadline=None, max_examples=50)
hypothesis.settings.load_profile("colprofile")


def pytest_collection_finish() -> None:
    collect_less()
