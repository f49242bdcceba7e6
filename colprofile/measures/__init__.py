"""Measures: mathematics on arrays of counts, without any I/O."""
