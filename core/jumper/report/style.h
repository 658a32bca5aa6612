// SPDX-License-Identifier: BSD-3-Clause
// The style of what we show in a notebook. Colours are the front end's own where it tells them
// (JupyterLab, Notebook 7, VS Code), so that light and dark themes look at home.
#pragma once

#include <string_view>

namespace jumper::report {

inline constexpr std::string_view kStyle =
    "<style>"
    ".jumper-report,.jumper-history{"
    "--j-text:var(--jp-content-font-color1,var(--vscode-foreground,#222));"
    "--j-quiet:var(--jp-content-font-color2,var(--vscode-descriptionForeground,#666));"
    "--j-line:var(--jp-border-color2,var(--vscode-panel-border,#ccc));"
    "--j-stripe:var(--jp-layout-color2,var(--vscode-editor-inactiveSelectionBackground,#f5f5f5));"
    "--j-bad:var(--jp-error-color1,var(--vscode-errorForeground,#c62828));"
    "color:var(--j-text);font-size:13px;line-height:1.4;margin:4px "
    "0;max-width:100%;overflow-x:auto}"
    ".jumper-title{font-weight:600;margin-bottom:4px}"
    ".jumper-quiet{color:var(--j-quiet);font-weight:400;margin-left:12px}"
    "table.jumper-table{border-collapse:collapse;border:none;margin:0;color:inherit;font-size:"
    "inherit;"
    "font-variant-numeric:tabular-"
    "nums}"
    "table.jumper-table th,table.jumper-table td{border:none;padding:2px "
    "8px;text-align:right;vertical-align:top;"
    "background:none;white-space:nowrap}"
    "table.jumper-table th:first-child,table.jumper-table th.jumper-left,table.jumper-table "
    "td.jumper-left"
    "{text-align:left}"
    ".jumper-table thead th{border-bottom:1px solid var(--j-line);font-weight:600}"
    ".jumper-table tbody th{font-weight:400}"
    "table.jumper-table tbody tr:nth-child(even){background:var(--j-stripe)}"
    ".jumper-details{display:grid;grid-template-columns:max-content 1fr;gap:1px 14px;margin:6px 0 "
    "0 10px}"
    ".jumper-details dt{color:var(--j-quiet);font-weight:400;margin:0}"
    ".jumper-details dd{margin:0}"
    ".jumper-history .jumper-code,.jumper-history "
    "summary{font-family:var(--jp-code-font-family,monospace);"
    "font-size:12px;white-space:pre;color:inherit;background:none!important;padding:0!important}"
    ".jumper-history table.jumper-table{font-size:12px}"
    ".jumper-history table.jumper-table th,.jumper-history table.jumper-table td{padding:2px 6px}"
    ".jumper-history summary{cursor:pointer}"
    ".jumper-history details .jumper-code{display:block;margin:2px 0 4px;white-space:pre-wrap;"
    "overflow-wrap:anywhere;width:44em;max-height:30em;overflow-y:auto}"
    ".jumper-bad{color:var(--j-bad)}"
    // A bar of parts, and the dots that say which part a word is about. Tones that are told apart
    // on light and dark, by the colour-blind, too.
    ".jumper-bar{display:flex;width:min(30em,100%);height:8px;margin:5px 0 "
    "3px;border-radius:2px;overflow:hidden;background:var(--j-stripe)}"
    ".jumper-bar i{display:block;height:100%}"
    ".jumper-dot{display:inline-block;width:8px;height:8px;border-radius:2px;margin-right:4px}"
    ".jumper-w-user{background:#3b7dd8}.jumper-w-system{background:#7fb2f0}"
    ".jumper-w-others{background:#2a9d8f}.jumper-w-queue{background:#f4a340}"
    ".jumper-w-throttled{background:#d1495b}.jumper-w-disk{background:#9a6fb0}"
    ".jumper-w-idle{background:#9aa5b1}"
    "</style>";

}  // namespace jumper::report
