"""Text files with separated fields: encoding, dialect, records, and the relation that DuckDB reads."""
