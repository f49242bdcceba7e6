"""Files with more than a header and rows, or with rows that do not fit the header."""

from __future__ import annotations

from tests.support.text_corpus.case import ANY, Case, Refusal, Table

HUNDRED = [(number, number * 2) for number in range(100)]
_HUNDRED_LINES = "".join(f"{x},{y}\n" for x, y in HUNDRED).encode()

PREAMBLES = (
    Case(
        "comments before the header, one with a comma",
        b"# Report of the day\n# source: X, part 2\nid,v\n" + _HUNDRED_LINES,
        Table(["id", "v"], HUNDRED, True, {"skipped_lines": 2, "has_header": True}),
    ),
    Case(
        "sep= of Excel",
        b"sep=;\nid;v\n" + _HUNDRED_LINES.replace(b",", b";"),
        Table(["id", "v"], HUNDRED, reading={"delimiter": ";"}),
    ),
    Case("sep= with a tab", b"sep=\t\nid\tv\n1\t2,5\n3\t4,5\n", Table(["id", "v"], [(1, "2,5"), (3, "4,5")])),
    Case("sep= that contradicts looks", b"sep=|\na,b|c\n1,2|3\n4,5|6\n", Table(["a,b", "c"], [("1,2", 3), ("4,5", 6)])),
    Case(
        "a title and an empty line",
        b"Sales of the third quarter\n\nregion,sales\nNorth,10\nSouth,20\nEast,30\n",
        Table(["region", "sales"], [("North", 10), ("South", 20), ("East", 30)], True),
    ),
    Case(
        "a title with the delimiters of the sheet",
        b"Sales of the third quarter,,\n,,\nregion,kind,sales\nNorth,a,10\nSouth,b,20\nEast,a,30\n",
        Table(["region", "kind", "sales"], [("North", "a", 10), ("South", "b", 20), ("East", "a", 30)], True),
    ),
    Case(
        "facts of a station before the header",
        b"Station;Berlin\nLatitude;52.5\n\ndate;temp;wind\n2020-01-01;3.5;10\n2020-01-02;4.0;12\n2020-01-03;1.5;9\n",
        Table(["date", "temp", "wind"], [(ANY, 3.5, 10), (ANY, 4.0, 12), (ANY, 1.5, 9)], True, {"skipped_lines": 3}),
    ),
    Case(
        "a preamble with one quote",
        b'Pipes of 5" and more\nid,v\n1,2\n3,4\n5,6\n',
        (Table(["id", "v"], [(1, 2), (3, 4), (5, 6)], True), Refusal("line")),
    ),
    Case(
        "a preamble, told",
        b"Title, long\nby A, B, C\nid,v\n1,2\n3,4\n",
        Table(["id", "v"], [(1, 2), (3, 4)]),
        {"skip": 2},
    ),
    Case(
        "an empty line before the header",
        b"\n\nid,v\n1,2\n3,4\n",
        Table(["id", "v"], [(1, 2), (3, 4)]),
    ),
)

COMMENTS = (
    Case(
        "comments in the middle, told",
        b"# made by hand\nid,v\n1,2\n# the sensor was moved\n3,4\n",
        Table(["id", "v"], [(1, 2), (3, 4)]),
        {"comment": "#"},
    ),
    Case(
        "a comment in the middle",
        b"id,v\n1,2\n# the sensor was moved\n3,4\n5,6\n",
        (Refusal("line 3"), Table(["id", "v"], [(1, 2), (3, 4), (5, 6)], True)),
    ),
    Case(
        "a sign of comments within fields",
        b"id,tag\n1,#red\n2,a#b\n3,#\n",
        Table(["id", "tag"], [(1, "#red"), (2, "a#b"), (3, "#")]),
    ),
    Case(
        "rows that begin with the sign of comments",
        b"tag,n\n#red,1\n#blue,2\n#green,3\n",
        Table(["tag", "n"], [("#red", 1), ("#blue", 2), ("#green", 3)]),
    ),
)

FOOTERS = (
    Case(
        "a total of as many fields is a row",
        b"region,sales\nNorth,10\nSouth,20\nTotal,30\n",
        Table(["region", "sales"], [("North", 10), ("South", 20), ("Total", 30)]),
    ),
    Case(
        "a footer of one field",
        b"id,name\n1,Anna\n2,Ben\n3,Cara\n(3 rows)\n",
        (Refusal("line 5"), Table(["id", "name"], [(1, "Anna"), (2, "Ben"), (3, "Cara")], True)),
    ),
    Case(
        "a footer after an empty line",
        b"id,name,x\n1,Anna,2\n2,Ben,2\n3,Cara,1\n\nSource: the office, 2021\n",
        (Refusal("line 6"), Table(["id", "name", "x"], [(1, "Anna", 2), (2, "Ben", 2), (3, "Cara", 1)], True)),
    ),
    Case(
        "a footer, accepted as a loss",
        b"id,name\n1,Anna\n2,Ben\n3,Cara\n(3 rows)\n",
        Table(["id", "name"], [(1, "Anna"), (2, "Ben"), (3, "Cara")], True),
        {"accept_rejects": True},
    ),
    Case(
        "two tables one below the other",
        b"id,name\n1,Anna\n2,Ben\n\ncity,country,people\nRome,IT,2800000\nLyon,FR,520000\n",
        Refusal("line 5"),
    ),
    Case(
        "the header again in the middle",
        b"a,b\n1,2\n3,4\na,b\n5,6\n",
        (
            Table(["a", "b"], [("1", "2"), ("3", "4"), ("a", "b"), ("5", "6")]),
            Table(["a", "b"], [(1, 2), (3, 4), (5, 6)], True),
        ),
    ),
    Case(
        "a line of units below the header",
        b"time,temp\ns,degC\n0,20.1\n1,20.3\n",
        Table(["time", "temp"], [("s", "degC"), ("0", "20.1"), ("1", "20.3")]),
    ),
)

_WIDER = b"a,b\n" + b"1,2\n" * 100 + b"1,2,3\n" * 2000

RAGGED = (
    Case(
        "one field in the header and the first row, two in the second",
        b"c0\nv0\na;b\n",
        Table(["c0"], [("v0",), ("a;b",)]),
    ),
    Case("rows that become longer", _WIDER, Refusal(r"line 102\b")),
    Case(
        "rows that become longer, ragged",
        _WIDER,
        Table(["a", "b", ANY], [*[(1, 2, None)] * 100, *[(1, 2, 3)] * 2000], True),
        {"ragged": True},
    ),
    Case(
        "a delimiter at the end of every line",
        b"president,position,days,\nCarter,OMB,a,\nCarter,State,b,\n",
        Table(["president", "position", "days", ""], [("Carter", "OMB", "a", None), ("Carter", "State", "b", None)]),
    ),
    Case(
        "a delimiter at the end of rows only",
        b"a,b\n1,2,\n3,4,\n5,6,\n",
        (
            Refusal("line 2"),
            Table(["a", "b"], [(1, 2), (3, 4), (5, 6)], True),
            Table(["a", "b", ANY], [(1, 2, None), (3, 4, None), (5, 6, None)], True),
        ),
    ),
    Case(
        "a header without the column of row names, as R writes it",
        b'"a","b"\n"r1",10,20\n"r2",30,40\n',
        (Refusal("line 2"), Table([ANY, "a", "b"], [("r1", 10, 20), ("r2", 30, 40)], True)),
    ),
    Case(
        "a header without the column of row names, between spaces",
        b'"a" "b" "c"\n"r1" 10 20 x\n"r2" 30 40 NA\n"r3" 30 40 y\n',
        (
            Refusal("line 2"),
            Table([ANY, "a", "b", "c"], [("r1", 10, 20, "x"), ("r2", 30, 40, "NA"), ("r3", 30, 40, "y")], True),
        ),
    ),
    Case(
        "a delimiter at the end of the header only",
        b"id,year,period,\nA,1959,Q01\nA,1959,Q02\nB,1960,Q01\n",
        (
            Refusal("line 2"),
            Table(
                ["id", "year", "period", ANY],
                [("A", 1959, "Q01", None), ("A", 1959, "Q02", None), ("B", 1960, "Q01", None)],
                True,
            ),
            Table(["id", "year", "period"], [("A", 1959, "Q01"), ("A", 1959, "Q02"), ("B", 1960, "Q01")], True),
        ),
    ),
    Case(
        "a preamble, and a delimiter at the end of the header only",
        b"Series: 14\n\nSeasonally Adjusted\n\nid,year,period,\nA,1959,Q01\nA,1959,Q02\nB,1960,Q01\n",
        (
            Refusal("line 6"),
            Table(["id", "year", "period"], [("A", 1959, "Q01"), ("A", 1959, "Q02"), ("B", 1960, "Q01")], True),
        ),
    ),
    Case(
        "rows of several lengths below names with commas",
        b"version,codename,series,eol\n4.10,Warty,warty\n5.04,Hoary,hoary,2006\n5.10,Breezy\n6.06,Dapper,a,b,c\n7,F,f\n",
        Refusal("line 2"),
    ),
    Case(
        "rows of several lengths below names with commas and blanks",
        b"dates, cpi, predict, stderr\n1950:1, 28.9,,\n1950:2, 29.1, 29.8,\n1950:3, 29.1, 29.8\n"
        + b"1950:4, 29, 3\n" * 9,
        Refusal("line 4"),
    ),
    Case(
        "a count of rows and names of classes in the first line",
        b"4,2,malignant,benign\n1.5,2.5,0\n1.6,2.6,1\n1.7,2.7,0\n1.8,2.8,1\n",
        (Refusal("line [12]"), Table([ANY] * 3, [(1.5, 2.5, 0), (1.6, 2.6, 1), (1.7, 2.7, 0), (1.8, 2.8, 1)], True)),
    ),
    Case("a short row", b"a,b,c\n1,2,3\n4,5\n6,7,8\n9,10,11\n", Refusal("line 3")),
    Case(
        "a short row, ragged",
        b"a,b,c\n1,2,3\n4,5\n6,7,8\n9,10,11\n",
        Table(["a", "b", "c"], [(1, 2, 3), (4, 5, None), (6, 7, 8), (9, 10, 11)]),
        {"ragged": True},
    ),
    Case("a long row", b"a,b\n1,2\n3,4\n5,6,7\n8,9\n", Refusal("line 4")),
    Case(
        "a long row, left out",
        b"a,b\n1,2\n3,4\n5,6,7\n8,9\n",
        Table(["a", "b"], [(1, 2), (3, 4), (8, 9)], True, {"rejected_rows": 1}),
        {"accept_rejects": True},
    ),
    Case(
        "a long row after a record of two lines",
        b'a,b\n"x\ny",1\n"z",2\nw,3,4\n',
        Refusal(r"line 5|row 3"),
    ),
    Case(
        "one column of sentences, one with a comma",
        b"note\ngood morning\nhello, world\nbye\n",
        Table(["note"], [("good morning",), ("hello, world",), ("bye",)]),
    ),
    Case(
        "an empty line in the middle",
        b"a,b\n1,2\n\n3,4\n",
        Table(["a", "b"], [(1, 2), (3, 4)]),
    ),
    Case(
        "an empty line in a single column",
        b"a\n1\n\n3\n",
        (Table(["a"], [(1,), (None,), (3,)]), Table(["a"], [(1,), (3,)], True)),
    ),
    Case(
        "blanks in a line of blanks only",
        b"a,b\n1,2\n   \n3,4\n",
        (Table(["a", "b"], [(1, 2), (3, 4)]), Refusal("line 3")),
    ),
)

CASES = (*PREAMBLES, *COMMENTS, *FOOTERS, *RAGGED)
