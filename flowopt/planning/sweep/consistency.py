"""The rows of a sweep made to agree: values and bounds never rise with the budget.

A row cut short by a time limit, or proved within the gap only, may be beaten by a plan that costs
no more than its budget and was valued anywhere else: as the plan of another row, on the way to it,
for the ladder or for another objective. Its bound may be beaten by that of a larger budget. All
hold for it, so the best ones are taken.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from flowopt.model.interdiction import slack
from flowopt.planning.sweep.row import Answer, Offer
from flowopt.planning.sweep.row_sources import Every, Sweep
from flowopt.results.frontier import Step
from flowopt.results.numbers import EQUAL, relative_gap


@dataclass(frozen=True, slots=True)
class Agreed:
    """The rows of a sweep, budgets rising.

    Attributes
    ----------
    rows : tuple of Answer
        Infeasible rows come first, if any.
    steps : tuple of str
        For each row, ``proved`` where no cheaper plan brings the objective as low and none does
        better than the row before by more than the gap, else ``open``; blank for a grid.
    complete : bool or None
        Whether no change larger than the gap is missing; None for a grid.
    below : tuple of float or None
        For each row, what no plan that costs less brings the objective below; None for a grid.
    beyond : float or None
        What no plan at all brings it below; None for a grid.
    """

    rows: tuple[Answer, ...]
    steps: tuple[Step, ...]
    complete: bool | None
    below: tuple[float | None, ...]
    beyond: float | None


def agree(
    sweep: Sweep, baseline: float, offers: Sequence[Offer], describe: Callable[[Answer], Answer]
) -> Agreed:
    """Return the rows of a sweep, each with the best plan and bound that anything has for it.

    Parameters
    ----------
    sweep
        The rows as they were answered.
    baseline
        The objective without measures.
    offers
        Plans that were valued elsewhere.
    describe
        Adds to a row with such a plan what the trafficker does under it.
    """
    answers = sweep.answers()
    same = EQUAL * (baseline if baseline > 0.0 else 1.0)
    gap = sweep.first.conditions.gap
    floors = Floors(answers)
    # Of equal plans that cost the same, the one that a row found counts: it comes first.
    others = [_as_row(sweep, offer) for offer in offers]
    plans = [*(answer for answer in answers if answer.value is not None), *others]
    if not isinstance(sweep, Every):
        rows = [describe(row) for row in _held(answers, plans, same)]
        blank: Step = ""
        none = (None,) * len(rows)
        known = tuple(_bounded(rows, floors, gap, baseline))
        return Agreed(known, (blank,) * len(rows), None, none, None)
    if answers and all(answer.status == "infeasible" for answer in answers):
        unsolved: Step = "open"
        none = (None,) * len(answers)
        return Agreed(tuple(answers), (unsolved,) * len(answers), False, none, None)
    places = [
        _row_at(sweep, spent, seconds) for spent, seconds in _places(answers, plans, same, gap)
    ]
    held = _held(places, plans, same)
    steps = [row for k, row in enumerate(held) if k == 0 or row.plan != held[k - 1].plan]
    rows = list(_bounded([describe(row) for row in _begun(steps)], floors, gap, baseline))
    below = [floors.of(sweep.below(row.plan)) for row in rows]
    beyond = floors.of(answers[-1].budget) if answers else 0.0
    return Agreed(
        tuple(rows),
        tuple(_steps(rows, below, same, gap)),
        bool(rows) and _complete(rows, [*below[1:], beyond], gap, baseline),
        tuple(below),
        beyond,
    )


def _as_row(sweep: Sweep, offer: Offer) -> Answer:
    """Return an offer like a row's plan, of no budget."""
    row = _row_at(sweep, math.inf, 0.0)
    return replace(row, plan=offer.plan, spent=offer.spent, value=offer.value)


def _row_at(sweep: Sweep, budget: float, seconds: float) -> Answer:
    """Return a row that knows no plan yet."""
    first = sweep.first
    return Answer(first.network.info.id, first.objective, budget, status="limit", seconds=seconds)


def _places(
    answers: Sequence[Answer], plans: Sequence[Answer], same: float, gap: float
) -> list[tuple[float, float]]:
    """Return every cost at which a plan may begin, and the seconds of the rows that found it.

    These are the costs of all plans that rows found, and of any other plan that is better than all
    cheaper ones by more than the gap.
    """
    took: dict[float, float] = {}
    for answer in answers:
        if answer.spent is not None:
            took[answer.spent] = took.get(answer.spent, 0.0) + answer.seconds
    best, at = math.inf, set(took)
    for plan in sorted(plans, key=_rank):
        value = _value(plan)
        if value < best - max(same, gap * abs(value)):
            at.add(plan.spent or 0.0)
        best = min(best, value)
    return [(spent, took.get(spent, 0.0)) for spent in sorted(at)]


def _begun(steps: Sequence[Answer]) -> list[Answer]:
    """Return the rows, each at the budget that its plan costs."""
    found: list[Answer] = []
    for row in steps:
        spent = row.spent or 0.0
        rises = not found or spent > found[-1].budget
        found.append(replace(row, budget=spent) if rises else row)
    return found


def _steps(
    rows: Sequence[Answer], below: Sequence[float], same: float, gap: float
) -> Iterator[Step]:
    """Yield how sure it is that the best plan changes at each row, and not before it as well."""
    for k, (row, floor) in enumerate(zip(rows, below, strict=True)):
        alone = floor > _value(row) + same / 2.0
        whole = k == 0 or relative_gap(_value(rows[k - 1]), floor, same / EQUAL) <= gap
        yield "proved" if k == 0 or (alone and whole) else "open"


def _held(rows: Sequence[Answer], plans: Sequence[Answer], same: float) -> list[Answer]:
    """Return the rows, budgets rising, with the best of all plans that their budgets allow.

    A plan gives way only to one that is better by more than `same`; among those as good as the
    best one, the cheapest counts, then the one found for the smallest budget.
    """
    known = {plan.plan: plan for plan in reversed(plans) if plan.value is not None}
    coming = sorted(known.values(), key=_rank, reverse=True)
    fitting: list[Answer] = []
    best = float("inf")
    held: Answer | None = None
    found = []
    for row in rows:
        while coming and _rank(coming[-1])[0] <= row.budget + slack(row.budget):
            fitting.append(coming.pop())
            best = min(best, _value(fitting[-1]))
        if fitting and (held is None or best < _value(held) - same):
            held = min((p for p in fitting if _value(p) <= best + same), key=_rank)
        found.append(
            row
            if held is None
            else replace(held, budget=row.budget, seconds=row.seconds, bound=row.bound)
        )
    return found


def _bounded(rows: Sequence[Answer], floors: Floors, gap: float, baseline: float) -> list[Answer]:
    """Return the rows with the best bound that holds for their budgets, and what that proves."""
    found = []
    for row in rows:
        if row.value is None:
            found.append(row)
            continue
        bound = min(row.value, floors.of(row.budget))
        proved = relative_gap(row.value, bound, baseline) <= gap
        found.append(replace(row, bound=bound, status="optimal" if proved else "limit"))
    return found


def _complete(rows: Sequence[Answer], floors: Sequence[float], gap: float, baseline: float) -> bool:
    """Return whether, up to where the next row begins, no plan does better than each row's."""
    return all(
        row.value is not None and relative_gap(row.value, floor, baseline) <= gap
        for row, floor in zip(rows, floors, strict=True)
    )


class Floors:
    """What no plan for a budget brings the objective below, by all rows for that much or more."""

    def __init__(self, rows: Sequence[Answer]) -> None:
        self._budgets = [row.budget for row in rows]
        falling = accumulate((row.bound or 0.0 for row in reversed(rows)), max)
        self._floors = [*falling][::-1]

    def of(self, budget: float) -> float:
        """Return the floor of a budget, 0 beyond the largest."""
        place = bisect_left(self._budgets, budget)
        return self._floors[place] if place < len(self._floors) else 0.0


def _rank(plan: Answer) -> tuple[float, float]:
    return (plan.spent or 0.0, plan.budget)


def _value(row: Answer) -> float:
    return float("inf") if row.value is None else row.value
