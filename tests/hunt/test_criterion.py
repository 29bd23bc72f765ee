"""The hunt over scenarios: it finds nothing, and would find what is wrong."""

from __future__ import annotations

import pytest

from flowopt.planning.scenario_run import FoundForAll, ScenarioRun
from tests.hunt.criterion import drawn, faults_of, main
from tests.hunt.networks import Quarry
from tests.hunt.questions import ASKED


@pytest.mark.parametrize("place", range(len(ASKED)))
def test_answers_are_those_of_brute_force(place: int) -> None:
    assert faults_of(Quarry("plain", 5, place), *ASKED[place]) == []


def test_a_wrong_bound_is_seen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    solve = ScenarioRun.solve

    def boasting(self: ScenarioRun) -> FoundForAll:
        found = solve(self)
        return FoundForAll(found.plan, found.value, 2.0 * found.value + 1.0, found.status)

    monkeypatch.setattr(ScenarioRun, "solve", boasting)
    assert main(["--networks", "1"]) == 1
    assert "bound above the best plan" in capsys.readouterr().out


def test_scenarios_hold_hard_ones() -> None:
    networks = [drawn(Quarry("plain", 2, number))[0] for number in range(12)]
    changed = [{row.scenario for row in network.changes} for network in networks]
    weights = [row.weight for network in networks for row in network.scenarios]
    assert 0.0 in weights
    assert any(
        len(names) + 1 < len(n.scenarios) for names, n in zip(changed, networks, strict=True)
    )
    assert any(row.target == "*" and row.factor == 0.0 for n in networks for row in n.changes)
