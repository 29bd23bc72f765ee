"""Warnings in brief: one line for many of a kind; and what pays nothing is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flowopt.network.checks.warning_groups import grouped_warnings, unpriced
from flowopt.network.network import Network
from flowopt.network.schema import Measure
from flowopt.network.write import write_network
from flowopt.planning.compare import compare
from flowopt.planning.evaluate import evaluate
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from tests.command import run
from tests.networks import shipped

PRICE = "no market pays enough; fill in price in demands.csv"


def test_three_of_a_kind_are_told_one_by_one() -> None:
    lines = tuple(f"nodes.csv:{row}: node: 'n{row}' has no arcs" for row in (2, 3, 4))
    assert grouped_warnings(lines) == lines


def test_more_are_one_line_and_others_stay() -> None:
    many = [f'nodes.csv:{row}: node: "n\'{row}" has no arcs' for row in range(2, 1002)]
    other = "arcs.csv:7: head: the arc leaves and enters 'x', so it carries nothing anywhere"
    assert grouped_warnings([many[0], other, *many[1:]]) == (
        'nodes.csv:2: node: "n\'2" has no arcs (and 999 more like it: "n\'3", "n\'4", "n\'5", '
        "...; flowopt check lists all)",
        other,
    )


def test_without_names_the_rows_are_named() -> None:
    lines = [f"effects.csv:{row}: the effect changes nothing: its uptime is 0" for row in range(4)]
    (line,) = grouped_warnings(lines)
    assert "(and 3 more like it: row 1, row 2, row 3; flowopt check lists all)" in line


@pytest.fixture
def idle() -> Network:
    """Return `two-bridges` with ten measures that do nothing."""
    network = shipped("two-bridges")
    more = [Measure(measure=f"x{i}", name=f"X{i}", cost=1.0) for i in range(10)]
    return network.replace(measures=[*network.measures, *more])


def test_results_have_them_in_brief_and_the_network_has_all(idle: Network) -> None:
    assert len(idle.warnings) == 10
    line = grouped_warnings(idle.warnings)[0]
    assert "and 9 more like it" in line
    for result in (
        solve(idle, budget=1),
        evaluate(idle, ["m_north"], alone=True),
        respond(idle),
        compare([idle], budgets=[1.0]).sweeps[0],
    ):
        assert result.warnings == (line,), type(result)


def test_check_lists_all_and_other_commands_one(idle: Network, tmp_path: Path) -> None:
    write_network(idle, tmp_path / "net")
    assert run("check", tmp_path / "net").stdout.count("has no effects and reforms nothing") == 10
    assert run("flow", tmp_path / "net").stdout.count("warning: ") == 1
    assert run("convert", tmp_path / "net", tmp_path / "net.json").stderr.count("warning: ") == 1


def free_of_charge() -> Network:
    """Return the two bridges with a market that pays nothing."""
    network = shipped("two-bridges")
    return network.replace(demands=[replace(row, price=0.0) for row in network.demands])


def test_money_that_nobody_pays_is_a_warning() -> None:
    network = free_of_charge()
    assert unpriced(network)
    assert not unpriced(shipped("tiny"))
    for objective in ("profit", "bilevel"):
        assert PRICE in solve(network, budget=1, objective=objective).warnings
        assert PRICE in respond(network, objective=objective).warnings
    assert PRICE in evaluate(network, ["m_north"], objective="profit", alone=True).warnings
    assert PRICE in compare([network], budgets=[1.0], objectives=["profit"]).sweeps[0].warnings
    assert not solve(network, budget=1).warnings
    assert not solve(shipped("tiny"), budget=1, objective="profit").warnings


def test_check_says_that_nothing_pays(tmp_path: Path) -> None:
    write_network(free_of_charge(), tmp_path / "net")
    for words in ((), ("--json",)):
        done = run("check", tmp_path / "net", *words)
        assert "no market pays enough for the objectives profit and bilevel" in done.stdout
        assert done.returncode == 0
