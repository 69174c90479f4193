"""Other tools' formats: one module here is one format, found by its file name.

The first line of a module's docstring describes it in --help. Its `write(result, metrics, out)`
writes the chosen metrics of the Result to the text stream `out` and returns how many values it left
out. Failed runs, nulls and zeros never appear as numbers.
"""

import ast
import importlib
import pathlib


def summaries():
    """Returns {"google-benchmark": its description, …} without importing the modules."""
    files = sorted(pathlib.Path(__file__).parent.glob("[!_]*.py"))
    return {path.stem.replace("_", "-"):
            ast.get_docstring(ast.parse(path.read_text())).splitlines()[0]
            for path in files if not path.stem.startswith("test_")}


def module(name):
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
