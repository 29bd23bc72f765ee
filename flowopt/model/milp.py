"""A mixed-integer linear programme as plain arrays: what models hand to `solver`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import sparse

from flowopt.model.activities import Floats, Indices


@dataclass(frozen=True, slots=True)
class Milp:
    """minimise cost'z  subject to  row_lower <= matrix z <= row_upper, lower <= z <= upper.

    Attributes
    ----------
    names, row_names : tuple of str
        Index names such as ``x3``: the planner's ids are never used, they could collide.
    cost, lower, upper : arrays
        One entry per variable.
    integer : array of bool
        Which variables are whole numbers.
    matrix : sparse array, rows x variables
    row_lower, row_upper : arrays
        `-inf` or `inf` where a side is open.
    spare : array of bool
        Variables whose upper bound only sharpens: the optimum is the same without. Empty where no
        variable is known to be one.
    """

    names: tuple[str, ...]
    cost: Floats
    lower: Floats
    upper: Floats
    integer: npt.NDArray[np.bool_]
    row_names: tuple[str, ...]
    matrix: sparse.csr_array
    row_lower: Floats
    row_upper: Floats
    spare: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))


class MilpBuilder:
    """Builder of a `Milp`: variables and rows block by block, each block as arrays.

    Parameters
    ----------
    scaled
        Whether each row is divided by its largest coefficient, which keeps tolerances meaningful
        when one commodity weighs hundreds of times another.
    """

    def __init__(self, *, scaled: bool = True) -> None:
        self._scaled = scaled
        self._names: list[str] = []
        self._lower: list[Floats] = []
        self._upper: list[Floats] = []
        self._integer: list[npt.NDArray[np.bool_]] = []
        self._spare: list[npt.NDArray[np.bool_]] = []
        self._row_names: list[str] = []
        self._row_lower: list[Floats] = []
        self._row_upper: list[Floats] = []
        self._rows: list[npt.NDArray[np.int64]] = []
        self._columns: list[npt.NDArray[np.int64]] = []
        self._values: list[Floats] = []

    @property
    def size(self) -> tuple[int, int]:
        """Numbers of variables and rows so far."""
        return len(self._names), len(self._row_names)

    def variables(
        self,
        name: str,
        count: int,
        *,
        lower: float | Floats = 0.0,
        upper: float | Floats = 1.0,
        integer: bool = False,
        spare: bool = False,
    ) -> npt.NDArray[np.int64]:
        """Add `count` variables, named ``name0``, ``name1``, ...; return their indices.

        `spare` says that the upper bound only sharpens: the optimum is the same without.
        """
        first = len(self._names)
        self._names.extend(f"{name}{i}" for i in range(count))
        for side, kept in ((lower, self._lower), (upper, self._upper)):
            kept.append(np.broadcast_to(np.asarray(side, dtype=np.float64), (count,)))
        self._integer.append(np.full(count, integer))
        self._spare.append(np.full(count, spare))
        return np.arange(first, first + count)

    def rows(
        self,
        name: str,
        entries: Sequence[tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike]],
        *,
        lower: npt.ArrayLike = -np.inf,
        upper: npt.ArrayLike = np.inf,
        count: int,
    ) -> None:
        """Add `count` rows from (row, variable, value) triples of arrays, rows counted from 0.

        Entries at one place add up.
        """
        row = np.concatenate([np.asarray(e[0], dtype=np.int64) for e in entries])
        column = np.concatenate([np.asarray(e[1], dtype=np.int64) for e in entries])
        value = np.concatenate(
            [np.broadcast_to(np.asarray(e[2], dtype=np.float64), np.shape(e[0])) for e in entries]
        )
        largest = np.zeros(count)
        np.maximum.at(largest, row, np.abs(value))
        largest[(largest == 0.0) | (not self._scaled)] = 1.0
        first = len(self._row_names)
        self._row_names.extend(f"{name}{i}" for i in range(count))
        self._rows.append(row + first)
        self._columns.append(column)
        self._values.append(value / largest[row])
        for side, kept in ((lower, self._row_lower), (upper, self._row_upper)):
            kept.append(np.broadcast_to(np.asarray(side, dtype=np.float64), (count,)) / largest)

    def build(self, cost: Iterable[tuple[Indices, Floats]]) -> Milp:
        """Return the programme with the given (variable, coefficient) blocks as its objective."""
        count = len(self._names)
        objective = np.zeros(count)
        for variable, coefficient in cost:
            np.add.at(objective, variable, coefficient)
        empty = np.zeros(0)
        matrix = sparse.csr_array(
            (
                np.concatenate([*self._values, empty]),
                (
                    np.concatenate([*self._rows, empty]).astype(np.int64),
                    np.concatenate([*self._columns, empty]).astype(np.int64),
                ),
            ),
            shape=(len(self._row_names), count),
        )
        return Milp(
            names=tuple(self._names),
            cost=objective,
            lower=np.concatenate([*self._lower, empty]),
            upper=np.concatenate([*self._upper, empty]),
            integer=np.concatenate([*self._integer, empty.astype(bool)]),
            row_names=tuple(self._row_names),
            matrix=matrix,
            row_lower=np.concatenate([*self._row_lower, empty]),
            row_upper=np.concatenate([*self._row_upper, empty]),
            spare=np.concatenate([*self._spare, empty.astype(bool)]),
        )
