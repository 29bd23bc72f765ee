"""The request: limits on plans, measures forced and barred, and the objective that counts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from flowopt.defaults import ALTERNATIVES, OBJECTIVE, TIE_RULE
from flowopt.errors import RequestError
from flowopt.objectives import OBJECTIVES, TIES, Objective, Ties
from flowopt.planning.recorded_options import Given

_OPTIONS = {"resources": "resource"}  # fields that the commands give another name
_IF_GIVEN = ("of",)  # came later: not on record where it was not given


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """One question about plans, as the public functions take it: values, not yet indices.

    A new kind of question is a field here: what is built from a request takes all of it.

    Attributes
    ----------
    budget : float or None
        Most the plan may cost, M USD a year.
    target : float or None
        Value that the objective is to be brought to or below.
    of : str or None
        The part of the markets that counts, as `flowopt.network.market_parts.part_of` takes it;
        None for all of them.
    resources : mapping
        Limits of other resources by id; they count instead of those in the network.
    objective, ties : str
        The objective, and which of the trafficker's equally good flows counts.
    include, exclude : tuple of str
        Measures that must, or may not, be in the plan.
    """

    budget: float | None = None
    target: float | None = None
    of: str | None = None
    resources: Mapping[str, float] = field(default_factory=dict)
    objective: Objective = OBJECTIVE
    ties: Ties = TIE_RULE
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def check(self) -> None:
        """Refuse what no network can answer with a `RequestError`."""
        amounts = {} if self.budget is None else {"budget": self.budget}
        for name, amount in (amounts | dict(self.resources)).items():
            if not (math.isfinite(amount) and amount >= 0.0):
                raise RequestError(f"{name} {amount} is not a number of at least 0")
        if self.target is not None and not (math.isfinite(self.target) and self.target >= 0.0):
            raise RequestError(f"target {self.target} is not a number of at least 0")
        if self.objective not in OBJECTIVES:
            raise RequestError(
                f"objective '{self.objective}' is not one of {', '.join(OBJECTIVES)}"
            )
        if self.ties not in TIES:
            raise RequestError(f"ties '{self.ties}' is not one of {', '.join(TIES)}")
        if self.of is not None and OBJECTIVES[self.objective].in_money:
            raise RequestError(
                f"'{self.of}' is a part of the markets, and no profit is made there alone: goods "
                "and costs are shared with the others; ask for flow or bilevel"
            )

    def check_limited(self) -> None:
        """Refuse a request for the best plan that has neither a budget nor a target."""
        if self.budget is None and self.target is None:
            raise RequestError("give a budget, or a target to reach for as little as possible")

    def recorded(self, *names: str) -> dict[str, Given]:
        """Return the options of a result that repeat this request: all, or those named."""
        options = {_OPTIONS.get(f.name, f.name): getattr(self, f.name) for f in fields(self)}
        chosen = {name: options[name] for name in names or options}
        return {n: given for n, given in chosen.items() if n not in _IF_GIVEN or given is not None}


@dataclass(frozen=True, slots=True)
class AlternativesRequest:
    """The number of best plans to list, and how much worse than the first they may be.

    Attributes
    ----------
    count : int
        Most plans, the best one included.
    within : float or None
        Share of the best value by which a plan may be worse; None for any.
    """

    count: int = ALTERNATIVES
    within: float | None = None

    def check(self, request: PlanRequest) -> None:
        """Refuse a list that makes no sense, or not for this request, with a `RequestError`."""
        if request.target is not None and self.count > 1:
            raise RequestError("alternatives are for a budget; a target has one cheapest plan")
        if self.count < 1:
            raise RequestError(f"alternatives {self.count} is not a whole number of at least 1")
        if self.within is not None and not self.within >= 0.0:
            raise RequestError(f"within {self.within} is not a share of at least 0, such as 0.01")

    def check_alone(self) -> None:
        """Refuse a list beside a criterion over scenarios with a `RequestError`."""
        if self != AlternativesRequest():
            raise RequestError("alternatives are for one network: leave out the criterion")

    def recorded(self) -> dict[str, Given]:
        """Return the options of a result that repeat it, where it was asked for."""
        if self == AlternativesRequest():
            return {}
        return {"alternatives": self.count, "within": self.within}
