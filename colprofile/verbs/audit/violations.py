"""The rows that contradict a dependency: a few of them as values, all of them by a query."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from colprofile.results.audit import Example
from colprofile.sources.identifiers import quote_identifier
from colprofile.verbs.audit.audited_table import AuditedTable

MOST_EXAMPLES = 5
MOST_VALUES = 4


def violating_examples(audited: AuditedTable, columns: tuple[int, ...], target: int) -> tuple[Example, ...]:
    """Return the left sides whose rows disagree most about the target, at most MOST_EXAMPLES; none without codes."""
    if not audited.has_codes:
        return ()
    relation = audited.relation
    groups = relation.groups(columns)
    violating = groups.violating_by_group(target)
    worst = np.lexsort((groups.members[groups.offsets[:-1]], -violating))[:MOST_EXAMPLES]
    examples = []
    for group in worst[violating[worst] > 0].tolist():
        members = groups.members[groups.offsets[group] : groups.offsets[group + 1]]
        seen, first, counts = np.unique(relation.codes[target][members], return_index=True, return_counts=True)
        chosen = np.lexsort((first, -counts))
        chosen = chosen[seen[chosen] > 0][:MOST_VALUES]
        rows = members[first[chosen]]
        determinants = tuple(audited.value(j, int(relation.codes[j][rows[0]])) for j in columns)
        values = tuple(audited.value(target, int(code)) for code in relation.codes[target][rows])
        examples.append(Example(determinants, values, tuple(counts[chosen].tolist())))
    return tuple(examples)


def violating_query(audited: AuditedTable, columns: Sequence[int], target: int) -> str:
    """Return SQL that lists the rows that contradict a dependency, as many as ``violating_rows``.

    Their target is not the most frequent one among the rows with the same left side. NULL is compared as a value where
    it was counted as one; else rows with NULL are left out.
    """
    table, members = audited.table, [audited.columns[j] for j in (*columns, target)]
    keys = [quote_identifier(member.name) for member in members[:-1]]
    y = quote_identifier(members[-1].name)
    selected = ", ".join(f"{key} as k{i}" for i, key in enumerate(keys))
    compared = [*((f"t.{key}", f"r.k{i}") for i, key in enumerate(keys)), (f"t.{y}", "r.v")]
    if any(member.nulls and member.counted_rows == member.rows for member in members):
        filled = ""
        joined = " and ".join(f"({a} = {b} or ({a} is null and {b} is null))" for a, b in compared)
    else:
        filled = f"where {' and '.join(f'{key} is not null' for key in [*keys, y])} "
        joined = " and ".join(f"{a} = {b}" for a, b in compared)
    return (
        f"select t.* from {table} t join (select {selected}, {y} as v, row_number() over "
        f"(partition by {', '.join(keys)} order by count(*) desc) as place from {table} "
        f"{filled}group by {', '.join(keys)}, {y}) r on {joined} where r.place > 1"
    )
