// SPDX-License-Identifier: BSD-3-Clause
// The plot as a table: a row per cell with its means. For screen readers, and for reading on.
import { element } from "./dom";
import { formatDuration, formatValue } from "./format";
import { countBelow, isRate, labelsOf, type Cell, type Curve, type Level, type PanelInfo } from "./model";

const MOST_ROWS = 300;

/** The mean of a curve in (from, to]: rates count for the time they hold, levels all the same. */
export function meanWithin(level: Level, curve: Curve, rate: boolean, from: number, to: number): number {
  const times = level.times.values;
  const values = curve.mean.values;
  const begin = countBelow(times, from, rate);
  let [sum, weights] = [0, 0];
  for (let i = begin; i < values.length; ++i) {
    const [value, time, before] = [values[i] ?? NaN, times[i] ?? NaN, times[i - 1] ?? from];
    if ((rate ? before : time) > to) break;
    const weight = rate ? Math.min(time, to) - Math.max(before, from) : 1;
    if (Number.isNaN(value) || weight <= 0) continue;
    sum += value * weight;
    weights += weight;
  }
  return weights > 0 ? sum / weights : NaN;
}

export function buildTable(level: Level, panels: readonly PanelInfo[], shown: readonly number[], cells: readonly Cell[]): HTMLElement {
  const curves = shown.flatMap((panel) => level.curves.filter((curve) => curve.panel === panel));
  const headings = curves.map(({ panel, curve }) => {
    const info = panels[panel];
    return info ? `${info.title} ${labelsOf(info, panel, level)[curve] ?? ""}`.trim() : "";
  });
  const head = element("tr", {}, ...["Cell", "Duration", ...headings.map((name) => `${name}, mean`), "Code"].map((text) => element("th", { scope: "col" }, text)));
  const rows = cells.slice(-MOST_ROWS).map((cell) => {
    const means = curves.map((curve) => {
      const panel = panels[curve.panel];
      if (!panel) return "n/a";
      return formatValue(meanWithin(level, curve, isRate(panel), cell.start, cell.end), panel.unit);
    });
    const name = `${cell.index}${cell.status === "ok" ? "" : ` (${cell.status})`}`;
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, name),
      ...[formatDuration(cell.end - cell.start), ...means].map((text) => element("td", {}, text)),
      element("td", { class: "code" }, element("bdi", {}, cell.label)),
    );
  });
  const caption = cells.length > MOST_ROWS ? `The last ${MOST_ROWS} cells, level ${level.name}` : `Cells, level ${level.name}`;
  return element("table", {}, element("caption", {}, caption), element("thead", {}, head), element("tbody", {}, ...rows));
}
