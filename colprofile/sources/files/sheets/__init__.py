"""Workbooks: which sheet is meant, where the table lies on it, and what types its columns have."""
