"""Which sets of columns determine a column: exactly, and except for a few rows."""
