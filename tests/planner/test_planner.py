"""The identity on a real server: KL and mutual information are the planner's errors, and the advice removes them."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

import colprofile
from colprofile import PlannerReport, planner
from colprofile.errors import ArgumentError, SourceNotFound
from tests.support.postgres_tables import connected, load_stale_flights, snapshot
from tests.support.tables import flights

STORY = ["month", "carrier", "origin", "dest", "distance"]
PAIRS = [("carrier", "dest"), ("origin", "carrier"), ("dest", "distance")]


@pytest.fixture(scope="module")
def stale(stale_flights: sa.URL, new_postgres_database: Callable[..., sa.URL]) -> sa.URL:
    return new_postgres_database(stale_flights)


@pytest.fixture(scope="module")
def stale_tenth(new_postgres_database: Callable[..., sa.URL]) -> sa.URL:
    """The same of every tenth flight, where the figures do not matter."""
    url = new_postgres_database()
    load_stale_flights(url, flights().iloc[::10])
    return url


@pytest.fixture(scope="module")
def before(stale: sa.URL) -> dict[str, object]:
    return snapshot(stale)


@pytest.fixture(scope="module")
def report(stale: sa.URL, before: dict[str, object]) -> PlannerReport:
    """The report with everything asked for."""
    return planner(stale, "flights", columns=STORY, verify=True, progress=False)


def test_month_is_found_stale_first_and_dest_and_carrier_fine(report: PlannerReport) -> None:
    assert report.columns[0].name == "month"
    assert report["month"].verdict == "stale"
    assert report["month"].unseen_share == pytest.approx((flights().month > 6).mean())
    assert {report[name].verdict for name in ("dest", "carrier", "origin", "distance")} == {"fine"}


def test_every_column_stands_in_the_report_without_asking_for_some(stale: sa.URL) -> None:
    whole = planner(stale, "flights", pairs=False, progress=False)
    assert whole.columns[0].name == "month"
    assert {column.name for column in whole.columns} == set(flights().columns)
    assert {whole[name].verdict for name in ("dest", "carrier")} == {"fine"}
    # An ascending key: half of the rows lie beyond the last bound.
    assert whole["time_hour"].verdict == "stale"
    assert (whole["time_hour"].range_divergence or 0.0) > 4


@pytest.mark.parametrize("name", ["carrier", "origin", "dest"])
def test_kl_is_the_mean_log_error_of_explain(report: PlannerReport, name: str) -> None:
    column = report[name]
    assert column.kl_divergence is not None and column.measured is not None
    assert column.measured.predicates == column.distinct
    assert column.measured.error == pytest.approx(column.kl_divergence, rel=0.02, abs=0.01)


@pytest.mark.parametrize("pair", PAIRS)
def test_mutual_information_is_the_mean_log_underestimate_of_explain(
    report: PlannerReport, pair: tuple[str, str]
) -> None:
    found = report.pair(*pair)
    assert found.measured is not None
    assert found.measured.error == pytest.approx(found.mutual_information, rel=0.02)


def test_every_prediction_is_what_explain_says(report: PlannerReport) -> None:
    """Not only on average: with the server's own arithmetic, whatever is stale and however many rows there are."""
    items: list[Any] = [*report.columns, *report.pairs, *report.groups]
    measured = [item.measured for item in items if item.measured is not None]
    assert len(measured) >= 10
    for found in measured:
        assert found.predicted is not None
        assert found.error == pytest.approx(found.predicted, abs=0.002)


def test_a_pair_errs_by_its_bits_plus_its_columns_errors(report: PlannerReport) -> None:
    for x, y in PAIRS:
        pair = report.pair(x, y)
        sides = [report[name].kl_divergence or 0.0 for name in (x, y)]
        assert pair.evidence is not None
        # What one row hides, and whole rows, take a little off where pairs of values are rare.
        assert pair.evidence.predicted_error == pytest.approx(pair.mutual_information + sum(sides), rel=0.01)


@pytest.mark.parametrize("pair", PAIRS)
def test_the_advice_brings_the_pairs_below_a_tenth_of_a_bit(report: PlannerReport, pair: tuple[str, str]) -> None:
    found = report.pair(*pair)
    assert found.verdict in ("advised", "in group")
    assert found.measured_after is not None
    assert abs(found.measured_after.error) < 0.1


def test_the_advice_cures_the_stale_columns(report: PlannerReport) -> None:
    after = report["month"].measured_after
    assert after is not None
    assert abs(after.error) < 0.01


def test_what_was_foretold_of_the_advice_is_what_happens(report: PlannerReport) -> None:
    for pair in report.pairs:
        if pair.verdict == "advised" and pair.evidence is not None and pair.measured_after is not None:
            assert math.log2(pair.measured_after.q_error) == pytest.approx(
                pair.evidence.predicted_after or 0.0, abs=0.1
            )


def test_nothing_is_left_behind(report: PlannerReport, stale: sa.URL, before: dict[str, object]) -> None:
    assert report.is_verified
    assert snapshot(stale) == before


def test_verifying_would_be_seen_if_it_left_a_trace(new_postgres_database: Callable[[], sa.URL]) -> None:
    """The snapshot is no blind witness: a plain ANALYZE in a transaction that is rolled back does leave a trace."""
    url = new_postgres_database()
    with connected(url) as connection:
        connection.exec_driver_sql("create table t as select i from generate_series(1, 1000) i")
        earlier = snapshot(url)
        connection.exec_driver_sql("begin; analyze t (i); rollback")
        assert snapshot(url)["pg_class"] != earlier["pg_class"]


def test_the_groups_columns_belong_together(report: PlannerReport) -> None:
    assert [group.columns for group in report.groups] == [("carrier", "origin", "dest", "distance")]
    group = report.groups[0]
    assert group.measured is not None and group.measured_after is not None
    assert group.measured.error > 8
    assert abs(group.measured_after.error) < 0.1
    assert group.evidence.combinations == flights()[list(group.columns)].drop_duplicates().shape[0]


def test_the_errors_are_those_of_a_slow_loop(report: PlannerReport, stale: sa.URL) -> None:
    """carrier and dest by hand: saved shares, one by one, from pg_stats as it stands."""
    frame = flights()
    with connected(stale) as connection:
        rows = connection.exec_driver_sql(
            "select attname, most_common_vals::text::text[], most_common_freqs::float8[], n_distinct, null_frac "
            "from pg_stats where attname in ('carrier', 'dest')"
        ).all()
    for name, values, shares, distinct, null_share in rows:
        saved = dict(zip(values, shares, strict=True))
        rest = (1 - sum(shares) - null_share) / max(distinct - len(values), 1)
        total = 0.0
        for value, count in frame[name].value_counts().items():
            estimated = max(1, round(saved.get(value, min(rest, min(shares))) * report.planner_rows))
            total += count * math.log2((count / len(frame)) / (estimated / report.planner_rows))
        assert report[name].kl_divergence == pytest.approx(total / len(frame), abs=1e-6)


def test_mutual_information_is_the_profiles(report: PlannerReport) -> None:
    table = flights()[["carrier", "dest"]].value_counts()
    counts = table.to_numpy().astype(float)
    n = counts.sum()
    x = table.groupby("carrier").sum().to_numpy()
    y = table.groupby("dest").sum().to_numpy()
    expected = (counts @ np.log2(counts) - x @ np.log2(x) - y @ np.log2(y)) / n + math.log2(n)
    assert report.pair("dest", "carrier").mutual_information == pytest.approx(expected, abs=1e-9)


def test_the_advice_runs_as_a_script_and_then_nothing_is_left_to_advise(
    report: PlannerReport, stale_flights: sa.URL, new_postgres_database: Callable[..., sa.URL]
) -> None:
    import psycopg

    url = new_postgres_database(stale_flights)
    assert {"create statistics", "alter statistics", "analyze"} <= {item.kind for item in report.statements}
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as driver:
        driver.execute(report.script().encode())
    second = planner(url, "flights", columns=STORY, explain=True, progress=False)
    assert {column.verdict for column in second.columns} == {"fine"}
    assert [item.kind for item in second.statements] == []
    for x, y in PAIRS:
        pair = second.pair(x, y)
        assert pair.verdict == "covered"
        assert pair.measured is not None and pair.evidence is not None
        assert abs(pair.measured.error) < 0.1
    # What extended statistics make of a predicate is foretold, too.
    for pair in second.pairs:
        if pair.measured is not None and pair.measured.predicted is not None:
            assert pair.measured.error == pytest.approx(pair.measured.predicted, abs=0.02), (pair.x, pair.y)


def test_pairs_are_the_same_wherever_they_are_counted(stale_tenth: sa.URL) -> None:
    ways = [
        planner(stale_tenth, "flights", columns=["carrier", "dest", "month"], fetch=way, progress=False)
        for way in ("always", "never")
    ]
    fetched, pushed = (
        {(p.x, p.y): (round(p.mutual_information, 9), p.verdict, p.reason) for p in r.pairs} for r in ways
    )
    assert fetched == pushed


def test_an_engine_serves_as_well_as_a_url(stale_tenth: sa.URL) -> None:
    engine = sa.create_engine(stale_tenth)
    try:
        result = planner(engine, "public.flights", columns=["origin"], progress=False)
        assert result["origin"].distinct == 3
        assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    finally:
        engine.dispose()


def test_options_are_obeyed(stale_tenth: sa.URL) -> None:
    none = planner(stale_tenth, "flights", columns=["carrier", "origin", "dest"], budget=0, progress=False)
    assert not [item for item in none.statements if item.kind == "create statistics"]
    assert "over budget" in {pair.verdict for pair in none.pairs}
    unseen = planner(stale_tenth, "flights", columns=["carrier", "origin", "dest"], examine=0, progress=False)
    assert {pair.evidence for pair in unseen.pairs} == {None}
    strict = planner(stale_tenth, "flights", columns=["carrier", "dest"], min_bits=5, progress=False)
    assert strict.pairs == () and strict.pairs_left_out == 1
    few = planner(stale_tenth, "flights", columns=["dest"], explain=True, predicates=10, progress=False)
    assert few["dest"].measured is not None and few["dest"].measured.predicates <= 10


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"columns": "dest"}, ArgumentError, "give a list of column names"),
        ({"columns": ["destt"]}, SourceNotFound, "Did you mean 'dest'"),
        ({"min_bits": 0}, ArgumentError, "give bits above 0"),
        ({"examine": -1}, ArgumentError, "give a number of pairs"),
        ({"predicates": 0}, ArgumentError, "give 1 to 10,000"),
        ({"longest_list": 10_001}, ArgumentError, "give 1 to 10,000"),
        ({"budget": -1}, ArgumentError, "give a number of statistics"),
        ({"statement_timeout": 0}, ArgumentError, "give seconds above 0"),
    ],
)
def test_arguments_are_checked(
    stale_tenth: sa.URL, arguments: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        planner(stale_tenth, "flights", **arguments)  # type: ignore[call-overload]


def test_a_report_is_saved_and_read_again(report: PlannerReport, tmp_path: Path) -> None:
    import jsonschema

    from colprofile.results.json_schema import result_schema, schema_path, schema_text

    report.save(tmp_path / "report.json")
    assert PlannerReport.load(tmp_path / "report.json") == report
    jsonschema.validate(report.to_dict(), result_schema("colprofile.planner"))
    assert schema_path("colprofile.planner").read_text("utf-8") == schema_text("colprofile.planner")


def test_frames_hold_one_row_an_item(report: PlannerReport) -> None:
    columns = report.columns_frame()
    assert list(columns.index) == [column.name for column in report.columns]
    assert columns.loc["month", "measured_error"] == pytest.approx(report["month"].measured.error)  # type: ignore[union-attr]
    pairs = report.pairs_frame()
    assert len(pairs) == len(report.pairs)
    assert {"mutual_information", "evidence_predicted_error", "measured_after_error"} <= set(pairs.columns)
    assert report.statements_frame()["sql"].tolist() == [item.sql for item in report.statements]


def test_a_missing_name_is_explained(report: PlannerReport) -> None:
    with pytest.raises(SourceNotFound, match="Did you mean 'dest'"):
        report["dset"]
    with pytest.raises(SourceNotFound, match="no pair"):
        report.pair("dest", "dest")
    assert colprofile.planner is planner
