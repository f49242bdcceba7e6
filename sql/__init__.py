"""The SQL of colprofile: one macro family or catalog query a file, the only place where it is written."""
