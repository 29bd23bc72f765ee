"""Terminal output over time: what the trafficker does and opens, and campaigns side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console

from flowopt.network.network import Network
from flowopt.network.timeline import Timeline
from flowopt.plain_text import name_and_id
from flowopt.report.luck_over_time_text import MEANS, luck_of_schedules, print_outcomes
from flowopt.report.terminal import MOST_ROWS, new_console, new_table, plain, print_table
from flowopt.report.units import Units
from flowopt.results.over_time import EvaluationOverTime, ResponseOverTime
from flowopt.results.over_time_rows import CampaignRow, OpenedRow
from flowopt.results.schedules_under_luck import LuckEvaluationOverTime


def response_over_time_report(network: Network, response: ResponseOverTime) -> None:
    """Print what the trafficker does in every period, and what it opens."""
    console, units = new_console(), Units(network, response.objective)
    print_heading_over_time(console, network)
    console.print(
        plain(
            f"Without measures {units.quantity} {units.come} to {response.value:,.1f} {units.unit} "
            f"over {response.years:g} years; if nothing opened, to "
            f"{response.value_without_openings:,.1f}."
        )
    )
    table = new_table(["period", "years", f"{units.mass}/yr", f"profit, {units.money}/yr"])
    for row in response.periods:
        table.add_row(
            plain(row.period), f"{row.years:g}", f"{row.delivered:,.1f}", f"{row.profit:,.1f}"
        )
    print_table(console, "A year of each period", table)
    print_openings(console, network, response.openings, units)
    print_lines(console, "Warnings", response.warnings)


def evaluation_over_time_report(network: Network, evaluation: EvaluationOverTime) -> None:
    """Print schedules side by side, what they spend year by year, and what they break."""
    console, units = new_console(), Units(network, evaluation.objective)
    print_heading_over_time(console, network)
    console.print(
        plain(
            f"Without measures {units.quantity} {units.come} to {evaluation.baseline:,.1f} "
            f"{units.unit} over {evaluation.years:g} years; if nothing opened, to "
            f"{evaluation.baseline_without_openings:,.1f}."
        )
    )
    if isinstance(evaluation, LuckEvaluationOverTime):
        console.print(plain(MEANS))
    simulated = any(row.value_myopic is not None for row in evaluation.campaigns)
    heads = ["plan", f"M {network.info.currency}", units.unit, "cut", "nothing opens"]
    table = new_table([*heads, *(["no foresight"] if simulated else [])])
    for row in evaluation.campaigns:
        cells = [f"{row.spent:,.1f}", f"{row.value:,.1f}", f"{row.cut:,.1f}"]
        cells += [f"{row.cut_without_openings:,.1f}"]
        cells += [_cut_if_myopic(evaluation, row)] if simulated else []
        table.add_row(plain(row.campaign), *cells)
    print_table(console, f"What each cuts over {evaluation.years:g} years", table, _note(units))
    print_lines(console, "", _certainties(evaluation, units))
    if isinstance(evaluation, LuckEvaluationOverTime):
        print_lines(console, "", luck_of_schedules(evaluation, units))
        print_outcomes(console, evaluation.outcomes, units)
    _print_spending(console, network, evaluation)
    broken = [f"{row.campaign}: {row.breaks}" for row in evaluation.campaigns if row.breaks]
    print_lines(console, "What they break, and what cannot be in force", broken)
    print_lines(console, "Warnings", evaluation.warnings)


def _certainties(evaluation: EvaluationOverTime, units: Units) -> Iterator[str]:
    """Yield how sure it is that nothing does better than each best schedule."""
    for row in evaluation.campaigns:
        if row.bound is None:
            continue
        below = f"below {row.bound:,.2f} {units.unit}"
        yield (
            f"{row.campaign}: proved, no schedule for the same money goes {below}."
            if row.status == "optimal"
            else f"{row.campaign}: not proved; a better schedule may exist, but none {below}."
        )


def _cut_if_myopic(evaluation: EvaluationOverTime, row: CampaignRow) -> str:
    value = row.value_myopic
    return "" if value is None else f"{evaluation.baseline - value:,.1f}"


def _note(units: Units) -> str:
    return (
        f"cut: against one who foresees the whole schedule, {units.unit}; nothing opens: "
        "the cut if no capacity were added; no foresight: if it expects what is in force to stay "
        "(simulated)"
    )


def _print_spending(console: Console, network: Network, evaluation: EvaluationOverTime) -> None:
    """Print the money and the objective of each schedule in a year of each period."""
    periods = [each.period for each in network.periods]
    shown = periods[:6]
    unit = f"M {network.info.currency}/yr"
    shows = [(f"Spent, {unit}", "spent"), ("Left, a year", "value")]
    if isinstance(evaluation, LuckEvaluationOverTime):
        shows[1] = ("Left, a year, when all of it works", "value")
        if all(row.value_mean is not None for row in evaluation.campaign_periods):
            shows[1] = ("Left, a year, in the mean over what works", "value_mean")
    for title, column in shows:
        table = new_table(["plan", *shown])
        for row in evaluation.campaigns:
            cells = {
                each.period: f"{getattr(each, column):,.1f}"
                for each in evaluation.campaign_periods
                if each.campaign == row.campaign
            }
            table.add_row(plain(row.campaign), *(cells[period] for period in shown))
        more = len(periods) - len(shown)
        print_table(console, title, table, f"and {more} more periods" if more else "")


def print_openings(
    console: Console, network: Network, openings: Iterable[OpenedRow], units: Units
) -> None:
    """Print what opens, the largest first; what does only without the schedule is no part of it."""
    rows = [row for row in openings if row.opened > 0.0]
    if not rows:
        return
    table = new_table(["period", "capacity", "before", f"opens, {units.mass}/yr", "after"])
    for row in rows[:MOST_ROWS]:
        table.add_row(
            plain(row.period),
            plain(_thing(network, row)),
            f"{row.capacity_before:,.1f}",
            f"{row.opened:,.1f}",
            f"{row.capacity_after:,.1f}",
        )
    rest = len(rows) - MOST_ROWS
    print_table(console, "What opens", table, f"and {rest} more" if rest > 0 else "")


def _thing(network: Network, row: OpenedRow) -> str:
    """Return what opens, in words."""
    names = {node.node: node.name for node in network.nodes}
    where = names.get(row.id, "")
    if row.on == "arc":
        (arc,) = (each for each in network.arcs if each.arc == row.id)
        where = f"{names[arc.tail]} to {names[arc.head]}"
    of = f", {row.commodity}" if row.commodity else ""
    return f"{row.on} {name_and_id(where, row.id) if where else row.id}{of}"


def print_heading_over_time(console: Console, network: Network) -> None:
    """Print what the network is called, and its periods."""
    console.print(plain(f"{network.info.heading} ({network.info.label})", style="bold"))
    console.print(plain(Timeline(network.periods).described()))


def print_lines(console: Console, title: str, lines: Iterable[str]) -> None:
    """Print lines below a title; nothing for none."""
    lines = list(lines)
    if lines:
        console.print()
    if lines and title:
        console.print(plain(title, style="bold"))
    for line in lines:
        console.print(plain(line))
