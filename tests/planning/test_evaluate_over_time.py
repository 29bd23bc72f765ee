"""Over time: the trafficker period by period, campaigns, purchases, and less foresight.

The answers on `tiny-years` are worked out by hand in its description; those of the campaigns on
`peru-2015-2019` come from independent linear programmes: figures of one, and that of the oracles.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import flowopt
from flowopt.errors import RequestError
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build_over_time import build_over_time
from flowopt.network.network import Network
from flowopt.network.schema import Measure, Period
from flowopt.objectives import Objective
from flowopt.planning.evaluate_over_time import evaluate_over_time, respond_over_time
from flowopt.planning.myopic import myopic
from flowopt.planning.schedule_file import read_schedule
from flowopt.planning.schedules import campaigns_of, named_schedule
from tests.docs.campaign_table import AGAIN, PAGE, evaluated, rows_of
from tests.docs.campaign_table import read as read_page
from tests.drawn.dice import Dice
from tests.drawn.periods import schedule
from tests.draws import draws
from tests.networks import shipped
from tests.oracles.over_time import value_over_time
from tests.peru import CAMPAIGNS, FIVE_YEARS, FIVE_YEARS_CLOSED, FIVE_YEARS_PROFIT, THREE_YEARS
from tests.strategies import networks_over_time


@pytest.fixture(scope="module")
def tiny() -> Network:
    return shipped("tiny-years")


@pytest.fixture(scope="module")
def peru() -> Network:
    return shipped("peru-2015-2019")


@pytest.mark.parametrize(
    ("objective", "baseline", "boats", "radar_first"),
    [
        ("flow", (26.0, 20.0), (16.0, 10.0, 16.0), (15.0, 15.0, 15.0)),
        ("profit", (25.4, 20.0), (15.4, 10.0, 15.4), (15.0, 15.0, 14.4)),
        ("bilevel", (26.0, 20.0), (16.0, 10.0, None), (15.0, 15.0, None)),
    ],
)
def test_campaigns_by_hand(
    tiny: Network,
    objective: Objective,
    baseline: tuple[float, float],
    boats: tuple[float | None, ...],
    radar_first: tuple[float | None, ...],
) -> None:
    found = evaluate_over_time(tiny, ["all"], objective=objective)
    assert (found.baseline, found.baseline_without_openings) == pytest.approx(baseline)
    values = [(row.value, row.value_without_openings, row.value_myopic) for row in found.campaigns]
    assert values == [pytest.approx(boats), pytest.approx(radar_first)]
    assert [row.spent for row in found.campaigns] == [4.0, 6.0]
    assert [row.breaks for row in found.campaigns] == ["", ""]
    bought = [(row.campaign, row.period, row.measure) for row in found.schedule if row.bought]
    assert bought == [("radar-first", "y1", "m_radar")]


def test_what_opens_by_hand(tiny: Network) -> None:
    found = respond_over_time(tiny, objective="profit")
    (row,) = found.openings
    assert (row.period, row.id, row.opened, row.opening_cost) == ("y1", "flight", 6.0, 0.6)
    assert (row.capacity_before, row.capacity_after) == (0.0, 6.0)
    assert [each.profit for each in found.periods] == [10.0, 16.0]
    assert respond_over_time(tiny, ["m_radar"], objective="profit").openings == ()


@pytest.mark.slow
def test_campaigns_of_peru_are_those_of_an_independent_programme(peru: Network) -> None:
    """So are those of the page, with the best schedule."""
    stated, best = read_page(PAGE.read_text("utf-8"))
    tonnes, profits = evaluated(peru, best)
    assert list(rows_of(tonnes, profits)) == stated, AGAIN
    assert tonnes.baseline == pytest.approx(FIVE_YEARS, abs=5e-3)
    assert tonnes.baseline_without_openings == pytest.approx(FIVE_YEARS_CLOSED, abs=0.05)
    assert profits[""] == pytest.approx(FIVE_YEARS_PROFIT, abs=0.5)
    plans = campaigns_of(peru, ["all"])
    named = {row.campaign for row in peru.campaigns}
    found = (row for row in tonnes.campaigns if row.campaign in named)
    for plan, row in zip(plans, found, strict=True):
        chosen = [(m, peru.periods[t].period) for m, t in plan.in_force]
        assert row.value == pytest.approx(value_over_time(peru, chosen, "flow"), rel=1e-8)
        profit = value_over_time(peru, chosen, "profit")
        assert profits[row.campaign] == pytest.approx(profit, rel=1e-8)
        cut, closed, less = CAMPAIGNS[row.campaign]
        assert row.cut == pytest.approx(cut, abs=0.05)
        assert row.cut_without_openings == pytest.approx(closed, abs=0.05)
        assert profits[""] - profit == pytest.approx(less, abs=0.5)
        assert row.value_myopic is not None
        assert row.value_without_openings <= row.value_myopic * (1 + 1e-5)
        assert row.value_myopic <= row.value * (1 + 1e-5)
    assert {row.campaign for row in tonnes.campaigns if row.breaks} == {
        "eradication-then-ports", "ports-then-eradication",
    }  # fmt: skip


def test_three_years_of_peru(peru: Network) -> None:
    periods = peru.periods[:3]
    names = {each.period for each in periods}
    short = peru.replace(
        periods=periods,
        trends=[row for row in peru.trends if row.from_ in names],
        campaigns=(),
    )
    assert respond_over_time(short).value == pytest.approx(THREE_YEARS, abs=5e-3)


@settings(max_examples=draws(10))
@given(st.data())
def test_who_foresees_more_brings_more(data: st.DataObject) -> None:
    network = data.draw(networks_over_time())
    chosen = [f"{m}@{p}" for m, p in schedule(network, Dice.drawn(data.draw))]
    found = named_schedule(network, "drawn", chosen)
    whole, closed = build_over_time(network), build_over_time(network, openings=False)
    plan = [whole.in_force[each] for each in found.in_force]
    for objective in ("flow", "profit"):
        most = BestResponseSolver(whole.model, objective).value(plan)
        least = BestResponseSolver(closed.model, objective).value(plan)
        simulated = myopic(whole, found, objective).value
        slack = 1e-6 * max(1.0, abs(most))
        assert least <= most + slack
        assert simulated <= most + slack
        if objective == "flow":  # for profit it may open in vain, and earn less than with nothing
            assert least <= simulated + slack


# -- schedules -----------------------------------------------------------------------------------


def years(setup: float, lead: float, lasts: float | None, count: int = 5) -> Network:
    """Return tiny over so many years, with a first measure that is bought."""
    network = shipped("tiny")
    first = network.measures[0]
    return network.replace(
        periods=[Period(period=f"y{t}") for t in range(count)],
        measures=[
            Measure(measure=first.measure, name=first.name, cost=1.0, setup=setup, lead=lead,
                    lasts=lasts),
            *network.measures[1:],
        ],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lead", "lasts", "wanted", "bought"),
    [
        (0.0, None, "y1 y3", "y1"),
        (1.0, None, "y1 y3", "y0"),
        (1.0, 2.0, "y1 y2 y3", "y0 y2"),
        (0.0, 2.0, "y0 y1 y2 y4", "y0 y2 y4"),
        (0.0, 1.0, "y1 y3", "y1 y3"),
    ],
)
def test_purchases_are_the_fewest_and_latest(
    lead: float, lasts: float | None, wanted: str, bought: str
) -> None:
    network = years(2.0, lead, lasts)
    name = network.measures[0].measure
    found = named_schedule(network, "mine", [f"{name}@{period}" for period in wanted.split()])
    assert [network.periods[q].period for _, q in found.bought] == bought.split()
    assert found.impossible == ()


def test_what_cannot_be_in_force_is_left_out_and_named() -> None:
    network = years(2.0, 1.0, None)
    name = network.measures[0].measure
    found = evaluate_over_time(network, measures=[f"{name}@y0", f"{name}@y1"])
    (row,) = found.campaigns
    assert "cannot be in force in y0: its lead of 1 year is not over" in row.breaks
    assert [(r.period, r.in_force) for r in found.schedule] == [("y0", ""), ("y1", "yes")]


def test_a_measure_alone_is_in_force_whenever_it_may_be() -> None:
    network = years(2.0, 2.0, None)
    name = network.measures[0].measure
    assert named_schedule(network, "mine", [name]).in_force == ((name, 2), (name, 3), (name, 4))


def test_money_that_is_left_stays_with_carry(tiny: Network) -> None:
    measures = ["m_boats@y1", "m_boats@y2"]
    for budget, carry, broken in ((1.0, False, 2), (2.0, False, 0), (3.0, True, 0)):
        found = evaluate_over_time(tiny, measures=measures, budget=budget, carry=carry)
        assert found.campaigns[0].breaks.count("it costs") == broken
    poor = tiny.replace(
        periods=[replace(tiny.periods[0], budget=3.0), replace(tiny.periods[1], budget=1.0)]
    )
    for carry, broken in ((False, 1), (True, 0)):
        found = evaluate_over_time(poor, measures=measures, carry=carry)
        assert found.campaigns[0].breaks.count("it costs") == broken


def test_unknown_names_are_all_told(tiny: Network) -> None:
    with pytest.raises(RequestError) as error:
        evaluate_over_time(tiny, ["boat"])
    assert str(error.value) == "campaign 'boat' is not in the network; did you mean 'boats'?"
    with pytest.raises(RequestError) as error:
        evaluate_over_time(tiny, measures=["m_boat@y1", "m_boats@y3"])
    assert str(error.value).split("\n") == [
        "measure 'm_boat' is not in the network; did you mean 'm_boats'?",
        "'m_boats@y3': the network has no period 'y3'; it has y1, y2",
    ]
    with pytest.raises(RequestError, match=r"tiny has no periods; give it periods\.csv"):
        respond_over_time(shipped("tiny"))
    with pytest.raises(RequestError, match="there is no schedule to evaluate"):
        evaluate_over_time(tiny)


def test_a_schedule_comes_from_a_file(tiny: Network, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(
        "period,measure,bought,in_force\ny1,m_radar,yes,\ny2,m_radar,,yes\ny2,m_boats,,yes\n",
        encoding="utf-8",
    )
    words = read_schedule(file)
    assert words == ["m_radar@y2", "m_boats@y2"]
    found = flowopt.evaluate_over_time(tiny, schedules={"mine": words})
    assert [row.value for row in found.campaigns] == [15.0]
    file.write_text("measure\nm_boats\n", encoding="utf-8")
    with pytest.raises(RequestError, match="there is no column 'period'"):
        read_schedule(file)


def test_carried_money_has_to_be_known() -> None:
    years = [Period(period="2015", budget=3.0), Period(period="2016")]
    network = shipped("two-bridges").replace(periods=years)
    with pytest.raises(RequestError, match="no budget for 2016"):
        evaluate_over_time(network, measures=["m_north"], carry=True)


def test_a_budget_may_be_that_of_one_period() -> None:
    first = evaluate_over_time("networks/tiny-years", ["boats"], budget={"y1": 1.0}).campaigns[0]
    assert first.breaks == "y1: it costs 2 M USD a year, 1 over the 1 that there are"
