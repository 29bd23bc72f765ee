"""The best response against an oracle that shares no code, networkx, and arithmetic."""

from __future__ import annotations

import itertools
import math
import time
from dataclasses import replace
from typing import Literal

import networkx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowopt.errors import SolverError
from flowopt.model import lp_solver
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.bounds import derive_bounds
from flowopt.model.build import activity_model
from flowopt.model.certificate import settled
from flowopt.model.lexicographic import LaterGoals
from flowopt.model.lp_solver import LpSolver, Programme, Way
from flowopt.model.plan_effects import PlanEffects
from flowopt.network import schema
from flowopt.objectives import Objective, Ties
from flowopt.planning.respond import respond
from tests.drawn.dice import Dice
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.draws import draws
from tests.networks import effect, line, measure, shipped
from tests.oracles import rounding
from tests.oracles.response import best_response, plan_value
from tests.oracles.rounding import same
from tests.oracles.violations import violations
from tests.strategies import networks, plans, pure_networks

objectives = st.sampled_from(["flow", "profit"])


def close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("objective", ["flow", "profit"])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_flow_shown_is_worth_the_value_however_little_it_is(
    shape: str, objective: Objective
) -> None:
    for number in range(draws(10)):
        network = valid_network(Dice.seeded(f"{shape}-worth-{number}"), SHAPES[shape])
        plan, model = [row.measure for row in network.measures], activity_model(network)
        solver, before = BestResponseSolver(model, objective), None
        for some in ([], plan[:1], plan):
            acts = [model.measures.index(each) for each in some]
            found = settled(model, objective, acts, solver.respond(acts, before=before))
            before = found.activity if before is None else before
            stake = model.weight if objective == "flow" else model.price - found.cost
            reached, gross = float(stake @ found.activity), float(abs(stake) @ found.activity)
            assert reached == pytest.approx(found.value, rel=1e-6, abs=1e-9 * gross)
            truth = plan_value(network, some, objective)
            assert same(found.value, truth, objective, rounding.size(network, objective))


@pytest.mark.slow
@settings(max_examples=draws(40))
@given(data=st.data(), objective=objectives)
def test_value_is_the_oracles_and_the_flow_is_feasible(
    data: st.DataObject, objective: Literal["flow", "profit"]
) -> None:
    network = data.draw(networks())
    plan = data.draw(plans(network))
    truth = best_response(network, plan, objective)
    mine = respond(network, plan, objective=objective)
    assert same(mine.value, truth.value, objective, rounding.size(network, objective))
    if objective == "flow":
        assert same(mine.expenses, truth.cost, "profit", best_response(network).cost)
        assert mine.weighted == pytest.approx(mine.value, rel=rounding.VALUE)
    else:
        assert mine.profit == pytest.approx(mine.value, rel=rounding.VALUE)
    assert not violations(
        network,
        plan,
        ship={(row.arc, row.commodity): row.flow for row in mine.flows},
        run={row.site: row.activity for row in mine.sites},
        take={(row.node, row.commodity): row.supplied for row in mine.supplies},
        deliver={(row.node, row.commodity): row.delivered for row in mine.markets},
    )


@settings(max_examples=draws(20))
@given(data=st.data(), objective=objectives)
def test_capped_prices_stay_feasible_and_as_cheap(
    data: st.DataObject, objective: Objective
) -> None:
    """The claim of `bounds`: min(pi, B) and min(mu, M) are dual feasible under every plan."""
    network = data.draw(networks())
    model = activity_model(network)
    bounds = derive_bounds(model, objective)
    plan = data.draw(st.sets(st.integers(0, max(0, len(model.measures) - 1))))
    plan = {m for m in plan if m < len(model.measures)}
    response = BestResponseSolver(model, objective).respond(plan)
    pi = np.minimum(response.good_price, bounds.netback)
    mu = np.minimum(response.capacity_price, bounds.row)
    acts = model.chosen(plan)
    earns = model.stakes(objective)[0]
    if objective == "profit":
        earns = model.price - model.costs_under(acts)
    slack = (model.used - model.made).T @ pi + model.takes.T @ mu - earns
    open_and_live = ~model.closed_under(acts) & bounds.live
    assert (slack[open_and_live] >= -1e-7).all()
    finite = np.isfinite(model.limit)
    worth = float(model.limits_under(acts)[finite] @ mu[finite])
    assert worth <= response.value + 1e-6 * max(1.0, response.value)


@settings(max_examples=draws(25))
@given(data=st.data())
def test_networkx_agrees_on_pure_networks(data: st.DataObject) -> None:
    network = data.draw(pure_networks())
    graph: networkx.DiGraph[str | tuple[str, int]] = networkx.DiGraph()
    graph.add_nodes_from(["source", "sink"])
    for index, arc in enumerate(network.arcs):
        ends = {} if arc.capacity is None else {"capacity": arc.capacity}
        graph.add_edge(arc.tail, ("arc", index), **ends)
        graph.add_edge(("arc", index), arc.head)
    for supply in network.supplies:
        limit = {} if supply.capacity is None else {"capacity": supply.capacity}
        graph.add_edge("source", supply.node, **limit)
    for demand in network.demands:
        graph.add_edge(demand.node, "sink", capacity=demand.quantity)
    assert close(respond(network).value, networkx.maximum_flow_value(graph, "source", "sink"))


def test_the_order_of_plans_leaves_no_trace() -> None:
    """The hot programme gives what a cold one gives, whatever it solved before."""
    network = line(
        measures=[measure("m1"), measure("m2"), measure("m3")],
        effects=[
            effect("m1", "arc", "a1", cut=0.75),
            effect("m2", "arc", "a2", loss=0.5),
            effect("m3", "supply", "A", cut=1.0),
        ],
    )
    model = activity_model(network)
    hot = BestResponseSolver(model)
    plans_in_order = [(), (0,), (0, 1), (2,), (1,), (0, 1, 2), ()]
    values = []
    for plan in plans_in_order:
        hot.respond(plan)
        values.append(hot.value(plan))
    assert values == pytest.approx([BestResponseSolver(model).value(p) for p in plans_in_order])
    assert values == pytest.approx([10.0, 5.0, 2.5, 0.0, 7.5, 0.0, 10.0])


def test_no_goods_go_in_circles_when_everything_is_free() -> None:
    there_and_back = [
        schema.Arc(arc="a1", tail="A", head="T", commodities=("c",)),
        schema.Arc(arc="a2", tail="T", head="M", commodities=("c",)),
        schema.Arc(arc="back", tail="T", head="A", commodities=("c",), capacity=50.0),
    ]
    flows = {row.arc: row.flow for row in respond(line(arcs=there_and_back)).flows}
    assert flows == pytest.approx({"a1": 10.0, "a2": 10.0, "back": 0.0})


@pytest.mark.parametrize("objective", ["flow", "profit"])
def test_every_plan_of_a_real_network_has_a_tidy_response(objective: Objective) -> None:
    """Holding one goal at its optimum for the next is at the edge of the solver's tolerances."""
    model = activity_model(shipped("peru-2014"))
    trafficker = BestResponseSolver(model, objective)
    random = np.random.default_rng(7)
    moves = np.array([a.kind in ("ship", "supply", "site") for a in model.activities])
    for _ in range(draws(40)):
        size = random.integers(0, 40)
        plan = random.choice(len(model.measures), size, replace=False)
        found = trafficker.respond(plan)
        earned = model.weight if objective == "flow" else model.price - found.cost
        assert float(earned @ found.activity) == pytest.approx(found.value, rel=1e-7)
        spare = (model.made - model.used) @ found.activity
        # A tidy response brings nothing in vain: what arrives at a node goes on.
        at_node = np.array([">" not in place for place, _ in model.goods])
        assert spare.min() > -1e-5
        assert spare[at_node].max() < 1e-4
        assert found.activity[moves].max() > 0.0


def test_costs_are_per_kg_entering_whatever_is_lost_behind() -> None:
    """One measure seizes half on the arc, another makes each kg entering 300 USD dearer."""
    network = line(
        measures=[measure("m1"), measure("m2")],
        effects=[
            effect("m1", "arc", "a2", loss=0.5),
            effect("m2", "arc", "a2", cost=300.0),
        ],
    )
    # 15 t enter, 7.5 t arrive at 2,000 USD/kg; 15 t x 300 USD/kg = 4.5 M USD.
    assert respond(network, ["m1", "m2"], objective="profit").value == pytest.approx(15.0 - 4.5)


@pytest.mark.parametrize("supply", [1e-4, 0.01, 1.0, 1e4])
@pytest.mark.parametrize("demand", [1e6, 1e9, 1e12])
@pytest.mark.parametrize("objective", ["flow", "profit"])
def test_a_huge_demand_does_not_drown_what_there_is(
    supply: float, demand: float, objective: Objective
) -> None:
    network = line(
        arcs=[schema.Arc(arc="a1", tail="A", head="M", commodities=("c",))],
        supplies=[schema.Supply(node="A", commodity="c", capacity=supply)],
        demands=[schema.Demand(node="M", commodity="c", quantity=demand, price=1000.0)],
    )
    assert respond(network, objective=objective).value == pytest.approx(supply, rel=1e-9)


@pytest.mark.parametrize("objective", ["flow", "profit", "bilevel"])
def test_limits_that_never_bind_are_none_to_the_solver(objective: Objective) -> None:
    """However large they are, what it adds up stays small; but what a plan leaves of them binds."""
    vast, cut = 2.0**36, 1.0 - 2.0**-38
    ends = {"a1": ("A", "T"), "a2": ("T", "M"), "back": ("T", "A")}
    network = line(
        arcs=[
            schema.Arc(arc=arc, tail=tail, head=head, commodities=("c",), capacity=vast)
            for arc, (tail, head) in ends.items()
        ],
        supplies=[schema.Supply(node="A", commodity="c", capacity=0.5)],
        measures=[measure("m")],
        effects=[effect("m", "arc", "a1", cut=cut)],
    )
    model = activity_model(network)
    arcs = np.array([each.kind == "arc" for each in model.capacities])
    worth = 1.0 if objective != "profit" else 2.0
    solver = BestResponseSolver(model, objective)
    less = replace(model, limit=np.where(arcs, 0.125, model.limit))
    for now, plan, value in (
        (model, [], 0.5), (model, [0], 0.25), (model, [], 0.5), (less, [], 0.125), (model, [], 0.5)
    ):  # fmt: skip
        solver.rebase(now)
        found = solver.respond(plan)
        assert found.value == pytest.approx(worth * value, rel=1e-12)
        assert np.array_equal(found.limit, now.limits_under(now.chosen(plan)))
        assert (found.capacity_price[arcs] > 0.0).any() == (value < 0.5)
        sides = np.array(solver._lp.highs.getLp().row_upper_)
        assert sides[np.isfinite(sides)].max() < 1e4


@pytest.mark.parametrize(("ties", "left"), [("pessimistic", 10.0), ("optimistic", 0.0)])
def test_the_rounding_of_equal_earnings_and_costs_is_no_profit(ties: Ties, left: float) -> None:
    """0.1 + 2 + 1 USD/kg is what the market pays, but for the last digit."""
    network = line(
        arcs=[
            schema.Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=10.0, cost=2.0),
            schema.Arc(arc="a2", tail="T", head="M", commodities=("c",)),
        ],
        supplies=[schema.Supply(node="A", commodity="c", cost=0.1)],
        demands=[schema.Demand(node="M", commodity="c", quantity=10.0, price=3.1)],
        measures=[measure("m")],
        effects=[effect("m", "arc", "a1", cost=1.0)],
    )
    solver = BestResponseSolver(activity_model(network), "bilevel", ties=ties)
    assert solver.value() == pytest.approx(10.0)
    assert solver.value([0]) == pytest.approx(left)
    assert solver.respond([0]).value == pytest.approx(left)


@pytest.mark.parametrize("factor", [1e-6, 1e-3, 1e3, 1e6])
def test_the_unit_of_mass_does_not_matter(factor: float) -> None:
    network = line(
        arcs=[
            schema.Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=20.0 * factor),
            schema.Arc(arc="a2", tail="T", head="M", commodities=("c",), loss=0.25),
        ],
        supplies=[schema.Supply(node="A", commodity="c", capacity=12.0 * factor, cost=1.0)],
        demands=[schema.Demand(node="M", commodity="c", quantity=10.0 * factor, price=2000.0)],
    )
    assert respond(network).value == pytest.approx(9.0 * factor, rel=1e-9)
    profit = respond(network, objective="profit").value
    assert profit == pytest.approx((18.0 - 0.012) * factor, rel=1e-9)


@settings(max_examples=draws(30))
@given(data=st.data())
def test_what_is_touched_is_what_a_plan_makes_of_everything(data: st.DataObject) -> None:
    """Looking only at touched places gives what looking everywhere gives, to the last bit."""
    network = data.draw(networks())
    model = activity_model(network)
    effects = PlanEffects(model)
    plan = [model.measures.index(name) for name in data.draw(plans(network))]
    acts = model.chosen(plan)
    assert np.array_equal(effects.chosen(plan), acts)
    limit, cost = model.limit.copy(), model.cost.copy()
    limit[effects.cuts.places] = effects.limits(model.limit, acts)
    cost[effects.cost_increases.places] = effects.costs(model.cost, acts)
    closed = np.zeros(len(model.activities), dtype=np.bool_)
    closed[effects.closures.places] = effects.closed(acts)
    assert np.array_equal(limit, model.limits_under(acts))
    assert np.array_equal(cost, model.costs_under(acts))
    assert np.array_equal(closed, model.closed_under(acts))


def test_rebase_takes_only_other_numbers_of_the_same_network() -> None:
    model = activity_model(line())
    trafficker = BestResponseSolver(model)
    trafficker.rebase(replace(model, limit=model.limit / 2.0))
    assert trafficker.value() == 5.0
    with pytest.raises(ValueError, match="another network"):
        trafficker.rebase(activity_model(line()))


@pytest.mark.parametrize("objective", ["flow", "profit", "bilevel"])
def test_a_way_back_that_loses_nearly_all_of_nearly_nothing_is_valued(
    objective: Objective,
) -> None:
    """A flow worth 1e-16 of the best is not scaled up to what the solver refuses."""
    loss = 0.99999999
    network = line(
        arcs=[
            schema.Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=10),
            schema.Arc(arc="a2", tail="T", head="M", commodities=("c",), loss=loss),
            schema.Arc(arc="a3", tail="M", head="T", commodities=("c",), loss=loss),
        ]
    )
    found = respond(network, objective=objective)
    assert found.delivered == pytest.approx(10 * (1 - loss))


@settings(max_examples=draws(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.usefixtures("large")
def test_all_goals_at_once_lead_to_the_response_of_one_after_another(data: st.DataObject) -> None:
    network = data.draw(networks())
    model = activity_model(network)
    plan = [model.measures.index(name) for name in data.draw(plans(network))]
    together = BestResponseSolver(model).respond(plan)
    one_by_one = BestResponseSolver(model)
    one_by_one.value(plan)  # leaves a basis
    truth = one_by_one.respond(plan)
    assert together.tidy
    assert close(together.value, truth.value)
    assert close(float(together.cost @ together.activity), float(truth.cost @ truth.activity))


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("solver", ["simplex", "ipm"])  # from a tree of best uses, and without
def test_a_way_through_many_nodes_is_found_with_all_goals_at_once(
    monkeypatch: pytest.MonkeyPatch, solver: str
) -> None:
    """However much transport it takes, a tonne delivered is worth more."""
    names = [f"n{i:04}" for i in range(2_500)]
    network = line(
        nodes=[
            schema.Node(node=names[0], name="Area", kind="area"),
            *(schema.Node(node=name, name=name, kind="transit") for name in names[1:-1]),
            schema.Node(node=names[-1], name="Market", kind="market"),
        ],
        arcs=[
            schema.Arc(arc=f"a{name}", tail=name, head=head, commodities=("c",))
            for name, head in itertools.pairwise(names)
        ],
        supplies=[schema.Supply(node=names[0], commodity="c", capacity=15.0)],
        demands=[schema.Demand(node=names[-1], commodity="c", quantity=10.0, price=2000.0)],
    )
    trafficker = BestResponseSolver(activity_model(network))
    ways: list[tuple[str, bool]] = []
    honest = LpSolver._solved_by

    def noted(self: LpSolver, lp: Programme, way: Way, *, leave: float | None = None) -> bool:
        solved = honest(self, lp, way, leave=leave)
        ways.append((way.solver, -lp.highs.getObjectiveValue() * self._lp.grain > 5.0))
        return solved

    monkeypatch.setattr(LpSolver, "_solved_by", noted)
    if solver == "ipm":
        monkeypatch.setattr(lp_solver, "tree_basis", lambda _: None)
    assert trafficker.respond().value == 10.0
    assert ways[0] == (solver, True)


@pytest.mark.usefixtures("large")
def test_a_hasty_response_brings_no_more_than_passes_the_gate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = line(
        nodes=[
            schema.Node(node="A", name="Area", kind="area"),
            schema.Node(node="T", name="Town", kind="transit", capacity=4.0),
            schema.Node(node="M", name="Market", kind="market"),
        ]
    )
    trafficker = BestResponseSolver(activity_model(network))
    kinds = [(a.kind, a.row) for a in trafficker.model.activities]
    before_gate = [kind in (("supply", 0), ("ship", 0)) for kind in kinds]
    monkeypatch.setattr(trafficker._lp, "activity", lambda: np.where(before_gate, 10.0, 4.0))
    trafficker.value()
    trafficker.keep(())
    trafficker.deadline = time.perf_counter()
    assert trafficker.respond().activity.tolist() == [4.0] * len(before_gate)


@pytest.mark.parametrize("lost", [0.0, 1e-9])
def test_ties_that_are_settled_one_way_only_are_settled_so(
    lost: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With or without what counts as tied; where neither can be, that is an error."""
    network = line(demands=[*line().demands, schema.Demand(node="T", commodity="c", quantity=9.0)])
    trafficker = BestResponseSolver(activity_model(network), "bilevel")
    right, really = trafficker.value(), LaterGoals._solved_within

    def fails_once(self: LaterGoals, row: int, best: float, slack: float) -> bool:
        return slack != lost and really(self, row, best, slack)

    monkeypatch.setattr(LaterGoals, "_solved_within", fails_once)
    assert BestResponseSolver(activity_model(network), "bilevel").value() == pytest.approx(right)
    monkeypatch.setattr(LaterGoals, "_solved_within", lambda *_: False)
    with pytest.raises(SolverError, match="could not settle what is delivered"):
        trafficker.respond()


@pytest.mark.parametrize("objective", ["flow", "profit", "bilevel"])
def test_a_lossy_loop_that_nothing_enters_leads_to_nothing(objective: Objective) -> None:
    network = line(
        arcs=[
            schema.Arc(
                arc="there", tail="T", head="B", commodities=("c",), capacity=20.0, loss=1 - 5.5e-7
            ),
            schema.Arc(arc="back", tail="B", head="T", commodities=("c",), capacity=20.0),
            schema.Arc(arc="on", tail="T", head="M", commodities=("c",), capacity=20.0),
        ],
        nodes=[
            *line().nodes,
            schema.Node(node="B", name="Back", kind="transit"),
        ],
    )
    assert respond(network, objective=objective).value == 0.0
