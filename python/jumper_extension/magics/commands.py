# SPDX-License-Identifier: BSD-3-Clause
"""All commands. The magics, their parser, their help and their documentation come from here."""

from jumper_extension.magics.options import Command, Option, percent, seconds

_LEVEL = Option("level", "whose resources: see Levels below", "--level", "LEVEL")
_CELLS = Option("cell_range", "which cells: see Cells below", "--cell", "RANGE")
_NODE = Option("node", "another node of the job, or all of them", "--node", "NODE|all")
_TEXT = Option("text", "as text, also in a notebook", "--text")
_JSON = Option("json", "as JSON, for programs", "--json")
_FILE = Option(
    "file", "the file to write; .csv, .json or .parquet", "--file", "FILE", positional=True
)
_LOADED = Option("file", "the file to read; .csv or .json", "--file", "FILE", positional=True)
_NAME = Option("name", "the variable to make if no file is given", "--name", "VAR")
_SCRIPT = Option("path", "the script to write", "--file", "FILE", positional=True)
_SESSION_OUT = Option(
    "path",
    "a new or empty folder, or a file in .zip",
    "--path",
    "PATH",
    positional=True,
    completes="session",
)
_SESSION_IN = Option(
    "path",
    "the folder or .zip file to read, or a journal",
    "--path",
    "PATH",
    positional=True,
    completes="session",
)
_NEED_FILE = frozenset({"file"})
_NEED_PATH = frozenset({"path"})

COMMANDS = (
    Command(
        "perfmonitor_help",
        "show_help",
        "Shows this help.",
        ("%perfmonitor_help",),
    ),
    Command(
        "perfmonitor_resources",
        "show_resources",
        "Shows the CPUs, the memory and the GPUs there are, and the limits that hold.",
        ("%perfmonitor_resources",),
    ),
    Command(
        "perfmonitor_advice",
        "show_advice",
        "Shows what was asked for, what was used, and what would have been enough.",
        ("%perfmonitor_advice", "%perfmonitor_advice --json"),
        (_JSON,),
    ),
    Command(
        "perfmonitor_start",
        "start_monitoring",
        "Starts the monitor: a sample every second, or as often as you say.",
        ("%perfmonitor_start", "%perfmonitor_start 0.2", "%perfmonitor_start 0.1 --budget 2"),
        (
            Option(
                "interval",
                "seconds from sample to sample, 0.001 to 86400",
                "--interval",
                "SECONDS",
                positional=True,
                convert=seconds,
            ),
            Option(
                "budget",
                "percent of one core it may use (default 0.5; 0: no limit)",
                "--budget",
                "PERCENT",
                convert=percent,
            ),
            Option(
                "sampled_peak",
                "leave the kernel's memory high-water mark alone",
                "--sampled-peak",
            ),
            Option("no_journal", "write nothing to a file while measuring", "--no-journal"),
            Option("no_source", "leave the source of cells out of that file", "--no-source"),
            Option(
                "oom_guard",
                "interrupt a cell that is about to reach the memory limit",
                "--oom-guard",
            ),
            Option(
                "nodes",
                "measure other nodes of the Slurm job, too: all, 4 or n[1-3]",
                "--nodes",
                "NODES",
            ),
        ),
    ),
    Command(
        "perfmonitor_stop",
        "stop_monitoring",
        "Stops the monitor. Reports, plots and exports of what was collected keep working.",
        ("%perfmonitor_stop",),
    ),
    Command(
        "perfmonitor_perfreport",
        "show_perfreport",
        "Reports what your cells cost: all of them so far, or those you name.",
        (
            "%perfmonitor_perfreport",
            "%perfmonitor_perfreport --cell 2:5 --level user",
            "%perfmonitor_perfreport --node all",
        ),
        (_CELLS, _LEVEL, _NODE, _TEXT, _JSON),
    ),
    Command(
        "perfmonitor_plot",
        "plot_performance",
        "Shows CPU, memory and I/O over time with the cells shaded, to explore; or just --metrics.",
        (
            "%perfmonitor_plot",
            "%perfmonitor_plot --live",
            "%perfmonitor_plot --metrics cpu,memory --cell -3:-1",
            "%perfmonitor_plot --metrics cpu,io --level user --save plot.svg",
            "%perfmonitor_plot --node all",
        ),
        (
            Option(
                "metrics",
                "only cpu,memory,io,io_chars,io_count,processes,network,pressure",
                "--metrics",
                "LIST",
            ),
            _CELLS,
            _LEVEL,
            _NODE,
            Option(
                "save",
                "also write it: .svg .png .jpg .pdf .html .csv, or .json to load",
                "--save",
                "FILE",
            ),
            Option("save_jpeg", "also write it as a JPEG picture", "--save-jpeg", "FILE"),
            Option(
                "pickle_file",
                "also write it for jumper_extension.load_plot: JSON, safe to load",
                "--pickle",
                "FILE",
            ),
            Option("backend", "accepted for old notebooks; no effect", "--backend", "NAME"),
            Option(
                "live",
                "moves while cells run, every INTERVAL seconds (0.4); shows the last WINDOW (120)",
                "--live",
                "[INTERVAL [WINDOW]]",
                convert=seconds,
                most=2,
            ),
        ),
    ),
    Command(
        "cell_history",
        "show_cell_history",
        "Shows a table of all cells that were run, with their times.",
        ("%cell_history",),
        (Option("node", "what they cost on another node of the job", "--node", "NODE"),),
        aliases=("show_cell_history",),
    ),
    Command(
        "perfmonitor_compare",
        "compare",
        "Compares two cells, or two sessions: what each cost, and whether that differs by chance.",
        (
            "%perfmonitor_compare 3 7",
            "%perfmonitor_compare -2 -1",
            "%perfmonitor_compare yesterday.zip .",
        ),
        (
            Option(
                "a",
                "a cell, cells (2:5), or a session: file, folder or ID; . is this one",
                "--a",
                "A",
                positional=True,
            ),
            Option("b", "what to compare it with, likewise", "--b", "B", positional=True),
            _TEXT,
            _JSON,
        ),
        required=frozenset({"a", "b"}),
    ),
    Command(
        "perfmonitor_enable_perfreports",
        "enable_perfreports",
        "From now on a report follows each cell. Starts the monitor if it does not run.",
        ("%perfmonitor_enable_perfreports", "%perfmonitor_enable_perfreports --interval 0.2"),
        (
            _LEVEL,
            Option("interval", "as for start", "--interval", "SECONDS", convert=seconds),
            _TEXT,
            Option("cell_range", "accepted for old notebooks; no effect", "--cell", "RANGE"),
        ),
    ),
    Command(
        "perfmonitor_disable_perfreports",
        "disable_perfreports",
        "No reports after cells any more.",
        ("%perfmonitor_disable_perfreports",),
    ),
    Command(
        "perfmonitor_fast_setup",
        "fast_setup",
        "Starts the monitor and the reports after each cell, in one step.",
        ("%perfmonitor_fast_setup",),
    ),
    Command(
        "perfmonitor_export_perfdata",
        "export_perfdata",
        "Writes the samples to a file; without a file, makes a DataFrame of them.",
        (
            "%perfmonitor_export_perfdata my_performance.csv --level system",
            "%perfmonitor_export_perfdata perfetto.trace.json",
            "%perfmonitor_export_perfdata --name df",
        ),
        (_FILE, _LEVEL, _NODE, _NAME),
    ),
    Command(
        "perfmonitor_export_cell_history",
        "export_cell_history",
        "Writes the cell history to a file; without a file, makes a DataFrame of it.",
        ("%perfmonitor_export_cell_history my_cells.json",),
        (_FILE, _NAME),
    ),
    Command(
        "export_session",
        "export_session",
        "Writes the whole session to a new folder or a .zip file, to be read elsewhere.",
        ("%export_session", "%export_session my_session.zip"),
        (_SESSION_OUT,),
    ),
    Command(
        "import_session",
        "import_session",
        "Reads an exported session, ours or the Python JUmPER's, to report on it and plot it.",
        ("%import_session my_session.zip",),
        (_SESSION_IN,),
        required=_NEED_PATH,
    ),
    Command(
        "perfmonitor_recover",
        "recover",
        "Loads a session whose kernel died: the last one of this notebook, or the one you name.",
        ("%perfmonitor_recover", "%perfmonitor_recover --list"),
        (
            Option("session", "its id, or how that begins", "--session", "ID", positional=True),
            Option("list_sessions", "show which sessions there are", "--list"),
        ),
    ),
    Command(
        "perfmonitor_load_perfdata",
        "load_perfdata",
        "Reads exported samples into the DataFrame loaded_perfdata_df.",
        ("%perfmonitor_load_perfdata my_performance.csv",),
        (_LOADED,),
        required=_NEED_FILE,
    ),
    Command(
        "perfmonitor_load_cell_history",
        "load_cell_history",
        "Reads an exported cell history into the DataFrame loaded_cell_history_df.",
        ("%perfmonitor_load_cell_history my_cells.json",),
        (_LOADED,),
        required=_NEED_FILE,
    ),
    Command(
        "start_write_script",
        "start_script_recording",
        "From the next cell on, cells are not run but recorded for a Python script.",
        ("%start_write_script", "%start_write_script analysis.py"),
        (_SCRIPT,),
    ),
    Command(
        "end_write_script",
        "stop_script_recording",
        "Writes the recorded cells as a script that runs on its own, measured as they would be.",
        ("%end_write_script",),
        (_SCRIPT,),
    ),
)

BY_NAME = {name: command for command in COMMANDS for name in (command.name, *command.aliases)}
