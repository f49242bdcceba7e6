"""InputOptions: how files are read where a file alone does not tell. The same in Python and on the command line."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypedDict

from colprofile.errors import ArgumentError, did_you_mean, shorten

_TYPE = re.compile(r"[A-Za-z_][A-Za-z0-9_ ]*(\(\s*\d+\s*([,;]\s*\d+\s*)?\)[A-Za-z ]*)?")


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
        Text files: what separates fields, such as ";" or "\t" (also spelled "tab").
    encoding
        Text files: such as "utf-8", "latin-1", "cp1252", "utf-16".
    header
        Text files and sheets: whether the first row has the names of the columns.
    skip
        Text files and sheets: this many lines before the header, or before the first row, are left out.
    null
        Text files: texts that stand for a missing value, besides the empty field; in one text separated by commas.
    decimal, thousands
        Text files: the decimal separator ("." by default), and what separates thousands (nothing by default).
    quote
        Text files: the character around fields; "" for none.
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
        Text files: leave out rows that cannot be read, and say how many.
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

    @classmethod
    def of(cls, keywords: Mapping[str, Any]) -> InputOptions:
        """Return the options that keyword arguments of a verb give.

        Raises
        ------
        ArgumentError
            There is no such option.
        """
        known = [field.name for field in fields(cls)]
        for name in keywords:
            if name not in known:
                raise ArgumentError(f"there is no parameter {shorten(name)!r}. {did_you_mean(name, known)}")
        return cls(**keywords)

    def __post_init__(self) -> None:
        object.__setattr__(self, "delimiter", _delimiter(self.delimiter))
        for name in ("quote", "decimal", "thousands"):
            _check_sign(name, getattr(self, name))
        if self.comment is not None and (not self.comment or not self.comment.isprintable()):
            raise ArgumentError(
                f"comment={self.comment!r} is not allowed: give what such lines begin with, such as '#'"
            )
        if self.decimal is not None and self.decimal not in (".", ","):
            raise ArgumentError(f"decimal={shorten(self.decimal)!r} is not allowed: give '.' or ','")
        if self.thousands and self.thousands == (self.decimal or "."):
            raise ArgumentError(f"thousands={self.thousands!r} is the decimal separator too: give another decimal=")
        if self.delimiter and self.delimiter == self.quote:
            raise ArgumentError(f"delimiter= and quote= are both {self.quote!r}: give different ones")
        if self.skip is not None and (isinstance(self.skip, bool) or not isinstance(self.skip, int) or self.skip < 0):
            raise ArgumentError(f"skip={self.skip!r} is not allowed: give a number of lines, 0 or more")
        _check_encoding(self.encoding)
        _check_types(self.types)
        if self.all_text and self.types:
            raise ArgumentError("all_text=True leaves no types= to choose: give one of them")

    def given(self) -> list[str]:
        """Return the names of the options that were given, in order."""
        return [field.name for field in fields(self) if getattr(self, field.name) != field.default]

    @property
    def null_texts(self) -> tuple[str, ...]:
        """The texts that stand for a missing value, besides the empty field."""
        if self.null is None:
            return ()
        return tuple(part.strip() for part in self.null.split(",")) if isinstance(self.null, str) else tuple(self.null)


def _delimiter(given: str | None) -> str | None:
    """Return a delimiter, which may be given by its name."""
    if given is None:
        return None
    sign = {"tab": "\t", "\\t": "\t", "space": " ", "comma": ",", "semicolon": ";", "pipe": "|"}.get(given, given)
    if not 1 <= len(sign) <= 4 or any(letter in sign for letter in "\r\n\0"):
        raise ArgumentError(
            f"delimiter={shorten(given)!r} is not allowed: give 1 to 4 characters of a line, such as ';' or tab"
        )
    return sign


def _check_sign(name: str, sign: str | None) -> None:
    if sign and (len(sign) > 1 or not sign.isascii() or sign in "\r\n\0" or sign.isalnum()):
        raise ArgumentError(f"{name}={shorten(sign)!r} is not allowed: give one sign of ASCII, or '' for none")


def _check_encoding(encoding: str | None) -> None:
    if encoding is None:
        return
    try:
        is_text = codecs.lookup(encoding)._is_text_encoding
    except (LookupError, ValueError, TypeError):
        is_text = False
    if not is_text:
        raise ArgumentError(
            f"encoding={shorten(str(encoding))!r} is not known: give one as Python names them, such as utf-8, cp1252, "
            "latin-1, utf-16 or shift_jis"
        )


def _check_types(types: Mapping[str, str] | None) -> None:
    if types is None:
        return
    if not isinstance(types, Mapping) or not all(isinstance(part, str) for pair in types.items() for part in pair):
        raise ArgumentError(f"types={shorten(repr(types))} is not allowed: give a type by column, {{'zip': 'VARCHAR'}}")
    for name, kind in types.items():
        if not _TYPE.fullmatch(kind):
            raise ArgumentError(
                f"types={shorten(name)!r}: {shorten(kind)!r} is no type: give one as SQL names them, such as VARCHAR, "
                "DECIMAL(9,2) or DATE, or number"
            )
