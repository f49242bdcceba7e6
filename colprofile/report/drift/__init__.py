"""How a Drift is shown: HTML, terminal and Markdown."""
