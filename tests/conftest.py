"""Fixtures that several test modules share."""

from __future__ import annotations

import hypothesis

from tests.browsing import browser, open_file
from tests.servers import mariadb_url, new_postgres_database, postgres_engine, postgres_url

__all__ = ["browser", "mariadb_url", "new_postgres_database", "open_file", "postgres_engine", "postgres_url"]

# The first example of a test may compile kernels: how long one takes says nothing.
hypothesis.settings.register_profile("colprofile", deadline=None)
hypothesis.settings.load_profile("colprofile")
