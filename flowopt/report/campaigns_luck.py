"""Section of schedules whose measures may fail: how what is left spreads, and what may work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowopt.network.network import Network
from flowopt.network.timeline import Timeline
from flowopt.plain_text import plain_number
from flowopt.report.digits import fixed
from flowopt.report.luck_over_time_text import MEANS, luck_sentence
from flowopt.report.luck_page import SHOWN, distribution, outcome_cells, outcome_columns
from flowopt.report.page_parts import Column, Row, Section, Table, name_cell
from flowopt.report.plan_words import MeasureNames
from flowopt.report.stored_campaigns import StoredCampaigns
from flowopt.report.units import Units
from flowopt.results.schedules_under_luck import CampaignOutcome, LuckCampaignRow

TITLE = "How what is left spreads over what may work"
FLOWS = "Openings, flows and markets below are those when all works that can."


def luck_of_campaigns(result: StoredCampaigns, shown: str) -> Section:
    """Return the section of what may work, with the bars of one schedule."""
    sentences = [
        f"{row.campaign}: {luck_sentence(row, row.value, result.units)}"
        for row in result.campaigns
        if isinstance(row, LuckCampaignRow)
    ]
    return outcomes_section(result.network, result.units, sentences, result.outcomes, shown)


def outcomes_section(
    network: Network,
    units: Units,
    sentences: Sequence[str],
    outcomes: Sequence[CampaignOutcome],
    shown: str,
) -> Section:
    """Return the section of what may work of schedules, with the bars of one of them.

    Parameters
    ----------
    network, units
        The network with periods, and labels.
    sentences
        On the mean of each schedule.
    outcomes
        What may work of them.
    shown
        The schedule whose outcomes the bars are.
    """
    unit = f"{units.unit} over {plain_number(Timeline(network.periods).years)} years"
    several = len({row.campaign for row in outcomes}) > 1
    columns = ([Column("campaign")] if several else []) + [*outcome_columns("cases", unit)]
    names = MeasureNames(network)
    rows = tuple(
        Row((*([name_cell(row.campaign)] if several else []), *outcome_cells(row, names)))
        for row in outcomes
    )
    title = f"What may work of {'each' if several else 'the'} schedule"
    under = f"under {shown}" if several else "under the schedule"
    return Section(
        "luck",
        "What may work",
        "strip.html",
        {
            "above": [MEANS, *sentences],
            "title": TITLE,
            "caption": f"{TITLE}, {under}: of 100 cases, in how many so much is left, {unit}.",
            "table": Table("outcomes", title, tuple(columns), rows, shown=SHOWN),
            "below": [FLOWS],
        },
        {"strip": distribution([e for e in outcomes if e.campaign == shown], "cases")},
    )


def sure_of_luck(result: StoredCampaigns) -> Iterator[str]:
    """Yield how sure the means are."""
    drawn = [row for row in result.campaigns if isinstance(row, LuckCampaignRow) and row.half_width]
    if len(drawn) < len(result.campaigns):
        yield "A mean is over all that may work, each with its probability; none was chosen."
    for row in drawn:
        low, high = (fixed(row.value + sign * row.half_width, 2) for sign in (-1.0, 1.0))
        yield f"The mean of {row.campaign} is an estimate by draws: {low} to {high}."
    yield "A schedule is chosen before its luck shows; the trafficker sees it."
