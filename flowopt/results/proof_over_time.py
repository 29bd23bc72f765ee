"""Proof of one value over periods: that of each year, and the rents of what opens that tie them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowopt.overview import Overview, Overviewed, amount, enumerated
from flowopt.results.proof import Proof, Row

Rents = Mapping[str, tuple[Row, ...]]


@dataclass(frozen=True, slots=True)
class OpeningProof:
    """Capacity that the trafficker opens, and rents under which no other openings bring more.

    Attributes
    ----------
    opened : tuple of rows
        (on, target, commodity, period, t/yr), zeros left out.
    rents : mapping
        Rows of names and the price, over all periods, of a tonne a year more that could be opened:
        ``most`` (on, target, commodity, period) in a period, ``limit`` (on, target, commodity) in
        all. In the unit of the trafficker's objective, zeros left out.
    rate : float or None
        For `bilevel`: weighted tonnes per M USD, as in the proofs of the periods, over all periods.
    tie : mapping or None
        For `bilevel`: the rents of the second set of prices, in weighted tonnes.
    """

    opened: tuple[Row, ...]
    rents: Rents
    rate: float | None = None
    tie: Rents | None = None

    def to_dict(self) -> dict[str, object]:
        """Return its part of `certificate.json`."""
        second = {} if self.tie is None else {"rate": self.rate, "tie": _lists(self.tie)}
        return {
            "opened": [list(row) for row in self.opened],
            "rents": _lists(self.rents),
            **second,
        }


@dataclass(frozen=True, slots=True, repr=False)
class ProofOverTime(Overviewed):
    """The trafficker's flows and openings under a schedule, and prices that none can beat.

    Attributes
    ----------
    measures : tuple of str
        The measures in force, as ``m01@2015``.
    value : float
        What flows and openings, and the prices, add up to over all periods.
    periods : mapping
        By period, the proof of a year of it, with the capacities that are open then.
    opening : OpeningProof
        What opens.
    """

    measures: tuple[str, ...]
    value: float
    periods: Mapping[str, Proof]
    opening: OpeningProof

    def _overview(self) -> Overview:
        return Overview(
            f"Proof of the value {amount(self.value)} over {len(self.periods)} periods",
            (
                ("schedule", enumerated(self.measures) or "no measures"),
                ("opens", f"{len(self.opening.opened):,} amounts"),
            ),
        )

    def to_dict(self, beside: ProofOverTime | None = None) -> dict[str, object]:
        """Return its part of `certificate.json`.

        Parameters
        ----------
        beside
            A proof that stands in the same certificate: periods with the same proof are left out.
        """
        known: Mapping[str, Any] = {} if beside is None else beside.periods
        return {
            "measures": list(self.measures),
            "value": self.value,
            "periods": {
                period: proof.to_dict()
                for period, proof in self.periods.items()
                if proof != known.get(period)
            },
            **self.opening.to_dict(),
        }


def _lists(tables: Rents) -> dict[str, list[list[str | float]]]:
    return {name: [list(row) for row in rows] for name, rows in tables.items()}
