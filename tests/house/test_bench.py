"""The benchmark suite works: its small mode runs, its data is what it says, its tables land in the docs.

No time is asserted here.
"""

from __future__ import annotations

import gc
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]

TABLE = "| what | colprofile |\n|---|---|\n| a | 1 s |\n"


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """``bench`` is not installed: it is found from the repository's root."""
    monkeypatch.syspath_prepend(str(ROOT))


@pytest.fixture
def pages(importable: None) -> ModuleType:
    from bench import pages

    return pages


@pytest.fixture(scope="module")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench-data")


def bench(*arguments: str) -> int:
    """Return the exit status of ``python -m bench`` with these arguments, run in this process."""
    from bench.__main__ import main

    try:
        return main(list(arguments))
    except SystemExit as ended:  # argparse's answer to options that exclude each other
        assert isinstance(ended.code, int)
        return ended.code


class TestWriteBetween:
    def test_replaces_what_stands_between_the_markers_and_nothing_else(self, pages: ModuleType, tmp_path: Path) -> None:
        path = tmp_path / "README.md"
        path.write_text(f"# é\n\n{pages.BEGIN}\nold\n{pages.END}\nafter\n", encoding="utf-8")
        pages.write_between(path, TABLE)
        assert path.read_text(encoding="utf-8") == f"# é\n\n{pages.BEGIN}\n{TABLE}{pages.END}\nafter\n"
        pages.write_between(path, TABLE)
        assert path.read_text(encoding="utf-8") == f"# é\n\n{pages.BEGIN}\n{TABLE}{pages.END}\nafter\n"
        assert [file.name for file in tmp_path.iterdir()] == ["README.md"]

    @pytest.mark.parametrize("text", ["", "{b}\n", "{e}\n{b}\n", "{b}{e}\n{b}{e}\n", "{b}\n{b}\n{e}\n"])
    def test_refuses_other_markers_and_leaves_the_file(self, pages: ModuleType, tmp_path: Path, text: str) -> None:
        path = tmp_path / "README.md"
        content = text.format(b=pages.BEGIN, e=pages.END)
        path.write_text(content, encoding="utf-8")
        with pytest.raises(ValueError, match="must have one line"):
            pages.write_between(path, TABLE)
        assert path.read_text(encoding="utf-8") == content


def test_renders_figures_targets_and_verdicts(pages: ModuleType) -> None:
    from bench.harness import Measurement, Run, Target, Timing

    run = Run()
    measurements = [
        run.compare("a | b", Timing((0.1,) * 5), Timing((1.0,) * 5), "SUMMARIZE", share=0.4),
        run.compare("pairs", Timing((2.0, 0.1, 0.2)), Timing((1.0, 3.0, 2.0)), "<sql>", faster=100),
        run.judge(Measurement("memory", "1.20 GB", "", 1.2e9, "bytes", Target("at most", 1e9), note="of\none")),
        Measurement("limit", "0.25 ns", "", 0.25, "ns"),
    ]
    assert pages.render(measurements, {"processor": "P", "versions": "V"}) == (
        "| what | colprofile | compared with | figure | target | met |\n"
        "|---|---|---|---|---|---|\n"
        "| a \\| b | 100 ms | SUMMARIZE 1 s | 0.10 × | at most 0.40 × | yes |\n"
        "| pairs | 200 ms | &lt;sql> 2 s | 10 × | at least 100 × | no |\n"
        "| memory | 1.20 GB |  | 1.20 GB | at most 1.00 GB | no |\n"
        "| limit | 0.25 ns |  | 0.25 ns |  |  |\n"
        "\n"
        "- pairs: median of 3.\n"
        "- memory: of one.\n"
        "\n"
        "Measured with `make bench` on P; V.\n"
    )


def test_headlines_name_their_command_and_need_every_figure(pages: ModuleType) -> None:
    from bench.harness import Run, Timing

    run = Run()
    share = {"flights: profile() with all pairs", "10 M × 19: profile() with all pairs"}
    measurements = [
        run.compare(what, Timing((1.0,) * 5), Timing((2.0,) * 5), "peer", share=1 if what in share else None)
        for _, what, _ in pages.HEADLINES
    ]
    # A second measurement of the same name, as scikit-learn's beside GROUPING SETS, is not the headline.
    measurements.append(run.compare(pages.HEADLINES[2][1], Timing((1.0,) * 5), Timing((9.0,) * 5), "other"))
    lines = pages.render_headlines(measurements).splitlines()
    assert lines[2] == (
        "| profile 336,776 × 19, all 171 pairs | 1 s | peer 2 s | 0.50 × the time | `python -m bench flights` |"
    )
    assert lines[4] == (
        "| count 171 pairs of 336,776 rows | 1 s | peer 2 s | 2.00 × as fast | `python -m bench flights-pairs` |"
    )
    assert len(lines) == 2 + len(pages.HEADLINES)
    assert pages.render_headlines(measurements[1:]) is None


def test_the_headlines_of_the_readme_are_figures_of_the_page(pages: ModuleType) -> None:
    """The README and docs/benchmarks.md hold one measurement: no figure was changed by hand in just one of them."""
    from bench.__main__ import _load_cases
    from bench.harness import CASES, PEER_CASES

    _load_cases()
    lines = pages.PAGE.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| ")]
    shown = pages.README.read_text(encoding="utf-8").split(pages.BEGIN)[1].split(pages.END)[0].strip().splitlines()[2:]
    assert len(shown) == len(pages.HEADLINES)
    for line, (case, what, name) in zip(shown, pages.HEADLINES, strict=True):
        assert case in {**CASES, **PEER_CASES}
        row = next(row for row in rows if row[0] == what)
        ratio = f"{row[3]} the time" if row[4].startswith("at most") else f"{row[3]} as fast"
        assert line == f"| {name} | {row[1]} | {row[2]} | {ratio} | `python -m bench {case}` |"


def test_contestants_take_turns_and_start_warm_and_without_garbage(
    importable: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bench.harness import Run

    order: list[str] = []
    monkeypatch.setattr(gc, "collect", lambda: order.append("collect"))
    times = Run(repeat=3).interleave({"a": lambda: order.append("a"), "b": lambda: order.append("b")})
    assert order == ["a", "b"] + ["collect", "a", "collect", "b"] * 3
    assert {name: len(timing.seconds) for name, timing in times.items()} == {"a": 3, "b": 3}


def test_large_table_is_the_same_each_time_and_keeps_its_dependencies(
    importable: None, tmp_path: Path, small_folder: Path
) -> None:
    from bench import data

    path = data.large_database(small_folder, small=True)
    again = data.large_database(tmp_path, small=True)
    with data.open_read_only(path) as first, data.open_read_only(again) as second:
        query = "select count(*), bit_xor(hash(t)) from flights t"
        assert first.execute(query).fetchall() == second.execute(query).fetchall()
        [(rows, broken, stray, years, routes, moved)] = first.execute("""
            select
                count(*),
                count(*) filter (hour * 100 + minute <> sched_dep_time),
                count(*) filter (dep_time not between 0 and 2359 or arr_time not between 0 and 2400),
                count(distinct year),
                count(distinct (origin, dest, distance)) - count(distinct (origin, dest)),
                count(*) filter ((time_hour - interval 5 hour)::date <> make_date(year, month, day))
            from flights where year > 2013
        """).fetchall()
        assert (rows, broken, stray, years, moved) == (data.SMALL_ROWS, 0, 0, data.SMALL_COPIES - 1, 0)
        assert routes <= 2
        assert data.codes_bytes(first) < rows * 2 * 19 * 2
        grown = data.cardinalities(first)
        first.execute("create temporary view one as from flights where year = 2013")
        once = data.cardinalities(first, "one")
        assert all(grown[name][0] >= once[name][0] for name in grown)
        assert grown["tailnum"][0] > 1.3 * once["tailnum"][0]


def test_codes_bytes_counts_null_as_a_code(importable: None) -> None:
    from bench import data

    with duckdb.connect() as connection:
        connection.execute("""
            create table t as
            select range as wide, range % 256 as full, nullif(range % 257, 256) as one_more from range(70000)
        """)
        assert data.codes_bytes(connection, "t") == 70_000 * (4 + 1 + 2)


def test_peak_memory_is_the_childs_own(importable: None) -> None:
    ballast = bytearray(b"x") * 400_000_000
    code = (
        "from bench.memory import peak_bytes; a = peak_bytes(); b = bytearray(b'x') * 100_000_000; "
        "import json; print(json.dumps([a, peak_bytes()]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    before, after = json.loads(done.stdout)
    assert before < 100_000_000 < len(ballast)
    assert after - before > 90_000_000


def test_small_mode_runs_every_case(small_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from bench.harness import CASES

    assert bench("--small", "--data", str(small_folder)) == 0
    printed = capsys.readouterr()
    assert re.findall(r"^([a-z-]+): [0-9.]+ s$", printed.err, re.MULTILINE) == list(CASES)
    for words in (
        "profile() with all pairs",
        "counting 171 pairs",
        "dense kernel",
        "limit: one cycle",
        "peak memory",
        "colprofile --help",
        "the figures say nothing",
    ):
        assert words in printed.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-such-case"], "no such case: no-such-case"),
        (["--repeat", "0"], "give at least 1"),
        (["--small", "--write-docs"], "leave out --small"),
    ],
)
def test_unusable_options_say_what_to_do(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench(*arguments) == 2
    assert message in " ".join(capsys.readouterr().err.split())


def test_it_is_a_command() -> None:
    done = subprocess.run([sys.executable, "-m", "bench", "--list"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
    assert re.search(r"^cases: .*\bcold\b", done.stderr)


def test_spark_is_skipped_without_its_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from bench import spark

    monkeypatch.setattr(spark, "PYTHON", tmp_path / "python")
    assert spark.main([]) == 0
    assert capsys.readouterr().out.startswith("bench.spark: skipped, it needs Java")


def test_spark_section_has_what_was_measured_its_verdicts_and_a_projection(importable: None) -> None:
    from bench import spark

    cost = spark.Cost(seconds=9.0, processor=21.0, client=1.0, shuffled=0, fetched=2e6, memory=3e6)
    costs: dict[str, spark.Cost | str] = {
        "profile": cost,
        "summary": spark.Cost(9.0, 42.0, 0.0, 0, 0, 3e6),
        "count there": "it | failed",
    }
    text = spark.section(10**9, costs, [("1 × 2", cost)])
    assert "| Spark's `summary()` of all columns | 42.0 s | 9.0 s | – | – | 3 MB |" in text
    assert "not measured: it / failed" in text
    assert "in less processor time than `summary()` of the columns: met, 0.50 times as much" in text
    assert "0 minutes on the executors, 0 minutes of processor time at the client, 0 GB to it, 0 GB shuffled" in text
    slow = spark.projected(spark.Cost(9.0, 60_001.0, 1.0, 2e9, 1e9, 0), 100.0)
    assert (
        slow
        == "1,000 minutes on the executors, 2 minutes of processor time at the client, 100 GB to it, 200 GB shuffled"
    )
