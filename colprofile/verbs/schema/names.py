"""Names of columns and tables: whether a column is named after a table, in the ways in which people name references."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from colprofile.verbs.schema.name_words import ABOVE, ID_ENDINGS, ID_WORDS, PEOPLE, PLAIN, ROLES, TABLE_WORDS

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")


class Likeness(NamedTuple):
    """How far a column's name says that it refers to a table, in [0, 1], and how it does."""

    share: float
    reason: str


NO_LIKENESS = Likeness(0.0, "")


@cache
def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name, in small letters without accents.

    >>> words_of("SupportRepId"), words_of("manager_staff_id"), words_of("Order Details"), words_of("Straße")
    (('support', 'rep', 'id'), ('manager', 'staff', 'id'), ('order', 'details'), ('strasse',))
    """
    expanded = re.sub("[äöüÄÖÜ]", lambda found: found[0] + "e", name).replace("ß", "ss")
    plain = "".join(c for c in unicodedata.normalize("NFKD", expanded) if not unicodedata.combining(c))
    return tuple(word.lower() for word in _WORDS.findall(plain))


@cache
def subject_of(name: str) -> tuple[str, ...]:
    """Return the words of a column's name without those that say that it is an identifier.

    >>> subject_of("customer_id"), subject_of("custkey"), subject_of("id"), subject_of("fk_Kunde")
    (('customer',), ('cust',), (), ('kunde',))
    """
    words = list(words_of(name))
    while words and words[-1] in ID_WORDS:
        words.pop()
    while words and words[0] in ID_WORDS:
        words.pop(0)
    if words and len(words) == len(words_of(name)):
        for suffix in ID_ENDINGS:
            if words[-1].endswith(suffix) and len(words[-1]) > len(suffix) + 1:
                words[-1] = words[-1][: -len(suffix)]
                break
    return tuple(words)


def is_reference_name(name: str) -> bool:
    """Whether a name says that a column holds what identifies something: ``owner_id``, ``custkey``, ``Kundennr``.

    >>> [is_reference_name(name) for name in ("owner_id", "custkey", "Kundennr", "quantity", "id")]
    [True, True, True, False, False]
    """
    return 0 < len("".join(subject_of(name))) < len("".join(words_of(name)))


@cache
def singular(word: str) -> str:
    """Return a word without the ending of a plural.

    >>> [singular(word) for word in ("categories", "boxes", "tracks", "address", "status", "kunden")]
    ['category', 'box', 'track', 'address', 'status', 'kunden']
    """
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ses", "xes", "ches", "shes")) and not word.endswith("uses"):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _joined(words: Sequence[str]) -> str:
    return "".join([*words[:-1], singular(words[-1])]) if words else ""


def _is_same(one: str, other: str) -> bool:
    """Whether two joined names are of one thing: equal, or with other endings (``kunde``, ``kunden``)."""
    if one == other:
        return bool(one)
    short, long = sorted((one, other), key=len)
    return len(short) >= 4 and long.startswith(short[:-1]) and len(long) - len(short) <= 2


def _is_short_for(one: str, other: str) -> bool:
    """Whether a name is an abbreviation: the beginning of another, or some of its letters in order."""
    if len(one) < 3 or len(one) >= len(other) or one[0] != other[0]:
        return False
    if other.startswith(one):
        return True
    rest = iter(other)
    return len(one) <= 5 and all(letter in rest for letter in one)


def table_words(name: str) -> tuple[str, ...]:
    """Return the words of a table's name, without its schema and words such as ``dim``.

    >>> table_words("main.dim_customer"), table_words("Order Details")
    (('customer',), ('order', 'details'))
    """
    words = words_of(name.rsplit(".", 1)[-1])
    while len(words) > 1 and words[0] in TABLE_WORDS:
        words = words[1:]
    return words


def is_named_after(column: str, table: str) -> bool:
    """Whether a column's name says that it identifies the rows of its own table: ``id``, ``film_id`` of ``films``."""
    subject = subject_of(column)
    return not subject or _is_same(_joined(subject), _joined(table_words(table)))


def shared_prefix(names: Sequence[str], words: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the first word that nearly all of at least three names begin with, if something follows it."""
    firsts = Counter(words[name][0] for name in names if len(words[name]) > 1)
    if not firsts or len(names) < 3:
        return ()
    word, times = firsts.most_common(1)[0]
    return (word,) if times >= 0.9 * len(names) else ()


class Names:
    """The names of a database's tables and columns, to compare them.

    Parameters
    ----------
    tables
        Table → its columns.
    """

    def __init__(self, tables: Mapping[str, Sequence[str]]) -> None:
        words = {name: table_words(name) for name in tables}
        prefix = shared_prefix(list(tables), words)
        self._tables = {
            name: own[1:] if prefix and own[0] == prefix[0] and len(own) > 1 else own for name, own in words.items()
        }
        self._subjects: dict[tuple[str, str], tuple[str, ...]] = {}
        for table, columns in tables.items():
            parts = {column: words_of(column) for column in columns}
            own = shared_prefix(list(columns), parts)
            for column in columns:
                subject = subject_of(column)
                is_prefixed = own and len(subject) > 1 and subject[0] == own[0]
                self._subjects[table, column] = subject[1:] if is_prefixed else subject

    def is_own(self, table: str, column: str) -> bool:
        """Whether a column's name says that it identifies the rows of its own table."""
        subject = self._subjects[table, column]
        return not subject or _is_same(_joined(subject), _joined(self._tables[table]))

    def likeness(self, table: str, column: str, target: str, key: str) -> Likeness:
        """Return how far a column is named after a table or its key."""
        subject = self._subjects[table, column]
        name, whole = _joined(subject), _joined(self._tables[target])
        last = singular(self._tables[target][-1]) if self._tables[target] else ""
        key_subject = _joined(self._subjects[target, key])
        if not name:
            return NO_LIKENESS
        if table != target and _is_same(name, whole):
            return Likeness(1.0, f"{column} is named after {target}")
        is_plain = name in PLAIN
        if table != target and name == key_subject and not is_plain:
            return Likeness(0.9, f"{column} and {key} have one name")
        if len(subject) > 1 or len(name) > len(whole):
            ending = next(
                (e for e in (whole, last, key_subject) if len(e) > 2 and name.endswith(e) and name != e), None
            )
            if ending is not None and not is_plain:
                return Likeness(0.85, f"{column} ends with the name of {target}")
        if table == target:
            is_above = not ABOVE.isdisjoint(map(singular, subject)) or not ABOVE.isdisjoint(subject)
            return Likeness(0.7, f"{column} names a row above or before") if is_above else NO_LIKENESS
        if len(self._tables[target]) > 1 and _is_same(name, last):
            return Likeness(0.7, f"{column} is named after the end of {target}")
        ends = [singular(word) for word in (subject[0], subject[-1])]
        if any(
            _is_short_for(word, other) or _is_short_for(other, word)
            for word in {*ends, name}
            for other in (whole, last)
        ):
            return Likeness(0.6, f"{column} looks like short for {target}")
        if last in PEOPLE and not ROLES.isdisjoint(subject):
            return Likeness(0.6, f"{column} names a role of {target}")
        return NO_LIKENESS
