"""What PostgreSQL's optimizer has saved as the stale side, on a real server: the figures are those of planner."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

import colprofile
from colprofile import Drift
from colprofile.cli import main
from colprofile.errors import ArgumentError, SourceError, SourceNotFound
from tests.support.postgres_tables import TYPES_TABLE, connected, run_all

STORY = ["month", "carrier", "origin", "dest", "distance", "tailnum", "dep_delay", "time_hour", "flight", "day"]


@pytest.fixture(scope="module")
def flights(stale_flights: sa.URL, new_postgres_database: Callable[..., sa.URL]) -> sa.URL:
    """flights, analysed after month 6 and complete since."""
    return new_postgres_database(stale_flights)


@pytest.fixture(scope="module")
def url(new_postgres_database: Callable[[], sa.URL]) -> sa.URL:
    made = new_postgres_database()
    run_all(
        made,
        [
            *TYPES_TABLE.split(";\n"),
            "analyze types",
            "select setseed(0.4)",
            "create table shop as select i as id, case when i % 4 > 0 then i % 10 end as few, "
            "'w' || (random() ^ 3 * 900)::int as word, (random() ^ 2 * 5000)::numeric(9, 1) as price, "
            "date '2024-01-01' + i % 400 as day from generate_series(1, 40000) i",
            "alter table shop alter column word set statistics 0",
            "analyze shop",
            "alter table shop alter column word set statistics 50",
            "analyze shop (word)",
            "alter table shop add column late int default 1",
            "alter table shop add column place point",
            "create table rare as select case when i = 1 then 99 else i % 20 end as x, "
            "case when i = 1 then '-infinity'::float8 else i end as y from generate_series(1, 29000) i",
            "analyze rare",
            "create table never as select 1 as x",
            "create table fresh_shop (like shop)",
            "create role stats_reader login",
            "grant select (id, few) on shop to stats_reader",
        ],
    )
    return made


def compared(url: sa.URL, table: str, **options: object) -> Drift:
    found: Drift = colprofile.drift(url, url, table=table, stale_statistics=True, progress=False, **options)  # type: ignore[call-overload]
    return found


@pytest.fixture(scope="module")
def stale(flights: sa.URL) -> Drift:
    return compared(flights, "flights", columns=STORY)


@pytest.mark.parametrize("fetch", ["always", "never"])
def test_the_planners_error_is_that_of_planner(flights: sa.URL, fetch: str) -> None:
    """The same definition gives the same figure, wherever rows are counted: n_distinct below 0, NULL, a long tail."""
    report = colprofile.planner(flights, "flights", columns=STORY, pairs=False, progress=False)
    found = compared(flights, "flights", columns=STORY, fetch=fetch)
    assert {column.name for column in report.columns} == {column.name for column in found.columns}
    for column in report.columns:
        assert found[column.name].planner_error == pytest.approx(column.kl_divergence, abs=1e-9), column.name
        assert found[column.name].cardinality_factor == pytest.approx(2.0 ** (column.kl_divergence or 0.0))


def test_kl_is_that_of_the_saved_frequencies(flights: sa.URL, stale: Drift) -> None:
    """day and origin by hand: every value is saved, so KL is Σ p log2(p/q) and nothing else."""
    with connected(flights) as connection:
        for name in ("day", "origin"):
            [saved] = connection.exec_driver_sql(
                "select most_common_vals::text::text[], most_common_freqs::float8[], n_distinct from pg_stats "
                f"where attname = '{name}'"
            )
            rows = connection.exec_driver_sql(f"select {name}::text, count(*) from flights group by 1").all()
            counts: dict[str, int] = {value: number for value, number in rows}
            shares = dict(zip(saved[0], saved[1], strict=True))
            assert saved[2] == len(shares) and counts.keys() == shares.keys()
            total, known = sum(counts.values()), sum(shares.values())
            expected = sum(n / total * math.log2(n / total / (shares[v] / known)) for v, n in counts.items())
            assert stale[name].kl_divergence == pytest.approx(expected, abs=1e-6)
            assert not stale[name].is_lower_bound
            # What planner adds are whole rows.
            assert stale[name].planner_error == pytest.approx(expected, abs=0.002)


def test_the_month_left_the_statistics_and_the_carriers_did_not(stale: Drift) -> None:
    assert stale["month"].verdict == "drifted"
    assert stale["month"].unseen_mass == pytest.approx(170_618 / 336_776)
    assert (stale["time_hour"].verdict, stale["time_hour"].explanation) == ("explained", "grown")
    assert (stale["carrier"].kl_divergence or 1) < 0.01
    assert stale.stale.is_exact is False and stale.stale.sampled_rows == 30_000
    assert stale.stale_rows == 166_158 and stale["month"].stale is not None and stale["month"].stale.rows == 166_158
    assert "30,000 sampled rows" in stale.notes[0]


def test_fresh_statistics_have_not_drifted(stale_flights: sa.URL, new_postgres_database: Callable[..., sa.URL]) -> None:
    """A sample of the very rows that are counted: at most one false alarm is allowed among many columns and samples."""
    url = new_postgres_database(stale_flights)
    verdicts = []
    for _ in range(3):
        run_all(url, ["analyze flights"])
        verdicts += [(column.name, column.verdict, column.reasons) for column in compared(url, "flights").columns]
    assert len(verdicts) == 3 * 19
    alarms = [verdict for verdict in verdicts if verdict[1] not in ("same", "noise")]
    assert len(alarms) <= 1, alarms


def test_every_type_is_the_same_right_after_analyze(url: sa.URL) -> None:
    found = compared(url, "types")
    assert len(found.columns) + len(found.skipped) == 22
    assert {column.name: (column.verdict, column.unseen_mass) for column in found.columns} == {
        column.name: ("same", 0.0) for column in found.columns
    }
    assert all(column.kl_divergence == pytest.approx(0, abs=1e-9) for column in found.columns)


def test_a_text_with_a_tail_that_changed_is_seen(url: sa.URL) -> None:
    before = compared(url, "shop", columns=["word"])
    assert before["word"].verdict in ("same", "noise") and before["word"].is_lower_bound
    frame = pd.DataFrame({"word": ["w0"] * 10_000 + [f"w{i % 900}" for i in range(30_000)]})
    after = colprofile.drift(url, frame, stale_table="shop", stale_statistics=True, columns=["word"], progress=False)
    assert after["word"].verdict == "drifted"
    assert after["word"].planner_error is not None


def test_values_without_usable_bounds_share_one_bin(url: sa.URL) -> None:
    """One value that is not among the common ones has no bounds, and an infinite bound has no place on an axis."""
    found = compared(url, "rare")
    report = colprofile.planner(url, "rare", pairs=False, progress=False)
    assert [(column.name, column.verdict, column.unseen_mass) for column in found.columns] == [
        ("x", "same", 0.0),
        ("y", "same", pytest.approx(1 / 29_000)),
    ]
    for column in found.columns:
        assert column.planner_error == pytest.approx(report[column.name].kl_divergence, abs=1e-9)
        assert column.is_lower_bound


def test_bins_that_changed_are_seen(url: sa.URL) -> None:
    """The rows at a bound may belong to either bin, which must not hide that values moved from bin to bin."""
    same, raised = (
        colprofile.drift(
            url,
            pd.DataFrame({"price": [round(factor * (i / 40_000) ** 2 * 5000, 1) for i in range(40_000)]}),
            stale_table="shop",
            stale_statistics=True,
            columns=["price"],
            progress=False,
        )["price"]
        for factor in (1.0, 1.1)
    )
    assert same.verdict in ("same", "noise") and (same.kl_divergence or 1) < 0.01
    assert raised.verdict == "drifted" and (raised.kl_divergence or 0) > 0.01
    assert raised.unseen_mass == pytest.approx(1 - 1.1**-0.5, abs=0.01)


def test_a_saved_fresh_side_serves_where_it_lists_its_values(url: sa.URL) -> None:
    fresh = colprofile.profile(url, "shop", columns=["few", "id"], pairs=False, progress=False)
    found = colprofile.drift(
        url, fresh, stale_table="shop", stale_statistics=True, columns=["few", "id"], progress=False
    )
    counted = compared(url, "shop", columns=["few"])
    assert found["few"].planner_error == pytest.approx(counted["few"].planner_error, abs=1e-12)
    assert found["few"].kl_divergence == pytest.approx(counted["few"].kl_divergence, abs=1e-12)
    assert found["id"].verdict in ("same", "noise")


def test_null_shares_are_compared(url: sa.URL) -> None:
    frame = pd.DataFrame({"few": [1, 2, 3, None] * 1000}, dtype="Int64")
    found = compared(url, "shop", columns=["few"])["few"]
    assert found.stale is not None and found.stale.null_share == pytest.approx(0.25, abs=0.01)
    assert found.verdict in ("same", "noise") and (found.null_bits or 0) < 0.001
    without = colprofile.drift(url, frame.dropna(), stale_table="shop", stale_statistics=True, progress=False)
    assert (without["few"].null_bits or 0) == pytest.approx(math.log2(1 / 0.75), abs=0.01)
    assert without["few"].verdict == "drifted"


def test_columns_without_statistics_are_listed_with_the_reason(url: sa.URL) -> None:
    found = compared(url, "shop")
    assert {column.name: column.reason for column in found.skipped} == {
        "late": "ANALYZE has not seen it yet",
        "place": "could not identify an equality operator for type point",
    }
    assert {"late", "place"}.isdisjoint(column.name for column in found.columns)
    assert any("No statistics of late" in note for note in found.notes)
    assert found.failures(on="broken") == ()
    reader = compared(url.set(username="stats_reader"), "shop", columns=["few", "word"])
    assert [(c.name, c.reason.split(":")[0]) for c in reader.skipped] == [("word", "no permission")]
    assert [column.name for column in reader.columns] == ["few"]


@pytest.mark.parametrize(
    ("stale", "table", "error", "message"),
    [
        ("url", "never", SourceError, "there are no statistics of public.never: it was never analysed"),
        ("url", "nver", SourceNotFound, "Did you mean 'never'"),
        ("sqlite://", "t", ArgumentError, "stale_statistics= reads the statistics of PostgreSQL"),
        ("shop.parquet", "t", ArgumentError, "is not a database URL"),
    ],
)
def test_what_has_no_statistics_is_one_clear_line(
    url: sa.URL, stale: str, table: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        colprofile.drift(url if stale == "url" else stale, url, table=table, stale_statistics=True)
    assert message in str(raised.value) and "\n" not in str(raised.value)


def test_the_command_line_takes_statistics_and_gates_on_them(
    flights: sa.URL, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = flights.render_as_string(hide_password=False)
    given = ["drift", address, address, "--table", "flights", "--columns", "month,carrier", "--stale-statistics"]
    assert (
        main([*given, "--fail-above", "1", "--save", str(tmp_path / "d.json"), "--html", str(tmp_path / "d.html")]) == 1
    )
    assert "drift in month" in capsys.readouterr().err
    loaded = Drift.load(tmp_path / "d.json")
    assert loaded["month"].planner_error is not None and loaded["month"].planner_error > 6
    assert "statistics of postgresql" in (tmp_path / "d.html").read_text("utf-8")
