"""A part of the markets where measures may fail: against every fall of every coin."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flowopt.network.chances import may_fail
from flowopt.network.network import Network
from flowopt.network.write import write_network
from flowopt.planning.verify import verify
from flowopt.results.luck_solution import LuckSolution
from tests.command import run
from tests.drawn.dice import Dice
from tests.drawn.luck import with_chances
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.oracles.enumerate import feasible_plans
from tests.oracles.response import Aim
from tests.oracles.rounding import allowed, size
from tests.planning.lucky import of_luck, right, solved
from tests.planning.test_part import fork


def part_alone(network: Network) -> tuple[str, Network]:
    """Return the market of the first demand that counts, and the network where no other does."""
    first = next(row for row in network.demands if row.weight > 0.0)
    rows = [row if row.node == first.node else replace(row, weight=0.0) for row in network.demands]
    return f"market:{first.node}", replace(network, demands=tuple(rows))


@pytest.mark.parametrize("seed", range(8))
def test_a_part_is_that_of_brute_force(seed: int, tmp_path: Path) -> None:
    dice = Dice.seeded(f"lucky-part-{seed}")
    network = with_chances(dice, valid_network(dice, SHAPES[dice.pick(list(SHAPES))], 3))
    if not may_fail(network) or not any(row.weight > 0.0 for row in network.demands):
        return
    of, alone = part_alone(network)
    objective: Aim = ("flow", "bilevel")[seed % 2]
    plan = tuple(row.measure for row in network.measures)
    found = of_luck(network, list(plan), objective=objective, of=of)
    room = 8.0 * allowed(objective, found.baseline, size(network, objective))
    assert found.of == of
    assert found.value == pytest.approx(right(alone, plan, objective), abs=room)
    assert LuckSolution.from_json(found.to_json()) == found
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))
    if objective == "flow":
        budget = 0.6 * sum(row.cost for row in network.measures)
        best = solved(network, budget=budget, of=of)
        least = min(right(alone, each) for each in feasible_plans(network, budget))
        assert best.bound is not None
        assert best.bound <= least + room
        assert best.value >= least - room


def test_of_on_the_command_line(tmp_path: Path) -> None:
    network = fork()
    network = network.replace(measures=[replace(row, success=0.5) for row in network.measures])
    write_network(network, tmp_path / "network")
    ask = ("evaluate", tmp_path / "network", "--measures", "narrow", "--of", "West")
    done = run(*ask, "--out", tmp_path / "result")
    assert done.returncode == 0, done.stderr
    words = " ".join(done.stdout.split())
    # 10 t reach the town, or 4 t; half of it is lost on the way to West.
    assert "leaves 3.50 t a year in the mean over what works, of 5.00" in words
    assert "That is the most that can reach West" in words
    again = run("evaluate", tmp_path / "network", "--measures", "narrow", "--of", "nowhere")
    assert again.returncode == 2
    assert run("report", tmp_path / "result").returncode == 0
    page = (tmp_path / "result" / "report.html").read_text(encoding="utf-8")
    assert "the most that can reach West" in page
