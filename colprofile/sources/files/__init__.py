"""Files as sources: where they are, what format they have, and how DuckDB gets to see their rows."""
