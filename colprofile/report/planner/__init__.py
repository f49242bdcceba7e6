"""How a PlannerReport is shown: HTML, terminal and Markdown."""
