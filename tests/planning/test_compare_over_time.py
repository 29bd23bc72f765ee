"""The best schedules for many budgets, against all tried one after the other."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import flowopt
from flowopt.errors import RequestError
from flowopt.model.build_over_time import OverTime, build_over_time
from flowopt.network.network import Network
from flowopt.planning import question_over_time
from flowopt.planning.compare_over_time import compare_over_time
from flowopt.planning.sweep import shared_model
from tests.draws import draws
from tests.oracles.schedules import best_schedule
from tests.strategies import networks_over_time

TINY = "networks/tiny-years"


@pytest.mark.slow
@settings(max_examples=draws(6))
@given(st.data())
def test_each_is_the_best_for_its_budget(data: st.DataObject) -> None:
    network = data.draw(networks_over_time(max_measures=2))
    carry = data.draw(st.booleans())
    objective: Literal["flow", "profit"] = data.draw(st.sampled_from(("flow", "profit")))
    found = compare_over_time(
        network, budgets=[0.0, 1.0, 2.0, 4.0], carry=carry, objective=objective, gap=1e-7
    )
    for row in found.frontier:
        money = [row.budget] * len(network.periods)
        right = best_schedule(network, objective, money, carry=carry)
        assert row.value == pytest.approx(right.value, rel=1e-6, abs=1e-6)
        assert row.bound is not None
        assert row.bound <= right.value + 1e-6 * max(1.0, abs(right.value))
        assert row.status == "optimal"
    values = [row.value or 0.0 for row in found.frontier]
    bounds = [row.bound or 0.0 for row in found.frontier]
    assert values == sorted(values, reverse=True)
    assert bounds == sorted(bounds, reverse=True)


def test_the_programme_is_built_once_for_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    built = []

    def noted(network: Network) -> OverTime:
        built.append(network.info.id)
        return build_over_time(network)

    for module in (question_over_time, shared_model):
        monkeypatch.setattr(module, "build_over_time", noted)
    network = flowopt.read_network(TINY)
    found = compare_over_time(network, budgets="0:2:1")
    assert [row.value for row in found.frontier][1:] == [26.0, 16.0]
    assert built == ["tiny-years"]
    compare_over_time(network, budgets="0,1")  # nothing is kept for another comparison
    assert len(built) == 2


def test_by_hand() -> None:
    found = flowopt.compare_over_time(TINY, budgets="0:4:1")
    assert [row.value for row in found.frontier] == [26.0, 26.0, 16.0, 15.0, 15.0]
    assert [row.spent for row in found.frontier] == [0.0, 0.0, 4.0, 6.0, 6.0]
    assert found.frontier[3].measures == found.frontier[4].measures == "m_boats@y2;m_radar@y2"
    assert found.frontier[3].bought == "m_radar@y1"
    assert found.to_frame()["cut"].tolist() == [0.0, 0.0, 10.0, 11.0, 11.0]
    assert "26" in repr(found)


def test_what_is_forced_may_cost_too_much() -> None:
    found = compare_over_time(TINY, budgets="1,3", include=["m_boats@y1"])
    assert [row.status for row in found.frontier] == ["infeasible", "optimal"]
    assert found.frontier[0].value is None


@pytest.mark.parametrize("limit", [1e-3, 30.0])
def test_values_fall_whatever_the_time(limit: float) -> None:
    found = compare_over_time(TINY, budgets="0:4:1", time_limit=limit)
    values = [row.value or 0.0 for row in found.frontier]
    assert values == sorted(values, reverse=True)
    assert all((row.bound or 0.0) <= (row.value or 0.0) for row in found.frontier)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"network": TINY, "budgets": "all"}, "over time give numbers"),
        ({"network": TINY, "budgets": "3", "workers": 0}, "workers 0"),
        ({"network": TINY, "budgets": "3", "exclude": ["m_boots"]}, "did you mean 'm_boats'"),
        ({"network": "networks/tiny", "budgets": "3"}, "has no periods"),
    ],
)
def test_what_cannot_be_compared_is_refused(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        compare_over_time(**asked)
