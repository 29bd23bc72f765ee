"""The frontier over time: the best schedule for each of many budgets, a year's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from flowopt.overview import Overview, Overviewed, amount
from flowopt.results.column_units import Money, MoneyInAll, Objective, Share
from flowopt.results.document import Option, head, listed
from flowopt.results.rows import Rows

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True)
class ScheduleAt:
    """The best schedule for one budget.

    Attributes
    ----------
    budget : float
        M USD a year, in every period.
    status : str
        ``optimal`` within the gap, ``limit``, ``infeasible`` or ``no_solution``.
    spent : float or None
        M USD over all periods; None without a schedule, as what follows.
    value, bound, gap : float or None
        The objective over all periods, what no schedule can go below, and how far they are apart.
    cut, cut_share : float or None
        How much lower the value is than without measures, and as a share of that.
    measures, bought : str
        What is in force, and the purchases, as ``m01@2015``, joined by ``;``.
    """

    budget: Money
    status: str
    spent: MoneyInAll | None = None
    value: Objective | None = None
    bound: Objective | None = None
    gap: Share | None = None
    cut: Objective | None = None
    cut_share: Share | None = None
    measures: str = ""
    bought: str = ""


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ScheduleFrontier(Overviewed):
    """The best schedules for many budgets on a network with periods.

    Attributes
    ----------
    network, input_sha256 : str
        Which network, and the hash of what its tables say.
    objective : str
        ``flow``, ``profit`` or ``bilevel``.
    unit : str
        The unit of the totals.
    years, discount : float
        How long all periods last, and the trafficker's discount.
    carry : bool
        Whether money that is left stays for later periods.
    baseline : float
        The objective over all periods without measures.
    frontier : Rows
        A row for each budget, rising.
    interrupted : bool
        Whether the user stopped it; the budgets that were not reached are left out.
    options : mapping
        Options of the run.
    seconds : float
        How long it took.
    warnings : tuple of str
        What is odd.
    """

    network: str
    input_sha256: str
    objective: str
    unit: str
    years: float
    discount: float
    carry: bool
    baseline: float
    frontier: Rows[ScheduleAt]
    interrupted: bool
    options: Mapping[str, Option]
    seconds: float
    warnings: tuple[str, ...] = ()

    def _overview(self) -> Overview:
        return Overview(
            f"Schedules by budget on {self.network} over {self.years:g} years, {self.objective}",
            (
                ("without", amount(self.baseline)),
                *(
                    (f"{row.budget:g}", "none" if row.value is None else amount(row.value))
                    for row in self.frontier
                ),
            ),
        )

    def summary(self) -> dict[str, Any]:
        """Return the scalars and the rows, as they are printed as JSON."""
        return {
            **head(),
            "network": self.network,
            "input_sha256": self.input_sha256,
            "objective": self.objective,
            "unit": self.unit,
            "years": self.years,
            "discount": self.discount,
            "carry": self.carry,
            "baseline": self.baseline,
            "frontier": [asdict(row) for row in self.frontier],
            "options": listed(self.options),
            "seconds": self.seconds,
            "warnings": list(self.warnings),
        }

    def to_frame(self) -> pandas.DataFrame:
        """Return the frontier as a frame, one row for each budget."""
        return self.frontier.to_frame()
