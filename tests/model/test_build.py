"""From rows to the programme: what each effect becomes."""

from __future__ import annotations

import numpy as np
import pytest

from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.network import schema
from tests.networks import effect, line, measure


def kinds(network: object) -> list[str]:
    return [activity.kind for activity in activity_model(network).activities]  # type: ignore[arg-type]  # a literal


def test_a_network_without_measures_has_one_column_per_thing() -> None:
    assert kinds(line()) == ["supply", "ship", "ship", "deliver"]


def test_a_loss_is_a_stage_and_a_whole_loss_has_no_seized_lane() -> None:
    half = line(measures=[measure("m")], effects=[effect("m", "arc", "a1", loss=0.5)])
    whole = line(measures=[measure("m")], effects=[effect("m", "arc", "a1", loss=1.0)])
    assert kinds(half).count("pass") == kinds(half).count("seized") == 1
    assert (kinds(whole).count("pass"), kinds(whole).count("seized")) == (1, 0)


def test_a_node_has_one_set_of_lanes_for_all_its_arcs() -> None:
    arcs = [
        schema.Arc(arc=f"a{i}", tail="A", head="M", commodities=("c",), capacity=5.0)
        for i in range(4)
    ]
    network = line(arcs=arcs, measures=[measure("m")], effects=[effect("m", "node", "M", loss=0.5)])
    assert kinds(network).count("pass") == 1


def test_a_partial_cut_is_a_cut_and_a_whole_one_closes() -> None:
    model = activity_model(
        line(
            measures=[measure("m1"), measure("m2")],
            effects=[
                effect("m1", "arc", "a1", cut=0.5, uptime=0.5),
                effect("m2", "arc", "a1", cut=1.0),
            ],
        )
    )
    assert list(model.cuts) == [(1, 0, 0.25)]
    assert list(model.closures) == [(1, 1, 1.0)]
    assert model.limits_under(model.chosen([0]))[1] == 15.0


def test_rows_of_one_measure_on_one_thing_multiply() -> None:
    model = activity_model(
        line(
            measures=[measure("m")],
            effects=[effect("m", "arc", "a1", cut=0.5), effect("m", "arc", "a*", cut=0.5)],
        )
    )
    assert [cut for _, _, cut in model.cuts] == [0.75, 0.5]


def test_a_reform_is_a_virtual_measure_that_does_the_rest() -> None:
    model = activity_model(
        line(
            measures=[measure("m"), measure("reform")],
            effects=[effect("m", "arc", "a1", cut=0.8, corruption=0.5)],
            reforms=[schema.Reform(measure="reform", target="m", corruption=0.25)],
        )
    )
    assert model.virtual == ((1, 0),)
    limits = [model.limits_under(model.chosen(plan))[1] for plan in ([], [0], [1], [0, 1])]
    assert limits == pytest.approx([20.0, 12.0, 20.0, 8.0])


def test_a_reform_with_no_lower_corruption_is_no_measure() -> None:
    model = activity_model(
        line(
            measures=[measure("m"), measure("reform")],
            effects=[effect("m", "arc", "a1", cut=0.8, corruption=0.1)],
            reforms=[schema.Reform(measure="reform", target="*", corruption=0.25)],
        )
    )
    assert model.virtual == ()


def test_an_unchecked_partial_cut_of_something_unlimited_is_refused() -> None:
    arcs = [schema.Arc(arc="a1", tail="A", head="M", commodities=("c",))]
    network = line(arcs=arcs, measures=[measure("m")], effects=[effect("m", "arc", "a1", cut=0.5)])
    with pytest.raises(ValueError, match="needs a capacity"):
        activity_model(network)


def test_amounts_are_sorted_by_place_for_the_chains() -> None:
    effects = [effect(m, "arc", a, cut=0.5) for m in ("m2", "m1") for a in ("a2", "a1")]
    model = activity_model(line(measures=[measure("m1"), measure("m2")], effects=effects))
    assert np.all(np.diff(model.cuts.place) >= 0)


def test_a_node_without_a_capacity_is_closed_at_a_gate() -> None:
    network = line(measures=[measure("m")], effects=[effect("m", "node", "T", cut=1.0)])
    assert kinds(network).count("gate") == 1
    trafficker = BestResponseSolver(activity_model(network))
    assert (trafficker.value(), trafficker.value([0])) == (10.0, 0.0)
