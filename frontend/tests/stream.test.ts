// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from "vitest";
import { Column, type Cell, type CellStatus, type PlotData } from "../src/model";
import { Stream } from "../src/stream";

const cell = (index: number, start: number, end: number, status: CellStatus = "ok"): Cell => ({ index, start, end, status, label: "" });

/** Points of one level; of CPU, and of memory if given. */
function data(from: number, times: number[], cpu: number[], cells: Cell[] = [], memory: number[] | null = null): PlotData {
  const curve = (panel: number, values: number[]) => ({ panel, curve: 0, mean: new Column(values), extremes: null });
  const curves = memory ? [curve(0, cpu), curve(1, memory)] : [curve(0, cpu)];
  const levels = [{ name: "process", times: new Column(times), memoryLimit: null, cpus: null, curves }];
  return { title: "", startMs: 0, from, to: times.at(-1) ?? from, level: "process", range: null, panels: [], cells, levels };
}

const times = (stream: Stream): number[] => [...(stream.data.levels[0]?.times.values ?? [])];
const curve = (stream: Stream, place = 0): number[] => [...(stream.data.levels[0]?.curves[place]?.mean.values ?? [])];

describe("a stream", () => {
  it("replaces what came after the tail's beginning", () => {
    const stream = new Stream(data(0, [1, 2, 3], [10, 20, 30]), 100);
    stream.append(data(2, [2.5, 3, 4], [25, 31, 40]));
    expect(times(stream)).toEqual([1, 2, 2.5, 3, 4]);
    expect(curve(stream)).toEqual([10, 20, 25, 31, 40]);
    expect(stream.data.to).toBe(4);
    expect(stream.hasGap).toBe(false);
  });

  it("is the same after the same tail again", () => {
    const stream = new Stream(data(0, [1, 2], [10, 20]), 100);
    for (let i = 0; i < 3; ++i) stream.append(data(1.5, [2, 3], [20, 30]));
    expect(times(stream)).toEqual([1, 2, 3]);
    expect(curve(stream)).toEqual([10, 20, 30]);
  });

  it("knows a gap, draws nothing over it, and closes it", () => {
    const stream = new Stream(data(0, [1, 2], [10, 20]), 100);
    stream.append(data(5, [6, 7], [60, 70]));
    expect(times(stream)).toEqual([1, 2, 5, 6, 7]);
    expect(curve(stream)).toEqual([10, 20, NaN, 60, 70]);
    expect([stream.hasGap, stream.complete]).toEqual([true, 2]);
    // What comes next has no gap before it, but the old one is still there.
    stream.append(data(6.5, [7, 8], [70, 80]));
    expect([stream.hasGap, stream.complete]).toEqual([true, 2]);
    stream.append(data(1.7, [2, 3, 4, 5, 6, 7, 8], [20, 30, 40, 50, 60, 70, 80]));
    expect(curve(stream)).toEqual([10, 20, 30, 40, 50, 60, 70, 80]);
    expect([stream.hasGap, stream.complete]).toEqual([false, 8]);
  });

  it("takes curves that come and go", () => {
    const stream = new Stream(data(0, [1], [10]), 100);
    stream.append(data(1, [2], [20], [], [7]));
    stream.append(data(2, [3], [30]));
    expect(curve(stream)).toEqual([10, 20, 30]);
    expect(curve(stream, 1)).toEqual([NaN, 7, NaN]);
  });

  it("takes tails with extremes, and without any points", () => {
    const stream = new Stream(data(0, [1], [10]), 100);
    const tail = data(1, [2], [20]);
    const [level] = tail.levels;
    const extremes = { low: new Column([15]), high: new Column([25]) };
    stream.append({ ...tail, levels: [{ ...level!, curves: [{ ...level!.curves[0]!, extremes }] }] });
    stream.append(data(3, [], []));
    stream.append({ ...data(3, [], []), levels: [] });
    const found = stream.data.levels[0]?.curves[0];
    expect([...(found?.extremes?.low.values ?? [])].slice(0, 2)).toEqual([10, 15]);
    expect([...(found?.extremes?.high.values ?? [])].slice(0, 2)).toEqual([10, 25]);
    const lengths = [found?.mean, found?.extremes?.low, found?.extremes?.high].map((column) => column?.values.length);
    expect(new Set([...lengths, times(stream).length]).size).toBe(1);
  });

  it("replaces the running cell by what became of it", () => {
    const stream = new Stream(data(0, [1], [10], [cell(0, 0, 0.5), cell(1, 0.6, 1, "running")]), 100);
    stream.append(data(0.9, [2], [20], [cell(1, 0.6, 1.5, "error"), cell(2, 1.6, 2, "running")]));
    expect(stream.data.cells.map(({ index, status }) => [index, status])).toEqual([[0, "ok"], [1, "error"], [2, "running"]]);
    stream.append(data(1.9, [3], [30]));
    expect(stream.data.cells.map(({ index }) => index)).toEqual([0, 1]); // it was discarded
  });

  it("keeps so many seconds only", () => {
    const stream = new Stream(data(0, [0], [0], [cell(0, 0, 1), cell(1, 1, 4000)]), 100);
    for (let time = 1; time <= 4000; ++time) stream.append(data(time - 1, [time], [time]));
    expect(stream.data.from).toBe(3900);
    expect(times(stream).length).toBeLessThan(700);
    expect(times(stream).at(-1)).toBe(4000);
    expect(curve(stream)).toEqual(times(stream));
    expect(stream.data.cells.map(({ index }) => index)).toEqual([1]);
  });
});
