# SPDX-License-Identifier: BSD-3-Clause
import json
from pathlib import Path

import pandas as pd
import pytest
from jumper_extension.loading import file_name, plain_path, read_cell_history, read_perfdata
from jumper_extension.native import JumperError

UPSTREAM_COLUMNS = (
    "time,memory,io_read_count,io_write_count,io_read,io_write,"
    "cpu_util_avg,cpu_util_min,cpu_util_max,cell_index"
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [("a", "a.csv"), ("a.json", "a.json"), ("a.txt", "a.txt"), ("d.e/a", "d.e/a.csv")],
)
def test_file_without_suffix_becomes_csv(given: str, expected: str) -> None:
    assert file_name(given) == expected


def test_a_folder_keeps_its_name(tmp_path: Path) -> None:
    assert file_name(tmp_path) == str(tmp_path)
    assert file_name("somewhere/") == "somewhere/"


def test_home_is_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somebody")
    assert plain_path("~/a.csv") == "/somebody/a.csv"


@pytest.mark.parametrize("name", ["", "a\0b.csv"])
def test_what_is_no_file_name(name: str) -> None:
    with pytest.raises(JumperError, match="not a file name"):
        plain_path(name)


def test_perfdata_of_the_python_jumper(tmp_path: Path) -> None:
    path = tmp_path / "perf.csv"
    path.write_text(f"{UPSTREAM_COLUMNS}\n1.5,0.5,1,2,3,4,50,50,50,\n2.5,0.6,1,2,3,4,51,51,51,2\n")
    frame, note = read_perfdata(path)
    assert "neither totals nor rates" in note
    assert frame["cell_index"].dtype == pd.Int64Dtype()
    assert frame["cell_index"].isna().tolist() == [True, False]
    assert frame["cpu_util_avg"].tolist() == [50, 51]


def test_our_perfdata_as_json(tmp_path: Path) -> None:
    names = [*UPSTREAM_COLUMNS.split(","), "cpu_seconds"]
    rows = [dict.fromkeys(names, 1.0) | {"cell_index": None}, dict.fromkeys(names, 2.0)]
    path = tmp_path / "perf.json"
    path.write_text(json.dumps(rows))
    frame, note = read_perfdata(path)
    assert note == ""
    assert frame["cell_index"].isna().tolist() == [True, False]
    assert frame["time"].tolist() == [1.0, 2.0]


def test_history_with_awkward_source(tmp_path: Path) -> None:
    source = "a = '\U0001f600'  # </script>, \"quotes\"\nb"
    row = {
        "cell_index": 3,
        "raw_cell": source,
        "start_time": 1.0,
        "end_time": 2.0,
        "duration": 1.0,
        "cell_magics": ["time f()"],
    }
    as_json, as_csv = tmp_path / "h.json", tmp_path / "h.csv"
    as_json.write_text(json.dumps([row]))
    pd.DataFrame([row]).to_csv(as_csv, index=False)
    for path in (as_json, as_csv):
        frame = read_cell_history(path)
        assert frame["cell_index"].tolist() == [3]
        assert frame["raw_cell"].tolist() == [source]
        assert frame["cell_magics"].tolist() == [["time f()"]]


def test_history_of_the_seed_era_calls_its_index_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "h.csv"
    path.write_text("index,raw_cell,start_time,end_time,duration\n0,x = 1,1.0,2.0,1.0\n")
    assert read_cell_history(path)["cell_index"].tolist() == [0]


@pytest.mark.parametrize("source", ["1", "NA", "", "None", "2020-01-01"])
def test_source_that_looks_like_a_value_stays_text(tmp_path: Path, source: str) -> None:
    row = {"cell_index": 0, "raw_cell": source, "start_time": 1, "end_time": 2, "duration": 1}
    as_json, as_csv = tmp_path / "h.json", tmp_path / "h.csv"
    as_json.write_text(json.dumps([row]))
    pd.DataFrame([row]).to_csv(as_csv, index=False)
    assert read_cell_history(as_json)["raw_cell"].tolist() == [source]
    assert read_cell_history(as_csv)["raw_cell"].tolist() == [source]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.txt", b"x", "must end in .csv or .json"),
        ("a.csv", b"", "not a CSV table"),
        ("a.csv", b"\xff\xfe\x00", "not a CSV table"),
        ("a.json", b"{", "not a JSON table"),
        ("a.json", b'"text"', "not a JSON table"),
        ("a.csv", b"time,memory\n1,2\n", "lacks the columns io_read_count"),
        ("a.json", b"[]", "lacks the columns time"),
        ("a.json", b"[" * 100_000, "not a JSON table"),
        ("a.json", b'[{"time": "1"}]', "lacks the columns memory"),
        ("a.json", b"\xff", "not a JSON table"),
        ("a.csv", b"time,memory\n1,2,3\n", "line 2: 3 fields where the first line names 2"),
        ("a.csv", b'time\n"1\n', "line 2: a field begins with a quote that nothing closes"),
        ("a.csv", b"time\n=1+1\n", "line 2: 'time' should be a number, and is '=1\\+1'"),
    ],
)
def test_what_is_no_perfdata(tmp_path: Path, name: str, content: bytes, complaint: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(JumperError, match=complaint):
        read_perfdata(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(JumperError, match="No such file"):
        read_perfdata(tmp_path / "a.csv")
    folder = tmp_path / "d.csv"
    folder.mkdir()
    with pytest.raises(JumperError, match="is a folder, no file"):
        read_perfdata(folder)


def test_wrong_types_in_json(tmp_path: Path) -> None:
    row = dict.fromkeys(UPSTREAM_COLUMNS.split(","), 1.0)
    path = tmp_path / "a.json"
    for wrong in ("1", [1], True):
        path.write_text(json.dumps([row, row | {"memory": wrong}]))
        with pytest.raises(JumperError, match="'memory' should be numbers"):
            read_perfdata(path)
    path.write_text(json.dumps([row | {"memory": 10**400}]))
    with pytest.raises(JumperError, match="too large"):
        read_perfdata(path)
    path.write_text(json.dumps([row | {"cell_index": 1.5}]))
    with pytest.raises(JumperError, match="not whole"):
        read_perfdata(path)


def test_mixed_line_ends_marks_and_infinities(tmp_path: Path) -> None:
    path = tmp_path / "perf.csv"
    path.write_bytes(
        b"\xef\xbb\xbf"
        + UPSTREAM_COLUMNS.encode()
        + b"\r\n1.5,0.5,1,2,3,4,50,50,50,\r2.5,inf,1,2,3,4,nan,51,51,2\n\n"
    )
    frame, _ = read_perfdata(path)
    assert frame["time"].tolist() == [1.5, 2.5]
    assert frame["memory"].isna().tolist() == [False, True]


def test_io_columns_that_are_rates(tmp_path: Path) -> None:
    path = tmp_path / "perf.csv"
    rows = "1.5,1,0,0,0,0,0,0,0,\n2.5,1,0.3,10.7,0,4000.3,5,5,5,\n"
    path.write_text(f"{UPSTREAM_COLUMNS}\n{rows}")
    assert "io columns are rates" in read_perfdata(path)[1]


def test_hostile_magics_run_nothing(tmp_path: Path) -> None:
    path = tmp_path / "h.csv"
    magics = ["[" * 10_000, "__import__('os').system('x')", "['a', 1]", "['a\\'b', \"c\"]"]
    rows = [
        {"cell_index": i, "raw_cell": "", "start_time": 1, "end_time": 2, "duration": 1}
        | {"cell_magics": text}
        for i, text in enumerate(magics)
    ]
    pd.DataFrame(rows).to_csv(path, index=False)
    assert read_cell_history(path)["cell_magics"].tolist() == [[], [], [], ["a'b", "c"]]
