"""What is probably wrong in a table's data, from its counts."""
