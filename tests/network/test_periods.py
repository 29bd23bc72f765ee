"""Networks of periods: trends, windows, and one period alone as a network of one year."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowopt.errors import RequestError
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.network.periods import period_networks, timeless
from flowopt.network.read import read_network
from flowopt.network.schema import Trend
from flowopt.network.timeline import Timeline
from tests.command import run
from tests.network.overlays import BASE, OF_TIME, OVER_TIME
from tests.networks import SHIPPED


@pytest.fixture(scope="module")
def years() -> Network:
    return read_network(OVER_TIME)


def test_trends_hold_until_a_later_one_says_otherwise(years: Network) -> None:
    first, second, last = period_networks(years)
    quantities = [each.demands[0].quantity for each in (first, second, last)]
    prices = [each.demands[0].price for each in (first, second, last)]
    assert quantities == [30.0, 30.0 * 1.1, 30.0 * 1.1]
    assert prices == [900.0, 900.0 * 0.95, 900.0 * 0.95]
    assert [row.price for row in last.demands[1:]] == [700.0 * 1.2, 500.0 * 1.2]
    assert [row.capacity for row in last.arcs[3:]] == [60.0 * 0.9] * 2
    assert [row.cost for row in last.arcs[3:]] == [9.0 * 1.1] * 2
    assert first.arcs == years.arcs


def test_a_blank_says_nothing_and_targets_multiply(years: Network) -> None:
    trends = [
        Trend(from_="2015", on="arc", target="a*", cost=2.0),
        Trend(from_="2016", on="arc", target="a3", cost=3.0, capacity=0.5),
        Trend(from_="later", on="arc", target="a3", capacity=0.25),
        Trend(from_="later", on="arc", target="a*", cost=1.0),
    ]
    found = period_networks(years.replace(trends=trends))
    assert [(each.arcs[2].capacity, each.arcs[2].cost) for each in found] == [
        (80.0, 5.0 * 2.0), (40.0, 5.0 * 6.0), (20.0, 5.0 * 3.0),
    ]  # fmt: skip


def test_without_its_times_a_network_is_the_base(years: Network) -> None:
    plain, base = timeless(years), read_network(BASE)
    tables = {name: rows for name, rows in plain.tables().items() if name != "rules"}
    assert tables == {name: getattr(base, name) for name in tables}
    assert plain.rules == base.rules


def test_one_period_alone_has_the_measures_that_it_may(years: Network) -> None:
    """m2 takes a year from its purchase, m4 begins later, m6 comes after another."""
    first = years.period("2015")
    assert [row.measure for row in first.measures] == ["m1", "m3", "m5"]
    assert {row.measure for row in first.effects} == {"m1", "m3"}
    assert [(row.measure, row.target) for row in first.reforms] == [("m5", "m1")]
    assert (first.rules, first.info.period) == ((), "The first year")
    assert not any(getattr(first, name) for name in OF_TIME)
    last = years.period("later")
    assert [row.measure for row in last.measures] == ["m1", "m2", "m4", "m5", "m6"]
    assert all(row.setup == row.lead == 0.0 and row.lasts is None for row in last.measures)


def test_a_scenario_changes_what_a_trend_multiplies(years: Network) -> None:
    dry = years.scenario("dry")
    assert dry.periods == years.periods
    assert dry.period("later").demands[0].price == 950.0 * 0.95


def test_an_unknown_period_is_told(years: Network) -> None:
    with pytest.raises(RequestError, match="has no period '2014'"):
        years.period("2014")
    with pytest.raises(RequestError, match=r"the network has none; give it periods\.csv"):
        read_network(BASE).period("2015")


def test_windows_leads_and_purchases() -> None:
    """By hand: years of half, one and two, beginning at 0, 0.5 and 1.5."""
    network = read_network(OVER_TIME)
    lengths = (0.5, 1.0, 2.0)
    periods = [replace(p, years=y) for p, y in zip(network.periods, lengths, strict=True)]
    timeline = Timeline(periods)
    assert timeline.starts == (0.0, 0.5, 1.5)
    bought = replace(network.measures[1], setup=1.0, lead=0.5, lasts=1.0)
    assert [timeline.serves(bought, q) for q in range(3)] == [[1], [2], []]
    assert timeline.possible(replace(bought, lasts=None)) == [1, 2]
    assert timeline.possible(replace(bought, setup=0.0, lasts=None, lead=1.0)) == [2]
    assert timeline.purchases(replace(bought, lasts=1.5), 2) == [0, 1]
    opening = network.openings[0]  # 100 a year and 250 in all, after a year
    assert timeline.most_open(opening) == [0.0, 0.0, 150.0]


def test_latest_purchases_are_the_fewest_that_serve() -> None:
    """What is bought lasts two of four years: one purchase serves two of them."""
    timeline = Timeline([schema.Period(period=name) for name in "abcd"])
    bought = replace(read_network(OVER_TIME).measures[1], setup=1.0, lead=0.0, lasts=2.0)
    assert timeline.latest_purchases(bought, [2, 0, 1]) == [0, 2]
    assert timeline.latest_purchases(bought, [1, 3]) == [1, 3]
    assert timeline.latest_purchases(bought, [0, 1, 2], barred={2}) == [0, 1]
    assert timeline.latest_purchases(bought, [0], barred={0}) == []


def test_periods_are_described_by_their_names() -> None:
    first, last = schema.Period(period="a", name="Now"), schema.Period(period="b", name="Then")
    assert Timeline([first, last]).described() == "2 periods, Now to Then, 2 years"
    assert Timeline([first]).described() == "1 period, Now, 1 year"
    assert Timeline([replace(first, name="")]).described() == "1 period, a, 1 year"


def test_a_period_alone_bears_its_name_or_else_its_id(years: Network) -> None:
    for name, shown in (("Afterwards", "Afterwards"), ("", "later")):
        periods = [
            replace(row, name=name if row.period == "later" else row.name) for row in years.periods
        ]
        assert years.replace(periods=periods).period("later").info.period == shown


def test_a_period_alone_is_asked_with_an_option() -> None:
    ran = run("solve", SHIPPED / "tiny-years", "--period", "y2", "--budget", 2)
    assert "cuts deliveries from 10.00 to 5.00 t a year" in ran.stdout.replace("\n", " ")
    ran = run("flow", SHIPPED / "tiny-years", "--period", "y3")
    assert ran.returncode != 0
    assert "has no period 'y3'; it has y1, y2" in ran.stderr
