// SPDX-License-Identifier: BSD-3-Clause
// The axis of time: as it went by, or with only the cells on it, end to end.
import { countBelow, type Cell, type Curve, type Level } from "./model";

/** Where times stand on the axis. */
export interface Axis {
  readonly from: number;
  readonly to: number;
  /** Of a time that is on the axis. */
  place(time: number): number;
  time(place: number): number;
  readonly squeezed: boolean;
}

export function realAxis(from: number, to: number): Axis {
  return { from, to, squeezed: false, place: (time) => time, time: (place) => place };
}

/** Only the cells, end to end from 0, and of them what was monitored. They do not overlap. */
export function squeezedAxis(all: readonly Cell[], from = -Infinity, to = Infinity): Axis {
  const cells = all
    .filter((cell) => cell.end > from && cell.start < to)
    .map((cell) => ({ start: Math.max(cell.start, from), end: Math.min(cell.end, to) }));
  const offsets = new Float64Array(cells.length + 1);
  cells.forEach((cell, i) => (offsets[i + 1] = (offsets[i] ?? 0) + Math.max(0, cell.end - cell.start)));
  const starts = Float64Array.from(cells, (cell) => cell.start);
  const within = (i: number, time: number): number => {
    const cell = cells[i];
    if (!cell) return 0;
    return (offsets[i] ?? 0) + Math.min(Math.max(time - cell.start, 0), cell.end - cell.start);
  };
  return {
    from: 0,
    to: offsets[cells.length] ?? 0,
    squeezed: true,
    place: (time) => within(Math.max(0, countBelow(starts, time, true) - 1), time),
    time: (place) => {
      const i = Math.min(Math.max(0, countBelow(offsets, place, true) - 1), cells.length - 1);
      return (cells[i]?.start ?? 0) + place - (offsets[i] ?? 0);
    },
  };
}

/** Points of a level on an axis. `at` says which of the level's points each one is; -1 is a gap. */
export interface Points {
  readonly x: Float64Array;
  readonly at: Int32Array | null; // null: all of them
}

export function pointsOn(axis: Axis, level: Level, cells: readonly Cell[]): Points {
  const times = level.times.values;
  if (!axis.squeezed) return { x: times, at: null };
  const x: number[] = [];
  const at: number[] = [];
  for (const cell of cells) {
    const begin = countBelow(times, cell.start);
    const end = countBelow(times, cell.end, true);
    if (begin === end) continue;
    x.push(axis.place(cell.start));
    at.push(-1);
    for (let i = begin; i < end; ++i) {
      x.push(axis.place(times[i] ?? NaN));
      at.push(i);
    }
  }
  return { x: Float64Array.from(x), at: Int32Array.from(at) };
}

export interface ShownCurve {
  readonly curve: number;
  readonly label?: string | undefined;
  readonly mean: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** A curve at those points. Without extremes, the values are their own. */
export function curveAt(points: Points, curve: Curve): ShownCurve {
  const pick = (values: Float64Array): Float64Array =>
    points.at ? Float64Array.from(points.at, (i) => values[i] ?? NaN) : values;
  const mean = pick(curve.mean.values);
  const low = curve.extremes ? pick(curve.extremes.low.values) : mean;
  const high = curve.extremes ? pick(curve.extremes.high.values) : mean;
  return { curve: curve.curve, label: curve.label, mean, low, high };
}
