"""Avro files, by fastavro: block by block into Arrow."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from colprofile.errors import MissingExtra, SourceError, shorten
from colprofile.inputs import InputReading
from colprofile.sources.duckdb import first_line
from colprofile.sources.files.batches import BatchedFile, plain_path, stored_relation
from colprofile.sources.files.relation import LocalFile, Relation
from colprofile.sources.flatten import flattened
from colprofile.sources.options import InputOptions
from colprofile.sources.workspace import Workspace
from colprofile.stopping import watched

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH_CELLS = 1 << 18
_NUMBERS = ("int", "long", "float", "double")


def read(files: Sequence[LocalFile], workspace: Workspace, options: InputOptions) -> Relation:
    """Return the relation of Avro files. Values of several types in one column are read as JSON text."""
    opened = [_opened(plain_path(file, workspace), file.shown) for file in files]
    mixed = [name for file in opened for name in _mixed(file.schema)]
    reading = InputReading(
        format="Avro",
        reader="fastavro",
        files=len(files),
        remarks=tuple(
            f"{shorten(name)!r} is of several types: each value is read as JSON, so texts are in quotes."
            for name in mixed
        ),
    )
    return flattened(stored_relation(opened, workspace, reading), workspace.connection, options.flatten)


def _mixed(schema: pa.Schema) -> list[str]:
    return [field.name for field in schema if (field.metadata or {}).get(b"mixed")]


def _opened(path: str, shown: str) -> BatchedFile:
    try:
        import fastavro
    except ImportError as error:
        raise MissingExtra("reading Avro files", "avro") from error
    import pyarrow as pa

    try:
        with open(path, "rb") as file:
            own = fastavro.reader(file).writer_schema
    except UnicodeDecodeError as error:
        raise _not_utf8(error, shown) from error
    except (ValueError, EOFError, KeyError, TypeError, fastavro.schema.SchemaParseException) as error:
        raise SourceError(f"cannot read {shorten(shown, 200)!r}: {first_line(error)}") from error
    types = _Types()
    if not isinstance(own, dict) or own.get("type") != "record":
        own = {"type": "record", "name": "row", "fields": [{"name": "value", "type": own}]}
        is_record = False
    else:
        types.learn(own)
        is_record = True
    fields = []
    for member in own["fields"]:
        kind = types.arrow(member["type"])
        metadata = {"mixed": "true"} if types.is_mixed(member["type"]) else None
        fields.append(pa.field(member["name"], kind, metadata=metadata))
    schema = pa.schema(fields)
    return BatchedFile(shown=shown, schema=schema, batches=lambda: _batches(path, shown, schema, is_record))


def _not_utf8(error: UnicodeDecodeError, shown: str) -> SourceError:
    found = bytes(error.object).decode("utf-8", "backslashreplace")
    return SourceError(
        f"cannot read {shorten(shown, 200)!r}: names and texts of Avro are UTF-8, and {shorten(found)!r} is not; "
        "write the file again, with bytes in place of texts"
    )


def _batches(path: str, shown: str, schema: pa.Schema, is_record: bool) -> Iterator[pa.RecordBatch]:
    import fastavro
    import pyarrow as pa

    step = max(1_000, _BATCH_CELLS // max(1, len(schema)))
    rows: list[Any] = []

    def batch() -> pa.RecordBatch:
        arrays = []
        for field in schema:
            values = [row.get(field.name) for row in rows] if is_record else rows
            if field.metadata:
                values = [None if value is None else _json_text(value) for value in values]
            elif pa.types.is_nested(field.type) or pa.types.is_string(field.type):
                values = [_fitting(value, field.type) for value in values]
            arrays.append(pa.array(values, field.type))
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    with open(path, "rb") as file:
        try:
            for row in watched(fastavro.reader(file)):
                rows.append(row)
                if len(rows) == step:
                    yield batch()
                    rows.clear()
        except UnicodeDecodeError as error:
            raise _not_utf8(error, shown) from error
        except (ValueError, EOFError, KeyError, TypeError, IndexError, OverflowError, ImportError) as error:
            what = "it is cut off" if isinstance(error, EOFError) else first_line(error)
            raise SourceError(f"cannot read {shorten(shown, 200)!r}: {what}") from error
    if rows:
        yield batch()


class _Types:
    """Avro's types in Arrow's, with those that have names."""

    def __init__(self) -> None:
        self._named: dict[str, Any] = {}
        self._open: list[str] = []

    def learn(self, kind: Any) -> None:
        """Remember the types with names within a type."""
        if isinstance(kind, list):
            for inner in kind:
                self.learn(inner)
        elif isinstance(kind, dict):
            if "name" in kind and kind.get("type") in ("record", "enum", "fixed", "error"):
                self._named[kind["name"]] = kind
            for inner in (kind.get("items"), kind.get("values"), *(f["type"] for f in kind.get("fields", ()))):
                self.learn(inner)
            if isinstance(kind.get("type"), dict | list):
                self.learn(kind["type"])

    def is_mixed(self, kind: Any) -> bool:
        """Whether values are of types that have none in common."""
        kinds = [inner for inner in kind if inner != "null"] if isinstance(kind, list) else []
        return len(kinds) > 1 and not all(inner in _NUMBERS for inner in kinds)

    def arrow(self, kind: Any) -> pa.DataType:
        """Return Arrow's type; text, for JSON, where values have no type in common or contain their own type."""
        import pyarrow as pa

        if isinstance(kind, list):
            kinds = [inner for inner in kind if inner != "null"]
            if len(kinds) > 1:
                return pa.string() if self.is_mixed(kind) else self._number(kinds)
            return self.arrow(kinds[0]) if kinds else pa.null()
        if isinstance(kind, str):
            return self.arrow(self._named[kind]) if kind in self._named else _PRIMITIVE[kind]()
        logical = self._logical(kind)
        if logical is not None:
            return logical
        name = kind["type"]
        if name == "array":
            return pa.list_(self.arrow(kind["items"]))
        if name == "map":
            return pa.map_(pa.string(), self.arrow(kind["values"]))
        if name == "enum":
            return pa.string()
        if name == "fixed":
            return pa.binary(kind["size"])
        if name in ("record", "error"):
            return self._record(kind)
        return self.arrow(name)

    def _record(self, kind: Mapping[str, Any]) -> pa.DataType:
        import pyarrow as pa

        if kind["name"] in self._open:
            return pa.string()
        self._open.append(kind["name"])
        fields = [(member["name"], self.arrow(member["type"])) for member in kind["fields"]]
        self._open.pop()
        return pa.struct(fields)

    def _number(self, kinds: Sequence[str]) -> pa.DataType:
        import pyarrow as pa

        return pa.int64() if set(kinds) <= {"int", "long"} else pa.float64()

    def _logical(self, kind: Mapping[str, Any]) -> pa.DataType | None:
        import pyarrow as pa

        logical = kind.get("logicalType")
        if logical == "decimal":
            precision, scale = kind["precision"], kind.get("scale", 0)
            return pa.decimal128(precision, scale) if precision <= 38 else pa.decimal256(min(precision, 76), scale)
        types = {
            "date": pa.date32(),
            "time-millis": pa.time32("ms"),
            "time-micros": pa.time64("us"),
            "timestamp-millis": pa.timestamp("ms", "UTC"),
            "timestamp-micros": pa.timestamp("us", "UTC"),
            "timestamp-nanos": pa.timestamp("ns", "UTC"),
            "local-timestamp-millis": pa.timestamp("ms"),
            "local-timestamp-micros": pa.timestamp("us"),
            "local-timestamp-nanos": pa.timestamp("ns"),
            "uuid": pa.string(),
        }
        return types.get(logical) if isinstance(logical, str) else None


def _arrow_type(name: str) -> Any:
    import pyarrow as pa

    return getattr(pa, name)()


_PRIMITIVE = {
    avro: (lambda name=arrow: _arrow_type(name))
    for avro, arrow in {
        "null": "null",
        "boolean": "bool_",
        "int": "int32",
        "long": "int64",
        "float": "float32",
        "double": "float64",
        "bytes": "binary",
        "string": "string",
    }.items()
}


def _fitting(value: Any, kind: pa.DataType) -> Any:
    """Return a value as Arrow takes it for a type: as JSON where text is wanted and it is none."""
    import pyarrow as pa

    if value is None or isinstance(value, str):
        return value
    if pa.types.is_string(kind):
        return str(value) if isinstance(value, uuid.UUID) else _json_text(value)
    if pa.types.is_struct(kind):
        return {
            kind.field(i).name: _fitting(value.get(kind.field(i).name), kind.field(i).type) for i in range(len(kind))
        }
    if pa.types.is_map(kind):
        return [(key, _fitting(item, kind.item_type)) for key, item in value.items()]
    if pa.types.is_list(kind):
        return [_fitting(item, kind.value_type) for item in value]
    return value


def _json_text(value: Any) -> str:
    return json.dumps(value, default=_json_value, sort_keys=True, ensure_ascii=False)


def _json_value(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("latin-1")  # as Avro's own JSON has bytes
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)
