// SPDX-License-Identifier: BSD-3-Clause
// The live view, an anywidget: the kernel sends tails, all else happens here. What travels is
// described in python/jumper_extension/display/live.py.
import { element } from "./dom";
import { formatDuration } from "./format";
import { Plot } from "./plot";
import { decode } from "./protocol";
import { Stream } from "./stream";

/** The part of an anywidget's model that is used here. */
interface Model {
  get(key: "document"): string;
  get(key: "options"): { window: number; keep: number; panels: readonly string[] | null };
  on(event: string, listener: (...values: never[]) => void): void;
  send(content: object): void;
}

interface Tail {
  readonly seq: number;
  readonly every: number; // seconds from sample to sample
  readonly running: boolean;
  readonly warning?: string | null; // memory reaches its limit soon
}

const HEARTBEAT_MS = 10_000;
const LOOK_MS = 500;

/** What the views of one model on one page share. */
class Source {
  private stream: Stream;
  private readonly views = new Set<View>();
  private readonly client = Math.random().toString(36).slice(2);
  private timers: number[] = [];
  private heard = performance.now();
  private tail: Tail = { seq: 0, every: 1, running: true };

  constructor(private readonly model: Model) {
    this.stream = this.begin();
    model.on("msg:custom", (content: Tail, buffers: DataView[]) => this.receive(content, buffers));
    model.on("change:document", () => {
      this.stream = this.begin();
      this.views.forEach((view) => view.show(this.stream, this.tail));
    });
  }

  private begin(): Stream {
    this.heard = performance.now();
    return new Stream(decode(this.model.get("document")), this.model.get("options").keep);
  }

  private receive(tail: Tail, [buffer]: DataView[]): void {
    if (!buffer) return;
    const had = this.stream.hasGap;
    const before = this.stream.data.to;
    this.stream.append(decode(new TextDecoder().decode(buffer)));
    if (this.stream.data.to > before || !tail.running) this.heard = performance.now();
    this.tail = tail;
    this.views.forEach((view) => view.show(this.stream, tail));
    this.look();
    if (this.stream.hasGap && !had) this.tell();
  }

  /** Tells the kernel how many views there are, and from when on something is missing. */
  private tell(views = this.views.size): void {
    const missing = this.stream.hasGap ? this.stream.complete : null;
    this.model.send({ client: this.client, views, missing });
  }

  private readonly onHide = (): void => this.tell(0);

  private look(): void {
    const seconds = (performance.now() - this.heard) / 1000;
    this.views.forEach((view) => view.tellState(seconds, this.tail));
  }

  add(host: HTMLElement): () => void {
    const { window: shown, panels } = this.model.get("options");
    const view = new View(host, this.stream, shown, panels);
    this.views.add(view);
    if (this.views.size === 1) {
      this.timers = [window.setInterval(() => this.tell(), HEARTBEAT_MS), window.setInterval(() => this.look(), LOOK_MS)];
    }
    this.tell();
    this.look();
    window.addEventListener("pagehide", this.onHide);
    return () => {
      view.plot.destroy();
      this.views.delete(view);
      if (this.views.size === 0) {
        window.removeEventListener("pagehide", this.onHide);
        this.timers.forEach((timer) => window.clearInterval(timer));
      }
      this.tell();
    };
  }
}

class View {
  readonly plot: Plot;
  private readonly state = element("span", { class: "live", role: "status" });

  constructor(
    private readonly host: HTMLElement,
    stream: Stream,
    window: number,
    panels: readonly string[] | null,
  ) {
    this.plot = new Plot(host, stream.data, { window, panels, state: this.state });
  }

  show({ data, hasGap }: Stream, { seq }: Tail): void {
    this.plot.advance(data);
    const latency = Date.now() - (data.startMs + data.to * 1e3);
    const points = data.levels[0]?.times.values.length ?? 0;
    Object.assign(this.host.dataset, { seq, points, gap: hasGap, latency: latency.toFixed(0) });
  }

  /** Tells how old the last sample is, where it should not be. */
  tellState(seconds: number, { every, running, warning }: Tail): void {
    const late = seconds > Math.max(2, 2 * every + 1);
    const state = !running ? "ended" : late ? "late" : warning ? "warning" : "on";
    const age = `last sample ${formatDuration(Math.floor(seconds))} ago`;
    const text = !running ? "monitor stopped" : late ? age : (warning ?? "live");
    if (this.state.textContent !== text) this.state.textContent = text;
    this.state.className = `live ${state}`;
    this.host.dataset["state"] = state;
  }
}

const sources = new WeakMap<Model, Source>();

function sourceOf(model: Model): Source {
  const source = sources.get(model) ?? new Source(model);
  sources.set(model, source);
  return source;
}

export default {
  initialize({ model }: { model: Model }): void {
    sourceOf(model);
  },
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const host = element("div", { class: "jumper-live", "data-lm-suppress-shortcuts": "true" });
    el.append(host);
    return sourceOf(model).add(host);
  },
};
