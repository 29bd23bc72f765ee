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
    formats = highspy.MatrixFormat
    kinds = highspy.HighsVarType
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_ = cost
    lp.col_lower_, lp.col_upper_ = columns
    lp.row_lower_, lp.row_upper_ = rows
    if integer is not None:
        lp.integrality_ = [kinds.kInteger if each else kinds.kContinuous for each in integer]
    lp.a_matrix_.format_ = formats.kRowwise if matrix.format == "csr" else formats.kColwise
    lp.a_matrix_.num_row_, lp.a_matrix_.num_col_ = matrix.shape
    lp.a_matrix_.start_ = matrix.indptr
    lp.a_matrix_.index_ = matrix.indices
    lp.a_matrix_.value_ = matrix.data
    if highs.passModel(lp) == highspy.HighsStatus.kError:
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
