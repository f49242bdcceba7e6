"""Sources of many tables: databases and folders, their tables' names, what is declared of them, and SQL over them."""
