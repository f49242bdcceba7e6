"""The benchmark suite: ``python -m bench`` measures colprofile and its peers in the same run."""
