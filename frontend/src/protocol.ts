// SPDX-License-Identifier: BSD-3-Clause
// Reads the document that core/jumper/report/plot_document.cpp writes.
import { Column, type Cell, type CellStatus, type Curve, type Level, type PlotData, type Unit } from "./model";

interface CurveHeader {
  panel: number;
  curve: number;
  base: number | null;
  step: number;
  extremes: boolean;
  label?: string; // of the line of a node
}

interface Header {
  version: number;
  title: string;
  start_ms: number;
  tick: number;
  from: number;
  to: number;
  level: string;
  views?: string; // "nodes": the levels are nodes
  range: [number, number] | null;
  panels: { key: string; title: string; unit: Unit; shown: boolean; curves: string[] }[];
  cells: { first: number; status: string; labels: string[] };
  levels: { name: string; points: number; memory_limit: number | null; cpus?: number; curves: CurveHeader[] }[];
  data: string;
}

/** Reads columns one after the other; their form is described in plot_columns.h. */
export class ColumnReader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  read(count: number): Float64Array {
    const numbers = new Float64Array(count);
    let before = 0;
    for (let i = 0; i < count; ) {
      const code = this.code();
      if (code < 2) {
        const end = i + this.code();
        if (end > count || end === i) throw new Error("the plot's data are damaged");
        numbers.fill(code === 0 ? before : NaN, i, end);
        i = end;
      } else {
        before += code % 2 === 0 ? -code / 2 : (code - 1) / 2;
        numbers[i++] = before;
      }
    }
    return numbers;
  }

  // In plain arithmetic: codes may have more than 32 bits.
  private code(): number {
    for (let code = 0, weight = 1; ; weight *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new Error("the plot's data end too early");
      code += (byte & 127) * weight;
      if (byte < 128) return code;
    }
  }
}

const STATUS: Record<string, CellStatus> = { o: "ok", e: "error", i: "interrupted", r: "running" };

function readTimes(reader: ColumnReader, count: number, tick: number): Float64Array {
  const times = reader.read(count);
  for (let i = 0, now = 0; i < count; ++i) {
    now += times[i] ?? 0;
    times[i] = now * tick;
  }
  return times;
}

function readCells(header: Header, reader: ColumnReader): Cell[] {
  const { first, status, labels } = header.cells;
  const starts = readTimes(reader, labels.length, header.tick);
  const ends = readTimes(reader, labels.length, header.tick);
  return labels.map((label, i) => ({
    index: first + i,
    start: starts[i] ?? NaN,
    end: ends[i] ?? NaN,
    status: STATUS[status[i] ?? ""] ?? "ok",
    label,
  }));
}

function readCurve(header: CurveHeader, reader: ColumnReader, points: number): Curve {
  const { panel, curve, base, step, label } = header;
  const value = (steps: number): number => (base ?? NaN) + steps * step;
  const means = reader.read(points);
  const mean = new Column(means.map(value));
  if (!header.extremes) return { panel, curve, label, mean, extremes: null };
  const low = new Column(reader.read(points).map((distance, i) => value((means[i] ?? NaN) - distance)));
  const high = new Column(reader.read(points).map((distance, i) => value((means[i] ?? NaN) + distance)));
  return { panel, curve, label, mean, extremes: { low, high } };
}

/** The plot in a document. Throws where it is none that we can read. */
export function decode(json: string): PlotData {
  const header = JSON.parse(json) as Header;
  if (header.version !== 1) throw new Error(`this plot has format ${header.version}; 1 is known here`);
  const reader = new ColumnReader(Uint8Array.from(atob(header.data), (c) => c.charCodeAt(0)));
  const cells = readCells(header, reader);
  const levels: Level[] = header.levels.map((level) => {
    const times = new Column(readTimes(reader, level.points, header.tick));
    const curves = level.curves.map((curve) => readCurve(curve, reader, level.points));
    return { name: level.name, times, curves, memoryLimit: level.memory_limit, cpus: level.cpus ?? null };
  });
  const { title, level, range, panels } = header;
  const [from, to] = [header.from * header.tick, header.to * header.tick];
  const ofNodes = header.views === "nodes";
  return { title, startMs: header.start_ms, from, to, level, ofNodes, range, panels, cells, levels };
}
