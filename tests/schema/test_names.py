"""Names of tables and columns that are compared, odd ones too."""

from __future__ import annotations

from colprofile.verbs.schema.names import Names


def test_a_table_without_words_among_those_with_one_prefix() -> None:
    tables = {f"shop_part{number}": ["id"] for number in range(10)} | {"---": ["id"]}
    names = Names(tables)
    assert names.words("---") == 1
    assert not names.likeness("---", "id", "shop_part1", "id").share
