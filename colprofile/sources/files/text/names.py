"""The columns' names in SQL, where their own are empty, or differ in case alone."""

from __future__ import annotations

from collections.abc import Sequence


def sql_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return names that SQL tells apart, each its own where that is possible.

    >>> sql_names(["a", "A", "", "a_1"])
    ('a', 'A_1', 'column2', 'a_1_1')
    """
    taken: set[str] = set()
    chosen = []
    for number, name in enumerate(names):
        base = name.replace("\0", " ") or f"column{number}"
        unique, tries = base, 0
        while unique.lower() in taken:
            tries += 1
            unique = f"{base}_{tries}"
        taken.add(unique.lower())
        chosen.append(unique)
    return tuple(chosen)
