"""Checks that a schedule keeps money, resources, rules, windows, leads and purchases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import exceeds
from flowopt.planning.recheck.period_arithmetic import (
    InForce,
    broken_by_period,
    budgets_by_period,
    in_order,
    uses_by_period,
)
from flowopt.planning.recheck.period_context import Shown, parsed
from flowopt.planning.recheck.stated_over_time import StatedCampaign, TimeCertificate
from flowopt.planning.recheck.verdict import Check, Comparison


def check_schedule(certificate: TimeCertificate, shown: Shown) -> Check:
    """Check that the best schedule keeps all conditions."""
    check = Comparison("the schedule keeps money, resources, rules and what is asked for")
    labels = certificate.bought
    check.equal("the purchases in order", labels, _labels(shown, shown.bought))
    check_possible(shown, check)
    _check_money(certificate, shown, check)
    _check_resources(certificate, shown, check)
    for t, rule in broken_by_period(shown.network, shown.in_force):
        broken = f"{rule.measure} {rule.relation} {rule.other}"
        check.fault(f"it breaks the rule {broken} in {shown.horizon.names[t]}")
    _check_chosen(certificate, shown, check)
    return check.check()


def check_campaign(stated: StatedCampaign, shown: Shown, check: Comparison) -> None:
    """Check that a campaign can be in force, with the fewest and latest purchases.

    A best schedule, which has a status, may buy earlier, where there is more money.
    """
    check.about = f"{stated.campaign}: "
    check_possible(shown, check)
    latest: list[InForce] = []
    for row in shown.network.measures:
        periods = [t for measure, t in shown.in_force if measure == row.measure]
        latest += [(row.measure, q) for q in shown.horizon.latest_purchases(row, periods)]
    there = shown.bought if stated.status else in_order(shown.network, latest)
    check.equal("the purchases", stated.bought, _labels(shown, there))
    known = stated.status in ("", "optimal", "limit", *(("estimated",) if stated.outcomes else ()))
    check.equal("that the status is one", known, True)
    check.equal("that there is a bound", stated.bound is not None, bool(stated.status))
    if stated.bound is not None and not stated.outcomes:  # else it is one on means
        check.at_most("the bound", stated.bound, stated.response.open.value)


def check_possible(shown: Shown, check: Comparison, *, bought: bool = True) -> None:
    """Compare what is in force with windows and leads, and with purchases if they are stated."""
    horizon = shown.horizon
    rows = {row.measure: row for row in shown.network.measures}
    stated = shown.stated.open.measures
    check.equal("the schedule, period by period in file order", stated,
                _labels(shown, shown.in_force))  # fmt: skip
    for measure, t in shown.in_force:
        row, label = rows[measure], horizon.label((measure, t))
        if not horizon.possible(row, t):
            check.fault(f"{label} cannot be in force, by its window or its lead")
        elif (
            row.setup
            and bought
            and not any(m == measure and horizon.serves(row, q, t) for m, q in shown.bought)
        ):
            check.fault(f"{label} is served by no purchase")
    for measure, q in shown.bought:
        if not rows[measure].setup:
            check.fault(f"{horizon.label((measure, q))}: there is nothing to buy")


def _labels(shown: Shown, each: list[InForce]) -> tuple[str, ...]:
    return tuple(shown.horizon.label(one) for one in each)


def _check_money(certificate: TimeCertificate, shown: Shown, check: Comparison) -> None:
    saved = 0.0
    budgets = budgets_by_period(shown.network, certificate.budget)
    for row, there, spent in zip(shown.network.periods, budgets, shown.money, strict=True):
        if there is None:
            if certificate.target is None or certificate.carry:
                check.fault(f"{row.period} has no budget")
            continue
        left = there + saved / row.years
        check.note(f"{row.period}: {spent.a_year:.10g} of {left:.10g}")
        if exceeds(spent.a_year, left):
            check.fault(f"it costs {spent.a_year:.12g} a year in {row.period}, over {left:.12g}")
        saved = max(0.0, left - spent.a_year) * row.years if certificate.carry else 0.0


def limits_of(network: Network, given: Mapping[str, Any]) -> dict[str, float]:
    """Return the limits of resources: those given, else the network's."""
    own = {row.resource: row.limit for row in network.resources}
    limits = {name: given.get(name, limit) for name, limit in own.items()}
    return {name: float(limit) for name, limit in limits.items() if limit is not None}


def _check_resources(certificate: TimeCertificate, shown: Shown, check: Comparison) -> None:
    for label, used in uses_by_period(shown.network, shown.in_force).items():
        limit = certificate.resources.get(label.rpartition("@")[0])
        if limit is not None and exceeds(used, limit):
            check.fault(f"it takes {used:.12g} of {label}, over {limit:.12g}")


def _check_chosen(certificate: TimeCertificate, shown: Shown, check: Comparison) -> None:
    """Compare the schedule with what had to be, and could not be, in force."""
    chosen = set(shown.in_force)
    for word in certificate.include:
        missing = [e for e in named(shown, word) if e not in chosen]
        check.equal(f"what of {word} is missing", _labels(shown, missing), ())
    for word in certificate.exclude:
        there = [e for e in named(shown, word) if e in chosen]
        check.equal(f"what of {word} is there", _labels(shown, there), ())


def named(shown: Shown, word: str) -> list[InForce]:
    """Return what a word names: a measure in a period, or in all in which it can be."""
    rows = {row.measure: row for row in shown.network.measures}
    if word not in rows:
        return parsed(shown.years, (word,))
    periods = range(len(shown.horizon.names))
    return [(word, t) for t in periods if shown.horizon.possible(rows[word], t)]
