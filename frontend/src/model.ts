// SPDX-License-Identifier: BSD-3-Clause
// What a plot shows, wherever it came from: levels of curves over time, and cells. Times are in
// seconds since monitoring started; what was not measured is NaN.

export type Unit = "percent" | "bytes" | "bytes/s" | "1/s" | "count" | "watts" | "celsius" | "hertz";
export type CellStatus = "ok" | "error" | "interrupted" | "running";

export interface PanelInfo {
  readonly key: string;
  readonly title: string;
  readonly unit: Unit;
  readonly shown: boolean; // from the start
  readonly curves: readonly string[]; // their labels; empty where the title says it
}

export interface Cell {
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly status: CellStatus;
  readonly label: string; // the first line of its source
}

/** Numbers that come in a stream. */
export class Column {
  private buffer: Float64Array;
  private used: number;

  constructor(values: ArrayLike<number> = []) {
    this.buffer = Float64Array.from(values);
    this.used = values.length;
  }

  append(values: ArrayLike<number>): void {
    const needed = this.used + values.length;
    if (needed > this.buffer.length) {
      const grown = new Float64Array(Math.max(needed, 2 * this.buffer.length));
      grown.set(this.values);
      this.buffer = grown;
    }
    this.buffer.set(values, this.used);
    this.used = needed;
  }

  /** Only the first so many stay. */
  truncate(count: number): void {
    this.used = Math.min(this.used, count);
  }

  /** The first so many go. */
  drop(count: number): void {
    this.buffer.copyWithin(0, count, this.used);
    this.used = Math.max(0, this.used - count);
  }

  get values(): Float64Array {
    return this.buffer.subarray(0, this.used);
  }
}

/** A rate speaks of the time from the point before on, a level of its own moment. */
export interface Curve {
  readonly panel: number;
  readonly curve: number;
  readonly label?: string | undefined; // of the line of a node; else the panel says it
  readonly mean: Column;
  readonly extremes: { readonly low: Column; readonly high: Column } | null;
}

export interface Level {
  readonly name: string;
  readonly times: Column;
  readonly curves: readonly Curve[];
  readonly memoryLimit: number | null;
  readonly cpus: number | null; // what 100 % of CPU means, where less than the machine
}

export interface PlotData {
  readonly title: string;
  readonly startMs: number; // since the epoch: when monitoring started
  readonly from: number;
  readonly to: number;
  readonly level: string; // shown first
  readonly ofNodes?: boolean; // the levels are all nodes together, and each of them
  readonly range: readonly [number, number] | null; // cells shown first, by their index
  readonly panels: readonly PanelInfo[];
  readonly cells: readonly Cell[]; // in order of time
  readonly levels: readonly Level[];
}

/** The names of a panel's curves at a level. */
export function labelsOf(panel: PanelInfo, place: number, level: Level): readonly string[] {
  const lines = level.curves.filter((curve) => curve.panel === place && curve.label !== undefined);
  if (lines.length === 0) return panel.curves;
  const labels: string[] = [];
  for (const { curve, label } of lines) labels[curve] = label ?? "";
  return Array.from(labels, (label) => label ?? "");
}

/** Whether a panel's values are rates, which hold since the point before. */
export function isRate(panel: PanelInfo): boolean {
  return panel.unit === "percent" || panel.unit.endsWith("/s");
}

/** The number of sorted values below `limit`; or up to it, if `inclusive`. */
export function countBelow(sorted: ArrayLike<number>, limit: number, inclusive = false): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = sorted[middle] ?? NaN;
    if (value < limit || (inclusive && value === limit)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The cell that ran at a time, if any; the later one where two meet. */
export function cellAt(cells: readonly Cell[], time: number): Cell | null {
  let low = 0;
  let high = cells.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cells[middle]?.start ?? Infinity) <= time) low = middle + 1;
    else high = middle;
  }
  const cell = cells[low - 1];
  return cell && time <= cell.end ? cell : null;
}
