"""Tables that lie in the partitions of an engine, such as Spark: what its workers do, and what comes of it here."""
