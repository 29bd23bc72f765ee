"""The hunt over luck: it finds nothing, and would find what is wrong."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from flowopt.model.luck_change import MeanChange, mean_change
from flowopt.model.plan_luck import DRAWS, SEED, Expectation, LuckValues
from flowopt.planning.luck_target import LuckTargetRun
from tests.hunt.luck import faults_of, main
from tests.hunt.luck_target import faults_of as faults_of_targets
from tests.hunt.networks import Quarry
from tests.hunt.questions import ASKED
from tests.oracles.response import Aim


@pytest.mark.parametrize("place", range(len(ASKED)))
def test_answers_are_those_of_brute_force(place: int) -> None:
    assert faults_of(Quarry("plain", 5, place), *ASKED[place]) == []


@pytest.mark.parametrize(("number", "aim"), [(0, "flow"), (3, "flow"), (0, "bilevel")])
def test_targets_are_those_of_brute_force(number: int, aim: Aim) -> None:
    assert faults_of_targets(Quarry("plain", 5, number), aim, "pessimistic") == []


def test_a_bound_on_costs_that_is_too_high_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LuckTargetRun, "offer", lambda *_: math.inf)  # whatever is reached
    faults = [faults_of_targets(Quarry("plain", 5, n), "flow", "pessimistic") for n in (0, 3)]
    assert any(faults)


def test_a_wrong_mean_is_seen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = LuckValues.expected

    def hopeful(
        self: LuckValues,
        plan: Iterable[int],
        *,
        draws: int = DRAWS,
        seed: int = SEED,
        **limits: Any,
    ) -> Expectation:
        found = expected(self, plan, draws=draws, seed=seed, **limits)
        return replace(found, mean=found.mean * 0.9)

    monkeypatch.setattr(LuckValues, "expected", hopeful)
    assert main(["--networks", "3"]) == 1
    assert "right" in capsys.readouterr().out


def test_a_wrong_worth_is_seen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def hopeful(
        values: LuckValues, plan: frozenset[int], other: frozenset[int], **how: Any
    ) -> MeanChange:
        found = mean_change(values, plan, other, **how)
        return replace(found, amount=found.amount * 1.1)

    monkeypatch.setattr("flowopt.planning.luck_marginal.mean_change", hopeful)
    assert main(["--networks", "3"]) == 1
    assert "without" in capsys.readouterr().out
