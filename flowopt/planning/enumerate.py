"""Prove by trying every plan that no other does better: for small networks, and with a solver.

With `flow` and `profit` measures never help the trafficker, so that of plans which hold one
another the largest is the best: only plans that nothing can be added to are valued. With `bilevel`
a measure may do harm, and all are valued. Values come from the trafficker's programme, so that,
unlike `flowopt.planning.verify`, this imports a solver.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt

from flowopt.errors import RequestError
from flowopt.model.activities import Objective, Ties
from flowopt.model.build import activity_model
from flowopt.model.trafficker import Trafficker
from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import SLACK, needed_by
from flowopt.planning.recheck.comparison import BEST, budget_of
from flowopt.planning.recheck.stated import (
    Certificate,
    Claim,
    MalformedError,
    read_certificate,
)
from flowopt.planning.recheck.verdict import VALUES, Check, Comparison

MOST_MEASURES = 20
NAME = "every other plan was tried, each valued by the trafficker's programme"

Masks = npt.NDArray[np.int64]


def prove_best(folder: str | os.PathLike[str], network: Network) -> Check:
    """Try every plan that keeps the conditions of a result, and compare with its claim.

    Parameters
    ----------
    folder
        What ``flowopt solve --out`` wrote.
    network
        The network that the result is about.

    Returns
    -------
    Check
        Passed when no plan does better than the bound that the result claims; it says whether one
        does better than the plan.

    Raises
    ------
    RequestError
        When the network has more than 20 measures, or the result has no claim to prove.
    """
    if len(network.measures) > MOST_MEASURES:
        raise RequestError(
            f"--enumerate tries every plan, for up to {MOST_MEASURES} measures; "
            f"{network.info.id} has {len(network.measures)}"
        )
    check = Comparison(NAME, VALUES)
    try:
        certificate = read_certificate(Path(folder) / "certificate.json")
    except MalformedError as error:
        check.fault(str(error))
        return check.check()
    if certificate.result == "evaluation":
        certificate = _as_solution(network, certificate)
    if certificate.claim is None:
        raise RequestError("--enumerate is for results of `flowopt solve`; this one has no plan")
    missing = _unknown(network, certificate)
    if missing:
        check.fault(f"the network has no {', '.join(missing)}")
    elif certificate.target is None:
        _compare_best(network, certificate, certificate.claim, check)
    else:
        _compare_cheapest(network, certificate, certificate.claim, certificate.target, check)
    return check.check()


def _as_solution(network: Network, certificate: Certificate) -> Certificate:
    """Return what an evaluation says of the best plan for the same money."""
    best = [entry for entry in certificate.compared if entry.plan == BEST]
    if not best or best[0].after is None or certificate.claim is None:
        raise RequestError("this evaluation has no best plan to prove; evaluate without --alone")
    return replace(
        certificate,
        result="solution",
        budget=budget_of(network, certificate),
        plan=best[0].after.measures,
        value=best[0].after.value,
        after=best[0].after,
        claim=replace(certificate.claim, status=best[0].status, bound=best[0].bound),
    )


def _compare_best(
    network: Network, certificate: Certificate, claim: Claim, check: Comparison
) -> None:
    """Compare the best value with the result's value and bound."""
    plans = Plans(network, certificate)
    tried = 0
    best, winner = math.inf, 0
    for mask, value in plans.valued(plans.worth_a_try()):
        tried += 1
        if value < best:
            best, winner = value, mask
    check.note(f"{int(plans.allowed.sum())} plans keep the conditions, {tried} were valued")
    if certificate.value is None or claim.bound is None:
        if claim.status == "infeasible":
            check.equal("the number of plans", tried, 0)
        return
    scale = VALUES * (certificate.baseline or 0.0)
    check.at_most("the bound", claim.bound, best, floor=scale)
    if certificate.value <= best + max(scale, VALUES * abs(best)):
        check.note(f"none does better than {certificate.value:.10g}")
    else:
        check.note(f"{'; '.join(plans.names(winner))} does better: {best:.10g}")


def _compare_cheapest(
    network: Network,
    certificate: Certificate,
    claim: Claim,
    target: float,
    check: Comparison,
) -> None:
    """Compare the least cost of a plan that reaches the target with the result's."""
    plans = Plans(network, certificate)
    scale = certificate.baseline or 0.0
    worst = target + 1e-7 * scale  # what the search takes for equal
    masks = np.flatnonzero(plans.allowed)
    tried = 0
    least: float | None = None
    for mask, value in plans.valued(masks[np.argsort(plans.cost[masks], kind="stable")]):
        tried += 1
        if value <= worst:
            least = float(plans.cost[mask])
            break
    check.note(f"{len(masks)} plans keep the conditions, {tried} were valued, cheapest first")
    if least is None:
        check.equal("that there is a plan", certificate.after is not None, False)
    elif claim.status == "infeasible":
        check.fault(f"a plan that costs {least:.10g} reaches the target")
    elif claim.cost_bound is not None:
        check.at_most("the bound on the cost", claim.cost_bound, least, floor=SLACK)
        check.note(f"the cheapest that reaches the target costs {least:.10g}")


def _unknown(network: Network, certificate: Certificate) -> list[str]:
    known = {row.measure for row in network.measures} | {row.resource for row in network.resources}
    named = {*certificate.include, *certificate.exclude, *certificate.resources}
    return sorted(named - known)


class Plans:
    """Every set of measures as a number whose bits are the measures in file order.

    Attributes
    ----------
    cost : array
        What each set costs, M USD a year.
    allowed : array of bool
        Which sets keep budget, resources, rules and choices.
    """

    def __init__(self, network: Network, certificate: Certificate) -> None:
        self._network = network
        self._certificate = certificate
        self._ids = [row.measure for row in network.measures]
        self._bit = {name: 1 << i for i, name in enumerate(self._ids)}
        self._sets: Masks = np.arange(1 << len(self._ids), dtype=np.int64)
        self.cost = self._sums({row.measure: row.cost for row in network.measures})
        self.allowed = np.ones(len(self._sets), dtype=np.bool_)
        if certificate.budget is not None:
            self._keep_within(self.cost, certificate.budget)
        for name, limit in certificate.resources.items():
            amounts = {use.measure: use.amount for use in network.uses if use.resource == name}
            self._keep_within(self._sums(amounts), limit)
        for name in certificate.include:
            self.allowed &= self._holds(name)
        for name in certificate.exclude:
            self.allowed &= ~self._holds(name)
        for rule in network.rules:
            other = self._holds(rule.other)
            self.allowed &= ~self._holds(rule.measure) | (
                other if rule.relation == "requires" else ~other
            )

    def worth_a_try(self) -> Masks:
        """Return the allowed sets of which one is the best.

        Where measures do no harm, these are those that no other allowed set holds. If one did,
        then so would the set with any one measure of the difference and all that it
        requires, which costs no more and breaks no rule that the other keeps.
        """
        if self._certificate.objective == "bilevel":
            return np.flatnonzero(self.allowed)
        largest = self.allowed.copy()
        for name in self._ids:
            wider = self._sets | sum(self._bit[m] for m in needed_by(self._network, [name]))
            largest &= ~(self.allowed[wider] & (wider != self._sets))
        return np.flatnonzero(largest)

    def valued(self, sets: Masks) -> Iterator[tuple[int, float]]:
        """Yield sets with the objective under each, from the trafficker's programme."""
        objective = cast(Objective, self._certificate.objective)
        ties = cast(Ties, self._certificate.ties or "pessimistic")
        trafficker = Trafficker(activity_model(self._network), objective, ties=ties)
        for mask in sets.tolist():
            yield mask, trafficker.value([i for i in range(len(self._ids)) if mask >> i & 1])

    def names(self, mask: int) -> list[str]:
        """Return the ids of a set."""
        return [name for name in self._ids if mask & self._bit[name]]

    def _holds(self, name: str) -> npt.NDArray[np.bool_]:
        held: npt.NDArray[np.bool_] = (self._sets & self._bit[name]) != 0
        return held

    def _sums(self, amounts: dict[str, float]) -> npt.NDArray[np.float64]:
        total = np.zeros(len(self._sets))
        for name, amount in amounts.items():
            total[self._holds(name)] += amount
        return total

    def _keep_within(self, total: npt.NDArray[np.float64], limit: float) -> None:
        self.allowed &= total <= limit + SLACK * max(1.0, abs(limit))
