# SPDX-License-Identifier: BSD-3-Clause
"""Columns of the native core as pandas DataFrames. pandas is imported when first needed."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pandas import DataFrame

_TEXT_COLUMNS = frozenset({"raw_cell", "status"})
_LIST_COLUMNS = frozenset({"cell_magics"})
_OUTSIDE_CELLS = -1


def perfdata_frame(columns: "Mapping[str, NDArray[np.generic] | list[str]]") -> "DataFrame":
    """Samples: arrays of equal length, in column order, to a frame with one row per sample.

    `cell_index` becomes a nullable integer: -1, outside all cells, becomes NA. `node` is text.
    The other columns stay float64 with NaN for what is absent.
    """
    import numpy as np
    import pandas as pd

    data: dict[str, Any] = dict(columns)
    if "cell_index" in data:
        index = np.asarray(data["cell_index"], dtype=np.int64)
        data["cell_index"] = pd.arrays.IntegerArray(index, index == _OUTSIDE_CELLS)
    return pd.DataFrame(data)


def history_frame(columns: Mapping[str, Sequence[Any]]) -> "DataFrame":
    """Finished cells: lists of equal length, in column order, to a frame with one row per cell.

    `cell_index` is int64, `raw_cell` and `status` are text, `cell_magics` holds lists of
    strings; every other column is float64 with NaN where the core gave None.
    """
    import numpy as np
    import pandas as pd

    data: dict[str, Any] = {}
    for name, values in columns.items():
        if name == "cell_index":
            data[name] = np.array(values, dtype=np.int64)
        elif name in _TEXT_COLUMNS or name in _LIST_COLUMNS:
            data[name] = pd.Series(list(values), dtype=object)
        else:
            data[name] = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
    return pd.DataFrame(data)
