"""ReadingOptions: how to read a text file so that what is text in it becomes numbers or NULL."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How to read a text file so that what is text in it becomes numbers or NULL: parameters of ``profile``.

    Attributes
    ----------
    null
        Texts that stand for a missing value, those that the file was read with first.
    decimal, thousands
        The decimal separator, and what separates thousands; None to leave out the parameter.
    types
        Types by column: "number" reads signs of currencies and of percent. Those that the file was read with too.
    emptied
        Columns in which ``null`` takes away values that may mean something.
    """

    null: tuple[str, ...] = ()
    decimal: str | None = None
    thousands: str | None = None
    types: dict[str, str] = field(default_factory=dict)
    emptied: tuple[str, ...] = ()

    @property
    def is_null_only(self) -> bool:
        """Whether numbers are written as they are everywhere, and some texts are to be NULL."""
        return self.decimal is None and self.thousands is None and not self.types

    def keywords(self) -> dict[str, Any]:
        """Return the parameters by name, so that ``profile(path, **options.keywords())`` reads the file again.

        >>> ReadingOptions(null=("NA",), decimal=",").keywords()
        {'null': 'NA', 'decimal': ','}
        """
        null = ",".join(self.null)
        given = {"null": null, "decimal": self.decimal, "thousands": self.thousands, "types": self.types}
        return {name: value for name, value in given.items() if value}

    def in_python(self) -> str:
        """Return the parameters as they are written in Python.

        >>> ReadingOptions(null=("--", "NA"), thousands=",", types={"price": "number"}).in_python()
        "null='--,NA', thousands=',', types={'price': 'number'}"
        """
        return ", ".join(f"{name}={value!r}" for name, value in self.keywords().items())

    def in_shell(self) -> str:
        """Return the options as they are typed on a command line.

        >>> print(ReadingOptions(null=("--", "NA"), thousands=",", types={"net, €": "number"}).in_shell())
        --null '--,NA' --thousands , --types '"net, €"=number'
        """
        types = ",".join(f"{_listed(name)}={kind}" for name, kind in self.types.items())
        null = ",".join(self.null)
        given = {"decimal": self.decimal, "thousands": self.thousands, "types": types}
        options = [f"--{name} {shlex.quote(value)}" for name, value in given.items() if value]
        # In quotes even where a shell needs none, so that nobody takes the words for options.
        words = shlex.quote(null) if "'" in null else f"'{null}'"
        return " ".join([f"--null {words}", *options] if null else options)


def _listed(name: str) -> str:
    """Return a name as it stands in a comma-separated list."""
    quoted = name.replace('"', '""')
    return f'"{quoted}"' if any(sign in name for sign in ',"') or name != name.strip() else name


def can_be_listed(text: str) -> bool:
    """Whether a text can stand in a comma-separated list of texts, in Python and on a command line.

    >>> [can_be_listed(text) for text in ("--", "n/a", "a,b", " ", "")]
    [True, True, False, False, False]
    """
    return bool(text) and text == text.strip() and "," not in text and text.isprintable()


def together(several: Iterable[ReadingOptions]) -> ReadingOptions | None:
    """Return the options that do what each of several does; None where two contradict each other, or of fewer than two.

    >>> together([ReadingOptions(null=("NA",)), ReadingOptions(null=("--",), thousands=",")])
    ReadingOptions(null=('NA', '--'), decimal=None, thousands=',', types={}, emptied=())
    >>> together([ReadingOptions(decimal=","), ReadingOptions(decimal=".", thousands=",")])
    """
    given = list(several)
    decimals, thousands = ({getattr(one, name) for one in given} - {None} for name in ("decimal", "thousands"))
    if any(one.types and one.decimal not in decimals for one in given) and decimals:
        return None  # signs are read beside one decimal separator
    if len(given) < 2 or len(decimals) > 1 or len(thousands) > 1 or decimals & thousands:
        return None
    return ReadingOptions(
        tuple(dict.fromkeys(word for one in given for word in one.null)),
        next(iter(decimals), None),
        next(iter(thousands), None),
        {name: kind for one in given for name, kind in one.types.items()},
        tuple(dict.fromkeys(name for one in given for name in one.emptied)),
    )
