// SPDX-License-Identifier: BSD-3-Clause
// Makes the table of the cell history one that can be sorted and filtered. The table is complete
// without it; the script comes with every such output, and takes up what no script has taken up yet.
import { element } from "./dom";

type Direction = "ascending" | "descending";

/** What a field is sorted by: its number where it has one, nothing where nothing was measured. */
export function sortKey(field: Element | undefined): number | string | null {
  const text = field?.textContent.trim() ?? "";
  if (text === "-") return null;
  const number = Number(field?.getAttribute("data-v") ?? text);
  return text === "" || Number.isNaN(number) ? text : number;
}

/** The order of two keys; what was not measured comes last in both directions. */
export function compare(a: number | string | null, b: number | string | null, direction: Direction): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
  return direction === "ascending" ? order : -order;
}

/** Whether every word of the query stands in the text. */
export function matches(text: string, query: string): boolean {
  return query.split(/\s+/).every((word) => text.includes(word));
}

function sortBy(head: HTMLTableCellElement, body: HTMLElement, rows: HTMLTableRowElement[]): void {
  const column = head.cellIndex;
  const before = head.getAttribute("aria-sort");
  const keyed = rows.map((row) => ({ row, key: sortKey(row.cells[column]) }));
  // Words begin with A; of numbers, the largest are what one looks for.
  const first = keyed.some(({ key }) => typeof key === "number") ? "descending" : "ascending";
  const other = first === "ascending" ? "descending" : "ascending";
  const direction = before === first ? other : first;
  for (const sibling of head.parentElement?.children ?? []) sibling.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", direction);
  keyed.sort((a, b) => compare(a.key, b.key, direction));
  body.append(...keyed.map(({ row }) => row));
}

function makeTools(host: HTMLElement, rows: HTMLTableRowElement[]): HTMLElement {
  const count = element("output", { class: "jumper-quiet" });
  const field = element("input", {
    type: "search",
    placeholder: "Filter: code, status",
    "aria-label": "Filter the cells by their code and status",
  });
  // Only what is read is searched: the status, and the longest form of the code.
  const texts = rows.map((row) => [...row.querySelectorAll("td.jumper-left")].map((d) => d.textContent).join(" ").toLowerCase());
  field.addEventListener("input", () => {
    const query = field.value.trim().toLowerCase();
    for (const [index, row] of rows.entries()) row.hidden = !matches(texts[index] ?? "", query);
    count.value = query && `${rows.filter((row) => !row.hidden).length} of ${rows.length}`;
  });
  const tools = element("span", { class: "jumper-tools" }, count, field);
  const all = [...host.querySelectorAll("details")];
  if (all.length > 0) {
    const button = element("button", { type: "button", "aria-expanded": "false" }, "Open all code");
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-expanded") === "false";
      for (const details of all) details.open = open;
      button.setAttribute("aria-expanded", String(open));
      button.textContent = open ? "Close all code" : "Open all code";
    });
    tools.append(button);
  }
  return tools;
}

/** Puts buttons into the head of the table, and a field to filter above it. */
export function upgrade(host: HTMLElement): void {
  const table = host.querySelector("table");
  const body = table?.tBodies[0];
  const heads = table?.tHead?.rows[0]?.cells;
  host.dataset["state"] = "ready";
  if (!body || !heads) return; // no cell yet
  const rows = [...body.rows];
  for (const head of heads) {
    const button = element("button", { type: "button" }, ...head.childNodes);
    button.addEventListener("click", () => sortBy(head, body, rows));
    head.append(button);
  }
  heads[0]?.setAttribute("aria-sort", "ascending"); // as it comes
  host.querySelector(".jumper-title")?.prepend(makeTools(host, rows));
  // A notebook has keys of its own: Enter would go into the cell. JupyterLab looks at what has the focus for this.
  for (const taking of host.querySelectorAll("button, input, summary")) taking.setAttribute("data-lm-suppress-shortcuts", "true");
  host.addEventListener("keydown", (event) => event.stopPropagation());
}

for (const host of document.querySelectorAll<HTMLElement>(".jumper-history:not([data-state])")) upgrade(host);
