"""Counting: codes, kernels, marginals and joints."""
