"""Units of the columns of results: a number's annotation says what it counts.

`Objective` is the unit of what the planner counts: weighted t/yr for `flow` and `bilevel`, M USD/yr
for `profit`. A price of capacity is what the trafficker maximises for a tonne of it: weighted
tonnes for `flow`, M USD for the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints


@dataclass(frozen=True, slots=True)
class Unit:
    """Unit of a column of numbers."""

    name: str


Tonnes = Annotated[float, Unit("t/yr")]
WeightedTonnes = Annotated[float, Unit("weighted t/yr")]
Money = Annotated[float, Unit("M USD/yr")]
MoneyInAll = Annotated[float, Unit("M USD")]
TonnesInAll = Annotated[float, Unit("t")]
WeightedInAll = Annotated[float, Unit("weighted t")]
Years = Annotated[float, Unit("years")]
Objective = Annotated[float, Unit("objective's unit")]
PerMillion = Annotated[float, Unit("objective's unit per M USD/yr")]
PricePerTonne = Annotated[float, Unit("weighted t or M USD, per t")]
Share = Annotated[float, Unit("share")]
Seconds = Annotated[float, Unit("s")]
Factor = Annotated[float, Unit("factor")]
Correlation = Annotated[float, Unit("-1 to 1")]


def units(row: Any) -> dict[str, str]:
    """Return the unit of each column of numbers of a row class, by column.

    >>> from flowopt.results.rows import PlanRow
    >>> units(PlanRow)
    {'cost': 'M USD/yr', 'lost_if_dropped': "objective's unit"}
    """
    return _known(row)


def _units(row: Any) -> dict[str, str]:
    hints = get_type_hints(row, include_extras=True)
    return {name: unit for name, hint in hints.items() if (unit := unit_of(hint))}


_known: Callable[[Any], dict[str, str]] = cache(_units)


def unit_of(hint: Any) -> str:
    """Return the unit in an annotation, or in one of the types that it joins; "" for none."""
    if get_origin(hint) is Annotated:
        return next((each.name for each in hint.__metadata__ if isinstance(each, Unit)), "")
    if get_origin(hint) in (Union, UnionType):
        return next(filter(None, map(unit_of, get_args(hint))), "")
    return ""
