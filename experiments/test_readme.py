"""The list of experiments in the README is the catalogue's own."""

import json
import os
import re
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parent
BUILD = Path(os.environ.get("ALLOCLAB_BUILD", FOLDER.parent / "build" / "release"))


def test_the_readme_lists_every_experiment_with_its_family_and_question():
    told = subprocess.run([BUILD / "alloclab", "list", "experiments", "--json"], check=True, text=True,
                          capture_output=True).stdout
    listed = {f"| {each['family']} | {each['name']} | {each['question']} |" for each in json.loads(told)}
    section = (FOLDER / "README.md").read_text().split("## All of them\n")[1].split("\n## ")[0]
    rows = set(re.findall(r"^\| .* \|$", section, re.MULTILINE)) - {"| family | experiment | question |"}
    assert rows == listed
