"""Even responses: what they say of each measure, by an oracle, and what they leave behind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import with_others
from flowopt.network.network import Network
from flowopt.objectives import Objective
from tests.draws import draws
from tests.networks import effect, line, measure
from tests.oracles import rounding
from tests.oracles.response import plan_value
from tests.strategies import closing, networks, plans, wild_networks

STEPS = 10_000
SHARES = st.sampled_from([0.0, 0.1, 0.3, 0.5, None])  # of what there is, wanted of a measure


@pytest.mark.parametrize("objective", ["flow", "profit"])
@settings(max_examples=draws(15))
@given(data=st.data())
def test_no_measure_takes_more(objective: Objective, data: st.DataObject) -> None:
    """Whatever is wanted; and the same trafficker values plans afterwards as before."""
    network = data.draw(st.one_of(networks(min_measures=1, max_measures=6), wild_networks()))
    if data.draw(st.booleans()):
        network = closing(network)
    model, names = activity_model(network), [row.measure for row in network.measures]
    trafficker = BestResponseSolver(model, objective)
    size = rounding.size(network, objective)
    plan = frozenset(names.index(m) for m in data.draw(plans(network)))
    value = worth(network, plan, objective)
    for _ in range(2):
        shares = data.draw(st.lists(SHARES, min_size=len(names), max_size=len(names)))
        wanted = np.array([np.inf if share is None else share * size for share in shares])
        lost = trafficker.even_losses(plan, wanted, steps=STEPS)
        for m in set(range(len(names))) - plan - set(with_others(model, plan)):
            left = worth(network, plan | {m}, objective)
            same = rounding.allowed(objective, value, size)
            assert value - left <= lost[m] + same
            assert trafficker.value(plan | {m}) == pytest.approx(left, abs=same)


def worth(network: Network, plan: frozenset[int], objective: Objective) -> float:
    """Return the exact objective under a plan of places."""
    return plan_value(network, [network.measures[m].measure for m in sorted(plan)], objective)


def two_ways() -> Network:
    """Return two ways of 20 t for 10 t, each of which a measure closes."""
    network = line(measures=[measure("m1"), measure("m2")])
    return network.replace(
        arcs=[*network.arcs, replace(network.arcs[1], arc="a3")],
        effects=[effect("m1", "arc", "a2", cut=1.0), effect("m2", "arc", "a3", cut=1.0)],
    )


def test_both_ways_carry_as_little_as_is_wanted() -> None:
    network = two_ways()
    trafficker = BestResponseSolver(activity_model(network))
    value = trafficker.value()
    trafficker.remember()
    assert trafficker.most_lost() == pytest.approx(np.array([0.0, value])) or (
        trafficker.most_lost() == pytest.approx(np.array([value, 0.0]))
    )
    for first in (0.5, 0.25, 0.75):
        wanted = value * np.array([first, 1.0 - first])
        assert trafficker.even_losses((), wanted, steps=STEPS) == pytest.approx(wanted)


def test_what_has_no_other_way_is_carried_all_the_same() -> None:
    trafficker = BestResponseSolver(activity_model(two_ways()))
    value = trafficker.value()
    lost = trafficker.even_losses({0}, np.array([np.inf, 0.1 * value]), steps=STEPS)
    assert lost[1] == pytest.approx(value)


def test_without_steps_nothing_is_known() -> None:
    trafficker = BestResponseSolver(activity_model(two_ways()))
    value = trafficker.value()
    lost = trafficker.even_losses((), np.full(2, 0.5 * value), steps=0)
    assert np.isinf(lost).all()
    assert trafficker.value({0, 1}) == 0.0


def test_of_bilevel_nothing_is_known() -> None:
    trafficker = BestResponseSolver(activity_model(two_ways()), "bilevel")
    assert np.isinf(trafficker.even_losses((), np.zeros(2), steps=STEPS)).all()
