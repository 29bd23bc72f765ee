"""Conditions of a plan made by hand: what it breaks, and the money that others may cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flowopt.model.feasible_plans import slack
from flowopt.model.incumbent import Plan
from flowopt.plain_text import name_and_id
from flowopt.planning.plan_constraints import PlanProblem, plan_totals


def for_its_cost(problem: PlanProblem, plan: Plan) -> PlanProblem:
    """Return the problem with what a plan costs for a budget, where the request has none."""
    if problem.request.budget is not None:
        return problem
    spent, _ = plan_totals(problem.model, sorted(plan))
    return replace(problem, constraints=replace(problem.constraints, budget=spent))


def broken(problem: PlanProblem, plan: Plan) -> Iterator[str]:
    """Yield each limit and rule that a plan breaks, in a sentence."""
    network, model, limits = problem.network, problem.model, problem.constraints
    names = [name_and_id(row.name, row.measure) for row in network.measures]
    resources = {row.resource: name_and_id(row.name, row.resource) for row in network.resources}
    spent, used = plan_totals(model, sorted(plan))
    if spent > limits.budget + slack(limits.budget):
        yield (
            f"it costs {spent:g} M {network.info.currency} a year, {spent - limits.budget:g} over "
            f"the budget of {limits.budget:g}"
        )
    for resource, limit in limits.resources:
        name = model.resources[resource]
        if used[name] > limit + slack(limit):
            takes, over = f"it takes {used[name]:g} of {resources[name]}", used[name] - limit
            yield f"{takes}, {over:g} over the limit of {limit:g}"
    for a, b in model.requires:
        if a in plan and b not in plan:
            yield f"{names[a]} requires {names[b]}, which is not in the plan"
    for a, b in model.excludes:
        if a in plan and b in plan:
            yield f"{names[a]} and {names[b]} exclude each other"
