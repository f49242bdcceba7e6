"""Ten million rows: flights grown over thirty years, cardinalities growing with them."""

from __future__ import annotations

from bench import data, memory
from bench.harness import Measurement, Run, Target, case, format_figure, processor_note


@case("large")
def profile_against_summarize(run: Run) -> list[Measurement]:
    """profile() with all pairs of a DuckDB file against SUMMARIZE of it, on one connection."""
    import colprofile

    with data.open_read_only(data.large_database(run.folder, small=run.small)) as connection:
        connection.execute("set enable_progress_bar = false")
        times = run.interleave(
            {
                "colprofile": lambda: colprofile.profile(connection, "flights"),
                "columns": lambda: colprofile.profile(connection, "flights", pairs=False),
                "summarize": lambda: connection.execute("summarize flights").fetchall(),
            }
        )
    return [
        run.compare(
            "10 M × 19: profile() with all pairs",
            times["colprofile"],
            times["summarize"],
            "SUMMARIZE",
            share=0.25,
            note=processor_note(times["colprofile"], times["summarize"]),
        ),
        run.compare("10 M × 19: profile(pairs=False)", times["columns"], times["summarize"], "SUMMARIZE"),
    ]


@case("large-parquet")
def profile_parquet_against_summarize(run: Run) -> list[Measurement]:
    """The same of a Parquet file, which both sides read each time."""
    import duckdb

    import colprofile

    path = data.large_parquet(run.folder, small=run.small)
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        quoted = str(path).replace("'", "''")
        times = run.interleave(
            {
                "colprofile": lambda: colprofile.profile(path),
                "summarize": lambda: connection.execute(f"summarize from '{quoted}'").fetchall(),
            },
            repeat=3,
        )
    return [
        run.compare(
            "10 M × 19: profile() of a Parquet file",
            times["colprofile"],
            times["summarize"],
            "SUMMARIZE",
            share=0.25,
            note=processor_note(times["colprofile"], times["summarize"]),
        )
    ]


@case("memory")
def peak_memory(run: Run) -> list[Measurement]:
    """Peak resident memory above the imports, in a process of its own: the most of three."""
    database = data.large_database(run.folder, small=run.small)
    with data.open_read_only(database) as connection:
        codes = data.codes_bytes(connection)
    limit = 2 * codes + 1e9
    sources = {
        "DuckDB file": (database, "flights"),
        "Parquet file": (data.large_parquet(run.folder, small=run.small), None),
    }
    found = []
    for name, (path, table) in sources.items():
        used = max(memory.profile_in_child(path, table)["used"] for _ in range(run.rounds(3)))
        found.append(
            run.judge(
                Measurement(
                    f"10 M × 19: peak memory, {name}",
                    format_figure(used, "bytes"),
                    f"codes {format_figure(codes, 'bytes')}",
                    used,
                    "bytes",
                    Target("at most", limit),
                    note="resident memory above the imports, DuckDB's buffers included; the target is "
                    "twice the codes and 1 GB",
                )
            )
        )
    return found
