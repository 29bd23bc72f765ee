"""Trafficker of a network with periods, with a warm start for each schedule."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from flowopt.clock import Clock
from flowopt.defaults import OBJECTIVE, TIE_RULE
from flowopt.keywords import naming_keywords
from flowopt.model.activities import Floats
from flowopt.model.plan_luck import LuckValues
from flowopt.network.chances import may_fail
from flowopt.network.network import Network
from flowopt.network.read import NetworkOrPath, network_of
from flowopt.network.timeline import Timeline
from flowopt.objectives import Objective, Ties
from flowopt.overview import Overview, Overviewed, sizes
from flowopt.planning.evaluate_over_time import respond_over_time
from flowopt.planning.exclusive import Exclusive
from flowopt.planning.lucky_schedules import LuckySchedules
from flowopt.planning.question_over_time import QuestionOverTime
from flowopt.planning.schedules import named_in_force
from flowopt.results.over_time import ResponseOverTime

_SHARED = (
    "this TraffickerOverTime is at work on another answer; it gives one at a time, to one thread: "
    "make one for each thread"
)
_KNOWN = 200_000  # values of what may work that are kept


class TraffickerOverTime(Overviewed):
    """The trafficker of a network with periods, kept ready for schedule after schedule.

    Where `respond_over_time` and `evaluate_over_time` start from nothing, this goes on from its
    last answer: for a model that asks about many schedules. Values do not depend on what was asked
    before.

    Parameters
    ----------
    network
        A checked network with periods, or the path of one.
    objective, ties
        What each level counts, as in `flowopt.respond`.

    Attributes
    ----------
    network, objective, ties
        As given.
    measures : tuple of str
        Ids of the measures.
    periods : tuple of str
        Ids of the periods, in their order.

    Raises
    ------
    RequestError
        When the objective or the rule for ties is unknown, or the network has no periods.

    Notes
    -----
    The trafficker foresees the whole schedule, as in `value` of the rows of campaigns that
    `flowopt.evaluate_over_time` returns. What cannot be in force in a period, by its window or its
    lead, is left out, as it is there. Where measures may fail, values are means over what works.
    One answer at a time, as with `flowopt.Trafficker`; it pickles as its network and options.

    Examples
    --------
    >>> import flowopt
    >>> trafficker = flowopt.TraffickerOverTime("networks/tiny-years")
    >>> trafficker.value(["m_boats@y1", "m_boats@y2"])
    16.0
    >>> trafficker.values([[], ["m_boats"], ["m_boats@y2", "m_radar@y2"]])
    array([26., 16., 15.])
    >>> trafficker.value(["m_boats"], opens=False)
    10.0
    """

    @naming_keywords
    def __init__(
        self, network: NetworkOrPath, *, objective: Objective = OBJECTIVE, ties: Ties = TIE_RULE
    ) -> None:
        self.network = network = network_of(network)
        self.objective: Objective = objective
        self.ties: Ties = ties
        clock = Clock(None)
        lucky = may_fail(network) and bool(network.periods)
        self._lucky = LuckySchedules(network, objective, ties, clock) if lucky else None
        self._asked = (
            QuestionOverTime(network, objective, ties, clock)
            if self._lucky is None
            else self._lucky.asked
        )
        self._alone = Exclusive(_SHARED)
        self.measures = tuple(row.measure for row in network.measures)
        self.periods = tuple(row.period for row in network.periods)
        self._indices = self._indices_by_word()

    def __reduce__(self) -> tuple[Callable[..., TraffickerOverTime], tuple[Any, ...]]:
        return (_made, (self.network, self.objective, self.ties))

    def _overview(self) -> Overview:
        return Overview(
            f"Trafficker of {self.network.info.id} over time, {self.objective}",
            (("asked about", sizes((n, getattr(self, n)) for n in ("measures", "periods"))),),
        )

    def value(self, schedule: Iterable[str] = (), *, opens: bool = True) -> float:
        """Return the planner's objective under a schedule, over all periods.

        Parameters
        ----------
        schedule
            Measures in force, as ``m01@2015``, or ``m01`` for every period in which it may be;
            rules and budgets are not looked at.
        opens
            Whether the trafficker opens what it can; without, it opens nothing.

        Raises
        ------
        RequestError
            Naming every unknown measure and period; or when it is at work on another answer.
        SolverError
            When the solver does not prove an optimum.
        """
        plan = self._plan(schedule)
        with self._alone:
            if self._lucky is None:
                return self._asked.value(plan, opens=opens)
            self._forget()
            found = self._lucky.expected(plan) if opens else self._lucky.without_openings(plan)
            return found.mean

    def values(self, schedules: Iterable[Iterable[str]], *, opens: bool = True) -> Floats:
        """Return the planner's objective under each of many schedules, in their order.

        Parameters
        ----------
        schedules
            Schedules, each in the words of `value`.
        opens
            As for `value`.

        Raises
        ------
        RequestError
            Naming every unknown measure and period of any schedule.
        SolverError
            When the solver does not prove an optimum.
        """
        asked = [[each] if isinstance(each, str) else list(each) for each in schedules]
        self._plan(word for schedule in asked for word in schedule)
        return np.array([self.value(each, opens=opens) for each in asked], dtype=np.float64)

    def response(self, schedule: Iterable[str] = ()) -> ResponseOverTime:
        """Return the full tables of the best response, as `flowopt.respond_over_time` does.

        It starts from nothing, so that it is the same whatever was asked before.

        Parameters
        ----------
        schedule
            As for `value`.

        Raises
        ------
        RequestError
            Naming every unknown measure and period; or where the measures may fail.
        SolverError
            When the solver fails, or its primal and dual values differ.
        """
        words = [schedule] if isinstance(schedule, str) else list(schedule)
        return respond_over_time(self.network, words, objective=self.objective, ties=self.ties)

    def _plan(self, schedule: Iterable[str]) -> list[int]:
        words = [schedule] if isinstance(schedule, str) else list(schedule)
        try:
            return sorted({index for word in words for index in self._indices[word]})
        except KeyError:
            named_in_force(self.network, words)  # which names all the unknown
            raise

    def _indices_by_word(self) -> dict[str, tuple[int, ...]]:
        """Return what each word puts in force; nothing where that cannot be."""
        places, timeline = self._asked.whole.in_force, Timeline(self.network.periods)
        words: dict[str, tuple[int, ...]] = {}
        whole: dict[str, tuple[int, ...]] = {}
        for row in self.network.measures:
            possible = {t: places[row.measure, t] for t in timeline.possible(row)}
            for place, period in enumerate(self.periods):
                words[f"{row.measure}@{period}"] = (possible[place],) if place in possible else ()
            whole[row.measure] = tuple(possible.values())
        return words | whole  # the id of a measure goes before what looks like one in a period

    def _forget(self) -> None:
        """Drop the values of what may work when there are too many."""
        lucky = self._lucky
        if lucky is not None and max(lucky.values.looked, lucky.closed.looked) > _KNOWN:
            lucky.values = LuckValues(lucky.luck, lucky.values.trafficker)
            lucky.closed = LuckValues(lucky.luck, lucky.closed.trafficker)


def _made(network: Network, objective: Objective, ties: Ties) -> TraffickerOverTime:
    return TraffickerOverTime(network, objective=objective, ties=ties)
