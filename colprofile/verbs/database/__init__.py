"""Every verb over all tables of a database or folder."""
