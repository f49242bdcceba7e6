"""Results: frozen dataclasses that know where they come from, with their JSON form and data frames."""
