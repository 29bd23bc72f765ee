"""The proof by flows that spread, on behalf of a session: where it is tried, and its work.

Where measures close things outright it mostly proves the plan at its first node, in a fraction of
the time that the mixed-integer programme takes. What it leaves open within its work is left to the
programme, with the best plan and the bound so far.
"""

from __future__ import annotations

from flowopt.defaults import AUTO
from flowopt.model.formulations import ZeroSum
from flowopt.model.search import Search
from flowopt.model.spread_flow import SpreadFlow
from flowopt.model.spread_tree import SpreadTree
from flowopt.planning.solver_session import SolverSession
from flowopt.results.numbers import EQUAL

_STEPS, _NODES = 40_000, 200  # of the simplex, and nodes, of one tree
_MORE_STEPS, _MORE = 2_000, 1.5  # steps, or times those of the proof, up to which it goes on
_SHARE = 0.6  # of the time that is left, at most


def spread_tree(session: SolverSession, search: Search) -> SpreadTree | None:
    """Return a tree over the plans of a search, which takes the better ones.

    None where a solver was named, which then proves by itself; where measures only hamper, so that
    bounds would be far off; and where one needs any of several others: a node holds all that its
    measures require, which is then not one plan.
    """
    programme, model = session.programme, session.model
    if (
        session.options.solver.lower() != AUTO
        or not isinstance(programme, ZeroSum)
        or not model.outright
        or model.needs
    ):
        return None
    flow = SpreadFlow(
        programme.in_series,
        session.problem.request.objective,
        search.limits,
        steps=_STEPS,
        basis=session.trafficker.first_basis if programme.in_series is model else None,
        deadline=session.clock.part(_SHARE).deadline,
    )
    same = EQUAL * session.scale
    return SpreadTree(model, flow, search.limits, search, same=same)


def grow(tree: SpreadTree, session: SolverSession, search: Search) -> None:
    """Let a tree grow until the best plan is proved, and on for half as much again.

    The last of the gap mostly takes a few nodes, and leaves fewer plans for the tie-break.
    """
    most = 0.0

    def stop() -> bool:
        nonlocal most
        session.report(search.value, tree.bound)
        proved = session.is_proved(search.value, tree.bound)
        if proved and not most:
            most = max(_MORE_STEPS, _MORE * tree.steps)
        return (proved and tree.steps >= most) or tree.nodes >= _NODES or session.ended()

    try:
        tree.run(stop)
    finally:
        session.effort += tree.effort
