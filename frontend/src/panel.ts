// SPDX-License-Identifier: BSD-3-Clause
// One panel: a heading with the curves' names and values, and the chart under it.
import { Chart, type ChartEvents, type Span } from "./chart";
import { element } from "./dom";
import { formatValue } from "./format";
import { curveAt, type Axis, type Points, type ShownCurve } from "./idle";
import { countBelow, isRate, labelsOf, type Level, type PanelInfo } from "./model";
import type { Theme } from "./theme";

const HEIGHT = 104;

export interface PanelEvents extends ChartEvents {
  onRemove(): void;
}

/** What all panels of a plot share. */
export interface Shown {
  readonly level: Level;
  readonly points: Points;
  readonly axis: Axis;
  readonly spans: readonly Span[];
  readonly view: readonly [number, number];
}

export class Panel {
  readonly root: HTMLElement;
  private readonly body = element("div", { class: "chart", tabindex: "0", role: "group" });
  private readonly keys = element("span", { class: "keys" });
  private labels: readonly string[] = [];
  private values: HTMLElement[] = [];
  private readonly note = element("span", { class: "note" });
  private readonly empty = element("div", { class: "empty" }, "no data");
  private readonly chart: Chart;
  private curves: ShownCurve[] = [];
  private x: Float64Array = new Float64Array();

  constructor(
    readonly info: PanelInfo,
    private readonly place: number,
    private readonly edges: { readonly first: boolean; readonly last: boolean },
    theme: Theme,
    events: PanelEvents,
  ) {
    const remove = element("button", { class: "remove", type: "button", title: `Remove ${info.title}`, "aria-label": `Remove the panel ${info.title}` }, "×");
    remove.addEventListener("click", () => events.onRemove());
    this.name(info.curves);
    const heading = element("div", { class: "heading" }, element("b", {}, info.title), this.keys, this.note, remove);
    this.body.setAttribute("aria-roledescription", "chart");
    this.body.setAttribute("aria-label", `${info.title} over time. Arrow keys move the reading, plus and minus zoom, Escape shows all.`);
    this.root = element("section", { class: "panel", "data-panel": info.key }, heading, this.body);
    const options = { unit: info.unit, steps: isRate(info), ...edges };
    this.chart = new Chart(this.body, options, theme, events);
    this.body.append(this.empty);
  }

  resize(width: number): void {
    const { first, last } = this.edges;
    this.chart.resize(width, HEIGHT + (first ? 14 : 0) + (last ? 18 : 0));
  }

  /** Names the curves; those of nodes are other ones than the panel's own. */
  private name(labels: readonly string[]): void {
    if (labels.join("\n") === this.labels.join("\n") && this.values.length > 0) return;
    this.labels = labels;
    this.values = [];
    const keys = labels.map((label, curve) => {
      const value = element("span", { class: "value" });
      this.values.push(value);
      const name = label ? [element("i", { class: `swatch c-line-${curve % 8}` }), label] : [];
      return element("span", { class: "key" }, ...name, value);
    });
    this.keys.replaceChildren(...keys);
  }

  show(shown: Shown): void {
    const { level, points, spans, view } = shown;
    this.name(labelsOf(this.info, this.place, level));
    this.x = points.x;
    this.curves = level.curves.filter((curve) => curve.panel === this.place).map((curve) => curveAt(points, curve));
    const value = this.info.key === "memory" ? level.memoryLimit : null;
    const limit = value === null ? null : { value, text: `limit ${formatValue(value, "bytes")}` };
    this.chart.show({ x: this.x, curves: this.curves, spans, limit }, view);
    const cpus = this.info.key === "cpu" ? level.cpus : null;
    const whole = cpus === null ? "" : `100 % = ${+cpus.toFixed(2)} ${cpus === 1 ? "CPU" : "CPUs"}`;
    this.note.textContent = limit?.text ?? whole;
    this.body.classList.toggle("nothing", !this.chart.measured);
  }

  zoom(view: readonly [number, number]): void {
    this.chart.zoom(view);
    this.body.classList.toggle("nothing", !this.chart.measured);
  }

  /** Points at a place on the axis, and gives the values there as text; without one, shows those elsewhere. */
  point(place: number | null, elsewhere: number | null = null): string {
    this.chart.point(place);
    // What was measured last may have no point here: readings of GPUs come between the samples.
    const read = place ?? (elsewhere === null ? null : Math.min(elsewhere, this.x.at(-1) ?? elsewhere));
    const texts = this.labels.map((label, curve) => {
      const value = read === null ? null : this.valueAt(curve, read);
      const text = value === null ? "" : formatValue(value, this.info.unit);
      this.values[curve]?.replaceChildren(text);
      return `${label} ${text}`.trim();
    });
    return `${this.info.title} ${texts.join(", ")}`;
  }

  left(place: number): number {
    return this.chart.left(place);
  }

  redraw(): void {
    this.chart.redraw();
  }

  destroy(): void {
    this.chart.destroy();
    this.root.remove();
  }

  private valueAt(curve: number, place: number): number {
    const shown = this.curves.find((other) => other.curve === curve);
    if (!shown) return NaN;
    const after = countBelow(this.x, place);
    if (isRate(this.info)) return shown.mean[after] ?? NaN;
    const before = this.x[after - 1] ?? -Infinity;
    const nearest = place - before < (this.x[after] ?? Infinity) - place ? after - 1 : after;
    return shown.mean[nearest] ?? NaN;
  }
}
