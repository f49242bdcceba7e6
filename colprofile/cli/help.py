"""The help of a command: its options in groups, and what could be typed."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

from colprofile.cli.inputs import ALL_DEPTHS, NAMES

WIDEST = 100
"""Characters of a line of help, however wide the terminal."""

GROUPS: dict[str, tuple[str, ...]] = {
    "How files are read": NAMES,
    "Results": (
        "html",
        "markdown",
        "json",
        "save",
        "script",
        "dialect",
        "diagram",
        "matrix_columns",
        "no_example_rows",
    ),
    "Exit status": ("fail_on", "fail_above"),
    "Estimates from random rows": (
        "sample_rows",
        "precision",
        "top_pairs",
        "min_dependence",
        "confidence",
        "seed",
    ),
    "Resources and limits": (
        "threads",
        "memory_limit",
        "fetch",
        "statement_timeout",
        "lock_timeout",
        "max_seconds",
        "partial",
    ),
}
"""Options that are shown together, by the name of their parameter; the others come first."""

EXAMPLES: dict[str, tuple[str, ...]] = {
    "profile": (
        "colprofile profile orders.csv",
        "colprofile profile orders.parquet --html report.html",
        "colprofile profile old.txt --delimiter ';' --null 'NA,--'",
        "colprofile profile shop.duckdb --tables 'orders,cust*'",
        "colprofile profile 'postgresql://host/db' --table orders",
    ),
    "audit": (
        "colprofile audit orders.parquet --script fixes.sql",
        "colprofile audit shop.duckdb --diagram tables.md",
    ),
    "drift": (
        "colprofile drift monday.parquet tuesday.parquet",
        "colprofile drift saved.json today.csv --fail-on drifted",
    ),
    "latent": ("colprofile latent orders.csv --max-classes 6",),
    "planner": (
        "colprofile planner 'postgresql://host/db' orders --verify",
        "colprofile planner 'postgresql://host/db' --fail-above 1",
    ),
    "report": ("colprofile report saved.json --html report.html",),
    "sql": ("colprofile sql > colprofile.sql",),
}


def argument_name(parameter: Any) -> str:
    """Return what an argument is called: "SOURCE...", where there may be several."""
    name = parameter.metavar or parameter.name.upper()
    return name if parameter.nargs == 1 else f"{name}..."


class Command(TyperCommand):
    """A command whose help has its options in groups and ends with examples."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.context_settings.setdefault("max_content_width", WIDEST)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments; the value of ``--flatten`` may be left out, as no other option's may."""
        return super().parse_args(ctx, [f"--flatten={ALL_DEPTHS}" if word == "--flatten" else word for word in args])

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return what follows the command's name in its usage: the arguments as they are called in the help."""
        arguments = (each for each in self.get_params(ctx) if each.param_type_name == "argument")
        return ["[OPTIONS]", *map(argument_name, arguments)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, the options in groups, the last of them how to get help, and examples."""
        sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": [], **{name: [] for name in GROUPS}}
        group_of = {name: group for group, names in GROUPS.items() for name in names}
        parameters = self.get_params(ctx)
        is_estimating = any(parameter.name == "precision" for parameter in parameters)
        for parameter in parameters:
            if parameter.param_type_name == "argument":
                sections["Arguments"].append((argument_name(parameter), getattr(parameter, "help", None) or ""))
                continue
            record = parameter.get_help_record(ctx)
            if record is not None:
                group = group_of.get(parameter.name or "", "Options")
                if group == "Estimates from random rows" and not is_estimating:
                    group = "Options"
                sections[group].append(record)
        for title, records in sections.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)
        examples = EXAMPLES.get(self.name or "", ())
        if examples:
            with formatter.section("Examples" if len(examples) > 1 else "Example"):
                for example in examples:
                    formatter.write(f"{'':{formatter.current_indent}}{example}\n")
