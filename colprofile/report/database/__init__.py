"""The reports of whole databases."""
