"""Good plans without proof, and the tie-break: local search on the trafficker's programme.

The search gives the solver a first plan and a planner in a hurry something to hold. It knows no
clock but a deadline; without one, the same input gives the same plan, because work is counted in
simplex iterations.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import cycle

import numpy as np

from flowopt.model.activities import Floats
from flowopt.model.feasible_plans import allowed, closure, with_others, without
from flowopt.model.greedy_plans import GreedyPlans
from flowopt.model.incumbent import Plan, SearchStopped
from flowopt.model.plan_effects import TRUSTED

_SHAKES = 8  # times the work of a climb that goes into shaking a plan
STALE = 15  # draws in a row without a better plan after which it is left alone
_BEYOND = (0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2)  # of the budget: how far past it a plan goes
_FAR = (0.05, 0.5)  # of the budget, likewise: how far a drawn plan goes
_PASSED_OVER = 0.3  # how often the best measure is passed over where plans are drawn
_LAST_SWAPS = 8_000  # work: small networks are through with less, large ones have next to no gain
_NEAR = 2e-3  # relative: a plan so close to the best one may be what is torn next
_WANDER = 0.1  # how often it is


class Search(GreedyPlans):
    """Local search for good plans: what `Incumbent` is made of, and moves from plan to plan."""

    def run(self, *, swaps: bool = True) -> None:
        """Grow a plan, trim everything down to another, then swap until nothing improves.

        Growing looks at one measure at a time. Measures that only work together are all there in
        everything at once, and stay there as long as they are missed.

        Parameters
        ----------
        swaps
            Whether to swap: left out where the plan is shaken next, which gains more for less.
        """
        stages = (self._from_below, self._from_above, self._climb)
        for stage in stages if swaps else stages[:-1]:
            self._left = self._work
            try:
                stage()
            except SearchStopped:
                continue

    def shake(self, most: int = STALE) -> None:
        """Change several measures of a good plan at once, until that has not helped for long.

        Swaps see one measure at a time. Here a plan goes past its budget and comes back, first as
        far as is given, then as far as is drawn, passing over some of the best measures. Without a
        budget some measures are torn out and the rest is grown again, or some are put in and the
        whole is trimmed. What is drawn has a seed of its own, so the same input gives the same
        plan.

        Parameters
        ----------
        most
            Draws in a row without a better plan after which it is left alone.
        """
        self._left = _SHAKES * self._work
        with suppress(SearchStopped):
            with self._in_a_hurry():
                self._oscillate()
                self._draw_plans(most)
            self.shaken = True
            self._left = min(self._left, _LAST_SWAPS)
            self._climb()

    @contextmanager
    def _in_a_hurry(self) -> Iterator[None]:
        """Begin looks with the measures that were worth most when last looked at."""
        self._hasty = True
        try:
            yield
        finally:
            self._hasty = False

    def _draw_plans(self, most: int) -> None:
        """Draw plans near the best one, until `most` in a row are no better."""
        draw = random.Random(0)  # no secret hangs on it
        home, home_value = self.best, self.value
        draws = stale = 0
        while stale < most:
            stale, draws = stale + 1, draws + 1
            self.shaken = draws > most  # should the work be used up now
            known = self.value
            plan = self._shaken(home, draw)
            if not allowed(self.model, self.limits, plan):
                continue
            value = self._look_at(plan)
            self._better(plan, value)
            if self.value < known:
                stale = 0
            near = value <= self.value * (1.0 + _NEAR) and draw.random() < _WANDER
            if value < home_value - self._same or near:
                home, home_value = plan, value

    def climb(self, plan: Plan, deadline: float | None) -> bool:
        """Swap from a plan until nothing improves, and take what comes of it if that is better.

        Parameters
        ----------
        plan
            Of the solver, say.
        deadline
            `time.perf_counter` at which to stop, or None: that of the search may be over.

        Returns
        -------
        bool
            Whether the best plan has changed.
        """
        if not allowed(self.model, self.limits, plan):
            return False
        best, value = self.best, self.value
        self._left, self._deadline = self._work, deadline
        with suppress(SearchStopped):
            self.best, self.value = plan, self._look_at(plan)
            self._climb()
        if self.value < value - self._same:
            return True
        self.best, self.value = best, value
        return False

    def reach(self, worst: float) -> None:
        """Look for a cheap plan that brings the objective to `worst` or below.

        Where no measure gains anything by itself, growing ends at once: then everything is trimmed.
        """
        self._left = self._work
        try:
            self._take(self._grown(self.best, enough=worst))
            if self.value > worst:
                self._left = self._work
                if (everything := self._everything()) is not None:
                    self.trimmed(everything)
                self.take_known_reaching(worst)
                if self.value <= worst:
                    plan = self.trimmed(self.best, worst)
                    self._no_worse(plan, self._look_at(plan), worst)
            if self.value <= worst:
                self._left = self._work
                self._descend(partial(self._simpler, worst), worst)
        except SearchStopped:
            return

    def shake_reaching(self, worst: float, most: int) -> None:
        """Put some measures into a plan that reaches `worst`, and trim it to that again.

        What is left is cheaper where they do together what dearer ones did. Which ones is drawn
        from a seed of its own; it ends after `most` draws in a row without a cheaper plan.
        """
        draw, stale = random.Random(0), 0  # no secret hangs on it
        self._left = _SHAKES * self._work
        try:
            while stale < most:
                stale, mine = stale + 1, self.key(self.best)
                others = [m for m in self._optional() if m not in self.best]
                added = draw.sample(others, min(draw.randint(1, 5), len(others)))
                fuller = closure(self.model, self.best.union(added))
                if not allowed(self.model, self.limits, fuller):
                    continue
                plan = self.trimmed(fuller, worst)
                if self.key(plan) < mine and self._no_worse(plan, self._look_at(plan), worst):
                    stale = 0
            self._descend(partial(self._simpler, worst), worst)
        except SearchStopped:
            return

    def settle(self, worst: float, work: float) -> None:
        """Among plans no worse than `worst`, move to cheaper ones, then to earlier ones.

        Drops what does nothing, whatever it takes, and tries every swap as far as `work` goes; the
        exact tie-break is the solver's.
        """
        self._left = self._work
        try:
            self._descend(self._smaller, worst)
            self._left = min(self._left, work)
            self._descend(partial(self._simpler, worst), worst)
        except SearchStopped:
            return

    def _climb(self) -> None:
        self._take(self._grown(self.best))
        while any(self._better(plan, self._look_at(plan)) for plan in self._neighbours()):
            self._take(self._grown(self.best))

    def _oscillate(self) -> None:
        """Take the best plan past its budget to both sides and back, as long as that helps.

        With more to spend, measures come in that only pay together, and what they make idle goes
        first on the way back. Known as strategic oscillation: F. Glover, "Heuristics for integer
        programming using surrogate constraints", Decision Sciences 8(1), 1977.
        """
        budget = self.limits.budget
        sides = [1.0 + side * share for share in _BEYOND for side in (1.0, -1.0)]
        sides = [times for times in sides if times > 0.0 and 0.0 < budget < float("inf")]
        left = len(sides)  # of them, to be tried from the plan that is best by then
        for times in cycle(sides):
            plan = self._back_from(self.best, times * budget)
            left = len(sides) if self._better(plan, self._look_at(plan)) else left - 1
            if not left:
                return

    def _back_from(self, plan: Plan, budget: float, draw: random.Random | None = None) -> Plan:
        """Return a plan grown or trimmed to another budget and brought back to its own.

        The plan itself where that breaks a limit or a rule. With `draw`, the best measure is now
        and then passed over: on the way up, or else on the way back.
        """
        limits, known = self.limits, (self.best, self.value, self._least)
        more = budget > limits.budget
        self.limits = replace(limits, budget=budget)
        try:
            far = self._grown(plan, _PASSED_OVER, draw) if more else self.trimmed(plan)
        finally:  # what was met there is no plan of the request
            self.limits, (self.best, self.value, self._least) = limits, known
        if more:
            far, draw = self.trimmed(far), None
        return self._grown(far, _PASSED_OVER, draw) if allowed(self.model, limits, far) else plan

    def _shaken(self, plan: Plan, draw: random.Random) -> Plan:
        if 0.0 < self.limits.budget < float("inf"):
            up = draw.random() < 0.5
            far = draw.uniform(*_FAR)
            return self._back_from(plan, self.limits.budget * (1.0 + (far if up else -far)), draw)
        if draw.random() < 0.5:
            return self._grown(self._torn(plan, draw), _PASSED_OVER, draw)
        others = [m for m in self._optional() if m not in plan]
        added = draw.sample(others, min(draw.randint(2, 6), len(others)))
        fuller = closure(self.model, plan.union(added))
        return plan if fuller & self.limits.exclude else self._grown(self.trimmed(fuller))

    def _torn(self, plan: Plan, draw: random.Random) -> Plan:
        """Return a plan without a few of its measures, and with up to two others."""
        for measure in draw.sample(sorted(plan), min(draw.randint(2, 6), len(plan))):
            rest = without(self.model, plan, measure)
            if self.forced <= rest:
                plan = rest
        optional = self._optional()
        for measure in draw.sample(optional, min(draw.choice((0, 1, 1, 2)), len(optional))):
            grown = closure(self.model, plan | {measure})
            if allowed(self.model, self.limits, grown):
                plan = grown
        return plan

    def _neighbours(self) -> Iterator[Plan]:
        """Yield allowed plans that trade one measure for one or two others."""
        optional = self._optional()
        for dropped in sorted(self.best - self.forced):
            base = without(self.model, self.best, dropped)
            self._stand_on(base)
            for added in optional:
                if added in base or added == dropped:
                    continue
                grown = closure(self.model, base | {added})
                if allowed(self.model, self.limits, grown):
                    yield grown

    def _descend(self, candidates: Callable[[], Iterator[Plan]], worst: float) -> None:
        """Move on to whichever candidate is no worse than `worst`, until none is."""
        while any(self._no_worse(plan, self._look_at(plan), worst) for plan in candidates()):
            pass

    def _smaller(self) -> Iterator[Plan]:
        """Yield the best plan without each of its measures, where that ranks before it."""
        mine = self.key(self.best)
        for dropped in sorted(self.best - self.forced, reverse=True):
            plan = without(self.model, self.best, dropped)
            if self.key(plan) < mine and allowed(self.model, self.limits, plan):
                yield plan

    def _simpler(self, worst: float) -> Iterator[Plan]:
        """Yield allowed plans that rank before the best one if they are no worse than `worst`.

        Those of which a bound says that they are worse are left out.
        """
        mine = self.key(self.best)
        for dropped in sorted(self.best - self.forced, reverse=True):
            base = without(self.model, self.best, dropped)
            least = self._look_at(base) - self._most_lost(base)
            if self.key(base) < mine and allowed(self.model, self.limits, base):
                yield base
            for measure in self._optional():
                if measure in base or least[measure] > worst + TRUSTED * self._scale:
                    continue
                plan = closure(self.model, base | {measure})
                if self.key(plan) < mine and allowed(self.model, self.limits, plan):
                    # The trafficker can do as under it, but for what another measure hits.
                    least = np.maximum(least, self._least_with_one_more(plan, base))
                    yield plan

    def _most_lost(self, base: Plan) -> Floats:
        """Return what each measure more can take of the objective under a plan, at most."""
        self._stand_on(base)
        most = self._trafficker.most_lost()
        most[with_others(self.model, base)] = np.inf
        return most

    def _least_with_one_more(self, plan: Plan, base: Plan) -> Floats:
        """Return the least that each measure can leave on top of `base`, by one that holds it."""
        losses = np.full(len(self.model.measures), np.inf)

        def valued(plan: Plan) -> float:
            nonlocal losses
            value, losses = self._trafficker.value_and_losses(plan)
            return value

        value = self._look_at(plan, valued)
        losses[with_others(self.model, base)] = np.inf
        return value - losses
