"""Fixtures that several test modules share."""

from __future__ import annotations

from tests.servers import mariadb_url, new_postgres_database, postgres_engine, postgres_url

__all__ = ["mariadb_url", "new_postgres_database", "postgres_engine", "postgres_url"]
