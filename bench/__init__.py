"""The benchmark suite: ``python -m bench`` measures colprofile with its peers beside it, in the same run."""
