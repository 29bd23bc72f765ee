"""The best plan met where many scenarios leave no time for a result, as words of the error.

A result has the trafficker's flow and a proof for every scenario. Where there is no time for those
there mostly is for a plan: a search in the scenario with the most left without measures, and its
value in all others, each from a solver of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from flowopt.clock import Clock
from flowopt.errors import OutOfTime
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.incumbent import Plan
from flowopt.planning.plan_comparison import PlanComparison
from flowopt.planning.plan_constraints import plan_totals
from flowopt.planning.scenario_problem import ScenarioProblem

_SEARCH = 0.4  # of the time left goes to the search
_AHEAD = 1.0  # second before the limit at which no other scenario is looked at


def best_met(problem: ScenarioProblem, looked_at: Sequence[PlanComparison], clock: Clock) -> str:
    """Return a sentence on the best plan met by the time limit, "" where there is none.

    Parameters
    ----------
    problem
        The request on the scenarios.
    looked_at
        The first scenarios, as far as there was time for what happens without measures.
    clock
        The time for all of it.
    """
    place = max(range(len(looked_at)), key=lambda n: looked_at[n].baseline.value)
    run = looked_at[place].run
    run.clock = clock.part(_SEARCH)
    run.trafficker.deadline = run.clock.deadline
    if clock.left() <= _AHEAD:
        return ""
    try:
        plan = run.search(looked_at[place].baseline.value)
    except OutOfTime:
        return ""
    values = _values(problem, plan, clock)
    if not plan or not values:
        return ""
    ids = ",".join(run.model.measures[i] for i in sorted(plan))
    spent = plan_totals(run.model, sorted(plan))[0]
    return (
        f". The best plan met by then is --measures {ids}, for {spent:.4g} M USD: "
        f"{_left(problem, values)}. It was found for '{problem.worlds[place].scenario}' alone, and "
        "nothing is proved"
    )


def _values(problem: ScenarioProblem, plan: Plan, clock: Clock) -> list[float]:
    """Return what a plan leaves in each scenario, up to the last that there is time for."""
    request, found = problem.rules.request, []
    for each in problem.problems:
        if clock.left() <= _AHEAD:
            break
        solver = BestResponseSolver(each.model, request.objective, ties=request.ties)
        found.append(solver.value(plan))
    return found


def _left(problem: ScenarioProblem, values: Sequence[float]) -> str:
    """Return in words what a plan leaves in the scenarios that it was valued in."""
    count, worst = len(problem.worlds), max(range(len(values)), key=values.__getitem__)
    most = f"at most {values[worst]:.2f}, in '{problem.worlds[worst].scenario}'"
    if len(values) < count:
        return f"in {len(values)} of the {count} scenarios it leaves {most}"
    return f"over all {count} scenarios it leaves {most}"
