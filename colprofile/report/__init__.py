"""Renderers of results: HTML, terminal and Markdown. They read results and compute nothing."""
