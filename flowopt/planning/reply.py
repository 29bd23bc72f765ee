"""Reply of the trafficker to one plan, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from flowopt.model.activities import Floats
from flowopt.overview import Overview, Overviewed, amount, enumerated, sizes


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reply(Overviewed):
    """Best response to one plan, as arrays in the network's order.

    The labels of the arrays are those of the `Trafficker` that gave them.

    Attributes
    ----------
    measures : tuple of str
        The plan, ids in file order.
    value : float
        The planner's objective: weighted tonnes for ``flow`` and ``bilevel``, M USD for ``profit``.
    delivered, weighted : float
        Deliveries to markets, t/yr, plain and weighted.
    revenue, cost, profit : float
        The trafficker's, M USD/yr.
    flows : array
        Flow into each of `Trafficker.arcs`, t/yr.
    runs : array
        Activity of each of `Trafficker.sites`, t/yr.
    supplied : array
        Supply of each of `Trafficker.supplies`, t/yr.
    deliveries : array
        Deliveries to each of `Trafficker.markets`, t/yr.
    """

    measures: tuple[str, ...]
    value: float
    delivered: float
    weighted: float
    revenue: float
    cost: float
    profit: float
    flows: Floats
    runs: Floats
    supplied: Floats
    deliveries: Floats

    def __post_init__(self) -> None:
        for array in (self.flows, self.runs, self.supplied, self.deliveries):
            array.flags.writeable = False

    def _overview(self) -> Overview:
        arrays = ("flows", "runs", "supplied", "deliveries")
        return Overview(
            f"Reply of the trafficker: value {amount(self.value)}",
            (
                ("plan", enumerated(self.measures) or "no measures"),
                ("delivers", f"{amount(self.delivered)} t/yr"),
                ("earns", f"{amount(self.profit)} M USD/yr"),
                ("arrays", sizes((name, getattr(self, name).tolist()) for name in arrays)),
            ),
        )

    def __reduce__(self) -> tuple[type[Reply], tuple[Any, ...]]:
        return (type(self), tuple(getattr(self, field.name) for field in fields(self)))
