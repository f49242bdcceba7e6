"""Catalogs: what a database has saved about its own data, as Histograms and facts."""
