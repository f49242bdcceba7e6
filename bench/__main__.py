"""``python -m bench [NAMES] [--repeat N] [--small] [--peers] [--check] [--write-docs]``."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import data, machine, pages
from bench.harness import CASES, PEER_CASES, Case, Measurement, Run


def main(arguments: list[str] | None = None) -> int:
    """Run the cases and print the table; return 0, 1 for a missed target (--check), 2 for an unknown case."""
    options = _parse(arguments)
    _load_cases()
    known = {**CASES, **PEER_CASES}
    unknown = sorted(set(options.names) - set(known))
    console = Console(stderr=True)
    if options.list or unknown:
        if unknown:
            console.print(f"no such case: {', '.join(unknown)}", style="red", markup=False)
        console.print("cases: " + ", ".join(CASES) + "; with --peers: " + ", ".join(PEER_CASES), markup=False)
        return 2 if unknown else 0
    names = options.names or [*CASES, *(PEER_CASES if options.peers else [])]
    run = Run(
        repeat=1 if options.small else options.repeat,
        small=options.small,
        folder=options.data,
        say=lambda text: console.print(text, style="dim", markup=False, highlight=False),
    )
    measurements = _measure(run, {name: known[name] for name in names})
    facts = machine.describe()
    _print(measurements, facts, small=options.small)
    if options.write_docs:
        _write_docs(measurements, facts, " ".join(["python -m bench", *options.names]))
    return 1 if options.check and any(m.is_met is False for m in measurements) else 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=sys.modules["bench"].__doc__)
    parser.add_argument("names", nargs="*", help="cases to run; all but the peers' if none is named")
    parser.add_argument("--list", action="store_true", help="print the names of the cases")
    parser.add_argument("--repeat", type=int, default=5, help="measured runs of each side (5)")
    parser.add_argument("--small", action="store_true", help="tiny data, one run, no verdicts: does it all work?")
    parser.add_argument("--peers", action="store_true", help="also the profilers of .venv-peers, made if missing")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a target was missed")
    parser.add_argument(
        "--write-docs",
        action="store_true",
        help="write the table into docs/benchmarks.md and, if all five were measured, the headlines into README.md",
    )
    parser.add_argument("--data", type=Path, default=data.FOLDER, help="where generated data is kept")
    options = parser.parse_args(arguments)
    if options.repeat < 1:
        parser.error(f"--repeat {options.repeat}: give at least 1")
    if options.write_docs and options.small:
        parser.error("--write-docs writes runs on real data: leave out --small")
    return options


def _load_cases() -> None:
    """Import the modules whose functions register themselves."""
    from bench import (  # noqa: F401
        audit,
        cold,
        database,
        drift,
        flights,
        inclusions,
        kernels,
        large,
        latent,
        peers,
        sql,
        sqlalchemy,
        top_pairs,
    )


def _measure(run: Run, cases: dict[str, Case]) -> list[Measurement]:
    measurements: list[Measurement] = []
    for name, function in cases.items():
        start = time.perf_counter()
        measurements += function(run)
        run.say(f"{name}: {time.perf_counter() - start:.1f} s")
    return measurements


def _write_docs(measurements: list[Measurement], facts: dict[str, str], command: str) -> None:
    pages.write_between(pages.PAGE, pages.render(measurements, facts, command))
    headlines = pages.render_headlines(measurements)
    if headlines is not None:
        pages.write_between(pages.README, headlines)


def _print(measurements: list[Measurement], facts: dict[str, str], *, small: bool) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=150)
    table = Table(title="small data: the figures say nothing" if small else None, title_justify="left")
    for heading in ("what", "colprofile", "compared with", "figure", "target", "met"):
        table.add_column(heading, justify="right" if heading == "figure" else "left")
    for measurement in measurements:
        style = {True: "green", False: "red", None: ""}[measurement.is_met]
        table.add_row(*pages.row(measurement), style=style)
    console.print(table)
    for measurement in measurements:
        if measurement.note:
            console.print(f"{measurement.what}: {measurement.note}", style="dim", markup=False, highlight=False)
    for label, text in facts.items():
        console.print(f"{label}: {text}", markup=False, highlight=False)


if __name__ == "__main__":
    sys.exit(main())
