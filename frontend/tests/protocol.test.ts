// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from "vitest";
import { Column, labelsOf } from "../src/model";
import { ColumnReader, decode } from "../src/protocol";

const read = (bytes: number[], count: number): number[] => [...new ColumnReader(Uint8Array.from(bytes)).read(count)];

// What core/jumper/report/plot_columns_test.cpp encodes.
describe("columns", () => {
  it("hold differences, runs and what is absent", () => {
    expect(read([11], 1)).toEqual([5]);
    expect(read([11, 4, 0, 2], 4)).toEqual([5, 3, 3, 3]);
    expect(read([0, 2, 15], 3)).toEqual([0, 0, 7]);
    expect(read([15, 1, 2, 0, 1], 4)).toEqual([7, NaN, NaN, 7]);
    expect(read([0xd1, 0x0f, 0xa0, 0x1f], 2)).toEqual([1000, -1000]);
    expect(read([0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10], 1)).toEqual([2 ** 45]);
  });

  it("that are damaged are refused", () => {
    expect(() => read([11], 2)).toThrow(/too early/);
    expect(() => read([0, 9], 2)).toThrow(/damaged/);
    expect(() => read([0, 0], 2)).toThrow(/damaged/);
    expect(() => read([0x80], 1)).toThrow(/too early/);
  });
});

const document = {
  version: 1,
  title: "Level process",
  start_ms: 1000,
  tick: 1e-4,
  from: 0,
  to: 20000,
  level: "process",
  range: null,
  panels: [{ key: "cpu", title: "CPU", unit: "percent", shown: true, curves: [""] }],
  cells: { first: 3, status: "e", labels: ["</script>"] },
  levels: [
    { name: "process", points: 2, memory_limit: null, curves: [{ panel: 0, curve: 0, base: 10, step: 0.5, extremes: true }] },
  ],
  // start 0, end 1 s; times 0 and 2 s; mean absent, 11; low 1 step under it, high 2 steps over it
  data: btoa(String.fromCharCode(0, 1, 0xa1, 0x9c, 0x01, 0, 1, 0xc1, 0xb8, 0x02, 1, 1, 5, 1, 1, 3, 1, 1, 5)),
};

describe("documents", () => {
  it("become curves and cells", () => {
    const plot = decode(JSON.stringify(document));
    expect(plot.to).toBeCloseTo(2);
    expect(plot.cells).toEqual([{ index: 3, start: 0, end: 1, status: "error", label: "</script>" }]);
    const [level] = plot.levels;
    expect([...(level?.times.values ?? [])]).toEqual([0, 2]);
    expect([...(level?.curves[0]?.mean.values ?? [])]).toEqual([NaN, 11]);
    expect([...(level?.curves[0]?.extremes?.low.values ?? [])]).toEqual([NaN, 10.5]);
    expect([...(level?.curves[0]?.extremes?.high.values ?? [])]).toEqual([NaN, 12]);
  });

  it("tell what 100 % of CPU means where that is not the machine", () => {
    expect(decode(JSON.stringify(document)).levels[0]?.cpus).toBeNull();
    const levels = document.levels.map((level) => ({ ...level, cpus: 1.5 }));
    expect(decode(JSON.stringify({ ...document, levels })).levels[0]?.cpus).toBe(1.5);
  });

  it("of nodes have a line for each", () => {
    const [one] = document.levels;
    const levels = [{ ...one, name: "all nodes", curves: [{ ...one?.curves[0], label: "<n1>" }] }];
    const plot = decode(JSON.stringify({ ...document, views: "nodes", level: "all nodes", levels }));
    expect(plot.ofNodes).toBe(true);
    const [level, panel] = [plot.levels[0], plot.panels[0]];
    expect(level && panel && labelsOf(panel, 0, level)).toEqual(["<n1>"]);
    expect(panel && labelsOf(panel, 0, { name: "n1", times: new Column(), cpus: null, memoryLimit: null, curves: [] })).toEqual([""]);
    expect(decode(JSON.stringify(document)).ofNodes).toBe(false);
  });

  it("may have a line for each GPU, and curves of panels that they do not have", () => {
    const [one] = document.levels;
    const curve = { ...one?.curves[0], label: "GPU 3" };
    const plot = decode(JSON.stringify({ ...document, levels: [{ ...one, curves: [curve] }] }));
    expect(plot.ofNodes).toBe(false);
    const [level, panel] = [plot.levels[0], plot.panels[0]];
    expect(level && panel && labelsOf(panel, 0, level)).toEqual(["GPU 3"]);
    // Where the first reading of a GPU came after the page was made.
    const later = decode(JSON.stringify({ ...document, levels: [{ ...one, curves: [{ ...one?.curves[0], panel: 7 }] }] }));
    expect(later.levels[0]?.curves[0]?.panel).toBe(7);
  });

  it("of another version are refused", () => {
    expect(() => decode(JSON.stringify({ ...document, version: 2 }))).toThrow(/format 2/);
    expect(() => decode("{")).toThrow();
  });
});
