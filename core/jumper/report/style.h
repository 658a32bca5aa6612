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
    "color:var(--j-text);font-size:13px;line-height:1.4;margin:4px 0;max-width:100%;overflow-x:auto}"
    ".jumper-title{font-weight:600;margin-bottom:4px}"
    ".jumper-quiet{color:var(--j-quiet);font-weight:400;margin-left:12px}"
    "table.jumper-table{border-collapse:collapse;border:none;margin:0;font-variant-numeric:tabular-nums}"
    ".jumper-table th,.jumper-table td{border:none;padding:2px 10px;text-align:right;vertical-align:top;"
    "background:none;white-space:nowrap}"
    ".jumper-table th:first-child,.jumper-table .jumper-left{text-align:left}"
    ".jumper-table thead th{border-bottom:1px solid var(--j-line);font-weight:600}"
    ".jumper-table tbody th{font-weight:400}"
    ".jumper-table tbody tr:nth-child(even){background:var(--j-stripe)}"
    ".jumper-details{display:grid;grid-template-columns:max-content 1fr;gap:1px 14px;margin:6px 0 0 10px}"
    ".jumper-details dt{color:var(--j-quiet);font-weight:400;margin:0}"
    ".jumper-details dd{margin:0}"
    ".jumper-history pre{margin:0;padding:0;background:none;color:inherit;font-size:12px;white-space:pre-wrap;"
    "overflow-wrap:anywhere;max-width:60em}"
    ".jumper-history summary{cursor:pointer;font-family:var(--jp-code-font-family,monospace);font-size:12px}"
    ".jumper-bad{color:var(--j-bad)}"
    "</style>";

}  // namespace jumper::report
