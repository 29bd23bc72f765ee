"""The bound on tonnes of a rung of `bilevel` that a solver has not finished.

Of a target T the solver asks for a flow of T tonnes or less whose regret is nothing. Stopped, it
has open nodes: with the relaxation of their programme the least regret may be below nothing in each
of them. But what leaves few tonnes at a regret of nothing is farther away in some than in others:

    minimise  w'y   subject to the rows of `bilevel_milp.least_regret`,  r <= what counts,
                    and the decisions of the node.

Every plan that leaves T or less, with a best response and its prices, is a point of that for one of
the open nodes, as the others hold none. So the least of them all, or T, is a bound on every plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flowopt.model.bilevel_milp import REGRET_UNIT
from flowopt.model.interdiction import Interdiction
from flowopt.model.open_nodes import Path, least_left
from flowopt.model.relaxation import Relaxation
from flowopt.model.watched_run import Job, run_alone

_EFFORT = 4_000_000_000  # simplex steps, times rows: some minutes, mostly ended by the deadline
_ROUNDING = 1e-9  # of the tonnes without measures


def least_tonnes(
    problem: Interdiction,
    paths: Sequence[Path],
    *,
    regret: float,
    scale: float,
    deadline: float | None = None,
) -> float:
    """Return a bound on the tonnes of a flow of so little regret in open nodes of a programme.

    Parameters
    ----------
    problem
        The programme of the least regret under a target.
    paths
        Decisions that lead to each of its open nodes.
    regret
        In the unit of the programme: most of a flow that counts.
    scale
        Weighted tonnes without measures.
    deadline
        `time.perf_counter` at which it ends with what it has.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C.
    """
    job = _OpenNodes(problem, paths, regret, scale, deadline)
    run_alone(job)
    return job.least


class _OpenNodes(Job):
    """Relaxations of open nodes, in a thread of their own; used once."""

    def __init__(
        self,
        problem: Interdiction,
        paths: Sequence[Path],
        regret: float,
        scale: float,
        deadline: float | None,
    ) -> None:
        super().__init__()
        self.least = 0.0
        self._problem, self._paths, self._regret = problem, paths, regret
        self._scale, self._deadline = scale, deadline

    def _solve(self) -> None:
        problem = self._problem
        milp = replace(problem.milp, cost=problem.milp.cost * REGRET_UNIT)
        relaxation = Relaxation(milp, effort=_EFFORT, stop=self.stop, deadline=self._deadline)
        relaxation.cut_off(self._regret * REGRET_UNIT)
        tonnes = problem.tonnes / self._scale

        def least(path: Path) -> float | None:
            return relaxation.least(tonnes, path)

        found = least_left(self._paths, least, relaxation.ended)
        self.least = max(0.0, self._scale * (found - _ROUNDING))
