"""The hunt over periods: it finds nothing, and would find what is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowopt.planning.schedule_run import FoundSchedule, ScheduleRun
from tests.drawn.shapes import SHAPES
from tests.hunt.periods import ASKED, drawn, faults_of, main


@pytest.mark.parametrize("place", range(len(ASKED)))
def test_answers_are_those_of_brute_force(place: int) -> None:
    assert faults_of(5, place * len(SHAPES)) == []


def test_limits_far_above_all_that_flows_spoil_nothing() -> None:
    """Arcs of 2e10 t beside a flow of 0.45 t, and many ways round in circles."""
    assert faults_of(31, 96) == []


@pytest.mark.slow
def test_more_answers_are_those_of_brute_force() -> None:
    assert main(["--networks", "12", "--seed", "2"]) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bound": 1e6}, "above the best"),
        ({"value": -1.0}, "right"),
        ({"plan": frozenset({999})}, ""),
    ],
)
def test_a_wrong_answer_is_seen(
    change: dict[str, object],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = ScheduleRun.run

    def lying(self: ScheduleRun) -> FoundSchedule | None:
        found = run(self)
        return None if found is None else replace(found, **change)  # type: ignore[arg-type]  # a field

    monkeypatch.setattr(ScheduleRun, "run", lying)
    assert main(["--networks", "1"]) == 1
    assert message in capsys.readouterr().out


def test_periods_hold_hard_ones() -> None:
    networks = [drawn(1, number)[0] for number in range(40)]
    rows = [row for network in networks for row in network.measures]
    assert any(row.setup and row.lasts for row in rows)
    assert any(row.lead for row in rows)
    assert sum(all(row.setup for row in each.measures) for each in networks) >= 10
    assert any(row.from_ for row in rows)
    assert any(rule.relation == "after" for network in networks for rule in network.rules)
    assert any(row.lead and row.cost for network in networks for row in network.openings)
    assert any(network.trends for network in networks)
    assert any(network.info.discount for network in networks)
    assert any(p.weight not in (0.0, 1.0) for network in networks for p in network.periods)
