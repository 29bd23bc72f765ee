"""Who earns: hand answers, and every drawn network's receipts counted again from its flows."""

from __future__ import annotations

import dataclasses
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.network.network import Network
from flowopt.network.schema import Demand, Earning, RecipeLine, Site
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.planning.verify import verify
from flowopt.report.result_writer import write_response
from flowopt.results.response import Response
from tests.draws import draws
from tests.network.checks.test_validation import renamed
from tests.networks import effect, line, measure, shipped
from tests.oracles.effects import effective, named
from tests.strategies import budgets, networks, plans

OBJECTIVES = ("flow", "profit")


def receipts(response: Response) -> dict[str, float]:
    return {row.organisation: row.earned for row in response.organisations}


def earning(on: Any, target: str, rate: float = 1000.0, **more: Any) -> Earning:
    return Earning(**{"organisation": "gang", "on": on, "target": target, "rate": rate, **more})


# -- by hand --------------------------------------------------------------------------------------


def test_the_strip_earns_less_and_the_harbour_the_same() -> None:
    """4 t land at the strip and 3 t once it is flattened, at 500 USD per kg. The ship loads 5 t
    at 2,000 USD per kg, whatever the scanner seizes afterwards."""
    network = shipped("tiny")
    assert receipts(respond(network)) == {"Strip owner": 2.0, "Harbour crew": 10.0}
    found = solve(network, budget=4)
    assert [dataclasses.astuple(row) for row in found.organisations] == [
        ("Strip owner", 2.0, 1.5, -0.5, -0.25),
        ("Harbour crew", 10.0, 10.0, 0.0, 0.0),
    ]


def chain(*earnings: Earning) -> Network:
    """Return leaf from A, worked at T into paste and waste, half of which arrive at M.

    A tonne of activity takes 2 t of leaf and makes 1 t of paste and 0.5 t of waste; M buys both.
    """
    base = line()
    commodities = [replace(base.commodities[0], commodity=c) for c in ("leaf", "paste", "waste")]
    first, second = base.arcs
    demand = base.demands[0]
    return line(
        commodities=commodities,
        arcs=[
            replace(first, commodities=("leaf",), loss=0.2),
            replace(second, commodities=("paste", "waste"), loss=0.5, capacity=None),
        ],
        supplies=[replace(base.supplies[0], commodity="leaf", capacity=10.0)],
        recipes=[
            RecipeLine(recipe="cook", commodity="leaf", quantity=-2.0),
            RecipeLine(recipe="cook", commodity="paste", quantity=1.0),
            RecipeLine(recipe="cook", commodity="waste", quantity=0.5),
        ],
        sites=[Site(site="hut", node="T", recipe="cook", capacity=9.0, pool="huts")],
        demands=[
            Demand(node="M", commodity="paste", quantity=demand.quantity, price=9.0, pool="town"),
            Demand(node="M", commodity="waste", quantity=demand.quantity, price=9.0, pool="town"),
        ],
        measures=[measure("guard"), measure("check"), measure("raid")],
        effects=[
            effect("guard", "arc", "a2", loss=0.5, uptime=0.5),
            effect("check", "node", "M", loss=0.6, corruption=0.5),
            effect("raid", "arc", "a2", cut=1.0),
        ],
        earnings=earnings,
    ).replace()


# 10 t of leaf leave A and 8 t arrive: 4 t of activity, 4 t of paste and 2 t of waste leave T.
# Half arrives at M; under `guard` 0.75 of that, under `check` 0.7 of that.
@pytest.mark.parametrize(
    ("row", "plain", "seized"),
    [
        (earning("supply", "A"), 10.0, 10.0),
        (earning("supply", "?", commodity="leaf"), 10.0, 10.0),
        (earning("arc", "a1"), 10.0, 10.0),
        (earning("arc", "a2"), 6.0, 6.0),
        (earning("arc", "a2", commodity="waste"), 2.0, 2.0),
        (earning("arc", "a*"), 16.0, 16.0),
        (earning("arc", "a*", commodity="paste"), 4.0, 4.0),
        (earning("node", "T"), 8.0, 8.0),
        (earning("node", "A"), 0.0, 0.0),
        (earning("node", "M"), 3.0, 3.0 * 0.75 * 0.7),
        (earning("node", "M", commodity="paste"), 2.0, 2.0 * 0.75 * 0.7),
        (earning("node", "*"), 11.0, 8.0 + 3.0 * 0.75 * 0.7),
        (earning("site", "hut"), 4.0, 4.0),
        (earning("pool", "huts"), 4.0, 4.0),
        (earning("pool", "town"), 3.0, 3.0 * 0.75 * 0.7),
        (earning("pool", "[ht]*"), 7.0, 4.0 + 3.0 * 0.75 * 0.7),
        (earning("demand", "M"), 3.0, 3.0 * 0.75 * 0.7),
        (earning("demand", "M", commodity="waste"), 1.0, 1.0 * 0.75 * 0.7),
        (earning("arc", "a1", rate=0.0), 0.0, 0.0),
    ],
    ids=lambda row: f"{row.on} {row.target} {row.commodity}" if isinstance(row, Earning) else None,
)
def test_which_kg_count(row: Earning, plain: float, seized: float) -> None:
    network = chain(row)
    assert receipts(respond(network)) == {"gang": pytest.approx(plain)}
    assert receipts(respond(network, ["guard", "check"])) == {"gang": pytest.approx(seized)}


def test_nothing_passes_a_closed_arc() -> None:
    network = chain(earning("arc", "a2"), earning("node", "M"), earning("demand", "M"))
    assert receipts(respond(network, ["raid"])) == {"gang": 0.0}
    (row,) = solve(network, budget=1).organisations
    assert (row.earned_before, row.earned_after, row.earned_change_share) == (
        pytest.approx(12.0),
        0.0,
        -1.0,
    )


def test_rows_of_one_organisation_add_up_in_order_of_first_appearance() -> None:
    network = chain(
        earning("arc", "a2", organisation="late"),
        earning("arc", "a1", organisation="early"),
        earning("arc", "*", organisation="late", rate=100.0),
        earning("arc", "a2", organisation="late", commodity="paste", rate=10.0),
    )
    assert list(receipts(respond(network)).items()) == [
        ("late", pytest.approx(6.0 + 1.6 + 0.04)),
        ("early", pytest.approx(10.0)),
    ]


def test_what_earned_nothing_before_has_no_share() -> None:
    network = chain(earning("arc", "a1", rate=0.0))
    (row,) = solve(network, budget=0).organisations
    amounts = (row.earned_before, row.earned_after, row.earned_change, row.earned_change_share)
    assert amounts == (0.0, 0.0, 0.0, None)


def test_without_earnings_or_a_plan_nobody_earns() -> None:
    network = chain()
    assert respond(network).organisations == ()
    about = ("network", "objective")
    assert respond(network).organisations.columns == (*about, "organisation", "earned")
    none = solve(chain(earning("arc", "a1")), budget=0, include=["raid"])
    assert none.organisations.columns == (
        *about, "budget", "organisation",
        "earned_before", "earned_after", "earned_change", "earned_change_share",
    )  # fmt: skip
    assert none.organisations == ()


def test_the_summary_does_not_know_them() -> None:
    network = shipped("tiny")
    bare = network.replace(earnings=())
    assert respond(network).summary().keys() == respond(bare).summary().keys()
    assert solve(network, budget=4).summary().keys() == solve(bare, budget=4).summary().keys()


def test_the_hash_is_the_old_one_where_nobody_earns() -> None:
    """What the hash was before the table came into the format."""
    before = "045678826093d55b83c795448dca5748805fe25025abb1506fd3357026b2563c"
    assert line().sha256 == before
    assert line(earnings=[earning("arc", "a1")]).sha256 != before


# -- on any network -------------------------------------------------------------------------------


def counted_again(network: Network, plan: tuple[str, ...], found: Response) -> dict[str, float]:
    """Count what each organisation earns from the tables of a response, M USD a year."""
    share = effective(network, plan).arc_share
    sites = {row.site: row.pool for row in network.sites}
    demands = {(row.node, row.commodity): row.pool for row in network.demands}
    passed: list[tuple[str, str, str, float]] = [
        *(("arc", f.arc, f.commodity, f.flow) for f in found.flows),
        *(("node", f.head, f.commodity, f.flow * share[f.arc]) for f in found.flows),
        *(("site", s.site, "", s.activity) for s in found.sites),
        *(("pool", sites[s.site], "", s.activity) for s in found.sites),
        *(("supply", s.node, s.commodity, s.supplied) for s in found.supplies),
        *(("demand", m.node, m.commodity, m.delivered) for m in found.markets),
        *(("pool", demands[m.node, m.commodity], "", m.delivered) for m in found.markets),
    ]
    known = {
        "arc": [a.arc for a in network.arcs],
        "node": [n.node for n in network.nodes],
        "site": list(sites),
        "pool": [p for p in (*sites.values(), *demands.values()) if p],
        "supply": [s.node for s in network.supplies],
        "demand": [d.node for d in network.demands],
    }
    earned = {row.organisation: 0.0 for row in network.earnings}
    for row in network.earnings:
        hit = named(row.target, known[row.on])
        earned[row.organisation] += sum(
            row.rate * amount / 1000.0
            for on, name, commodity, amount in passed
            if on == row.on and name in hit and row.commodity in ("", commodity)
        )
    return earned


@settings(max_examples=draws(15))
@given(data=st.data(), objective=st.sampled_from(OBJECTIVES))
def test_receipts_are_what_passes_times_the_rate(data: st.DataObject, objective: Any) -> None:
    network = data.draw(networks(earnings=True))
    plan = data.draw(plans(network))
    found = respond(network, plan, objective=objective)
    assert receipts(found) == pytest.approx(counted_again(network, plan, found), rel=1e-9, abs=1e-9)


@settings(max_examples=draws(8))
@given(data=st.data(), objective=st.sampled_from(OBJECTIVES), seed=st.integers(0, 9))
def test_receipts_scale_with_rates_and_know_no_names_nor_order(
    data: st.DataObject, objective: Any, seed: int
) -> None:
    network = data.draw(networks(earnings=True))
    plan = data.draw(plans(network))
    once = receipts(respond(network, plan, objective=objective))

    def under(rows: Any) -> dict[str, float]:
        changed = dataclasses.replace(network, earnings=tuple(rows))
        return receipts(respond(changed, plan, objective=objective))

    doubled = under(replace(row, rate=2 * row.rate) for row in network.earnings)
    assert doubled == pytest.approx({name: 2 * amount for name, amount in once.items()})
    assert under(replace(row, rate=0.0) for row in network.earnings) == dict.fromkeys(once, 0.0)
    shuffled = random.Random(seed).sample(network.earnings, len(network.earnings))
    assert under(shuffled) == pytest.approx(once)
    other = respond(renamed(network), [f"x{name}" for name in plan], objective=objective)
    assert receipts(other) == pytest.approx({f"x{name}": amount for name, amount in once.items()})


@settings(max_examples=draws(7))
@given(data=st.data(), objective=st.sampled_from(OBJECTIVES))
def test_earnings_change_no_plan_value_or_flow(data: st.DataObject, objective: Any) -> None:
    network = data.draw(networks(earnings=True, max_measures=4))
    budget = data.draw(budgets(network))
    bare = dataclasses.replace(network, earnings=())
    found, plain = (solve(n, budget=budget, objective=objective) for n in (network, bare))
    assert (found.measures, found.value, found.bound) == (plain.measures, plain.value, plain.bound)
    assert found.flows == plain.flows
    assert found.markets == plain.markets
    assert plain.organisations == ()
    rows = found.organisations
    assert [row.organisation for row in rows] == list(
        dict.fromkeys(row.organisation for row in network.earnings)
    )
    assert found.after is not None
    assert [row.earned_before for row in rows] == list(receipts(found.before).values())
    assert [row.earned_after for row in rows] == list(receipts(found.after).values())
    for row in rows:
        assert row.earned_change == pytest.approx(row.earned_after - row.earned_before, abs=1e-9)


def test_who_earns_on_every_pool_earns_nothing_beside_them(tmp_path: Path) -> None:
    """4 t of activity, of which the hut with a pool can do 1 t."""
    network = chain(earning("pool", "hut*"), earning("pool", "*", organisation="all"))
    (hut,) = network.sites
    network = network.replace(
        sites=[replace(hut, capacity=1.0), replace(hut, site="shed", pool="", capacity=3.0)],
        demands=[replace(row, pool="") for row in network.demands],
    )
    found = respond(network)
    assert receipts(found) == {"gang": pytest.approx(1.0), "all": pytest.approx(1.0)}
    write_response(found, network, tmp_path / "out")
    assert [check.faults for check in verify(tmp_path / "out").checks if not check.passed] == []
