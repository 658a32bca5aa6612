// SPDX-License-Identifier: BSD-3-Clause
// Chooses a range of cells by its two ends.
import { element } from "./dom";

export class RangeSlider {
  readonly root: HTMLElement;
  private readonly low: HTMLInputElement;
  private readonly high: HTMLInputElement;
  private readonly output = element("output", { class: "cells" });
  private readonly fill = element("div", { class: "fill" });

  /** The ends are indices of cells, both included. */
  constructor(
    private readonly first: number,
    private readonly last: number,
    private readonly onChange: (low: number, high: number) => void,
  ) {
    const input = (label: string, value: number): HTMLInputElement => {
      const made = element("input", { type: "range", min: String(first), max: String(last), "aria-label": label });
      made.value = String(value);
      return made;
    };
    this.low = input("First cell shown", first);
    this.high = input("Last cell shown", last);
    this.low.addEventListener("input", () => this.moved(this.low));
    this.high.addEventListener("input", () => this.moved(this.high));
    const track = element("div", { class: "track" }, this.fill, this.low, this.high);
    this.root = element("div", { class: "slider" }, element("span", {}, "Cells"), track, this.output);
    this.describe();
  }

  get range(): [number, number] {
    return [Number(this.low.value), Number(this.high.value)];
  }

  set range([low, high]: readonly [number, number]) {
    this.low.value = String(low);
    this.high.value = String(high);
    this.describe();
  }

  /** An end that is pushed beyond the other takes it along. */
  private moved(input: HTMLInputElement): void {
    const [low, high] = this.range;
    if (low > high) (input === this.low ? this.high : this.low).value = input.value;
    this.describe();
    this.onChange(...this.range);
  }

  private describe(): void {
    const [low, high] = this.range;
    const share = (cell: number): number => (this.last > this.first ? (cell - this.first) / (this.last - this.first) : 0);
    this.fill.style.left = `${100 * share(low)}%`;
    this.fill.style.right = `${100 * (1 - (this.last > this.first ? share(high) : 1))}%`;
    this.output.textContent = low === high ? String(low) : `${low} – ${high}`;
  }
}
