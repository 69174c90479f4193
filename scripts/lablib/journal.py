"""Reads the two files of a result as strict JSON, line by line, without interpreting them.

Never accepts NaN or Infinity, and forgives one thing only: a last line without its newline that
does not parse, which is what a killed writer leaves behind.
"""

import json
import math

from lablib.errors import BadInput

SCHEMA_VERSION = 1


def _refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def _finite(text):
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text} is too large for a number")
    return value


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)


def decode(text):
    """Returns the object that `text` spells. Raises ValueError with the cause."""
    value = _DECODER.decode(text)
    if not isinstance(value, dict):
        raise ValueError(f"expected an object, found {type(value).__name__}")
    return value


def read_manifest(folder):
    """Returns manifest.json of the result `folder`, of a schema version that this code knows."""
    path = folder / "manifest.json"
    if not folder.is_dir():
        raise BadInput(folder, "no such folder", "name a result that `alloclab run` wrote")
    if not path.is_file():
        raise BadInput(folder, "not a result: it has no manifest.json",
                       "name a folder that `alloclab run` wrote")
    try:
        manifest = decode(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadInput(path, f"not strict JSON: {error}", "restore the file or run again") from None
    version = manifest.get("schema_version")
    if version != SCHEMA_VERSION or isinstance(version, bool):
        raise BadInput(path, f"schema_version is {version!r}, this script reads {SCHEMA_VERSION}",
                       "use the scripts of the lab that wrote it")
    return manifest


def read_rows(path, warn):
    """Yields (line number, row) of a runs.jsonl. Calls `warn` when a torn last line is dropped."""
    if not path.is_file():
        raise BadInput(path, "no such file", "the result is not whole: run again or --resume it")
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            try:
                row = decode(line.decode("utf-8"))
            except ValueError as error:
                if line.endswith(b"\n"):
                    raise BadInput(f"{path}:{number}", f"corrupt line: {error}",
                                   "restore the file, or remove the line if the run may be lost"
                                   ) from None
                warn(f"{path}:{number}: the last line is torn and was dropped; "
                     f"`alloclab run --resume {path.parent}` completes the plan")
                return
            yield number, row
