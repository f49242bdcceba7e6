"""drift: which columns of fresh data have left a saved distribution, in bits."""

from colprofile.verbs.drift.api import drift

__all__ = ["drift"]
