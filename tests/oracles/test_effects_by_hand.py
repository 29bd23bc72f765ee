"""The oracles are right about effects: every rule of the format on an example done by hand."""

from __future__ import annotations

import pytest

from flowopt.network.schema import Arc, Demand, Node, Reform, Supply
from tests.oracles.by_hand import effect, flow, line, profit
from tests.oracles.effects import named
from tests.oracles.response import best_response

# -- capacities ------------------------------------------------------------------------------------


def test_without_measures_the_arc_limits() -> None:
    assert flow(line()) == pytest.approx(10)


def test_a_cut_works_for_its_uptime_and_where_it_is_not_bought_off() -> None:
    network = line(effects=[effect("m1", "arc", "a1", cut=0.5, uptime=0.8, corruption=0.25)])
    assert flow(network, "m1") == pytest.approx(10 * (1 - 0.5 * 0.8 * 0.75))  # 7
    assert flow(network) == pytest.approx(10)


def test_cuts_of_several_measures_multiply() -> None:
    network = line(effects=[effect("m1", "arc", "a1", cut=0.5), effect("m2", "arc", "a1", cut=0.4)])
    assert flow(network, "m1", "m2") == pytest.approx(10 * 0.5 * 0.6)  # 3, and not 1


def test_rows_of_one_measure_on_one_target_multiply_too() -> None:
    network = line(
        arcs=[
            Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=10),
            Arc(arc="a2", tail="T", head="M", commodities=("c",), capacity=100),
        ],
        effects=[effect("m1", "arc", "a1", cut=0.5), effect("m1", "arc", "a*", cut=0.5)],
    )
    assert flow(network, "m1") == pytest.approx(10 * 0.5 * 0.5)


def test_globs_are_case_sensitive_and_an_id_names_itself() -> None:
    assert named("a*", ["a1", "A1", "b"]) == ["a1"]
    assert named("[!a]?", ["a1", "A1", "b1"]) == ["A1", "b1"]
    assert named("a[1]", ["a[1]", "a1"]) == ["a[1]"]
    assert named("a[1]", ["a1"]) == ["a1"]
    assert named("a", ["a1"]) == []


def test_a_working_cut_of_one_closes_the_unlimited() -> None:
    network = line(
        effects=[
            effect("m1", "arc", "a2", cut=1),
            effect("m2", "arc", "a2", cut=1, corruption=1),  # wholly bought off
            effect("m3", "supply", "A", cut=1),
            effect("m4", "node", "T", cut=1),
        ]
    )
    assert flow(network, "m1") == 0
    assert flow(network, "m2") == pytest.approx(10)
    assert flow(network, "m3") == 0
    assert flow(network, "m4") == 0


def test_a_closed_node_still_ships_what_it_supplies() -> None:
    network = line(effects=[effect("m1", "node", "A", cut=1)])
    assert flow(network, "m1") == pytest.approx(10)  # the capacity is on arrivals only


def test_an_arc_capacity_counts_what_enters_over_all_commodities() -> None:
    network = line(
        arcs=[
            Arc(arc="a1", tail="A", head="T", commodities=("c", "d"), capacity=10, loss=0.5),
            Arc(arc="a2", tail="T", head="M", commodities=("c", "d")),
        ],
        supplies=[Supply(node="A", commodity="c", capacity=4), Supply(node="A", commodity="d")],
        demands=[
            Demand(node="M", commodity="c", quantity=20, weight=3),
            Demand(node="M", commodity="d", quantity=20),
        ],
    )
    # 4 t of c and 6 t of d enter, half arrives, c counts three times: 2 x 3 + 3
    assert flow(network) == pytest.approx(9)


def test_a_node_capacity_counts_what_arrives_after_every_loss() -> None:
    nodes = [
        Node(node="A", name="A", kind="area"),
        Node(node="T", name="T", kind="transit", capacity=3),
        Node(node="M", name="M", kind="market"),
    ]
    arcs = [
        Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=10, loss=0.5, cost=1),
        Arc(arc="a2", tail="T", head="M", commodities=("c",)),
    ]
    network = line(
        nodes=nodes,
        arcs=arcs,
        effects=[
            effect("m1", "arc", "a1", loss=0.5),
            effect("m2", "node", "T", cut=0.5),
            effect("m3", "node", "T", loss=0.5),
        ],
    )
    assert flow(network) == pytest.approx(3)  # 10 x 0.5 = 5 could arrive, 3 may
    assert best_response(network).cost == pytest.approx(0.006)  # 6 t enter at 1 USD/kg
    assert flow(network, "m1") == pytest.approx(2.5)  # 10 x 0.5 x 0.5 arrives, below 3
    assert flow(network, "m2") == pytest.approx(1.5)
    assert best_response(network, ["m2"]).cost == pytest.approx(0.003)
    assert flow(network, "m2", "m3") == pytest.approx(1.5)  # 2.5 could arrive, 1.5 may
    assert flow(network, "m1", "m3") == pytest.approx(1.25)


# -- losses and costs ------------------------------------------------------------------------------


def test_losses_multiply_on_an_arc_and_through_its_head() -> None:
    network = line(
        arcs=[
            Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=10, loss=0.1),
            Arc(arc="a2", tail="T", head="M", commodities=("c",)),
        ],
        effects=[
            effect("m1", "arc", "a1", loss=0.2),
            effect("m1", "node", "T", loss=0.5, uptime=0.5),
            effect("m2", "node", "?", loss=0.1),
        ],
    )
    assert flow(network) == pytest.approx(9)
    assert flow(network, "m1") == pytest.approx(10 * 0.9 * 0.8 * 0.75)  # 5.4
    # m2 takes a tenth on each of the two arcs that enter a node; nothing enters A
    assert flow(network, "m1", "m2") == pytest.approx(5.4 * 0.9 * 0.9)


def test_costs_add_up_everywhere_they_may_stand() -> None:
    network = line(
        arcs=[
            Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=10, loss=0.5, cost=0.1),
            Arc(arc="a2", tail="T", head="M", commodities=("c",), cost=0.2),
        ],
        supplies=[Supply(node="A", commodity="c", cost=0.3)],
        effects=[
            effect("m1", "arc", "a1", cost=0.1, uptime=0.5),
            effect("m1", "node", "T", cost=0.05),
            effect("m2", "supply", "A", cost=0.4, corruption=0.5),
            effect("m3", "demand", "M", cost=1, commodity="c"),
            effect("m4", "node", "M", cost=0.5),
            effect("m5", "demand", "M", cost=9),
        ],
    )
    # 10 t enter a1 and 5 t arrive: 5 x 5 earned, 10 x (0.1 + 0.3) + 5 x 0.2 paid
    assert profit(network) == pytest.approx(25 - 5)
    assert profit(network, "m1") == pytest.approx(20 - 10 * (0.05 + 0.05))
    assert profit(network, "m2") == pytest.approx(20 - 10 * 0.2)
    assert profit(network, "m3") == pytest.approx(20 - 5 * 1)
    assert profit(network, "m4") == pytest.approx(20 - 5 * 0.5)
    assert profit(network, "m1", "m2", "m3", "m4") == pytest.approx(20 - 1 - 2 - 5 - 2.5)
    assert profit(network, "m5") == 0  # each kg would lose money, so nothing moves
    assert flow(network, "m5") == pytest.approx(5)  # but the network still can carry it
    found = best_response(network, ["m5"])
    assert found.cost == pytest.approx(0.005 + 5 * 9 / 1000)
    assert found.profit == pytest.approx(-0.025)


def test_among_the_greatest_flows_the_cheapest_is_taken() -> None:
    network = line(
        arcs=[
            Arc(arc="a1", tail="A", head="M", commodities=("c",), capacity=15, cost=2),
            Arc(arc="a2", tail="A", head="M", commodities=("c",), capacity=15, cost=1),
        ],
    )
    found = best_response(network)
    assert found.value == pytest.approx(20)
    assert found.cost == pytest.approx((15 * 1 + 5 * 2) / 1000)
    assert found.ship["a1", "c"] == pytest.approx(5)


# -- reforms ---------------------------------------------------------------------------------------


def test_a_reform_lowers_the_corruption_of_others_and_never_raises_it() -> None:
    network = line(
        effects=[
            effect("m1", "arc", "a1", cut=1, corruption=0.8),
            effect("m2", "arc", "a1", cut=0.5, corruption=0.1),
            effect("m3", "arc", "a1", cut=0.5, corruption=0.6),
        ],
        reforms=[Reform(measure="m3", target="*", corruption=0.2)],
    )
    assert flow(network, "m1") == pytest.approx(10 * 0.8)
    assert flow(network, "m3") == pytest.approx(10 * (1 - 0.5 * 0.4))
    # with m3: m1 counts with 0.2, m2 keeps its 0.1, and m3 does not reform itself
    assert flow(network, "m1", "m3") == pytest.approx(10 * 0.2 * 0.8)
    assert flow(network, "m2", "m3") == pytest.approx(10 * 0.55 * 0.8)


def test_a_reform_can_make_a_cut_of_something_unlimited_whole() -> None:
    network = line(
        effects=[effect("m1", "arc", "a2", cut=1, corruption=1)],
        reforms=[Reform(measure="m2", target="m1", corruption=0)],
    )
    assert [flow(network, *plan) for plan in ([], ["m1"], ["m2"])] == pytest.approx([10, 10, 10])
    assert flow(network, "m1", "m2") == 0
