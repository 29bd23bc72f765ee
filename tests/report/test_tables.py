"""What people read in the terminal: who earns, and in which unit."""

from __future__ import annotations

from typing import Any

import pytest

from flowopt.network.schema import Earning
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.report.tables import response_report, solution_report
from tests.networks import shipped


def told(text: str) -> list[list[str]]:
    """Return the words of each line below the title."""
    assert text.count("Who earns, M USD a year\n") == 1
    return [line.split() for line in text.split("Who earns, M USD a year\n")[1].splitlines()]


NOTE = "receipts before what each of them pays, so they don't add up"
GROSS = NOTE.split()


def test_who_earns_today(capsys: pytest.CaptureFixture[str]) -> None:
    response_report(shipped("tiny"), respond(shipped("tiny")))
    assert told(capsys.readouterr().out) == [
        ["organisation", "M", "USD"],
        ["Strip", "owner", "2.00"],
        ["Harbour", "crew", "10.00"],
        GROSS,
    ]


def test_who_earns_less_the_same_or_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Uprooting leaves 5 t, which all go by air and mule: the ship stays."""
    rows = [
        Earning(organisation=name, on=on, target=target, rate=rate)
        for name, on, target, rate in (
            ("less", "arc", "ship", 1234.0),
            ("same", "arc", "flight", 10.0),
            ("[red]none", "arc", "flight", 0.0),
        )
    ]
    network = shipped("tiny").replace(earnings=rows)
    solution_report(network, solve(network, budget=5))
    assert told(capsys.readouterr().out)[:5] == [
        ["organisation", "before", "after", "change", "share"],
        ["less", "6.17", "0.00", "-6.17", "-100.0%"],
        ["same", "0.04", "0.04", "-"],
        ["[red]none", "0.00", "0.00", "-"],
        GROSS,
    ]


def test_no_table_where_nobody_earns(capsys: pytest.CaptureFixture[str]) -> None:
    network = shipped("two-bridges")
    response_report(network, respond(network))
    solution_report(network, solve(network, budget=4))
    assert "Who earns" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("objective", "unit"), [("flow", "t"), ("profit", "M USD"), ("bilevel", "M USD")]
)
def test_what_one_more_tonne_brings_is_counted_as_the_trafficker_counts(
    objective: Any, unit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    network = shipped("tiny")
    solution_report(network, solve(network, budget=4, objective=objective))
    (header,) = [line for line in capsys.readouterr().out.splitlines() if "for one more" in line]
    assert header.split("  ")[-1].strip() == f"{unit} for one more"
