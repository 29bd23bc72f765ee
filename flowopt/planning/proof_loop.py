"""The proof of a plan: the programme is solved until its bound and the best plan agree.

The solver is not trusted: a plan of its own is checked against the limits and valued by the
trafficker's programme. A bound above a plan that is known, and a value below the plan's own, are
looked at again, with care: by the whole programme, all of whose rows are kept, without presolve.
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
        What the solver claims against a plan that is known, or for less than its own plan is
        worth, is never taken: it looks again, with care.

        Raises
        ------
        SolverError
            When it claims so once more.
        """
        session, search = self.session, self.search
        limits, careful = search.limits, False
        while True:
            programme, before = session.build(limits), search.value
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
            found = (result.objective or 0.0) * programme.scale
            learned, fault = self._checked(plan, found, claimed)
            if fault:
                if careful:
                    raise SolverError(fault)
                if session.ended():
                    return bound
                careful = True
                session.programme.loosen()
                continue
            bound = claimed
            if plan is None or session.is_proved(search.value, bound) or session.ended():
                return bound
            if not learned:
                if careful or result.status != "optimal":
                    return bound
                # It stopped content, but what it says is no proof; of a better plan than it was
                # asked about another gap may be wanted.
                careful = search.value >= before

    def _checked(self, plan: Plan | None, found: float, bound: float) -> tuple[bool, str]:
        """Check the solver's bound and its value of a plan against the trafficker's own programme.

        A value above the truth is a solution whose prices the solver has not polished. One below
        it means that the programme promises more than the plan does: one that only bounds plans
        from below then learns of it and is to be solved again, if `bound` is no proof yet; any
        other is at fault. Return whether it learned, and what is at fault.
        """
        session, least = self.session, self.search.value
        tolerance = TOLERANCE * session.scale
        if bound > least + tolerance:
            return False, (
                f"the solver's bound {bound:.9g} is above a plan worth {least:.9g}; "
                "please report the network"
            )
        if plan is None:
            return False, ""
        true = session.value(plan)
        same = tolerance if session.is_proved(least, bound) else EQUAL * session.scale
        if found >= true - same:
            return False, ""
        if session.programme.separate(plan, true, claimed=found):
            return True, ""
        if found >= true - tolerance:
            return False, ""
        return False, (
            f"the solver values its plan at {found:.9g}, the trafficker's programme at "
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
