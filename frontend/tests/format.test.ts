// SPDX-License-Identifier: BSD-3-Clause
import { expect, it } from "vitest";
import { formatDuration, formatTime, formatValue, tickSteps } from "../src/format";
import { isLight } from "../src/theme";

it("values have units that people read", () => {
  expect(formatValue(43.21, "percent")).toBe("43.2 %");
  expect(formatValue(0, "bytes")).toBe("0 B");
  expect(formatValue(1536, "bytes")).toBe("1.5 kB");
  expect(formatValue(1024 ** 3 - 1, "bytes")).toBe("1 GB");
  expect(formatValue(250 * 1024 ** 2, "bytes/s")).toBe("250 MB/s");
  expect(formatValue(12345, "1/s")).toBe("12.3 k/s");
  expect(formatValue(3, "count")).toBe("3");
  expect(formatValue(312.4, "watts")).toBe("312 W");
  expect(formatValue(2800, "watts")).toBe("2.8 kW");
  expect(formatValue(61, "celsius")).toBe("61 °C");
  expect(formatValue(1.98e9, "hertz")).toBe("1.98 GHz");
  expect(formatValue(NaN, "watts")).toBe("n/a");
  expect(formatValue(NaN, "bytes")).toBe("n/a");
});

it("durations are short", () => {
  expect(formatDuration(0.000012)).toBe("12 µs");
  expect(formatDuration(0.842)).toBe("842 ms");
  expect(formatDuration(2.345)).toBe("2.35 s");
  expect(formatDuration(61)).toBe("1 min 01 s");
  expect(formatDuration(3725)).toBe("1 h 02 min");
});

it("times fit the axis they stand on", () => {
  expect(formatTime(1.5, 0.5, 10)).toBe("1.5 s");
  expect(formatTime(90, 30, 300)).toBe("1:30");
  expect(formatTime(3720, 600, 7200)).toBe("1:02:00");
  expect(formatTime(90000, 7200, 200000)).toBe("1 d 01:00");
  expect(formatTime(59.96, 0.1, 120)).toBe("1:00.0");
});

it("ticks of bytes are even", () => {
  expect(tickSteps("bytes")).toContain(256 * 1024 ** 2);
  expect(tickSteps("percent")).toContain(20);
});

it("light text means a dark theme", () => {
  expect(isLight("rgba(255, 255, 255, 0.87)")).toBe(true);
  expect(isLight("rgb(33, 33, 33)")).toBe(false);
  expect(isLight("")).toBe(false);
});
