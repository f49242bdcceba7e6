"""Parts of results in short: one line for Python's prompt, and a small table for a notebook."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from colprofile.report import schema_parts
from colprofile.report.text import bits, coefficient, count, data_value, interval, number, percent, plural, visible
from colprofile.results.audit_kinds import word_of

LINE_WIDTH = 240
"""Characters of a line, at most."""

WIDTH = 40
"""Characters of a name or value in it."""

STYLE = "border-collapse:collapse;font:13px/1.5 system-ui,sans-serif;width:auto"
CELL = "border:1px solid #8884;padding:1px 8px;text-align:left;vertical-align:top;white-space:normal;color:inherit"

Facts = list[tuple[str, str]]
"""Labels with what they label, in words."""


def render_line(part: Any) -> str:
    """Return a part on one line of at most 240 characters: its class, its name and its main figures.

    >>> from colprofile.results.histogram import Histogram
    >>> render_line(Histogram(rows=3, nulls=1, distinct=1, values=("a",), counts=(2,)))
    '<Histogram: rows 3, nulls 1, distinct 1, values 1, counts 1>'
    """
    title, facts = _described(part)
    head = f"{type(part).__name__} {title}" if title else type(part).__name__
    line = f"{head}: {', '.join(f'{label} {text}' for label, text in facts)}"
    return f"<{visible(line, LINE_WIDTH - 2)}>"


def render_table(part: Any) -> str:
    """Return a part as an HTML table of one fact a row, whose style reaches no other output of a notebook."""
    title, facts = _described(part)
    head = f"{type(part).__name__} {title}".strip()
    rows = "".join(
        f'<tr><th scope="row" style="{CELL}">{escape(label)}</th><td style="{CELL}">{escape(text)}</td></tr>'
        for label, text in facts
    )
    caption = f'<caption style="text-align:left;font-weight:bold;color:inherit">{escape(head)}</caption>'
    return f'<table style="{STYLE}">{caption}<tbody>{rows}</tbody></table>'


def _described(part: Any) -> tuple[str, Facts]:
    """Return what a part is about, and its facts."""
    describe = _DESCRIBED.get(type(part).__name__)
    return describe(part) if describe is not None else ("", _fields(part))


def _fields(part: Any) -> Facts:
    """Return the fields of any dataclass: what is one value, and of how many items the others are."""
    facts = []
    for field in dataclasses.fields(part):
        value = getattr(part, field.name)
        label = field.name.replace("_", " ")
        if isinstance(value, tuple | list | dict):
            facts += [(label, count(len(value)))] if value else []
        elif isinstance(value, int | float) and not isinstance(value, bool):
            facts.append((label, number(value)))
        elif value is not None and not dataclasses.is_dataclass(value):
            facts.append((label, data_value(value, WIDTH)))
    return facts


def _column(column: Any) -> tuple[str, Facts]:
    facts = _counted(column)
    if column.entropy is not None:
        is_certain = column.entropy_interval is None or not column.is_estimated
        shown = bits(column.entropy) if is_certain else interval(column.entropy_interval)
        facts.append(("entropy", f"{shown} bits"))
    if column.minimum is not None:
        facts.append(("minimum", data_value(column.minimum, WIDTH)))
    if column.maximum is not None:
        facts.append(("maximum", data_value(column.maximum, WIDTH)))
    if column.top_values:
        top = column.top_values[0]
        facts.append(("most frequent", f"{data_value(top.value, WIDTH)} ({percent(top.share)})"))
    if column.is_key or column.is_constant:
        facts.append(("is", "unique" if column.is_key else "constant"))
    if column.sampled_rows is not None:
        facts.append(("estimated from", plural(column.sampled_rows, "row")))
    return visible(column.name, WIDTH), facts


def _counted(column: Any) -> Facts:
    """Return the facts of a column whose rows, NULLs and values are counted."""
    facts = [("type", visible(column.type, WIDTH)), ("rows", count(column.rows))] if hasattr(column, "rows") else []
    share = [("NULL", percent(column.nulls / column.rows))] if facts and column.rows else []
    return [*facts, *share, ("distinct", count(column.distinct))]


def _pair(pair: Any) -> tuple[str, Facts]:
    facts: Facts = []
    if pair.dependence is not None:
        facts.append(("dependence", coefficient(pair.dependence)))
    if pair.mutual_information is not None:
        is_certain = pair.mutual_information_interval is None or not pair.is_estimated
        shown = bits(pair.mutual_information) if is_certain else interval(pair.mutual_information_interval)
        facts.append(("mutual information", f"{shown} bits"))
    for label, value in (("Pearson", pair.pearson), ("Spearman", pair.spearman)):
        facts += [(label, coefficient(value))] if value is not None else []
    for source, target, found in ((pair.x, pair.y, pair.x_to_y), (pair.y, pair.x, pair.y_to_x)):
        if found is not None and found.is_exact:
            facts.append((visible(source, WIDTH), f"determines {visible(target, WIDTH)}"))
    return _names((pair.x, pair.y), " × "), [*facts, ("rows", count(pair.rows))]


def _column_drift(column: Any) -> tuple[str, Facts]:
    facts = [("verdict", column.verdict)]
    facts += [("KL", f"{bits(column.kl_divergence)} bits")] if column.kl_divergence is not None else []
    facts += [("NULL", f"{bits(column.null_bits)} bits")] if column.null_bits else []
    facts += [("p-value", f"{column.adjusted_p_value:.2g}")] if column.adjusted_p_value is not None else []
    facts += [("because", visible("; ".join(column.reasons), 4 * WIDTH))] if column.reasons else []
    return visible(column.name, WIDTH), facts


def _audit_column(column: Any) -> tuple[str, Facts]:
    facts = [("type", visible(column.type, WIDTH)), ("bits per row", bits(column.bits))]
    return visible(column.name, WIDTH), [*facts, ("NULLs", count(column.nulls)), ("distinct", count(column.distinct))]


def _finding(finding: Any) -> tuple[str, Facts]:
    facts = [
        ("finding", visible(finding.statement.rstrip("."), 4 * WIDTH)),
        ("bits per row", bits(finding.evidence.bits)),
    ]
    facts.append(("contradicted by", plural(finding.evidence.violating_rows, "row")))
    return word_of(finding.kind), [*facts, ("fix", visible(finding.fix.action, 2 * WIDTH))] if finding.fix else facts


def _profile_finding(finding: Any) -> tuple[str, Facts]:
    facts = [("columns", _names(finding.columns))] if finding.columns else []
    facts += [("targets", _names(finding.targets))] if finding.targets else []
    facts += [("bits", bits(finding.bits))] if finding.bits is not None else []
    return finding.word, [*facts, ("severity", finding.severity)]


def _column_statistics(column: Any) -> tuple[str, Facts]:
    facts = [("verdict", column.verdict), ("error", f"{bits(column.error)} bits"), *_counted(column)]
    return visible(column.name, WIDTH), [*facts, ("because", visible(column.reason, 4 * WIDTH))]


def _pair_statistics(pair: Any) -> tuple[str, Facts]:
    facts = [("verdict", pair.verdict), ("mutual information", f"{bits(pair.mutual_information)} bits")]
    return _names((pair.x, pair.y), " × "), [*facts, ("because", visible(pair.reason, 4 * WIDTH))]


def _group_statistics(group: Any) -> tuple[str, Facts]:
    return _names(group.columns), [("gain", f"{bits(group.bits)} bits"), ("because", visible(group.reason, 4 * WIDTH))]


def _latent_class(item: Any) -> tuple[str, Facts]:
    typical = [f"{visible(t.column, WIDTH)} {data_value(t.value, WIDTH)}" for t in item.typical if t.kind == "value"]
    facts = [("share", percent(item.share)), ("rows", count(item.rows))]
    facts += [("certainty", percent(item.certainty))] if item.certainty is not None else []
    return str(item.number), [*facts, *([("typical", ", ".join(typical[:3]))] if typical else [])]


def _latent_column(column: Any) -> tuple[str, Facts]:
    facts = [("type", visible(column.type, WIDTH)), ("categories", count(len(column.categories)))]
    facts += [("entropy", f"{bits(column.entropy)} bits"), ("class says", f"{bits(column.information)} bits")]
    return visible(column.name, WIDTH), facts


def _joint(joint: Any) -> tuple[str, Facts]:
    return _names((joint.x, joint.y), " × "), [fact for fact in _fields(joint) if fact[0] not in ("x", "y")]


def _names(names: Iterable[str], between: str = ", ") -> str:
    listed = list(names)
    more = f" and {len(listed) - 6} more" if len(listed) > 6 else ""
    return between.join(visible(name, WIDTH) for name in listed[:6]) + more


_DESCRIBED: dict[str, Callable[[Any], tuple[str, Facts]]] = {
    "AuditColumn": _audit_column,
    "ColumnDrift": _column_drift,
    "ColumnProfile": _column,
    "ColumnStatistics": _column_statistics,
    "Finding": _finding,
    "GroupStatistics": _group_statistics,
    "Joint": _joint,
    "LatentClass": _latent_class,
    "LatentColumn": _latent_column,
    "PairProfile": _pair,
    "PairStatistics": _pair_statistics,
    "ProfileFinding": _profile_finding,
    **schema_parts.DESCRIBED,
}
"""How a part is described, by its class: the classes themselves need not be imported."""
