"""What ``audit`` assumes where nothing else is given."""

MAX_DETERMINANTS = 3
"""Columns on the left side of a dependency or in a key, at most."""

MAX_ERROR = 0.01
"""Share of the rows that may contradict a dependency on several columns."""
