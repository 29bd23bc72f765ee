"""Pictures of schedules side by side by matplotlib: dots by money, and lines by period."""

from __future__ import annotations

from functools import partial

from flowopt.report.beside_schedules import LINES, schedules_lines
from flowopt.report.campaigns_page import (
    DOTS,
    campaigns_headline,
    money_data,
)
from flowopt.report.period_pictures import dots_figure, lines_figure
from flowopt.report.pictures import Drawings
from flowopt.report.stored_campaigns import StoredCampaigns


def campaigns_drawings(result: StoredCampaigns) -> Drawings:
    """Return the drawings of schedules side by side, by name."""
    answer, heading = campaigns_headline(result).answer, result.network.info.heading
    return {
        "campaigns": partial(dots_figure, money_data(result), answer, f"{heading}: {DOTS.lower()}"),
        "lines": partial(
            lines_figure, schedules_lines(result), answer, f"{heading}: {LINES.lower()}"
        ),
    }
