// SPDX-License-Identifier: BSD-3-Clause
// node build.mjs FOLDER: writes the bundle that the Python package carries. The same sources and
// the pinned tools give the same bytes.
import { build } from "esbuild";

const folder = process.argv[2];
if (!folder) throw new Error("which folder? node build.mjs FOLDER");
const options = {
  outdir: folder,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "ascii",
  loader: { ".css": "text" },
  legalComments: "none",
  logLevel: "warning",
};
await build({
  ...options,
  entryPoints: { plot: "src/static.ts" },
  banner: { js: "/* JUmPER (BSD-3-Clause), with uPlot (c) Leon Sorokin (MIT) */" },
});
await build({
  ...options,
  entryPoints: { history: "src/history.ts" },
  banner: { js: "/* JUmPER (BSD-3-Clause) */" },
});
