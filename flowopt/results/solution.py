"""The best plan for a budget or a target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from flowopt.overview import Overview, amount, first_line
from flowopt.results.document import restored, state
from flowopt.results.numbers import relative_gap
from flowopt.results.plan_result import PlanResult, Status
from flowopt.results.proof import Proof
from flowopt.results.rows import Alternative, Rows

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Solution(PlanResult):
    """The best plan found for a budget, and how good it is known to be.

    Attributes
    ----------
    status : str
        ``optimal`` (proved within the gap), ``limit`` (stopped before that; the plan and the bound
        hold), ``infeasible`` (no plan keeps the conditions), ``no_solution``.
    bound, gap : float or None
        A proved lower bound on the objective under every plan, and ``(value - bound) / max(1e-9,
        |value|)``, 0 where they differ by no more than 1e-7 of the baseline.
    alternatives : Rows of Alternative
        The best plans, this one first, when more than one was asked for; none holds all of an
        earlier one.
    include, exclude : tuple of str
        The measures that had to, or could not, be in the plan.
    others : tuple of Proof
        Proof of the values of the first alternatives.
    reasons : tuple of str
        Why no plan keeps the conditions, when `infeasible`.
    target, cost_bound : float or None
        What the objective had to be brought to, and what no plan that does it can cost less than.
    """

    status: Status
    bound: float | None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    others: tuple[Proof, ...] = ()
    alternatives: Rows[Alternative] = field(default_factory=lambda: Rows(Alternative))
    reasons: tuple[str, ...] = ()
    target: float | None = None
    cost_bound: float | None = None

    __getstate__ = state
    __setstate__ = restored
    _written: ClassVar[tuple[str, ...]] = (
        *("network", "input_sha256", "objective", "budget", "resources", "status", "baseline"),
        *("value", "bound", "spent", "used", "plan", "measures", "before", "after", "solver"),
        *("seconds", "include", "exclude", "dropped", "next", "added", "others", "warnings"),
        *("alternatives", "interrupted", "reasons", "target", "cost_bound", "ties", "limit"),
        "options",
    )

    @property
    def gap(self) -> float | None:
        """``(value - bound) / max(1e-9, |value|)``, None without a plan or a bound."""
        if self.value is None or self.bound is None:
            return None
        return relative_gap(self.value, self.bound, self.baseline)

    @property
    def cost_gap(self) -> float | None:
        """With a target, ``(spent - cost_bound) / spent``; None without a plan or a bound."""
        if self.spent is None or self.cost_bound is None:
            return None
        return relative_gap(self.spent, self.cost_bound)

    def _overview(self) -> Overview:
        asked = [
            f"{name} {amount(value)}"
            for name, value in (("budget", self.budget), ("target", self.target))
            if value is not None
        ]
        bound = "" if self.bound is None else f", bound {amount(self.bound)}"
        ranks = len(self.alternatives)
        others = (
            ("no plan", first_line(self.reasons)),
            ("beside it", f"{ranks - 1} alternatives" if ranks > 1 else ""),
        )
        return self._overview_of(self.status, asked, bound, others)

    def summary(self) -> dict[str, Any]:
        """Return `summary.json`, in its order."""
        return self._summary(
            status=self.status,
            target=(
                {}
                if self.target is None
                else {
                    "target": self.target,
                    "cost_bound": self.cost_bound,
                    "cost_gap": self.cost_gap,
                }
            ),
            broken={},
            proved={"bound": self.bound, "gap": self.gap},
            warnings=(*self.reasons, *self.warnings),
        )

    def to_frame(self) -> pandas.DataFrame:
        """Return the summary as one row; lists joined by ``;``, nested keys by ``_``.

        Rows of several solutions stack with `pandas.concat`.
        """
        import pandas

        return pandas.DataFrame([_flat(self.summary())])


def _flat(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return a summary without nesting: inner keys after a `_`, lists joined by `;`."""
    row: dict[str, Any] = {}
    for key, value in summary.items():
        if isinstance(value, dict):
            row.update({f"{key}_{inner}": v for inner, v in _flat(value).items()})
        else:
            row[key] = ";".join(value) if isinstance(value, list) else value
    return row
