// SPDX-License-Identifier: BSD-3-Clause
// A plot: panels over one axis of time, and what steers them. Everything happens in the browser.
import { element, option } from "./dom";
import { formatClock, formatDuration, formatTime, formatWindow } from "./format";
import { pointsOn, realAxis, squeezedAxis, type Axis } from "./idle";
import { cellAt, type Cell, type Level, type PlotData } from "./model";
import type { Span } from "./chart";
import { Panel, type Shown } from "./panel";
import { RangeSlider } from "./slider";
import { buildTable } from "./table";
import { Theme } from "./theme";
import style from "./style.css";
import chartStyle from "uplot/dist/uPlot.min.css";

type View = readonly [number, number];

/** For a plot that moves on: it shows the last seconds, and what state it is in. */
export interface Live {
  readonly window: number; // at first
  readonly panels: readonly string[] | null; // their keys; null: the usual ones
  readonly state: HTMLElement;
}

const WINDOWS = [10, 30, 60, 120, 300, 600];
const SHORTEST_WINDOW = 10;

export class Plot {
  private readonly body: HTMLElement;
  private readonly stack = element("div", { class: "panels" });
  private readonly tip = element("div", { class: "tip", role: "presentation" });
  private readonly spoken = element("div", { class: "spoken", "aria-live": "polite" });
  private readonly adder = element("select", { class: "add", "aria-label": "Add a panel" });
  private readonly reset = element("button", { type: "button", class: "reset" }, "Reset zoom");
  private readonly details = element("details", { class: "details" }, element("summary", {}, "Table of cells"));
  private readonly slider: RangeSlider | null;
  private theme: Theme | null = null;
  private readonly observer = new ResizeObserver(() => this.resize());
  private readonly chosen: number[]; // panels in order
  private panels: Panel[] = [];
  private level: Level | undefined;
  private axis: Axis;
  private bounds: View; // how far it can be zoomed out
  private home: View; // what is shown unless zoomed
  private view: View; // the very home while it is shown
  private window: number;
  private cursor: number | null = null;
  private pointed = 0; // the panel
  private width = 0;

  constructor(
    private readonly host: HTMLElement,
    private data: PlotData,
    private readonly live: Live | null = null,
  ) {
    this.level = data.levels.find((level) => level.name === data.level) ?? data.levels[0];
    const wanted = live?.panels;
    this.chosen = wanted
      ? wanted.map((key) => data.panels.findIndex((panel) => panel.key === key)).filter((place) => place >= 0)
      : data.panels.flatMap((panel, place) => (panel.shown ? [place] : []));
    this.axis = realAxis(data.from, data.to);
    this.bounds = this.home = this.view = [data.from, data.to];
    this.window = live?.window ?? Infinity;
    const cells = data.cells;
    this.slider = cells.length > 1 && !live ? new RangeSlider(cells[0]?.index ?? 0, cells.at(-1)?.index ?? 0, () => this.showRange()) : null;
    if (this.slider && data.range) this.slider.range = data.range;
    this.body = element("div", { class: "plot", role: "figure", "aria-label": data.title });
    this.body.append(this.toolbar(), element("div", { class: "corner" }, this.reset), this.stack, this.tip, this.details, this.spoken);
    if (live) this.reset.textContent = "Follow";
    const shadow = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    shadow.replaceChildren(element("style", {}, chartStyle + style), this.body);
    this.body.addEventListener("keydown", (event) => this.onKey(event));
    this.details.addEventListener("toggle", () => this.fillTable());
    this.buildPanels();
    if (live) this.advance(data);
    else this.showRange();
    this.observer.observe(host);
  }

  /** Shows data that went on. Whoever has zoomed in goes on seeing the same time. */
  advance(data: PlotData): void {
    this.data = data;
    this.level = data.levels.find((level) => level.name === this.level?.name);
    const atHome = this.view === this.home;
    this.axis = realAxis(data.from, data.to);
    this.home = this.latest();
    this.bounds = [data.from, this.home[1]];
    if (atHome) this.view = this.home;
    this.refresh(this.cursor);
  }

  private latest(): View {
    const { from, to } = this.data;
    const start = Math.max(from, to - this.window);
    return [start, Math.max(to, start + SHORTEST_WINDOW)];
  }

  destroy(): void {
    this.observer.disconnect();
    this.rest();
  }

  /** Lets go of all that the page holds on to, until the host is on the page again. */
  private rest(): void {
    this.panels.forEach((panel) => panel.destroy());
    this.panels = [];
    this.theme?.destroy();
    this.theme = null;
    this.width = 0;
  }

  // ---- what steers it

  private toolbar(): HTMLElement {
    const what = this.data.ofNodes ? "Node" : "Level";
    const levels = element("select", { class: "level", "aria-label": what }, ...this.data.levels.map(({ name }) => option(name, name)));
    levels.value = this.level?.name ?? "";
    levels.addEventListener("change", () => {
      this.level = this.data.levels.find((level) => level.name === levels.value);
      this.refresh();
    });
    const idle = element("input", { type: "checkbox", class: "idle" });
    idle.checked = true;
    idle.addEventListener("change", () => {
      this.axis = idle.checked ? realAxis(this.data.from, this.data.to) : squeezedAxis(this.data.cells, this.data.from, this.data.to);
      this.showRange();
    });
    idle.disabled = this.data.cells.length === 0;
    this.reset.addEventListener("click", () => this.goHome());
    this.adder.addEventListener("change", () => {
      this.chosen.push(Number(this.adder.value));
      this.buildPanels();
      this.refresh();
    });
    const parts: HTMLElement[] = [element("label", {}, `${what} `, levels)];
    if (this.slider) parts.push(this.slider.root);
    parts.push(this.live ? this.windows() : element("label", {}, idle, " idle time"), this.adder);
    if (this.live) parts.push(this.live.state);
    return element("div", { class: "toolbar", role: "toolbar", "aria-label": "Plot" }, ...parts);
  }

  private windows(): HTMLElement {
    const all = [...new Set([...WINDOWS, this.window])].sort((a, b) => a - b);
    const windows = element("select", { class: "window", "aria-label": "Time shown" }, ...all.map((seconds) => option(String(seconds), formatWindow(seconds))));
    windows.value = String(this.window);
    windows.addEventListener("change", () => {
      this.window = Number(windows.value);
      this.view = this.home;
      this.advance(this.data);
    });
    return element("label", {}, "Last ", windows);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.target as HTMLElement).classList.contains("chart")) return;
    const span = this.view[1] - this.view[0];
    const centre = this.cursor ?? (this.view[0] + this.view[1]) / 2;
    const step = (event.shiftKey ? 0.1 : 0.005) * span;
    const actions: Record<string, () => void> = {
      ArrowLeft: () => this.moveCursor(centre - step),
      ArrowRight: () => this.moveCursor(centre + step),
      "+": () => this.zoom([centre - span / 4, centre + span / 4]),
      "=": () => this.zoom([centre - span / 4, centre + span / 4]),
      "-": () => this.zoom([centre - span, centre + span]),
      PageUp: () => this.zoom([this.view[0] - span / 2, this.view[1] - span / 2]),
      PageDown: () => this.zoom([this.view[0] + span / 2, this.view[1] + span / 2]),
      Escape: () => this.goHome(),
    };
    const action = actions[event.key];
    if (!action) return;
    action();
    event.preventDefault();
    event.stopPropagation();
  }

  private moveCursor(place: number): void {
    this.point(Math.min(Math.max(place, this.view[0]), this.view[1]));
    this.spoken.textContent = this.tip.textContent;
  }

  // ---- what is shown

  private buildPanels(): void {
    this.rest();
    const theme = (this.theme = new Theme(this.body, () => this.panels.forEach((panel) => panel.redraw())));
    this.panels = this.chosen.flatMap((place, i) => {
      const info = this.data.panels[place];
      if (!info) return [];
      return new Panel(info, place, { first: i === 0, last: i === this.chosen.length - 1 }, theme, {
        onCursor: (at) => this.point(at, i),
        onZoom: (from, to) => this.zoom([from, to]),
        onReset: () => this.goHome(),
        onRemove: () => {
          this.chosen.splice(i, 1);
          this.buildPanels();
          this.refresh();
        },
      });
    });
    this.stack.replaceChildren(...this.panels.map((panel) => panel.root));
    const others = this.data.panels.flatMap((panel, place) => (this.chosen.includes(place) ? [] : [option(String(place), panel.title)]));
    const prompt = option("", "Add a panel…");
    prompt.disabled = prompt.selected = true;
    this.adder.replaceChildren(prompt, ...others);
    this.adder.hidden = others.length === 0;
    this.resize();
  }

  private chosenCells(): readonly Cell[] {
    const [low, high] = this.slider?.range ?? [-Infinity, Infinity];
    return this.data.cells.filter((cell) => cell.index >= low && cell.index <= high);
  }

  /** Shows the cells that the slider says. At its ends, what lies outside of the cells too. */
  private showRange(): void {
    const { cells } = this.data;
    const chosen = this.chosenCells();
    const [first, last] = [chosen[0], chosen.at(-1)];
    const from = first && first !== cells[0] ? this.axis.place(first.start) : this.axis.from;
    const to = last && last !== cells.at(-1) ? this.axis.place(last.end) : this.axis.to;
    this.bounds = this.home = this.view = to > from ? [from, to] : this.unmonitored(first, last);
    this.refresh();
  }

  /** Where there are no data: these cells ran while the monitor did not. */
  private unmonitored(first: Cell | undefined, last: Cell | undefined): View {
    if (!first || !last) return [this.axis.from, this.axis.from + 1];
    return this.axis.squeezed ? [-2, -1] : [first.start, Math.max(last.end, first.start + 1e-3)];
  }

  private zoom([from, to]: View): void {
    const [low, high] = this.bounds;
    const span = Math.min(Math.max(to - from, 1e-3), high - low);
    const start = Math.min(Math.max(from, low), high - span);
    this.view = span < high - low ? [start, start + span] : this.bounds;
    this.showView();
  }

  private goHome(): void {
    this.view = this.home;
    this.showView();
  }

  private showView(): void {
    this.panels.forEach((panel) => panel.zoom(this.view));
    this.point(this.cursor, this.pointed);
  }

  private refresh(cursor: number | null = null): void {
    if (!this.level) return;
    const shown: Shown = {
      level: this.level,
      axis: this.axis,
      points: pointsOn(this.axis, this.level, this.data.cells),
      spans: this.spans(),
      view: this.view,
    };
    this.panels.forEach((panel) => panel.show(shown));
    this.fillTable();
    this.point(cursor, this.pointed);
  }

  private spans(): Span[] {
    return this.data.cells.map((cell) => ({
      from: this.axis.place(cell.start),
      to: this.axis.place(cell.end),
      status: cell.status,
      odd: cell.index % 2 === 1,
      names: [`#${cell.index} · ${formatDuration(cell.end - cell.start)}`, `#${cell.index}`],
    }));
  }

  private resize(): void {
    // Notebooks take outputs off the page and put them back, or replace them.
    if (!this.host.isConnected) return this.rest();
    if (!this.theme) {
      this.buildPanels();
      this.refresh();
    }
    const width = Math.floor(this.stack.clientWidth);
    if (width <= 0 || width === this.width) return;
    this.width = width;
    this.panels.forEach((panel) => panel.resize(width));
  }

  private fillTable(): void {
    if (!this.details.open || !this.level) return;
    this.details.querySelector("table")?.remove();
    this.details.append(buildTable(this.level, this.data.panels, this.chosen, this.chosenCells()));
  }

  // ---- reading values

  private point(place: number | null, on = 0): void {
    if (place !== null && (place < this.view[0] || place > this.view[1])) place = null;
    [this.cursor, this.pointed] = [place, on];
    this.host.dataset["view"] = this.view.map((edge) => edge.toFixed(3)).join();
    this.reset.hidden = this.view[0] === this.home[0] && this.view[1] === this.home[1];
    const values = this.panels.map((panel) => panel.point(place, this.live ? this.data.to : null));
    const panel = this.panels[on];
    this.tip.hidden = place === null || !panel;
    if (place === null || !panel) return;
    const time = this.axis.time(place);
    const cell = cellAt(this.data.cells, time);
    const span = this.view[1] - this.view[0];
    const when = `${formatTime(time, span / 500, Math.max(time, 1))} · ${formatClock(this.data.startMs + time * 1e3)}`;
    const name = cell ? `Cell ${cell.index} · ${formatDuration(cell.end - cell.start)}${cell.status === "ok" ? "" : ` · ${cell.status}`}` : "Between cells";
    this.tip.replaceChildren(
      element("div", { class: "when" }, when),
      element("div", {}, name),
      ...(cell?.label ? [element("bdi", { class: "code" }, cell.label)] : []),
      element("div", { class: "spoken" }, values.join("; ")),
    );
    const left = panel.left(place);
    const flip = left > this.width / 2;
    this.tip.style.left = flip ? "auto" : `${left + 14}px`;
    this.tip.style.right = flip ? `${this.width - left + 14}px` : "auto";
    this.tip.style.top = `${this.stack.offsetTop + panel.root.offsetTop + 34}px`;
  }
}
