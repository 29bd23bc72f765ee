"""A plan made by hand, beside others for the same money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar

from flowopt.overview import Overview, amount, enumerated, first_line
from flowopt.result_names import record_now
from flowopt.results.column_units import Money, Objective, Share, Tonnes, WeightedTonnes
from flowopt.results.document import restored, state
from flowopt.results.plan_result import PlanResult
from flowopt.results.proof import Proof
from flowopt.results.response import Response
from flowopt.results.rows import Rows

if TYPE_CHECKING:
    import pandas


STATUS = "evaluated"


@dataclass(frozen=True, slots=True)
class PlanCompared:
    """One of the plans set side by side.

    Attributes
    ----------
    plan : str
        ``yours``, ``best`` (for the same money) or ``coverage`` (covers most of today's flow).
    spent : float
        What it costs, M USD a year.
    value, cut, cut_share : float
        The objective once the trafficker has re-routed, and how much the plan takes off it.
    bound, gap : float or None
        As of a solution, for ``best`` alone.
    status : str
        ``evaluated`` for ``yours``; for the others ``optimal`` or ``limit``.
    delivered, weighted, profit : float
        The trafficker's, t a year and M USD a year.
    promised : float
        What the plan would cut if the trafficker kept to what it does today.
    measures : str
        Ids of its measures in file order, joined by ``;``.
    promised_bound : float or None
        What no plan for this money promises more than, for ``coverage`` alone.
    """

    plan: str
    spent: Money
    value: Objective
    bound: Objective | None
    gap: Share | None
    status: str
    cut: Objective
    cut_share: Share | None
    delivered: Tonnes
    weighted: WeightedTonnes
    profit: Money
    promised: Objective
    measures: str
    promised_bound: Objective | None = None

    def __setstate__(self, values: Sequence[Any]) -> None:
        """Restore a pickle; in those of format 1 `bound` was about promises as well."""
        names = [f.name for f in fields(self)]
        held = dict(zip(names, values, strict=False))
        now = held if len(held) == len(names) else record_now("PlanCompared", held)
        restored(self, [*now.values()])


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Evaluation(PlanResult):
    """A plan made by hand: its effect, its cost, the conditions it breaks, and other plans.

    `value`, `spent` and `after` are never None. `limit` is about the search for the best plan, or
    else for the covering one.

    Attributes
    ----------
    broken : tuple of str
        Each limit and rule that the plan breaks, in a sentence. The best plan breaks none.
    comparison : Rows of PlanCompared
        This plan, and those that were asked for beside it.
    best, coverage : Response or None
        The trafficker under the best plan for the same money, and under the one that covers most
        of today's flow.
    kept : mapping
        By plan of the comparison, proof of what it leaves of today's flow.
    """

    value: float
    spent: float
    after: Response
    broken: tuple[str, ...]
    comparison: Rows[PlanCompared]
    best: Response | None = None
    coverage: Response | None = None
    kept: Mapping[str, Proof] = field(default_factory=dict)

    __getstate__ = state
    __setstate__ = restored
    _written: ClassVar[tuple[str, ...]] = (
        *("network", "input_sha256", "objective", "budget", "resources", "broken", "baseline"),
        *("value", "spent", "used", "plan", "measures", "comparison", "before", "after", "solver"),
        *("seconds", "best", "coverage", "next", "dropped", "added", "kept", "warnings"),
        *("interrupted", "ties", "limit", "options"),
    )

    def _overview(self) -> Overview:
        asked = [] if self.budget is None else [f"budget {amount(self.budget)}"]
        beside = [
            f"{row.plan} {amount(row.value)} for {amount(row.spent)}" for row in self.comparison[1:]
        ]
        others = (("breaks", first_line(self.broken)), ("beside it", enumerated(beside)))
        return self._overview_of("a plan of your own", asked, "", others)

    def summary(self) -> dict[str, Any]:
        """Return `summary.json`, in its order."""
        return self._summary(
            status=STATUS,
            target={},
            broken={"broken": list(self.broken)},
            proved={},
            warnings=self.warnings,
        )

    def to_frame(self) -> pandas.DataFrame:
        """Return the comparison as a frame, one row per plan."""
        return self.comparison.to_frame()
