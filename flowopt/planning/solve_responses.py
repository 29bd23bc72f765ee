"""Responses of the trafficker within a solve, with its time limit."""

from __future__ import annotations

import time
from collections.abc import Sequence

from flowopt.errors import OutOfTime
from flowopt.planning.response_tables import UNTIDY, describe
from flowopt.planning.solve_run import SolveRun
from flowopt.results.response import Response

_EXPLANATIONS = 20  # responses that describing and explaining a plan takes, about
_RESERVED = 0.2  # of the time limit, at most, is kept for them
_FARTHER = (
    "in so large a network flows as good that lie nearer to today's are not looked for: the plan "
    "may force less of the movement than is shown"
)
_TIDYING = 0.5  # of the time left once a first plan is known, at most, to tidy up the baseline


def first_response(run: SolveRun) -> Response:
    """Return the response without measures, and reserve seconds for marginal values.

    Raises
    ------
    OutOfTime
        When it is not known at the time limit.
    """
    trafficker = run.trafficker
    if trafficker.large and run.clock.limit is not None:
        run.value_first_plan()  # tidying up the response takes far longer than the response
        trafficker.deadline = run.clock.part(_TIDYING).deadline
    began = time.perf_counter()
    response = trafficker.respond()
    run.today = response.activity
    known = time.perf_counter()
    trafficker.deadline = run.clock.deadline
    described = describe(run.problem, (), response)
    now = time.perf_counter()
    wanted = known - began + _EXPLANATIONS * (now - known)
    run.reserve(min(wanted, _RESERVED * (run.whole_clock.limit or 0.0)))
    return described


def plan_response(run: SolveRun, plan: Sequence[int], baseline: Response) -> Response:
    """Return the response to the plan of a solve.

    A plan that was found is never lost: where even that is not known at the time limit, it is
    worth waiting for.
    """
    return response_of(run, plan) if plan else baseline


def response_of(run: SolveRun, plan: Sequence[int]) -> Response:
    """Return the response to a plan that a solve has valued, late rather than never.

    After the deadline it is any optimum that brings nothing in vain: choosing among them takes far
    longer than finding one again.
    """
    trafficker = run.trafficker
    try:
        response = trafficker.respond(plan, anew=True, before=run.today)
    except OutOfTime:
        deadline, trafficker.deadline = trafficker.deadline, None
        response = trafficker.respond(plan, tidy=False)
        trafficker.deadline = deadline
    return describe(run.problem, plan, response)


def choice_warning(run: SolveRun, before: Response, after: Response | None) -> tuple[str, ...]:
    """Return a warning where equally good flows were not chosen among, or not the nearest one."""
    if not before.tidy or not (after is None or after.tidy):
        return (UNTIDY,)
    return (_FARTHER,) if run.trafficker.large and after is not None and after.measures else ()
