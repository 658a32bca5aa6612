// SPDX-License-Identifier: BSD-3-Clause
// Makes interactive plots of the pictures that carry their data with them. The script comes with
// every such output, and takes up whatever no script has taken up yet.
import { Plot } from "./plot";
import { decode } from "./protocol";

export function upgradeAll(root: ParentNode): void {
  for (const host of root.querySelectorAll<HTMLElement>(".jumper-plot:not([data-state])")) {
    const json = host.querySelector("script[type='application/json']")?.textContent;
    if (!json) continue;
    try {
      new Plot(host, decode(json));
      host.dataset["state"] = "ready";
    } catch (error) {
      host.dataset["state"] = "failed"; // the picture stays
      console.error("JUmPER:", error);
    }
  }
}

upgradeAll(document);
