"""The three published estimates of production in Peru, as scenarios of the shipped network."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from flowopt.network.network import Network
from flowopt.planning.trafficker import Trafficker
from tests.networks import shipped
from tests.peru import PLAN_20, SCENARIOS

FACTORS = {"low": 270 / 353, "middle": 1.0, "high": 450 / 353}


@pytest.fixture(scope="module")
def peru() -> Network:
    return shipped("peru-2014")


@pytest.mark.parametrize("scenario", FACTORS)
def test_leaf_processing_and_demand_go_with_the_estimate(peru: Network, scenario: str) -> None:
    def times(row: Any, column: str) -> Any:
        number = getattr(row, column)
        new = None if number is None else number * FACTORS[scenario]
        return dataclasses.replace(row, **{column: new})

    found = peru.scenario(scenario)
    assert found.sites == tuple(times(row, "capacity") for row in peru.sites)
    assert found.demands == tuple(times(row, "quantity") for row in peru.demands)
    assert found.supplies == tuple(
        times(row, "capacity") if row.commodity.startswith("leaf") else row for row in peru.supplies
    )
    road = next(row for row in peru.arcs if row.arc == "arc245")  # or Chile could not be served
    assert set(found.arcs) ^ set(peru.arcs) == (
        {road, times(road, "capacity")} if scenario == "high" else set()
    )
    same = [t for t in peru.tables() if t not in ("sites", "demands", "supplies", "arcs")]
    assert all(
        found.tables()[t] == peru.tables()[t] for t in same if t not in ("scenarios", "changes")
    )


def test_the_middle_estimate_counts_twice(peru: Network) -> None:
    assert peru.scenario_weights() == {"low": 0.25, "middle": 0.5, "high": 0.25}


@pytest.mark.parametrize(
    ("scenario", "nothing", "plan"), [(name, *found) for name, found in SCENARIOS.items()]
)
def test_a_plan_for_20_million_leaves_what_was_found_by_other_means(
    peru: Network, scenario: str, nothing: float, plan: float
) -> None:
    trafficker = Trafficker(peru, scenario=scenario)
    assert trafficker.value() == pytest.approx(nothing, abs=5e-4)
    assert trafficker.value(PLAN_20) == pytest.approx(plan, abs=5e-4)
