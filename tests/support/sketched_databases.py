"""Databases sketched in a few lines each: common schemas that others teach and build with, filled by chance.

A line, with those that follow it indented, is a table: its name, its rows, and its columns, of which each is one of

- ``x id`` numbers from 1, in order; ``x id 100`` from 100 on;
- ``x sparse`` different numbers of eight digits; ``x code A 3`` codes of a letter and three digits;
- ``x to table.y`` one of the values of another column, ``x to table.y 0.3`` and NULL in three of ten rows;
- ``x int 0 9``, ``x money``, ``x text 3``, ``x day``, ``x flag``, ``x of a b c`` noise.
"""

from __future__ import annotations

from typing import Any

from tests.support.sample_databases import Reference, SampleDatabase, SampleTable
from tests.support.sample_words import Words

HUMAN_RESOURCES = """
regions 4: region_id id | region_name text 1
countries 25: country_id code C 1 | country_name text 1 | region_id to regions.region_id
locations 23: location_id id 1000 | street_address text 3 | postal_code text 1 | city text 1
  | country_id to countries.country_id
departments 27: department_id id 10 | department_name text 2 | manager_id to employees.employee_id 0.6
  | location_id to locations.location_id
jobs 19: job_id code J 4 | job_title text 2 | min_salary int 2000 20000 | max_salary int 5000 40000
employees 107: employee_id id 100 | first_name text 1 | last_name text 1 | email text 1 | hire_date day
  | job_id to jobs.job_id | salary int 2100 24000 | commission_pct of 0.1 0.2 0.3
  | manager_id to employees.employee_id 0.01 | department_id to departments.department_id 0.01
job_history 10: employee_id to employees.employee_id | start_date day | end_date day | job_id to jobs.job_id
  | department_id to departments.department_id
"""

QUESTIONS = """
Users 700: Id id | Reputation int 1 9000 | CreationDate day | DisplayName text 2 | Views int 0 300
  | UpVotes int 0 500 | DownVotes int 0 40 | AccountId sparse
Posts 2500: Id id | PostTypeId of 1 2 | ParentId to Posts.Id 0.45 | AcceptedAnswerId to Posts.Id 0.75
  | OwnerUserId to Users.Id 0.02 | LastEditorUserId to Users.Id 0.5 | Score int -5 60 | ViewCount int 3 9000
  | AnswerCount int 0 12 | CommentCount int 0 20 | Title text 5
Comments 3000: Id id | PostId to Posts.Id | UserId to Users.Id 0.02 | Score int 0 20 | Text text 9 | CreationDate day
Votes 4000: Id id | PostId to Posts.Id | VoteTypeId of 1 2 3 5 6 8 | UserId to Users.Id 0.9
  | BountyAmount of 50 100 200
Badges 1500: Id id | UserId to Users.Id | Name text 1 | Class int 1 3 | Date day
Tags 120: Id id | TagName text 1 | Count int 1 900 | ExcerptPostId to Posts.Id 0.3 | WikiPostId to Posts.Id 0.3
PostTags 3000: PostId to Posts.Id | TagId to Tags.Id
PostLinks 300: Id id | PostId to Posts.Id | RelatedPostId to Posts.Id | LinkTypeId of 1 3
"""

BLOG = """
wp_users 40: ID id | user_login text 1 | user_email text 2 | user_status int 0 0 | user_registered day
wp_posts 600: ID id | post_author to wp_users.ID | post_date day | post_title text 4
  | post_status of publish draft | menu_order int 0 5 | comment_count int 0 9
wp_postmeta 1500: meta_id id | post_id to wp_posts.ID | meta_key text 1 | meta_value text 2
wp_usermeta 300: umeta_id id | user_id to wp_users.ID | meta_key text 1 | meta_value text 2
wp_comments 900: comment_ID id | comment_post_ID to wp_posts.ID | comment_author text 2 | comment_date day
  | comment_karma int 0 9 | comment_approved of 0 1
wp_commentmeta 200: meta_id id | comment_id to wp_comments.comment_ID | meta_key text 1 | meta_value text 1
wp_terms 60: term_id id | name text 1 | slug text 1 | term_group int 0 3
wp_term_taxonomy 60: term_taxonomy_id id | term_id to wp_terms.term_id | taxonomy of category tag
  | description text 4 | count int 0 50
wp_term_relationships 1200: object_id to wp_posts.ID | term_taxonomy_id to wp_term_taxonomy.term_taxonomy_id
  | term_order int 0 0
"""

MOVIES = """
kind_type 7: id id | kind text 1
title 1800: id id | title text 3 | kind_id to kind_type.id | production_year int 1930 2012 | season_nr int 1 20
  | episode_nr int 1 90
name 1300: id id | name text 2 | gender of m f | imdb_index of I II III
char_name 900: id id | name text 2
role_type 12: id id | role text 1
cast_info 6000: id id | person_id to name.id | movie_id to title.id | person_role_id to char_name.id 0.5
  | nr_order int 1 60 | role_id to role_type.id
company_name 350: id id | name text 2 | country_code of [us] [de] [fr] [gb]
company_type 4: id id | kind text 2
movie_companies 2200: id id | movie_id to title.id | company_id to company_name.id
  | company_type_id to company_type.id | note text 2
info_type 113: id id | info text 2
movie_info 5000: id id | movie_id to title.id | info_type_id to info_type.id | info text 2
person_info 2500: id id | person_id to name.id | info_type_id to info_type.id | info text 3
keyword 800: id id | keyword text 1 | phonetic_code text 1
movie_keyword 3500: id id | movie_id to title.id | keyword_id to keyword.id
aka_name 500: id id | person_id to name.id | name text 2
link_type 18: id id | link text 2
movie_link 400: id id | movie_id to title.id | linked_movie_id to title.id | link_type_id to link_type.id
"""

UNIVERSITY = """
department 20: dept_name text 1 | building text 1 | budget money
course 200: course_id code K 5 | title text 3 | dept_name to department.dept_name | credits int 3 4
instructor 50: ID code P 5 | name text 1 | dept_name to department.dept_name | salary money
student 800: ID code S 6 | name text 1 | dept_name to department.dept_name | tot_cred int 0 130
advisor 800: s_ID to student.ID | i_ID to instructor.ID
prereq 90: course_id to course.course_id | prereq_id to course.course_id
takes 4000: ID to student.ID | course_id to course.course_id | semester of Fall Spring | year int 2001 2010
  | grade of A B C
"""

SHOP = """
tbl_kunden 300: KundenNr id 10001 | Nachname text 1 | Vorname text 1 | PLZ int 1000 99999 | Ort text 1
tbl_artikel 150: ArtikelNr sparse | Bezeichnung text 3 | Preis money | Lagerbestand int 0 200
  | LieferantNr to tbl_lieferanten.LieferantNr
tbl_lieferanten 20: LieferantNr id 500 | Firma text 2
tbl_bestellungen 900: BestellNr id 70001 | KundenNr to tbl_kunden.KundenNr | Datum day
  | Verkaeufer to tbl_personal.PersNr
tbl_positionen 2500: BestellNr to tbl_bestellungen.BestellNr | PosNr int 1 9
  | ArtikelNr to tbl_artikel.ArtikelNr | Menge int 1 20 | Einzelpreis money
tbl_personal 15: PersNr id | Name text 1 | Vorgesetzter to tbl_personal.PersNr 0.1
tbl_rechnungen 850: RechnungsNr id 30001 | BestellNr to tbl_bestellungen.BestellNr | Betrag money | Bezahlt flag
"""

WAREHOUSE = """
dim_date 900: date_key sparse | day day | month int 1 12 | quarter int 1 4 | year int 2019 2021
dim_customer 400: customer_key id | customer_code code C 6 | name text 2 | segment of A B C
dim_product 250: product_key id | sku code P 6 | name text 2 | brand text 1
dim_store 30: store_key id | name text 1 | sqm int 50 2000
dim_promotion 12: promotion_key id | name text 2 | discount int 5 50
fact_sales 6000: order_date_key to dim_date.date_key | ship_date_key to dim_date.date_key 0.02
  | customer_key to dim_customer.customer_key | product_key to dim_product.product_key
  | store_key to dim_store.store_key | promotion_key to dim_promotion.promotion_key 0.6 | quantity int 1 12
  | amount money | line_number int 1 9
fact_inventory 3000: date_key to dim_date.date_key | product_key to dim_product.product_key
  | store_key to dim_store.store_key | on_hand int 0 250
"""

SKETCHES = {
    "human resources": HUMAN_RESOURCES,
    "questions": QUESTIONS,
    "blog": BLOG,
    "movies": MOVIES,
    "university": UNIVERSITY,
    "shop": SHOP,
    "warehouse": WAREHOUSE,
}
TYPES = {
    "text": "varchar",
    "code": "varchar",
    "of": "varchar",
    "day": "date",
    "money": "decimal(9,2)",
    "flag": "boolean",
}


def sketched(text: str, seed: int = 1) -> SampleDatabase:
    """Return the database of a sketch."""
    words = Words(seed)
    lines = [line.split(": ", 1) for line in filter(None, text.replace("\n  |", " |").splitlines())]
    parts: dict[tuple[str, str], list[Any]] = {}
    kinds: dict[tuple[str, str], str] = {}
    waiting = []
    truth = []
    for head, body in lines:
        table, rows = head.split()
        for column in body.split(" | "):
            name, kind, *given = column.split()
            parts[table, name] = []
            if kind == "to":
                other, key = given[0].split(".")
                truth.append(Reference(table, (name,), other, (key,)))
                waiting.append(((table, name), (other, key), int(rows), float(given[1]) if given[1:] else 0.0))
            else:
                kinds[table, name] = TYPES.get(kind, "integer")
                parts[table, name] = _values(words, kind, given, int(rows))
    for place, target, count, nulls in waiting:
        kinds[place] = kinds.get(target, "integer")
        drawn = words.choices(parts[target], k=count)
        parts[place] = [None if words.random() < nulls else value for value in drawn]
    tables = []
    for head, _ in lines:
        name = head.split()[0]
        columns = [column for table, column in parts if table == name]
        filled = list(zip(*(parts[name, column] for column in columns), strict=True))
        tables.append(SampleTable(name, tuple((column, kinds[name, column]) for column in columns), filled))
    return SampleDatabase(tuple(tables), tuple(truth))


def _values(words: Words, kind: str, given: list[str], rows: int) -> list[Any]:
    if kind == "id":
        first = int(given[0]) if given else 1
        return list(range(first, first + rows))
    if kind == "sparse":
        return words.sample(range(10**7, 10**8), rows)
    if kind == "code":
        width = int(given[1])
        if width == 1:
            return [f"{given[0]}{chr(65 + place)}" for place in range(rows)]
        return [f"{given[0]}{number:0{width}}" for number in words.sample(range(10**width), rows)]
    if kind == "int":
        return [words.randint(int(given[0]), int(given[1])) for _ in range(rows)]
    if kind == "of":
        return words.choices(given, k=rows)
    if kind == "text":
        return words.words(rows) if given == ["1"] else [words.title(int(given[0])) for _ in range(rows)]
    if kind == "day":
        return [words.day("2015-01-01", 1500).date() for _ in range(rows)]
    if kind == "money":
        return [f"{words.lognormvariate(4, 1):.2f}" for _ in range(rows)]
    return words.choices(["true", "false"], k=rows)
