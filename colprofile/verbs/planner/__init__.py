"""planner: what the query optimizer of a database does not know about a table, in bits."""
