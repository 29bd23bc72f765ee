"""HiGHS's form of a programme, from arrays."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from flowopt.errors import SolverError
from flowopt.model.activities import Floats

_DUAL = 1  # HiGHS's number of its dual simplex


def pass_arrays(
    highs: Any,
    matrix: sparse.csr_array | sparse.csc_array,
    *,
    cost: Floats,
    columns: tuple[Floats, Floats],
    rows: tuple[Floats, Floats],
    name: str,
    integer: npt.NDArray[np.bool_] | None = None,
) -> None:
    """Hand HiGHS the programme of the least `cost` between the bounds of columns and of rows.

    Parameters
    ----------
    highs
        A HiGHS whose options are set.
    matrix
        One row per row, one column per column; by rows or by columns.
    cost
        One per column.
    columns, rows
        Lower and upper bounds.
    name
        The programme, in the words of an error.
    integer
        The columns that are whole numbers; none if not given.

    Raises
    ------
    SolverError
        When HiGHS refuses it.
    """
    kinds = highspy.HighsVarType
    whole = np.zeros(matrix.shape[1], dtype=np.bool_) if integer is None else integer
    by_rows = matrix.format == "csr"
    formats = highspy.MatrixFormat
    # As arrays: one attribute of a programme after the other takes seven times as long.
    status = highs.passModel(
        matrix.shape[1],
        matrix.shape[0],
        matrix.nnz,
        int(formats.kRowwise if by_rows else formats.kColwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        cost,
        *columns,
        *rows,
        matrix.indptr,
        matrix.indices,
        matrix.data,
        np.where(whole, int(kinds.kInteger), int(kinds.kContinuous)).astype(np.int32),
    )
    if status == highspy.HighsStatus.kError:
        raise SolverError(f"HiGHS refused {name}; please report the network")


def hot_relaxation(
    matrix: sparse.csr_array | sparse.csc_array,
    *,
    cost: Floats,
    columns: tuple[Floats, Floats],
    rows: tuple[Floats, Floats],
    name: str,
) -> Any:
    """Return a HiGHS with a linear programme, set to go on by the dual simplex from its last basis.

    Parameters are those of `pass_arrays`.
    """
    highs = highspy.Highs()
    options: dict[str, bool | int | str] = {
        "output_flag": False,
        "presolve": "off",
        "solver": "simplex",
        "simplex_strategy": _DUAL,
        "threads": 1,
    }
    for option, setting in options.items():
        highs.setOptionValue(option, setting)
    pass_arrays(highs, matrix, cost=cost, columns=columns, rows=rows, name=name)
    return highs
