"""Tables as codes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

from colprofile.counting.coded import CodedTable, encode_table


def encoded(table: pa.Table, memory_limit: int = 10**10, batch: int = 1000) -> CodedTable:
    """Return the codes of a table that comes in batches of so many rows."""
    with ThreadPoolExecutor(3) as executor:
        return encode_table(
            iter(table.to_batches(max_chunksize=batch)),
            table.schema,
            executor=executor,
            memory_limit=memory_limit,
            progress=lambda rows: None,
        )
