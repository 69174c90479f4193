"""The JSON Schemas of the record, and what they say about a value in words a person can act on."""

import functools
import json
import pathlib

SCHEMA_FOLDER = pathlib.Path(__file__).resolve().parents[2] / "harness" / "record" / "schema"


@functools.cache
def validator(name):
    """Returns the validator of `name`: manifest, run or environment."""
    import jsonschema

    def load(kind):
        return json.loads((SCHEMA_FOLDER / f"{kind}.schema.json").read_text())

    store = {each: load(each.partition(".")[0]) for each in
             ("manifest.schema.json", "run.schema.json", "environment.schema.json")}
    schema = store[f"{name}.schema.json"]
    resolver = jsonschema.RefResolver(base_uri=schema["$id"], referrer=schema, store=store)
    return jsonschema.Draft202012Validator(schema, resolver=resolver)


def problems(name, value):
    """Yields (JSON path, cause) for everything in `value` that schema `name` forbids."""
    from jsonschema.exceptions import best_match

    check = validator(name)
    if name == "run":  # Of the two shapes of a line, judge by the one it claims to be.
        shape = "superseded" if value.get("status") == "superseded" else "run"
        check = check.evolve(schema=check.schema["$defs"][shape])
    for error in check.iter_errors(value):
        deepest = best_match([error]) or error
        yield deepest.json_path, _short(deepest.message)


def _short(message, limit=300):
    return message if len(message) <= limit else message[: limit // 2] + " … " + message[-limit // 2:]
