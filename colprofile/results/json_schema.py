"""The JSON Schema of a saved result, made from its dataclasses and their docstrings.

Run ``python -m colprofile.results.json_schema`` after a change of a result class: it rewrites the published files.
A test says when that was forgotten.
"""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

from colprofile.results.serialize import FORMATS, VERSION, result_class


def result_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the results saved under a format name.

    Every field is described by its class's docstring. Fields with a default may be missing, unknown ones are
    allowed: so a file of an older or newer release with the same format version stays valid.
    """
    import msgspec

    cls: Any = result_class(name)
    words: dict[str, type] = cls.words
    definitions = msgspec.json.schema_components([cls, *words.values()], ref_template="#/$defs/{name}")[1]
    for definition in definitions.values():
        definition["description"], fields = _described(definition["description"])
        for field, text in fields.items():
            definition["properties"][field]["description"] = text
    body = definitions.pop(cls.__name__)
    header = {
        "format": {"const": name, "description": "What the file holds."},
        "version": {
            "enum": list(range(1, VERSION + 1)),
            "description": "The version of the format; raised when a meaning changes.",
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **body,
        "title": name,
        "properties": header | body["properties"] | {field: _items(item) for field, item in words.items()},
        "required": ["format", "version", *body["required"]],
        "$defs": dict(sorted(definitions.items())),
    }


def _items(item: type) -> dict[str, Any]:
    """Return the schema of a list of items that is written for readers, and not read."""
    return {
        "type": "array",
        "items": {"$ref": f"#/$defs/{item.__name__}"},
        "description": "The result in words, for readers. It is ignored when the result is loaded.",
    }


def schema_path(name: str) -> Path:
    """Return where the schema of a format is published: beside this file."""
    return Path(__file__).with_name(f"{name.removeprefix('colprofile.')}.schema.json")


def schema_text(name: str) -> str:
    """Return the published form of a schema: indented JSON with a final newline."""
    return json.dumps(result_schema(name), indent=2, ensure_ascii=False) + "\n"


def _described(docstring: str) -> tuple[str, dict[str, str]]:
    r"""Return a class's description, and each field's, from a numpy docstring; ``a, b`` describes both.

    >>> _described("A range.\n\nAttributes\n----------\nlow, high\n    Its first and last value.")
    ('A range.', {'low': 'Its first and last value.', 'high': 'Its first and last value.'})
    """
    text, *attributes = re.split(r"\n\s*Attributes\n\s*-+\n", inspect.cleandoc(docstring))
    fields = {}
    for block in re.split(r"\n(?=\S)", "".join(attributes)):
        names, _, description = block.partition("\n")
        fields.update({field.strip(): _one_line(description) for field in names.split(",") if description})
    return "\n\n".join(_one_line(paragraph) for paragraph in text.strip().split("\n\n")), fields


def _one_line(text: str) -> str:
    """Return text on one line, reST's double backquotes as single ones."""
    return " ".join(text.replace("``", "`").split())


def main() -> None:
    """Write every published schema anew."""
    for name in FORMATS:
        schema_path(name).write_text(schema_text(name), "utf-8")


if __name__ == "__main__":
    main()
