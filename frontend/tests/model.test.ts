// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from "vitest";
import { curveAt, pointsOn, realAxis, squeezedAxis } from "../src/idle";
import { cellAt, Column, countBelow, type Cell, type Level } from "../src/model";
import { meanWithin } from "../src/table";

const cell = (index: number, start: number, end: number): Cell => ({ index, start, end, status: "ok", label: "" });
const CELLS = [cell(0, 10, 12), cell(1, 20, 25), cell(2, 25, 26)];

const level = (times: number[], values: number[]): Level => ({
  name: "process",
  times: new Column(times),
  memoryLimit: null,
  cpus: null,
  curves: [{ panel: 0, curve: 0, mean: new Column(values), extremes: null }],
});

describe("a column", () => {
  it("grows, whatever is appended", () => {
    const column = new Column([1]);
    for (let i = 2; i <= 1000; ++i) column.append([i]);
    column.append([]);
    expect(column.values.length).toBe(1000);
    expect(column.values.at(-1)).toBe(1000);
    expect(column.values[499]).toBe(500);
  });
});

describe("looking up", () => {
  it("finds the cell under the cursor", () => {
    expect(cellAt(CELLS, 9)).toBeNull();
    expect(cellAt(CELLS, 10)?.index).toBe(0);
    expect(cellAt(CELLS, 12)?.index).toBe(0);
    expect(cellAt(CELLS, 15)).toBeNull();
    expect(cellAt(CELLS, 25)?.index).toBe(2);
    expect(cellAt(CELLS, 27)).toBeNull();
    expect(cellAt([], 1)).toBeNull();
  });

  it("counts sorted values", () => {
    expect(countBelow([1, 2, 2, 3], 2)).toBe(1);
    expect(countBelow([1, 2, 2, 3], 2, true)).toBe(3);
    expect(countBelow([], 2)).toBe(0);
  });
});

describe("without idle time", () => {
  const axis = squeezedAxis(CELLS);

  it("cells stand end to end", () => {
    expect([axis.from, axis.to]).toEqual([0, 8]);
    expect(axis.place(10)).toBe(0);
    expect(axis.place(11)).toBe(1);
    expect(axis.place(15)).toBe(2); // idle time has no room: it is where the cell before ended
    expect(axis.place(21)).toBe(3);
    expect(axis.place(25.5)).toBe(7.5);
    expect(axis.place(99)).toBe(8);
  });

  it("places become times again", () => {
    for (const time of [10, 11.5, 20.5, 24, 25.5]) expect(axis.time(axis.place(time))).toBeCloseTo(time);
    expect(axis.time(100)).toBeGreaterThanOrEqual(26);
  });

  it("there are only points in cells, with a gap before each", () => {
    const points = pointsOn(axis, level([9, 10, 11, 12, 19, 21, 25.5], [1, 2, 3, 4, 5, 6, 7]), CELLS);
    expect([...points.x]).toEqual([0, 0, 1, 2, 2, 3, 7, 7.5]);
    const curve = curveAt(points, level([9, 10, 11, 12, 19, 21, 25.5], [1, 2, 3, 4, 5, 6, 7]).curves[0]!);
    expect([...curve.mean]).toEqual([NaN, 2, 3, 4, NaN, 6, NaN, 7]);
    expect(curve.high).toBe(curve.mean);
  });

  it("has only what was monitored", () => {
    const part = squeezedAxis(CELLS, 11, 22);
    expect(part.to).toBe(3);
    expect([part.place(10), part.place(11.5), part.place(20), part.place(26)]).toEqual([0, 0.5, 1, 3]);
  });

  it("nothing breaks where there are no cells", () => {
    const none = squeezedAxis([]);
    expect([none.from, none.to, none.place(5), none.time(5)]).toEqual([0, 0, 0, 5]);
    expect(pointsOn(none, level([1, 2], [1, 2]), []).x.length).toBe(0);
  });

  it("the real axis leaves all as it is", () => {
    const points = pointsOn(realAxis(0, 5), level([1, 2], [1, 2]), CELLS);
    expect(points.at).toBeNull();
    expect([...points.x]).toEqual([1, 2]);
  });
});

describe("means within a cell", () => {
  it("count the time for which a rate held", () => {
    const one = level([0, 10, 14, 20], [NaN, 1, 3, 100]);
    expect(meanWithin(one, one.curves[0]!, true, 8, 14)).toBeCloseTo((1 * 2 + 3 * 4) / 6);
    expect(meanWithin(one, one.curves[0]!, true, 20, 30)).toBeNaN();
  });

  it("take the levels of the moments in it", () => {
    const one = level([0, 10, 14, 20], [7, 1, 3, NaN]);
    expect(meanWithin(one, one.curves[0]!, false, 10, 14)).toBe(2);
    expect(meanWithin(one, one.curves[0]!, false, 11, 13)).toBeNaN();
  });
});
