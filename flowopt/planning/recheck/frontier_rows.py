"""Checks of the rows of a comparison: plans, values, bounds, and one beside another."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import Residual, exceeds, plan_cost
from flowopt.planning.recheck.certificate_reader import StatedProof
from flowopt.planning.recheck.condition_checks import (
    RowConditions,
    check_conditions,
    infeasibility_reasons,
)
from flowopt.planning.recheck.frontier_certificate_reader import (
    FrontierCertificate,
    StatedRow,
    StatedSweep,
)
from flowopt.planning.recheck.proof_checks import ProofChecks
from flowopt.planning.recheck.summary_checks import relative_gap
from flowopt.planning.recheck.verdict import Check, Comparison

LESS = 1e-8  # relative: costs closer than that are the same to a budget
SAME = 2e-7  # of the baseline: plans whose values are closer are equally good to a planner


@dataclass(frozen=True, slots=True)
class SweepContext:
    """Sweep of a comparison, with its network and the certificate.

    Attributes
    ----------
    network : Network
        As it was read.
    certificate : FrontierCertificate
        The whole certificate, for its conditions.
    stated : StatedSweep
        The part that is about this network and objective.
    left : mapping
        Residual network of each plan, by the plan's measures.
    """

    network: Network
    certificate: FrontierCertificate
    stated: StatedSweep
    left: Mapping[tuple[str, ...], Residual]

    @property
    def name(self) -> str:
        """Label of the network and objective."""
        return f"{self.stated.network}, {self.stated.objective}"

    @property
    def same(self) -> float:
        """Tolerance between the values of equally good plans."""
        return SAME * (self.stated.baseline if self.stated.baseline > 0.0 else 1.0)

    def cost(self, stated: StatedProof) -> float:
        """Return the cost of a plan."""
        return plan_cost(self.network, stated.measures)

    def conditions_at(self, budget: float | None) -> RowConditions:
        """Return the conditions at a budget, with the network's own limits where none was given."""
        own = {r.resource: r.limit for r in self.network.resources if r.limit is not None}
        certificate = self.certificate
        return RowConditions(
            budget, {**own, **certificate.resources}, certificate.include, certificate.exclude
        )


def check_sweep(sweep: SweepContext) -> Iterator[Check]:
    """Yield the checks of one network and objective."""
    yield from _proof_checks(sweep)
    yield _completeness(sweep)
    yield _plan_conditions(sweep)
    yield _value_bounds(sweep)
    yield _ladder(sweep)
    if sweep.certificate.budgets == "all":
        yield _steps(sweep)


def _proof_checks(sweep: SweepContext) -> Iterator[Check]:
    """Yield the checks of every proof."""
    stated = sweep.stated
    proofs = ProofChecks(
        stated.objective, stated.ties, f"under each plan of {sweep.name}", stated.proofs[0]
    )
    for proof in stated.proofs:
        plan = ";".join(proof.measures) or "no measures"
        proofs.add(sweep.left[proof.measures], proof, f"{plan}: ")
    yield from proofs.checks()


def _completeness(sweep: SweepContext) -> Check:
    """Check that all requested rows and their proofs are there, each once and in order."""
    check = Comparison(f"the certificate of {sweep.name} is whole")
    stated, certificate = sweep.stated, sweep.certificate
    plans = [proof.measures for proof in stated.proofs]
    check.equal("the plan of the first proof", plans[0], ())
    check.equal("how many plans are proved twice", len(plans) - len(set(plans)), 0)
    for plan in plans:
        in_order = tuple(row.measure for row in sweep.network.measures if row.measure in plan)
        check.equal("a plan in file order", plan, in_order)
    budgets = [row.budget for row in stated.rows]
    for less, more in pairwise(budgets):
        check.equal(f"that {more:.12g} follows on less than {less:.12g}", less < more, True)
    if certificate.budgets != "all" and certificate.limit != "interrupted":
        check.equal("the budgets", tuple(budgets), certificate.budgets)
    elif certificate.budgets != "all":
        check.equal("budgets that were not asked for", set(budgets) - {*certificate.budgets}, set())
    planned = [row.budget for row, _ in stated.planned]
    rungs = [budget for budget, _ in stated.ladder]
    # Rows that got a cheaper plan while the ladder was built may stand before its first rung.
    check.equal("the budgets of the ladder", rungs, planned[len(planned) - len(rungs) :])
    every = certificate.budgets == "all" and bool(stated.planned)
    stated_below = [row.below is not None for row in stated.rows]
    check.equal(
        "for which rows something is said of cheaper plans",
        stated_below,
        [every and place > 0 for place in range(len(stated_below))],
    )
    check.equal("that something is said of all plans", stated.beyond is not None, every)
    if not stated.planned:
        check.equal("that there was time for no plans", stated.crossed, True)
    return check.check()


def _plan_conditions(sweep: SweepContext) -> Check:
    """Check that each row's plan keeps the conditions, or that none is possible.

    A row without a plan comes before those with one.
    """
    check = Comparison(f"the plans of {sweep.name} keep budget, resources and rules")
    planned = False
    for row in sweep.stated.rows:
        check.about = f"budget {row.budget:.12g}: "
        if row.proof is not None:
            planned = True
            check_conditions(
                sweep.network, sweep.conditions_at(row.budget), row.proof.measures, check
            )
            continue
        check.equal("the bound", row.bound, None)
        check.equal("that there was a plan for less", planned, False)
        reasons = infeasibility_reasons(sweep.network, sweep.conditions_at(row.budget))
        stopped = ("limit", "no_solution") if sweep.certificate.limit is not None else ()
        if row.status not in (("infeasible",) if reasons else stopped):
            check.fault(f"the status {row.status!r} has no reason")
    check.about = ""
    many = len(sweep.stated.planned)
    check.note(f"{many} of {len(sweep.stated.rows)} budgets have a plan")
    return check.check()


def _value_bounds(sweep: SweepContext) -> Check:
    """Check that values and bounds are consistent, within rows and between them."""
    check = Comparison(f"the values, bounds and statuses of {sweep.name} fit together")
    stated, gap = sweep.stated, sweep.certificate.gap
    for row, proof in stated.planned:
        check.about = f"budget {row.budget:.12g}: "
        if stated.objective != "bilevel" or not sweep.certificate.include:
            check.at_most("the value", proof.value, stated.baseline)
        if row.bound is None:
            check.fault("there is no bound")
            continue
        check.at_most("the bound", row.bound, proof.value)
        proved = relative_gap(proof.value, row.bound, stated.baseline) <= gap
        check.equal("the status", row.status, "optimal" if proved else "limit")
    for (less, cheap), (more, dear) in pairwise(stated.planned):
        check.about = f"budget {more.budget:.12g}: "
        check.at_most("the value, beside that for less", dear.value, cheap.value, floor=sweep.same)
        if less.bound is not None and more.bound is not None:
            check.at_most("the bound, beside that for less", more.bound, less.bound)
    _check_others(sweep, check)
    return check.check()


def _check_others(sweep: SweepContext, check: Comparison) -> None:
    """Check bounds and values against every plan that is proved, for whatever row.

    No plan that keeps the conditions of a row is below its bound; and none of the same rows or of
    the ladder is better than the row's own.
    """
    rows = {proof.measures for _, proof in sweep.stated.planned}
    rows |= {proof.measures for _, proof in sweep.stated.ladder}
    allowed = [
        (sweep.cost(proof), proof) for proof in sweep.stated.proofs if _allowed(sweep, proof)
    ]
    for row, proof in sweep.stated.planned:
        check.about = f"budget {row.budget:.12g}: "
        fitting = [other for cost, other in allowed if not exceeds(cost, row.budget)]
        least = min((other.value for other in fitting), default=math.inf)
        if row.bound is not None and fitting:
            check.at_most("the bound, beside all plans", row.bound, least)
        own = [other.value for other in fitting if other.measures in rows]
        if own:
            check.at_most("the value, beside other rows", proof.value, min(own), floor=sweep.same)


def _allowed(sweep: SweepContext, proof: StatedProof) -> bool:
    """Return whether a plan keeps all conditions but a budget."""
    check = Comparison("")
    check_conditions(sweep.network, sweep.conditions_at(None), proof.measures, check)
    return check.check().passed


def _ladder(sweep: SweepContext) -> Check:
    """Check that the ladder is nested, and that each rung keeps the conditions of its budget."""
    check = Comparison(f"the ladder of {sweep.name} can be climbed")
    held: set[str] = set()
    for budget, rung in sweep.stated.ladder:
        check.about = f"budget {budget:.12g}: "
        check.equal("what is given up again", sorted(held - set(rung.measures)), [])
        held |= set(rung.measures)
        check_conditions(sweep.network, sweep.conditions_at(budget), rung.measures, check)
    return check.check()


def _steps(sweep: SweepContext) -> Check:
    """Check the claims on cheaper plans against every plan that is proved."""
    check = Comparison(f"what is claimed of cheaper plans for {sweep.name} fits the plans proved")
    stated = sweep.stated
    known = [(sweep.cost(p), p) for p in stated.proofs if _allowed(sweep, p)]
    for row, proof in stated.planned:
        check.about = f"budget {row.budget:.12g}: "
        if row.below is None or row.bound is None:
            continue
        check.at_most("the bound", row.bound, row.below)
        spent = sweep.cost(proof)
        cheaper = [p.value for cost, p in known if cost < spent - LESS * max(1.0, spent)]
        if cheaper:
            check.at_most("what no cheaper plan is below", row.below, min(cheaper))
    check.about = ""
    if stated.beyond is not None and known:
        least = min(proof.value for _, proof in known)
        check.at_most("what no plan at all is below", stated.beyond, least)
    return check.check()


def spread(
    rows: tuple[tuple[StatedRow, StatedProof], ...], most: int
) -> list[tuple[StatedRow, StatedProof]]:
    """Return all rows, or of more than `most` so many that lie evenly among them."""
    count = len(rows)
    if count <= most:
        return list(rows)
    return [rows[count * k // most] for k in range(most)]
