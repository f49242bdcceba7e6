"""What holds for every Markdown report: whole tables, nothing of the data that is Markdown, HTML or a mention."""

from __future__ import annotations

import re

MOST_CHARACTERS = 65_536
"""Of a comment on GitHub."""


def check_markdown(shown: str) -> None:
    """Assert that tables are whole, that no text escapes from code, and that a comment can hold it."""
    assert shown.startswith("### ") and shown.endswith("\n") and "\n\n\n" not in shown
    assert len(shown) < MOST_CHARACTERS
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e]", shown)
    without_blocks = re.sub(r"^(`{3,})(?:sql|mermaid)\n.*?\n\1$", "", shown, flags=re.DOTALL | re.MULTILINE)
    for table in re.findall(r"(?:^\|.*\n)+", without_blocks, re.MULTILINE):
        # A bar within code is escaped too: GitHub cuts cells before it reads code.
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1, table
    bare = re.sub(r"(?<!`)(`+)(?!`)(?:(?!\1).)+?(?<!`)\1(?!`)", "", without_blocks)
    assert {tag for tag in re.findall(r"</?([a-z]+)", bare)} <= {"details", "summary"}
    assert not re.search(r"@\w|(?<!\\)\[.*\]\(", bare)
    assert bare.count("<details>") == bare.count("</details>")
