"""Trafficker of one network with a warm start for each plan, for models built on this one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from flowopt.defaults import OBJECTIVE, TIE_RULE
from flowopt.errors import RequestError
from flowopt.keywords import naming_keywords
from flowopt.model.activities import ActivityModel, Floats, Indices
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.lucky_numbers import LuckyNumbers, numbers_of
from flowopt.model.plan_luck import LuckValues
from flowopt.network.network import Network
from flowopt.network.periods import insist_on_one_year
from flowopt.network.read import NetworkOrPath, network_of
from flowopt.objectives import Objective, Ties
from flowopt.overview import Overview, Overviewed, sizes
from flowopt.planning.exclusive import Exclusive
from flowopt.planning.many_plans import answers
from flowopt.planning.overrides import Changes, Overrides
from flowopt.planning.plan_constraints import indices, problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.reply import Reply
from flowopt.planning.respond import respond
from flowopt.planning.workers import check_workers
from flowopt.results.response import Response

_SHARED = (
    "this Trafficker is at work on another answer; it gives one at a time, to one thread: make one "
    "for each thread (and don't ask it from within its own call)"
)
_KNOWN = 200_000  # values of what may work that are kept


class Trafficker(Overviewed):
    """The trafficker of one network, kept ready for plan after plan.

    Where `respond` starts from nothing, this goes on from its last answer: for a model that asks
    about many plans, or about the same plan with other numbers, as Monte Carlo and agent-based
    models do. Answers do not depend on what was asked before, up to which of several equally good
    flows is found.

    Parameters
    ----------
    network
        A checked network, or the path of one.
    objective, ties
        What each level counts, as in `flowopt.respond`.
    scenario
        The scenario of the network to look at; None for the network as it stands.
    of
        Count the deliveries of a part of the markets only, as in `flowopt.solve`.

    Attributes
    ----------
    network, objective, ties
        As given; the network is that of the scenario.
    measures : tuple of str
        Ids of the measures.
    arcs : tuple of (str, str)
        (arc, commodity) of each number in `Reply.flows`.
    sites : tuple of str
        Site of each number in `Reply.runs`.
    supplies, markets : tuples of (str, str)
        (node, commodity) of each number in `Reply.supplied` and `Reply.deliveries`.

    of : str or None
        The part of the markets whose deliveries count, None for all.

    Raises
    ------
    RequestError
        When the objective, the rule for ties, the scenario or the part is unknown.

    Notes
    -----
    One answer at a time: a call while another one is at work, from a second thread or from within
    the first call, raises a RequestError. Give each thread its own. It pickles as its network and
    options, and is made anew where it is unpickled.

    Where measures may fail, `value` and `values` are means over what works of each plan: counted
    where it hangs on twelve chances or fewer, else estimates by draws that all plans share
    (`flowopt.evaluate` tells their interval). What was valued once is kept, so that plans that have
    much in common are quick. `respond` answers for plans that always work.

    A *change* gives rows other numbers for one answer. It names them by table and key, and their
    columns in the units of the files: ``capacity`` and ``cost`` of arcs, sites and supplies,
    ``loss`` of arcs, ``capacity`` of nodes that have one and of pools, ``quantity``, ``price`` and
    ``weight`` of demands, ``quantity`` of recipes, ``cut``, ``loss``, ``cost``, ``uptime`` and
    ``corruption`` of effects, ``corruption`` of reforms. Effects are named by their measure, which
    is all its rows, or by measure, `on`, target and commodity. A capacity of None is unlimited. An
    answer starts from nothing, and takes longer, where a change limits what was unlimited, or the
    other way round, lifts a number from 0, or makes a closure of a cut, or the other way round.

    Examples
    --------
    >>> import flowopt
    >>> trafficker = flowopt.Trafficker(flowopt.read_network("networks/tiny"))
    >>> trafficker.value(["m_strip"])
    9.0
    >>> reply = trafficker.respond(["m_strip"])
    >>> dict(zip(trafficker.markets, reply.deliveries.tolist()))
    {('M_EAST', 'product'): 4.0, ('M_NORTH', 'product'): 5.0}
    >>> dry = {("supplies", "F_HILLS", "leaf"): {"capacity": 500.0}}
    >>> trafficker.value(changes=dry)
    5.0
    >>> trafficker.values([[], ["m_strip"], ["m_uproot"]])
    array([10.,  9.,  5.])
    """

    @naming_keywords
    def __init__(
        self,
        network: NetworkOrPath,
        *,
        objective: Objective = OBJECTIVE,
        ties: Ties = TIE_RULE,
        scenario: str | None = None,
        of: str | None = None,
    ) -> None:
        request = PlanRequest(objective=objective, ties=ties, of=of)
        request.check()
        network = network_of(network)
        insist_on_one_year(network, over_time="TraffickerOverTime")
        self.network = network = network if scenario is None else network.scenario(scenario)
        self.objective: Objective = objective
        self.ties: Ties = ties
        self._numbers = numbers_of(network)
        problem = problem_of(network, self._numbers.base, request)
        self.of, self._part, self._model = problem.request.of, problem.part, problem.model
        self._hot = BestResponseSolver(self._model, objective, ties=ties)
        self._other: BestResponseSolver | None = None  # of a network of another structure
        self._alone = Exclusive(_SHARED)
        self._values: LuckValues | None = None  # under the changes of the last answer
        self.measures = tuple(row.measure for row in network.measures)
        self._index = {name: i for i, name in enumerate(self.measures)}
        self._overrides: Overrides | None = None
        self._changed: dict[tuple[str, ...], dict[str, float | None]] | None = {}
        self._columns = _columns_by_kind(self._model)
        labels = self._model.activities
        self.arcs = tuple(
            (network.arcs[a.row].arc, a.commodity) for a in labels if a.kind == "ship"
        )
        self.sites = tuple(row.site for row in network.sites)
        self.supplies = tuple((row.node, row.commodity) for row in network.supplies)
        self.markets = tuple((row.node, row.commodity) for row in network.demands)

    def __reduce__(self) -> tuple[Callable[..., Trafficker], tuple[Any, ...]]:
        return (_made, (self.network, self.objective, self.ties, self.of))

    def _overview(self) -> Overview:
        tables = ("measures", "arcs", "sites", "supplies", "markets")
        return Overview(
            f"Trafficker of {self.network.info.id}, {self.objective}",
            (("asked about", sizes((name, getattr(self, name)) for name in tables)),),
        )

    def value(self, measures: Iterable[str] = (), *, changes: Changes | None = None) -> float:
        """Return the planner's objective under a plan; in the mean where it may fail.

        Parameters
        ----------
        measures
            Ids of the measures in force; rules and budgets are not looked at.
        changes
            Other numbers for some rows, for this answer alone: columns by (table, key...).

        Raises
        ------
        RequestError
            Naming every unknown measure, or everything that is wrong with the changes; or when it
            is at work on another answer.
        InputError
            When the network breaks the format with the changes.
        SolverError
            When the solver does not prove an optimum.
        """
        plan = self._plan(measures)
        with self._alone:
            solver = self._under(changes)
            if isinstance(self._numbers, LuckyNumbers):
                return self._means(self._numbers, solver).expected(plan).mean
            return solver.value(plan)

    def respond(self, measures: Iterable[str] = (), *, changes: Changes | None = None) -> Reply:
        """Return the best response to a plan, as arrays.

        Parameters
        ----------
        measures, changes
            As for `value`.

        Raises
        ------
        RequestError
            Naming every unknown measure, or everything that is wrong with the changes; or when it
            is at work on another answer.
        InputError
            When the network breaks the format with the changes.
        SolverError
            When the solver fails, or its primal and dual values differ.
        """
        plan = self._plan(measures)
        with self._alone:
            solver = self._under(changes)
            found = solver.respond(self._acting(plan))
            model = solver.model
        columns = self._columns if solver is self._hot else _columns_by_kind(model)
        amounts = {kind: found.activity[places] for kind, places in columns.items()}
        revenue, cost = float(model.price @ found.activity), float(found.cost @ found.activity)
        return Reply(
            measures=tuple(self.measures[i] for i in plan),
            value=found.value,
            delivered=float(amounts["deliver"].sum()),
            weighted=float(model.weight @ found.activity),
            revenue=revenue,
            cost=cost,
            profit=revenue - cost,
            flows=amounts["ship"],
            runs=amounts["site"],
            supplied=amounts["supply"],
            deliveries=amounts["deliver"],
        )

    def response(self, measures: Iterable[str] = (), *, changes: Changes | None = None) -> Response:
        """Return the full tables of the best response, with its proof, as `flowopt.respond` does.

        It starts from nothing, so that it is the same whatever was asked before; with changes, from
        the network that has them.

        Parameters
        ----------
        measures, changes
            As for `value`.

        Raises
        ------
        RequestError
            Naming every unknown measure, or everything that is wrong with the changes.
        InputError
            When the network breaks the format with the changes.
        SolverError
            When the solver fails, or its primal and dual values differ.
        """
        plan = [self.measures[i] for i in self._plan(measures)]
        network = self._changes().network(changes) if changes else self.network
        return respond(network, plan, of=self.of, objective=self.objective, ties=self.ties)

    def values(
        self,
        plans: Iterable[Iterable[str]],
        *,
        changes: Changes | Sequence[Changes] | None = None,
        workers: int | None = None,
    ) -> Floats:
        """Return the planner's objective under each of many plans, in their order.

        Parameters
        ----------
        plans
            Plans, each the ids of its measures.
        changes
            Other numbers for all plans, or a sequence with those of each.
        workers
            Processes of this machine to share the plans; None or 1 for this one alone. They are
            spawned: in a script, call this below ``if __name__ == "__main__":``.

        Raises
        ------
        RequestError
            Naming every unknown measure of any plan.
        SolverError
            When the solver does not prove an optimum, or a worker dies.
        """
        return np.array(self._each("value", plans, changes, workers), dtype=np.float64)

    def respond_many(
        self,
        plans: Iterable[Iterable[str]],
        *,
        changes: Changes | Sequence[Changes] | None = None,
        workers: int | None = None,
    ) -> list[Reply]:
        """Return the best response to each of many plans, in their order.

        Parameters
        ----------
        plans, changes, workers
            As for `values`.

        Raises
        ------
        RequestError
            Naming every unknown measure of any plan.
        SolverError
            When the solver fails, or a worker dies.
        """
        return self._each("respond", plans, changes, workers)

    # -- one plan ---------------------------------------------------------------------------

    def _plan(self, measures: Iterable[str]) -> list[int]:
        names = [measures] if isinstance(measures, str) else list(measures)
        try:
            return sorted({self._index[name] for name in names})
        except KeyError:
            return indices(self.measures, names, what="measure")  # which names all the unknown

    def _acting(self, plan: list[int]) -> list[int]:
        """Return what acts of a plan, of which nothing is left to chance."""
        if not isinstance(self._numbers, LuckyNumbers):
            return plan
        luck = self._numbers.luck
        if luck.coins_of(plan):
            raise RequestError(
                "no one response is that to a plan whose measures may fail: value and values are "
                "means over what works; flowopt.evaluate has the flow when all of it works, and "
                "flowopt.respond, with works, that in one outcome"
            )
        return sorted(luck.acting(plan))

    def _means(self, numbers: LuckyNumbers, solver: BestResponseSolver) -> LuckValues:
        """Return means of plans under the changes of the last answer, with the values known."""
        if self._values is None or self._values.looked > _KNOWN:
            self._values = LuckValues(numbers.luck, solver)
        return self._values

    def _changes(self) -> Overrides:
        if self._overrides is None:
            self._overrides = Overrides(self.network, self._numbers)
        return self._overrides

    def _under(self, changes: Changes | None) -> BestResponseSolver:
        """Return the programme under changes, brought there from those of the last answer."""
        given = {row: dict(columns) for row, columns in (changes or {}).items()}
        if given != self._changed:
            self._values = None
            self._changed = None  # unknown, should this be broken off in the middle
            model = self._changes().model(changes)
            if self._part is not None:
                model = model.counting(self._part.demands)
            self._other = None
            if model.takes is self._model.takes:
                self._hot.rebase(model)
            else:
                self._other = BestResponseSolver(model, self.objective, ties=self.ties)
            self._changed = given
        return self._hot if self._other is None else self._other

    # -- many plans -------------------------------------------------------------------------

    def _each(
        self,
        verb: str,
        plans: Iterable[Iterable[str]],
        changes: Changes | Sequence[Changes] | None,
        workers: int | None,
    ) -> list[Any]:
        """Return the answers to all plans, from this process or from several."""
        if workers is not None:
            check_workers(workers)
        asked = [[measures] if isinstance(measures, str) else list(measures) for measures in plans]
        self._plan(name for plan in asked for name in plan)
        each = self._of_each(changes, len(asked))
        if workers is None or workers == 1 or len(asked) < 2:
            ask = getattr(self, verb)
            return [ask(plan, changes=own) for plan, own in zip(asked, each, strict=True)]
        count = min(workers, len(asked))
        return answers(self, verb, asked, each, count)

    def _of_each(
        self, changes: Changes | Sequence[Changes] | None, count: int
    ) -> Sequence[Changes | None]:
        if changes is None or isinstance(changes, Mapping):
            return [changes] * count
        if len(changes) != count:
            raise RequestError(f"{len(changes)} changes for {count} plans; give each plan its own")
        return changes


def _columns_by_kind(model: ActivityModel) -> dict[str, Indices]:
    """Return the activities of each kind that a reply shows, in the order of the tables."""
    return {
        kind: np.array(
            [j for j, activity in enumerate(model.activities) if activity.kind == kind],
            dtype=np.int64,
        )
        for kind in ("ship", "site", "supply", "deliver")
    }


def _made(network: Network, objective: Objective, ties: Ties, of: str | None = None) -> Trafficker:
    return Trafficker(network, objective=objective, ties=ties, of=of)
