# SPDX-License-Identifier: BSD-3-Clause
import numpy as np
import pandas as pd
from jumper_extension.frames import history_frame, perfdata_frame


def test_perfdata_keeps_order_and_marks_samples_outside_cells() -> None:
    frame = perfdata_frame(
        {
            "time": np.array([1.0, 2.0, 3.0]),
            "cell_index": np.array([-1, 0, 12], dtype=np.int64),
            "memory": np.array([0.5, np.nan, 0.25]),
        }
    )
    assert list(frame.columns) == ["time", "cell_index", "memory"]
    assert frame["cell_index"].dtype == pd.Int64Dtype()
    assert frame["cell_index"].isna().tolist() == [True, False, False]
    assert frame["cell_index"].dropna().tolist() == [0, 12]
    assert frame["memory"].dtype == np.float64
    assert np.isnan(frame["memory"][1])


def test_perfdata_does_not_change_its_input() -> None:
    index = np.array([-1, 0], dtype=np.int64)
    columns = {"time": np.array([1.0, 2.0]), "cell_index": index}
    frame = perfdata_frame(columns)
    frame.loc[0, "cell_index"] = 7
    frame.loc[0, "time"] = 9.0
    assert index.tolist() == [-1, 0]
    assert columns["time"].tolist() == [1.0, 2.0]


def test_perfdata_without_samples_keeps_its_columns() -> None:
    frame = perfdata_frame({"time": np.array([]), "cell_index": np.array([], dtype=np.int64)})
    assert list(frame.columns) == ["time", "cell_index"]
    assert len(frame) == 0


def test_history_types() -> None:
    frame = history_frame(
        {
            "cell_index": [0, 1],
            "raw_cell": ["x = 1\0", "'</script>\U0001f600'"],
            "duration": [0.5, 0.25],
            "cell_magics": [["time f()"], []],
            "status": ["ok", "error"],
            "cpu_seconds": [None, 0.125],
        }
    )
    assert frame["cell_index"].dtype == np.int64
    assert frame["raw_cell"].tolist() == ["x = 1\0", "'</script>\U0001f600'"]
    assert frame["cell_magics"].tolist() == [["time f()"], []]
    assert frame["status"].tolist() == ["ok", "error"]
    assert np.isnan(frame["cpu_seconds"][0])
    assert frame["cpu_seconds"][1] == 0.125


def test_history_without_cells_keeps_its_columns() -> None:
    frame = history_frame({"cell_index": [], "raw_cell": [], "duration": []})
    assert list(frame.columns) == ["cell_index", "raw_cell", "duration"]
    assert len(frame) == 0
