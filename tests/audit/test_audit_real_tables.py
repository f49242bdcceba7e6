"""audit() of flights and zip codes against known figures."""

from __future__ import annotations

import networkx as nx
import pytest

import colprofile
from colprofile.errors import SourceNotFound
from colprofile.results.audit import Audit
from tests.support.tables import flights_connection, zip_codes

DETERMINATIONS = ("duplicate", "computed", "bijection", "dependency", "near", "group", "missingness")


class TestFlights:
    def test_year_is_constant(self, flights_audit: Audit) -> None:
        assert [finding.statement for finding in flights_audit.of_kind("constant")] == ["year is 2013 in every row."]

    def test_exact_dependencies_of_one_column(self, flights_audit: Audit) -> None:
        assert set(flights_audit.determined_by("time_hour")) >= {"year", "month", "day", "hour"}
        assert flights_audit.finding("time_hour", "day").kind == "dependency"
        computed = flights_audit.finding("sched_dep_time", "hour")
        assert computed.expression == "sched_dep_time // 100; sched_dep_time % 100"
        assert computed == flights_audit.finding("sched_dep_time", "minute")

    def test_fixes_that_exclude_each_other_are_one_finding(self, flights_audit: Audit) -> None:
        found = flights_audit.finding(("hour", "minute"), "sched_dep_time")
        assert (found.columns, found.targets) == (("sched_dep_time",), ("hour", "minute"))
        assert found.fix is not None and found.fix.action == "make hour and minute generated columns"
        (other,) = found.alternatives
        assert (other.columns, other.targets) == (("hour", "minute"), ("sched_dep_time",))
        assert other.statement == "sched_dep_time is computed as 100·hour + minute in every row."
        assert other.fix.action == "make sched_dep_time a generated column"
        times = flights_audit.finding("time_hour", "day")
        assert times.statement == "time_hour determines month, day and hour in every row."
        assert [each.columns for each in times.alternatives] == [("month", "day", "hour")]
        assert sum("sched_dep_time is computed" in each.statement for each in flights_audit.findings) == 0

    def test_the_script_does_what_is_recommended_and_names_the_rest_in_comments(self, flights_audit: Audit) -> None:
        for dialect in ("duckdb", "postgresql"):
            lines = flights_audit.script(dialect).splitlines()
            (place,) = [j for j, line in enumerate(lines) if "Instead, make sched_dep_time a generated" in line]
            assert lines[place + 1] == '-- alter table "flights" drop column "sched_dep_time";'
            assert not any(line.startswith("alter table") and "drop column" in line for line in lines)

    def test_columns_that_move_together(self, flights_audit: Audit) -> None:
        groups = {finding.columns for finding in flights_audit.of_kind("together")}
        assert {("air_time", "distance"), ("dep_delay", "arr_delay")} <= groups

    def test_a_measurement_determines_nothing(self, flights_audit: Audit) -> None:
        assert not any("distance" in finding.columns for finding in flights_audit.of_kind("dependency", "near", "key"))

    def test_origin_and_dest_nearly_determine_distance(self, flights_audit: Audit) -> None:
        found = flights_audit.finding(("origin", "dest"), "distance")
        evidence = found.evidence
        assert (found.kind, evidence.violating_rows, evidence.rows) == ("near", 95, 336_776)
        assert evidence.g3 == 95 / 336_776
        assert [example.determinants for example in found.examples] == [("EWR", "EGE"), ("JFK", "EGE")]
        assert found.examples[0].values == (1726, 1725)
        assert found.query is not None
        rows = flights_connection().execute(found.query).fetchall()
        assert len(rows) == 95

    def test_dest_alone_does_not_determine_distance(self, flights_audit: Audit) -> None:
        assert "distance" not in flights_audit.determined_by("dest")
        with pytest.raises(SourceNotFound):
            flights_audit.finding("dest", "distance")

    def test_tailnum_nearly_determines_carrier(self, flights_audit: Audit) -> None:
        found = flights_audit.finding("tailnum", "carrier")
        assert (found.kind, found.evidence.violating_rows, found.evidence.rows) == ("near", 203, 334_264)
        by_value = colprofile.audit(
            flights_connection(), "flights", nulls="value", max_determinants=1, columns=["tailnum", "carrier"]
        )
        assert by_value.finding("tailnum", "carrier").evidence.violating_rows == 1_671

    def test_the_key(self, flights_audit: Audit) -> None:
        assert flights_audit.keys == (("carrier", "flight", "time_hour"),)
        assert [finding.columns for finding in flights_audit.of_kind("key")] == [("carrier", "flight", "time_hour")]

    def test_missing_together(self, flights_audit: Audit) -> None:
        statements = [finding.statement for finding in flights_audit.of_kind("missingness")]
        assert "dep_time and dep_delay are NULL in the same 8,255 rows." in statements
        assert "arr_time is NULL wherever dep_time is (8,255 rows), and in 458 more." in statements

    def test_no_left_side_is_larger_than_it_must_be(self, flights_audit: Audit) -> None:
        """What a part determines, or a column that the left side determines, is not reported again."""
        exact = {(d.columns, d.target) for d in flights_audit.dependencies}
        for finding in flights_audit.of_kind("dependency", "near", "computed"):
            for name in finding.columns if len(finding.columns) > 1 else ():
                assert ((name,), finding.targets[0]) not in exact
                assert not any(((name,), other) in exact for other in finding.columns if other != name)

    def test_the_ledger_adds_up(self, flights_audit: Audit) -> None:
        ledger = flights_audit.ledger
        assert ledger.bits_apart == pytest.approx(sum(column.bits for column in flights_audit.columns))
        assert ledger.redundant_bits == pytest.approx(sum(edge.bits for edge in flights_audit.edges))
        assert ledger.tree_bits == pytest.approx(ledger.bits_apart - ledger.redundant_bits)
        assert 50 < ledger.redundant_bits < 60
        assert ledger.latent_class_bits is None and "latent_class_bits" in ledger.undefined

    def test_the_tree_is_a_maximum_spanning_tree(self, flights_audit: Audit) -> None:
        tree = flights_audit.tree()
        assert tree.number_of_nodes() == 19
        assert nx.is_forest(tree)
        assert tree.number_of_edges() == 17  # year is constant, and belongs to nothing
        assert tree["dest"]["distance"]["bits"] > 5
        assert flights_audit.dependency_graph()["tailnum"]["carrier"]["kind"] == "near"

    def test_clusters_order_all_columns_that_vary(self, flights_audit: Audit) -> None:
        names = [name for members in flights_audit.clusters for name in members]
        assert sorted(names) == sorted(column.name for column in flights_audit.columns if column.name != "year")
        assert ("carrier", "tailnum") in [tuple(sorted(members)) for members in flights_audit.clusters]

    def test_findings_come_with_most_bits_first(self, flights_audit: Audit) -> None:
        bits = [finding.evidence.bits for finding in flights_audit.findings]
        assert bits == sorted(bits, reverse=True)
        assert all(finding.confidence > 0.998 for finding in flights_audit.findings)


class TestZipCodes:
    def test_zip_code_is_the_key_and_determines_all(self, zip_codes_audit: Audit) -> None:
        assert zip_codes_audit.keys == (("zip_code",),)
        assert zip_codes_audit.finding("zip_code").kind == "key"
        assert set(zip_codes_audit.determined_by("zip_code")) >= {"city", "state", "county", "timezone"}

    def test_city_and_county_do_not_determine_the_zip_code(self, zip_codes_audit: Audit) -> None:
        assert "zip_code" not in zip_codes_audit.determined_by("city", "county")
        assert not any("zip_code" in finding.targets for finding in zip_codes_audit.findings)

    def test_how_much_weaker_city_and_county_are(self) -> None:
        found = colprofile.evidence(zip_codes(), ["city", "county"], "zip_code")
        assert (found.is_exact, found.violating_rows, found.rows) == (False, 12_880, 42_789)
        assert found.uncertainty_coefficient == pytest.approx(0.9075, abs=1e-4)
        assert (found.rfi, found.mu_plus, found.bits) == pytest.approx((0.0, 0.0, 0.0), abs=1e-9)
        by_zip = colprofile.evidence(zip_codes(), "zip_code", "city")
        assert by_zip.is_exact and by_zip.rfi == pytest.approx(0.0, abs=1e-9)

    def test_state_nearly_determines_the_timezone(self, zip_codes_audit: Audit) -> None:
        found = zip_codes_audit.finding("state", "timezone")
        assert (found.kind, found.evidence.violating_rows) == ("near", 1_573)
        states = [example.determinants[0] for example in found.examples]
        assert len(states) == 5
        assert "KY" in states and "TN" in states

    def test_what_a_key_determines_is_no_finding(self, zip_codes_audit: Audit) -> None:
        assert all("zip_code" not in finding.columns for finding in zip_codes_audit.of_kind(*DETERMINATIONS))
        assert all(d.is_by_key for d in zip_codes_audit.dependencies if d.columns == ("zip_code",))

    def test_missing_ledger_figures_have_reasons(self) -> None:
        ledger = colprofile.audit(zip_codes()[["state", "timezone"]]).ledger
        assert ledger.stored_bits is None
        assert ledger.undefined["stored_bits"] == "the source does not report it"
