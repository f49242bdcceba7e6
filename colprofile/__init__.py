"""Profile database columns with information theory."""

from __future__ import annotations

__version__ = "0.1.0"
