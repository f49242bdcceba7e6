"""Information theory in SQL: the functions that ``register`` adds to a DuckDB connection."""

from __future__ import annotations

from colprofile.sqlfunctions.catalogue import GROUPS, Function, functions
from colprofile.sqlfunctions.engine import register_engine
from colprofile.sqlfunctions.registration import register, unregister

__all__ = ["GROUPS", "Function", "functions", "register", "register_engine", "unregister"]
