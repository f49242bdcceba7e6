"""The rows that break a dependency: a few of them as values, all of them by a query."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from colprofile.counting.dependencies.relation import Groups
from colprofile.results.audit import Example
from colprofile.sources.identifiers import quote_identifier
from colprofile.verbs.audit.audited_table import Material

MOST_EXAMPLES = 5
MOST_VALUES = 4


def violating_examples(material: Material, groups: Groups, target: int) -> tuple[Example, ...]:
    """Return the left sides whose rows disagree most about the target, at most MOST_EXAMPLES."""
    relation = material.relation
    assert relation is not None
    cells = relation.refine(groups, target)
    if not cells.size:
        return ()
    first = np.zeros(cells.size + 1, np.int64)
    first[cells.numbers[::-1]] = np.arange(relation.rows)[::-1]
    group_of_cell = groups.numbers[first[1:]].astype(np.int64)
    counts = cells.counts[1:]
    best = np.zeros(groups.size + 1, np.int64)
    total = np.zeros(groups.size + 1, np.int64)
    np.maximum.at(best, group_of_cell, counts)
    np.add.at(total, group_of_cell, counts)
    against = total - best
    worst = np.argsort(-against, kind="stable")[:MOST_EXAMPLES]
    examples = []
    for group in worst[against[worst] > 0]:
        members = np.flatnonzero(group_of_cell == group)
        members = members[np.argsort(-counts[members], kind="stable")[:MOST_VALUES]]
        row = int(first[1:][members[0]])
        examples.append(
            Example(
                tuple(material.value(j, int(relation.codes[j][row])) for j in groups.columns),
                tuple(material.value(target, int(relation.codes[target][first[1:][m]])) for m in members),
                tuple(counts[members].tolist()),
            )
        )
    return tuple(examples)


def violating_query(table: str, columns: Sequence[str], target: str) -> str:
    """Return SQL that lists the rows that break a dependency: their target is not the most frequent of their group.

    It returns as many rows as must go for the dependency to hold, ``violating_rows``.
    """
    keys = [quote_identifier(column) for column in columns]
    y = quote_identifier(target)
    selected = ", ".join(f"{key} as k{i}" for i, key in enumerate(keys))
    filled = " and ".join(f"{key} is not null" for key in [*keys, y])
    joined = " and ".join(f"t.{key} = r.k{i}" for i, key in enumerate(keys))
    return (
        f"select t.* from {table} t join (select {selected}, {y} as v, row_number() over "
        f"(partition by {', '.join(keys)} order by count(*) desc) as place from {table} "
        f"where {filled} group by {', '.join(keys)}, {y}) r on {joined} and t.{y} = r.v where r.place > 1"
    )
