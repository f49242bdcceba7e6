"""What ``drift`` assumes where nothing else is given."""

TOLERANCE = 0.01
"""Bits: a column whose KL is at most this is the same."""

SIGNIFICANCE = 0.05
"""A drift is real where its p-value, corrected for the number of columns, is at most this."""

SMOOTHING = 0.5
"""Rows added to each cell where KL would be infinite: Jeffreys' choice."""
