"""Words in the names of columns and tables: English, German, French, Spanish, in small letters without accents."""

from __future__ import annotations


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


ID_WORDS = _words(
    "id ids key keys no nr num number code uuid guid uid oid fk pk sk bk ref reference identifier index idx",
    "kennung nummer schluessel kz numero cle clef codigo cod clave",
)
"""They say that a column identifies or refers, and not to what."""

ID_ENDINGS = ("nummer", "numero", "number", "guid", "uuid", "key", "ref", "num", "id", "no", "nr", "fk", "sk")
"""Those that are also written together with the word before them: ``custkey``, ``albumid``."""

TABLE_WORDS = _words("dim fact fct tbl tab tb t lkp lookup ref stg table d f")
"""What tables' names begin with that says nothing of the rows."""

PLAIN = _words("name title description type status text value note comment remarks label date nom titel libelle nombre")
"""Columns that are named alike in tables that have nothing to do with each other."""

PEOPLE = _words(
    "employee staff person people user worker member contact account agent",
    "mitarbeiter personal personne employe empleado usuario benutzer angestellter",
)
"""Tables of people."""

ROLES = _words(
    "rep representative salesperson salesman seller clerk manager mgr boss supervisor chief head lead owner author",
    "creator editor approver assignee responsible handler operator agent reviewer reporter by teacher instructor",
    "sender receiver recipient buyer vendor user verkaeufer bearbeiter leiter betreuer vendeur gerant",
    "responsable vendedor jefe",
)
"""What people are to something else."""

ABOVE = _words(
    "parent reports manager mgr boss supervisor super superior chief head previous prev predecessor next successor",
    "original root base master replaces replaced vorgesetzter chef vater eltern ober uebergeordnet superieur pere",
    "parente superviseur padre jefe",
)
"""Columns that refer to another row of their own table."""
