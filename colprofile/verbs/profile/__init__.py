"""profile: the entropy of every column of a table and the dependence of every pair."""
