"""Proof of one value: a flow, and prices that meet it; `model/certificate.py` makes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flowopt.overview import Overview, Overviewed, amount, enumerated

Row = tuple[str | float, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Proof(Overviewed):
    """The trafficker's flow under a plan, and prices under which it can do no better.

    Attributes
    ----------
    measures : tuple of str
        The plan, in file order.
    value : float
        What both the flow and the prices add up to, in the objective's unit.
    primal : mapping
        Rows of names and an amount, t/yr, zeros left out: ``ship`` (arc, commodity), ``run``
        (site), ``supply`` and ``deliver`` (node, commodity).
    dual : mapping
        Rows of names and a price, what the trafficker maximises per t, zeros left out: ``goods``
        (node, commodity), and for capacities ``arc``, ``node``, ``site``, ``pool``, ``supply``,
        ``demand``.
    rate : float or None
        For `bilevel`: weighted tonnes per M USD of profit in `tie`.
    tie : mapping or None
        For `bilevel`: the second set of prices, as `dual`, in weighted tonnes per t.
    """

    measures: tuple[str, ...]
    value: float
    primal: Mapping[str, tuple[Row, ...]]
    dual: Mapping[str, tuple[Row, ...]]
    rate: float | None = None
    tie: Mapping[str, tuple[Row, ...]] | None = None

    def _overview(self) -> Overview:
        return Overview(
            f"Proof of the value {amount(self.value)}",
            (
                ("plan", enumerated(self.measures) or "no measures"),
                ("flow", f"{sum(map(len, self.primal.values())):,} amounts"),
                ("prices", f"{sum(map(len, self.dual.values())):,}"),
            ),
        )

    def to_dict(self) -> dict[str, object]:
        """Return its part of `certificate.json`."""
        second = {} if self.tie is None else {"rate": self.rate, "tie": _lists(self.tie)}
        return {
            "measures": list(self.measures),
            "value": self.value,
            "primal": _lists(self.primal),
            "dual": _lists(self.dual),
            **second,
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Proof:
        """Return the proof that `to_dict` made a dict of."""
        second = raw.get("tie")
        return cls(
            measures=tuple(raw["measures"]),
            value=raw["value"],
            primal=_tuples(raw["primal"]),
            dual=_tuples(raw["dual"]),
            rate=raw.get("rate"),
            tie=None if second is None else _tuples(second),
        )


@dataclass(frozen=True, slots=True)
class ServedRange:
    """Deliveries to a part of the markets when as much as can be is brought to all: a range.

    Attributes
    ----------
    least, most : Proof
        Of its equally good flows, the ones that bring least and most there, t/yr. They are proved
        as a response of `bilevel` is, with tonnes in all markets in place of profit.
    """

    least: Proof
    most: Proof

    def to_dict(self) -> dict[str, object]:
        """Return its part of `certificate.json`."""
        return {"least": self.least.to_dict(), "most": self.most.to_dict()}


def _lists(tables: Mapping[str, tuple[Row, ...]]) -> dict[str, list[list[str | float]]]:
    return {name: [list(row) for row in rows] for name, rows in tables.items()}


def _tuples(tables: Mapping[str, Iterable[Iterable[str | float]]]) -> dict[str, tuple[Row, ...]]:
    return {name: tuple(tuple(row) for row in rows) for name, rows in tables.items()}
