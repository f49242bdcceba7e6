"""Renderers of results: HTML, terminal. They read results and compute nothing."""
