// SPDX-License-Identifier: BSD-3-Clause
// Data that go on: each tail replaces what came after its beginning.
import { Column, countBelow, type Curve, type Level, type PlotData } from "./model";

const DROP_AT_ONCE = 500;

function absent(count: number): Float64Array {
  return new Float64Array(count).fill(NaN);
}

function find(level: Level, { panel, curve }: Curve): Curve | undefined {
  return level.curves.find((other) => other.panel === panel && other.curve === curve);
}

function columns(curve: Curve): Column[] {
  return curve.extremes ? [curve.mean, curve.extremes.low, curve.extremes.high] : [curve.mean];
}

/** The curve with columns for extremes, which tails may have although it had none. */
function growing(curve: Curve): Curve {
  const { low, high } = curve.extremes ?? { low: curve.mean, high: curve.mean };
  return { ...curve, extremes: { low: new Column(low.values), high: new Column(high.values) } };
}

function join(level: Level, more: Level, from: number, gap: boolean): Level {
  const kept = countBelow(level.times.values, from, true);
  const count = more.times.values.length;
  const put = (column: Column, values: Float64Array): void => {
    column.truncate(kept);
    if (gap) column.append([NaN]);
    column.append(values);
  };
  const fresh = more.curves.filter((curve) => !find(level, curve));
  const curves = level.curves.concat(fresh.map((curve) => growing({ ...curve, mean: new Column(absent(kept)), extremes: null })));
  for (const curve of curves) {
    const added = find(more, curve);
    const values = added ? columns(added).map((column) => column.values) : [absent(count)];
    columns(curve).forEach((column, i) => put(column, values[i] ?? values[0] ?? absent(count)));
  }
  level.times.truncate(kept);
  if (gap) level.times.append([from]); // without values: no curve reaches over it
  level.times.append(more.times.values);
  return { ...level, curves, memoryLimit: more.memoryLimit, cpus: more.cpus };
}

function forget(level: Level, before: number): void {
  const old = countBelow(level.times.values, before);
  if (old < DROP_AT_ONCE) return;
  for (const column of [level.times, ...level.curves.flatMap(columns)]) column.drop(old);
}

export class Stream {
  data: PlotData;
  /** Up to here nothing is missing. */
  complete: number;

  /** Keeps the last `keep` seconds. */
  constructor(
    data: PlotData,
    private readonly keep: number,
  ) {
    const levels = data.levels.map((level) => ({ ...level, curves: level.curves.map(growing) }));
    this.data = { ...data, levels };
    this.complete = data.to;
  }

  get hasGap(): boolean {
    return this.complete < this.data.to;
  }

  append(tail: PlotData): void {
    const { data } = this;
    const gap = tail.from > data.to;
    if (tail.from <= this.complete) this.complete = tail.to;
    const from = Math.max(data.from, tail.to - this.keep);
    const levels = data.levels.map((level) => {
      const more = tail.levels.find(({ name }) => name === level.name);
      if (!more) return level;
      const joined = join(level, more, tail.from, gap);
      forget(joined, from);
      return joined;
    });
    const first = tail.cells[0]?.index ?? Infinity;
    const cells = data.cells.filter(({ index, status, end }) => index < first && status !== "running" && end > from);
    this.data = { ...data, from, to: tail.to, levels, cells: [...cells, ...tail.cells] };
  }
}
