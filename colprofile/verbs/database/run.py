"""One verb over all tables: one after the other, in one progress display, going on where a table cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from colprofile.errors import ArgumentError, ColprofileError, SourceError, one_line, shorten
from colprofile.progress import Progress
from colprofile.results.database import SkippedTable
from colprofile.results.provenance import Provenance
from colprofile.sources.urls import hide_passwords
from colprofile.stopping import ENDINGS, kept_on_interrupt
from colprofile.verbs.profile.provenance import provenance_now

T = TypeVar("T")

NOT_FINISHED = "not finished: interrupted"
NOT_REACHED = "not reached: interrupted"

_LONGEST_REASON = 400


@dataclass(frozen=True)
class Finished(Generic[T]):
    """What a verb returned of each table, in order, and the tables without a result; not all of them if interrupted."""

    results: tuple[T, ...]
    skipped: tuple[SkippedTable, ...]
    is_complete: bool


def check_of_many(options: Mapping[str, object]) -> None:
    """Raise ArgumentError where an option is about the columns of one table, and the tables are many."""
    for name in ("columns", "where", "like"):
        if options.get(name) is not None:
            raise ArgumentError(f"{name}= is for one table: name it with table=, or leave {name}= out")


def each_table(
    names: Sequence[str],
    read: Callable[[str], T],
    shown: Progress,
    *,
    description: str,
    partial: bool,
    is_cut_short: Callable[[T], bool] = lambda result: False,
) -> Finished[T]:
    """Return what ``read`` makes of each table; a table that it cannot read is skipped, with the reason.

    Parameters
    ----------
    partial
        On Ctrl-C return what was finished before.
    is_cut_short
        Whether a result says that Ctrl-C ended it early: then it is the last.

    Raises
    ------
    ArgumentError, SourceError
        No table at all can be read.
    KeyboardInterrupt
        On Ctrl-C, without ``partial``.
    CancelledError, TimeoutError
        A block of ``stop_on_exit`` was left, or a signal's handler raised it.
    """
    results: list[T] = []
    skipped: list[SkippedTable] = []
    first: Exception | None = None
    for number, name in enumerate(names):
        try:
            heading = f"{one_line(name, 40)}, {number + 1:,} of {len(names):,}"
            with kept_on_interrupt() if partial else nullcontext(), shown.headed(heading):
                results.append(read(name))
        except KeyboardInterrupt:
            if not partial:
                raise
            return _interrupted(results, [*skipped, SkippedTable(name, NOT_FINISHED)], names[number + 1 :])
        except ENDINGS:
            raise
        except Exception as error:
            first = first or error
            skipped.append(SkippedTable(name, _reason(error)))
        else:
            if is_cut_short(results[-1]):
                return _interrupted(results, skipped, names[number + 1 :])
    if first is not None and not results:
        raise _of_all(first, skipped, description) from first
    return Finished(tuple(results), tuple(skipped), True)


def _interrupted(results: Iterable[T], skipped: Iterable[SkippedTable], left: Sequence[str]) -> Finished[T]:
    unreached = (SkippedTable(name, NOT_REACHED) for name in left)
    return Finished(tuple(results), (*skipped, *unreached), False)


def _reason(error: Exception) -> str:
    """Return in one line why a table has no result; what is not expected to fail is a fault of our own."""
    if isinstance(error, ColprofileError):
        return one_line(str(error), _LONGEST_REASON)
    return one_line(f"a fault of colprofile: {fault(error)}; ask for this table alone to see where", _LONGEST_REASON)


def fault(error: Exception) -> str:
    """Return what an unexpected error says, with its class."""
    return f"{type(error).__name__}: {shorten(hide_passwords(str(error)), 200)}"


def _of_all(first: Exception, skipped: Sequence[SkippedTable], description: str) -> Exception:
    """Return what to raise where no table could be read: as a rule all for one reason."""
    if isinstance(first, ArgumentError) or not isinstance(first, ColprofileError):
        return first
    more = f" (and {len(skipped) - 1:,} more)" if len(skipped) > 1 else ""
    return SourceError(
        f"no table of {shorten(description, 200)} can be read: {shorten(skipped[0].name)!r}: {skipped[0].reason}{more}"
    )


def of_database(made: Provenance, description: str, table: str) -> Provenance:
    """Return the provenance of a table's result with the names that its database and the table have."""
    return replace(made, source=description, table=table)


def provenance_of(description: str, made: Sequence[Provenance], duration: float) -> Provenance:
    """Return where the result of a whole database comes from, given where its tables' results do."""
    sampled = [each.sampled_rows for each in made if each.sampled_rows is not None]
    return provenance_now(
        description,
        None,
        is_exact=all(each.is_exact for each in made),
        sampled_rows=sum(sampled) if sampled else None,
        nulls=made[0].nulls if made else "ignore",
        duration=duration,
    )
