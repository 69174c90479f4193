"""The report end to end: what it says, that it is one strict page, and how a browser sees it."""

import html.parser
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import pytest

from lablib import testing

SCRIPT = pathlib.Path(__file__).parent / "report.py"
CHROMIUM = shutil.which("chromium")
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>${7*7}{{7*7}}\x1b[31m"
CHURN = testing.experiment(
    "churn", ["fill", "churn"], ["live_bytes"],
    plots=[{"title": "Footprint of churn", "metric": "rss_anon_bytes", "phase": "churn",
            "x": "live_bytes", "series": "allocator", "facet": None, "where": None,
            "since_start": True}],
    table={"title": "RSS after churn", "metric": "rss_anon_bytes", "phase": "churn",
           "x": "live_bytes", "series": "allocator", "facet": None, "where": None,
           "since_start": True})
SIZES = [{"live_bytes": size} for size in ("1MiB", "2MiB", "4MiB", "8MiB")]


def value(at):
    factor = {"jemalloc": 0.7}.get(at.arm, 1.0)
    if at.metric == "minor_faults_count" and at.arm == "jemalloc":
        return 5000
    return round(1e6 * factor * (1 + 0.01 * at.rng.random()))


def preload(row):
    if row["arm"] == "jemalloc":
        row["variables"] = {"LD_PRELOAD": "/usr/lib/libjemalloc.so.2"}
    return row


def write(folder, **shape):
    shape = {"experiments": (CHURN,), "points": SIZES, "knobs": [{}], "blocks": 8, "value": value,
             "ideal": lambda at: {"rss_anon_bytes": 500000}, "measure": "time", "change": preload,
             **shape}
    return testing.write(folder, **shape)


def report(folder, *arguments):
    out = folder / "report.html"
    done = subprocess.run([sys.executable, SCRIPT, folder, "--out", out, *arguments],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return out.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The HTML of an ordinary result."""
    return report(write(tmp_path_factory.mktemp("plain")))


class Page(html.parser.HTMLParser):
    """Collects tags with their attributes, and the text outside script and style."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words, self._inside = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._inside = tag if tag in ("script", "style") else self._inside

    def handle_endtag(self, tag):
        self._inside = None if tag == self._inside else self._inside

    def handle_data(self, data):
        if not self._inside:
            self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))


def test_the_choice_comes_first_with_its_line_and_what_it_costs(source):
    text = Page(source).text
    assert "Choose jemalloc" in text
    assert "LD_PRELOAD=/usr/lib/libjemalloc.so.2 your-program" in text
    assert text.index("Choose jemalloc") < text.index("Risks") < text.index("Provenance")
    costs = text[text.index("What it costs elsewhere"):text.index("Risks looked for")]
    assert "mmap_calls_count" not in costs
    assert "not measured: needs experiment realloc_growth" in text
    assert "Question: What does churn do?" in text and "Footprint of churn" in text


def test_without_times_it_says_what_stands_in(tmp_path):
    text = Page(report(write(tmp_path, measure="counts"))).text
    assert "Speed was not measured" in text


def test_times_may_come_from_another_result(tmp_path):
    counts = write(tmp_path / "counts", measure="counts")
    text = Page(report(counts, "--times", write(tmp_path / "time"))).text
    assert "Speed was not measured" not in text and "Choose jemalloc" in text


def test_the_page_asks_for_nothing_outside_itself(source):
    page = Page(source)
    for tag, attributes in page.tags:
        for name in ("src", "href", "xlink:href", "action", "data"):
            assert (attributes.get(name) or "#").startswith("#"), (tag, attributes)
    assert "@import" not in source and "url(http" not in source
    policy = next(each for tag, each in page.tags if "http-equiv" in each)["content"]
    assert "default-src 'none'" in policy and "unsafe-inline'; script" in policy


def test_every_id_is_unique_and_every_reference_has_a_target(source):
    ids = re.findall(r'\bid="([^"]+)"', source)
    assert len(ids) == len(set(ids))
    for target in re.findall(r'(?:href="#|url\(#)([^")]+)', source):
        assert target in ids


def hostile(row):
    row.update(stderr_tail=HOSTILE, variables={"LD_PRELOAD": HOSTILE})
    if row["block"] == 1:
        row.update(status="failed", reason=HOSTILE)
    return row


def write_hostile(folder):
    evil = testing.experiment("churn", ["fill", "churn"], ["live_bytes"], question=HOSTILE,
                              method=HOSTILE)
    plot = {**CHURN["plots"][0], "title": HOSTILE}
    evil.update(plots=[plot], table=plot)
    environment = {**testing.ENVIRONMENT, "kernel": HOSTILE, "nulls": {"governor": HOSTILE}}
    claim = {"id": HOSTILE, "allocator": HOSTILE, "verdict": "refuted", "measured": HOSTILE,
             "expected": HOSTILE, "explanation": HOSTILE}
    return write(folder, experiments=(evil,), change=hostile, allocators=("glibc", HOSTILE),
                 points=[*SIZES[:1], {"live_bytes": HOSTILE}],
                 manifest={"environments": {"e0": environment}, "claims": [claim],
                           "command_line": [HOSTILE], "lab_version": HOSTILE})


def test_hostile_names_are_text_and_nothing_else(tmp_path):
    source = report(write_hostile(tmp_path))
    page = Page(source)
    assert [tag for tag, _ in page.tags if tag in ("script", "img")] == ["script"]
    assert not any(name.startswith("on") for _, each in page.tags for name in each)
    assert "${7*7}{{7*7}}" in page.text and "\x1b" not in source
    assert "<script>alert(1)" in page.text


def luminance(colour):
    parts = [int(colour[start:start + 2], 16) / 255 for start in (1, 3, 5)]
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def test_text_has_enough_contrast_in_light_and_dark():
    css = (SCRIPT.parent / "lablib" / "report" / "style.css").read_text()
    schemes = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
               for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)][:2]
    assert len(schemes) == 2
    for scheme in schemes:
        pairs = [(ink, paper) for ink in ("ink", "quiet", "accent", "bad", "good")
                 for paper in ("paper", "panel")] + [("warn-ink", "warn-paper")]
        for ink, paper in pairs:
            light, dark = sorted((luminance(scheme[ink]), luminance(scheme[paper])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, paper)


# What a person does, done by a script in the page: click, type, look.
ACTIONS = """
const rows = (table) => [...table.tBodies[0].rows].filter((row) => !row.hidden)
  .map((row) => row.cells[0].textContent.trim());
const out = {};
const candidates = document.querySelector("#choice table");
const button = candidates.tHead.rows[0].cells[2].querySelector("button");
button.focus(); button.click();
out.up = rows(candidates); button.click(); out.down = rows(candidates);
out.sorted = candidates.tHead.rows[0].cells[2].getAttribute("aria-sort");
out.focused = document.activeElement === button;
const input = document.querySelector("#comparison input.filter");
const table = document.querySelector("#comparison table");
out.before = rows(table).length;
input.value = "WALL_NS churn"; input.dispatchEvent(new Event("input"));
out.after = rows(table).length;
out.kinds = [...new Set([...table.tBodies[0].rows].filter((row) => !row.hidden)
  .map((row) => row.cells[2].textContent.trim()))];
out.wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
out.numbers = ["1.5 MiB", "×0.93 [0.9, 1]", "3 µs", "word", "-2"].map(numberOf);
document.title = JSON.stringify(out);
"""


def browse(text, width=1280):
    """Returns (DOM after loading the page `text`, what the console said)."""
    with tempfile.TemporaryDirectory() as profile:
        page = pathlib.Path(profile) / "page.html"
        page.write_text(text)
        done = subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", f"--user-data-dir={profile}", f"--window-size={width},900",
             "--enable-logging=stderr", "--dump-dom", page.as_uri()],
            capture_output=True, text=True, timeout=120)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


browser = pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")


@browser
def test_a_browser_runs_the_script_without_a_complaint(source):
    dom, console = browse(source)
    assert console == []
    assert 'data-ready="yes"' in dom and "aria-label=\"Filter rows" in dom


@browser
def test_a_browser_runs_nothing_that_came_from_outside(tmp_path):
    dom, console = browse(report(write_hostile(tmp_path)))
    assert console == [] and 'data-ready="yes"' in dom and "onerror=\"" not in dom


@browser
@pytest.mark.parametrize("width", [1280, 500])
def test_tables_sort_and_filter_and_the_page_does_not_overflow(source, width):
    policy = re.search(r"<meta http-equiv=[^>]*>", source)[0]
    acted = source.replace(policy, "").replace("</body>", f"<script>{ACTIONS}</script></body>")
    dom, console = browse(acted, width)
    assert console == []
    out = json.loads(re.search(r"<title>(\{.*?\})</title>", dom)[1])
    assert (out["up"], out["down"]) == (["jemalloc", "glibc"], ["glibc", "jemalloc"])
    assert out["sorted"] == "descending" and out["focused"]
    assert 0 < out["after"] < out["before"] and out["kinds"] == ["wall_ns"]
    assert out["wide"] <= 0
    assert out["numbers"] == [1572864, 0.93, 3000, None, -2]


@browser
def test_without_script_all_is_there(source):
    dom, console = browse(re.sub(r"<script>.*?</script>", "", source, flags=re.DOTALL))
    assert console == [] and "Choose jemalloc" in dom and dom.count("<tr") == source.count("<tr")


def test_times_of_other_workloads_are_refused(tmp_path):
    counts = write(tmp_path / "counts", measure="counts")
    other = write(tmp_path / "time", experiments=(testing.experiment("other", ["fill"], ["live_bytes"]),),
                  points=[{"live_bytes": "1MiB"}])
    done = subprocess.run([sys.executable, SCRIPT, counts, "--times", other], capture_output=True, text=True)
    assert done.returncode == 2 and "no workload in common" in done.stderr
