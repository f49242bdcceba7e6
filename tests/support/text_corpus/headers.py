"""Files with odd headers, or with none."""

from __future__ import annotations

from tests.support.text_corpus.case import ANY, Case, Refusal, Table

_STATES = [(f"S{number}", -9.0 + number) for number in range(50)]
_LONG = ["x" * 1000, "y" * 1000, "x" * 999 + "z"]
_WIDE = [f"column {number}" for number in range(1000)]

CASES = (
    Case(
        "a year as a name",
        b"state,2021\n" + "".join(f"{name},{number}\n" for name, number in _STATES).encode(),
        Table(["state", "2021"], _STATES, reading={"has_header": True}),
    ),
    Case(
        "years as names",
        b"state,2021,2022\nA,1,2\nB,3,4\nC,5,6\n",
        Table(["state", "2021", "2022"], [("A", 1, 2), ("B", 3, 4), ("C", 5, 6)]),
    ),
    Case(
        "years alone as names, told",
        b"2019,2020,2021\n1.5,2.5,3.5\n4.5,5.5,6.5\n",
        Table(["2019", "2020", "2021"], [(1.5, 2.5, 3.5), (4.5, 5.5, 6.5)]),
        {"header": True},
    ),
    Case(
        "dates as names",
        b"city,2020-01-31,2020-02-29\nRome,1,2\nOslo,3,4\n",
        Table(["city", "2020-01-31", "2020-02-29"], [("Rome", 1, 2), ("Oslo", 3, 4)]),
    ),
    Case(
        "numbers without names",
        b"1,Anna,3.5\n2,Ben,4.5\n3,Cara,5.5\n",
        Table([ANY] * 3, [(1, "Anna", 3.5), (2, "Ben", 4.5), (3, "Cara", 5.5)], reading={"has_header": False}),
    ),
    Case("numbers alone without names", b"1,2\n3,4\n5,6\n", Table([ANY] * 2, [(1, 2), (3, 4), (5, 6)])),
    Case(
        "texts with names",
        b"name,city\nAnna,Rome\nBen,Oslo\nCara,Rome\n",
        Table(["name", "city"], [("Anna", "Rome"), ("Ben", "Oslo"), ("Cara", "Rome")]),
    ),
    Case(
        "texts without names, the first row there again",
        b"Anna,Rome\nBen,Oslo\nAnna,Rome\nCara,Oslo\n",
        Table([ANY] * 2, [("Anna", "Rome"), ("Ben", "Oslo"), ("Anna", "Rome"), ("Cara", "Oslo")]),
    ),
    Case(
        "texts without names, told",
        b"Anna,Rome\nBen,Oslo\n",
        Table([ANY] * 2, [("Anna", "Rome"), ("Ben", "Oslo")]),
        {"header": False},
    ),
    Case("numbers with a row that is said to have names", b"1,2\n3,4\n", Table(["1", "2"], [(3, 4)]), {"header": True}),
    Case("names only", b"a,b,c\n", Table(["a", "b", "c"], [])),
    Case("names only, without a newline", b"id;name", Table(["id", "name"], [])),
    Case("names and one row of texts", b"name,city\nAnna,Rome\n", Table(["name", "city"], [("Anna", "Rome")])),
    Case("names and one row of numbers", b"id,n\n1,2\n", Table(["id", "n"], [(1, 2)])),
    Case("names and one empty row", b"a,b\n,\n", Table(["a", "b"], [(None, None)])),
    Case("a column without values", b"a,b,c\n1,,x\n2,,y\n", Table(["a", "b", "c"], [(1, None, "x"), (2, None, "y")])),
    Case("a first row without values", b"a,b\n,\n1,x\n2,y\n", Table(["a", "b"], [(None, None), (1, "x"), (2, "y")])),
    Case("names twice", b"a,b,a\n1,2,3\n4,5,6\n", Table(["a", "b", "a"], [(1, 2, 3), (4, 5, 6)])),
    Case("names that differ in case", b"id,ID,Id\n1,2,3\n4,5,6\n", Table(["id", "ID", "Id"], [(1, 2, 3), (4, 5, 6)])),
    Case(
        "names twice beside what a counter would make of them",
        b"a,a_1,a\n1,2,3\n4,5,6\n",
        Table(["a", "a_1", "a"], [(1, 2, 3), (4, 5, 6)]),
    ),
    Case("an empty name in the middle", b"a,,c\n1,2,3\n4,5,6\n", Table(["a", "", "c"], [(1, 2, 3), (4, 5, 6)])),
    Case(
        "an empty first name, as pandas writes an index",
        b",a,b\n0,x,1.5\n1,y,2.5\n",
        Table(["", "a", "b"], [(0, "x", 1.5), (1, "y", 2.5)]),
    ),
    Case("several empty names", b"a,,,\n1,2,3,4\n5,6,7,8\n", Table(["a", "", "", ""], [(1, 2, 3, 4), (5, 6, 7, 8)])),
    Case(
        "names of 1,000 characters",
        (",".join(_LONG) + "\n1,2,3\n4,5,6\n").encode(),
        Table(_LONG, [(1, 2, 3), (4, 5, 6)]),
    ),
    Case(
        "a thousand names",
        (",".join(_WIDE) + "\n" + ",".join(["1"] * 1000) + "\n").encode(),
        Table(_WIDE, [[1] * 1000]),
    ),
    Case(
        "names with quotes, dots and SQL",
        b'"a""b",c.d,"e""; drop table t; --",select\n1,2,3,4\n5,6,7,8\n',
        Table(['a"b', "c.d", 'e"; drop table t; --', "select"], [(1, 2, 3, 4), (5, 6, 7, 8)]),
    ),
    Case(
        "a name for what the options call it",
        b"name,filename,number,rowid\nx,y,1,2\nz,w,3,4\n",
        Table(["name", "filename", "number", "rowid"], [("x", "y", 1, 2), ("z", "w", 3, 4)]),
    ),
    Case(
        "two lines of names",
        b"north,north,south\njan,feb,jan\n1,2,3\n4,5,6\n",
        (
            Table(["north", "north", "south"], [("jan", "feb", "jan"), ("1", "2", "3"), ("4", "5", "6")]),
            Table(["jan", "feb", "jan"], [(1, 2, 3), (4, 5, 6)], True),
            Refusal("header"),
        ),
    ),
    Case("a type for a column that there is not", b"a,b\n1,2\n", Refusal("zip"), {"types": {"zip": "VARCHAR"}}),
)
