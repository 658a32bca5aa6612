// SPDX-License-Identifier: BSD-3-Clause
// Numbers as people read them. 1 kB is 1024 bytes, as everywhere in JUmPER.
import type { Unit } from "./model";

const BYTES = ["B", "kB", "MB", "GB", "TB", "PB"];
const COUNTS = ["", "k", "M", "G"];
const HERTZ = ["Hz", "kHz", "MHz", "GHz"];

/** Three digits that matter, without zeros at their end. */
function digits(value: number): string {
  const size = Math.abs(value);
  return String(Number(value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)));
}

function scaled(value: number, base: number, names: readonly string[]): string {
  let place = 0;
  while (place < names.length - 1 && Math.abs(value) >= base ** (place + 1) * 0.9995) ++place;
  return `${digits(value / base ** place)} ${names[place] ?? ""}`.trimEnd();
}

export function formatValue(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return "n/a";
  if (unit === "percent") return `${digits(value)} %`;
  if (unit === "count") return digits(value);
  if (unit === "celsius") return `${digits(value)} °C`;
  if (unit === "hertz") return scaled(value, 1000, HERTZ);
  if (unit === "watts") return scaled(value, 1000, ["W", "kW", "MW"]);
  if (unit === "1/s") return `${scaled(value, 1000, COUNTS)}/s`;
  return scaled(value, 1024, BYTES) + (unit === "bytes/s" ? "/s" : "");
}

/** Distances of ticks that look right in a unit: powers of two for bytes. */
export function tickSteps(unit: Unit): number[] {
  if (unit.startsWith("bytes")) return Array.from({ length: 60 }, (_, power) => 2 ** power);
  const small = unit === "count" ? [] : [0.1, 0.2, 0.5];
  return [...small, ...Array.from({ length: 36 }, (_, i) => [1, 2, 5][i % 3]! * 10 ** Math.floor(i / 3))];
}

export function formatDuration(seconds: number): string {
  if (seconds < 1e-3) return `${digits(seconds * 1e6)} µs`;
  if (seconds < 1) return `${digits(seconds * 1e3)} ms`;
  if (seconds < 60) return `${digits(seconds)} s`;
  const whole = Math.round(seconds);
  const two = (number: number): string => String(number).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
}

export function formatWindow(seconds: number): string {
  return seconds >= 60 && seconds % 60 === 0 ? `${seconds / 60} min` : `${digits(seconds)} s`;
}

/** A time on the axis, where neighbours are `step` seconds apart: 12.5 s, 3:20, 1:03:20, 2 d 04:00. */
export function formatTime(seconds: number, step: number, span: number): string {
  const decimals = step >= 1 ? 0 : Math.min(4, Math.ceil(-Math.log10(step) - 1e-9));
  if (span < 60) return `${seconds.toFixed(decimals)} s`;
  const rounded = Number(seconds.toFixed(decimals));
  const two = (number: number): string => String(Math.floor(number)).padStart(2, "0");
  const rest = rounded % 60;
  const tail = (rest < 10 ? "0" : "") + rest.toFixed(decimals);
  const days = Math.floor(rounded / 86400);
  const hours = Math.floor(rounded / 3600) % 24;
  const minutes = Math.floor(rounded / 60) % 60;
  if (span >= 86400) return `${days} d ${two(hours)}:${two(minutes)}`;
  return span >= 3600 ? `${hours}:${two(minutes)}:${tail}` : `${minutes}:${tail}`;
}

export function formatClock(ms: number): string {
  return new Date(ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}
