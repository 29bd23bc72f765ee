"""Text of plans whose measures may fail side by side, for each of many budgets."""

from __future__ import annotations

from flowopt.network.network import Network
from flowopt.report.digits import fixed
from flowopt.report.luck_text import worth_within
from flowopt.report.plan_words import MeasureNames
from flowopt.report.terminal import new_console, new_table, plain, print_table
from flowopt.report.units import Units
from flowopt.results.luck_plans import LuckPlan, LuckPlans

_COUNTED = {"cut": "sure cut", "regret": "most regret"}  # whose values are no means left


def luck_budgets_report(network: Network, plans: LuckPlans, *, several: bool = False) -> None:
    """Print the plans of several budgets, each in the mean over what works of it.

    Parameters
    ----------
    network, plans
        The network and its plans.
    several
        Whether those of another objective stand beside them, so that it is named.
    """
    first = plans.solutions[0]
    console, units = new_console(), Units(network, plans.objective, first.of)
    which = f", objective {plans.objective}" if several else ""
    console.print(plain(f"{network.info.title} ({network.info.id}{which})", style="bold"))
    by = "" if first.criterion is None else f", {first.criterion} of the scenarios"
    scenarios = (
        {} if first.criterion is None else {"mean left": "mean_left", "most left": "most_left"}
    )
    counted, sign = "left in the mean", -1.0 if first.criterion == "cut" else 1.0
    if first.criterion in _COUNTED:
        counted = _COUNTED[first.criterion]
    further = [] if plans.complete is None else ["up to the next none below"]
    columns = ["budget", "spent", counted, "bound", "proved", *further, *scenarios, "per M"]
    table = new_table(columns)
    for place, row in enumerate(plans.plans):
        table.add_row(
            f"{row.budget:,.10g}",
            f"{row.spent:,.1f}",
            worth_within(sign * row.value + 0.0, row.high - row.value),
            "" if row.bound is None else fixed(sign * row.bound + 0.0, 2),
            proved(row),
            *([fixed(plans.beyond[place], 2)] if further else []),
            *(fixed(getattr(row, key), 2) for key in scenarios.values()),
            "" if row.marginal is None else fixed(row.marginal, 2),
        )
    title = f"By budget, {units.money} a year: {units.unit} a year in the mean over what works{by}"
    print_table(console, title, table, steps_sentence(complete=plans.complete))
    names = MeasureNames(network)
    for row in plans.plans:
        listed = names.in_table(row.measures) if row.measures else "no measure"
        console.print(plain(f"{row.budget:,.10g}: {listed}"))
    for warning in plans.warnings:
        console.print(plain(f"warning: {warning}"), soft_wrap=True)


def steps_sentence(*, complete: bool | None) -> str:
    """Return whether steps are missing, where all were asked for; else ""."""
    if complete is None:
        return ""
    if complete:
        return "These are all budgets at which the best plan changes by more than the gap."
    return (
        "Steps may be missing between these: no plan that costs less than the next one leaves less "
        "than its line says."
    )


def proved(row: LuckPlan) -> str:
    """Return how sure it is that no plan does better."""
    if row.status == "optimal":
        return "yes"
    estimate = "estimated, " if row.status == "estimated" else ""
    return f"{estimate}gap {row.gap or 0.0:.2%}"
