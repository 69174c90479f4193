"""Every claim's verdict in every image, side by side: what changed between the C libraries comes out by measurement."""

import json
import os

from containers.errors import ContainerError

MARKS = {"confirmed": "yes", "refuted": "NO", "not_testable": "?", "not_applicable": "-"}


def judge(session, arguments):
    """Returns {(id, allocator): claim} as judged in one image."""
    code, text = session.lab("claims", *arguments, "--json", "--quiet", "--out", f"/tmp/alloclab-claims-{os.getpid()}")
    if code != 0:
        raise ContainerError(f"alloclab claims in image {session.name} ended with exit {code}")
    return {(each["id"], each["allocator"] or ""): each for each in json.loads(text)["claims"]}


def rows(verdicts):
    """Yields (id, allocator, {image: claim}, differs), those that differ between the images first."""
    keys = dict.fromkeys(key for judged in verdicts.values() for key in judged)
    found = []
    for key in keys:
        cells = {image: judged.get(key) for image, judged in verdicts.items()}
        differs = len({cell["verdict"] if cell else None for cell in cells.values()}) > 1
        found.append((*key, cells, differs))
    return sorted(found, key=lambda row: not row[3])


def numbers(cell):
    """What a claim was judged by in one image, or what was missing."""
    if cell["measured"] is None:
        return f"not testable: {cell.get('missing') or cell.get('reason') or 'it does not say why'}"
    return f"measured {cell['measured']}, expected {cell['expected']}"


def same_verdict_other_numbers(found):
    """Yields a line for each claim whose verdict is the same everywhere, though its numbers are not."""
    for name, allocator, cells, differs in found:
        told = {image: cell["measured"] for image, cell in cells.items() if cell}
        if not differs and len(set(told.values())) > 1:
            yield f"- {name}{' ' + allocator if allocator else ''}: " + "; ".join(
                f"{image} {measured}" for image, measured in told.items())


def render(verdicts, titles):
    """Returns the Markdown table. `titles` gives each image its heading."""
    lines = ["| claim | allocator | " + " | ".join(titles[image] for image in verdicts) + " | |",
             "|---|---|" + "---|" * len(verdicts) + "---|"]
    notes = []
    found = rows(verdicts)
    for name, allocator, cells, differs in found:
        marks = [MARKS[cell["verdict"]] if cell else "" for cell in cells.values()]
        lines.append(f"| {name} | {allocator} | " + " | ".join(marks) + f" | {'differs' if differs else ''} |")
        if differs:
            notes += [f"- {name}{' ' + allocator if allocator else ''}, {image}: {numbers(cell)}"
                      for image, cell in cells.items() if cell]
    return "\n".join([*lines, "", *notes, "", "The same verdict, other numbers:", "", *same_verdict_other_numbers(found)])


def table(sessions, arguments):
    verdicts = {name: judge(session, arguments) for name, session in sessions.items()}
    print(render(verdicts, {name: session.title for name, session in sessions.items()}))
    return 0
