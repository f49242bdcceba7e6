"""The SQL of colprofile: one macro family or catalog query per file, the only place where it is written."""
