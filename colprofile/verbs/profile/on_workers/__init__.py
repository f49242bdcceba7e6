"""Counting by the workers of an engine, which keep the codes of their rows: sums and small tables come here."""
