// @vitest-environment jsdom
// SPDX-License-Identifier: BSD-3-Clause
import { beforeEach, describe, expect, it } from "vitest";
import { compare, matches, sortKey, upgrade } from "../src/history";

const row = (cell: number, seconds: string, status: string, code: string): string =>
  `<tr><td>${cell}</td><td data-v="${seconds}">${seconds === "" ? "-" : `${seconds} s`}</td>` +
  `<td class="jumper-left">${status}</td><td class="jumper-left">${code}</td></tr>`;

const field = (text: string, value?: string): Element => {
  const made = document.createElement("td");
  made.textContent = text;
  if (value !== undefined) made.setAttribute("data-v", value);
  return made;
};

describe("sortKey", () => {
  it("is the number of a field, its text, or nothing", () => {
    expect(sortKey(field("1.5 ms", "0.0015"))).toBe(0.0015);
    expect(sortKey(field("12"))).toBe(12);
    expect(sortKey(field("error"))).toBe("error");
    expect(sortKey(field("-"))).toBeNull();
    expect(sortKey(field(""))).toBe("");
  });
});

describe("compare", () => {
  it("puts what was not measured last in both directions", () => {
    expect([3, null, 1, 2].sort((a, b) => compare(a, b, "ascending"))).toEqual([1, 2, 3, null]);
    expect([3, null, 1, 2].sort((a, b) => compare(a, b, "descending"))).toEqual([3, 2, 1, null]);
    expect(compare("a", "b", "ascending")).toBeLessThan(0);
  });
});

describe("matches", () => {
  it("wants every word", () => {
    expect(matches("error import numpy", "numpy err")).toBe(true);
    expect(matches("error import numpy", "numpy ok")).toBe(false);
    expect(matches("anything", "")).toBe(true);
  });
});

describe("upgrade", () => {
  let host: HTMLElement;
  const shown = (): string[] =>
    [...host.querySelectorAll("tbody tr")].filter((r) => !(r as HTMLElement).hidden).map((r) => r.children[0]?.textContent ?? "");
  const press = (name: string): void => [...host.querySelectorAll("button")].find((b) => b.textContent === name)?.click();
  const sorted = (): (string | null)[] => [...host.querySelectorAll("th")].map((head) => head.getAttribute("aria-sort"));

  beforeEach(() => {
    document.body.innerHTML =
      `<div class="jumper-history"><div class="jumper-title">Cell history</div><table><thead><tr>` +
      ["Cell", "Duration", "Status", "Code"].map((name) => `<th>${name}</th>`).join("") +
      `</tr></thead><tbody>${row(0, "2", "ok", "import numpy")}${row(1, "10", "error", "1 / 0")}` +
      `${row(2, "", "ok", "<details><summary>def f():</summary>&lt;script&gt;</details>")}</tbody></table></div>`;
    host = document.querySelector(".jumper-history") as HTMLElement;
    upgrade(host);
  });

  it("sorts by a column, the other way round the second time", () => {
    expect(sorted()).toEqual(["ascending", null, null, null]);
    press("Duration");
    expect(shown()).toEqual(["1", "0", "2"]);
    expect(sorted()).toEqual([null, "descending", null, null]);
    press("Duration");
    expect(shown()).toEqual(["0", "1", "2"]);
    press("Status");
    expect(shown()).toEqual(["1", "0", "2"]);
    press("Cell");
    expect(shown()).toEqual(["2", "1", "0"]);
  });

  it("filters by status and code, and says how many are left", () => {
    const input = host.querySelector("input") as HTMLInputElement;
    const type = (text: string): void => {
      input.value = text;
      input.dispatchEvent(new Event("input"));
    };
    type("OK <Script>");
    expect(shown()).toEqual(["2"]);
    expect(host.querySelector("output")?.value).toBe("1 of 3");
    type("");
    expect(shown()).toEqual(["0", "1", "2"]);
    expect(host.querySelector("output")?.value).toBe("");
  });

  it("opens all code and closes it", () => {
    const details = host.querySelector("details") as HTMLDetailsElement;
    press("Open all code");
    expect(details.open).toBe(true);
    press("Close all code");
    expect(details.open).toBe(false);
  });

  it("keeps its keys from the notebook", () => {
    let heard = 0;
    document.body.addEventListener("keydown", () => (heard += 1));
    host.querySelector("button")?.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    expect(heard).toBe(0);
    const taking = [...host.querySelectorAll("button, input, summary")];
    expect(taking.every((each) => each.hasAttribute("data-lm-suppress-shortcuts"))).toBe(true);
  });

  it("leaves an empty history alone", () => {
    const empty = document.createElement("div");
    upgrade(empty);
    expect(empty.dataset["state"]).toBe("ready");
  });
});
