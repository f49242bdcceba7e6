"""Sources: tables, files, frames and databases whose columns can be counted."""
