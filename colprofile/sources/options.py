"""InputOptions: how files are read where a file alone does not tell. The same in Python and on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypedDict

from colprofile.errors import ArgumentError, did_you_mean, shorten
from colprofile.lists import split_list

SIGNS = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "\\t": "\t",
    "pipe": "|",
    "colon": ":",
    "space": " ",
    "point": ".",
    "apostrophe": "'",
    "none": "",
}
"""What separators and quotes may be called by, because a shell makes them hard to type."""

DECIMAL_SIGNS = (".", ",")
THOUSANDS_SIGNS = (
    ",",
    ".",
    "'",
    "\N{RIGHT SINGLE QUOTATION MARK}",
    " ",
    "\N{NO-BREAK SPACE}",
    "\N{NARROW NO-BREAK SPACE}",
    "_",
)
LONGEST_DELIMITER = 4


class InputKeywords(TypedDict, total=False):
    """The fields of ``InputOptions`` as keyword arguments of the verbs."""

    delimiter: str | None
    encoding: str | None
    header: bool | None
    skip: int | None
    null: str | Sequence[str] | None
    decimal: str | None
    thousands: str | None
    quote: str | None
    comment: str | None
    all_text: bool
    types: Mapping[str, str] | None
    ragged: bool
    accept_rejects: bool
    sheet: str | int | None
    flatten: bool | int
    query: str | None
    where: str | None


@dataclass(frozen=True, kw_only=True)
class InputOptions:
    r"""How an input is read. What is None is found out from the data, and said in ``Provenance.reading``.

    Attributes
    ----------
    delimiter
        Text files: what separates fields, one to four characters, such as ";". Signs may be spelled: see ``SIGNS``.
    encoding
        Text files, JSON, SAS, Stata and SPSS: such as "utf-8", "latin-1", "cp1252", "utf-16".
    header
        Text files and sheets: whether the first row has the names of the columns.
    skip
        Text files and sheets: this many lines before the header, or before the first row, are left out.
    null
        Text files and sheets: texts that stand for a missing value, besides the empty field; in one, with commas,
        where double quotes protect those that contain commas.
    decimal, thousands
        Text files: the decimal separator ("." by default), and what separates thousands (nothing by default).
    quote
        Text files: the character around fields; "" or "none" for none.
    comment
        Text files: lines that begin with this are left out.
    all_text
        Text files: read every column as text.
    types
        Text files: types by column, as SQL names them; "number" reads numbers with currency or percent signs.
    ragged
        Text files: rows may have fewer fields than the header, then NULL is in their place, or more, which get columns
        of their own.
    accept_rejects
        Text files and JSON: leave out rows that cannot be read, and say how many.
    sheet
        Workbooks: the name or number (from 1) of the sheet.
    flatten
        JSON and nested columns: make a column of every member of objects, named ``a.b``; a number is the depth.
    query
        A query over the files. Each is there by its name without ending; a single one also as ``data``.
    where
        A condition in SQL: only rows that satisfy it are read.

    Raises
    ------
    ArgumentError
        A value is not allowed, or two contradict each other.
    """

    delimiter: str | None = None
    encoding: str | None = None
    header: bool | None = None
    skip: int | None = None
    null: str | Sequence[str] | None = None
    decimal: str | None = None
    thousands: str | None = None
    quote: str | None = None
    comment: str | None = None
    all_text: bool = False
    types: Mapping[str, str] | None = None
    ragged: bool = False
    accept_rejects: bool = False
    sheet: str | int | None = None
    flatten: bool | int = False
    query: str | None = None
    where: str | None = None

    def __post_init__(self) -> None:
        for name in ("delimiter", "decimal", "thousands", "quote"):
            given = getattr(self, name)
            if isinstance(given, str):
                object.__setattr__(self, name, SIGNS.get(given.lower(), given))
        for name, (is_allowed, wanted) in _ALLOWED.items():
            given = getattr(self, name)
            if given is not None and not is_allowed(given):
                raise ArgumentError(f"{name}={given!r} is not allowed: give {wanted}")
        self._check_together()

    def _check_together(self) -> None:
        """Raise ArgumentError where two options contradict each other."""
        decimal = "." if self.decimal is None else self.decimal
        for name, other, sign in (
            ("thousands", "decimal", decimal),
            ("delimiter", "quote", self.quote),
            ("comment", "delimiter", self.delimiter),
            ("comment", "quote", self.quote),
        ):
            given = getattr(self, name)
            if given is not None and given == sign:
                raise ArgumentError(
                    f"{name}={given!r} is not allowed: {other}= is {sign!r} too; give another sign for one of them"
                )

    @classmethod
    def of(cls, keywords: Mapping[str, Any]) -> InputOptions:
        """Return the options that keyword arguments of a verb give.

        Raises
        ------
        ArgumentError
            There is no such option.
        """
        for name in keywords:
            if name not in OPTION_NAMES:
                raise ArgumentError(f"there is no parameter {shorten(name)!r}. {did_you_mean(name, OPTION_NAMES)}")
        return cls(**keywords)

    def given(self) -> list[str]:
        """Return the names of the options that were given, in order."""
        return [field.name for field in fields(self) if getattr(self, field.name) != field.default]

    @property
    def null_texts(self) -> tuple[str, ...]:
        """The texts that stand for a missing value, besides the empty field."""
        if self.null is None:
            return ()
        return tuple(split_list(self.null)) if isinstance(self.null, str) else tuple(self.null)


def _is_sign(given: object) -> bool:
    return isinstance(given, str) and len(given) == 1 and given.isprintable() and not given.isalnum()


def _is_delimiter(given: object) -> bool:
    return isinstance(given, str) and 1 <= len(given) <= LONGEST_DELIMITER and not {*given} & {*'\r\n"'}


def _is_encoding(given: object) -> bool:
    try:
        "".encode(str(given))
    except (LookupError, ValueError):  # ValueError: a null character
        return False
    return isinstance(given, str) and bool(given)


def _are_texts(given: object) -> bool:
    texts = split_list(given) if isinstance(given, str) else given
    return isinstance(texts, Sequence) and bool(texts) and all(isinstance(text, str) for text in texts)


def _are_types(given: object) -> bool:
    return isinstance(given, Mapping) and all(
        isinstance(part, str) and part.strip() for item in given.items() for part in item
    )


def _is_text(given: object) -> bool:
    return isinstance(given, str) and bool(given.strip())


def _is_whole(given: object, least: int) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and given >= least


_ALLOWED: dict[str, tuple[Callable[[Any], bool], str]] = {
    "delimiter": (_is_delimiter, f"1 to {LONGEST_DELIMITER} characters, or comma, semicolon, tab, pipe or space"),
    "encoding": (_is_encoding, "the name of an encoding, such as utf-8, latin-1, cp1252 or utf-16"),
    "header": (lambda given: isinstance(given, bool), "True or False"),
    "skip": (lambda given: _is_whole(given, 0), "a whole number of lines, 0 or more"),
    "null": (_are_texts, "texts, such as 'NA,--'"),
    "decimal": (lambda given: given in DECIMAL_SIGNS, "'.' or ','"),
    "thousands": (lambda given: given in THOUSANDS_SIGNS, "one of , . ' _ or space"),
    "quote": (lambda given: given == "" or _is_sign(given), "one sign, or none"),
    "comment": (
        lambda given: _is_text(given) and given.isprintable(),
        "the sign that such lines begin with, such as '#'",
    ),
    "all_text": (lambda given: isinstance(given, bool), "True or False"),
    "types": (_are_types, "types by column, such as {'zip': 'VARCHAR'}"),
    "ragged": (lambda given: isinstance(given, bool), "True or False"),
    "accept_rejects": (lambda given: isinstance(given, bool), "True or False"),
    "sheet": (lambda given: _is_whole(given, 1) or _is_text(given), "its name, or its number from 1"),
    "flatten": (lambda given: isinstance(given, bool) or _is_whole(given, 1), "True, False or a depth of at least 1"),
    "query": (_is_text, "a query in SQL"),
    "where": (_is_text, "a condition in SQL"),
}
"""By option: whether a value is allowed, and what is."""

OPTION_NAMES = tuple(field.name for field in fields(InputOptions))
"""The names of all options, in order."""
