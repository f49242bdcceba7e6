"""A stand-in for Chinook, the music store: its tables, columns, row counts and shapes, with made-up contents."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.support.sample_databases import SampleDatabase, SampleTable, references, sample_table
from tests.support.sample_words import COUNTRIES, Words, listed

REFERENCES = references(
    """
    Album(ArtistId) Artist(ArtistId)
    Customer(SupportRepId) Employee(EmployeeId)
    Employee(ReportsTo) Employee(EmployeeId)
    Invoice(CustomerId) Customer(CustomerId)
    InvoiceLine(InvoiceId) Invoice(InvoiceId)
    InvoiceLine(TrackId) Track(TrackId)
    PlaylistTrack(PlaylistId) Playlist(PlaylistId)
    PlaylistTrack(TrackId) Track(TrackId)
    Track(AlbumId) Album(AlbumId)
    Track(GenreId) Genre(GenreId)
    Track(MediaTypeId) MediaType(MediaTypeId)
    """
)
PERSON = "Address varchar, City varchar, State varchar, Country varchar, PostalCode varchar, Phone varchar, Fax varchar"
PLAYLISTS = listed(
    "Music, Movies, TV Shows, Audiobooks, 90s Music, Audiobooks, Movies, Music, Music Videos, TV Shows, "
    "Brazilian Music, Classical, Classical Deep Cuts, Classical Next Steps, Classical Basics, Grunge, "
    "Heavy Metal Classic, On-The-Go 1",
    ", ",
)


def chinook(seed: int = 1) -> SampleDatabase:
    """Return the stand-in: 11 tables, 11 foreign keys."""
    words = Words(seed)
    tracks = _tracks(words)
    customers = _customers(words)
    return SampleDatabase(
        (
            sample_table("Artist", "ArtistId integer, Name varchar", enumerate(words.words(275), 1)),
            _albums(words),
            tracks,
            _named("Genre", words.words(25)),
            _named("MediaType", ["MPEG audio file", "Protected AAC", "Protected MPEG-4", "Purchased AAC", "AAC"]),
            _named("Playlist", PLAYLISTS),
            _playlist_tracks(words, tracks),
            _employees(words),
            customers,
            *_invoices(words, customers, tracks),
        ),
        REFERENCES,
    )


def _named(table: str, names: list[str]) -> SampleTable:
    return sample_table(table, f"{table}Id integer, Name varchar", enumerate(names, 1))


def _albums(words: Words) -> SampleTable:
    artists = words.covering(347, 275, 204)
    rows = [(number, words.title(words.randint(1, 4)), artist) for number, artist in enumerate(artists, 1)]
    return sample_table("Album", "AlbumId integer, Title varchar, ArtistId integer", rows)


def _tracks(words: Words) -> SampleTable:
    albums = sorted(words.covering(3503, 347))
    composers = words.words(850, 5)
    genre_of = {album: min(25, 1 + int(words.expovariate(0.25))) for album in range(1, 348)}
    genre_of |= {album: album for album in range(1, 26)}
    rows: list[tuple[Any, ...]] = []
    for number, album in enumerate(albums, 1):
        video = genre_of[album] in (18, 19, 20, 21, 22)
        medium = 3 if video else min(5, number) if number < 6 else words.choices([1, 2, 4, 5], [3034, 237, 7, 11])[0]
        length = words.randint(1_000_000, 3_000_000) if video else int(words.lognormvariate(12.4, 0.4))
        size = length * words.randint(25, 350)
        composer = words.maybe(0.72, words.choice(composers))
        price = "1.99" if video else "0.99"
        rows.append((number, words.title(), album, medium, genre_of[album], composer, length, size, price))
    columns = (
        "TrackId integer, Name varchar, AlbumId integer, MediaTypeId integer, GenreId integer, Composer varchar, "
        "Milliseconds integer, Bytes integer, UnitPrice decimal(10,2)"
    )
    return sample_table("Track", columns, rows)


def _playlist_tracks(words: Words, tracks: SampleTable) -> SampleTable:
    sizes = {9: 1, 11: 39, 12: 75, 13: 25, 14: 25, 15: 25, 16: 15, 17: 26, 18: 1, 5: 1477}
    music = [row[0] for row in tracks.rows if row[8] == "0.99"]
    video = [row[0] for row in tracks.rows if row[8] == "1.99"]
    lists = {1: music, 3: video, 8: music, 10: video}
    lists |= {number: sorted(words.sample(music, size)) for number, size in sizes.items()}
    rows = [(number, track) for number in sorted(lists) for track in lists[number]]
    return sample_table("PlaylistTrack", "PlaylistId integer, TrackId integer", rows)


def _employees(words: Words) -> SampleTable:
    titles = ["General Manager", "Sales Manager", *["Sales Support Agent"] * 3, "IT Manager", "IT Staff", "IT Staff"]
    chiefs = [None, 1, 2, 2, 2, 1, 6, 6]
    rows = []
    for number, (title, chief) in enumerate(zip(titles, chiefs, strict=True), 1):
        last, first = words.word(), words.word(2)
        city = "Edmonton" if number == 1 else "Lethbridge" if number > 6 else "Calgary"
        place = (words.address(), city, "AB", "Canada", words.postal_code(), words.phone(), words.phone())
        days = words.day("1947-09-19", 9000), words.day("2002-04-01", 700)
        rows.append((number, last, first, title, chief, *days, *place, f"{first.lower()}@chinookcorp.com"))
    columns = (
        "EmployeeId integer, LastName varchar, FirstName varchar, Title varchar, ReportsTo integer, "
        f"BirthDate timestamp, HireDate timestamp, {PERSON}, Email varchar"
    )
    return sample_table("Employee", columns, rows)


def _customers(words: Words) -> SampleTable:
    cities = {city: words.choice(COUNTRIES[:24]) for city in words.words(53)}
    rows = []
    for number in range(1, 60):
        first, last = words.word(2), words.word()
        city = list(cities)[number - 1] if number <= 53 else words.choice(list(cities))
        state = words.maybe(0.51, words.word(1).upper())
        place = (words.address(), city, state, cities[city], words.maybe(0.93, words.postal_code()))
        phones = words.maybe(0.98, words.phone()), words.maybe(0.2, words.phone())
        company = words.maybe(0.17, words.title(2))
        email = f"{first}.{last}@{words.word()}.com".lower()
        rows.append((number, first, last, company, *place, *phones, email, 3 + number % 3))
    columns = (
        f"CustomerId integer, FirstName varchar, LastName varchar, Company varchar, {PERSON}, Email varchar, "
        "SupportRepId integer"
    )
    return sample_table("Customer", columns, rows)


def _invoices(words: Words, customers: SampleTable, tracks: SampleTable) -> tuple[SampleTable, SampleTable]:
    """Billing places copy the customer's; a total is the sum of its lines."""
    people = [customer for customer in customers.rows for _ in range(7)][:412]
    words.shuffle(people)
    sizes = [words.choices([1, 2, 4, 6, 9, 14], [1, 2, 1, 1, 1, 1])[0] for _ in people]
    while sum(sizes) != 2240:
        place = words.randrange(412)
        sizes[place] = max(1, sizes[place] + (1 if sum(sizes) < 2240 else -1))
    bought = words.covering(2240, 3503, 1984)
    invoices: list[tuple[Any, ...]] = []
    lines: list[tuple[Any, ...]] = []
    day = dt.datetime(2009, 1, 1)
    for number, (person, size) in enumerate(zip(people, sizes, strict=True), 1):
        total = 0.0
        for track in sorted(bought[len(lines) : len(lines) + size]):
            price = tracks.rows[track - 1][8]
            total += float(price)
            lines.append((len(lines) + 1, number, track, price, 1))
        day += dt.timedelta(days=words.randint(0, 9))
        invoices.append((number, person[0], day, *person[4:9], f"{total:.2f}"))
    billing = ", ".join(f"Billing{name} varchar" for name in ("Address", "City", "State", "Country", "PostalCode"))
    columns = f"InvoiceId integer, CustomerId integer, InvoiceDate timestamp, {billing}, Total decimal(10,2)"
    line = "InvoiceLineId integer, InvoiceId integer, TrackId integer, UnitPrice decimal(10,2), Quantity integer"
    return sample_table("Invoice", columns, invoices), sample_table("InvoiceLine", line, lines)
