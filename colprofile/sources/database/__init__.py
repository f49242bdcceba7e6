"""Tables of a database that SQLAlchemy reaches: rows fetched, or counted by the database itself."""
