"""How everything is measured: registered cases, interleaved runs, medians, targets."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from bench import data


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of each measured run, in the order they ran; ``processor`` are those of all of its threads."""

    seconds: tuple[float, ...]
    processor: tuple[float, ...] = ()

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        return format_seconds(self.median)


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure must hold: ``at most`` or ``at least`` a value."""

    sense: Literal["at most", "at least"]
    value: float

    def is_met(self, figure: float) -> bool:
        return figure <= self.value if self.sense == "at most" else figure >= self.value


@dataclass(frozen=True, slots=True)
class Measurement:
    """One line of the table.

    ``figure`` is what the target is about: a ratio (``×``), seconds, nanoseconds or bytes. ``ours`` and
    ``peer`` are the two sides as text. ``is_met`` is None without a target, and on small data.
    """

    what: str
    ours: str
    peer: str
    figure: float | None
    unit: Literal["×", "s", "ns", "bytes"]
    target: Target | None = None
    is_met: bool | None = None
    note: str = ""


@dataclass
class Run:
    """The options of one run of the suite, and the only clock that cases use."""

    repeat: int = 5
    small: bool = False
    folder: Path = data.FOLDER
    say: Callable[[str], None] = print
    cache: dict[str, Any] = field(default_factory=dict)

    def interleave(
        self, contestants: dict[str, Callable[[], object]], *, repeat: int | None = None, warm: bool = True
    ) -> dict[str, Timing]:
        """Run A, B, A, B, … and return each one's seconds, by the wall and on the processors.

        Garbage is collected before each run. With ``warm`` everybody first runs once unmeasured, so that
        caches are filled and kernels compiled on both sides.
        """
        processor: dict[str, list[float]] = {name: [] for name in contestants}
        clocked = {name: timed(work, processor[name]) for name, work in contestants.items()}
        times = self.measure(clocked, repeat=repeat, warm=warm)
        return {
            name: Timing(tuple(seconds), tuple(processor[name][-len(seconds) :])) for name, seconds in times.items()
        }

    def measure(
        self, contestants: dict[str, Callable[[], float]], *, repeat: int | None = None, warm: bool = True
    ) -> dict[str, list[float]]:
        """Run A, B, A, B, … where each contestant returns its own figure, and return the figures of each.

        On small data nobody runs unmeasured first and no garbage is collected: the figures say nothing there.
        """
        if warm and not self.small:
            for work in contestants.values():
                work()
        figures: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(self.rounds(repeat)):
            for name, work in contestants.items():
                if not self.small:
                    gc.collect()
                figures[name].append(work())
        return figures

    def rounds(self, repeat: int | None = None) -> int:
        """Return how often a contest repeats: ``--repeat``, or fewer where the case asks for fewer."""
        return min(self.repeat, repeat) if repeat else self.repeat

    def compare(
        self,
        what: str,
        ours: Timing,
        peer: Timing,
        peer_name: str,
        *,
        faster: float | None = None,
        share: float | None = None,
        note: str = "",
    ) -> Measurement:
        """Return the line for two timings.

        With ``faster=10`` the figure is how many times faster we are and must be at least 10; with
        ``share=0.4`` it is our part of the peer's time and must be at most 0.4; with neither it is how many
        times faster, without target.
        """
        figure = ours.median / peer.median if share is not None else peer.median / ours.median
        target = Target("at most", share) if share is not None else Target("at least", faster) if faster else None
        if len(ours.seconds) < 5:
            runs = "one run" if len(ours.seconds) == 1 else f"median of {len(ours.seconds)}"
            note = "; ".join(filter(None, [note, runs]))
        return self.judge(Measurement(what, str(ours), f"{peer_name} {peer}", figure, "×", target, note=note))

    def judge(self, measurement: Measurement) -> Measurement:
        """Return the measurement with its verdict; small data gets none."""
        if self.small or measurement.target is None or measurement.figure is None:
            return measurement
        return replace(measurement, is_met=measurement.target.is_met(measurement.figure))


Case = Callable[[Run], list[Measurement]]
CASES: dict[str, Case] = {}
PEER_CASES: dict[str, Case] = {}


def case(name: str, *, peers: bool = False) -> Callable[[Case], Case]:
    """Register a case under ``name``; those with ``peers`` need ``.venv-peers`` and run under ``--peers``."""

    def register(function: Case) -> Case:
        (PEER_CASES if peers else CASES)[name] = function
        return function

    return register


def timed(work: Callable[[], object], processor: list[float] | None = None) -> Callable[[], float]:
    """Return what does the work and returns its seconds; those on the processors are added to ``processor``."""

    def run() -> float:
        start, used = time.perf_counter(), time.process_time()
        work()
        seconds = time.perf_counter() - start
        if processor is not None:
            processor.append(time.process_time() - used)
        return seconds

    return run


def processor_note(ours: Timing, peer: Timing) -> str:
    """Return both sides' processor time: what a busy machine does not blur, and whether cores stood idle."""
    mine, theirs = (statistics.median(timing.processor) for timing in (ours, peer))
    return f"processor time {format_seconds(mine)} against {format_seconds(theirs)}"


def format_seconds(seconds: float) -> str:
    """Return seconds as a person reads them, three significant digits."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.3g} µs"
    if seconds < 1:
        return f"{seconds * 1e3:.3g} ms"
    return f"{seconds:.3g} s" if seconds < 100 else f"{seconds:.0f} s"


def format_figure(figure: float | None, unit: str) -> str:
    """Return a figure with its unit."""
    if figure is None:
        return "–"
    if unit == "×":
        return f"{figure:.2f} ×" if figure < 10 else f"{figure:.0f} ×"
    if unit == "ns":
        return f"{figure:.2f} ns"
    if unit == "bytes":
        return f"{figure / 1e9:.2f} GB" if figure >= 1e8 else f"{figure / 1e6:.1f} MB"
    return format_seconds(figure)
