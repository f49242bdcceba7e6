"""Value: a database value as results hold it."""

from __future__ import annotations

Value = bool | int | float | str | None
"""A value as results hold it: a JSON scalar. Floats are finite; what JSON cannot hold (NaN, infinities, dates,
decimals, blobs, nested values) is its database's text form."""
