"""SavedResult: what every result can do, be written as JSON and be read again."""

from __future__ import annotations

import os
from typing import Any, Self


class SavedResult:
    """Base of the results that are dataclasses with a published JSON schema: Profile, Drift, Audit and the others."""

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-able dict, as the published schema of its class describes it."""
        from colprofile.results.serialize import result_to_dict

        return result_to_dict(self)

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the result as JSON: versioned, never NaN or Infinity."""
        from colprofile.results.serialize import to_json

        return to_json(self.to_dict(), indent=indent)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the result as JSON to ``path``: for ``load``, ``colprofile report``, and the verbs that take it.

        Raises
        ------
        ResultError
            The file cannot be written; what was there stays.
        """
        from colprofile.results.files import write_atomically

        write_atomically(path, self.to_json())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a result of this class that ``save``, or a command's ``--save``, wrote.

        Raises
        ------
        ResultError
            No such file, not JSON, another result or none of ours, or from a newer version.
        """
        from colprofile.results.serialize import load_result

        return load_result(cls, path)
