// SPDX-License-Identifier: BSD-3-Clause
// The colours of the place we are shown in. The style sheet takes them from JupyterLab, Notebook 7
// and VS Code; a canvas has to be told, and told again when the theme changes.

const ROLES = ["ink", "quiet", "grid", "cell", "cell-other", "cell-failed", "cell-running", "limit", "line-0", "line-1", "line-2", "line-3", "line-4", "line-5", "line-6", "line-7"] as const;
export type Role = (typeof ROLES)[number];

export class Theme {
  font = "sans-serif";
  private readonly probe = document.createElement("i");
  private readonly colours = new Map<Role, string>();
  private readonly observer = new MutationObserver(() => this.refresh());
  private readonly dark = window.matchMedia?.("(prefers-color-scheme: dark)");
  private readonly onDark = (): void => this.refresh();

  constructor(
    private readonly root: HTMLElement,
    private readonly onChange: () => void,
  ) {
    this.probe.hidden = true;
    root.append(this.probe);
    for (const element of [document.documentElement, document.body]) {
      this.observer.observe(element, { attributes: true });
    }
    this.dark?.addEventListener("change", this.onDark);
    this.read();
  }

  colour(role: Role): string {
    return this.colours.get(role) ?? "#888";
  }

  destroy(): void {
    this.observer.disconnect();
    this.dark?.removeEventListener("change", this.onDark);
    this.probe.remove();
  }

  private refresh(): void {
    const before = [...this.colours.values()].join();
    this.read();
    if ([...this.colours.values()].join() !== before) this.onChange();
  }

  private read(): void {
    const { color, fontFamily } = getComputedStyle(this.root);
    this.font = fontFamily;
    this.root.classList.toggle("dark", isLight(color));
    for (const role of ROLES) {
      this.probe.className = `c-${role}`;
      this.colours.set(role, getComputedStyle(this.probe).color);
    }
  }
}

/** Whether a colour as browsers give it, "rgb(12, 34, 56)", is a light one: text on dark ground. */
export function isLight(colour: string): boolean {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return 0.3 * red + 0.6 * green + 0.1 * blue > 140;
}
