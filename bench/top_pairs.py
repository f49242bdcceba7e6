"""The guaranteed top 20 of 1,225 pairs against counting them all: ten million rows of fifty columns."""

from __future__ import annotations

import os
from itertools import combinations
from pathlib import Path

import duckdb

from bench import data
from bench.harness import Measurement, Run, case, processor_note

KEPT = (2, 3, 5, 9, 20)
VALUES = (7, 30, 100, 300, 1_000)
NOISE = (2, 10, 50, 200, 600, 2_000, 5, 24, 60, 1_500)
SOURCES = (
    *("month", "day", "dep_time", "sched_dep_time", "dep_delay", "arr_delay", "carrier", "flight", "tailnum"),
    *("origin", "dest", "air_time", "distance", "hour", "minute"),
)


def wide_database(folder: Path, *, small: bool) -> Path:
    """Return a DuckDB file whose table ``wide`` is the large flights table with 31 columns more, made if missing.

    21 of them keep a hash of a flights column in a half to a twentieth of the rows and are noise in the others, 10 are
    hashes of the row with 2 to 2,000 values; all of them by hashes, the same everywhere. Small data has 3 of the 31.
    """
    source = data.large_database(folder, small=small)
    target = source.with_name(source.name.replace("flights", "wide"))
    if target.exists():
        return target
    columns = []
    for i in range(2 if small else 21):
        values, kept = VALUES[i % 5], KEPT[i % 5]
        columns.append(
            f"case when hash(rowid, {i}) % {kept} = 0 then hash({SOURCES[i % len(SOURCES)]}, {i}) % {values} "
            f"else hash(rowid, {i}, 'n') % {values} end as n{i}"
        )
    columns += [
        f"hash(rowid, {i}, 'x') % {values} as n{i}" for i, values in enumerate(NOISE[: 1 if small else None], 21)
    ]
    part = target.with_suffix(f".{os.getpid()}.part")
    try:
        with duckdb.connect(str(part)) as connection:
            connection.execute(f"attach '{source}' as source (read_only)")
            connection.execute(f"create table wide as select *, {', '.join(columns)} from source.flights")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


@case("top-pairs")
def top_pairs_against_all(run: Run) -> list[Measurement]:
    """Pairs from codes in memory, sampled first and counted all; then profile() as a whole."""
    import colprofile
    from colprofile.verbs.profile.count_table import encoded, pair_counter
    from colprofile.verbs.profile.options import Counting, Reading
    from colprofile.verbs.profile.pairs import strongest_first
    from colprofile.verbs.profile.pairs_from_samples import settle_pairs
    from colprofile.verbs.profile.sampling import Sampling
    from colprofile.verbs.profile.session import counting_session

    found: dict[str, list[tuple[str, str]]] = {}
    with data.open_read_only(wide_database(run.folder, small=run.small)) as connection:
        connection.execute("set enable_progress_bar = false")
        counting = Counting(sampling=Sampling(top_pairs=20))
        with counting_session(connection, "wide", counting, Reading(progress=False)) as session:
            pairs = list(combinations(range(len(session.columns)), 2))
            with encoded(session, *session.source.batches(session.columns), lambda rows: None) as table:

                def all_pairs() -> None:
                    counted = pair_counter(session, table)(pairs)
                    found["all"] = [(pair.x, pair.y) for pair in strongest_first(counted)[:20]]

                def top() -> None:
                    settled = settle_pairs(session, table, pair_counter(session, table))
                    found["top"] = [(pair.x, pair.y) for pair in strongest_first(settled.pairs)]

                stage = run.interleave({"top": top, "all": all_pairs}, repeat=5)
        whole = run.interleave(
            {
                "top": lambda: colprofile.profile(connection, "wide", top_pairs=20),
                "all": lambda: colprofile.profile(connection, "wide"),
                "columns": lambda: colprofile.profile(connection, "wide", pairs=False),
            },
            repeat=2,
            warm=False,
        )
    if found["top"] != found["all"]:
        raise AssertionError("the guaranteed top 20 pairs are not those of an exact count")
    return [
        run.compare(
            "10 M × 50: the top 20 of 1,225 pairs, from codes",
            stage["top"],
            stage["all"],
            "counting all",
            share=0.2,
            note=f"the same pairs; {processor_note(stage['top'], stage['all'])}",
        ),
        run.compare(
            "10 M × 50: profile(top_pairs=20)",
            whole["top"],
            whole["all"],
            "profile()",
            share=0.2,
            note=f"{processor_note(whole['top'], whole['all'])}; columns alone take {whole['columns']}",
        ),
    ]
