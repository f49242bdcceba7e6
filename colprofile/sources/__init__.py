"""Sources: whatever can count its columns."""
