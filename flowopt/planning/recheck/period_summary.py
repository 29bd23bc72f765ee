"""Check of `summary.json` of a result over periods, from its certificate."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flowopt.planning.recheck.period_arithmetic import budgets_by_period, uses_by_period
from flowopt.planning.recheck.period_context import ScheduleMean, Shown
from flowopt.planning.recheck.period_luck import outcome_entries, under_luck
from flowopt.planning.recheck.period_tables import YEARLY
from flowopt.planning.recheck.stated_over_time import TimeCertificate
from flowopt.planning.recheck.summary_checks import compare_value, relative_gap
from flowopt.planning.recheck.verdict import Check, Comparison
from flowopt.result_names import FORMAT

UNCHECKED = ("flowopt", "seconds", "warnings", "value_myopic")


def check_summary(
    certificate: TimeCertificate,
    before: Shown,
    after: Shown | None,
    stated: Mapping[str, Any],
    mean: ScheduleMean | None = None,
) -> Check:
    """Compare every number and name of `summary.json` with the certificate.

    `mean` is what a best schedule does over what works, where measures may fail.
    """
    check = Comparison("summary.json agrees with the certificate")
    kind = certificate.result
    expected = of_the_question(certificate, before)
    unchecked = {"flowopt", "warnings"}
    if kind == "response_over_time":
        expected |= _of_response(before)
    else:
        expected |= {
            "carry": certificate.carry,
            "budget": _plain(certificate.budget),
            "resources": dict(certificate.resources),
            "baseline": before.stated.open.value,
            "baseline_without_openings": before.stated.closed.value,
        }
    if kind == "schedule":
        expected |= _of_schedule(certificate, before, after, mean)
        unchecked |= {"seconds", "value_myopic"}
        if mean is not None:
            expected["outcomes"] = outcome_entries(under_luck(certificate))
            unchecked |= {"luck"}
            _compare_luck(mean, stated, before.stated.open.value, check)
        _compare_simulated(certificate, stated, expected, check)
    if kind == "campaigns":
        expected |= {"status": "evaluated"}
        if certificate.under_luck:
            expected["outcomes"] = outcome_entries(certificate.campaigns)
        unchecked |= {"campaigns"}
    for key in sorted({*expected, *unchecked} - stated.keys()):
        check.fault(f"{key} is missing")
    for key in sorted(stated.keys() - expected.keys() - unchecked):
        check.fault(f"{key} is in no certificate")
    size = abs(before.stated.open.value) + abs(before.paid)
    money = math.fsum(year.revenue + year.expenses for year in before.totals)
    for key, value in expected.items():
        if key == "periods" and isinstance(stated.get(key), list):
            stated = {**stated, key: _without_profits(check, stated[key], value, money)}
            value = [{name: x for name, x in row.items() if name != "profit"} for row in value]
        if key in stated:
            compare_entry(check, key, stated[key], value, size + money * (key == "profit"))
    return check.check()


def _without_profits(
    check: Comparison, stated: Sequence[Any], expected: Sequence[Any], money: float
) -> list[Any]:
    """Compare the profit of each period, and return the rest of what is stated of periods.

    Earnings that cancel out are as exact as the money that is taken in and paid.
    """
    rest = []
    for number, row in enumerate(stated, start=1):
        if number <= len(expected) and isinstance(row, dict) and "profit" in row:
            right = expected[number - 1]["profit"]
            compare_value(check, f"periods {number}: profit", row["profit"], right, money)
            row = {name: x for name, x in row.items() if name != "profit"}
        elif number <= len(expected):
            check.fault(f"periods {number}: profit is missing")
        rest.append(row)
    return rest


def _compare_simulated(
    certificate: TimeCertificate,
    stated: Mapping[str, Any],
    expected: dict[str, Any],
    check: Comparison,
) -> None:
    """Take over what is simulated of periods, where there is a simulation of all at all."""
    listed = stated.get("periods")
    found = [
        row.get("value_myopic") if isinstance(row, dict) else None
        for row in (listed if isinstance(listed, list) else [])
    ]
    for row, number in zip(expected["periods"], found, strict=False):
        row["value_myopic"] = number
    whole = stated.get("value_myopic")
    none = {each is None for each in found}
    if certificate.under_luck:  # many outcomes are not played one by one
        check.equal("that every period is simulated, or none", len(none) <= 1, True)
        check.equal("that periods are simulated", whole is not None and True in none, False)
    else:
        check.equal("that every period is simulated, or none", none,
                    {whole is None} if found else set())  # fmt: skip
    if certificate.objective == "bilevel":
        check.equal("value_myopic", whole, None)


def _compare_luck(
    mean: ScheduleMean, stated: Mapping[str, Any], size: float, check: Comparison
) -> None:
    """Compare what is said of luck: how the mean was found, and how sure it is."""
    luck = stated.get("luck")
    expected: dict[str, Any] = {
        "how": "sampled" if mean.drawn else "counted",
        "coins": mean.coins,
        "half_width": mean.half_width,
        "all_works": mean.all_works,
        "all_works_value": mean.all_works_value,
    }
    if not isinstance(luck, dict):
        check.fault("luck is no object with names")
        return
    check.equal("the keys of luck", sorted(luck), sorted(expected))
    for key in expected.keys() & luck.keys():
        side = abs(size) if key == "half_width" else 0.0
        compare_value(check, f"luck: {key}", luck[key], expected[key], side)


def compare_entry(check: Comparison, key: str, stated: Any, expected: Any, size: float) -> None:
    """Compare one entry; `size` is the size of what differences are made of."""
    if isinstance(expected, list) and isinstance(stated, list) and expected:
        check.equal(f"how many {key} there are", len(stated), len(expected))
        for number, (one, other) in enumerate(zip(stated, expected, strict=False), start=1):
            compare_entry(check, f"{key} {number}", one, other, size)
        return
    if isinstance(expected, dict) and isinstance(stated, dict) and "profit" in expected:
        # A row of a period: its profit is a difference, which may be 0 but for rounding.
        of_others = {name: each for name, each in expected.items() if name != "profit"}
        there = {name: each for name, each in stated.items() if name != "profit"}
        compare_value(check, key, there, of_others, 0.0)
        compare_value(check, f"{key}: profit", stated.get("profit"), expected["profit"], size)
        return
    # Twelve digits of two numbers leave the gap, their difference, fewer.
    side = {"cut": size, "profit": size, "gap": 1.0, "cost_gap": 1.0}.get(key, 0.0)
    compare_value(check, key, stated, expected, side if isinstance(expected, float) else 0.0)


def _plain(budget: float | Mapping[str, float] | None) -> Any:
    return dict(budget) if isinstance(budget, Mapping) else budget


def of_the_question(certificate: TimeCertificate, before: Shown) -> dict[str, Any]:
    """Return what every summary of a result over time says of the question."""
    network = before.network
    years = math.fsum(row.years for row in network.periods)
    weighted = any(row.weight != 1.0 for row in network.demands)
    unit = f"weighted {network.info.mass_unit}" if weighted else network.info.mass_unit
    if certificate.objective == "profit":
        unit = f"M {network.info.currency}"
    return {
        "format": FORMAT,
        "network": certificate.network,
        "input_sha256": certificate.input_sha256,
        "objective": certificate.objective,
        **({} if certificate.ties is None else {"ties": certificate.ties}),
        "unit": f"{unit} over {years:g} years",
        "years": years,
        "discount": float(network.info.discount),
        "options": dict(certificate.options),
    }


def _totals(shown: Shown) -> dict[str, float]:
    """Return tonnes and M USD over all periods."""
    horizon, periods = shown.horizon, shown.network.periods
    rows = list(zip(periods, shown.totals, horizon.tonnes, horizon.money, strict=True))
    return {
        "delivered": math.fsum(row.years * year.delivered for row, year, _, _ in rows),
        "weighted": math.fsum(tonnes * year.weighted for _, year, tonnes, _ in rows),
        "profit": math.fsum(money * year.profit for _, year, _, money in rows) - shown.paid,
    }


def _value_a_year(shown: Shown, t: int) -> float:
    year = shown.totals[t]
    return year.profit if shown.years.objective == "profit" else year.weighted


def _of_response(shown: Shown) -> dict[str, Any]:
    return {
        "measures": list(shown.stated.open.measures),
        "value": shown.stated.open.value,
        "value_without_openings": shown.stated.closed.value,
        **_totals(shown),
        "periods": [
            {
                "period": row.period,
                "years": float(row.years),
                "tonne_weight": float(row.weight),
                "value": _value_a_year(shown, t),
                "delivered": shown.totals[t].delivered,
                "weighted": shown.totals[t].weighted,
                "profit": shown.totals[t].profit,
                "opened": shown.opened(row.period),
            }
            for t, row in enumerate(shown.network.periods)
        ],
    }


def _of_schedule(
    certificate: TimeCertificate, before: Shown, after: Shown | None, mean: ScheduleMean | None
) -> dict[str, Any]:
    claim, baseline = certificate.claim, before.stated.open.value
    assert claim is not None  # the reader wants one
    value = None if after is None else after.stated.open.value
    closed = None if after is None else after.stated.closed.value
    if mean is not None:
        value, closed = mean.value, mean.closed
    cut = None if value is None else baseline - value
    spent = None if after is None else after.spent
    gap = None
    if value is not None and claim.bound is not None:
        gap = relative_gap(value, min(claim.bound, value), baseline)
    aimed: dict[str, Any] = {}
    if certificate.target is not None:
        cost_gap = None
        if spent is not None and claim.cost_bound is not None:
            cost_gap = relative_gap(spent, claim.cost_bound)
        aimed = {
            "target": certificate.target,
            "cost_bound": claim.cost_bound,
            "cost_gap": cost_gap,
        }
    none: dict[str, float | None] = dict.fromkeys(("delivered", "weighted", "profit"))
    return {
        **aimed,
        "status": claim.status,
        "limit": claim.limit,
        "value": value,
        "bound": claim.bound,
        "gap": gap,
        "cut": cut,
        "cut_share": cut / baseline if cut is not None and baseline > 0.0 else None,
        "spent": spent,
        "used": {} if after is None else uses_by_period(after.network, after.in_force),
        "measures": [] if after is None else list(after.stated.open.measures),
        "bought": list(certificate.bought),
        **(none if after is None else _totals(after)),
        "value_without_openings": closed,
        "periods": [] if after is None else list(_period_rows(certificate, before, after, mean)),
        "solver": {"name": claim.solver, "version": claim.version, "threads": claim.threads},
    }


def _period_rows(
    certificate: TimeCertificate, before: Shown, after: Shown, mean: ScheduleMean | None
) -> Iterator[dict[str, Any]]:
    """Yield what `periods` must hold of each period."""
    saved = 0.0
    yearly = None if mean is None else mean.yearly
    budgets = budgets_by_period(after.network, certificate.budget)
    for t, (row, budget) in enumerate(zip(after.network.periods, budgets, strict=True)):
        year, money = after.totals[t], after.money[t]
        if certificate.carry and budget is not None:
            saved += (budget - money.a_year) * row.years
        yield {
            "period": row.period,
            "years": float(row.years),
            "tonne_weight": float(row.weight),
            "budget": None if budget is None else float(budget),
            "spent": money.a_year,
            "setup": money.setup,
            "carried": max(0.0, saved),
            "baseline": _value_a_year(before, t),
            "value": _value_a_year(after, t),
            "delivered": year.delivered,
            "weighted": year.weighted,
            "profit": year.profit,
            "opened_baseline": before.opened(row.period),
            "opened": after.opened(row.period),
            **({} if mean is None else {YEARLY: None if yearly is None else yearly[t]}),
        }
