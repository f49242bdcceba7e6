"""Columns of one name in several tables: where one says what it refers to, so do the others."""

from __future__ import annotations

from collections.abc import Container

from colprofile.verbs.schema.names import is_reference_name, words_of

Words = tuple[str, ...]


def shared_words(name: str) -> Words | None:
    """Return the words of a name that means the same in every table: ``movie_id``, not ``id`` or ``name``.

    >>> shared_words("movie_id"), shared_words("id"), shared_words("title")
    (('movie', 'id'), None, None)
    """
    return words_of(name) if is_reference_name(name) else None


def shared_endings(name: str) -> list[Words]:
    """Return what a name that means the same in every table ends with, and is.

    >>> shared_endings("movie_id"), shared_endings("title")
    ([('movie', 'id'), ('id',)], [])
    """
    words = shared_words(name) or ()
    return [words[start:] for start in range(len(words))]


def is_shared(name: str, known: Container[Words]) -> bool:
    """Whether a column's name is one of those that are known, or ends with one.

    >>> [is_shared(name, [("movie", "id")]) for name in ("movie_id", "linked_movie_id", "movie", "id")]
    [True, True, False, False]
    """
    return any(ending in known for ending in shared_endings(name))
