"""The verbs as colprofile exports them: of one table, or of all tables of a database, whichever the source is."""
