"""The trafficker kept ready: its answers are those of `respond`, which starts from nothing."""

from __future__ import annotations

import dataclasses
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.errors import InputError, RequestError
from flowopt.network import schema
from flowopt.network.checks.validation import find_problems
from flowopt.network.network import Network
from flowopt.network.read import read_network
from flowopt.planning.overrides import Changes
from flowopt.planning.respond import respond
from flowopt.planning.trafficker import Trafficker
from tests.draws import draws
from tests.network.overlays import BASE
from tests.networks import effect, line, measure, shipped
from tests.oracles import rounding
from tests.oracles.response import Aim, Objective, best_response
from tests.oracles.rounding import same
from tests.strategies import networks, plans

OBJECTIVES = ["flow", "profit", "bilevel"]


def drawn_changes(draw: st.DrawFn, network: Network) -> dict[tuple[str, ...], dict[str, float]]:
    """Other numbers for a few rows, some of them 0."""
    numbers = st.sampled_from([0.0, 0.5, 3.0, 40.0])
    found: dict[tuple[str, ...], dict[str, float]] = {}
    for arc in draw(st.lists(st.sampled_from(network.arcs), max_size=2)):
        found["arcs", arc.arc] = {"capacity": draw(numbers), "cost": draw(numbers)}
    for supply in draw(st.lists(st.sampled_from(network.supplies), max_size=2)):
        found["supplies", supply.node, supply.commodity] = {"capacity": draw(numbers)}
    for demand in draw(st.lists(st.sampled_from(network.demands), max_size=1)):
        key = ("demands", demand.node, demand.commodity)
        found[key] = {"price": 100.0 * draw(numbers), "weight": draw(numbers)}
        if not demand.pool:
            found[key]["quantity"] = draw(numbers)
    shares = st.sampled_from([0.0, 0.25, 0.5, 1.0])
    for arc in draw(st.lists(st.sampled_from(network.arcs), max_size=1)):
        found.setdefault(("arcs", arc.arc), {})["loss"] = draw(shares)
    if network.recipes:
        for row in draw(st.lists(st.sampled_from(network.recipes), max_size=1)):
            quantity = row.quantity * draw(st.sampled_from([0.5, 2.0]))
            found["recipes", row.recipe, row.commodity] = {"quantity": quantity}
    if network.effects:
        for one in draw(st.lists(st.sampled_from(network.effects), max_size=2)):
            column = draw(st.sampled_from(["cut", "loss", "cost", "uptime", "corruption"]))
            found.setdefault(("effects", one.measure), {})[column] = draw(shares)
    if network.reforms:
        reform = draw(st.sampled_from(network.reforms))
        found["reforms", reform.measure, reform.target] = {"corruption": draw(shares)}
    return found


changes_of = st.composite(drawn_changes)


def changed(network: Network, changes: dict[tuple[str, ...], dict[str, float]]) -> Network:
    """The network with the changes in its rows: written here once more, on purpose."""

    def rows(table: str, *key: str) -> list[Any]:
        return [
            dataclasses.replace(
                row, **changes.get((table, *(getattr(row, column) for column in key)), {})
            )
            for row in getattr(network, table)
        ]

    return dataclasses.replace(
        network,
        arcs=tuple(rows("arcs", "arc")),
        supplies=tuple(rows("supplies", "node", "commodity")),
        demands=tuple(rows("demands", "node", "commodity")),
        recipes=tuple(rows("recipes", "recipe", "commodity")),
        effects=tuple(rows("effects", "measure")),
        reforms=tuple(rows("reforms", "measure", "target")),
    )


@settings(max_examples=draws(12))
@given(data=st.data(), objective=st.sampled_from(["flow", "profit"]))
def test_changes_are_answered_as_if_they_stood_in_the_files(
    data: st.DataObject, objective: Objective
) -> None:
    network = data.draw(networks())
    trafficker = Trafficker(network, objective=objective)
    for _ in range(3):
        plan = data.draw(plans(network))
        changes = data.draw(changes_of(network)) if data.draw(st.booleans()) else {}
        other = changed(network, changes)
        if find_problems(other)[0]:
            with pytest.raises(InputError):
                trafficker.value(plan, changes=changes)
            continue
        truth = best_response(other, plan, objective)
        size = rounding.size(other, objective)
        value = trafficker.value(plan, changes=changes)
        assert same(value, truth.value, objective, size)
        reply = trafficker.respond(plan, changes=changes)
        assert same(reply.value, truth.value, objective, size)
        if objective == "flow":
            assert same(reply.cost, truth.cost, "profit", best_response(other).cost)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_answers_are_those_of_respond(objective: Aim) -> None:
    network = shipped("tiny")
    trafficker = Trafficker(network, objective=objective)
    for plan in ([], ["m_strip"], ["m_uproot", "m_scanner"], ["m_scanner"], []):
        full, reply = respond(network, plan, objective=objective), trafficker.respond(plan)
        assert trafficker.response(plan) == full
        assert trafficker.value(plan) == pytest.approx(full.value)
        assert reply.measures == full.measures
        assert reply.cost == pytest.approx(full.expenses)
        for name in ("value", "delivered", "weighted", "revenue", "profit"):
            assert getattr(reply, name) == pytest.approx(getattr(full, name)), name
        assert dict(zip(trafficker.arcs, reply.flows, strict=True)) == pytest.approx(
            {(row.arc, row.commodity): row.flow for row in full.flows}
        )
        assert dict(zip(trafficker.sites, reply.runs, strict=True)) == pytest.approx(
            {row.site: row.activity for row in full.sites}
        )
        assert dict(zip(trafficker.supplies, reply.supplied, strict=True)) == pytest.approx(
            {(row.node, row.commodity): row.supplied for row in full.supplies}
        )
        assert dict(zip(trafficker.markets, reply.deliveries, strict=True)) == pytest.approx(
            {(row.node, row.commodity): row.delivered for row in full.markets}
        )


def test_full_tables_with_changes_are_those_of_the_changed_network() -> None:
    trafficker = Trafficker(shipped("tiny"))
    dry: Changes = {("supplies", "F_HILLS", "leaf"): {"capacity": 500.0}}
    full = trafficker.response(["m_strip"], changes=dry)
    assert full.value == pytest.approx(trafficker.value(["m_strip"], changes=dry)) == 5.0
    assert full.input_sha256 != trafficker.network.sha256
    assert trafficker.value(["m_strip"]) == 9.0


def test_orders_of_magnitude_are_as_exact_as_in_a_network_of_their_own() -> None:
    ends = [("a1", "A", "T"), ("a2", "T", "M")]
    arcs = [schema.Arc(arc=a, tail=t, head=h, commodities=("c",), cost=1.0) for a, t, h in ends]
    network = line(arcs=arcs)
    trafficker = Trafficker(network, objective="profit")
    for factor in (1e-9, 1e9, 1e-5, 1.0):
        changes: Changes = {
            **{
                ("supplies", row.node, row.commodity): {"capacity": 7.0 * factor}
                for row in network.supplies
            },
            **{
                ("demands", row.node, row.commodity): {"quantity": 5.0 * factor, "price": 900.0}
                for row in network.demands
            },
        }
        value = trafficker.value(changes=changes)
        assert value == pytest.approx(5.0 * factor * 0.898, rel=1e-9)


def test_a_scenario_is_the_network_that_it_makes() -> None:
    base = read_network(BASE)
    trafficker, dry = Trafficker(base, scenario="dry"), base.scenario("dry")
    assert trafficker.network == dry
    for plan in ([], ["m1"], ["m3", "m6"]):
        assert trafficker.value(plan) == pytest.approx(Trafficker(dry).value(plan), rel=1e-9)
    assert pickle.loads(pickle.dumps(trafficker)).network == dry
    with pytest.raises(RequestError, match="did you mean 'dry'"):
        Trafficker(base, scenario="dri")


def test_the_changes_of_a_scenario_can_be_given_one_by_one() -> None:
    """Numbers put into the model are those of the files that `Network.scenario` makes."""
    base = read_network(BASE)
    rows = [
        schema.Change(scenario="dry", on="supply", target="F*", column="capacity", factor=0.8),
        schema.Change(scenario="dry", on="arc", target="a3", column="loss", value=0.2),
        schema.Change(scenario="dry", on="recipe", target="cook", commodity="acid",
                      column="quantity", value=-2.5),
        schema.Change(scenario="dry", on="effect", target="m1", column="cut", factor=0.5),
        schema.Change(scenario="dry", on="effect", target="m6", column="uptime", factor=0.5),
        schema.Change(scenario="dry", on="reform", target="m5", column="corruption", value=0.01),
        schema.Change(scenario="dry", on="pool", target="kettles", column="capacity", value=30.0),
    ]  # fmt: skip
    network = base.replace(changes=rows)
    by_hand: Changes = {
        ("supplies", "Farm", "leaf"): {"capacity": 800.0},
        ("arcs", "a3"): {"loss": 0.2},
        ("recipes", "cook", "acid"): {"quantity": -2.5},
        ("effects", "m1"): {"cut": 0.25},
        ("effects", "m6", "demand"): {"uptime": 0.5},
        ("effects", "m6", "site"): {"uptime": 0.25},
        ("reforms", "m5", "m[12]"): {"corruption": 0.01},
        ("pools", "kettles"): {"capacity": 30.0},
    }
    scenario, trafficker = Trafficker(network, scenario="dry"), Trafficker(network)
    assert trafficker.response(changes=by_hand).flows == scenario.response().flows
    every = [row.measure for row in base.measures]
    for plan in ([], ["m1"], ["m1", "m5"], ["m3", "m6"], every):
        value = trafficker.value(plan, changes=by_hand)
        assert value == pytest.approx(scenario.value(plan), rel=1e-9)


def test_a_closure_that_becomes_partial_is_answered_and_forgotten() -> None:
    network = line(measures=[measure("m1")], effects=[effect("m1", "arc", "a1", cut=1.0)])
    trafficker = Trafficker(network)
    assert (trafficker.value(), trafficker.value(["m1"])) == (10.0, 0.0)
    half: Changes = {("effects", "m1"): {"cut": 0.5}}
    changed_arc = {**half, ("arcs", "a1"): {"capacity": 4.0}}
    reply = trafficker.respond(["m1"], changes=changed_arc)
    assert reply.value == pytest.approx(2.0)
    assert dict(zip(trafficker.arcs, reply.flows, strict=True))["a1", "c"] == pytest.approx(2.0)
    assert trafficker.value(["m1"]) == 0.0


def test_a_limit_where_there_was_none_and_back() -> None:
    network = line(arcs=[schema.Arc(arc="a1", tail="A", head="M", commodities=("c",))])
    trafficker = Trafficker(network)
    free = trafficker.value()
    assert trafficker.value(changes={("arcs", "a1"): {"capacity": 2.5}}) == 2.5
    assert trafficker.value() == free
    assert trafficker.value(changes={("supplies", "A", "c"): {"capacity": None}}) == 10.0


@pytest.mark.parametrize(
    "workers",
    # quick: the script of docs/modellers.md, whose values come from workers
    [None, pytest.param(2, marks=pytest.mark.slow)],
)
def test_many_plans_come_back_in_their_order(workers: int | None) -> None:
    trafficker = Trafficker(shipped("tiny"))
    many = [[], ["m_strip"], ["m_uproot"], [], ["m_uproot", "m_strip"], ["m_crops"]]
    expected = [respond(trafficker.network, plan).value for plan in many]
    replies = trafficker.respond_many(iter(many), workers=workers)
    assert [reply.value for reply in replies] == pytest.approx(expected)
    assert not replies[-1].flows.flags.writeable
    dry: list[Changes] = [
        {("supplies", "F_HILLS", "leaf"): {"capacity": 100.0 * n}} for n in range(6)
    ]
    dry[4:] = [{}, {}]
    expected[:4] = [0.0, 1.0, 2.0, 3.0]
    plans = [*([list[str]()] * 4), *many[4:]]
    assert trafficker.values(plans, changes=dry, workers=workers) == pytest.approx(expected)


def test_what_fails_in_a_worker_is_raised_as_itself() -> None:
    trafficker = Trafficker(shipped("tiny"))
    wrong: list[Changes] = [{}, {("arcs", "nowhere"): {"capacity": 1.0}}, {}]
    with pytest.raises(RequestError, match="nowhere"):
        trafficker.values([[], [], []], changes=wrong, workers=2)


SCRIPT = """
import flowopt
trafficker = flowopt.Trafficker(flowopt.read_network("networks/tiny"))
{guard}print(trafficker.values([[], ["m_strip"], ["m_uproot"]], workers=2).tolist())
"""


@pytest.mark.slow  # quick: test_many_plans_come_back_in_their_order starts workers, too
def test_a_script_shares_its_plans_and_one_without_a_guard_does_not_hang(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    for guard in ('if __name__ == "__main__": ', ""):
        script.write_text(SCRIPT.format(guard=guard))
        ran = subprocess.run(
            [sys.executable, script], capture_output=True, text=True, timeout=120, check=False
        )
        if guard:
            assert ran.stdout == "[10.0, 9.0, 5.0]\n", ran.stderr
        else:
            assert ran.returncode
            assert 'below if __name__ == "__main__":' in ran.stderr


def test_it_pickles_as_what_it_was_made_of() -> None:
    trafficker = Trafficker(shipped("tiny"), objective="bilevel", ties="optimistic")
    trafficker.value(["m_strip"])
    again = pickle.loads(pickle.dumps(trafficker))
    assert (again.objective, again.ties, again.network) == (
        "bilevel",
        "optimistic",
        trafficker.network,
    )
    assert again.value(["m_strip"]) == pytest.approx(trafficker.value(["m_strip"]))
    reply = pickle.loads(pickle.dumps(trafficker.respond()))
    assert np.array_equal(reply.flows, trafficker.respond().flows)


def test_wrong_requests_are_told_all_at_once() -> None:
    trafficker = Trafficker(shipped("tiny"))
    with pytest.raises(RequestError) as error:
        trafficker.values([["m_strp"], ["m_road"]])
    assert "'m_strp' is not in the network; did you mean 'm_strip'?" in str(error.value)
    assert "'m_road'" in str(error.value)
    wrong: dict[Any, Any] = {
        ("supply", "F_HILLS"): {"capacity": 1.0},
        ("arcs", "rode"): {"capacity": 1.0},
        ("arcs", "road"): {"capacity": -1.0, "loss": 1.5},
        ("demands", "M_EAST", "product"): {"quantity": None},
        ("nodes", "T_TOWN"): {"capacity": 5.0},
        ("supplies", "F_HILLS", "leaf"): {"capacity": None, "cost": float("nan")},
    }
    with pytest.raises(RequestError) as error:
        trafficker.value(changes=wrong)
    said = str(error.value).splitlines()
    assert len(said) == 8
    assert "did you mean ('arcs', 'road')?" in said[1]
    unknown: tuple[dict[str, Any], ...] = ({"objective": "tonnes"}, {"ties": "even"})
    for option in unknown:
        with pytest.raises(RequestError):
            Trafficker(shipped("tiny"), **option)
    with pytest.raises(RequestError, match="workers 0"):
        trafficker.values([[]], workers=0)
    with pytest.raises(RequestError, match="2 changes for 1 plans"):
        trafficker.values([[]], changes=[{}, {}])


def test_rows_of_a_pool_change_at_the_pool() -> None:
    demands = [
        schema.Demand(node="M", commodity="c", quantity=6.0, price=1000.0, pool="all"),
        schema.Demand(node="T", commodity="c", quantity=6.0, price=2000.0, pool="all"),
    ]
    trafficker = Trafficker(line(demands=demands))
    assert trafficker.value() == 6.0
    changes: Changes = {("pools", "all"): {"capacity": 4.0}}
    assert trafficker.value(changes=changes) == 4.0
    assert trafficker.response(changes=changes).value == 4.0
    with pytest.raises(RequestError, match="change \\('pools', 'all'\\) instead"):
        trafficker.value(changes={("demands", "M", "c"): {"quantity": 4.0}})


def test_an_answer_that_breaks_off_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    network = line(measures=[measure("m1")], effects=[effect("m1", "arc", "a1", cut=0.75)])
    trafficker = Trafficker(network)
    before = trafficker.value()
    hot = trafficker._hot
    with monkeypatch.context() as patch:
        patch.setattr(hot._lp, "cost_columns", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            trafficker.respond(["m1"], changes={("supplies", "A", "c"): {"capacity": 1.0}})
    assert trafficker.value() == before
    assert trafficker.value(["m1"]) == respond(network, ["m1"]).value


def test_one_answer_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second thread, and the first one from within its own call, are refused."""
    trafficker = Trafficker(shipped("tiny"))
    real, refused = trafficker._hot.value, []

    def ask() -> None:
        for question in (trafficker.value, trafficker.respond):
            with pytest.raises(RequestError, match="one at a time, to one thread"):
                question(["m_strip"])
            refused.append(question)

    def busy(plan: Any) -> float:
        ask()
        other = threading.Thread(target=ask)
        other.start()
        other.join()
        return real(plan)

    with monkeypatch.context() as patch:
        patch.setattr(trafficker._hot, "value", busy)
        assert trafficker.value(["m_strip"]) == 9.0
    assert len(refused) == 4
    assert trafficker.value(["m_strip"]) == pickle.loads(pickle.dumps(trafficker)).value(
        ["m_strip"]
    )
    with pytest.raises(RequestError, match="no such row"):
        trafficker.value(changes={("arcs", "rode"): {"capacity": 1.0}})
    assert trafficker.value() == 10.0


def test_threads_that_share_one_get_answers_or_a_reason() -> None:
    trafficker, network = Trafficker(shipped("two-bridges")), shipped("two-bridges")
    truth = {m: respond(network, [m]).value for m in trafficker.measures}
    wrong: list[Any] = []

    def work(turns: int) -> None:
        for turn in range(turns):
            name = trafficker.measures[turn % len(trafficker.measures)]
            try:
                value = trafficker.value([name])
            except RequestError:
                continue
            if value != pytest.approx(truth[name]):
                wrong.append((name, value))

    threads = [threading.Thread(target=work, args=(300,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
