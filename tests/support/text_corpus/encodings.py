"""Files in encodings that people have, declared by nothing but their bytes."""

from __future__ import annotations

import codecs
import gzip

from tests.support.text_corpus.case import ANY, Case, Refusal, Table

SPANISH = "nombre,ciudad,año\nJosé,Málaga,2019\nÍñigo,A Coruña,2020\nBegoña,León,2021\n"
SPANISH_TABLE = Table(
    ["nombre", "ciudad", "año"], [("José", "Málaga", 2019), ("Íñigo", "A Coruña", 2020), ("Begoña", "León", 2021)]
)
GERMAN = "id;Straße;Größe\n1;Königsallee;breit\n2;Lübecker Straße;schmal\n"
GERMAN_TABLE = Table(["id", "Straße", "Größe"], [(1, "Königsallee", "breit"), (2, "Lübecker Straße", "schmal")])
SALES = "año;city;gross\n" + "".join(f"{2000 + i % 9};Málaga;{i},25 €\n" for i in range(60))
SALES_TABLE = Table(["año", "city", "gross"], [(2000 + i % 9, "Málaga", f"{i},25 €") for i in range(60)])
NAMES_TABLE = Table(["id", "name"], [(1, "Anna"), (2, "Zoë"), (3, "Ben")])
RUSSIAN = (
    "город;область;описание\n"
    "Казань;Татарстан;столица республики, крупный порт на левом берегу Волги\n"
    "Тверь;Тверская область;старинный город на реке Волге, между Москвой и Петербургом\n"
    "Омск;Омская область;промышленный центр на слиянии рек Иртыша и Оми\n"
)
RUSSIAN_TABLE = Table(["город", "область", "описание"], [line.split(";") for line in RUSSIAN.splitlines()[1:]])
EMOJI = "who,says\nAda,\N{GRINNING FACE} hello\nBob,naïve\n"
EMOJI_TABLE = Table(["who", "says"], [("Ada", "\N{GRINNING FACE} hello"), ("Bob", "naïve")])
JAPANESE = "コード,品名\n1,ソース\n2,ポット\n3,表\n"  # in Shift JIS these hold the bytes of a backslash and of a bar
JAPANESE_TABLE = Table(["コード", "品名"], [(1, "ソース"), (2, "ポット"), (3, "表")])
QUOTES = "item,note\n1,“fine” – 5 €\n2,it’s 3 €…\n3,plain\n"
QUOTES_TABLE = Table(["item", "note"], [(1, "“fine” – 5 €"), (2, "it’s 3 €…"), (3, "plain")])


def _said(table: Table, **reading: str) -> Table:
    return Table(table.columns, table.rows, True, reading)


def _late_accent() -> bytes:
    lines = [f"{number},street {number % 7}" for number in range(30_000)]
    return "\n".join(["id,street", *lines, "30000,rue de l’Évêché", ""]).encode("cp1252")


_LATE_ROWS = [*((number, f"street {number % 7}") for number in range(30_000)), (30_000, "rue de l’Évêché")]

CASES = (
    Case("UTF-8 with accents", SPANISH.encode(), SPANISH_TABLE),
    Case("UTF-8 with a byte order mark", codecs.BOM_UTF8 + SPANISH.encode(), SPANISH_TABLE),
    Case(
        "UTF-8 with a byte order mark before a quoted header",
        codecs.BOM_UTF8 + b'"id","na""me"\n1,x\n2,y\n',
        Table(["id", 'na"me'], [(1, "x"), (2, "y")]),
    ),
    Case("latin-1", SPANISH.encode("latin-1"), _said(SPANISH_TABLE)),
    Case("latin-1 with semicolons", GERMAN.encode("latin-1"), _said(GERMAN_TABLE)),
    Case("latin-1, named", SPANISH.encode("latin-1"), SPANISH_TABLE, {"encoding": "latin-1"}),
    Case("cp1252 with curly quotes, dashes and euros", QUOTES.encode("cp1252"), _said(QUOTES_TABLE)),
    Case("cp1252 with few words again and again", SALES.encode("cp1252"), _said(SALES_TABLE)),
    Case("cp1252 with one accent", "id,name\n1,Anna\n2,Zoë\n3,Ben\n".encode("cp1252"), _said(NAMES_TABLE)),
    Case("cp1252, named", QUOTES.encode("cp1252"), QUOTES_TABLE, {"encoding": "cp1252"}),
    Case("cp1252 compressed", gzip.compress(QUOTES.encode("cp1252"), mtime=0), _said(QUOTES_TABLE), file="data.csv.gz"),
    Case("cp1252 with its first accent in the last line", _late_accent(), _said(Table(["id", "street"], _LATE_ROWS))),
    Case("UTF-16 LE with a byte order mark", codecs.BOM_UTF16_LE + EMOJI.encode("utf-16-le"), EMOJI_TABLE),
    Case("UTF-16 BE with a byte order mark", codecs.BOM_UTF16_BE + EMOJI.encode("utf-16-be"), EMOJI_TABLE),
    Case("UTF-16 LE without a byte order mark", SPANISH.encode("utf-16-le"), _said(SPANISH_TABLE)),
    Case("UTF-16 BE without a byte order mark", SPANISH.encode("utf-16-be"), _said(SPANISH_TABLE)),
    Case("UTF-16, named", SPANISH.encode("utf-16"), SPANISH_TABLE, {"encoding": "utf-16"}),
    Case("UTF-16 LE, named, without a mark", EMOJI.encode("utf-16-le"), EMOJI_TABLE, {"encoding": "utf-16-le"}),
    Case(
        "UTF-16 with tabs, as Excel saves Unicode text",
        codecs.BOM_UTF16_LE + "id\tname\r\n1\tZoë\r\n2\tA\r\n".encode("utf-16-le"),
        Table(["id", "name"], [(1, "Zoë"), (2, "A")]),
        file="data.txt",
    ),
    Case("cp1251", RUSSIAN.encode("cp1251"), _said(RUSSIAN_TABLE)),
    Case("cp1251, named", RUSSIAN.encode("cp1251"), RUSSIAN_TABLE, {"encoding": "cp1251"}),
    Case("Mac Roman, named", SPANISH.encode("mac_roman"), SPANISH_TABLE, {"encoding": "mac_roman"}),
    Case("Mac Roman", SPANISH.encode("mac_roman"), _said(SPANISH_TABLE)),
    Case("the encoding of DOS", GERMAN.encode("cp850"), _said(GERMAN_TABLE)),
    Case("Shift JIS, named", JAPANESE.encode("shift_jis"), JAPANESE_TABLE, {"encoding": "shift_jis"}),
    Case(
        "UTF-8 lines and one of latin-1",
        b"id,name\n1,Jos\xc3\xa9\n2,Zo\xc3\xab\n3,Jos\xe9\n",
        (Refusal(r"(?i)encod|utf-8"), Table(["id", "name"], [(1, "José"), (2, "Zoë"), (3, ANY)], True)),
    ),
    Case("latin-1 named UTF-8", SPANISH.encode("latin-1"), Refusal(r"(?i)utf-8"), {"encoding": "utf-8"}),
    Case("an encoding that there is not", SPANISH.encode(), Refusal("klingon"), {"encoding": "klingon"}),
    Case(
        "characters that some take for line ends",
        "id,text\n1,a\x0bb\x0cc\n2,d\x1ce\x85f\n3,g\u2028h\u2029i\n".encode(),
        Table(["id", "text"], [(1, "a\x0bb\x0cc"), (2, "d\x1ce\x85f"), (3, "g\u2028h\u2029i")]),
    ),
    Case("no text at all", bytes(range(256)) * 20, Refusal(r"(?i)encod|text|binary|NUL|line")),
)
