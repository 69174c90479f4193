"""Renders the page: one HTML file with everything inlined, and nothing in it that can run but our script.

jinja2 escapes every value; the only markup passed through is SVG that matplotlib wrote, with its text
escaped, its ids made unique and its colours made to follow the page's.
"""

import base64
import hashlib
import io
import pathlib
import re

import jinja2
import markupsafe
import matplotlib

from lablib import figure, style, units

_FOLDER = pathlib.Path(__file__).parent
_COLOURS = {style.INK: "var(--ink)", style.QUIET: "var(--quiet)", style.GRID: "var(--line)",
            style.IDEAL: "var(--ink)", "#ffffff": "var(--paper)", "#000000": "var(--ink)"}


def render(data):
    """Returns the HTML text."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True)
    environment.filters["printable"] = units.printable
    environment.globals.update(svg=_svg_of_picture, pareto_svg=_svg)
    script = (_FOLDER / "script.js").read_text()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return environment.get_template("page.html.j2").render(
        **data, style=markupsafe.Markup((_FOLDER / "style.css").read_text()),
        script=markupsafe.Markup(script), script_digest=digest)


def _svg_of_picture(entry):
    return _svg(figure.draw(entry["pictures"], []), entry["stem"])


def _svg(drawn, stem):
    """Returns the figure as inline SVG, its ids prefixed with `stem`."""
    out = io.StringIO()
    with matplotlib.rc_context(style.RC):
        drawn.savefig(out, format="svg", transparent=True,
                      metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = out.getvalue()
    text = text[text.index("<svg"):]
    name = re.sub(r"[^a-z0-9]+", "-", stem.lower())
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(xlink:href="#|url\(#)', rf"\g<1>{name}-", text)
    for colour, variable in _COLOURS.items():
        text = text.replace(f": {colour.lower()}", f": {variable}")
    text = re.sub(r'<svg ', '<svg role="img" ', text, count=1)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    return markupsafe.Markup(text)
