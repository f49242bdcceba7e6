"""Preparing: from a JSON file as it is to records that DuckDB can read, and what a person should know of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from colprofile.errors import SourceError, shorten
from colprofile.sources.files.batches import plain_path
from colprofile.sources.files.json.errors import clear_errors
from colprofile.sources.files.json.layout import (
    Layout,
    Member,
    copy_items,
    copy_objects,
    copy_part,
    in_utf8,
    layout_of,
    members_of,
)
from colprofile.sources.files.relation import LocalFile
from colprofile.sources.options import InputOptions
from colprofile.sources.workspace import Workspace

_DEEPEST_LIST = 3
_LINES = (".jsonl", ".ndjson")


@dataclass(frozen=True, kw_only=True)
class PreparedFile:
    """A file that is ready to be read, and what a person should know of it."""

    file: LocalFile
    layout: Layout
    encoding: str
    is_guess: bool
    rejected: int = 0
    is_geojson: bool = False
    remarks: tuple[str, ...] = ()


def prepared_file(file: LocalFile, workspace: Workspace, options: InputOptions) -> PreparedFile:
    """Return a file in UTF-8, whose one list of objects, if it is one object, gives the records.

    Raises
    ------
    SourceError
        It is cut off, or has records that are no objects among others that are.
    """
    path, encoding, is_guess = in_utf8(plain_path(file, workspace), file, workspace, options.encoding)
    found = PreparedFile(file=file, layout=layout_of(path), encoding=encoding, is_guess=is_guess)
    if is_guess:
        remark = f"{shorten(file.shown, 200)!r} is not UTF-8: it is read as {encoding}, which is a guess (encoding=)."
        found = replace(found, remarks=(remark,))
    is_one_object = found.layout.records == found.layout.objects == 1 and not found.layout.is_cut
    if is_one_object and file.suffix not in _LINES:
        return _with_list(found, workspace)
    return _with_objects(found, workspace, options)


def _with_list(found: PreparedFile, workspace: Workspace) -> PreparedFile:
    """Return a file that is one object as the one list of objects in it, if there is one."""
    path, shown = found.layout.path, shorten(found.file.shown, 200)
    members, trail = members_of(path), list[str]()
    for _ in range(_DEEPEST_LIST):
        lists = [member for member in members if member.start == b"[{"]
        inner = [member for member in members if member.start[:1] == b"{"]
        if len(lists) == 1:
            trail.append(lists[0].name)
            return _unwrapped(found, lists[0], [m.name for m in members if m is not lists[0]], trail, workspace)
        if lists or len(inner) != 1:
            break
        trail.append(inner[0].name)
        members = members_of(path, inner[0].begin, inner[0].end)
    if not any(member.start[:1] in (b"[", b"{") for member in members_of(path)):
        return found
    remark = f"{shown!r} is one object, so it is one row; query= with unnest() makes rows of what is in it."
    return replace(found, remarks=(*found.remarks, remark))


def _unwrapped(
    found: PreparedFile, rows: Member, others: Sequence[str], trail: Sequence[str], workspace: Workspace
) -> PreparedFile:
    layout = layout_of(copy_part(found.layout.path, rows.begin, rows.end, workspace))
    shown, name = shorten(found.file.shown, 200), shorten(".".join(trail))
    is_geojson = rows.name == "features" and len(trail) == 1 and "type" in others
    remark = f"{shown!r} is one object: the rows are the items of its list {name!r}"
    left_out = [other for other in others if not (is_geojson and other == "type")]
    if left_out:
        listed = ", ".join(repr(shorten(other)) for other in left_out[:5])
        remark += f"; left out {'is' if len(left_out) == 1 else 'are'} {listed}"
        remark += f" and {len(left_out) - 5:,} more" if len(left_out) > 5 else ""
    if is_geojson and not left_out:
        return replace(found, layout=layout, is_geojson=True)
    return replace(found, layout=layout, is_geojson=is_geojson, remarks=(*found.remarks, f"{remark}."))


def _with_objects(found: PreparedFile, workspace: Workspace, options: InputOptions) -> PreparedFile:
    """Return a file without those lines that are no objects, where that is asked for."""
    layout, shown = found.layout, shorten(found.file.shown, 200)
    others = layout.records - layout.objects
    by_line = layout.kind == "newline_delimited"
    advice = f"mend it, or leave such {'lines' if by_line else 'records'} out with accept_rejects=True"
    if options.accept_rejects and layout.objects and by_line:
        path, rejected = copy_objects(layout, workspace)
        return _without_others(found, layout_of(path), rejected) if rejected else found
    if layout.broken:
        raise SourceError(f"line {layout.broken_line:,} of {shown!r} is no JSON: it ends inside a value; {advice}")
    if layout.is_cut:
        raise SourceError(f"{shown!r} is cut off: it ends inside a value; get it again")
    if not others or not layout.objects:
        return found
    if options.accept_rejects:
        with clear_errors([(found.file, layout)]):
            return _without_others(found, layout_of(copy_items(layout, workspace)), others)
    where = f"line {layout.other_line:,}" if by_line else f"record {layout.other:,}"
    raise SourceError(
        f"{where} of {shown!r} is no object, as {layout.objects:,} of {layout.records:,} records are: {advice}"
    )


def _without_others(found: PreparedFile, layout: Layout, rejected: int) -> PreparedFile:
    what = "record is" if rejected == 1 else "records are"
    remark = (
        f"{rejected:,} {what} left out of {shorten(found.file.shown, 200)!r}: no JSON objects (accept_rejects=True)."
    )
    return replace(found, layout=layout, rejected=rejected, remarks=(*found.remarks, remark))
