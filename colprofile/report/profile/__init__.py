"""How a Profile is shown: HTML, terminal and Markdown."""
