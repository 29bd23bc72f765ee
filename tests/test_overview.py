"""What a prompt or a notebook shows of a network or a result: a few lines, names as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import flowopt
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.overview import Overviewed
from tests.networks import shipped

_MARKUP = "<script>alert(1)</script> & \x1b[2J 'all'"
_MOST_LINES, _LONGEST = 10, 100


@cache
def marked() -> Network:
    """Return a network whose names are markup and control signs."""
    tiny = shipped("tiny")
    return tiny.replace(
        info=replace(tiny.info, title=_MARKUP),
        nodes=[replace(row, name=_MARKUP) for row in tiny.nodes],
        measures=[replace(row, name=_MARKUP) for row in tiny.measures],
    )


def shown(folder: Path) -> Iterator[Overviewed]:
    """Yield an object of every public class, and what results hold."""
    network = marked()
    yield from (network, shipped("peru-2014"))
    solution = flowopt.solve(network, budget=4, alternatives=3)
    yield from (solution, solution.before, solution.before.proof, solution.flows, solution.plan)
    yield from (solution.alternatives, solution.organisations, solution.markets.of({}))
    yield flowopt.solve(network, budget=0.1, include=["m_crops"])
    yield flowopt.solve(network, target=6, objective="bilevel")
    yield flowopt.evaluate(network, ["m_crops"], budget=1, against=["coverage"])
    frontier = flowopt.compare([network], budgets="0:4:2", objectives=["flow", "profit"])
    yield from (frontier, frontier.frontier, frontier.measures, *frontier.evidence)
    solution.write(folder)
    yield flowopt.verify(folder)
    yield flowopt.stress(network, ["m_strip"], draws=5)
    worlds = [schema.Scenario(scenario=name, name=_MARKUP) for name in ("dry", "wet")]
    in_worlds = network.replace(scenarios=worlds)
    yield flowopt.solve(in_worlds, budget=4, criterion="worst")
    yield flowopt.compare([in_worlds], budgets="0:4:4", criterion="worst")
    unsure = network.replace(measures=[replace(row, success=0.5) for row in network.measures])
    yield flowopt.solve(unsure, budget=4)
    yield flowopt.compare([unsure], budgets="0:4:4")
    yield flowopt.compare([unsure], budgets="0", objectives=["flow", "profit"])
    years = network.replace(periods=[schema.Period(period=year) for year in ("2015", "2016")])
    yield from (flowopt.respond_over_time(years), flowopt.solve_over_time(years, budget=4))
    yield flowopt.evaluate_over_time(years, measures=["m_strip"])
    yield flowopt.compare_over_time(years, budgets="0:4:4")
    yield flowopt.TraffickerOverTime(years)
    unsure = years.replace(measures=unsure.measures)
    yield flowopt.solve_over_time(unsure, budget=4)
    yield flowopt.evaluate_over_time(unsure, measures=["m_strip"])
    trafficker = flowopt.Trafficker(network)
    yield from (trafficker, trafficker.respond(["m_strip"]))
    yield flowopt.formulate(network, budget=4)


def test_each_public_object_is_a_few_lines_and_a_small_table(tmp_path: Path) -> None:
    seen = set()
    for each in shown(tmp_path / "result"):
        seen.add(type(each).__name__)
        lines = repr(each).splitlines()
        assert 1 <= len(lines) <= _MOST_LINES, repr(each)
        assert all(len(line) <= _LONGEST and line.isprintable() for line in lines), repr(each)
        html = each._repr_html_()
        assert html.startswith("<table>")
        assert html.count("<tr>") <= 12
        assert len(html) < 30_000
        assert "<script" not in html
        assert "\x1b" not in html
    classes = {name for name in flowopt.__all__ if issubclass_of(name, Overviewed)}
    assert classes <= seen


def issubclass_of(name: str, kind: type) -> bool:
    thing = getattr(flowopt, name)
    return isinstance(thing, type) and issubclass(thing, kind)


def test_an_overview_says_what_counts() -> None:
    solution = flowopt.solve(shipped("tiny"), budget=4)
    assert repr(solution).splitlines()[:4] == [
        "Solution on tiny: optimal",
        "  asked   flow, budget 4",
        "  value   6 of 10 without measures, 40.0% less, bound 6",
        "  plan    4 M USD/yr",
    ]
    assert "Scanner at the harbour (m_scanner)" in repr(solution)
    assert repr(shipped("tiny")).splitlines()[0] == (
        "Network tiny: A whole chain on one page (invented)"
    )


def test_a_table_shows_its_first_rows_and_how_many_there_are() -> None:
    frontier = flowopt.compare(shipped("tiny"), budgets="0:1:0.1").frontier
    for rows in (0, 3, 11):
        table = type(frontier)(frontier.row, frontier[:rows])
        assert repr(table).startswith(f"{rows} rows of FrontierRow")
        assert table._repr_html_().count("<tr>") == (1 + min(rows, 10) if rows else 1)
