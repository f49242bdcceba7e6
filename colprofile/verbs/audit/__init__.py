"""audit: what a table repeats, what determines what, and the SQL that fixes it."""
