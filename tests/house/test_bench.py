"""The benchmark suite works: its small mode runs, its data is what it says, its table lands in the README.

No time is asserted here.
"""

from __future__ import annotations

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
def readme(importable: None) -> ModuleType:
    from bench import readme

    return readme


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


class TestWriteTable:
    def test_replaces_what_stands_between_the_markers_and_nothing_else(
        self, readme: ModuleType, tmp_path: Path
    ) -> None:
        path = tmp_path / "README.md"
        path.write_text(f"# é\n\n{readme.BEGIN}\nold\n{readme.END}\nafter\n", encoding="utf-8")
        readme.write_table(path, TABLE)
        assert path.read_text(encoding="utf-8") == f"# é\n\n{readme.BEGIN}\n{TABLE}{readme.END}\nafter\n"
        readme.write_table(path, TABLE)
        assert path.read_text(encoding="utf-8") == f"# é\n\n{readme.BEGIN}\n{TABLE}{readme.END}\nafter\n"
        assert [file.name for file in tmp_path.iterdir()] == ["README.md"]

    @pytest.mark.parametrize("text", ["", "{b}\n", "{e}\n{b}\n", "{b}{e}\n{b}{e}\n", "{b}\n{b}\n{e}\n"])
    def test_refuses_other_markers_and_leaves_the_file(self, readme: ModuleType, tmp_path: Path, text: str) -> None:
        path = tmp_path / "README.md"
        content = text.format(b=readme.BEGIN, e=readme.END)
        path.write_text(content, encoding="utf-8")
        with pytest.raises(ValueError, match="must have one line"):
            readme.write_table(path, TABLE)
        assert path.read_text(encoding="utf-8") == content


def test_renders_figures_targets_and_verdicts(readme: ModuleType) -> None:
    from bench.harness import Measurement, Run, Target, Timing

    run = Run()
    measurements = [
        run.compare("a | b", Timing((0.1,) * 5), Timing((1.0,) * 5), "SUMMARIZE", share=0.4),
        run.compare("pairs", Timing((2.0, 0.1, 0.2)), Timing((1.0, 3.0, 2.0)), "<sql>", faster=100),
        run.judge(Measurement("memory", "1.20 GB", "", 1.2e9, "bytes", Target("at most", 1e9), note="of\none")),
        Measurement("limit", "0.25 ns", "", 0.25, "ns"),
    ]
    assert readme.render(measurements, {"processor": "P", "versions": "V"}) == (
        "| what | colprofile | beside it | figure | target | met |\n"
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


def test_contestants_take_turns_and_start_warm(importable: None) -> None:
    from bench.harness import Run

    order: list[str] = []
    times = Run(repeat=3).interleave({"a": lambda: order.append("a"), "b": lambda: order.append("b")})
    assert order == ["a", "b"] * 4
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
        (["--small", "--write-readme"], "leave out --small"),
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
