"""Names of columns and tables: whether a column is named after a table, in the ways in which people name references."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from colprofile.verbs.schema.name_words import ABOVE, ID_ENDINGS, ID_WORDS, PEOPLE, PLAIN, ROLES, TABLE_WORDS
from colprofile.verbs.schema.sentences import named

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")


class Likeness(NamedTuple):
    """How far a column's name says that it refers to a table, in [0, 1], and how it does."""

    share: float
    reason: str


NO_LIKENESS = Likeness(0.0, "")
_LIKE_KEY = 0.9


def named_alike(*names: str) -> Likeness:
    """Return the likeness of columns that have the names of those that they refer to."""
    shown = f"both columns are called {named(names[0])}" if len(names) == 1 else "the columns have the same names"
    return Likeness(_LIKE_KEY, shown)


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


def _has_word(subject: Sequence[str], words: frozenset[str]) -> bool:
    """Whether one of some words is among a subject's, or begins or ends one: ``reportsto``, ``supportrep``."""
    if not words.isdisjoint(subject):
        return True
    long = tuple(word for word in words if len(word) > 2)
    return any(word.startswith(long) or word.endswith(long) for word in subject)


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
            name: own[1:] if prefix and own[:1] == prefix and len(own) > 1 else own for name, own in words.items()
        }
        self._known: dict[tuple[tuple[str, ...], str, str, bool], Likeness] = {}
        self._subjects: dict[tuple[str, str], tuple[str, ...]] = {}
        for table, columns in tables.items():
            parts = {column: words_of(column) for column in columns}
            own = shared_prefix(list(columns), parts)
            for column in columns:
                subject = subject_of(column)
                is_prefixed = own and len(subject) > 1 and subject[0] == own[0]
                self._subjects[table, column] = subject[1:] if is_prefixed else subject

    def words(self, table: str) -> int:
        """Return how many words a table's name has, at least 1; a prefix that all tables share does not count."""
        return max(1, len(self._tables[table]))

    def is_own(self, table: str, column: str) -> bool:
        """Whether a column's name says that it identifies the rows of its own table."""
        subject = self._subjects[table, column]
        return not subject or _is_same(_joined(subject), _joined(self._tables[table]))

    def likeness(self, table: str, column: str, target: str, key: str) -> Likeness:
        """Return how far a column is named after a table or its key."""
        subject = self._subjects[table, column]
        place = (subject, target, key, table == target)
        found = self._known.get(place)
        if found is None:
            share, sign = self._compared(subject, target, key, is_own=table == target)
            found = self._known[place] = Likeness(share, sign)
        if not found.share:
            return NO_LIKENESS
        if found.share == _LIKE_KEY and column == key:
            return named_alike(key)
        return found._replace(reason=f"{named(column)} {found.reason}")

    def shares(self, places: Sequence[tuple[str, str]], target: str, key: str) -> list[float]:
        """Return how far columns, given with their tables, are named after a table or its key."""
        known, subjects, found = self._known, self._subjects, []
        for table, column in places:
            like = known.get((subjects[table, column], target, key, table == target))
            found.append(self.likeness(table, column, target, key).share if like is None else like.share)
        return found

    def _compared(self, subject: tuple[str, ...], target: str, key: str, *, is_own: bool) -> Likeness:
        """Return the likeness of a column's subject; the reason continues the column's name."""
        if not any(word.isalpha() and len(word) > 1 for word in subject):
            return NO_LIKENESS
        name, words = _joined(subject), self._tables[target]
        whole, last = _joined(words), singular(words[-1]) if words else ""
        key_subject = _joined(self._subjects[target, key])
        if not is_own and _is_same(name, whole):
            return Likeness(1.0, f"is named after {named(target)}")
        is_plain = name in PLAIN
        if not is_own and name == key_subject and not is_plain:
            return Likeness(_LIKE_KEY, f"is named like {named(key)}")
        endings = {part for part in (whole, last, key_subject) if len(part) > 2 and part != name}
        if not is_plain and name.endswith(tuple(endings)):
            return Likeness(0.85, f"ends with the name of {named(target)}")
        if is_own:
            return Likeness(0.7, "names a row above or before") if _has_word(subject, ABOVE) else NO_LIKENESS
        spelled = {singular(word) for word in words if len(word) > 2 and word.isalpha()}
        if spelled and spelled <= set(map(singular, subject)):
            return Likeness(0.7, f"contains the name of {named(target)}")
        if len(words) > 1 and _is_same(name, last):
            return Likeness(0.7, f"is named after the end of {named(target)}")
        return _of_short_names(subject, name, target, whole, last)


def _of_short_names(subject: tuple[str, ...], name: str, target: str, whole: str, last: str) -> Likeness:
    """Return the likeness of a name that is short for a table's, begins like it, or names a role of people."""
    ends = {singular(subject[0]), singular(subject[-1]), name}
    if any(_is_short_for(word, other) or _is_short_for(other, word) for word in ends for other in {whole, last}):
        return Likeness(0.6, f"may be short for {named(target)}")
    if last in PEOPLE and _has_word(subject, ROLES):
        return Likeness(0.6, f"names a role of {named(target)}")
    if len(whole) > 4 and name[:4] == whole[:4]:
        return Likeness(0.5, f"starts with the same letters as {named(target)}")
    return NO_LIKENESS
