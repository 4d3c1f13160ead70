"""JSON Schema of ``seedwire.toml``, for editors that complete and check as one types."""

from __future__ import annotations

from worker.config.keys import BY_TABLE, REPEATED, TABLES, Key, Table

#: The names of a variable or a file, alone or in a list, in place of the secret itself.
_NAMES = {"anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "items": {"type": "string", "minLength": 1}}]}


def json_schema() -> dict[str, object]:
    """The schema, JSON Schema draft 2020-12. The loader knows more: what differs, it decides."""
    tables: dict[str, object] = {}
    for table in TABLES:
        schema = _table_schema(table)
        tables[table] = {"type": "array", "items": schema} if table in REPEATED else schema
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "seedwire.toml",
        "type": "object",
        "properties": tables,
        "additionalProperties": False,
    }


def _table_schema(table: Table) -> dict[str, object]:
    properties: dict[str, object] = {}
    rules: list[object] = []
    for key in BY_TABLE[table]:
        properties |= _key_schema(key)
        one = [{"required": [form]} for form in key.forms]
        if key.required:
            rules.append({"oneOf": one} if len(one) > 1 else one[0])
        elif len(one) > 1:
            rules.append({"oneOf": [*one, {"not": {"anyOf": one}}]})
    schema: dict[str, object] = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"allOf": rules} if rules else {})


def _key_schema(key: Key[object]) -> dict[str, object]:
    schema: dict[str, object] = {"description": key.meaning.replace("`", ""), **key.kind.schema}
    if key.default is not None:
        schema["default"] = key.default
    forms: dict[str, object] = {key.name: schema}
    for form in key.forms[1:]:
        what = "Environment variable" if form.endswith("_env") else "File"
        forms[form] = {"description": f"{what} that holds {key.name}.", **_NAMES}
    return forms
