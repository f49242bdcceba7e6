"""Workbooks, by python-calamine: the sheet that is meant, and what its XML says that cells do not."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from typing import Any, NamedTuple
from xml.etree import ElementTree

from colprofile.errors import ArgumentError, MissingExtra, SourceError, did_you_mean, shorten

_CHUNK = 1 << 20


class ChosenSheet(NamedTuple):
    """A sheet of a workbook, and the names of the others."""

    sheet: Any
    others: Sequence[str]


class CellFlaws(NamedTuple):
    """How many cells hold an error, and how many a formula whose result was never saved."""

    errors: int = 0
    unsaved: int = 0


def chosen_sheet(path: str, shown: str, wanted: str | int | None) -> ChosenSheet:
    """Return the sheet by name or number from 1; None for the first that is visible and has rows.

    Raises
    ------
    MissingExtra
        python-calamine is not installed.
    SourceError
        The workbook cannot be read, or has nothing in it.
    ArgumentError
        It has no such sheet.
    """
    try:
        import python_calamine as calamine
    except ImportError as error:
        raise MissingExtra("reading workbooks", "excel") from error
    try:
        workbook = calamine.CalamineWorkbook.from_path(path)
        names = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
        if wanted is not None:
            name = _named(names, wanted, shown)
            return ChosenSheet(workbook.get_sheet_by_name(name), [other for other in names if other != name])
        hidden = {s.name for s in workbook.sheets_metadata if s.visible != calamine.SheetVisibleEnum.Visible}
        for name in sorted(names, key=lambda name: name in hidden):
            sheet = workbook.get_sheet_by_name(name)
            if sheet.height and sheet.width:
                return ChosenSheet(sheet, [other for other in names if other != name])
    except ArgumentError:
        raise
    except calamine.PasswordError as error:
        raise SourceError(f"{shorten(shown, 200)!r} has a password: save it without one in Excel") from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise SourceError(f"cannot read {shorten(shown, 200)!r}: {error}; it may be damaged or cut off") from error
    raise SourceError(f"{shorten(shown, 200)!r} has no sheet with rows: there is nothing to profile")


def _named(names: Sequence[str], wanted: str | int, shown: str) -> str:
    if isinstance(wanted, str):
        for fold in (str, str.lower):
            for name in names:
                if fold(name) == fold(wanted):
                    return name
    is_number = not isinstance(wanted, bool) and (isinstance(wanted, int) or wanted.isdecimal())
    if is_number and 1 <= int(wanted) <= len(names):
        return names[int(wanted) - 1]
    raise ArgumentError(
        f"sheet={shorten(str(wanted))!r} is not in {shorten(shown, 200)!r}, which has {len(names):,} sheets. "
        f"{did_you_mean(str(wanted), names)}"
    )


def cell_flaws(path: str, name: str) -> CellFlaws:
    """Return the flaws of a sheet's cells that python-calamine returns as empty; none known but in .xlsx files."""
    try:
        with zipfile.ZipFile(path) as archive:
            part = _part(archive, name)
            return _flaws(archive, part) if part else CellFlaws()
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, OSError):
        return CellFlaws()


def _part(archive: zipfile.ZipFile, name: str) -> str | None:
    """Return the path within the archive of the XML of a sheet; None where it is no XML."""
    if "xl/workbook.xml" not in archive.namelist():
        return None
    identifiers = {}
    for element in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        if element.tag.endswith("}sheet"):
            found = next((value for key, value in element.attrib.items() if key.endswith("}id")), None)
            identifiers[element.get("name")] = found
    for element in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels")).iter():
        if element.get("Id") is not None and element.get("Id") == identifiers.get(name):
            target = element.get("Target", "")
            return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return None


def _flaws(archive: zipfile.ZipFile, part: str) -> CellFlaws:
    errors = unsaved = 0
    rest = b""
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            rest += chunk
            cut = rest.rfind(b"</c>") + 4
            if cut >= 4:
                errors += len(re.findall(rb'<c\s[^>]*\bt="e"', rest[:cut]))
                unsaved += len(
                    re.findall(rb"<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>", rest[:cut])
                )
                rest = rest[cut:]
    return CellFlaws(errors, unsaved)
