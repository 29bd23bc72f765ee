"""Plans for a part of the markets: `of`, held against brute force in exact numbers."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flowopt.errors import RequestError
from flowopt.network import schema
from flowopt.network.market_parts import part_of
from flowopt.network.network import Network
from flowopt.network.write import write_network
from flowopt.objectives import Objective
from flowopt.planning.compare import compare
from flowopt.planning.enumerate import prove_best
from flowopt.planning.evaluate import evaluate
from flowopt.planning.formulate import formulate
from flowopt.planning.overrides import Changes
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.planning.trafficker import Trafficker
from flowopt.planning.verify import verify
from flowopt.report.programmes import write_programme
from tests import strategies
from tests.command import run
from tests.draws import draws
from tests.networks import effect, line, measure, shipped
from tests.oracles.enumerate import feasible_plans, plan_cost
from tests.oracles.part import most_reaching, pairs_of, served
from tests.oracles.rounding import EQUAL, optimal, same, size
from tests.planning.tampering import edit
from tests.planning.verify_results import CERTIFICATE, SUMMARY, failed, write
from tests.report.test_programmes import by_highs


def fork() -> Network:
    """Return 10 t that go to E (up to 8 t) or W (up to 8 t), W by a leg that loses half.

    A trafficker who serves both brings 8 t to E. One that counts W alone brings 5 t there.
    """
    return line(
        nodes=[
            schema.Node(node="A", name="Area", kind="area"),
            schema.Node(node="T", name="Town", kind="transit"),
            schema.Node(node="E", name="East", kind="market", country="Eastland", continent="Old"),
            schema.Node(node="W", name="West", kind="market", country="Westland", continent="New"),
        ],
        arcs=[
            schema.Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=10.0),
            schema.Arc(arc="a2", tail="T", head="E", commodities=("c",)),
            schema.Arc(arc="a3", tail="T", head="W", commodities=("c",), loss=0.5),
        ],
        demands=[
            schema.Demand(node="E", commodity="c", quantity=8.0, price=2.0),
            schema.Demand(node="W", commodity="c", quantity=8.0, price=9.0),
        ],
        measures=[measure("narrow", 3.0), measure("ban", 2.0)],
        effects=[effect("narrow", "arc", "a1", cut=0.6), effect("ban", "demand", "E", cut=1.0)],
    ).replace()


def a_part(network: Network, draw: Callable[[Any], Any]) -> str:
    """Draw a part of the markets that weighs something."""
    nodes, names = {row.node: row for row in network.nodes}, set()
    for demand in network.demands:
        node = nodes[demand.node]
        if demand.weight == 0.0:
            continue
        names |= {f"market:{demand.node}", f"commodity:{demand.commodity}"}
        names |= {f"continent:{node.continent}"} if node.continent else set()
        names |= {f"country:{node.country}"} if node.country else set()
    assume(names)
    chosen: str = draw(st.sampled_from(sorted(names)))
    return chosen


def check_budget(network: Network, of: str, budget: float) -> None:
    """Hold the best plan for a budget, and what is said of it, against brute force."""
    part, scale = pairs_of(network, of), size(network, "flow")
    found = solve(network, budget=budget, of=of)
    values = {p: most_reaching(network, p, part) for p in feasible_plans(network, budget)}
    assert found.of == str(part_of(network, of))
    assert found.status == "optimal"
    assert found.value is not None
    assert found.after is not None
    assert same(found.baseline, most_reaching(network, (), part), "flow", scale)
    assert optimal(found.value, min(values.values()), "flow", scale)
    assert same(found.value, values[found.measures], "flow", scale)
    check_flows(network, found.measures, part, found.value, found.after.markets)
    for when, plan in (("before", ()), ("after", found.measures)):
        least, most = served(network, plan, part)
        assert same(found.served[when].least.value, least, "bilevel", scale)
        assert same(found.served[when].most.value, most, "bilevel", scale)


def check_flows(network: Network, plan: Any, part: Any, value: float, markets: Any) -> None:
    """Hold the flows shown to the value, and to the most that all markets then get."""
    weight = {(row.node, row.commodity): row.weight for row in network.demands}
    counted = {(row.node, row.commodity): weight[row.node, row.commodity] * row.delivered
               for row in markets}  # fmt: skip
    scale = size(network, "flow")
    there = sum(tonnes for pair, tonnes in counted.items() if pair in part)
    assert same(there, value, "flow", scale)
    everywhere = sum(counted.values())
    # Whoever must bring so much to the part can bring no more in all.
    heavy = tuple(
        replace(row, weight=row.weight * (1e6 if (row.node, row.commodity) in part else 1.0))
        for row in network.demands
    )
    both = most_reaching(replace(network, demands=heavy), plan, set(weight))
    assert everywhere == pytest.approx(both - (1e6 - 1.0) * there, rel=1e-4, abs=1e-3 * scale)


def check_target(network: Network, of: str, share: float) -> None:
    """Hold the cheapest plan for a target against brute force."""
    part, scale = pairs_of(network, of), size(network, "flow")
    baseline = most_reaching(network, (), part)
    plans = list(feasible_plans(network, 1e9))
    values = {plan: most_reaching(network, plan, part) for plan in plans}
    target = float(f"{share * baseline + (1.0 - share) * min(values.values()):.6g}")
    if any(abs(value - target) < 1e-4 * scale for value in values.values()):
        return  # rounding says which side it is on
    reach = [plan_cost(network, plan) for plan, value in values.items() if value <= target]
    found = solve(network, target=target, of=of)
    if not reach:
        assert found.status == "infeasible"
        return
    assert found.status == "optimal"
    assert found.spent == pytest.approx(min(reach), abs=1e-6)
    assert found.value is not None
    assert found.value <= target + EQUAL * scale


@settings(max_examples=draws(20))
@given(st.data())
def test_best_plan_for_a_part_is_that_of_brute_force(data: st.DataObject) -> None:
    network = data.draw(strategies.networks(min_measures=1, max_measures=5))
    check_budget(network, a_part(network, data.draw), data.draw(strategies.budgets(network)))


@settings(max_examples=draws(20))
@given(st.data())
def test_cheapest_plan_for_a_target_of_a_part_is_that_of_brute_force(data: st.DataObject) -> None:
    network = data.draw(strategies.networks(min_measures=1, max_measures=5))
    check_target(network, a_part(network, data.draw), data.draw(st.sampled_from((0.0, 0.3, 0.7))))


@settings(max_examples=draws(15))
@given(st.data())
def test_without_losses_the_most_that_can_reach_a_part_also_does_when_all_are_served(
    data: st.DataObject,
) -> None:
    """Of a plain maximum flow any flow to a part is a part: the formulation proves it."""
    network = data.draw(strategies.pure_networks(min_measures=1))
    found = solve(network, budget=data.draw(strategies.budgets(network)), of="market:M_1")
    for when, value in (("before", found.baseline), ("after", found.value)):
        assert value == pytest.approx(found.served[when].most.value, rel=1e-6, abs=1e-6)


@settings(max_examples=10)
@given(st.data())
def test_frontier_of_a_part_is_that_of_brute_force(data: st.DataObject) -> None:
    network = data.draw(strategies.networks(min_measures=1, max_measures=4))
    of = a_part(network, data.draw)
    part, scale = pairs_of(network, of), size(network, "flow")
    budgets = sorted({0.0, data.draw(strategies.budgets(network))})
    found = compare(network, budgets=budgets, of=of)
    assert (found.of, found.summary()["of"]) == (str(part_of(network, of)),) * 2
    for row in found.frontier:
        plans = list(feasible_plans(network, row.budget))
        values = {plan: most_reaching(network, plan, part) for plan in plans}
        assert row.status == "optimal"
        assert optimal(row.value, min(values.values()), "flow", scale)
        assert same(row.value, values[tuple(filter(None, row.measures.split(";")))], "flow", scale)
        assert same(row.baseline, values[()], "flow", scale)
    for rung in found.ladder:
        bought = [
            m for row in found.ladder if row.budget <= rung.budget for m in row.buy.split(";")
        ]
        assert same(rung.value, most_reaching(network, filter(None, bought), part), "flow", scale)


@pytest.mark.slow
@settings(max_examples=draws(15))
@given(st.data())
def test_trafficker_of_a_part_brings_there_what_brute_force_does(data: st.DataObject) -> None:
    network = data.draw(strategies.networks(min_measures=1, max_measures=4))
    of = a_part(network, data.draw)
    part, scale = pairs_of(network, of), size(network, "flow")
    trafficker = Trafficker(network, of=of)
    for plan in feasible_plans(network, 1e9):
        assert same(trafficker.value(plan), most_reaching(network, plan, part), "flow", scale)
        assert same(respond(network, plan, of=of).value, trafficker.value(plan), "flow", scale)
    row = network.demands[0]
    more: Changes = {("demands", row.node, row.commodity): {"weight": row.weight + 0.5}}
    heavier = replace(row, weight=row.weight + 0.5)
    changed = replace(network, demands=(heavier, *network.demands[1:]))
    left = most_reaching(changed, (), part)
    assert same(trafficker.value(changes=more), left, "flow", size(changed, "flow"))
    assert pickle.loads(pickle.dumps(trafficker)).of == trafficker.of == str(part_of(network, of))


@pytest.mark.parametrize("objective", ["flow", "bilevel"])
@pytest.mark.parametrize("of", ["Eastland", "Northland"])
def test_exported_programme_of_a_part_has_the_value_of_solve(
    objective: Objective, of: str, tmp_path: Path
) -> None:
    network = shipped("tiny")
    programme = formulate(network, budget=3, of=of, objective=objective)
    write_programme(programme, tmp_path / "part.lp")
    best = solve(network, budget=3, of=of, objective=objective, ties="optimistic")
    assert programme.of == best.of
    assert by_highs(tmp_path / "part.lp")[0] == pytest.approx(best.value, rel=1e-6)


def test_part_is_the_same_in_every_network_of_a_comparison() -> None:
    other = fork().replace(
        info=schema.Info(id="other", title="Other"),
        nodes=[replace(row, name="Old" if row.node == "W" else row.name, continent="")
               for row in fork().nodes],
    )  # fmt: skip
    found = compare([fork(), other], budgets=(0, 3), of="market:W")
    assert [row.baseline for row in found.frontier] == [5.0] * 4
    with pytest.raises(RequestError, match="'Old' is continent:Old in one network and market:W in"):
        compare([fork(), other], budgets=(0, 3), of="Old")


def test_frontier_of_a_part_is_verified_shown_and_resumed_as_such(tmp_path: Path) -> None:
    write_network(fork(), tmp_path / "fork")
    asked = ["--budgets", "0:5:1", "--of", "New"]
    done = run("compare", tmp_path / "fork", *asked, "--workers", 1, "--out", tmp_path / "out")
    assert "What budgets do to what can reach New: 5.00 t a year" in done.stdout
    assert "That is the most that can reach New, whatever else the trafficker does" in " ".join(
        done.stdout.split()
    )
    assert failed(verify(tmp_path / "out")) == []
    assert run("verify", tmp_path / "out", "--enumerate").returncode == 0
    assert run("report", tmp_path / "out").returncode == 0
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "That is the most that can reach New" in page
    assert "--budgets 0:5:1 --of continent:New" in page
    for other in ("continent:Old", "continent:Nowhere", "x"):
        edit(tmp_path / "out", SUMMARY, (("of",), other), (("options", "of"), other))
        edit(tmp_path / "out", CERTIFICATE, (("of",), other), (("options", "of"), other))
        assert failed(verify(tmp_path / "out")) != []
    keep = tmp_path / "kept"
    compare(fork(), budgets="0:5:1", of="New", keep=keep)
    with pytest.raises(RequestError, match="what differs: of"):
        compare(fork(), budgets="0:5:1", of="Old", keep=keep, resume=True)


def test_flow_of_a_part_is_verified_and_says_what_it_is(tmp_path: Path) -> None:
    write_network(fork(), tmp_path / "fork")
    done = run("flow", tmp_path / "fork", "--of", "New", "--out", tmp_path / "out")
    assert "What can reach New: 5.00 t a year." in done.stdout
    assert failed(verify(tmp_path / "out")) == []
    edit(tmp_path / "out", SUMMARY, (("of",), "continent:Old"))
    assert failed(verify(tmp_path / "out")) != []


def test_value_is_the_most_that_can_reach_the_part_and_flows_serve_the_others_next() -> None:
    found = solve(fork(), budget=3.0, of="New")
    assert (found.baseline, found.value, found.measures) == (5.0, 2.0, ("narrow",))
    assert [row.delivered for row in found.before.markets] == [0.0, 5.0]
    ends = {when: (each.least.value, each.most.value) for when, each in found.served.items()}
    assert ends == {"before": (1.0, 1.0), "after": (0.0, 0.0)}


def test_flows_shown_serve_the_others_with_what_is_left() -> None:
    found = solve(fork(), budget=0.0, of="Eastland")
    assert [row.delivered for row in found.before.markets] == [8.0, 1.0]


def test_bilevel_counts_what_a_trafficker_for_profit_brings_there() -> None:
    found = solve(fork(), target=2.0, of="West", objective="bilevel")
    assert (found.baseline, found.value, found.measures) == (5.0, 2.0, ("narrow",))
    assert found.after is not None
    assert [row.delivered for row in found.after.markets] == [0.0, 2.0]
    assert dict(found.served) == {}


def test_profit_of_a_part_is_refused() -> None:
    with pytest.raises(RequestError, match="no profit is made there alone"):
        solve(fork(), budget=3.0, of="Old", objective="profit")


def test_part_that_weighs_nothing_is_refused() -> None:
    network = fork()
    light = network.replace(demands=[replace(row, weight=0.0) for row in network.demands])
    with pytest.raises(RequestError, match="deliveries to Old have a weight of 0"):
        solve(light, budget=3.0, of="Old")


def test_target_that_no_plan_reaches_says_what_is_left() -> None:
    found = solve(fork(), target=1.0, of="New")
    assert found.status == "infeasible"
    assert "All 2 measures together bring what can reach New to 2." in found.reasons[0]


def test_evaluation_values_plans_for_the_part() -> None:
    found = evaluate(fork(), ["ban"], of="Old", against=["coverage"])
    assert (found.of, found.baseline, found.value) == ("continent:Old", 8.0, 0.0)
    assert found.best is not None
    assert found.best.value == 0.0
    assert found.served["after"].most.value == 0.0


def test_of_is_on_record_only_where_it_was_given() -> None:
    assert solve(fork(), budget=3.0, of="new").options["of"] == "continent:New"
    assert "of" not in solve(fork(), budget=3.0).options
    assert "of" not in solve(fork(), budget=3.0).summary()


QUESTIONS: list[tuple[dict[str, Any], str]] = [
    ({"budget": 3.0, "of": "New", "alternatives": 2}, "flow"),
    ({"target": 3.0, "of": "commodity:c"}, "flow"),
    ({"target": 0.5, "of": "New"}, "flow"),
    ({"budget": 2.0, "of": "E"}, "bilevel"),
    ({"measures": ["ban"], "of": "market:E", "against": ["coverage"]}, "flow"),
]


@pytest.mark.parametrize(("question", "objective"), QUESTIONS)
def test_results_are_verified_and_tried_plan_by_plan(
    question: dict[str, Any], objective: str, tmp_path: Path
) -> None:
    write(fork(), tmp_path / "out", question, objective)
    assert failed(verify(tmp_path / "out")) == []
    assert prove_best(tmp_path / "out", fork()).passed


def test_result_that_names_another_part_fails(tmp_path: Path) -> None:
    write(fork(), tmp_path / "out", {"budget": 3.0, "of": "New"}, "flow")
    for other in ("continent:Old", "continent:Nowhere", "market:W", "x"):
        changes = [((key,), other) for key in ("of",)] + [(("options", "of"), other)]
        for name in (SUMMARY, CERTIFICATE):
            edit(tmp_path / "out", name, *changes)
        sound = other == "market:W"  # the same demands
        assert (failed(verify(tmp_path / "out")) == []) is sound


def test_result_without_its_part_fails(tmp_path: Path) -> None:
    write(fork(), tmp_path / "out", {"budget": 3.0, "of": "New"}, "flow")
    for name in (SUMMARY, CERTIFICATE):
        raw = json.loads((tmp_path / "out" / name).read_text())
        for held in (raw, raw["options"]):
            held.pop("of")
        raw.pop("served")
        (tmp_path / "out" / name).write_text(json.dumps(raw))
    assert failed(verify(tmp_path / "out"))


def test_shipped_network_takes_names_of_any_case() -> None:
    assert str(part_of(shipped("peru-2014"), "north america")) == "continent:North America"
