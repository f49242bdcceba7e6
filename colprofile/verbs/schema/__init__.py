"""What the tables of a database say of each other: keys, foreign keys, repetitions, joins, fixes."""
