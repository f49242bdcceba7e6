"""A stand-in for Sakila, the DVD rental: its tables, columns, row counts and shapes, with made-up contents."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.support.sample_databases import SampleDatabase, SampleTable, references, sample_table
from tests.support.sample_words import Words, listed

REFERENCES = references(
    """
    address(city_id) city(city_id)
    city(country_id) country(country_id)
    customer(address_id) address(address_id)
    customer(store_id) store(store_id)
    film(language_id) language(language_id)
    film_actor(actor_id) actor(actor_id)
    film_actor(film_id) film(film_id)
    film_category(category_id) category(category_id)
    film_category(film_id) film(film_id)
    inventory(film_id) film(film_id)
    inventory(store_id) store(store_id)
    payment(customer_id) customer(customer_id)
    payment(rental_id) rental(rental_id)
    payment(staff_id) staff(staff_id)
    rental(customer_id) customer(customer_id)
    rental(inventory_id) inventory(inventory_id)
    rental(staff_id) staff(staff_id)
    staff(address_id) address(address_id)
    staff(store_id) store(store_id)
    store(address_id) address(address_id)
    store(manager_staff_id) staff(staff_id)
    """
)
"""As declared: film_text, the copy kept for searches, refers to no film."""

LANGUAGES = ["English", "Italian", "Japanese", "Mandarin", "French", "German"]
CATEGORIES = listed(
    "Action Animation Children Classics Comedy Documentary Drama Family Foreign Games Horror "
    "Music New Sci-Fi Sports Travel"
)
ADDRESSES = [number for number in range(1, 606) if number not in (98, 331)]
FEATURES = ["Trailers", "Commentaries", "Deleted Scenes", "Behind the Scenes"]


def sakila(seed: int = 1) -> SampleDatabase:
    """Return the stand-in: 16 tables, 21 foreign keys."""
    words = Words(seed)
    actors = ((number, words.word(2).upper(), words.word().upper(), "2006-02-15 04:34:33") for number in range(1, 201))
    films = _films(words)
    text = [(film[0], film[1], film[2]) for film in films.rows]
    rented = _rented(words, films)
    return SampleDatabase(
        (
            sample_table(
                "actor",
                "actor_id smallint, first_name varchar, last_name varchar, last_update timestamp",
                actors,
            ),
            *_places(words),
            _named("category", CATEGORIES, "2006-02-15 04:46:27"),
            _customers(words),
            films,
            _film_actors(words),
            sample_table(
                "film_category",
                "film_id smallint, category_id tinyint, last_update timestamp",
                [
                    (number, category, "2006-02-15 05:07:09")
                    for number, category in enumerate(words.covering(1000, 16), 1)
                ],
            ),
            sample_table("film_text", "film_id smallint, title varchar, description varchar", text),
            *rented,
            _named("language", LANGUAGES, "2006-02-15 05:02:19"),
            *_staff_and_stores(),
        ),
        REFERENCES,
    )


def _named(table: str, names: list[str], updated: str) -> SampleTable:
    columns = f"{table}_id tinyint, name varchar, last_update timestamp"
    return sample_table(table, columns, [(number, name, updated) for number, name in enumerate(names, 1)])


def _places(words: Words) -> tuple[SampleTable, SampleTable, SampleTable]:
    """605 addresses less two; the first four are those of the stores and the staff, in two cities."""
    countries = [(number, name, "2006-02-15 04:44:00") for number, name in enumerate(sorted(words.words(109)), 1)]
    cities = [
        (number, name, country, "2006-02-15 04:45:25")
        for number, (name, country) in enumerate(
            zip(sorted(words.words(600)), words.covering(600, 109), strict=True), 1
        )
    ]
    others = [number for number in range(1, 601) if number not in (300, 576)] + [312]
    words.shuffle(others)
    city_of = dict(zip(ADDRESSES, [300, 576, 300, 576, *others], strict=True))
    districts = words.words(378)
    addresses = [
        (
            number,
            words.address(),
            None if number <= 4 else "",
            words.choice(districts),
            city,
            "" if number <= 4 else words.postal_code(),
            "" if number in (1, 2) else str(words.randrange(10**10, 10**12)),
            "2006-02-15 04:45:30",
        )
        for number, city in city_of.items()
    ]
    columns = (
        "address_id smallint, address varchar, address2 varchar, district varchar, city_id smallint, "
        "postal_code varchar, phone varchar, last_update timestamp"
    )
    return (
        sample_table("address", columns, addresses),
        sample_table("city", "city_id smallint, city varchar, country_id smallint, last_update timestamp", cities),
        sample_table("country", "country_id smallint, country varchar, last_update timestamp", countries),
    )


def _customers(words: Words) -> SampleTable:
    rows = []
    for number, address in enumerate(ADDRESSES[4:], 1):
        first, last = words.word(2).upper(), words.word().upper()
        email = f"{first}.{last}@sakilacustomer.org"
        made = "2006-02-14 22:04:36" if number < 320 else "2006-02-14 22:04:37"
        store, active = words.choices([1, 2], [326, 273])[0], int(words.random() < 0.975)
        rows.append((number, store, first, last, email, address, active, made, "2006-02-15 04:57:20"))
    columns = (
        "customer_id smallint, store_id tinyint, first_name varchar, last_name varchar, email varchar, "
        "address_id smallint, active tinyint, create_date timestamp, last_update timestamp"
    )
    return sample_table("customer", columns, rows)


def _films(words: Words) -> SampleTable:
    rows = []
    for number in range(1, 1001):
        title = f"{words.word(3)} {words.word(3)}".upper()
        features = ",".join(feature for feature in FEATURES if words.random() < 0.5) or "Trailers"
        price, length = words.choice(["0.99", "2.99", "4.99"]), words.randint(46, 185)
        cost, rating = f"{words.randint(9, 29)}.99", words.choice(["G", "PG", "PG-13", "R", "NC-17"])
        fixed = (number, title, words.title(9), 2006, 1, None, words.randint(3, 7))
        rows.append((*fixed, price, length, cost, rating, features, "2006-02-15 05:03:42"))
    columns = (
        "film_id smallint, title varchar, description varchar, release_year smallint, language_id tinyint, "
        "original_language_id tinyint, rental_duration tinyint, rental_rate decimal(4,2), length smallint, "
        "replacement_cost decimal(5,2), rating varchar, special_features varchar, last_update timestamp"
    )
    return sample_table("film", columns, rows)


def _film_actors(words: Words) -> SampleTable:
    films = [film for film in range(1, 1001) if film not in (257, 323, 803)]
    pairs = {(1 + film % 200, film) for film in films}
    while len(pairs) < 5462:
        pairs.add((words.randint(1, 200), words.choice(films)))
    rows = [(*pair, "2006-02-15 05:05:03") for pair in sorted(pairs)]
    return sample_table("film_actor", "actor_id smallint, film_id smallint, last_update timestamp", rows)


def _rented(words: Words, films: SampleTable) -> tuple[SampleTable, SampleTable, SampleTable]:
    """What is held, rented and paid: a payment has its rental's customer and day, the staff of either is its own."""
    held = sorted(words.covering(4581, 1000, 958))
    inventory = [(number, film, words.randint(1, 2), "2006-02-15 05:09:17") for number, film in enumerate(held, 1)]
    customers, items = words.covering(16044, 599), words.covering(16044, 4581, 4580)
    numbers = sorted([1, *words.sample(range(2, 16049), 16042), 16049])
    rentals: list[tuple[Any, ...]] = []
    payments: list[tuple[Any, ...]] = []
    day = dt.datetime(2005, 5, 24, 22, 53, 30)
    for number, customer, item in zip(numbers, customers, items, strict=True):
        day += dt.timedelta(seconds=words.randint(1, 900))
        back = day + dt.timedelta(minutes=words.randint(1000, 14000)) if words.random() < 0.9886 else None
        updated = "2006-02-15 21:30:53" if words.random() < 0.999 else "2006-02-23 04:12:08"
        rentals.append((number, day, item, customer, back, words.randint(1, 2), updated))
        amount = f"{float(films.rows[held[item - 1] - 1][7]) + words.choice([0, 0, 0, 1, 2, 3]):.2f}"
        payments.append((customer, number, amount, day))
    payments += [(customer, None, "1.99", payments[customer][3]) for customer in (16, 259, 401, 546, 577)]
    payments.sort(key=lambda payment: payment[0])
    paid = [
        (
            place,
            customer,
            words.randint(1, 2),
            rental,
            amount,
            made,
            f"2006-02-15 22:{12 + place // 800}:{place // 300:02}",
        )
        for place, (customer, rental, amount, made) in enumerate(payments, 1)
    ]
    return (
        sample_table(
            "inventory", "inventory_id integer, film_id smallint, store_id tinyint, last_update timestamp", inventory
        ),
        sample_table(
            "rental",
            "rental_id integer, rental_date timestamp, inventory_id integer, customer_id smallint, "
            "return_date timestamp, staff_id tinyint, last_update timestamp",
            rentals,
        ),
        sample_table(
            "payment",
            "payment_id smallint, customer_id smallint, staff_id tinyint, rental_id integer, amount decimal(5,2), "
            "payment_date timestamp, last_update timestamp",
            paid,
        ),
    )


def _staff_and_stores() -> tuple[SampleTable, SampleTable]:
    """Each store is led by one of its staff."""
    secret = "8cb2237d0679ca88db6464eac60da96345513964"
    staff = [
        (1, "Ada", "Stone", 3, "89504e47", "Ada.Stone@sakilastaff.com", 1, 1, "Ada", secret, "2006-02-15 03:57:16"),
        (2, "Bo", "Reed", 4, None, "Bo.Reed@sakilastaff.com", 2, 1, "Bo", None, "2006-02-15 03:57:16"),
    ]
    columns = (
        "staff_id tinyint, first_name varchar, last_name varchar, address_id smallint, picture varchar, email varchar, "
        "store_id tinyint, active tinyint, username varchar, password varchar, last_update timestamp"
    )
    stores = [(1, 1, 1, "2006-02-15 04:57:12"), (2, 2, 2, "2006-02-15 04:57:12")]
    store = "store_id tinyint, manager_staff_id tinyint, address_id smallint, last_update timestamp"
    return sample_table("staff", columns, staff), sample_table("store", store, stores)
