"""Says in plain words what a schema expects and what came instead."""

import json

from mockserver.contract.schemas import Schema, types

ECHOED = 40
"""As many characters of an offending value or key are repeated."""
LISTED = 12
"""As many allowed values are named."""

NAMES = {
    "uuid": "a UUID",
    "email": "an e-mail address",
    "iana-timezone": "an IANA time zone",
    "date": "a date",
    "uri": "an http or https URL",
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def expectation(schema: Schema, *, limits: bool) -> str:
    """What one documented form expects; its limits only where they matter."""
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        listed = [json.dumps(value) for value in schema["enum"]]
        return "one of " + ", ".join(listed[:LISTED] + ["…"] * (len(listed) > LISTED))
    kinds = [schema["format"]] if "format" in schema else types(schema)
    words = " or ".join(NAMES.get(kind, kind) for kind in kinds) or "a value"
    if schema.get("minLength"):
        words = words.replace("a string", "a non-empty string")
    if schema.get("minItems"):
        words += f" with at least {schema['minItems']} item"
    if "title" in schema:
        words += f" ({schema['title']})"
    return words + _limits(schema) if limits else words


def _limits(schema: Schema) -> str:
    merged = {key: value for part in (*schema.get("allOf", ()), schema) for key, value in part.items()}
    words = f", a multiple of {merged['multipleOf']}" if "multipleOf" in merged else ""
    if "minimum" in merged:
        words += f" from {merged['minimum']}"
    if "maximum" in merged:
        words += f" to {merged['maximum']}"
    return words


def echo(value: object) -> str:
    """An offending value, shortened; of containers only what they are."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array" if value else "an empty array"
    if isinstance(value, int) and value.bit_length() > 64:
        return "a very large number"
    text = json.dumps(value[: ECHOED + 1] if isinstance(value, str) else value)
    return text if len(text) <= ECHOED + 2 else text[:ECHOED] + "…"


def location(path: tuple[str | int, ...]) -> str:
    """A path as people write it: `participants[0].email`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step[:ECHOED]}" for step in path)
    return "".join(steps).removeprefix(".")
