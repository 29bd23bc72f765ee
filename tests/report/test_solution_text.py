"""What people read in the terminal: who earns, and in which unit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flowopt.network.schema import Earning
from flowopt.planning.evaluate import evaluate
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.report.evaluation_headline import evaluation_headline
from flowopt.report.evaluation_text import evaluation_report
from flowopt.report.headline import plan_headline
from flowopt.report.result_writer import cell
from flowopt.report.solution_text import response_report, solution_report
from flowopt.report.units import Units
from flowopt.results.evaluation import Evaluation
from flowopt.results.rows import Rows
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


def test_the_first_screen_of_a_flow_names_what_it_leaves_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    network = shipped("peru-2014")
    response_report(network, respond(network), full=False)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 40
    assert sum(line.startswith("and ") and line.endswith(" more") for line in lines) == 3
    told = " ".join(lines[lines.index("") :])
    for words in ("--full prints the rest: all rows", "by country", "who earns"):
        assert words in told
    assert "Who earns, M USD a year" not in told


def test_a_small_flow_leaves_no_row_out(capsys: pytest.CaptureFixture[str]) -> None:
    network = shipped("two-bridges")
    response_report(network, respond(network), full=False)
    assert "--full prints the rest: what holds the trafficker back." in capsys.readouterr().out


def test_who_earns_less_the_same_or_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Uprooting leaves 5 t, which all go by air and mule: the ship stays."""
    rows = [
        Earning(organisation=name, on=on, target=target, rate=rate)  # type: ignore[arg-type]  # a literal
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


def written(found: Evaluation) -> list[dict[str, str]]:
    """Return the rows of comparison.csv."""
    return [
        dict(zip(found.comparison.columns, map(cell, record), strict=True))
        for record in found.comparison.records()
    ]


REASONS: list[tuple[Any, str]] = [
    ("time", "Not proved, stopped by the time limit: a "),
    ("nodes", "Not proved, stopped by the node limit: a "),
    ("interrupted", "Not proved, stopped by you: a "),
    (None, "Not proved: a "),
]


@pytest.mark.parametrize(("limit", "said"), REASONS)
@pytest.mark.parametrize("question", [{"budget": 4}, {"target": 7}])
def test_a_limit_says_what_stopped_it(
    limit: Any, said: str, question: dict[str, float], capsys: pytest.CaptureFixture[str]
) -> None:
    network = shipped("tiny")
    found = replace(solve(network, **question), status="limit", limit=limit)  # type: ignore[call-overload]  # what the test knows
    solution_report(network, found)
    printed = " ".join(capsys.readouterr().out.split())
    assert said in printed
    assert said in plan_headline(found.summary(), Units(network, "flow")).sure[0]
    assert "came first" not in printed


@pytest.mark.parametrize(("limit", "said"), REASONS)
def test_a_plan_beside_another_says_what_stopped_it(
    limit: Any, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    network = shipped("tiny")
    found = evaluate(network, ["m_strip"])
    yours, best = found.comparison
    rows = Rows(found.comparison.row, [yours, replace(best, status="limit")])
    found = replace(found, comparison=rows, limit=limit)
    evaluation_report(network, found)
    assert said in " ".join(capsys.readouterr().out.split())
    headline = evaluation_headline(found.summary(), Units(network, "flow"), written(found))
    assert said in " ".join(headline.sure)


@pytest.mark.parametrize(
    ("status", "said"),
    [("optimal", "no plan cuts deliveries: "), ("limit", "no plan that cuts deliveries was found")],
)
def test_only_a_proof_says_that_no_plan_helps(
    status: Any, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    network = shipped("tiny")
    found = replace(solve(network, budget=0), status=status)
    solution_report(network, found)
    assert said in " ".join(capsys.readouterr().out.split())
    assert said in plan_headline(found.summary(), Units(network, "flow")).answer


def test_a_plan_of_nothing_made_by_hand_is_no_claim_about_others() -> None:
    network = shipped("tiny")
    found = evaluate(network, [])
    headline = evaluation_headline(found.summary(), Units(network, "flow"), written(found))
    assert headline.answer == (
        "A plan without measures cuts nothing: deliveries still 10.0 t a year."
    )


@pytest.mark.parametrize(
    ("question", "limit", "said"),
    [
        ({"budget": 0, "include": ["m_strip"]}, None, "There is no plan that keeps the conditions"),
        ({"target": 7}, "time", "No plan was found, stopped by the time limit."),
    ],
)
def test_where_there_is_no_plan_it_says_why(
    question: dict[str, Any], limit: Any, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    network = shipped("tiny")
    found = solve(network, **question)
    if limit:
        found = replace(found, status="no_solution", value=None, after=None, limit=limit)
    solution_report(network, found)
    assert said in capsys.readouterr().out
