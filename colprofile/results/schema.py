"""The JSON Schema of a saved result, made from its dataclasses and their docstrings.

Run ``python -m colprofile.results.schema`` after a change of a result class: it rewrites the published files.
A test says when that was forgotten.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from colprofile.results.convert import SCALARS, field_hints, is_required, members
from colprofile.results.serialize import FORMATS, VERSION

TYPE_NAMES: dict[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    type(None): "null",
}


def result_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the results saved under a format name.

    Every field is described by its class's docstring. Fields with a default may be missing, unknown ones are
    allowed: so a file of an older or newer release with the same format version stays valid.
    """
    definitions: dict[str, Any] = {}
    body = _object_schema(FORMATS[name], definitions)
    header = {
        "format": {"const": name, "description": "What the file holds."},
        "version": {
            "const": VERSION,
            "description": "The version of the format; raised when a meaning changes.",
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
        **body,
        "properties": {**header, **body["properties"]},
        "required": ["format", "version", *body["required"]],
        "$defs": dict(sorted(definitions.items())),
    }


def schema_path(name: str) -> Path:
    """Return where the schema of a format is published: beside this file."""
    return Path(__file__).with_name(f"{name.removeprefix('colprofile.')}.schema.json")


def schema_text(name: str) -> str:
    """Return the published form of a schema: indented JSON with a final newline."""
    return json.dumps(result_schema(name), indent=2, ensure_ascii=False) + "\n"


def _object_schema(cls: type, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a dataclass, adding those it refers to to ``definitions``."""
    described = _field_descriptions(cls)
    properties = {}
    for name, hint in field_hints(cls).items():
        properties[name] = _hint_schema(hint, definitions)
        if name in described:
            properties[name]["description"] = described[name]
    return {
        "description": _class_description(cls),
        "type": "object",
        "properties": properties,
        "required": [field.name for field in dataclasses.fields(cls) if is_required(field)],
    }


def _hint_schema(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of one type hint."""
    names = [TYPE_NAMES[kind] for kind in SCALARS if kind in members(hint)]
    alternatives = [_compound_schema(member, definitions) for member in members(hint) if member not in SCALARS]
    if not alternatives:
        return {"type": names[0] if len(names) == 1 else names}
    if names:
        alternatives += [{"type": name} for name in names]
    return alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives}


def _compound_schema(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a hint that is neither a scalar nor a union."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if hint.__name__ not in definitions:
            definitions[hint.__name__] = {}
            definitions[hint.__name__] = _object_schema(hint, definitions)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _hint_schema(arguments[1], definitions)}
    if origin is tuple and arguments[-1] is Ellipsis:
        return {"type": "array", "items": _hint_schema(arguments[0], definitions)}
    if origin is tuple:
        items = [_hint_schema(argument, definitions) for argument in arguments]
        return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items)}
    raise TypeError(f"results cannot hold {hint!r}")


def _class_description(cls: type) -> str:
    """Return a class's docstring down to its ``Attributes``, in one paragraph a blank line."""
    text = re.split(r"\n\s*Attributes\n\s*-+\n", inspect.getdoc(cls) or "")[0]
    return "\n\n".join(_one_line(paragraph) for paragraph in text.strip().split("\n\n"))


def _field_descriptions(cls: type) -> dict[str, str]:
    """Return field → description from the ``Attributes`` of a numpy docstring; ``a, b`` describes both."""
    parts = re.split(r"\n\s*Attributes\n\s*-+\n", inspect.getdoc(cls) or "")
    if len(parts) < 2:
        return {}
    descriptions = {}
    for block in re.split(r"\n(?=\S)", parts[1]):
        names, _, text = block.partition("\n")
        for name in names.split(","):
            descriptions[name.strip()] = _one_line(text)
    return descriptions


def _one_line(text: str) -> str:
    """Return text on one line, reST's double backquotes as single ones."""
    return " ".join(text.replace("``", "`").split())


def main() -> None:
    """Write every published schema anew."""
    for name in FORMATS:
        schema_path(name).write_text(schema_text(name), "utf-8")


if __name__ == "__main__":
    main()
