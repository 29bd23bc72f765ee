"""Checks of an evaluation: the conditions that its plan breaks, and the plans beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from flowopt.network.network import Network
from flowopt.plain_text import name_and_id
from flowopt.planning.recheck.arithmetic import (
    Names,
    exceeds,
    plan_cost,
    plan_uses,
    residual_network,
    residual_without_rerouting,
)
from flowopt.planning.recheck.certificate_reader import Certificate, ComparedPlan, StatedProof
from flowopt.planning.recheck.condition_checks import check_conditions
from flowopt.planning.recheck.proof_checks import ProofChecks
from flowopt.planning.recheck.summary_checks import flow_totals, relative_gap
from flowopt.planning.recheck.table_checks import (
    Difference,
    ExpectedRow,
    PlanContext,
    compare_table,
)
from flowopt.planning.recheck.verdict import Check, Comparison

FILE = "comparison.csv"
YOURS, BEST, COVERAGE = PLANS = ("yours", "best", "coverage")
_COLUMNS = (
    "plan spent value bound gap status cut cut_share delivered weighted profit promised measures "
    "promised_bound"
)


def budget_of(network: Network, certificate: Certificate) -> float:
    """Return the budget of the plans beside an evaluated one: the given one, or its cost."""
    if certificate.budget is not None:
        return certificate.budget
    return plan_cost(network, certificate.plan)


def broken(network: Network, certificate: Certificate, stated: object) -> list[str]:
    """Return a message for each limit and rule that the plan breaks, in the words of its version.

    Earlier versions gave ids alone, later ones names with them; `stated` are the messages of the
    result.
    """
    by_id = _broken(network, certificate, {}, {})
    if stated == by_id:
        return by_id
    measures = {row.measure: name_and_id(row.name, row.measure) for row in network.measures}
    resources = {row.resource: name_and_id(row.name, row.resource) for row in network.resources}
    return _broken(network, certificate, measures, resources)


def _broken(
    network: Network,
    certificate: Certificate,
    measures: Mapping[str, str],
    resources: Mapping[str, str],
) -> list[str]:
    """Return a message for each limit and rule that the plan breaks, with labels by id."""
    plan = set(certificate.plan)
    cost, budget = plan_cost(network, plan), certificate.budget
    breaches = []
    if budget is not None and exceeds(cost, budget):
        breaches.append(
            f"it costs {cost:g} M {network.info.currency} a year, {cost - budget:g} over "
            f"the budget of {budget:g}"
        )
    for name, amount in plan_uses(network, plan).items():
        limit = certificate.resources.get(name, math.inf)
        if exceeds(amount, limit):
            excess = amount - limit
            breaches.append(
                f"it takes {amount:g} of {resources.get(name, name)}, {excess:g} over the limit of "
                f"{limit:g}"
            )
    rules = [
        (measures.get(rule.measure, rule.measure), measures.get(rule.other, rule.other), rule)
        for rule in network.rules
        if rule.measure in plan
    ]
    breaches += [
        f"{one} requires {other}, which is not in the plan"
        for one, other, rule in rules
        if rule.relation == "requires" and rule.other not in plan
    ]
    return breaches + [
        f"{one} and {other} exclude each other"
        for one, other, rule in rules
        if rule.relation == "excludes" and rule.other in plan
    ]


def check_comparison(folder: Path, context: PlanContext) -> Iterator[Check]:
    """Yield the checks of the plans side by side, and of their table."""
    yield from check_compared(context)
    yield compare_table(folder / FILE, _COLUMNS, list(_rows(context)), context.about)


def check_compared(context: PlanContext, *, any_cost: bool = False) -> Iterator[Check]:
    """Yield the checks of the plans side by side: conditions, values and promises.

    With `any_cost`, those beside the plan need not be for the same money.
    """
    network, certificate = context.network, context.certificate
    check = Comparison("the plans beside it keep budget, resources and rules, for the same money")
    after = ProofChecks(
        certificate.objective, certificate.ties, "under each plan beside it", certificate.before
    )
    unit = "profit" if certificate.objective == "profit" else "flow"
    kept = ProofChecks(
        unit, None, "of each plan if the trafficker kept to today's", certificate.before
    )
    names = tuple(entry.plan for entry in certificate.compared)
    check.equal("the plans", names, tuple(name for name in PLANS if name in names))
    check.equal("the first one", names[:1], (YOURS,))
    budget = certificate.budget if any_cost else budget_of(network, certificate)
    conditions = replace(certificate, budget=budget)
    today: dict[Names, float] = dict(context.before.amounts)
    for entry in certificate.compared:
        check.about = f"{entry.plan}: "
        stated = _after(context, entry, check)
        if entry.plan == YOURS:
            check.equal("the status and bound", (entry.status, entry.bound), ("evaluated", None))
        else:
            check_conditions(network, conditions, stated.measures, check)
            check.equal("that it is a plan", entry.status in ("optimal", "limit"), True)
            after.add(residual_network(network, stated.measures), stated, check.about)
        check.equal("the plan if nobody re-routes", entry.kept.measures, stated.measures)
        if certificate.objective != "bilevel":
            # A trafficker who maximises profit may give up more than the cut takes.
            check.at_most("what is left if nobody re-routes", entry.kept.value, stated.value)
        kept.add(
            residual_without_rerouting(network, stated.measures, today), entry.kept, check.about
        )
        _check_bound(context, entry, check)
    yield check.check()
    if len(certificate.compared) > 1:
        yield from after.checks()
    yield from kept.checks()


def _after(context: PlanContext, entry: ComparedPlan, check: Comparison) -> StatedProof:
    """Return the proof of a plan's value; that of the evaluated one stands elsewhere."""
    if entry.plan == YOURS:
        check.equal("a proof that stands twice", entry.after, None)
    elif entry.after is None:
        check.fault("its value has no proof")
    return entry.after or context.after


def _check_bound(context: PlanContext, entry: ComparedPlan, check: Comparison) -> None:
    """Check that no plan that keeps the conditions, this one included, is below a bound."""
    if entry.plan == YOURS:
        return
    if entry.bound is None:
        check.fault("there is no bound")
        return
    # Of the covering plan it is stated as a promise, the baseline less the bound: in its digits.
    side = context.before.value if entry.plan == COVERAGE else 0.0
    for other in context.certificate.compared:
        proof = other.kept if entry.plan == COVERAGE else other.after
        if proof is not None and other.plan != YOURS:
            check.at_most("the bound", entry.bound, proof.value, side=side)


def _rows(context: PlanContext) -> Iterator[ExpectedRow]:
    baseline = context.before.value
    for entry in context.certificate.compared:
        stated = entry.after or context.after
        bound, left = (None, entry.bound) if entry.plan == COVERAGE else (entry.bound, None)
        gap = None if bound is None else relative_gap(stated.value, bound, baseline)
        cut, promised = baseline - stated.value, baseline - entry.kept.value
        flow = flow_totals(context.network, stated)
        profit, side = flow["profit"]
        yield (
            entry.plan,
            plan_cost(context.network, stated.measures),
            stated.value,
            bound,
            gap,
            entry.status,
            Difference(cut, baseline),
            Difference(cut / baseline, 1.0) if baseline > 0.0 else None,
            flow["delivered"][0],
            flow["weighted"][0],
            Difference(profit, side),
            Difference(max(0.0, promised), baseline),
            ";".join(stated.measures),
            None if left is None else Difference(max(0.0, baseline - left), baseline),
        )
