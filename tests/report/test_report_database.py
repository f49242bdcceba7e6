"""Reports of whole databases: what matters most first, on one screen, and each table's own report in the page."""

from __future__ import annotations

import base64
import csv
import gzip
import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from colprofile.inputs import InputReading
from colprofile.report import parts, text
from colprofile.report.database import between, kinds
from colprofile.report.database import html as database_html
from colprofile.report.glossary import GLOSSARY
from colprofile.results.database import DatabaseAudit, SkippedTable, TableAudit
from colprofile.results.parts import Part
from colprofile.results.schema import FAILED, CandidateKey, Join, JoinSize, Schema, SchemaFix
from tests.support import database_results
from tests.support.browser import Open, overflow, until
from tests.support.database_results import MARKUP, drawn, many, numbered, small_audit, table_audit
from tests.support.markdown import check_markdown
from tests.support.pages import Page
from tests.support.profile_parts import provenance

SCREEN = 60
"""Lines that a screen has."""


def lines_of(shown: str) -> list[str]:
    return shown.split("What matters most\n")[1].split("\n\n")[0].splitlines()


def test_300_tables_take_one_screen_with_those_that_matter_most() -> None:
    audit = many(300, 4)
    audit = replace(audit, skipped=tuple(SkippedTable(f"s{i}", "permission denied") for i in range(40)))
    shown = audit.to_terminal(width=120)
    assert len(shown.splitlines()) <= SCREEN
    tables = [line.split()[0] for line in shown.splitlines() if re.match(r"table_\d+ ", line)]
    # The later a table, the more it repeats.
    assert tables == [f"table_{i:03}" for i in range(285, 300)]
    assert "… and 285 more tables; those above matter most; --html shows all" in shown
    assert "skipped: s0: permission denied" in shown and "… and 35 more skipped tables" in shown
    words = re.sub(r"\s+", " ", shown)
    assert "299 foreign keys are not declared, though no row breaks them: table_001.column_0 → table_000.id;" in words
    assert "→ table_005.id and 293 more" in words
    for step in ("--html report.html", "--table table_299", "--diagram schema.svg"):
        assert step in shown


def test_faults_between_tables_come_first() -> None:
    tags = [line.tag for line in kinds.kind_of(database_results.hostile()).lines(database_results.hostile())]
    expected = [
        "violated foreign key",
        "violated key",
        "orphans",
        "undeclared keys",
        "foreign keys",
        "copied column",
        "equal tables",
        "contained table",
        "types differ",
        "join estimate",
    ]
    assert list(dict.fromkeys(tags))[: len(expected)] == expected
    severities = [line.severity for line in kinds.kind_of(database_results.hostile()).lines(database_results.hostile())]
    assert severities == sorted(severities, key=["high", "medium", "low"].index)


def test_one_table_does_not_fill_the_screen() -> None:
    own = small_audit()
    (finding,) = [finding for finding in own.findings if finding.kind == "computed"]
    tables = (TableAudit("a", replace(own, findings=(finding,) * 30)), TableAudit("b", own))
    audit = DatabaseAudit(tables, Schema(), (), provenance("shop.duckdb"))
    shown = audit.to_terminal()
    named = [line.split(":")[0].split()[-1] for line in lines_of(shown) if ": " in line]
    assert named == ["a", "a", "b"]
    assert "… and 28 more findings" in shown


def test_lines_of_high_severity_are_never_left_out_for_others() -> None:
    own = small_audit()
    finding = replace(own.findings[0], kind="missing", severity="high")
    tables = (TableAudit("a", replace(own, findings=(finding,) * 15)), TableAudit("b", own))
    shown = DatabaseAudit(tables, Schema(), (), provenance("shop.duckdb")).to_terminal()
    assert len([line for line in lines_of(shown) if " a: " in line]) == 15
    assert re.search(r"… and \d+ more findings? \(\d+ low\)", shown)


def test_a_step_that_failed_is_the_first_thing_to_know() -> None:
    note = f"{FAILED}foreign keys (a fault)."
    audit = DatabaseAudit((table_audit("a", ["x"]),), Schema(notes=(note,)), (), provenance("shop.duckdb"))
    first = kinds.lines(audit)[0]
    assert (first.tag, first.severity, first.sentence) == ("not found", "high", note)


def test_a_column_of_a_key_is_not_to_be_changed() -> None:
    own = small_audit()
    (finding,) = [finding for finding in own.findings if finding.kind == "computed"]
    (target,) = finding.targets
    alone = DatabaseAudit((TableAudit("a", own),), Schema(), (), provenance("shop.duckdb"))
    key = CandidateKey("a", (target,), "found", True, own.rows)
    related = replace(alone, schema=Schema(keys=(key,)))
    actions = [[line.action for line in kinds.lines(each) if line.tag == "computed"] for each in (alone, related)]
    assert actions[0] and all(actions[0]) and not any(actions[1])
    comment = f"-- {target} is part of a key or foreign key: leave it as it is."
    assert comment in related.script() and comment not in alone.script()


def test_a_change_that_is_not_safe_is_commented_out() -> None:
    fix = SchemaFix("foreign key", "a", "declare it", {"duckdb": "select 2"}, {"duckdb": "alter\ntable a"}, False)
    audit = DatabaseAudit((table_audit("a", ["x"]),), Schema(fixes=(fix,)), (), provenance("shop.duckdb"))
    assert "-- Commented out, as it returns more than 0:\n-- alter\n-- table a;" in audit.script("duckdb")
    assert "not safe yet: its query returns more than 0" in Page(audit.to_html()).text


def test_a_line_per_table_has_the_figures_of_the_ledger_and_the_key() -> None:
    shown = many(3, 5).to_terminal(width=120)
    (line,) = [line for line in shown.splitlines() if line.startswith("table_002")]
    assert line.split() == ["table_002", "60", "5", "50.00", "id", "0.20", "(0.4", "%)", *line.split()[8:]]
    without = drawn({"a": ["x"]}, [], keys=())
    (line,) = [line for line in without.to_terminal(width=120).splitlines() if line.startswith("a ")]
    own = without["a"].result
    assert f"{own.ledger.bits_apart:.2f}" in line and own.keys[0][0] in line
    assert f"{own.ledger.redundant_bits:.2f} (" in line


def test_rows_that_a_table_lacks_come_before_everything() -> None:
    audit = database_results.hostile()
    name, own = audit.tables[4].name, audit.tables[4].result
    remarks = ("Line 3 has 2 fields.",)
    reading = InputReading(format="CSV", reader="DuckDB", records=72, rejected_rows=12, remarks=remarks)
    made = replace(own.provenance, reading=reading, is_exact=False)
    tables = tuple(TableAudit(t.name, replace(own, provenance=made)) if t.name == name else t for t in audit.tables[:6])
    read = replace(audit, tables=tables)
    first = kinds.lines(read)[0]
    assert (first.tag, first.severity, first.table) == ("input", "high", name) and "12" in first.sentence
    assert [line.severity for line in kinds.lines(read) if line.sentence == remarks[0]] == ["medium"]
    for shown in (read.to_terminal(width=200), read.to_markdown(), Page(read.to_html()).text):
        place = re.sub(r"\\(?=[\[*_])", "", shown).index(first.sentence[:40])
        assert place < shown.index("violated foreign key")


def test_tiles_have_the_sums_of_the_schema() -> None:
    audit = database_results.hostile()
    tiles = {label: (value, remark) for label, value, remark in kinds.kind_of(audit).tiles(audit)}
    orphans = sum(key.inclusion.orphan_rows for key in audit.schema.foreign_keys)
    assert tiles["Orphan rows"] == (str(orphans), "counted for each foreign key") and orphans > 40
    assert tiles["Foreign keys"] == ("21", "7 not declared")
    assert tiles["Repeated"] == ("315 B", "of 1.57 kB of information")
    assert tiles["Worst join"][0] == "2.00 bits"


def test_join_estimates_are_told_once_for_each_reference() -> None:
    audit = database_results.hostile()
    lines = [line for line in kinds.kind_of(audit).lines(audit) if line.tag == "join estimate"]
    assert len(lines) == len({e.join for e in audit.schema.join_errors if e.bits >= 0.1})
    assert lines[0].severity == "medium" and "2.000 bits (4.0×) on average; worst: " in lines[0].sentence
    assert any("100.0× overestimated" in line.sentence or "100× overestimated" in line.sentence for line in lines)


def test_sizes_of_joins_are_told_where_the_estimate_is_far_off() -> None:
    pair, other = (("a", "b"),), (("x", "y"),)
    sizes = (
        JoinSize(Join(("f", "d"), pair, other), 500, 50.0, 500, 500),
        JoinSize(Join(("f", "d", "e"), (*pair, ("z",)), (*other, ("z",))), 500, 50.0, 0, 500),
        JoinSize(Join(("f", "d", "g"), (("d",), ("id",)), (("id",), ("d",))), 900, 300.0, 10, 1000),
        JoinSize(Join(("f", "d"), (("d",),), (("id",),)), 900, 500.0, 900, 900),
        JoinSize(Join(("f", "d", "h"), (("d",), ("id",)), (("id",), ("d",))), None, 1.0, 10, 1000),
    )
    lines = between.lines(Schema(join_sizes=sizes))
    assert [(line.tag, line.sentence) for line in lines] == [
        ("join size", "f (a, b) → d (x, y) has 500 rows; a planner takes the columns as independent, and expects 50"),
        ("join size", "f.d → d.id → g.d has 900 rows; a planner expects 300"),
    ]


@pytest.mark.parametrize("verb", database_results.ALL)
def test_every_result_is_markdown_whatever_it_holds(verb: str) -> None:
    result = database_results.ALL[verb]()
    shown = result.to_markdown()
    check_markdown(shown)
    assert shown.count("\n- skipped: `") == len(result.skipped)
    assert shown.startswith(f"### {kinds.kind_of(result).title} of `")


def test_markdown_has_the_schema_as_mermaid_where_it_is_short() -> None:
    audit = numbered(3, [(0, 1), (2, 1)])
    shown = audit.to_markdown()
    assert f"```mermaid\n{audit.to_diagram()}```\n\nA line leads from" in shown
    check_markdown(shown)
    assert "mermaid" not in numbered(3, []).to_markdown()


def test_markdown_of_300_tables_fits_a_comment() -> None:
    shown = many(300).to_markdown()
    check_markdown(shown)
    assert "260 more tables not shown." in shown and "mermaid" not in shown
    assert shown.count("\n| `table_") == 40


@pytest.mark.parametrize("verb", database_results.ALL)
def test_every_page_has_each_table_and_its_own_report(verb: str) -> None:
    result = database_results.ALL[verb]()
    shown = result.to_html()
    page = Page(shown)
    assert len(set(page.values("id"))) == len(page.values("id"))
    headings = [f"t{i}" for i in range(len(result.tables))]
    assert [value for value in page.values("id") if re.fullmatch(r"t\d+", value)] == headings
    for number, table in enumerate(result.tables):
        report = packed_report(shown, number)
        assert report.endswith(table.result._rendered("html", "section"))
        assert "<script>document" not in report
        assert f'href="#t{number}"' in shown
        for term in re.findall(r'href="#term-([a-z0-9-]+)"', report):
            assert f"term-{term}" in page.values("id") and term in GLOSSARY
    (columns,) = re.findall(r'<script type="application/json" id="all-columns">(.*?)</script>', shown, re.DOTALL)
    listed = json.loads(columns)
    assert [len(own) for _, own in listed] == [len(table.result.columns) for table in result.tables]
    assert page.tags[-1][0] == "script"


@pytest.mark.parametrize("verb", database_results.ALL)
def test_the_search_leads_to_the_column_that_it_names(verb: str) -> None:
    shown = database_results.ALL[verb]().to_html()
    (columns,) = re.findall(r'<script type="application/json" id="all-columns">(.*?)</script>', shown, re.DOTALL)
    for number, (_, own) in enumerate(json.loads(columns)):
        rows = dict(
            re.findall(
                r'<t(?:r|body) id="c(\d+)".*?class="name".*?<bdi>(.*?)</bdi>', packed_report(shown, number), re.DOTALL
            )
        )
        assert [html.unescape(rows[str(i)]) for i in range(len(own))] == [name for name, _, _ in own]


def packed_report(shown: str, number: int) -> str:
    (packed,) = re.findall(rf'<script type="text/plain" id="t{number}-packed">([^<]*)</script>', shown)
    return gzip.decompress(base64.b64decode(packed)).decode("utf-8")


def test_the_page_says_everything_that_lies_between_tables() -> None:
    audit = database_results.hostile()
    schema, page = audit.schema, Page(audit.to_html()).text

    def has(sentence: str, width: int = 400) -> bool:
        return re.sub(r"\s+", " ", text.visible(sentence, width)) in page

    for key in schema.foreign_keys:
        assert has(key.proof if not key.inclusion.orphan_rows else key.orphan_query, 10_000) or "\n" in key.proof
        assert all(has(reason, 300) for reason in key.reasons)
    assert all(has(repeated.statement) for repeated in schema.repeated_columns)
    assert all(has(relation.statement) for relation in schema.table_relations)
    assert all(has(domain.statement) for domain in schema.domains)
    assert all(has(fix.action, 300) for fix in schema.fixes)
    assert all(has(note, 500) for note in (*schema.notes, *audit.notes))
    assert all(has(table.reason, 500) for table in audit.skipped)
    for label in ("not counted", "1,000,000,000,000", "declared, violated", "before the end: 1 table was not reached"):
        assert label in page


def test_what_a_page_does_not_list_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_html, "ROWS_SHOWN", 2)
    monkeypatch.setattr(database_html, "JOINS_SHOWN", 1)
    audit = database_results.hostile()
    page = Page(audit.to_html()).text
    for said in (
        f"{len(audit.schema.foreign_keys) - 2} more are in the JSON.",
        f"{len(audit.schema.join_errors) - 1} more are in the JSON.",
        "1 more are in the JSON.",
        "2 more repeated columns are in the JSON.",
        "3 more tables that say the same are in the JSON.",
        f"{len(audit.schema.fixes) - 2} more are in the scripts and in the JSON.",
    ):
        assert said in page


def test_sections_without_content_are_not_there() -> None:
    audit = DatabaseAudit((table_audit("a", ["x"]),), Schema(), (), provenance("shop.duckdb"))
    page = Page(audit.to_html())
    assert not {"diagram", "keys", "twice", "joins", "space", "fixes", "skipped"} & set(page.values("id"))
    nothing = DatabaseAudit((), Schema(), (SkippedTable("a", "not a table"),), provenance("shop.duckdb"), False)
    assert "not a table" in Page(nothing.to_html()).text
    assert "skipped: a: not a table" in nothing.to_terminal() and "--table" not in nothing.to_terminal()
    check_markdown(nothing.to_markdown())


def test_a_page_is_small_for_its_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """200 tables of 20 columns take less than 20 MB; such a page leaves the JSON out."""
    monkeypatch.setattr(database_html, "MOST_WITH_JSON", 0)
    one, *_ = database_results.profile().tables
    few, more = (
        len(replace(database_results.profile(), tables=tuple(replace(one, name=f"{i}") for i in range(n))).to_html())
        for n in (1, 3)
    )
    a_column = (more - few) / 2 / len(one.result.columns)
    assert few + 199 * 20 * a_column < 20_000_000
    assert len(many(20).to_html()) < 2_000_000


def test_reports_that_are_too_large_are_shown_in_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_html, "MOST_PACKED", 1000)
    monkeypatch.setattr(database_html, "MOST_WITH_JSON", 1000)
    audit = many(3)
    shown = audit.to_html()
    report = packed_report(shown, 1)
    assert "<style" not in report and 'data-colprofile="audit"' in report
    assert "Download JSON" not in shown and "The JSON is too large for this page" in shown
    assert 'data-download="schema.foreign_keys"' in shown


@pytest.mark.parametrize("verb", database_results.ALL)
def test_a_notebook_shows_the_tables_and_what_matters(verb: str) -> None:
    result = database_results.ALL[verb]()
    shown = result._repr_html_()
    Page(shown)
    assert "<script" not in shown.lower() and len(shown) < 120_000
    assert f"{verb}.to_html(" in html.unescape(shown)
    assert text.visible(result.tables[0].name) in Page(shown).text


def test_parts_of_a_schema_are_one_line_and_a_small_table() -> None:
    schema = database_results.hostile().schema
    shown = [part for field in Schema.__dataclass_fields__ for part in getattr(schema, field) if isinstance(part, Part)]
    assert {type(part).__name__ for part in shown} == {
        "CandidateKey",
        "Domain",
        "ForeignKey",
        "Inclusion",
        "JoinError",
        "JoinSize",
        "RepeatedColumn",
        "TableBits",
        "TableRelation",
    }
    for part in shown:
        line = repr(part)
        assert len(line) <= parts.LINE_WIDTH and line.isprintable() and line.startswith(f"<{type(part).__name__} ")
        Page(part._repr_html_())
        assert "<script" not in part._repr_html_()
    (key, *_) = numbered(2, [(0, 1)]).schema.foreign_keys
    assert repr(key).startswith(
        "<ForeignKey t0.r0 → t1.id: status found, confidence 97.0 %, values 40 among 50, rows 500"
    )


# ---- in a browser


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A function that returns the file of a verb's page, or that of "many" tables, made when it is first asked for."""
    folder = tmp_path_factory.mktemp("databases")

    @cache
    def file(name: str) -> Path:
        path = folder / f"{name}.html"
        (many(12) if name == "many" else database_results.ALL[name]()).to_html(path)
        return path

    return file


def test_a_link_opens_a_table_and_its_column(open_file: Open, page_file: Callable[[str], Path]) -> None:
    opened = open_file(page_file("many"))
    page = opened.page
    assert page.locator("section.opened:visible").count() == 0
    page.click('#tables a.name[href="#t7"]')
    until(page, "!document.getElementById('t7').hidden")
    assert page.inner_text("#t7-title bdi") == "table_007"
    assert "Referred to by table_008.column_0." in page.inner_text("#t7-columns")
    assert "label is computed" in page.inner_text("#t7-findings")
    page.evaluate("location.hash = '#t3-c19'")
    until(
        page,
        "!document.getElementById('t3').hidden && document.getElementById('t3-c19').getBoundingClientRect().top < 900",
    )
    assert page.inner_text("#t3-c19 .name") == "column_18"
    assert "→ table_002.id" in page.inner_text("#t3-c1")
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(set(ids)) == len(ids)
    # Its own tables sort and search as those of a page of its own.
    page.fill('#t3 input[placeholder="a column"]', "column_7")
    assert page.locator("#t3-columns-table tbody tr:visible").count() == 1
    assert opened.complaints == [] and len(opened.requests) == 1
    page.click('#diagram a[href="#t9"]')
    until(page, "!document.getElementById('t9').hidden")
    again = open_file(page_file("many"))
    again.page.goto((page_file("many")).as_uri() + "#t5")
    until(again.page, "!document.getElementById('t5').hidden")


def test_any_column_of_any_table_is_found_by_its_name(open_file: Open, page_file: Callable[[str], Path]) -> None:
    opened = open_file(page_file("many"))
    page = opened.page
    page.fill("#finder-input", "column_1")
    assert page.inner_text("#finder-amount") == "120 of 240 columns, the first 50 are shown"
    assert page.inner_text("#finder-list li:first-child").split() == [
        "column_1",
        "table_000",
        "BIGINT",
        "2.500",
        "bits",
    ]
    page.fill("#finder-input", "COLUMN_18 table_011 bigint")
    assert page.inner_text("#finder-amount") == "1 of 240 columns"
    page.press("#finder-input", "Enter")
    until(page, "!document.getElementById('t11').hidden")
    assert page.evaluate("location.hash") == "#t11-c19"
    page.fill("#finder-input", "nowhere")
    assert page.inner_text("#finder-amount") == "0 of 240 columns"
    page.fill("#finder-input", "")
    assert page.locator("#finder-list li").count() == 0


def test_hostile_names_are_found_and_shown_as_text(open_file: Open, page_file: Callable[[str], Path]) -> None:
    opened = open_file(page_file("audit"))
    page = opened.page
    page.fill("#finder-input", "<script>document")
    first = page.inner_text("#finder-list li:first-child a")
    assert first == text.visible(database_results.HOSTILE[0])
    page.click("#finder-list li:first-child a")
    until(page, "document.querySelectorAll('section.opened:not([hidden])').length == 1")
    for number in range(4):
        page.evaluate(f"location.hash = '#t{number}'")
        until(page, f"!document.getElementById('t{number}').hidden")
    assert page.title() != "owned" and opened.complaints == []


def test_sql_is_copied_as_it_is(open_file: Open, page_file: Callable[[str], Path]) -> None:
    page = open_file(page_file("audit"), permissions=["clipboard-read", "clipboard-write"]).page
    page.evaluate("document.querySelectorAll('#fixes details').forEach((d) => { d.open = true; })")
    page.locator("#fixes li button.copy").first.click()
    until(page, "document.querySelector('#fixes li button.copy').textContent == 'Copied'")
    assert page.locator("#fixes li button.copy").first.get_attribute("aria-label") == "Copy the SQL"
    assert page.locator("main > .unseen[aria-live]").inner_text() == "Copied"
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == database_results.hostile().schema.fixes[0].checks["duckdb"]
    assert "\x1b" in copied and "\\x1b" in page.locator("#fixes li pre").first.inner_text()


def test_an_opened_table_has_the_focus_and_one_that_cannot_be_opened_says_so(
    open_file: Open, page_file: Callable[[str], Path]
) -> None:
    page = open_file(page_file("many")).page
    page.evaluate("location.hash = '#t2'")
    until(page, "document.activeElement.id == 't2'")
    page.evaluate("document.getElementById('t3-packed').textContent = 'H4sI'")
    page.evaluate("location.hash = '#t3'")
    until(page, "document.activeElement.id == 't3'")
    assert "This table's report could not be opened." in page.inner_text("#t3")


def test_a_browser_that_cannot_unpack_has_the_rest(open_file: Open, page_file: Callable[[str], Path]) -> None:
    path = page_file("audit").with_name("old.html")
    old = "<head><script>delete window.DecompressionStream</script>"
    path.write_text(page_file("audit").read_text(encoding="utf-8").replace("<head>", old, 1), encoding="utf-8")
    page = open_file(path, permissions=["clipboard-read", "clipboard-write"]).page
    assert "A script opens the tables of this page" in page.locator("#overview").inner_text()
    assert page.locator("#fixes button.copy").count() > 0


def test_drawings_come_alive_when_their_table_is_opened(open_file: Open, page_file: Callable[[str], Path]) -> None:
    opened = open_file(page_file("profile"), reduced_motion="reduce")
    page = opened.page
    assert page.locator("[data-drawing]").count() == 0
    page.evaluate("location.hash = '#t0-c0'")
    until(page, "document.querySelector('#t0-c0 details')?.open")
    until(page, "document.querySelector('#t0-c0 .live svg')")
    assert opened.complaints == []


def test_an_opened_table_fits_and_is_accessible(open_file: Open, page_file: Callable[[str], Path]) -> None:
    opened = open_file(page_file("many"), width=375, color_scheme="dark", reduced_motion="reduce")
    page = opened.page
    page.evaluate("location.hash = '#t2'")
    until(page, "!document.getElementById('t2').hidden")
    page.fill("#finder-input", "column_1")
    assert overflow(page) <= 0
    found = Axe().run(page, context="#t2, .finder", options={"resultTypes": ["violations"]})
    assert [(v["id"], v["nodes"][0]["html"][:300]) for v in found.response["violations"]] == []


def test_lists_between_tables_are_written_as_csv(open_file: Open, page_file: Callable[[str], Path]) -> None:
    page = open_file(page_file("many")).page
    with page.expect_download() as waiting:
        page.click('[data-download="schema.foreign_keys"]')
    download = waiting.value
    assert download.suggested_filename.endswith("-schema-foreign-keys.csv")
    with Path(download.path()).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["inclusion_table"] for row in rows] == [f"table_{i:03}" for i in range(1, 12)]
    assert (rows[0]["inclusion_columns"], rows[0]["inclusion_target_columns"]) == ("column_0", "id")
    assert rows[0]["status"] == "found"


def test_a_page_without_a_script_says_so_and_has_the_rest(open_file: Open, page_file: Callable[[str], Path]) -> None:
    page = open_file(page_file("audit"), java_script_enabled=False).page
    assert "A script opens the tables of this page" in page.locator("#overview").inner_text()
    assert page.locator("svg.schema").is_visible()
    assert page.locator("#keys-table tbody").count() == len(database_results.hostile().schema.foreign_keys)
    assert MARKUP not in page.content()
