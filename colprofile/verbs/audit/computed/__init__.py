"""Columns that are computed from others: the forms that an audit knows."""
