"""How an Audit is shown: HTML, terminal and Markdown."""
