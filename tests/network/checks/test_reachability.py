"""Reachability and shortfalls: markets and rows that no flow can use, against the oracle."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given

from flowopt.network.checks.reachability import Reachability
from flowopt.network.checks.validation import find_problems
from flowopt.network.network import Network
from tests.network.checks.test_validation import drawn
from tests.oracles.response import best_response


def only(network: Network, index: int) -> Network:
    """Return the network with one demand, which is all that counts, and no measures."""
    demand = dataclasses.replace(network.demands[index], weight=1.0, pool="")
    return Network(
        network.info,
        **{
            table: getattr(network, table)
            for table in ("commodities", "nodes", "arcs", "supplies", "recipes", "sites")
        },
        demands=(demand,),
    )


@given(drawn(max_measures=1))
def test_markets_are_out_of_reach_exactly_when_nothing_can_be_delivered(network: Network) -> None:
    live = Reachability(network).live["demands"]
    for index in range(len(network.demands)):
        assert (best_response(only(network, index)).value > 1e-9) == (index in live)


@given(drawn(max_measures=1))
def test_what_is_told_to_be_short_is_short(network: Network) -> None:
    for problem in find_problems(network)[1]:
        if "can arrive of the" in problem.message:
            assert problem.row is not None
            first = network.demands[problem.row - 2]
            pool = [d for d in network.demands if d == first or (d.pool and d.pool == first.pool)]
            alone = dataclasses.replace(
                only(network, 0),
                demands=tuple(dataclasses.replace(d, weight=1.0) for d in pool),
            )
            assert best_response(alone).value < first.quantity * (1 - 1e-9)


@given(drawn(max_measures=1))
def test_rows_that_no_flow_can_use_are_not_missed(network: Network) -> None:
    live = Reachability(network).live
    kept: dict[str, Any] = {
        table: tuple(row for i, row in enumerate(getattr(network, table)) if i in live[table])
        for table in ("arcs", "sites", "supplies", "demands")
    }
    left = dataclasses.replace(network, **kept)
    for objective in ("flow", "profit"):
        value = best_response(left, (), objective).value if kept["demands"] else 0.0
        assert value == pytest.approx(best_response(network, (), objective).value, abs=1e-7)
