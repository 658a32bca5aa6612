// SPDX-License-Identifier: BSD-3-Clause
// Curves over time on a canvas: uPlot for axes, cursor and zoom; the curves and cells are ours.
import uPlot from "uplot";
import { formatTime, formatValue, tickSteps } from "./format";
import type { ShownCurve } from "./idle";
import { countBelow, type CellStatus, type Unit } from "./model";
import type { Role, Theme } from "./theme";
import { highest, traceBand, traceLine, type Projection } from "./trace";

export interface Span {
  readonly from: number;
  readonly to: number;
  readonly status: CellStatus;
  readonly odd: boolean;
  readonly names: readonly string[]; // from long to short: the first for which there is room
}

export interface ChartData {
  readonly x: Float64Array;
  readonly curves: readonly ShownCurve[];
  readonly spans: readonly Span[];
  readonly limit: { readonly value: number; readonly text: string } | null;
}

export interface ChartEvents {
  onCursor(place: number | null): void;
  onZoom(from: number, to: number): void;
  onReset(): void;
}

export interface ChartOptions {
  readonly unit: Unit;
  readonly steps: boolean;
  readonly first: boolean; // has the names of the cells above it
  readonly last: boolean; // has the axis of time below it
}

const NOTHING: ChartData = { x: new Float64Array(), curves: [], spans: [], limit: null };
const AXIS_WIDTH = 66;

export class Chart {
  private readonly plot: uPlot;
  private data: ChartData = NOTHING;
  private view: readonly [number, number] = [0, 1];

  constructor(
    host: HTMLElement,
    private readonly options: ChartOptions,
    private readonly theme: Theme,
    private readonly events: ChartEvents,
  ) {
    this.plot = new uPlot(this.settings(), [new Float64Array([0, 1])], host);
    this.plot.over.addEventListener("dblclick", () => events.onReset());
    this.plot.over.addEventListener("mouseleave", () => events.onCursor(null));
  }

  show(data: ChartData, view: readonly [number, number]): void {
    this.data = data;
    this.view = view;
    this.plot.batch(() => {
      this.plot.setData([data.x.length > 0 ? data.x : new Float64Array([view[0], view[1]])], false);
      this.plot.setScale("x", { min: view[0], max: view[1] });
    });
  }

  zoom(view: readonly [number, number]): void {
    this.view = view;
    this.plot.setScale("x", { min: view[0], max: view[1] });
  }

  resize(width: number, height: number): void {
    this.plot.setSize({ width, height });
  }

  redraw(): void {
    this.plot.redraw(false, true);
  }

  /** Whether there is anything to see in view. */
  get measured(): boolean {
    const [begin, end] = this.visible();
    const { x, curves } = this.data;
    const overlaps = (x[begin] ?? Infinity) <= this.view[1] && (x[end - 1] ?? -Infinity) >= this.view[0];
    return overlaps && x.length > 1 && curves.some(({ mean }) => mean.subarray(begin, end).some((value) => !Number.isNaN(value)));
  }

  /** Shows the cursor at a place without telling anyone; null hides it. */
  point(place: number | null): void {
    const left = place === null ? -10 : this.plot.valToPos(place, "x");
    this.plot.setCursor({ left, top: place === null ? -10 : 0 }, false);
  }

  /** The distance of a place from the left of the chart, in CSS pixels. */
  left(place: number): number {
    return AXIS_WIDTH + this.plot.valToPos(place, "x");
  }

  destroy(): void {
    this.plot.destroy();
  }

  private settings(): uPlot.Options {
    const { unit, first, last } = this.options;
    const ink = (): string => this.theme.colour("quiet");
    const grid = { stroke: () => this.theme.colour("grid"), width: 1 };
    const font = `11px ${this.theme.font}`;
    return {
      width: 600,
      height: 120,
      padding: [first ? 20 : 6, 18, last ? 0 : 6, 0],
      legend: { show: false },
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false },
      },
      select: { show: true, left: 0, top: 0, width: 0, height: 0 },
      scales: { x: { time: false, range: () => [this.view[0], this.view[1]] }, y: { range: () => [0, this.top()] } },
      series: [{}],
      axes: [
        {
          stroke: ink,
          grid,
          font,
          ticks: { show: false },
          size: last ? 24 : 0,
          gap: 6,
          space: 90,
          incrs: [1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600,
            900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 604800],
          values: (_plot, ticks, _axis, _space, step) =>
            ticks.map((tick) => (last ? formatTime(tick, step, this.view[1]) : "")),
        },
        {
          scale: "y",
          stroke: ink,
          grid,
          font,
          ticks: { show: false },
          size: AXIS_WIDTH,
          gap: 6,
          space: 22,
          incrs: tickSteps(unit),
          values: (_plot, ticks) => ticks.map((tick) => formatValue(tick, unit)),
        },
      ],
      hooks: {
        drawClear: [() => this.drawCells()],
        draw: [() => this.drawCurves()],
        setCursor: [(plot) => this.tellCursor(plot)],
        setSelect: [(plot) => this.tellZoom(plot)],
      },
    };
  }

  private tellCursor(plot: uPlot): void {
    const { left } = plot.cursor;
    if (left !== undefined && left >= 0) this.events.onCursor(plot.posToVal(left, "x"));
  }

  private tellZoom(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < 3) return;
    const [from, to] = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.events.onZoom(from, to);
  }

  /** The points in view and one more on either side. */
  private visible(): [number, number] {
    const { x } = this.data;
    const [from, to] = this.view;
    return [Math.max(0, countBelow(x, from) - 1), Math.min(x.length, countBelow(x, to, true) + 1)];
  }

  private top(): number {
    const range = this.visible();
    let top = 0;
    for (const curve of this.data.curves) top = Math.max(top, highest(curve.high, range) || 0);
    const limit = this.data.limit?.value ?? 0;
    if (top > limit / 2) top = Math.max(top, limit);
    if (this.options.unit === "percent") return Math.max(top * 1.05, 100);
    return top > 0 ? top * 1.1 : this.options.unit.startsWith("bytes") ? 1024 : 1;
  }

  private projection(): Projection {
    const { left, top, width, height } = this.plot.bbox;
    const [from, to] = this.view;
    const [across, up] = [width / (to - from || 1), height / (this.plot.scales["y"]?.max || 1)];
    const bottom = top + height;
    return { x: (x) => left + (x - from) * across, y: (value) => bottom - value * up, bottom };
  }

  private drawCells(): void {
    const { ctx, bbox } = this.plot;
    const { x } = this.projection();
    const right = bbox.left + bbox.width;
    ctx.save();
    ctx.font = `${11 * uPlot.pxRatio}px ${this.theme.font}`;
    ctx.textAlign = "center";
    let free = bbox.left;
    for (const span of this.data.spans) {
      const begin = Math.max(x(span.from), bbox.left);
      const end = Math.min(Math.max(x(span.to), begin + 1), right);
      if (begin >= right || end <= begin || span.from === span.to) continue;
      const role: Role =
        span.status === "running" ? "cell-running" : span.status !== "ok" ? "cell-failed" : span.odd ? "cell-other" : "cell";
      ctx.fillStyle = this.theme.colour(role);
      ctx.fillRect(begin, bbox.top, end - begin, bbox.height);
      if (!this.options.first) continue;
      const middle = (begin + end) / 2;
      for (const name of span.names) {
        const half = ctx.measureText(name).width / 2;
        const room = name === span.names.at(-1) ? Infinity : end - begin;
        if (2 * half > room || middle - half < free || middle + half > right + 8 * uPlot.pxRatio) continue;
        ctx.fillStyle = this.theme.colour("quiet");
        ctx.fillText(name, middle, bbox.top - 6 * uPlot.pxRatio);
        free = middle + half + 6 * uPlot.pxRatio;
        break;
      }
    }
    ctx.restore();
  }

  private drawCurves(): void {
    const { ctx, bbox } = this.plot;
    const to = this.projection();
    const range = this.visible();
    const { x, curves, limit } = this.data;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top - 1, bbox.width, bbox.height + 2);
    ctx.clip();
    // Where there are many points, a hairline is as good, and several times as fast.
    ctx.lineWidth = (range[1] - range[0] > this.plot.over.clientWidth ? 1 : 1.5) * uPlot.pxRatio;
    for (const curve of curves) {
      const colour = this.theme.colour(`line-${curve.curve % 8}` as Role);
      ctx.fillStyle = ctx.strokeStyle = colour;
      ctx.globalAlpha = 0.25;
      if (curve.high !== curve.mean) {
        traceBand((...box) => ctx.fillRect(...box), x, curve.low, curve.high, range, to);
      }
      const [line, area] = [new Path2D(), new Path2D()];
      traceLine(line, curve.curve === 0 && curve.label === undefined ? area : null, x, curve.mean, range, to, this.options.steps);
      ctx.globalAlpha = 0.14;
      ctx.fill(area);
      ctx.globalAlpha = 1;
      ctx.stroke(line);
    }
    if (limit) this.drawLimit(to.y(limit.value), limit.text);
    ctx.restore();
  }

  private drawLimit(y: number, text: string): void {
    const { ctx, bbox } = this.plot;
    if (y < bbox.top) return;
    ctx.strokeStyle = ctx.fillStyle = this.theme.colour("limit");
    ctx.lineWidth = uPlot.pxRatio;
    ctx.setLineDash([5 * uPlot.pxRatio, 4 * uPlot.pxRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.font = `${11 * uPlot.pxRatio}px ${this.theme.font}`;
    ctx.textAlign = "right";
    ctx.fillText(text, bbox.left + bbox.width - 4 * uPlot.pxRatio, y + 13 * uPlot.pxRatio);
  }
}
