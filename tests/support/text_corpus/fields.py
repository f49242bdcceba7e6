"""Files with odd delimiters, quotes, line ends and bytes."""

from __future__ import annotations

from datetime import date

from tests.support.text_corpus.case import ANY, Case, Refusal, Table

AB = Table(["a", "b"], [(1, 2), (3, 4)])

DELIMITERS = (
    Case("tabs", b"a\tb\n1\tx, y\n2\tz\n", Table(["a", "b"], [(1, "x, y"), (2, "z")]), file="data.tsv"),
    Case("tabs in a file called .csv", b"a\tb\n1\tx\n2\tz\n", Table(["a", "b"], [(1, "x"), (2, "z")])),
    Case("pipes", b"a|b|c\n1|x,y|2\n2|z|3\n", Table(["a", "b", "c"], [(1, "x,y", 2), (2, "z", 3)])),
    Case("carets, told", b"a^b\n1^x\n2^y\n", Table(["a", "b"], [(1, "x"), (2, "y")]), {"delimiter": "^"}),
    Case(
        "control characters, told",
        b"a\x01b\n1\x01x\n2\x01y,z\n",
        Table(["a", "b"], [(1, "x"), (2, "y,z")]),
        {"delimiter": "\x01"},
    ),
    Case("two signs, told", b"a||b\n1||x|y\n2||z\n", Table(["a", "b"], [(1, "x|y"), (2, "z")]), {"delimiter": "||"}),
    Case("tab by its name", b"a\tb\n1\tx\n", Table(["a", "b"], [(1, "x")]), {"delimiter": "tab"}),
    Case(
        "spaces, told", b"a b c\n1 2 x\n3 4 y\n", Table(["a", "b", "c"], [(1, 2, "x"), (3, 4, "y")]), {"delimiter": " "}
    ),
    Case(
        "columns aligned with spaces",
        b"name       age\nAnna Maria  31\nBen          9\nCara        44\n",
        (
            Table(["name", "age"], [("Anna Maria", 31), ("Ben", 9), ("Cara", 44)], True),
            Table(["name       age"], [("Anna Maria  31",), ("Ben          9",), ("Cara        44",)]),
            Refusal("line"),
        ),
    ),
    Case(
        "colons without a header, told",
        b"root:x:0:/root\nbin:x:1:/bin\n",
        Table([ANY] * 4, [("root", "x", 0, "/root"), ("bin", "x", 1, "/bin")]),
        {"delimiter": ":", "header": False},
    ),
    Case(
        "a delimiter that does not occur",
        b"a,b\n1,2\n3,4\n",
        (Table(["a,b"], [("1,2",), ("3,4",)]), Refusal("delimiter")),
        {"delimiter": ";"},
    ),
    Case("one column", b"word\nalpha\nbeta\nalpha\n", Table(["word"], [("alpha",), ("beta",), ("alpha",)])),
    Case(
        "semicolons within fields between commas",
        b"id,tags,n\n1,a;b,2\n2,c;d,3\n3,e;f,4\n",
        Table(["id", "tags", "n"], [(1, "a;b", 2), (2, "c;d", 3), (3, "e;f", 4)]),
    ),
    Case(
        "more commas than semicolons",
        b"place;lat, lon\nRome;41.9, 12.5\nOslo;59.9, 10.8\nParis;48.9, 2.4\n",
        Table(["place", "lat, lon"], [("Rome", "41.9, 12.5"), ("Oslo", "59.9, 10.8"), ("Paris", "48.9, 2.4")]),
    ),
    Case(
        "times, whose colons are no delimiters",
        b"start\n10:30:00\n11:45:00\n09:15:30\n",
        Table(["start"], [(ANY,), (ANY,), (ANY,)]),
    ),
)

LINE_ENDS = (
    Case("CR LF", b"a,b\r\n1,2\r\n3,4\r\n", AB),
    Case("CR alone, as of old Macs", b"a,b\r1,2\r3,4\r", AB),
    Case(
        "CR alone with texts",
        b"name,city\rAnna,Rome\rBen,Oslo\r",
        Table(["name", "city"], [("Anna", "Rome"), ("Ben", "Oslo")]),
    ),
    Case("LF and CR LF", b"a,b\r\n1,2\n3,4\r\n5,6\n", Table(["a", "b"], [(1, 2), (3, 4), (5, 6)])),
    Case(
        "LF, then CR LF far below",
        b"a,b\n" + b"1,x\n" * 3000 + b"2,y\r\n" * 10,
        Table(["a", "b"], [*[(1, "x")] * 3000, *[(2, "y")] * 10]),
    ),
    Case(
        "a CR within a field",
        b"a,b\n1,x\ry\n2,z\n3,w\n",
        (Table(["a", "b"], [(1, "x\ry"), (2, "z"), (3, "w")]), Refusal("line")),
    ),
    Case("a CR within quotes", b'a,b\n1,"x\ry"\n2,z\n', Table(["a", "b"], [(1, "x\ry"), (2, "z")])),
    Case("CR LF within quotes", b'a,b\n1,"x\r\ny"\n2,z\n', Table(["a", "b"], [(1, "x\r\ny"), (2, "z")])),
    Case(
        "LF within quotes, CR LF between lines",
        b'a,b\r\n1,"x\ny"\r\n2,z\r\n',
        Table(["a", "b"], [(1, "x\ny"), (2, "z")]),
    ),
    Case("CR CR LF, converted twice", b"a,b\r\r\n1,2\r\r\n3,4\r\r\n", (AB, Refusal("line"))),
    Case("no newline at the end", b"a,b\n1,2\n3,4", AB),
    Case("no newline after an empty last field", b"a,b\n1,x\n3,", Table(["a", "b"], [(1, "x"), (3, None)])),
    Case("many newlines at the end", b"a,b\n1,2\n3,4\n\n\n\n", AB),
)

QUOTES = (
    Case(
        "newlines, delimiters and quotes within quotes",
        b'id,text\n1,"two\nlines"\n2,"a ""b"", c"\n3,"\n"\n',
        Table(["id", "text"], [(1, "two\nlines"), (2, 'a "b", c'), (3, "\n")]),
    ),
    Case(
        "a newline within a name",
        b'id,"price\n(EUR)"\n1,2.5\n2,3.5\n',
        Table(["id", "price\n(EUR)"], [(1, 2.5), (2, 3.5)]),
    ),
    Case(
        "a quote that is not closed",
        b'a,b\n1,"x\n2,y\n3,z\n',
        (Refusal("line 2"), Table(["a", "b"], [(1, '"x'), (2, "y"), (3, "z")], True)),
    ),
    Case(
        "a quote that is not closed far below",
        b"a,b\n" + b"1,x\n" * 3000 + b'2,"y\n' + b"3,z\n" * 3000,
        (Refusal(r"line 3,?002\b"), Table(["a", "b"], [*[(1, "x")] * 3000, (2, '"y'), *[(3, "z")] * 3000], True)),
    ),
    Case(
        "inches",
        b'item,size\npipe,5"\nrod,12"\nbox,3" x 4"\n',
        Table(["item", "size"], [("pipe", '5"'), ("rod", '12"'), ("box", '3" x 4"')]),
    ),
    Case(
        "a quote in the middle of a field",
        b'id,name\n1,John "Jack" Doe\n2,Ann\n',
        Table(["id", "name"], [(1, 'John "Jack" Doe'), (2, "Ann")]),
    ),
    Case(
        "backslashes before quotes",
        b'id,text\n1,"say \\"yes\\", now"\n2,"no"\n3,"a \\"b\\""\n',
        (Table(["id", "text"], [(1, 'say "yes", now'), (2, "no"), (3, 'a "b"')]), Refusal("line 2")),
    ),
    Case(
        "backslashes that escape nothing",
        b'id,path\n1,"C:\\temp\\new"\n2,"D:\\"\n',
        Table(["id", "path"], [(1, "C:\\temp\\new"), (2, "D:\\")]),
    ),
    Case(
        "single quotes, told",
        b"name,n\n'Doe, John',1\n'O''Brien, Ann',2\n",
        Table(["name", "n"], [("Doe, John", 1), ("O'Brien, Ann", 2)]),
        {"quote": "'"},
    ),
    Case(
        "single quotes",
        b"name,n\n'Doe, John',1\n'Roe, Ann',2\n'Poe, Edgar',3\n",
        (Table(["name", "n"], [("Doe, John", 1), ("Roe, Ann", 2), ("Poe, Edgar", 3)]), Refusal("line 2")),
    ),
    Case(
        "apostrophes are no quotes",
        b"title,n\nrock 'n' roll,1\n'tis the season,2\nit's,3\n",
        Table(["title", "n"], [("rock 'n' roll", 1), ("'tis the season", 2), ("it's", 3)]),
    ),
    Case("no quotes, told", b'a,b\n"x",1\n"y,2\n', Table(["a", "b"], [('"x"', 1), ('"y', 2)]), {"quote": ""}),
    Case(
        "a blank before quotes",
        b'id, text\n1, "x, y"\n2, "z"\n3, "u, v"\n',
        (Table([ANY, ANY], [(1, "x, y"), (2, "z"), (3, "u, v")]), Refusal("line 2")),
    ),
    Case(
        "blanks at the ends of texts",
        b"id,text\n1, x\n2,y \n3, \n",
        Table(["id", "text"], [(1, " x"), (2, "y "), (3, " ")]),
    ),
    Case("every field quoted", b'"id","n"\n"1","2.5"\n"2","3.5"\n', Table(["id", "n"], [(1, 2.5), (2, 3.5)])),
    Case(
        "codes in quotes", b'"zip","n"\n"01234","1"\n"90210","2"\n', Table(["zip", "n"], [("01234", 1), ("90210", 2)])
    ),
    Case(
        "quoted and not quoted empty texts", b'a,b\n1,""\n2,\n3,x\n', Table(["a", "b"], [(1, ""), (2, None), (3, "x")])
    ),
    Case(
        "three million characters in a field",
        b'a,b\n1,"' + b"long, " * 500_000 + b'"\n2,y\n',
        Table(["a", "b"], [(1, "long, " * 500_000), (2, "y")]),
    ),
    Case(
        "objects of JSON",
        b'id,data\n1,"{""a"": [1, 2]}"\n2,"{""b"": ""x""}"\n',
        Table(["id", "data"], [(1, '{"a": [1, 2]}'), (2, '{"b": "x"}')]),
    ),
    Case(
        "objects of JSON without quotes around",
        b'id\tdata\n1\t{"a": [1, 2]}\n2\t{"b": "x"}\n',
        Table(["id", "data"], [(1, '{"a": [1, 2]}'), (2, '{"b": "x"}')]),
    ),
    Case("arrays of JSON", b"id;list\n1;[1, 2]\n2;[]\n", Table(["id", "list"], [(1, "[1, 2]"), (2, "[]")])),
)

BYTES = (
    Case(
        "a zero byte within a field",
        b"a,b\n1,x\x00y\n2,z\n",
        (Table(["a", "b"], [(1, "x\x00y"), (2, "z")]), Refusal(r"(?i)NUL|zero|byte|line")),
    ),
    Case(
        "zero bytes at the end, as of a file that was reserved",
        b"a,b\n1,2\n3,4\n" + b"\x00" * 4096,
        (Table(["a", "b"], [(1, 2), (3, 4)], True), Refusal(r"(?i)NUL|zero|byte|line")),
    ),
    Case(
        "control characters",
        b"a,b\n1,\x1b[31mred\x1b[0m\n2,\x07\x7f\n",
        Table(["a", "b"], [(1, "\x1b[31mred\x1b[0m"), (2, "\x07\x7f")]),
    ),
    Case(
        "the end of file of DOS",
        b"a,b\r\n1,2\r\n3,4\r\n\x1a",
        (Table(["a", "b"], [(1, 2), (3, 4)], True), Refusal("line 4")),
    ),
    Case("an empty file", b"", Refusal("(?i)empty")),
    Case("a file of a byte order mark", b"\xef\xbb\xbf", Refusal("(?i)empty")),
    Case("blank lines only", b"\n\n\r\n\n", Refusal("(?i)empty|blank|no rows|nothing")),
    Case(
        "blanks only",
        b"   \n \n",
        (Refusal("(?i)empty|blank|no rows|nothing"), Table([ANY], [], True), Table([ANY], [(" ",)], True)),
    ),
    Case(
        "a page saved as CSV",
        b"<!DOCTYPE html>\n<html><head><title>Not found</title></head>\n<body><p>Not found, sorry</p></body></html>\n",
        (Refusal("(?i)HTML|line"), Table([ANY], [(ANY,), (ANY,)], True)),
    ),
    Case("a workbook called .csv", b"PK\x03\x04" + bytes(range(256)) * 4, Refusal("")),
    Case(
        "lines of 6,000 characters",
        b",".join(b"c%d" % i for i in range(300)) + b"\n" + b",".join(b"%d" % (10**19 + i) for i in range(300)) + b"\n",
        Table([f"c{i}" for i in range(300)], [[10**19 + i for i in range(300)]]),
    ),
    Case(
        "dates between bars",
        b"when|n\n2020-01-31|1\n2020-02-29|2\n",
        Table(["when", "n"], [(date(2020, 1, 31), 1), (date(2020, 2, 29), 2)]),
    ),
)

CASES = (*DELIMITERS, *LINE_ENDS, *QUOTES, *BYTES)
