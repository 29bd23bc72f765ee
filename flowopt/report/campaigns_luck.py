"""Section of schedules whose measures may fail: how what is left spreads, and what may work."""

from __future__ import annotations

from collections.abc import Iterator

from flowopt.plain_text import plain_number
from flowopt.report.digits import fixed
from flowopt.report.luck_over_time_text import MEANS, luck_sentence
from flowopt.report.luck_page import SHOWN, distribution, outcome_cells, outcome_columns
from flowopt.report.page_parts import Column, Row, Section, Table, name_cell
from flowopt.report.plan_words import MeasureNames
from flowopt.report.stored_campaigns import StoredCampaigns
from flowopt.results.schedules_under_luck import LuckCampaignRow

TITLE = "How what is left spreads over what may work"


def luck_of_campaigns(result: StoredCampaigns, shown: str) -> Section:
    """Return the section of what may work, with the bars of one schedule."""
    unit = f"{result.units.unit} over {plain_number(result.summary['years'])} years"
    several = len(result.names) > 1
    columns = ([Column("campaign")] if several else []) + [*outcome_columns("cases", unit)]
    names = MeasureNames(result.network)
    rows = tuple(
        Row((*([name_cell(row.campaign)] if several else []), *outcome_cells(row, names)))
        for row in result.outcomes
    )
    title = "What may work of each schedule"
    return Section(
        "luck",
        "What may work",
        "strip.html",
        {
            "above": [
                MEANS,
                *(
                    f"{row.campaign}: {luck_sentence(row, row.value, result.units)}"
                    for row in result.campaigns
                    if isinstance(row, LuckCampaignRow)
                ),
            ],
            "title": TITLE,
            "caption": (
                f"{TITLE}, under {shown}: of 100 cases, in how many so much is left, {unit}."
            ),
            "table": Table("outcomes", title, tuple(columns), rows, shown=SHOWN),
            "below": ["Years, openings and flows below are those when all works that can."],
        },
        {"strip": distribution([e for e in result.outcomes if e.campaign == shown], "cases")},
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
