"""Objects of Python as sources: data frames, Arrow data, dictionaries, lists and connections."""
