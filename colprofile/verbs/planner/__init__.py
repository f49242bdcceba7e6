"""planner: what the query optimizer of a database does not know about a table, in bits."""

from colprofile.verbs.planner.api import planner

__all__ = ["planner"]
