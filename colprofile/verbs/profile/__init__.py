"""profile: the entropy of every column of a table and the dependence of every pair."""

from colprofile.verbs.profile.api import profile

__all__ = ["profile"]
