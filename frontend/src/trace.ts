// SPDX-License-Identifier: BSD-3-Clause
// Turns points into the path of a line, one step or a few strokes per pixel however many points
// there are, and into the area under it.

/** Where a value is drawn, in pixels of the canvas. */
export interface Projection {
  readonly x: (x: number) => number;
  readonly y: (value: number) => number;
  readonly bottom: number;
}

export interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  closePath(): void;
}

/** Draws points [begin, end). A rate is a step back to the point before; NaN lifts the pen. */
export function traceLine(
  pen: Pen,
  area: Pen | null,
  xs: ArrayLike<number>,
  values: ArrayLike<number>,
  [begin, end]: readonly [number, number],
  to: Projection,
  steps: boolean,
): void {
  let down = false;
  let startX = 0;
  let lastX = 0;
  let lastY = 0;
  let lowY = 0; // of the points that share the pixel of the last one
  let highY = 0;
  const flush = (): void => {
    if (lowY < lastY) line(lastX, lowY);
    if (highY > lastY) line(lastX, highY);
    if (lowY < lastY || highY > lastY) line(lastX, lastY);
  };
  const line = (x: number, y: number): void => {
    pen.lineTo(x, y);
    area?.lineTo(x, y);
  };
  const lift = (): void => {
    if (!down) return;
    flush();
    area?.lineTo(lastX, to.bottom);
    area?.lineTo(startX, to.bottom);
    area?.closePath();
    down = false;
  };
  for (let i = begin; i < end; ++i) {
    const value = values[i] ?? NaN;
    if (Number.isNaN(value)) {
      lift();
      continue;
    }
    const x = to.x(xs[i] ?? NaN);
    const y = to.y(value);
    if (!down) {
      // A rate holds since the point before, which may have no value itself.
      startX = steps && i > 0 ? to.x(xs[i - 1] ?? NaN) : x;
      if (steps && startX === x) continue;
      pen.moveTo(startX, y);
      area?.moveTo(startX, to.bottom);
      area?.lineTo(startX, y);
      down = true;
      if (startX !== x) line(x, y);
      [lastX, lastY, lowY, highY] = [x, y, y, y];
    } else if (x - lastX >= 1) {
      flush();
      if (steps) line(lastX, y);
      line(x, y);
      [lastX, lastY, lowY, highY] = [x, y, y, y];
    } else {
      lowY = Math.min(lowY, y);
      highY = Math.max(highY, y);
      lastY = y;
    }
  }
  lift();
}

/** The band from the lowest to the highest value, as rectangles. */
export function traceBand(
  rectangle: (x: number, y: number, width: number, height: number) => void,
  xs: ArrayLike<number>,
  low: ArrayLike<number>,
  high: ArrayLike<number>,
  [begin, end]: readonly [number, number],
  to: Projection,
): void {
  for (let i = Math.max(begin, 1); i < end; ++i) {
    const top = high[i] ?? NaN;
    if (Number.isNaN(top)) continue;
    const left = to.x(xs[i - 1] ?? NaN);
    const y = to.y(top);
    rectangle(left, y, Math.max(to.x(xs[i] ?? NaN) - left, 1), to.y(low[i] ?? NaN) - y);
  }
}

/** The highest of the values [begin, end), or NaN. */
export function highest(values: ArrayLike<number>, [begin, end]: readonly [number, number]): number {
  let found = NaN;
  for (let i = begin; i < end; ++i) {
    const value = values[i] ?? NaN;
    if (!(value <= found) && !Number.isNaN(value)) found = value;
  }
  return found;
}
