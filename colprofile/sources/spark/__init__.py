"""Spark: DataFrames and tables, classic and by Spark Connect, through the public DataFrame API alone."""
