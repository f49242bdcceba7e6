"""Which options on how files are read a file has a use for: the tables of one folder may have many formats."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import cast

from colprofile.errors import SourceError
from colprofile.sources.files.folders import list_folder
from colprofile.sources.files.formats import likely_format
from colprofile.sources.files.lakes import lake_kind
from colprofile.sources.files.names import last_suffix
from colprofile.sources.files.open import FOR_ALL
from colprofile.sources.files.relation import LocalFile
from colprofile.sources.options import OPTION_NAMES, InputKeywords


def useful_options(path: str) -> frozenset[str]:
    """Return the options that a file, or the files of a folder, have a use for; all where the format is not known."""
    try:
        if os.path.isdir(path):
            if lake_kind(path):
                return FOR_ALL
            path = list_folder(path, path).data[0]
        return likely_format(LocalFile(path=path, shown=path, suffix=last_suffix(path))).options | FOR_ALL
    except (SourceError, OSError):
        return frozenset(OPTION_NAMES)


def useful_inputs(path: str, inputs: Mapping[str, object]) -> InputKeywords:
    """Return those options of a folder's tables that are of use for one of them."""
    useful = useful_options(path) if inputs else frozenset()
    return cast("InputKeywords", {name: value for name, value in inputs.items() if name in useful})
