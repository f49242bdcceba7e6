"""How LatentClasses are shown: HTML, terminal and Markdown."""
