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

_STEPS, _NODES = 40_000, 200  # of the simplex, and nodes, of one tree
_SHARE = 0.6  # of the time that is left, at most


def spread_tree(session: SolverSession, search: Search) -> SpreadTree | None:
    """Return a tree over the plans of a search, which takes the better ones.

    None where a solver was named, which then proves by itself, and where measures only hamper, so
    that bounds would be far off.
    """
    programme, model = session.programme, session.model
    if (
        session.options.solver.lower() != AUTO
        or not isinstance(programme, ZeroSum)
        or not model.outright
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
    return SpreadTree(model, flow, search.limits, search, session.is_proved)


def grow(tree: SpreadTree, session: SolverSession, search: Search) -> None:
    """Let a tree grow until the best plan is proved, or its work is used up."""

    def stop() -> bool:
        session.report(search.value, tree.bound)
        return tree.nodes >= _NODES or session.ended()

    try:
        tree.run(stop)
    finally:
        session.effort += tree.effort
