"""A stand-in for Northwind, the trading company: its tables, columns, row counts and shapes, with made-up contents."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.support.sample_databases import SampleDatabase, SampleTable, references, sample_table
from tests.support.sample_words import COUNTRIES, Words, listed

REFERENCES = references(
    """
    EmployeeTerritories(EmployeeID) Employees(EmployeeID)
    EmployeeTerritories(TerritoryID) Territories(TerritoryID)
    Employees(ReportsTo) Employees(EmployeeID)
    Order Details(OrderID) Orders(OrderID)
    Order Details(ProductID) Products(ProductID)
    Orders(CustomerID) Customers(CustomerID)
    Orders(EmployeeID) Employees(EmployeeID)
    Orders(ShipVia) Shippers(ShipperID)
    Products(CategoryID) Categories(CategoryID)
    Products(SupplierID) Suppliers(SupplierID)
    Territories(RegionID) Region(RegionID)
    """
)
CATEGORIES = listed("Beverages Condiments Confections Dairy Grains Meat Produce Seafood")
PLACE = "Address varchar, City varchar, Region varchar, PostalCode varchar, Country varchar"
CHIEFS = (2, None, 2, 2, 2, 5, 5, 2, 5)
TERRITORIES_OF = (2, 7, 4, 3, 7, 5, 10, 4, 7)


def northwind(seed: int = 1) -> SampleDatabase:
    """Return the stand-in: 13 tables, two of them empty, 11 foreign keys."""
    words = Words(seed)
    cities = [(city, words.maybe(0.4, words.word(1).upper()), words.choice(COUNTRIES)) for city in words.words(69)]
    customers, products = _customers(words, cities), _products(words)
    territories = _territories(words)
    shippers = [(1, "Speedy Express"), (2, "United Package"), (3, "Federal Shipping")]
    regions = enumerate(["Eastern", "Western", "Northern", "Southern"], 1)
    categories = [(number, name, words.title(), words.randbytes(20).hex()) for number, name in enumerate(CATEGORIES, 1)]
    return SampleDatabase(
        (
            sample_table(
                "Categories",
                "CategoryID integer, CategoryName varchar, Description varchar, Picture varchar",
                categories,
            ),
            sample_table("CustomerCustomerDemo", "CustomerID varchar, CustomerTypeID varchar", []),
            sample_table("CustomerDemographics", "CustomerTypeID varchar, CustomerDesc varchar", []),
            customers,
            _employees(words, cities),
            _employee_territories(words, territories),
            *_orders(words, customers, products),
            products,
            sample_table("Region", "RegionID integer, RegionDescription varchar", regions),
            sample_table(
                "Shippers",
                "ShipperID integer, CompanyName varchar, Phone varchar",
                [(*each, words.phone()) for each in shippers],
            ),
            _suppliers(words, cities),
            territories,
        ),
        REFERENCES,
    )


def _place(words: Words, cities: list[Any]) -> tuple[str | None, ...]:
    city, region, country = words.choice(cities)
    return words.address(), city, region, words.maybe(0.99, words.postal_code()), country


def _contact(words: Words) -> tuple[str, str, str]:
    titles = ["Sales Representative", "Owner", "Marketing Manager", "Accounting Manager", "Sales Agent", "Order Clerk"]
    return words.title(2), f"{words.word(2)} {words.word()}", words.choice(titles)


def _customers(words: Words, cities: list[Any]) -> SampleTable:
    codes = sorted({word[:5].upper() for word in words.words(400, 4) if len(word) >= 5})
    rows = [
        (code, *_contact(words), *_place(words, cities), words.phone(), words.maybe(0.75, words.phone()))
        for code in sorted(words.sample(codes, 91))
    ]
    columns = (
        "CustomerID varchar, CompanyName varchar, ContactName varchar, ContactTitle varchar, "
        f"{PLACE}, Phone varchar, Fax varchar"
    )
    return sample_table("Customers", columns, rows)


def _suppliers(words: Words, cities: list[Any]) -> SampleTable:
    rows = []
    for number in range(1, 30):
        phones = words.phone(), words.maybe(0.45, words.phone()), words.maybe(0.17, f"#{words.word()}")
        rows.append((number, *_contact(words), *_place(words, cities), *phones))
    columns = (
        "SupplierID integer, CompanyName varchar, ContactName varchar, ContactTitle varchar, "
        f"{PLACE}, Phone varchar, Fax varchar, HomePage varchar"
    )
    return sample_table("Suppliers", columns, rows)


def _employees(words: Words, cities: list[Any]) -> SampleTable:
    titles = ["Sales Representative"] * 9
    titles[1], titles[4], titles[7] = "Vice President, Sales", "Sales Manager", "Inside Sales Coordinator"
    rows = []
    for number, (title, chief) in enumerate(zip(titles, CHIEFS, strict=True), 1):
        names = words.word(), words.word(2), title, words.choice(["Ms.", "Dr.", "Mrs.", "Mr."])
        days = words.day("1937-09-19", 10_000), words.day("1992-04-01", 900)
        phone, extension = words.phone(), str(words.randint(400, 5999))
        photo, notes = words.randbytes(20).hex(), words.title(12)
        place = _place(words, cities[:5])
        rows.append((number, *names, *days, *place, phone, extension, photo, notes, chief, f"http://x/{number}.bmp"))
    columns = (
        "EmployeeID integer, LastName varchar, FirstName varchar, Title varchar, TitleOfCourtesy varchar, "
        f"BirthDate date, HireDate date, {PLACE}, HomePhone varchar, Extension varchar, Photo varchar, Notes varchar, "
        "ReportsTo integer, PhotoPath varchar"
    )
    return sample_table("Employees", columns, rows)


def _territories(words: Words) -> SampleTable:
    codes = sorted(words.sample(range(1500, 98200), 53))
    names = words.words(52)
    rows = [
        (f"{code:05}", names[min(place, 51)], 1 + place // 20 if place < 40 else words.choice([2, 3, 4]))
        for place, code in enumerate(codes)
    ]
    return sample_table("Territories", "TerritoryID varchar, TerritoryDescription varchar, RegionID integer", rows)


def _employee_territories(words: Words, territories: SampleTable) -> SampleTable:
    codes = words.sample([row[0] for row in territories.rows], sum(TERRITORIES_OF))
    rows = [(employee, codes.pop()) for employee, count in enumerate(TERRITORIES_OF, 1) for _ in range(count)]
    return sample_table("EmployeeTerritories", "EmployeeID integer, TerritoryID varchar", rows)


def _products(words: Words) -> SampleTable:
    suppliers, categories = words.covering(77, 29), words.covering(77, 8)
    rows = []
    for number, (supplier, category) in enumerate(zip(suppliers, categories, strict=True), 1):
        stock = words.choice([0, 0, *range(3, 126)])
        coming = words.choice([0] * 8 + [10, 20, 30, 40, 50, 60, 70, 80, 100])
        limit, price = words.choice([0, 0, 5, 10, 15, 20, 25, 30]), f"{words.lognormvariate(3, 0.8):.2f}"
        quantity = f"{words.randint(10, 48)} - {words.choice(['12', '250', '500'])} g {words.choice(['pkgs.', 'jars'])}"
        gone = int(words.random() < 0.1)
        rows.append((number, words.title(2), supplier, category, quantity, price, stock, coming, limit, gone))
    columns = (
        "ProductID integer, ProductName varchar, SupplierID integer, CategoryID integer, QuantityPerUnit varchar, "
        "UnitPrice decimal(10,2), UnitsInStock smallint, UnitsOnOrder smallint, ReorderLevel smallint, "
        "Discontinued tinyint"
    )
    return sample_table("Products", columns, rows)


def _orders(words: Words, customers: SampleTable, products: SampleTable) -> tuple[SampleTable, SampleTable]:
    """Ship places copy the customer's but for a few; prices the product's, or four fifths of it in early orders."""
    orders, details = [], []
    sizes = [1] * 830
    for place in words.choices(range(830), k=2155 - 830):
        sizes[place] += 1
    day = dt.date(1996, 7, 4)
    for number, (place, size) in enumerate(zip(words.covering(830, 91, 89), sizes, strict=True), 10248):
        customer = customers.rows[place - 1]
        employee, shipper = 1 + number * 7 % 9, words.choice([1, 2, 2, 3])
        shipped = day + dt.timedelta(days=words.randint(1, 30)) if words.random() < 0.975 else None
        name = customer[1] if words.random() < 0.98 else f"{customer[1]} Ltd."
        street = customer[4] if words.random() < 0.97 else words.address()
        dates = day, day + dt.timedelta(days=words.choice([28, 28, 28, 28, 14, 42])), shipped
        freight = f"{words.lognormvariate(3.5, 1.2):.2f}"
        orders.append((number, customer[0], employee, *dates, shipper, freight, name, street, *customer[5:9]))
        day += dt.timedelta(days=words.choice([0, 1, 1, 1]))
        for product in words.sample(range(1, 78), size):
            price = float(products.rows[product - 1][5]) * (0.8 if number < 10530 else 1)
            amount = words.choice([*range(1, 41), *range(5, 65, 5), 77, 80, 100, 120, 130])
            details.append(
                (number, product, f"{price:.2f}", amount, words.choice([0, 0, 0, 0.05, 0.1, 0.15, 0.2, 0.25]))
            )
    columns = (
        "OrderID integer, CustomerID varchar, EmployeeID integer, OrderDate date, RequiredDate date, ShippedDate date, "
        "ShipVia integer, Freight decimal(10,2), ShipName varchar, ShipAddress varchar, ShipCity varchar, "
        "ShipRegion varchar, ShipPostalCode varchar, ShipCountry varchar"
    )
    detail = "OrderID integer, ProductID integer, UnitPrice decimal(10,2), Quantity smallint, Discount real"
    return sample_table("Orders", columns, orders), sample_table("Order Details", detail, details)
