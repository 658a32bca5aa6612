// SPDX-License-Identifier: BSD-3-Clause
// The style of what we show in a notebook. Colours are the front end's own where it tells them
// (JupyterLab, Notebook 7, VS Code), and made of the text's elsewhere, so that light and dark
// themes look at home.
#pragma once

#include <string_view>

namespace jumper::report {

// Of reports, of the history and of comparisons.
inline constexpr std::string_view kSharedStyle =
    ".jumper-report,.jumper-history,.jumper-compare{"
    "color:var(--jp-content-font-color1,var(--vscode-foreground,currentcolor));"
    "--j-quiet:color-mix(in srgb,currentcolor 68%,transparent);"
    "--j-line:color-mix(in srgb,currentcolor 18%,transparent);"
    "--j-faint:color-mix(in srgb,currentcolor 8%,transparent);"
    "--j-bad:#d1495b;"
    "font-size:13px;line-height:1.4;margin:4px 0;max-width:100%;overflow-x:auto}"
    ".jumper-title{font-weight:600;margin-bottom:4px;padding-left:8px}"
    ".jumper-quiet{color:var(--j-quiet);font-weight:400;margin-left:12px}"
    "table.jumper-table{border-collapse:collapse;border:none;margin:0;color:inherit;"
    "font-size:inherit;table-layout:auto;font-variant-numeric:tabular-nums}"
    "table.jumper-table th,table.jumper-table td{border:none;padding:2px 8px;text-align:right;"
    "vertical-align:top;background:none;white-space:nowrap;color:inherit}"
    "table.jumper-table th:first-child,table.jumper-table .jumper-left{text-align:left}"
    "table.jumper-table thead{border:none}"
    "table.jumper-table thead th{font-weight:600}"
    "table.jumper-table tbody th{font-weight:400}"
    "table.jumper-table tbody tr{background:none!important;border-top:1px solid var(--j-line)}"
    "table.jumper-table tbody tr:hover{background:var(--j-faint)!important}"
    ".jumper-bad{color:var(--j-bad)}";

inline constexpr std::string_view kReportStyle =
    // Two columns where there is room for them.
    ".jumper-body{display:flex;flex-wrap:wrap;gap:2px 24px;padding-left:8px}"
    ".jumper-body>div{flex:1 1 32em;min-width:min(32em,100%)}"
    ".jumper-body>div:first-child{flex:0 1 auto;width:31em;min-width:0}"
    ".jumper-body table.jumper-table{width:100%}"
    ".jumper-body th:first-child,.jumper-body dl{padding-left:0!important}"
    ".jumper-body dl{display:grid;grid-template-columns:max-content 1fr;gap:1px 10px;margin:0}"
    // JupyterLab has widths of its own for these.
    ".jumper-body dl>*{margin:0;padding:0;float:none;width:auto;min-width:0}"
    ".jumper-body table+dl{margin-top:5px}"
    ".jumper-body dt{color:var(--j-quiet);font-weight:400}"
    ".jumper-body dd{overflow-wrap:anywhere}"
    ".jumper-body details{margin:0}"
    ".jumper-body summary{color:var(--j-quiet);cursor:pointer;font-size:12px}"
    ".jumper-part{white-space:nowrap}"
    ".jumper-tag{font-weight:600;padding:0 6px;border-radius:8px;background:var(--j-faint);"
    "box-shadow:inset 0 0 0 1px var(--j-line)}"
    // A bar of parts, and the dots that say which part a word is about. Tones that are told apart
    // on light and dark, by the colour-blind, too.
    ".jumper-bar{display:inline-flex;width:min(38em,100%);height:8px;margin:5px 0 "
    "3px;border-radius:2px;overflow:hidden;background:var(--j-faint)}"
    ".jumper-small{width:9em;margin:0 8px 0 0}"
    ".jumper-bar i{display:block;height:100%}"
    ".jumper-dot{display:inline-block;width:8px;height:8px;border-radius:2px;margin-right:4px}"
    ".jumper-w-user{background:#3b7dd8}.jumper-w-system{background:#7fb2f0}"
    ".jumper-w-others{background:#2a9d8f}.jumper-w-queue{background:#f4a340}"
    ".jumper-w-throttled{background:#d1495b}.jumper-w-disk{background:#9a6fb0}"
    ".jumper-w-idle{background:#9aa5b1}";

// Of the table of nodes; a long state is broken, numbers are not.
inline constexpr std::string_view kNodesStyle =
    ".jumper-nodes{max-height:36em;overflow:auto;padding-left:8px;margin-bottom:5px}"
    ".jumper-nodes table.jumper-table td:last-child{text-align:left;white-space:normal;"
    "overflow-wrap:anywhere;max-width:28em}"
    ".jumper-nodes table.jumper-table th:last-child{text-align:left}"
    ".jumper-nodes table.jumper-table th:first-child{padding-left:0}";

// Code has the colours of the notebook's own.
inline constexpr std::string_view kCodeStyle =
    ".jumper-history,.jumper-compare{--j-k:var(--jp-mirror-editor-keyword-color,#00739c);"
    "--j-s:var(--jp-mirror-editor-string-color,#a3391a);"
    "--j-c:var(--jp-mirror-editor-comment-color,#5f7480);"
    "--j-n:var(--jp-mirror-editor-number-color,#1f7a45);--j-m:#8a4fb5;--j-good:#1f7a45}"
    ".vscode-dark :is(.jumper-history,.jumper-compare){--j-k:#6cb6f0;--j-s:#e39b7b;--j-c:#8ba0ac;"
    "--j-n:#7fce9c}"
    ":is(.vscode-dark,[data-jp-theme-light=false]) :is(.jumper-history,.jumper-compare){"
    "--j-m:#c9a0ea;--j-bad:#f0766c;--j-good:#7fce9c}"
    ":is(.jumper-history,.jumper-compare) .jumper-code{font:12px/1.4 "
    "var(--jp-code-font-family,var(--vscode-editor-font-family,monospace));white-space:pre;"
    "color:inherit;background:none!important;padding:0!important}"
    ".jumper-k{color:var(--j-k);font-weight:600}.jumper-s{color:var(--j-s)}"
    ".jumper-c{color:var(--j-c);font-style:italic}.jumper-n{color:var(--j-n)}"
    ".jumper-m{color:var(--j-m)}";

// What differs by more than the noise is coloured, with a triangle beside it.
inline constexpr std::string_view kCompareStyle =
    ".jumper-good{color:var(--j-good)}"
    // The code takes what the numbers leave of the width.
    ".jumper-compare .jumper-line{width:100%;max-width:0;min-width:14em}"
    ".jumper-line .jumper-code{display:block;overflow:hidden;text-overflow:ellipsis}"
    ".jumper-line .jumper-code+br{display:none}"
    ".jumper-compare dl{display:grid;grid-template-columns:max-content 1fr;gap:0 10px;"
    "margin:0 0 4px;padding-left:8px}"
    // JupyterLab has widths of its own for these.
    ".jumper-compare dl>*{margin:0;padding:0;float:none;width:auto;min-width:0}"
    ".jumper-compare dt{color:var(--j-quiet);font-weight:400}"
    ".jumper-compare dd{overflow-wrap:anywhere}"
    ".jumper-compare td .jumper-quiet{margin:0;font-size:12px}"
    ".jumper-note{color:var(--j-quiet);padding:0 0 4px 8px}"
    ".jumper-compare details{margin:4px 0 0;padding-left:8px}"
    ".jumper-compare summary{color:var(--j-quiet);cursor:pointer}";

// The code takes what the numbers leave of the width. The buttons and the field of the title are
// made by the script.
inline constexpr std::string_view kHistoryStyle =
    ".jumper-history table.jumper-table{font-size:12px;width:100%}"
    ".jumper-history table.jumper-table th,.jumper-history table.jumper-table td{padding:3px 7px}"
    ".jumper-history table.jumper-table td:last-child{width:100%;max-width:0;min-width:16em}"
    ".jumper-history table.jumper-table th:first-child{text-align:right}"
    // Shadows at the sides where there is more; covers that move with the table hide the others.
    ".jumper-scroll{max-height:36em;overflow:auto;"
    "--j-back:var(--jp-layout-color0,var(--vscode-editor-background,Canvas));"
    "--j-shade:color-mix(in srgb,currentcolor 25%,transparent);"
    "background:linear-gradient(90deg,var(--j-back) 16px,transparent 40px) local,"
    "linear-gradient(270deg,var(--j-back) 16px,transparent 40px) local,"
    "linear-gradient(90deg,var(--j-shade),transparent 14px),"
    "linear-gradient(270deg,var(--j-shade),transparent 14px)}"
    ".jumper-scroll thead th{position:sticky;top:0;z-index:1;box-shadow:inset 0 -1px var(--j-line);"
    "background:var(--j-back)!important}"
    ".jumper-history td[style]{background:linear-gradient(#3b7dd8,#3b7dd8) no-repeat 7px "
    "20px/calc((100% - 14px)*var(--j-bar)) 3px!important}"
    ".jumper-history td>.jumper-code,.jumper-history summary{display:block;overflow:hidden;"
    "text-overflow:ellipsis;white-space:nowrap!important}"
    ".jumper-history summary>.jumper-code{white-space:nowrap!important}"
    ".jumper-history summary{cursor:pointer}"
    ".jumper-history summary::before{content:'\\25b8  ';color:var(--j-quiet)}"
    ".jumper-history [open]>summary::before{content:'\\25be  '}"
    ".jumper-history [open]>summary .jumper-code,.jumper-history "
    "details:not([open])>summary .jumper-quiet{display:none}"
    ".jumper-history summary .jumper-quiet{margin:0}"
    ".jumper-history details>.jumper-code{display:block;margin:2px 0 4px;white-space:pre-wrap;"
    "overflow-wrap:anywhere;max-height:30em;overflow-y:auto}"
    ".jumper-history details>.jumper-quiet{margin:0;white-space:normal}"
    ".jumper-history th button{all:unset;cursor:pointer;font:inherit}"
    // Said by aria-sort, so not a second time by the arrows.
    ".jumper-history th[aria-sort=ascending] button::after{content:' \\25b4';content:' \\25b4'/''}"
    ".jumper-history th[aria-sort=descending] button::after{content:' \\25be';content:' \\25be'/''}"
    ".jumper-tools{float:right;display:flex;gap:8px;align-items:baseline;font-weight:400}"
    ".jumper-tools input,.jumper-tools button{font:inherit;color:inherit;background:none;"
    "border:1px solid var(--j-line);border-radius:4px;padding:1px 7px;width:15em}"
    ".jumper-tools button{width:auto;cursor:pointer}"
    ".jumper-history :focus-visible{outline:2px solid #3b7dd8;outline-offset:-1px}"
    "@media print{.jumper-scroll{max-height:none}.jumper-tools{display:none}}";

}  // namespace jumper::report
