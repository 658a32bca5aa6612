// SPDX-License-Identifier: BSD-3-Clause
// node build.mjs FOLDER: writes the bundles that the Python package carries. The same sources and
// the pinned tools give the same bytes.
import { build } from "esbuild";

const folder = process.argv[2];
if (!folder) throw new Error("which folder? node build.mjs FOLDER");
const options = {
  outdir: folder,
  bundle: true,
  minify: true,
  target: "es2022",
  charset: "ascii",
  loader: { ".css": "text" },
  legalComments: "none",
  logLevel: "warning",
};
const ours = "JUmPER (BSD-3-Clause)";
const withPlot = { js: `/* ${ours}, with uPlot (c) Leon Sorokin (MIT) */` };
// What every plot carries with it, what the live view's widget loads, and the history's few lines.
await build({ ...options, entryPoints: { plot: "src/static.ts" }, format: "iife", banner: withPlot });
await build({ ...options, entryPoints: { live: "src/live.ts" }, format: "esm", banner: withPlot });
await build({
  ...options,
  entryPoints: { history: "src/history.ts" },
  format: "iife",
  banner: { js: `/* ${ours} */` },
});
