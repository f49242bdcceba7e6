"""URLs: which of them name files, and how any may be shown."""

from __future__ import annotations

import os
import re

_REMOTE = frozenset(
    [
        *("http", "https", "ftp", "s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "hf", "hdfs", "sftp", "ssh"),
        *("oss", "memory", "webdav", "smb", "github"),
    ]
)

SECRETS = re.compile(r"pass|secret|token|key|signature|\bsig\b|credential|auth(?!or)", re.IGNORECASE)
"""What the name of an option contains whose value must not be shown."""

HIDDEN = "***"
"""What stands in place of a secret."""

_URL_PASSWORD = re.compile(r"(?<=://)([^/?#\s:@]*):([^/?#\s]*)@")
_WEB_USER = re.compile(r"(?i)(?<![a-z0-9+.-])(https?|ftp|s3|gs)(://)[^/?#\s@]+@")
_QUERY_SECRET = re.compile(rf"(?i)([?&](?=[^=&\s]*(?:{SECRETS.pattern}))[^=&\s]*=)[^&\s]+")
_PARAMETER_SECRET = re.compile(rf"(?i)(;(?=[^=;\s]*(?:{SECRETS.pattern}))[^=;\s]*=)[^;\s]+")


def hide_passwords(text: str) -> str:
    """Return ``text`` with the passwords and tokens of all URLs in it replaced by ``***``.

    Of an address on the web the user is replaced too: tokens are given in that place.

    >>> hide_passwords("cannot open postgresql://me:s3cret@db/shop?sslpassword=x now")
    'cannot open postgresql://me:***@db/shop?sslpassword=*** now'
    >>> hide_passwords("https://t0ken@host/t.csv?year=2024&sig=x&X-Amz-Signature=y")
    'https://***@host/t.csv?year=2024&sig=***&X-Amz-Signature=***'
    >>> hide_passwords("sc://host:443/;use_ssl=true;token=t0ken;user_id=me")
    'sc://host:443/;use_ssl=true;token=***;user_id=me'
    """
    text = _WEB_USER.sub(rf"\1\2{HIDDEN}@", _URL_PASSWORD.sub(rf"\1:{HIDDEN}@", text))
    return _PARAMETER_SECRET.sub(rf"\1{HIDDEN}", _QUERY_SECRET.sub(rf"\1{HIDDEN}", text))


def scheme_of(text: str) -> str:
    """Return the scheme of a URL in lower case; "" for what is none, such as a file that has such a name.

    >>> scheme_of("S3://bucket/t.csv"), scheme_of("run:2024.csv")
    ('s3', '')
    """
    scheme, separator, _ = text.partition("://")
    return scheme.lower() if separator and re.fullmatch(r"[\w+.-]+", scheme) and not os.path.exists(text) else ""


def names_file(text: str) -> bool:
    """Whether a path or URL names files, here or elsewhere, rather than a database server."""
    return scheme_of(text) in _REMOTE | {"", "file"}
