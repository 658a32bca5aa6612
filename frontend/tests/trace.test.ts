// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from "vitest";
import { highest, traceBand, traceLine, type Pen, type Projection } from "../src/trace";

const TO: Projection = { x: (x) => x, y: (value) => 100 - value, bottom: 100 };

class Recorder implements Pen {
  readonly strokes: string[] = [];
  moveTo(x: number, y: number): void {
    this.strokes.push(`M${x},${y}`);
  }
  lineTo(x: number, y: number): void {
    this.strokes.push(`L${x},${y}`);
  }
  closePath(): void {
    this.strokes.push("Z");
  }
}

function traced(xs: number[], values: number[], steps: boolean): string {
  const pen = new Recorder();
  traceLine(pen, null, xs, values, [0, xs.length], TO, steps);
  return pen.strokes.join(" ");
}

describe("a line", () => {
  it("joins levels", () => {
    expect(traced([0, 10, 20], [1, 2, 3], false)).toBe("M0,99 L10,98 L20,97");
  });

  it("holds rates back to the point before", () => {
    expect(traced([0, 10, 20], [NaN, 2, 3], true)).toBe("M0,98 L10,98 L10,97 L20,97");
  });

  it("has gaps where nothing was measured", () => {
    expect(traced([0, 10, 20, 30, 40], [1, 2, NaN, 4, 5], false)).toBe("M0,99 L10,98 M30,96 L40,95");
    expect(traced([0, 10, 20, 30], [NaN, 2, NaN, 4], true)).toBe("M0,98 L10,98 M20,96 L30,96");
  });

  it("keeps the extremes of the points that share a pixel", () => {
    const xs = [0, 10, 10.2, 10.4, 10.6, 20];
    expect(traced(xs, [1, 2, 50, 0, 2, 3], false)).toBe("M0,99 L10,98 L10,50 L10,100 L10,98 L20,97");
  });

  it("takes a few strokes per pixel, however many points there are", () => {
    const xs = Array.from({ length: 100_000 }, (_, i) => i / 1000);
    const values = xs.map((_, i) => (i * 7919) % 97);
    expect(traced(xs, values, false).split(" ").length).toBeLessThan(100 * 6);
  });

  it("closes the area under each run", () => {
    const [pen, area] = [new Recorder(), new Recorder()];
    traceLine(pen, area, [0, 10, 20, 30], [NaN, 2, NaN, 4], [0, 4], TO, true);
    expect(area.strokes.join(" ")).toBe("M0,100 L0,98 L10,98 L10,100 L0,100 Z M20,100 L20,96 L30,96 L30,100 L20,100 Z");
  });

  it("of nothing is nothing", () => {
    expect(traced([], [], true)).toBe("");
    expect(traced([1, 2], [NaN, NaN], true)).toBe("");
  });
});

it("bands go from low to high", () => {
  const boxes: number[][] = [];
  traceBand((...box) => boxes.push(box), [0, 10, 20], [NaN, 1, NaN], [NaN, 5, NaN], [0, 3], TO);
  expect(boxes).toEqual([[0, 95, 10, 4]]);
});

it("the highest value skips what is absent", () => {
  expect(highest([NaN, 3, 7, NaN, 5], [0, 5])).toBe(7);
  expect(highest([NaN, 3, 7], [0, 2])).toBe(3);
  expect(highest([NaN], [0, 1])).toBeNaN();
});
