"""Files at URLs, downloaded into the workspace: the web by the standard library, object stores by fsspec."""

from __future__ import annotations

import base64
import contextlib
import email.message
import http.client
import posixpath
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from colprofile.errors import MissingExtra, SourceError, SourceNotFound, one_line, shorten
from colprofile.progress import report
from colprofile.sources.files.names import data_suffix, last_suffix
from colprofile.sources.files.spool import spool
from colprofile.sources.urls import hide_passwords, scheme_of
from colprofile.sources.workspace import Workspace
from colprofile.stopping import check, left_alone

TIMEOUT = 30.0
"""Seconds to wait for a server that says nothing."""

_WEB = frozenset(["http", "https", "ftp"])
_EXTRAS = {
    **dict.fromkeys(["s3", "s3a"], "s3"),
    **dict.fromkeys(["gs", "gcs"], "gs"),
    **dict.fromkeys(["az", "abfs", "abfss", "adl"], "azure"),
}
_TYPES = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/json": ".json",
    "application/x-ndjson": ".ndjson",
    "application/jsonl": ".jsonl",
    "application/vnd.apache.parquet": ".parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
}


@dataclass(frozen=True)
class Download:
    """A copy of a remote file: where it is, the name that tells its format, and how it is shown."""

    path: str
    name: str
    shown: str


def download(url: str, workspace: Workspace) -> list[Download]:
    """Return copies of the file at a URL; of an object store also of all files in a folder, or that match a pattern.

    Raises
    ------
    SourceNotFound
        There is none.
    SourceError
        No answer, a refusal, a connection that broke off, no room on the disk.
    MissingExtra
        The package for such an address is not installed.
    """
    scheme = scheme_of(url)
    if scheme in _WEB:
        return [left_alone(_from_web, url, workspace)]
    return left_alone(lambda: list(_from_store(url, scheme, workspace)))


def _from_web(url: str, workspace: Workspace) -> Download:
    shown = hide_passwords(url)
    with _one_line(shown), _opened(url) as response:
        headers: email.message.Message = response.headers
        length = headers.get("Content-Length")
        total = int(length) if length is not None and length.isdecimal() else None
        name = _name(url, response.geturl(), headers)
        # What has arrived, rather than a whole part: progress is seen, however slow the server is.
        read = getattr(response, "read1", response.read)
        path = spool(read, workspace, shown=shown, doing="downloading", suffix=data_suffix(name), total=total)
        if total is not None and path.stat().st_size != total:
            raise SourceError(
                f"cannot read {shorten(shown, 200)}: the connection broke off after {path.stat().st_size:,} of "
                f"{total:,} bytes; try again"
            )
    return Download(str(path), name, shown)


def _opened(url: str) -> Any:
    """Open an address on the web; a user before the host is sent as HTTP's basic authentication."""
    parts = urllib.parse.urlsplit(url)
    report(f"asking {shorten(parts.hostname or '', 60)}", 0, None)
    if parts.scheme.lower() == "ftp":
        return urllib.request.urlopen(url, timeout=TIMEOUT)
    login, _, place = parts.netloc.rpartition("@")
    # What people copy from a browser may hold spaces and letters that HTTP has not.
    path = urllib.parse.quote(parts.path, safe="/%:=&?~+!$,;'@()*[]")
    query = urllib.parse.quote(parts.query, safe="/%:=&?~+!$,;'@()*[]")
    request = urllib.request.Request(
        urllib.parse.urlunsplit((parts.scheme, place, path, query, "")),
        headers={"User-Agent": "colprofile"},
    )
    if login:
        token = base64.b64encode(urllib.parse.unquote(login).encode()).decode("ascii")
        # Not for the server that this one may redirect to.
        request.add_unredirected_header("Authorization", f"Basic {token}")
    return urllib.request.urlopen(request, timeout=TIMEOUT)


def _name(url: str, final_url: str, headers: email.message.Message) -> str:
    """Return the name that tells what a response is: its own, that in its address, or one for its type."""
    attached = headers.get_filename()
    addresses = [
        posixpath.basename(urllib.parse.unquote(urllib.parse.urlsplit(given).path)) for given in (url, final_url)
    ]
    names = [name for name in (attached, *addresses) if name]
    told = next((name for name in names if data_suffix(name)), None)
    kind = _TYPES.get(headers.get_content_type(), "")
    if told is None and data_suffix(f"x{kind}"):
        return f"{names[0] if names else 'download'}{kind}"
    return told or (names[0] if names else "download")


@contextlib.contextmanager
def _one_line(shown: str) -> Iterator[None]:
    """Say in one line why an address on the web cannot be read."""
    subject = f"cannot read {shorten(shown, 200)}"
    try:
        yield
    except urllib.error.HTTPError as error:
        error.close()
        told = {401: "log in: give user:password@ before the host", 403: "ask for the right to read it"}
        kind = SourceNotFound if error.code in (404, 410) else SourceError
        reason = one_line(str(error.reason).splitlines()[0], 120)
        raise kind(f"{subject}: {error.code} {reason}; {told.get(error.code, 'check the address')}") from error
    except TimeoutError as error:
        raise SourceError(f"{subject}: the server said nothing for {TIMEOUT:.0f} seconds; try again") from error
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise SourceError(f"{subject}: the server said nothing for {TIMEOUT:.0f} seconds; try again") from error
        reason = str(getattr(error.reason, "strerror", None) or error.reason)
        if isinstance(error.reason, ssl.SSLCertVerificationError):
            reason = f"its certificate is not trusted, {error.reason.verify_message}"
        elif isinstance(error.reason, ssl.SSLError):
            reason = f"it does not speak TLS as it should, {error.reason.reason}"
        raise SourceError(f"{subject}: {one_line(reason, 120)}; check the address and the network") from error
    except http.client.IncompleteRead as error:
        raise SourceError(f"{subject}: the connection broke off; try again") from error
    except (http.client.HTTPException, ConnectionError, ValueError) as error:
        text = one_line(str(error) or type(error).__name__, 120)
        raise SourceError(f"{subject}: {text}; check the address") from error


def _from_store(url: str, scheme: str, workspace: Workspace) -> Iterator[Download]:
    shown = hide_passwords(url)
    try:
        import fsspec.core
    except ImportError as error:
        raise MissingExtra(f"reading {scheme}:// files", _EXTRAS.get(scheme, "s3")) from error
    try:
        store, path = fsspec.core.url_to_fs(url)
    except (ImportError, OSError, ValueError) as error:  # some schemes are known once their package is installed
        if scheme in _EXTRAS:
            raise MissingExtra(f"reading {scheme}:// files", _EXTRAS[scheme]) from error
        raise SourceError(f"cannot read {shorten(shown, 200)}: {shorten(str(error), 160)}") from error
    # Each store has errors of its own, which have no base in common.
    try:
        yield from _copies(store, path, scheme, shown, workspace)
    except (SourceError, MissingExtra):
        raise
    except FileNotFoundError as error:
        raise SourceNotFound(f"no file {shorten(shown, 200)}") from error
    except Exception as error:
        text = " ".join(str(error).split()) or type(error).__name__
        raise SourceError(f"cannot read {shorten(shown, 200)}: {shorten(hide_passwords(text), 160)}") from error


def _copies(store: Any, path: str, scheme: str, shown: str, workspace: Workspace) -> Iterator[Download]:
    """Yield copies of a file, of those that match a pattern, or of a whole folder, which keeps its tree."""
    if any(sign in path for sign in "*?[") and not store.exists(path):
        matches = [match for match in sorted(store.glob(path)) if store.isfile(match)]
        if not matches:
            raise SourceNotFound(f"no file matches {shorten(shown, 200)}")
        for match in matches:
            yield _copy(store, match, f"{scheme}://{match.lstrip('/')}", workspace)
    elif store.isdir(path):
        yield Download(_tree(store, path, shown, workspace), "", shown)
    else:
        yield _copy(store, path, shown, workspace)


def _copy(store: Any, path: str, shown: str, workspace: Workspace) -> Download:
    _refuse_part_of_lake(store, path, shown)
    size = store.size(path)
    with store.open(path, "rb") as stream:
        copy = spool(
            stream.read,
            workspace,
            shown=shown,
            doing="downloading",
            suffix=last_suffix(posixpath.basename(path)),
            total=size,
        )
    return Download(str(copy), path, shown)


def _tree(store: Any, path: str, shown: str, workspace: Workspace) -> str:
    """Return a folder in the workspace with all that is in a folder of a store, by names that are safe there."""
    root = workspace.new_path()
    for found in sorted(store.find(path)):
        inside = posixpath.relpath(found, path)
        check()
        target = root.joinpath(*[part for part in inside.split("/") if part not in ("", ".", "..")])
        target.parent.mkdir(parents=True, exist_ok=True)
        with store.open(found, "rb") as stream:
            copy = spool(stream.read, workspace, shown=f"{shown}/{inside}", doing="downloading", suffix="")
        copy.rename(target)
    return str(root)


def _refuse_part_of_lake(store: Any, path: str, shown: str) -> None:
    """Raise where a file is part of a Delta table: rows that were deleted from the table are still in such files."""
    folder = posixpath.dirname(path)
    while path.endswith(".parquet") and folder.strip("/"):
        if store.exists(posixpath.join(folder, "_delta_log")):
            raise SourceError(
                f"{shorten(shown, 200)} is part of the Delta table {shorten(folder, 200)!r}, whose log says which rows "
                "count: give that folder"
            )
        folder = posixpath.dirname(folder)
