"""The proof of a plan: the programme is solved until its bound and the best plan agree.

The solver is not trusted: a plan of its own is checked against the limits and valued by the
trafficker's programme, and a bound above a plan that is known is looked at again, with care.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flowopt.errors import SolverError
from flowopt.model.feasible_plans import allowed
from flowopt.model.fewer_rows import with_fewer_rows
from flowopt.model.incumbent import Plan
from flowopt.model.interdiction import Interdiction
from flowopt.model.lexicographic import TOLERANCE
from flowopt.model.search import Search
from flowopt.model.solver import MilpResult, Progress, SolverOptions
from flowopt.planning.solver_session import SolverSession, claimed_bound, plan_of, start_of
from flowopt.results.numbers import EQUAL

# The first look, before the search: activities up to which there is one, its nodes, and its share
# of the time.
_LOOK_ACTIVITIES, _LOOK_NODES, _LOOK_SHARE = 30_000, 500, 0.6


@dataclass(frozen=True, slots=True)
class ProofLoop:
    """Proof of the best plan of a search, which takes the plans that the solver finds.

    Attributes
    ----------
    session : SolverSession
        The session of the run.
    search : Search
        The search, with the best plan and its limits.
    """

    session: SolverSession
    search: Search

    def prove(self, bound: float, options: SolverOptions | None = None) -> float:
        """Solve the programme; offer its plan to the search and return its bound.

        Without `options`, in what is left of the time, from the best plan; with those of a first
        look from nothing, since making a start of a plan takes a linear programme from nothing.
        What the solver claims against a plan that is known is never taken: it looks again, with
        care.
        """
        session, search = self.session, self.search
        limits, careful = search.limits, False
        while True:
            programme = session.build(limits)
            result = self._solve(programme, bound, options, careful=careful)
            plan = plan_of(programme, result)
            if plan is not None and not allowed(session.model, search.limits, plan):
                if session.ended():
                    return bound
                # Within the solver's tolerance, but not within ours: rule it out and go on.
                limits = replace(limits, covers=(*limits.covers, plan))
                continue
            if plan is not None:
                search.offer(plan)
            claimed = claimed_bound(result, bound, programme.scale)
            if claimed > search.value + TOLERANCE * session.scale:
                if careful:
                    raise SolverError(
                        f"the solver's bound {claimed:.9g} is above a plan worth "
                        f"{search.value:.9g}; please report the network"
                    )
                if session.ended():
                    return bound
                careful = True
                session.programme.loosen()
                continue
            bound = claimed
            if plan is None:
                return bound
            disputed = self._disputed(plan, (result.objective or 0.0) * programme.scale, bound)
            if session.is_proved(search.value, bound) or session.ended():
                return bound
            if not disputed:
                if careful or result.status != "optimal":
                    return bound
                careful = True  # it stopped content, but what it says is no proof

    def _disputed(self, plan: Plan, claimed: float, bound: float) -> bool:
        """Check the programme's value of a plan against the trafficker's own programme.

        More than the truth is a solution whose prices the solver has not polished. Less means
        that the programme promises more than the plan does: one that only bounds plans from below
        then learns of it and is to be solved again, if `bound` is no proof yet; any other is at
        fault.
        """
        session = self.session
        true = session.value(plan)
        proved = session.is_proved(self.search.value, bound)
        if claimed >= true - (TOLERANCE if proved else EQUAL) * session.scale:
            return False
        if session.programme.separate(plan, true, claimed=claimed):
            return True
        if claimed >= true - TOLERANCE * session.scale:
            return False
        raise SolverError(
            f"the solver values its plan at {claimed:.9g}, the trafficker's programme at "
            f"{true:.9g}; please report the network"
        )

    def _solve(
        self,
        programme: Interdiction,
        bound: float,
        options: SolverOptions | None,
        *,
        careful: bool,
    ) -> MilpResult:
        session, search, scale = self.session, self.search, programme.scale

        def report(progress: Progress) -> None:
            incumbent, lower = search.value, bound
            if progress.incumbent is not None:
                incumbent = min(incumbent, progress.incumbent * scale)
            if progress.bound is not None:
                lower = max(lower, progress.bound * scale)
            session.report(incumbent, lower)

        if options is not None:
            return session.solve(programme.milp, options, None, report, careful=careful)
        # With a start that shaking can't better, the solver's own search for plans is wasted work.
        options = replace(session.remaining(), good_start=session.well_searched(search))
        start = start_of(programme, search.best)
        if careful or options.name.lower() != "highs" or not session.programme.monotone:
            return session.solve(programme.milp, options, start, report, careful=careful)
        fewer = with_fewer_rows(programme.milp)
        result = session.solve(fewer.milp, options, start, report)
        values = None if result.values is None else fewer.values(result.values)
        return replace(result, values=values)


def first_look(session: SolverSession) -> SolverOptions | None:
    """Return the options of the solver's first nodes before any search for plans, None for none.

    Where every measure closes something outright they mostly hold the proof and the best plan,
    which the solver meets without any search of its own. Where some only hamper, much is left open.
    Only HiGHS counts nodes.
    """
    model = session.model
    if (
        session.solver_options.name.lower() not in ("highs", "race")
        or not session.programme.monotone
        or not model.outright
        or len(model.activities) > _LOOK_ACTIVITIES
    ):
        return None
    highs = replace(session.remaining(), name="highs", threads=1, good_start=True)
    highs = replace(highs, nodes=_LOOK_NODES)
    if highs.time_limit is None:
        return highs
    return replace(highs, time_limit=_LOOK_SHARE * highs.time_limit)
