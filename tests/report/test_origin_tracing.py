"""The Sankey diagram: every delivered tonne at every stage, in the proportions of the mix."""

from __future__ import annotations

from collections import defaultdict

import pytest

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning.recheck.certificate_reader import StatedProof
from flowopt.planning.respond import respond
from flowopt.report.origin_tracing import Link, links, passing
from tests.networks import line, shipped


def stated(network: Network, measures: tuple[str, ...] = ()) -> StatedProof:
    """The activities of the best response, from its tables."""
    found = respond(network, measures)
    amounts: dict[tuple[str, ...], float] = {}
    amounts |= {("ship", r.arc, r.commodity): r.flow for r in found.flows}
    amounts |= {("run", r.site): r.activity for r in found.sites}
    amounts |= {("supply", r.node, r.commodity): r.supplied for r in found.supplies}
    amounts |= {("deliver", r.node, r.commodity): r.delivered for r in found.markets}
    return StatedProof(measures, found.value, amounts, {}, {})


def test_tiny_by_hand() -> None:
    network = shipped("tiny")
    expected: dict[Link, float] = {
        (("area", "F_HILLS"), ("site", "P_SHED")): 10.0,
        (("site", "P_SHED"), ("exit", "A_STRIP")): 4.0,
        (("site", "P_SHED"), ("exit", "T_TOWN")): 1.0,
        (("site", "P_SHED"), ("exit", "X_HARBOUR")): 5.0,
        (("exit", "A_STRIP"), ("market", "M_EAST")): 4.0,
        (("exit", "T_TOWN"), ("market", "M_EAST")): 1.0,
        (("exit", "X_HARBOUR"), ("market", "M_NORTH")): 5.0,
    }
    assert links(network, stated(network)) == pytest.approx(expected)


def test_what_the_scanner_seizes_is_not_counted() -> None:
    """5 t leave the harbour and 2 t arrive: the bands count those that arrive."""
    network = shipped("tiny")
    found = links(network, stated(network, ("m_scanner", "m_vetting")))
    assert found[("exit", "X_HARBOUR"), ("market", "M_NORTH")] == pytest.approx(2.0)
    assert found[("area", "F_HILLS"), ("site", "P_SHED")] == pytest.approx(7.0)


@pytest.mark.parametrize("name", ["tiny", "peru-2014", "leaky-river", "two-bridges", "shared-crew"])
def test_no_tonne_is_lost_on_the_way(name: str) -> None:
    """Each stage passes on what it takes in, and in all as much as is delivered."""
    network = shipped(name)
    now = stated(network)
    found = links(network, now)
    balance: dict[tuple[str, str], float] = defaultdict(float)
    for (tail, head), amount in found.items():
        balance[tail] -= amount
        balance[head] += amount
    for place, left in balance.items():
        if place[0] in ("site", "exit"):
            assert left == pytest.approx(0.0, abs=1e-5), place
        elif place[0] == "market":
            delivered = sum(t for n, t in now.amounts.items() if n[:2] == ("deliver", place[1]))
            assert left == pytest.approx(delivered, rel=1e-6)
    arrived = sum(t for n, t in now.amounts.items() if n[0] == "deliver")
    started = -sum(left for place, left in balance.items() if place[0] == "area")
    assert started == pytest.approx(arrived, rel=1e-6)


def test_a_mix_is_shared_out_in_proportion() -> None:
    """6 t and 2 t of the same goods meet at T: each market's 4 t are three quarters from A."""
    network = line(
        nodes=[
            schema.Node(node="A", name="A", kind="area"),
            schema.Node(node="B", name="B", kind="area"),
            schema.Node(node="T", name="T", kind="transit"),
            schema.Node(node="M", name="M", kind="market"),
            schema.Node(node="N", name="N", kind="market"),
        ],
        arcs=[
            schema.Arc(arc=f"{a}{b}", tail=a, head=b, commodities=("c",))
            for a, b in ("AT", "BT", "TM", "TN")
        ],
        supplies=[
            schema.Supply(node="A", commodity="c", capacity=6.0),
            schema.Supply(node="B", commodity="c", capacity=2.0),
        ],
        demands=[schema.Demand(node=n, commodity="c", quantity=4.0) for n in "MN"],
    )
    assert links(network, stated(network)) == pytest.approx(
        {
            (("area", "A"), ("market", "M")): 3.0,
            (("area", "A"), ("market", "N")): 3.0,
            (("area", "B"), ("market", "M")): 1.0,
            (("area", "B"), ("market", "N")): 1.0,
        }
    )


def test_goods_that_only_go_round_do_no_harm() -> None:
    """A circle T -> U -> T of 100 t beside the 10 t that pass: still 10 t from A to M."""
    network = line(
        nodes=[
            schema.Node(node=n, name=n, kind=kind)  # type: ignore[arg-type]  # a literal
            for n, kind in (("A", "area"), ("T", "transit"), ("U", "transit"), ("M", "market"))
        ],
        arcs=[
            schema.Arc(arc=f"{a}{b}", tail=a, head=b, commodities=("c",))
            for a, b in ("AT", "TM", "TU", "UT")
        ],
    )
    amounts: dict[tuple[str, ...], float] = {}
    amounts |= {("supply", "A", "c"): 10.0, ("deliver", "M", "c"): 10.0}
    amounts |= {("ship", "AT", "c"): 10.0, ("ship", "TM", "c"): 10.0}
    amounts |= {("ship", "TU", "c"): 100.0, ("ship", "UT", "c"): 100.0}
    found = links(network, StatedProof((), 10.0, amounts, {}, {}))
    assert found == pytest.approx({(("area", "A"), ("market", "M")): 10.0})
    del amounts["supply", "A", "c"], amounts["ship", "AT", "c"]
    assert links(network, StatedProof((), 10.0, amounts, {}, {})) == {}


def test_places_come_in_the_order_of_the_flow() -> None:
    """Not in that of a set, which differs from process to process, and with it the picture."""
    network = shipped("tiny")
    flow = links(network, stated(network))
    ends = [tail for tail, _ in flow] + [head for _, head in flow]
    assert list(passing([flow])) == list(dict.fromkeys(ends))
