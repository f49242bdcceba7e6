"""The tables that the benchmark writes: every figure into docs/benchmarks.md, five of them into README.md."""

from __future__ import annotations

from pathlib import Path

from bench.harness import Measurement, format_figure

ROOT = Path(__file__).resolve().parent.parent
PAGE, README = ROOT / "docs" / "benchmarks.md", ROOT / "README.md"
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"

HEADLINES = (
    ("flights", "flights: profile() with all pairs", "profile 336,776 × 19, all 171 pairs"),
    ("large", "10 M × 19: profile() with all pairs", "profile 10 million × 19, all pairs"),
    ("flights-pairs", "flights: counting 171 pairs", "count 171 pairs of 336,776 rows"),
    ("drift-large", "10 M × 19: drift() against a saved profile", "drift of 10 million × 19"),
    (
        "audit",
        "flights, complete rows, CSV: exact dependencies, up to 3 on the left",
        "exact dependencies, up to 3 determinants",
    ),
)
"""The rows of the README: case, measurement (the first of that name), and what the README calls it."""


def render(measurements: list[Measurement], machine: dict[str, str], command: str = "make bench") -> str:
    """Return the measurements as a Markdown table, the machine below it."""
    lines = ["| what | colprofile | compared with | figure | target | met |", "|---|---|---|---|---|---|"]
    lines += [f"| {' | '.join(map(_cell, row(m)))} |" for m in measurements]
    notes = [f"- {m.what}: {m.note}." for m in measurements if m.note]
    if notes:
        lines += ["", *map(_text, notes)]
    lines += ["", f"Measured with `{command}` on " + _text("; ".join(machine.values())) + "."]
    return "\n".join(lines) + "\n"


def render_headlines(measurements: list[Measurement]) -> str | None:
    """Return the README's table; None where one of its figures was not measured."""
    by_name: dict[str, Measurement] = {}
    for measurement in measurements:
        by_name.setdefault(measurement.what, measurement)
    lines = ["| what | colprofile | compared with | ratio | command |", "|---|---|---|---|---|"]
    for case, what, name in HEADLINES:
        if what not in by_name:
            return None
        _, ours, peer, figure, target, _ = map(_cell, row(by_name[what]))
        ratio = f"{figure} the time" if target.startswith("at most") else f"{figure} as fast"
        lines.append(f"| {name} | {ours} | {peer} | {ratio} | `python -m bench {case}` |")
    return "\n".join(lines) + "\n"


def row(measurement: Measurement) -> tuple[str, str, str, str, str, str]:
    """Return the cells of one line: what, ours, peer, figure, target, verdict."""
    target = measurement.target
    return (
        measurement.what,
        measurement.ours,
        measurement.peer,
        format_figure(measurement.figure, measurement.unit),
        f"{target.sense} {format_figure(target.value, measurement.unit)}" if target else "",
        {True: "yes", False: "no", None: ""}[measurement.is_met],
    )


def write_between(path: Path, table: str, begin: str = BEGIN, end: str = END) -> None:
    """Replace the text between the two markers of ``path`` with ``table``, atomically.

    Raises
    ------
    ValueError
        The file does not have exactly one begin marker with one end marker after it.
    """
    from colprofile.results.files import write_atomically

    text = path.read_text(encoding="utf-8")
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f"{path.name} must have one line {begin} and, below it, one line {end}")
    head, rest = text.split(begin)
    tail = rest.split(end)[1]
    write_atomically(path, f"{head}{begin}\n{table}{end}{tail}")


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|")


def _text(text: str) -> str:
    """Return text on one line, with nothing in it that reads as HTML."""
    return " ".join(text.split()).replace("<", "&lt;")
