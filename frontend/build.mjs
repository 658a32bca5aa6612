// SPDX-License-Identifier: BSD-3-Clause
// node build.mjs FOLDER: writes the bundles that the Python package carries. The same sources and
// the pinned tools give the same bytes.
import { build } from "esbuild";

const folder = process.argv[2];
if (!folder) throw new Error("which folder? node build.mjs FOLDER");
const settings = {
  outdir: folder,
  bundle: true,
  minify: true,
  target: "es2022",
  charset: "ascii",
  loader: { ".css": "text" },
  legalComments: "none",
  banner: { js: "/* JUmPER (BSD-3-Clause), with uPlot (c) Leon Sorokin (MIT) */" },
  logLevel: "warning",
};
// One that every plot carries with it, and one that the live view's widget loads.
await build({ ...settings, entryPoints: { plot: "src/static.ts" }, format: "iife" });
await build({ ...settings, entryPoints: { live: "src/live.ts" }, format: "esm" });
