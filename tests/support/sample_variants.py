"""The sample databases under other habits of naming, which must not matter."""

from __future__ import annotations

import re

from tests.support.sample_chinook import chinook
from tests.support.sample_databases import SampleDatabase
from tests.support.sample_northwind import northwind
from tests.support.sample_sakila import sakila

SHORT_PARTS = {
    "customer": "cust",
    "address": "addr",
    "language": "lang",
    "category": "cat",
    "inventory": "inv",
    "country": "ctry",
    "manager": "mgr",
    "payment": "pay",
    "rental": "rent",
    "original": "orig",
    "description": "descr",
    "replacement": "repl",
}
SHORT_KEYS = {"film_id": "fid", "actor_id": "aid", "store_id": "sid", "manager_staff_id": "mgr_id"}
GERMAN_TABLES = {
    "Categories": "kategorie",
    "CustomerCustomerDemo": "kunde_merkmal",
    "CustomerDemographics": "merkmal",
    "Customers": "kunde",
    "Employees": "mitarbeiter",
    "EmployeeTerritories": "mitarbeiter_gebiet",
    "Order Details": "bestellposition",
    "Orders": "bestellung",
    "Products": "artikel",
    "Region": "region",
    "Shippers": "spediteur",
    "Suppliers": "lieferant",
    "Territories": "gebiet",
}
GERMAN_KEYS = {
    "CategoryID": "kategorie",
    "CustomerID": "kunde",
    "EmployeeID": "mitarbeiter",
    "OrderID": "bestellung",
    "ProductID": "artikel",
    "RegionID": "region",
    "ShipperID": "spediteur",
    "SupplierID": "lieferant",
    "TerritoryID": "gebiet",
}
GERMAN_COLUMNS = {
    "ReportsTo": "vorgesetzter",
    "ShipVia": "versand_durch",
    "Quantity": "menge",
    "UnitPrice": "einzelpreis",
    "Discount": "rabatt",
    "UnitsInStock": "bestand",
    "UnitsOnOrder": "bestellt",
    "ReorderLevel": "mindestbestand",
    "City": "ort",
    "Country": "land",
    "Phone": "telefon",
}


def snake(name: str) -> str:
    """Return a name in small letters with underscores: ``InvoiceLine`` as ``invoice_line``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).replace(" ", "_").lower()


def snake_chinook() -> SampleDatabase:
    """Chinook in small letters with underscores."""
    return chinook().renamed(snake, lambda table, column: snake(column))


def plural_chinook() -> SampleDatabase:
    """Chinook with tables in the plural and keys called ``id``: ``albums.artist_id`` refers to ``artists.id``."""

    def column(table: str, name: str) -> str:
        return "id" if name == f"{table}Id" else snake(name)

    return chinook().renamed(lambda table: f"{snake(table)}s", column)


def upper_northwind() -> SampleDatabase:
    """Northwind in capitals, as old systems have it."""
    return northwind().renamed(str.upper, lambda table, column: column.upper())


def short_sakila() -> SampleDatabase:
    """Sakila with all columns shortened: ``cust_id``, ``fid``, ``mgr_id``."""

    def column(table: str, name: str) -> str:
        parts = (SHORT_PARTS.get(part, part) for part in name.split("_"))
        return SHORT_KEYS.get(name) or "_".join(parts)

    return sakila().renamed(str, column)


def german_northwind() -> SampleDatabase:
    """Northwind in German: ``bestellung.kunde`` refers to ``kunde.kunde_id``."""

    def column(table: str, name: str) -> str:
        german = GERMAN_KEYS.get(name)
        if german is None:
            return GERMAN_COLUMNS.get(name, snake(name))
        return f"{german}_id" if german == GERMAN_TABLES[table] else german

    return northwind().renamed(GERMAN_TABLES.__getitem__, column)
