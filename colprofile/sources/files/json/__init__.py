"""JSON files: how their records lie in them, what types their values have, and what DuckDB reads of them."""
