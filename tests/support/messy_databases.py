"""Databases as they are found: each with one kind of mess, small, the same each time, with its true foreign keys."""

from __future__ import annotations

import uuid

from tests.support.sample_databases import Reference, SampleDatabase, SampleTable, references, sample_table
from tests.support.sample_words import Words


def renamed_keys() -> SampleDatabase:
    """References whose names say nothing: only values that hardly anything else has tell where they lead."""
    words = Words(11)
    members = words.sample(range(10**6, 10**9), 120)
    depots = [str(uuid.UUID(int=words.getrandbits(128))) for _ in range(40)]
    wares = sorted({f"{words.word(2)[:3].upper()}-{words.randint(1000, 9999)}" for _ in range(90)})
    movements = [
        (place, words.choice(wares), words.choice(members), words.choice(depots), words.randint(1, 50))
        for place in range(5000, 5600)
    ]
    return SampleDatabase(
        (
            sample_table("members", "mno integer, called varchar", [(each, words.title(2)) for each in members]),
            sample_table("depots", "handle uuid, town varchar", [(each, words.word()) for each in depots]),
            sample_table("wares", "sku varchar, price decimal(9,2)", [(each, words.randint(1, 99)) for each in wares]),
            sample_table("movements", "seq integer, what varchar, who integer, place uuid, pieces integer", movements),
            sample_table(
                "vouchers", "issued_for integer, worth integer", [(words.choice(members), 5) for _ in range(70)]
            ),
        ),
        references(
            """
            movements(what) wares(sku)
            movements(who) members(mno)
            movements(place) depots(handle)
            vouchers(issued_for) members(mno)
            """
        ),
    )


def orphaned() -> SampleDatabase:
    """References of which some rows lead nowhere, because what they named was deleted, and some are NULL."""
    words = Words(12)
    customers = words.sample(range(10_000, 99_999), 300)
    gone = words.sample(customers, 5)
    kept = [(number, words.title(2)) for number in customers if number not in gone]
    orders = [
        (place, None if place % 50 == 0 else gone[place % 5] if place % 100 == 7 else words.choice(kept)[0])
        for place in range(1, 2001)
    ]
    return SampleDatabase(
        (
            sample_table("customers", "customer_id integer, name varchar", kept),
            sample_table("orders", "order_id integer, customer_id integer", orders),
        ),
        references("orders(customer_id) customers(customer_id)"),
    )


def drifted_copies() -> SampleDatabase:
    """Columns copied over a foreign key: one still equal everywhere, one that was changed at the source since."""
    words = Words(13)
    towns = words.words(40)
    customers = [(number, words.title(2), words.choice(towns), words.phone()) for number in range(101, 301)]
    bills = []
    for place in range(1, 3001):
        number, _, town, phone = words.choice(customers)
        was = words.choice(towns) if words.random() < 0.04 else town
        bills.append((place, number, was, phone, words.randint(1, 10**6)))
    return SampleDatabase(
        (
            sample_table("customer", "customer_no integer, name varchar, town varchar, phone varchar", customers),
            sample_table(
                "bill", "bill_no integer, customer_no integer, town varchar, phone varchar, cents integer", bills
            ),
        ),
        references("bill(customer_no) customer(customer_no)"),
    )


def split_by_year() -> SampleDatabase:
    """One table in four parts, by year, and what all parts refer to."""
    words = Words(14)
    shops = words.words(25)
    years = range(2021, 2025)
    parts = tuple(
        sample_table(
            f"sales_{year}",
            "sale_no integer, shop varchar, day date, cents integer",
            [
                (
                    year * 10_000 + place,
                    words.choice(shops),
                    words.day(f"{year}-01-01", 365).date(),
                    words.randint(1, 10**6),
                )
                for place in range(400)
            ],
        )
        for year in years
    )
    shop = sample_table(
        "shops", "shop varchar, opened date", [(name, words.day("2001-01-01", 5000).date()) for name in shops]
    )
    return SampleDatabase((shop, *parts), tuple(Reference(part.name, ("shop",), "shops", ("shop",)) for part in parts))


def mixed_types() -> SampleDatabase:
    """One key that is an integer here, text there and a decimal elsewhere."""
    words = Words(15)
    numbers = words.sample(range(1_000, 100_000), 150)
    return SampleDatabase(
        (
            sample_table("article", "article_id integer, name varchar", [(each, words.title(2)) for each in numbers]),
            sample_table("basket", "row_no integer, article varchar", enumerate(words.choices(numbers, k=700), 1)),
            sample_table(
                "refund", "cents integer, article_id bigint", [(7 * n, words.choice(numbers)) for n in range(300)]
            ),
        ),
        references(
            """
            basket(article) article(article_id)
            refund(article_id) article(article_id)
            """
        ),
    )


def empty_tables() -> SampleDatabase:
    """Half of the tables have no rows, one has only NULL, one has a single row."""
    words = Words(16)
    teams = [(number, words.word()) for number in range(31, 51)]
    return SampleDatabase(
        (
            sample_table("team", "team_id integer, name varchar", teams),
            sample_table(
                "player", "player_id integer, team_id integer", [(n, words.randint(31, 50)) for n in range(1, 200)]
            ),
            sample_table("trophy", "trophy_id integer, team_id integer", []),
            sample_table("coach", "coach_id integer, team_id integer", []),
            sample_table("injury", "player_id integer, team_id integer", [(None, None)] * 5),
            sample_table("league", "league_id integer, name varchar", [(1, "first")]),
        ),
        references("player(team_id) team(team_id)"),
    )


def composite_keys() -> SampleDatabase:
    """Keys of two and three columns, and what refers to them; each single column fits other keys too."""
    words = Words(17)
    lines = [
        (order, line, words.choice("ABCD")) for order in range(1, 301) for line in range(1, 1 + words.randint(1, 6))
    ]
    shipped = [(place, *words.choice(lines)[:2]) for place in range(1, 401)]
    seats = [(hall, row, seat, words.randint(5, 9)) for hall in "NSW" for row in range(1, 13) for seat in range(1, 21)]
    tickets = [(place, *words.choice(seats)[:3]) for place in range(9001, 9501)]
    return SampleDatabase(
        (
            sample_table("order_line", "order_no integer, line_no integer, grade varchar", lines),
            sample_table("shipment", "shipment_no integer, order_no integer, line_no integer", shipped),
            sample_table("seat", "hall varchar, line integer, number integer, price integer", seats),
            sample_table("ticket", "ticket_no integer, hall varchar, line integer, number integer", tickets),
        ),
        references(
            """
            shipment(order_no, line_no) order_line(order_no, line_no)
            ticket(hall, line, number) seat(hall, line, number)
            """
        ),
    )


def many_tables(count: int = 300) -> SampleDatabase:
    """As many tables as asked for, each but every third referring to one of those before it."""
    words = Words(18)
    tables: list[SampleTable] = []
    truth = []
    keys: list[list[int]] = []
    for place in range(count):
        name = f"t{place:03}"
        keys.append(words.sample(range(10**7, 10**8), 12))
        parent = words.randrange(place) if place % 3 else None
        rows = [(key, None if parent is None else words.choice(keys[parent])) for key in keys[place]]
        tables.append(sample_table(name, "id integer, parent integer", rows))
        if parent is not None:
            truth.append(Reference(name, ("parent",), f"t{parent:03}", ("id",)))
    return SampleDatabase(tuple(tables), tuple(truth))


def side_tables() -> SampleDatabase:
    """Tables of one key, row by row: all of a person's rows here, those of some there. The larger is referred to."""
    words = Words(19)
    people = words.sample(range(10**5, 10**6), 400)
    return SampleDatabase(
        (
            sample_table("person", "person_id integer, name varchar", [(each, words.title(2)) for each in people]),
            sample_table("passport", "person_id integer, code varchar", [(n, words.word(5)) for n in people[:250]]),
            sample_table(
                "visit",
                "day date, person_id integer",
                [(words.day("2020-01-01", 900).date(), words.choice(people)) for _ in range(900)],
            ),
        ),
        references(
            """
            passport(person_id) person(person_id)
            visit(person_id) person(person_id)
            """
        ),
    )
