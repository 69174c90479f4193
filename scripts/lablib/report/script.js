// Tables sort by their headings and filter as one types. Everything is readable without this script.
"use strict";

const FACTORS = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, ns: 1, "µs": 1e3, ms: 1e6, s: 1e9,
  k: 1e3, M: 1e6, G: 1e9 };

// "1.5 MiB" → 1572864, "×0.93 [0.9, 1]" → 0.93; null for words.
function numberOf(text) {
  const match = /^×?(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s?([A-Za-zµ]+)?/.exec(text.trim());
  if (!match) return null;
  return Number(match[1]) * (FACTORS[match[2]] || 1);
}

function compare(first, second) {
  const a = numberOf(first), b = numberOf(second);
  if (a !== null && b !== null) return a - b;
  if (a !== null || b !== null) return a !== null ? -1 : 1;
  return first.localeCompare(second);
}

function sortBy(table, column, heading) {
  const down = heading.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", down ? "descending" : "ascending");
  const text = (row) => row.cells[column] ? row.cells[column].textContent.trim() : "";
  const rows = Array.from(table.tBodies[0].rows);
  rows.sort((a, b) => (down ? -1 : 1) * compare(text(a), text(b)));
  table.tBodies[0].append(...rows);
}

function makeSortable(table) {
  Array.from(table.tHead.rows[0].cells).forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sortBy(table, column, heading));
    heading.append(button);
  });
}

function makeFilterable(table) {
  const input = document.createElement("input");
  input.type = "search";
  input.className = "filter";
  input.placeholder = "Filter rows";
  input.setAttribute("aria-label", "Filter rows of: " + table.caption.textContent);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/);
    for (const row of table.tBodies[0].rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  });
  table.parentElement.before(input);
}

function colourVerdicts(table) {
  for (const cell of table.querySelectorAll("tbody td, tbody th")) {
    const text = cell.textContent.trim();
    if (/^(found:|worse$|refuted$|failed$|oom_killed$|timeout$|invalid$)/.test(text)) cell.classList.add("bad");
    if (/^(not found:|better$|confirmed$)/.test(text)) cell.classList.add("good");
  }
}

for (const table of document.querySelectorAll("table.sortable")) {
  colourVerdicts(table);
  makeSortable(table);
  if (table.classList.contains("filterable") && table.tBodies[0].rows.length > 6) makeFilterable(table);
}
window.addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("details")) each.open = true;
});
document.documentElement.dataset.ready = "yes";
