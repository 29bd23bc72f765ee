"""Symbol table of a programme: its variables and rows by the network's own ids."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from flowopt.errors import SolverError
from flowopt.model.activities import ActivityModel, Indices, Terms
from flowopt.model.activity_bounds import useful_activity
from flowopt.model.bilevel_program import TwoLevels
from flowopt.model.bounds import derive_bounds
from flowopt.model.milp import Milp
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES, Objective

_NAME = re.compile(r"(.*?)(\d+)")
_RUNS = {
    "ship": "t/yr entering the arc",
    "site": "t/yr of activity",
    "supply": "t/yr supplied",
    "deliver": "t/yr delivered",
    "pass": "t/yr passing a measure before it acts",
    "seized": "t/yr passing a measure that seizes a share",
    "gate": "t/yr passing the capacity of a node",
}


@dataclass(frozen=True, slots=True)
class Symbol:
    """Meaning of one variable or row.

    Attributes
    ----------
    part : str
        ``variable`` or ``row``.
    name : str
        Its name in the programme.
    level : str
        ``planner`` or ``trafficker``; blank where the programme has one level.
    means : str
        In words.
    measure : str
        The measure that it is about; for a reform and what it reforms both, joined by `;`.
    on, target, commodity : str
        What it acts on, as in `effects`; or ``measure``, the other one of a rule; ``resource``;
        or ``way``, a place between the start of an arc and the stock of a node.
    """

    part: str
    name: str
    level: str
    means: str
    measure: str = ""
    on: str = ""
    target: str = ""
    commodity: str = ""


Block = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Blocks:
    """Meanings of the variables and rows of each block, in order."""

    variables: dict[str, Block]
    rows: dict[str, Block]


def symbol_rows(milp: Milp, blocks: Blocks, levels: TwoLevels | None = None) -> Iterator[Symbol]:
    """Yield the symbol of every variable, then of every row.

    Raises
    ------
    SolverError
        When the programme has a name that no block knows: a fault of this file.
    """
    for part, names, known, below in (
        ("variable", milp.names, blocks.variables, levels.below if levels else None),
        ("row", milp.row_names, blocks.rows, levels.held if levels else None),
    ):
        for index, name in enumerate(names):
            found = _NAME.fullmatch(name)
            block = known.get(found[1], []) if found else []
            if found is None or int(found[2]) >= len(block):
                raise SolverError(f"{part} {name} of the programme stands for nothing")
            level = "" if below is None else "trafficker" if below[index] else "planner"
            yield Symbol(part=part, name=name, level=level, **block[int(found[2])])


def symbols_of_one(network: Network, model: ActivityModel, objective: Objective) -> Blocks:
    """Return the blocks of the programme of one level (`interdiction`, `bilevel`)."""
    blocks = _SymbolText(network, model).plan()
    answer = _answer(network, model, objective)
    blocks.variables.update(answer.variables)
    blocks.rows.update(answer.rows)
    if OBJECTIVES[objective].programme == "bilevel":
        _add_planner(blocks)
    return blocks


def symbols_of_outcomes(
    network: Network,
    rules: ActivityModel,
    models: Iterable[ActivityModel],
    objective: Objective,
) -> Blocks:
    """Return the blocks of the programme over outcomes (`luck_programme`).

    Parameters
    ----------
    network
        Whose measures may fail.
    rules
        Of plans.
    models
        The trafficker's programme in each outcome, every measure of which has the id of the one to
        choose for it.
    objective
        Who counts what.
    """
    blocks = _SymbolText(network, rules).plan()
    if OBJECTIVES[objective].programme == "bilevel":
        _add_planner(blocks)
    for number, model in enumerate(models, start=1):
        answer = _answer(network, model, objective)
        blocks.variables.update({f"o{number}_{k}": each for k, each in answer.variables.items()})
        blocks.rows.update({f"o{number}_{k}": each for k, each in answer.rows.items()})
    return blocks


def _add_planner(blocks: Blocks) -> None:
    """Add the planner's objective, which is not the trafficker's."""
    blocks.variables["theta"] = [{"means": "the planner's objective"}]
    blocks.rows["tonnes"] = [{"means": "weighted tonnes delivered"}]


def _answer(network: Network, model: ActivityModel, objective: Objective) -> Blocks:
    """Return the blocks of the trafficker's answer: prices, and for `bilevel` the flow."""
    say = _SymbolText(network, model)
    bounds = derive_bounds(model, objective)
    live = np.flatnonzero(bounds.live)
    finite = np.isfinite(model.limit) & (model.limit > 0.0) & (bounds.row > 0.0)
    cuts = np.flatnonzero(finite[model.cuts.place])
    blocks = Blocks(
        {
            "pi": say.goods(
                np.flatnonzero(bounds.netback > 0.0), "price of a tonne, scaled to [0, 1]"
            ),
            "mu": say.capacities(
                np.flatnonzero(finite), "price of a tonne more of capacity, scaled to [0, 1]"
            ),
            "w": say.cuts(cuts, "what a measure's cut takes of the price"),
        },
        {
            "y": say.activities(live, "pays no more than its prices"),
            "link": say.cuts(cuts, "nothing unless the measure is chosen"),
            "chain": say.cuts(cuts, "no more than earlier cuts leave"),
        },
    )
    if OBJECTIVES[objective].programme == "bilevel":
        _add_flow(say, blocks, live)
    return blocks


def _add_flow(say: _SymbolText, blocks: Blocks, live: Indices) -> None:
    """Add the blocks of the trafficker's flow, which stands beside its prices in `bilevel`."""
    model = say.model
    runs = np.isin(np.arange(len(model.activities)), live)
    bounded = runs & np.isfinite(useful_activity(model, runs))
    binds = _touched(model.takes, runs) & np.isfinite(model.limit)
    cuts = np.flatnonzero(binds[model.cuts.place])
    place = model.cuts.place[cuts]
    cost_increases = np.flatnonzero(bounded[model.cost_increases.place])
    closures = np.flatnonzero(bounded[model.closures.place])
    blocks.variables.update(
        y=say.activities(live, "{}, divided by its bound"),
        t=say.cuts(cuts, "what earlier cuts leave, if the measure is chosen"),
        q=say.acts(
            model.cost_increases,
            cost_increases,
            "activity that the measure makes dearer, divided by its bound",
        ),
    )
    blocks.rows.update(
        good=say.goods(np.flatnonzero(_touched(model.used, runs)), "used up is no more than there"),
        cap=say.capacities(np.flatnonzero(binds), "capacity under the plan"),
        tlow=say.cuts(cuts, "at least what all earlier cuts together leave"),
        tchain=say.cuts(cuts[1:][place[1:] == place[:-1]], "at least what earlier cuts leave"),
        shut=say.acts(model.closures, closures, "closed by the measure"),
        rise=say.acts(model.cost_increases, cost_increases, "dearer by the measure"),
        strong=[{"means": "the flow earns what the prices cost: it is a best response"}],
    )


def symbols_of_two(network: Network, model: ActivityModel, levels: TwoLevels) -> Blocks:
    """Return the blocks of the programme of two levels (`two_levels`)."""
    say = _SymbolText(network, model)
    blocks = say.plan()
    chained = levels.cuts
    place = model.cuts.place[chained]
    blocks.variables.update(
        y=say.activities(levels.live, "{}"),
        u=say.cuts(chained, "t/yr of capacity left by the measure and those before it"),
        q=say.acts(
            model.cost_increases, levels.cost_increases, "t/yr that the measure makes dearer"
        ),
    )
    blocks.rows.update(
        good=say.goods(levels.goods, "used up is no more than there"),
        cap=say.capacities(levels.capacities, "capacity under the plan"),
        left=say.cuts(chained, "what the measure leaves, if it is chosen"),
        fall=say.cuts(chained[1:][place[1:] == place[:-1]], "no more than before the measure"),
        shut=say.acts(model.closures, levels.closures, "closed by the measure"),
        rise=say.acts(model.cost_increases, levels.cost_increases, "dearer by the measure"),
    )
    return blocks


def _touched(matrix: sparse.csc_array, runs: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return the rows in which one of some columns stands."""
    found = matrix.tocoo()
    touched = np.zeros(found.shape[0], dtype=np.bool_)
    touched[found.row[runs[found.col]]] = True
    return touched


class _SymbolText:
    """Texts for indices of an activity model."""

    def __init__(self, network: Network, model: ActivityModel) -> None:
        self.model = model
        self._network = network
        self._nodes = {node.node for node in network.nodes}
        used = model.used.tocoo()
        self._from: dict[int, int] = {}
        for good, activity in zip(used.row.tolist(), used.col.tolist(), strict=True):
            self._from.setdefault(activity, good)

    def plan(self) -> Blocks:
        """Return the blocks of the plan and its constraints."""
        model = self.model
        both = [self._measure(len(model.measures) + i) for i in range(len(model.virtual))]
        rows: dict[str, Block] = {"budget": [{"means": "the plan costs no more than the budget"}]}
        for number, resource in enumerate(model.resources):
            means = f"the plan takes no more than there is of {resource}"
            rows[f"resource{number}_"] = [{"means": means, "on": "resource", "target": resource}]
        for name, pairs in (("requires", model.requires), ("excludes", model.excludes)):
            rows[name] = [
                {"means": name, **self._measure(a), "on": "measure", "target": model.measures[b]}
                for a, b in pairs
            ]
        for name, means in (
            ("vreform", "only with the reform"),
            ("vtarget", "only with what it reforms"),
            ("vboth", "whenever both are chosen"),
        ):
            rows[name] = [{"means": means, **each} for each in both]
        variables: dict[str, Block] = {
            "x": [
                {"means": "1 if the measure is chosen", "measure": name} for name in model.measures
            ],
            "v": [{"means": "1 if both measures are chosen", **each} for each in both],
        }
        return Blocks(variables, rows)

    def goods(self, chosen: Indices, means: str) -> Block:
        """Return some goods."""
        return [{"means": means, **self._good(i)} for i in chosen.tolist()]

    def capacities(self, chosen: Indices, means: str) -> Block:
        """Return some capacities."""
        return [{"means": means, **self._capacity(i)} for i in chosen.tolist()]

    def activities(self, chosen: Indices, means: str) -> Block:
        """Return some activities; `{}` in the text is the unit of each."""
        kinds = self.model.activities
        return [
            {"means": means.format(_RUNS[kinds[j].kind]), **self._activity(j)}
            for j in chosen.tolist()
        ]

    def cuts(self, chosen: Indices, means: str) -> Block:
        """Return some cuts of capacities."""
        terms = self.model.cuts
        return [
            {"means": means, **self._capacity(place), **self._measure(measure)}
            for place, measure in _pairs(terms, chosen)
        ]

    def acts(self, terms: Terms, chosen: Indices, means: str) -> Block:
        """Return the effects of some measures on activities."""
        return [
            {"means": means, **self._activity(place), **self._measure(measure)}
            for place, measure in _pairs(terms, chosen)
        ]

    def _measure(self, index: int) -> dict[str, str]:
        measures = self.model.measures
        if index < len(measures):
            return {"measure": measures[index]}
        pair = self.model.virtual[index - len(measures)]
        return {"measure": ";".join(measures[i] for i in pair)}

    def _capacity(self, index: int) -> dict[str, str]:
        label = self.model.capacities[index]
        return {"on": label.kind, "target": label.name, "commodity": label.commodity}

    def _good(self, index: int) -> dict[str, str]:
        place, commodity = self.model.goods[index]
        on = "node" if place in self._nodes else "way"
        return {"on": on, "target": place, "commodity": commodity}

    def _activity(self, index: int) -> dict[str, str]:
        activity, network = self.model.activities[index], self._network
        if activity.kind == "ship":
            found = {"on": "arc", "target": network.arcs[activity.row].arc}
        elif activity.kind == "site":
            return {"on": "site", "target": network.sites[activity.row].site}
        elif activity.kind == "supply":
            found = {"on": "supply", "target": network.supplies[activity.row].node}
        elif activity.kind == "deliver":
            found = {"on": "demand", "target": network.demands[activity.row].node}
        else:
            return self._good(self._from[index])
        return {**found, "commodity": activity.commodity}


def _pairs(terms: Terms, chosen: Indices) -> Iterator[tuple[int, int]]:
    return zip(terms.place[chosen].tolist(), terms.measure[chosen].tolist(), strict=True)
