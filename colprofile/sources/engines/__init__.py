"""Data frames of engines that run Python on workers: Dask and Ray, whose workers pack the rows."""
